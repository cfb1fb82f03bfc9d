"""SQLite at driver speed behind SQLModel tables: SQL text compiled once, one cursor, grouped commits.

A posting is five short statements. Through SQLAlchemy's execution layer they cost about six times what SQLite
itself needs, so the hot paths run the text of Core statements on the driver's own cursor. The tables stay the
one source of truth for columns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any, cast

from sqlalchemy import URL, Engine, MetaData, create_engine
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.sql.elements import CompilerElement

from sandbox.errors import BadInput, RuleBroken

_DIALECT = sqlite_dialect(paramstyle="qmark")

_ROWS_AT_ONCE = 50
"""Rows per statement: 700 parameters at most, any SQLite takes 999; a third cheaper than a statement a row."""


def sql_text(statement: CompilerElement, *parameters: str) -> str:
    """Return the SQLite text of a Core statement.

    Args:
        statement: any Core statement.
        parameters: names of its bound parameters, in the order its callers pass them.

    Raises:
        RuleBroken: the statement binds other parameters, or in another order.
    """
    compiled = statement.compile(dialect=_DIALECT)
    bound = tuple(getattr(compiled, "positiontup", None) or ())
    if bound != parameters:
        raise RuleBroken(f"statement binds {bound}, its callers pass {parameters}: {compiled}")
    return str(compiled)


def rows_text(text: str, rows: int) -> str:
    """Return the text of a one-row INSERT made to take `rows` rows in one statement.

    Raises:
        RuleBroken: the text does not end in one row of values.
    """
    head, values, row = text.partition(" VALUES ")
    if not (values and row.startswith("(") and row.endswith(")")):
        raise RuleBroken(f"not an insert of one row: {text}")
    return head + values + ", ".join([row] * rows)


def add_rows(cursor: sqlite3.Cursor, text: str, rows: Iterable[tuple[Any, ...]]) -> int:
    """Run an INSERT of one row for many, fifty rows a statement; returns how many."""
    waiting, added = iter(rows), 0
    while len(together := list(islice(waiting, _ROWS_AT_ONCE))) == _ROWS_AT_ONCE:
        cursor.execute(_text_at_once(text), list(chain.from_iterable(together)))
        added += _ROWS_AT_ONCE
    cursor.executemany(text, together)
    return added + len(together)


@cache
def _text_at_once(text: str) -> str:
    return rows_text(text, _ROWS_AT_ONCE)


@cache
def _creation(tables: MetaData) -> tuple[str, ...]:
    """Return what creates tables and indexes where they are missing; asking SQLAlchemy every time takes longer."""
    made: list[ExecutableDDLElement] = [
        CreateTable(table, if_not_exists=True) for table in tables.sorted_tables
    ]
    made += [
        CreateIndex(index, if_not_exists=True)
        for table in tables.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    return tuple(str(statement.compile(dialect=_DIALECT)) for statement in made)


def open_engine(url: str | URL, connect: Callable[[], sqlite3.Connection] | None = None) -> Engine:
    """Return an engine that holds exactly one SQLite connection.

    Args:
        url: `sqlite://` (memory) or `sqlite:///path/to/file.db`.
        connect: makes the connection instead of the URL, or None.

    Raises:
        BadInput: the URL is not one of SQLite's.
    """
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        backend = "unreadable"
    if backend != "sqlite":
        raise BadInput([f"database url: {backend!r} is not supported; use sqlite:// or sqlite:///file.db"])
    if connect is None:
        return create_engine(url, poolclass=StaticPool)
    return create_engine(url, poolclass=StaticPool, creator=connect)


class Driver:
    """One open SQLite connection with an always-open transaction that is committed in groups.

    Args:
        engine: from `open_engine`; closed together with the driver.
        tables: created where they are missing.
        pragmas: `PRAGMA` bodies to run first, e.g. "journal_mode = WAL".
        commit_every: groups per durable commit; 1 makes every group durable at once.

    Attributes:
        cursor: the driver's cursor; statements run on it belong to the open group.

    Raises:
        BadInput: the file cannot be opened as a database, or `commit_every` is below 1.
    """

    __slots__ = ("_commit_every", "_connection", "_engine", "_waiting", "cursor")

    def __init__(self, engine: Engine, tables: MetaData, pragmas: Sequence[str], commit_every: int) -> None:
        if commit_every < 1:
            raise BadInput([f"commit_every: {commit_every} is not at least 1"])
        self._engine = engine
        self._commit_every = commit_every
        self._waiting = 0
        try:
            self._connection = engine.raw_connection()
            raw = cast("sqlite3.Connection", self._connection.driver_connection)
            raw.isolation_level = None  # transactions are begun and ended here, never behind our back
            self.cursor = raw.cursor()
            for pragma in pragmas:
                self.cursor.execute(f"PRAGMA {pragma}")
            for statement in _creation(tables):
                self.cursor.execute(statement)
        except (sqlite3.Error, DBAPIError) as error:
            engine.dispose()
            raise BadInput([f"database {engine.url}: cannot be opened ({error})"]) from error
        self.cursor.execute("BEGIN")

    def end_group(self) -> bool:
        """End a group of statements that stand or fall together; True if a durable commit is due now."""
        self._waiting += 1
        return self._waiting >= self._commit_every

    def commit(self) -> None:
        """Make all groups so far durable."""
        self._waiting = 0
        self.cursor.execute("COMMIT")
        self.cursor.execute("BEGIN")

    def close(self) -> None:
        """Commit and close; closing twice is harmless."""
        self._end("COMMIT")

    def abandon(self) -> None:
        """Close without committing, as a crash would."""
        self._end("ROLLBACK")

    def _end(self, last_statement: str) -> None:
        if not self._connection.is_valid:
            return
        self.cursor.execute(last_statement)
        self.cursor.close()
        self._connection.close()
        self._engine.dispose()
