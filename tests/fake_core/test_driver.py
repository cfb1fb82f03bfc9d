"""Statements compiled once must bind exactly what their callers pass."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select

from fake_core.driver import sql_text
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
