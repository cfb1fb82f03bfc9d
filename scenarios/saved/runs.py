"""Saved runs in a database of the user's own: begun, ended, listed, read back; and what an unfinished one has so far.

Two processes may save at once: every change is one short transaction, readers do not wait for writers (a write-ahead
log), and a writer waits for another up to `WAIT_MS`.
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Engine, create_engine, delete, event, func, make_url, select
from sqlalchemy import text as sql
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Session, col

from sandbox.errors import BadInput
from scenarios.saved.kept import KeptOutcomes
from scenarios.saved.run_tables import KeptRow, RunTable, SavedRow
from scenarios.versions import code_hash, rules_hash, versions

LAYOUT = 1
"""Which tables these are, as the file itself says (PRAGMA user_version); a change of a table makes it another."""

WAIT_MS = 5_000
"""A change takes milliseconds; whoever holds the file for so long is stuck."""

UNFINISHED_MAX = 20
"""Runs whose kept outcomes stay: an unfinished run older than so many others is not going to be completed."""

Status = Literal["running", "finished", "interrupted", "failed"]
_TO_COMPLETE = frozenset({"interrupted", "failed"})


@dataclass(frozen=True, slots=True)
class SavedRun:
    """One run of a command as it was saved.

    Attributes:
        id: its number, from 1.
        line: the command line that runs it again.
        files: the user's own files it read, by path.
        about: what its front end needs to show it again; a list leaves it out, as it does result and text.
        code, rules: hashes of what it was made with.
        versions: of the product, Python and libraries.
        status: running, finished, interrupted or failed; a run whose process is gone is interrupted.
        started_ms, ended_ms: wall time since 1970, UTC; None while it has not ended.
        result: the JSON document it gave, or None.
        text: the report for people, or None.
        kept: finished tasks an unfinished run has so far.
    """

    id: int
    line: str
    files: dict[str, bytes]
    about: dict[str, Any]
    code: str
    rules: str
    versions: dict[str, str]
    status: Status
    started_ms: int
    ended_ms: int | None
    result: str | None
    text: str | None
    kept: int

    def changed_since(self) -> list[str]:
        """What the product of today differs in from the one that made this run, one sentence each."""
        found = []
        if self.code != code_hash():
            found.append(f"the code changed ({self.code[:12]} then, {code_hash()[:12]} now)")
        if self.rules != rules_hash():
            found.append(
                f"shipped rules or scenarios changed ({self.rules[:12]} then, {rules_hash()[:12]} now)"
            )
        now = versions()
        found += [
            f"{name} {self.versions.get(name, 'missing')} then, {now.get(name, 'missing')} now"
            for name in sorted({*self.versions, *now})
            if self.versions.get(name) != now.get(name)
        ]
        return found


def default_url(environment: Mapping[str, str]) -> str:
    """Where runs are saved unless said otherwise.

    Args:
        environment: SANDBOX_DATA names the folder; else it is `resolution-sandbox` in XDG_DATA_HOME, by default
            `~/.local/share`.
    """
    folder = environment.get("SANDBOX_DATA")
    if not folder:
        shared = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        folder = str(Path(shared) / "resolution-sandbox")
    return f"sqlite:///{Path(folder) / 'runs.sqlite'}"


class Gave(NamedTuple):
    """What a run gave: the JSON document, and the report where it cannot be made from that."""

    document: str
    text: str | None = None


class RunStore:
    """Saved runs of one database.

    Args:
        url: such as "sqlite:///runs.sqlite"; file and folder are made if missing, for the user alone.

    Raises:
        BadInput: no SQLite URL, or no database can be opened there.
    """

    def __init__(self, url: str) -> None:
        """Open the database and make its tables."""
        self._engine = _opened(url)
        with self._session() as session:
            self._check_layout(session)
            # Not `create_all`, which looks first: two processes that begin at once would both find nothing.
            for table in RunTable.metadata.sorted_tables:
                session.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    session.execute(CreateIndex(index, if_not_exists=True))
            session.execute(sql(f"PRAGMA user_version = {LAYOUT}"))
            session.commit()

    def _check_layout(self, session: Session) -> None:
        """Refuse a file that another version of the product laid out; nothing in it is touched."""
        found = session.scalar(sql("PRAGMA user_version"))
        filled = session.scalar(sql("SELECT count(*) FROM sqlite_master"))
        if filled and found != LAYOUT:
            path = self._engine.url.database
            allowed = f"allowed: layout {LAYOUT}; move the file away, or name another with --db"
            raise BadInput([f"{path}: saved runs: laid out by another version (layout {found}); {allowed}"])

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A transaction; whatever the database has against it is bad input, for the file is the user's."""
        try:
            with Session(self._engine) as session:
                yield session
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise BadInput([f"{self._engine.url.database}: saved runs: {reason}"]) from error

    def begin(self, line: str, files: Mapping[str, bytes], now_ms: int) -> int:
        """Note that a run began and return its number; an equal run without a result goes on under its own.

        Raises:
            BadInput: the database cannot be written.
        """
        inputs = _inputs(line, files)
        with self._session() as session:
            equal = select(SavedRow).where(col(SavedRow.inputs) == inputs).order_by(col(SavedRow.id).desc())
            row = next((row for row in session.scalars(equal) if _status(row) in _TO_COMPLETE), None)
            if row is None:
                row = SavedRow(
                    line=line,
                    inputs=inputs,
                    files=b"",
                    code=code_hash(),
                    rules=rules_hash(),
                    versions=json.dumps(versions()),
                    status="running",
                    process=0,
                    started_ms=now_ms,
                )
            row.files, row.status, row.process, row.ended_ms = _packed(files), "running", os.getpid(), None
            session.add(row)
            session.commit()
            assert row.id is not None  # noqa: S101 - the database has just given it
            return row.id

    def finish(
        self, run_id: int, files: Mapping[str, bytes], about: Mapping[str, Any], gave: Gave, now_ms: int
    ) -> None:
        """Save what a run gave; the outcomes kept of it have served.

        Raises:
            BadInput: the database cannot be written.
        """
        with self._session() as session:
            row = session.get(SavedRow, run_id)
            if row is not None:  # removed meanwhile: somebody wanted it gone
                row.status, row.ended_ms, row.files, row.about = (
                    "finished",
                    now_ms,
                    _packed(files),
                    _json(about),
                )
                row.result = zlib.compress(gave.document.encode())
                row.text = None if gave.text is None else zlib.compress(gave.text.encode())
                session.add(row)
            session.execute(delete(KeptRow).where(col(KeptRow.run_id) == run_id))
            session.commit()

    def stop(self, run_id: int, status: Literal["interrupted", "failed"], now_ms: int) -> None:
        """Note that a run ended without a result; what it has so far stays for the next try.

        Raises:
            BadInput: the database cannot be written.
        """
        with self._session() as session:
            row = session.get(SavedRow, run_id)
            if row is not None:
                row.status, row.ended_ms = status, now_ms
                session.add(row)
            session.execute(delete(KeptRow).where(col(KeptRow.run_id).not_in(self._unfinished())))
            session.commit()

    def forget_if_empty(self, run_id: int) -> None:
        """Remove a run of which no finished task is kept: wrong input is no run.

        Raises:
            BadInput: the database cannot be written.
        """
        with self._session() as session:
            row = session.get(SavedRow, run_id)
            if row is not None and not _kept(session, row):
                session.delete(row)
                session.commit()

    def _unfinished(self) -> Any:
        """The newest runs that may still be completed."""
        open_runs = select(col(SavedRow.id)).where(col(SavedRow.status) != "finished")
        return open_runs.order_by(col(SavedRow.id).desc()).limit(UNFINISHED_MAX)

    def listed(self, most: int | None = None) -> list[SavedRun]:
        """Return the saved runs, newest first, without what they gave.

        Args:
            most: how many at most.
        """
        with self._session() as session:
            rows = session.scalars(select(SavedRow).order_by(col(SavedRow.id).desc()).limit(most)).all()
            return [_run(row, _kept(session, row), whole=False) for row in rows]

    def find(self, name: str) -> SavedRun:
        """Return a run by its number, or the newest as "last".

        Raises:
            BadInput: there is no such run; says which there are.
        """
        with self._session() as session:
            known = session.scalars(select(col(SavedRow.id)).order_by(col(SavedRow.id)))
            numbers = [number for number in known if number is not None]
            wanted = numbers[-1] if name == "last" and numbers else int(name) if name.isdecimal() else 0
            row = session.get(SavedRow, wanted)
            if row is None:
                raise BadInput([f"run {name!r}: not saved; allowed: {_numbers(numbers)}"])
            return _run(row, _kept(session, row), whole=True)

    def remove(self, names: Sequence[str]) -> list[int]:
        """Remove runs and what is kept of them; all or none. Returns their numbers.

        Raises:
            BadInput: there is no such run, or one is still running.
        """
        runs = [self.find(name) for name in names]
        busy = [f"run {run.id}: is running; stop it first" for run in runs if run.status == "running"]
        if busy:
            raise BadInput(busy)
        numbers = [run.id for run in runs]
        with self._session() as session:
            session.execute(delete(KeptRow).where(col(KeptRow.run_id).in_(numbers)))
            session.execute(delete(SavedRow).where(col(SavedRow.id).in_(numbers)))
            session.commit()
        return numbers

    def kept(self, run_id: int) -> KeptOutcomes:
        """Return where a run keeps its outcomes, and finds those of equal tasks of any unfinished run."""
        return KeptOutcomes(self._engine, run_id)

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()


