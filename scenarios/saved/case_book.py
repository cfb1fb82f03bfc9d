"""A case book: what happened to every case of one run, in a file, to be filtered, paged and followed.

A run writes it and forgets it; a screen reads pages of it through a connection of its own, on any thread. Facts come
as tuples with a case and a time; the book knows nothing of what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Select, func, insert, select
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex
from sqlmodel import create_engine

from fake_core.compiling import creation, sql_text
from fake_core.driver import Driver, database_in
from scenarios.saved.book_tables import BOOK_TABLES, HAPPENING_BY_CASE, BookTable

_CASES, _HAPPENINGS, _TAGS, _ENDS = (
    BOOK_TABLES[name] for name in ("book_case", "book_happening", "book_tag", "book_end")
)
_ADD_HAPPENING = sql_text(insert(_HAPPENINGS), "id", "case_id", "at_ms", "kind", "body")
_ADD_CASE = sql_text(insert(_CASES), "case_id", "marks", "standing", "band")
_ADD_TAG = sql_text(insert(_TAGS), "tag", "case_id")
_ADD_END = sql_text(insert(_ENDS), "case_id", "words")
_LINES = select(_CASES.c.case_id, _CASES.c.band, _CASES.c.marks, _CASES.c.standing)
_INDEX = sql_text(CreateIndex(HAPPENING_BY_CASE, if_not_exists=True))
_BUFFERED = 5_000
"""Happenings held back until one bulk insert: about a megabyte."""

_UNSAFE = ("journal_mode = OFF", "synchronous = OFF")
"""A book is made anew by the same command; it need not survive a crash half-written."""


class CaseLine(NamedTuple):
    """One case as a list shows it: its number, the customer's band, its marks and where it stands."""

    case_id: int
    band: str
    marks: int
    standing: int


class Kept(NamedTuple):
    """One happening as it was written: time in ms, what kind of thing, its body as JSON."""

    at_ms: int
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are wanted; everything given must hold, and nothing given means all.

    Attributes:
        tags: things that must have happened.
        has, lacks: marks a case must have all of, and have none of.
        any_of: marks a case must have at least one of; nought asks for none.
    """

    tags: tuple[str, ...] = ()
    has: int = 0
    lacks: int = 0
    any_of: int = 0


class BookWriter:
    """Writes a book while a run goes on.

    Args:
        path: a file that is not there yet.
    """

    def __init__(self, path: Path) -> None:
        """Make the file and its tables."""
        self._driver = Driver(database_in(str(path)), creation(BookTable.metadata), _UNSAFE, 1)
        self._cursor = self._driver.cursor
        self._buffer: list[tuple[int, int, int, str, str]] = []
        self._next = 0

    def add(self, case_id: int, at_ms: int, kind: str, body: str) -> None:
        """Append one happening; the order of happenings is the order they are added in."""
        self._buffer.append((self._next, case_id, at_ms, kind, body))
        self._next += 1
        if len(self._buffer) >= _BUFFERED:
            self._flush()

    def finish(
        self,
        cases: Iterable[CaseLine],
        tags: Mapping[str, Iterable[int]],
        ends: Iterable[tuple[int, str]],
    ) -> None:
        """Write what is known once the run is over, and close the file."""
        self._flush()
        execute = self._cursor.executemany
        execute(_ADD_CASE, ((line.case_id, line.marks, line.standing, line.band) for line in cases))
        execute(_ADD_TAG, ((tag, case_id) for tag, members in tags.items() for case_id in sorted(members)))
        execute(_ADD_END, ends)
        self._cursor.execute(_INDEX)
        self._driver.close()

    def abandon(self) -> None:
        """Close without the rest; the file is of no use."""
        self._driver.abandon()

    def _flush(self) -> None:
        self._cursor.executemany(_ADD_HAPPENING, self._buffer)
        self._buffer.clear()


class CaseBook:
    """Reads a book; every question opens a connection of its own, so any thread may ask.

    Args:
        path: a book that was finished.
    """

    def __init__(self, path: Path) -> None:
        """Remember where the book is."""
        self.path = path
        url = URL.create("sqlite", database=str(path))
        self._engine: Engine = create_engine(url, poolclass=NullPool)

    def tags(self) -> list[tuple[str, int]]:
        """Return everything that happened to a case at least once, with the number of cases, by name."""
        wanted = select(_TAGS.c.tag, func.count()).group_by(_TAGS.c.tag).order_by(_TAGS.c.tag)
        return [(tag, cases) for tag, cases in self._rows(wanted)]

    def count(self, wanted: CaseFilter) -> int:
        """Return how many cases there are of a kind."""
        found = next(self._rows(_filtered(select(func.count()).select_from(_CASES), wanted)))
        return int(found[0])

    def page(self, wanted: CaseFilter, first: int, size: int) -> list[CaseLine]:
        """Return up to `size` cases of a kind in order of number, leaving out the `first` of them."""
        query = _filtered(_LINES, wanted).order_by(_CASES.c.case_id).limit(size).offset(first)
        return [CaseLine(*row) for row in self._rows(query)]

    def rank(self, wanted: CaseFilter, case_id: int) -> int:
        """Return how many cases of a kind come before one, in order of number."""
        query = _filtered(select(func.count()).select_from(_CASES), wanted).where(_CASES.c.case_id < case_id)
        return int(next(self._rows(query))[0])

    def line(self, case_id: int) -> CaseLine | None:
        """Return one case, None if the run had no such case."""
        found = list(self._rows(_LINES.where(_CASES.c.case_id == case_id)))
        return CaseLine(*found[0]) if found else None

    def happenings(self, case_id: int) -> list[Kept]:
        """Return what happened to a case, in the order it was written."""
        query = (
            select(_HAPPENINGS.c.at_ms, _HAPPENINGS.c.kind, _HAPPENINGS.c.body)
            .where(_HAPPENINGS.c.case_id == case_id)
            .order_by(_HAPPENINGS.c.id)
        )
        return [Kept(*row) for row in self._rows(query)]

    def tags_of(self, case_id: int) -> list[str]:
        """Return what happened to a case, by name."""
        query = select(_TAGS.c.tag).where(_TAGS.c.case_id == case_id).order_by(_TAGS.c.tag)
        return [row[0] for row in self._rows(query)]

    def end(self, case_id: int) -> str:
        """Return what the core's record says of a case; empty where its customer chose nothing."""
        rows = list(self._rows(select(_ENDS.c.words).where(_ENDS.c.case_id == case_id)))
        return str(rows[0][0]) if rows else ""

    def _rows(self, query: Select[Any]) -> Iterator[Any]:
        with self._engine.connect() as connection:
            yield from connection.execute(query)


def body_of(fields: Sequence[object]) -> str:
    """Return the fields of a fact as they are kept."""
    return json.dumps(fields, separators=(",", ":"))


def _filtered(query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    for tag in wanted.tags:
        members = select(_TAGS.c.case_id).where(_TAGS.c.tag == tag)
        query = query.where(_CASES.c.case_id.in_(members))
    if wanted.has:
        query = query.where(_CASES.c.marks.op("&")(wanted.has) == wanted.has)
    if wanted.any_of:
        query = query.where(_CASES.c.marks.op("&")(wanted.any_of) != 0)
    if wanted.lacks:
        query = query.where(_CASES.c.marks.op("&")(wanted.lacks) == 0)
    return query
