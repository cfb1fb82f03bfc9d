"""A limit in the words of a table's cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.numbers import number

if TYPE_CHECKING:
    from sandbox.experiment.limits import Kind


def where(kind: Kind, value: float | None, rising: bool | None) -> str:
    """Return a limit in a table's cell.

    Args:
        kind: where it lies.
        value: the furthest value that keeps the conditions.
        rising: whether they break above it; None where nothing tells.
    """
    match kind:
        case "within":
            return number(value)
        case "beyond" if rising is None:
            return "kept throughout"
        case "beyond":
            return f"{'beyond' if rising else 'below'} {number(value)}"
        case "broken":
            return "broken all along"
        case _:
            return kind