def _opened(url: str) -> Engine:
    try:
        made = make_url(url)
        backend = made.get_backend_name()
    except (ArgumentError, SQLAlchemyError):
        backend = "unreadable"
    if backend != "sqlite" or not made.database:
        raise BadInput([f"--db {url}: found {backend}; allowed: sqlite:///FILE"])
    path = Path(made.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise BadInput([f"{path}: runs cannot be saved there ({error.strerror})"]) from error
    engine = create_engine(made, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _prepared(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine


def _inputs(line: str, files: Mapping[str, bytes]) -> str:
    content = [line, code_hash(), rules_hash(), json.dumps(versions(), sort_keys=True)]
    content += [f"{path} {sha256(files[path]).hexdigest()}" for path in sorted(files)]
    return sha256("\n".join(content).encode()).hexdigest()


def _json(about: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(dict(about)).encode())


def _packed(files: Mapping[str, bytes]) -> bytes:
    content = {path: b64encode(files[path]).decode("ascii") for path in sorted(files)}
    return zlib.compress(json.dumps(content).encode())


def _unpacked(data: bytes) -> dict[str, bytes]:
    return {path: b64decode(content) for path, content in json.loads(zlib.decompress(data)).items()}


def _kept(session: Session, row: SavedRow) -> int:
    here: ColumnElement[bool] = col(KeptRow.run_id) == row.id
    return session.scalars(select(func.count()).select_from(KeptRow).where(here)).one()


def _run(row: SavedRow, kept: int, *, whole: bool) -> SavedRun:
    assert row.id is not None  # noqa: S101 - it comes from the database
    return SavedRun(
        id=row.id,
        line=row.line,
        files=_unpacked(row.files),
        about=json.loads(_text(row.about) or "{}") if whole else {},
        code=row.code,
        rules=row.rules,
        versions=json.loads(row.versions),
        status=_status(row),
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        result=_text(row.result) if whole else None,
        text=_text(row.text) if whole else None,
        kept=kept,
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else zlib.decompress(data).decode()


def _status(row: SavedRow) -> Status:
    if row.status == "running" and not _alive(row.process):
        return "interrupted"
    found: Status = row.status  # type: ignore[assignment]  # only statuses are written
    return found


def _alive(process: int) -> bool:
    """Whether a process of this machine is still there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _numbers(numbers: Sequence[int]) -> str:
    if not numbers:
        return "none is saved yet"
    return f'"last", or a number that `sandbox runs` lists ({numbers[0]} to {numbers[-1]})'
