"""SQLite at driver speed behind SQLModel tables: SQL text compiled beforehand, one cursor, grouped commits.

A posting is five short statements. Through SQLAlchemy's execution layer they cost about six times what SQLite
itself needs, so the hot paths run the text of Core statements on the driver's own cursor. The tables stay the
one source of truth for columns. Their text is shipped beside them (`sql.py` beside `statements.py`), so that a run
need not load SQLAlchemy to find what is the same every time: that took longer than reading a scenario.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple

from sandbox.errors import BadInput, RuleBroken

IN_MEMORY = "sqlite://"
"""The URL of a private database in memory."""

_ROWS_AT_ONCE = 50
"""Rows per statement: 700 parameters at most, any SQLite takes 999; a third cheaper than a statement a row."""


class Database(NamedTuple):
    """Where a database is.

    Attributes:
        url: how messages name it.
        connect: opens it.
    """

    url: str
    connect: Callable[[], sqlite3.Connection]


def database_at(url: str) -> Database:
    """Return what a URL names.

    Args:
        url: `sqlite://` (memory) or `sqlite:///path/to/file.db`.

    Raises:
        BadInput: the URL is not one of SQLite's, or names a host or an option that cannot be.
    """
    if url == IN_MEMORY:
        return Database(url, lambda: sqlite3.connect(":memory:"))
    # Late: only a core kept in a file has a URL to be taken apart.
    from sqlalchemy.dialects.sqlite import dialect
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parts = make_url(url)
        named = parts.drivername
    except ArgumentError:
        named = "unreadable"
    if named not in ("sqlite", "sqlite+pysqlite"):
        raise BadInput([f"database url: {named!r} is not supported; use sqlite:// or sqlite:///file.db"])
    try:
        arguments, options = dialect().create_connect_args(parts)
    except (ArgumentError, ValueError) as error:
        reason, *_ = str(error).splitlines()
        told = f"{url!r} cannot be read ({reason}); use sqlite:// or sqlite:///file.db"
        raise BadInput([f"database url: {told}"]) from error
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    return Database(str(parts), partial(connect, *arguments, **options))


def database_in(path: str) -> Database:
    """Return the database in a file, which is made if it is missing; an empty path is a private temporary file."""
    # A file may be used by another thread than the one that opened it; what is private never is.
    return Database(f"sqlite:///{path}", lambda: sqlite3.connect(path, check_same_thread=not path))


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


class Driver:
    """One open SQLite connection with an always-open transaction that is committed in groups.

    Args:
        database: what to open.
        creation: statements that make the tables where they are missing.
        pragmas: `PRAGMA` bodies to run first, e.g. "journal_mode = WAL".
        commit_every: groups per durable commit; 1 makes every group durable at once.

    Attributes:
        cursor: the driver's cursor; statements run on it belong to the open group.

    Raises:
        BadInput: the file cannot be opened as a database, or `commit_every` is below 1.
    """

    __slots__ = ("_commit_every", "_connection", "_waiting", "cursor")

    def __init__(
        self, database: Database, creation: Sequence[str], pragmas: Sequence[str], commit_every: int
    ) -> None:
        if commit_every < 1:
            raise BadInput([f"commit_every: {commit_every} is not at least 1"])
        self._commit_every = commit_every
        self._waiting = 0
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = database.connect()
            self._connection.isolation_level = None  # transactions are begun and ended here, never behind us
            self.cursor = self._connection.cursor()
            for pragma in pragmas:
                self.cursor.execute(f"PRAGMA {pragma}")
            for statement in creation:
                self.cursor.execute(statement)
        except sqlite3.Error as error:
            if self._connection is not None:
                self._connection.close()
            raise BadInput([f"database {database.url}: cannot be opened ({error})"]) from error
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
        if self._connection is None:
            return
        self.cursor.execute(last_statement)
        self.cursor.close()
        self._connection.close()
        self._connection = None
