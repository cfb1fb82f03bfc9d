"""Statements compiled once must bind exactly what their callers pass; many rows go in together."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import bindparam, insert, select

from fake_core.driver import add_rows, sql_text
from fake_core.tables import TABLES, CoreTable
from sandbox.errors import RuleBroken
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


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 120])
def test_many_rows_stand_as_if_added_one_by_one(count: int) -> None:
    """However many rows there are: each once, in order, and counted."""
    cursor = sqlite3.connect(":memory:").cursor()
    cursor.execute("CREATE TABLE one (number INTEGER PRIMARY KEY, text VARCHAR)")
    rows = [(number, f"text {number}") for number in range(count)]
    assert add_rows(cursor, "INSERT INTO one (number, text) VALUES (?, ?)", iter(rows)) == count
    assert cursor.execute("SELECT * FROM one ORDER BY rowid").fetchall() == rows
