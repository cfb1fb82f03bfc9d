"""From tables and statements to the SQL text that runs; only where text is made, for it loads SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.sql.elements import CompilerElement

from sandbox.errors import RuleBroken

_DIALECT = sqlite_dialect(paramstyle="qmark")


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


def creation(tables: MetaData) -> tuple[str, ...]:
    """Return what creates tables and indexes where they are missing."""
    made: list[ExecutableDDLElement] = [
        CreateTable(table, if_not_exists=True) for table in tables.sorted_tables
    ]
    made += [
        CreateIndex(index, if_not_exists=True)
        for table in tables.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    return tuple(str(statement.compile(dialect=_DIALECT)) for statement in made)
