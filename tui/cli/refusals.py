"""What the parser says of an option's wrong value, in the words of every other refusal: found, and allowed."""

from __future__ import annotations

from enum import Enum

import typer


def reword(refused: typer.BadParameter) -> None:
    """Replace the words of a validator by what was found and what is allowed; words of our own stay."""
    faults = getattr(refused.__cause__, "errors", None)
    if faults is None:
        return
    first = faults()[0]
    option = getattr(refused, "param", None)
    kind = getattr(getattr(option, "type_descriptor", None), "annotation", None)
    allowed = _allowed(kind, getattr(option, "min", None), getattr(option, "max", None))
    if allowed:
        refused.message = f"found {str(first['input'])!r}; allowed: {allowed}"


def _allowed(kind: object, low: float | None, high: float | None) -> str:
    """What values an option takes, or nothing where only the validator knows."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(str(one.value) for one in kind)
    number = "a whole number" if kind is int else "a number" if kind is float else ""
    if not number:
        return ""
    return number + ("" if low is None else f" from {low:g}") + ("" if high is None else f" to {high:g}")
