"""Tables of saved runs: what was run with what, what came out, and outcomes kept of runs that have not ended."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel


class RunTable(SQLModel):
    """Base of the tables of saved runs; they share a file with nobody."""

    metadata = MetaData()


class SavedRow(RunTable, table=True):
    """One run of a command; the fields of `runs.SavedRun` as they are stored."""

    __tablename__ = "run"

    id: int | None = Field(default=None, primary_key=True)
    line: str
    inputs: str = Field(index=True)
    """Hash of the line, the files and what the run was made with: equal runs have equal ones."""
    files: bytes
    code: str
    rules: str
    versions: str
    status: str
    process: int
    started_ms: int
    ended_ms: int | None = None
    about: bytes | None = None
    result: bytes | None = None
    text: bytes | None = None


class KeptRow(RunTable, table=True):
    """The outcome of one finished task of a run that has not ended."""

    __tablename__ = "kept"

    fingerprint: str = Field(primary_key=True)
    run_id: int = Field(index=True)
    outcome: bytes
