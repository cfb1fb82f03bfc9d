"""The tables of a case book: what happened to every case of one run. Time is integer milliseconds."""

from __future__ import annotations

from sqlalchemy import Index, MetaData
from sqlmodel import Field, SQLModel


class BookTable(SQLModel):
    """Base of every table of a case book."""

    metadata = MetaData()


class CaseRow(BookTable, table=True):
    """One case at the end of the run: what is remembered of it, its customer's band, where it stands."""

    __tablename__ = "book_case"

    case_id: int = Field(primary_key=True)
    marks: int
    standing: int
    band: str


class Happening(BookTable, table=True):
    """One fact or one row of evidence of a case; `body` is JSON, and for a fact its fields in order."""

    __tablename__ = "book_happening"

    id: int = Field(primary_key=True)
    case_id: int
    at_ms: int
    kind: str
    body: str


class CaseTag(BookTable, table=True):
    """That something of a kind happened to a case at least once."""

    __tablename__ = "book_tag"

    tag: str = Field(primary_key=True)
    case_id: int = Field(primary_key=True)


class CaseEnd(BookTable, table=True):
    """What the core's record says of a case at the end, in words; only of cases whose customer acted."""

    __tablename__ = "book_end"

    case_id: int = Field(primary_key=True)
    words: str


BOOK_TABLES = BookTable.metadata.tables
"""Tables of a case book by name, for building statements."""

HAPPENING_BY_CASE = Index("book_happening_by_case", BOOK_TABLES["book_happening"].c.case_id)
"""Made when the run is over: a run only appends."""
BOOK_TABLES["book_happening"].indexes.discard(HAPPENING_BY_CASE)
