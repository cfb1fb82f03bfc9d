"""Statements compiled once must bind exactly what their callers pass; many rows go in together."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select

from fake_core.compiling import sql_text
from fake_core.driver import Driver, add_rows, database_at, database_in
from fake_core.tables import TABLES, CoreTable
from sandbox.errors import BadInput, RuleBroken
from sandbox.model import AccountFacts

ACCOUNT = TABLES["account"]


def test_columns_come_from_the_table() -> None:
    """An insert names every column of its table in the order of the record it takes."""
    text = sql_text(insert(ACCOUNT), *AccountFacts._fields)
    assert text.startswith("INSERT INTO account (account_id, status, ")
    assert text.count("?") == len(AccountFacts._fields)


def test_another_order_is_our_bug() -> None:
    """A statement that binds its values in another order than its callers pass them is refused at import."""
    statement = select(ACCOUNT).where(ACCOUNT.c.version == bindparam("a"), ACCOUNT.c.status == bindparam("b"))
    assert sql_text(statement, "a", "b")
    with pytest.raises(RuleBroken, match="its callers pass"):
        sql_text(statement, "b", "a")


def test_the_core_has_its_own_tables_only() -> None:
    """Creating the core's tables creates nobody else's."""
    assert set(CoreTable.metadata.tables) == {"account", "posting", "idempotency", "core_audit", "core_event"}


@pytest.mark.parametrize("named", ["{}", "{}?timeout=1"])
def test_a_url_names_a_file_and_how_to_open_it(tmp_path: Path, named: str) -> None:
    """What is committed stands in the file of the URL, and can be read through its path alone."""
    path = tmp_path / "my core.db"
    driver = Driver(
        database_at(f"sqlite:///{named.format(path)}"), ["CREATE TABLE IF NOT EXISTS a (b)"], (), 1
    )
    driver.cursor.execute("INSERT INTO a VALUES (7)")
    driver.close()
    driver.close()
    reading = sqlite3.connect(path)
    assert reading.execute("SELECT b FROM a").fetchall() == [(7,)]
    reading.close()
    again = Driver(database_in(str(path)), [], (), 1)
    assert again.cursor.execute("SELECT b FROM a").fetchall() == [(7,)]
    again.abandon()


@pytest.mark.parametrize("url", ["postgresql://bank/core", "core.db", "", "sqlite+other:///core.db"])
def test_a_url_of_something_else_is_refused(url: str) -> None:
    """Only SQLite's URLs are taken; what else there is, is named."""
    with pytest.raises(BadInput, match=r"is not supported; use sqlite:// or sqlite:///file\.db"):
        database_at(url)


@pytest.mark.parametrize("url", ["sqlite://bank/core.db", "sqlite:///core.db?timeout=soon"])
def test_a_url_that_cannot_be_taken_apart_is_refused(url: str) -> None:
    """A host, or an option that is none, is a mistake in the URL: it is named in one line, not our fault."""
    with pytest.raises(BadInput, match=re.escape(f"database url: {url!r} cannot be read (")) as refused:
        database_at(url)
    assert "\n" not in refused.value.problems[0]


def test_what_is_no_database_is_refused_by_its_name(tmp_path: Path) -> None:
    """A file of something else and a path without a folder are told with the URL and SQLite's own words."""
    (tmp_path / "notes.db").write_text("no database at all, but long enough to be looked at" * 20)
    for name in ("notes.db", "no/such/folder.db"):
        url = f"sqlite:///{tmp_path / name}"
        with pytest.raises(BadInput) as refused:
            Driver(database_at(url), ["CREATE TABLE IF NOT EXISTS a (b)"], (), 1)
        assert refused.value.problems[0].startswith(f"database {url}: cannot be opened (")


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 120])
def test_many_rows_stand_as_if_added_one_by_one(count: int) -> None:
    """However many rows there are: each once, in order, and counted."""
    cursor = sqlite3.connect(":memory:").cursor()
    cursor.execute("CREATE TABLE one (number INTEGER PRIMARY KEY, text VARCHAR)")
    rows = [(number, f"text {number}") for number in range(count)]
    assert add_rows(cursor, "INSERT INTO one (number, text) VALUES (?, ?)", iter(rows)) == count
    assert cursor.execute("SELECT * FROM one ORDER BY rowid").fetchall() == rows
