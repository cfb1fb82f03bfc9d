"""What a design may be built from: every kind of step, told from its class alone."""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen

_EVERY_STEP = ("id", "next", "on", "kind")
_ENTRY = re.compile(r"^    (\w+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind of step.

    Attributes:
        name: as a design writes it; its unit stands at its end.
        allowed: what it may be, in words.
        default: what it is when a design says nothing; None when it must say.
        meaning: one sentence.
    """

    name: str
    allowed: str
    default: object
    meaning: str


@dataclass(frozen=True, slots=True)
class StepKind:
    """One kind of step.

    Attributes:
        name: as a design writes it under `kind`.
        summary: what it does.
        outcomes: what it may end in; "done" follows `next`, the others are routed under `on`.
        changes_channel: whether the customer leaves the message they acted on.
        parameters: in the order of the class.
    """

    name: str
    summary: str
    outcomes: tuple[str, ...]
    changes_channel: bool
    parameters: tuple[Parameter, ...]


def list_step_kinds() -> list[StepKind]:
    """Return every kind of step, in the order a visit usually meets them."""
    from sandbox.journey.registry import STEP_KINDS

    return [_kind(name, step) for name, step in STEP_KINDS.items()]


def _kind(name: str, step: Any) -> StepKind:
    prose, _, listed = inspect.cleandoc(step.__doc__).partition("Attributes:")
    meanings = _meanings(listed)
    hints = get_type_hints(step, include_extras=True)
    parameters = tuple(
        Parameter(
            field.name,
            _allowed(hints[field.name]),
            None if field.default is dataclasses.MISSING else _plain(field.default),
            meanings.get(field.name, ""),
        )
        for field in dataclasses.fields(step)
        if field.name not in _EVERY_STEP
    )
    return StepKind(name, " ".join(prose.split()), ("done", *step.outcomes), step.changes_channel, parameters)


def _meanings(listed: str) -> dict[str, str]:
    """Read `name: meaning` entries, each with its continuation lines."""
    parts = _ENTRY.split(listed)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _allowed(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is Annotated:
        base, *limits = get_args(hint)
        return " ".join([_allowed(base), *_limits(limits)])
    if origin is tuple:
        keys = ", ".join(field.name for field in dataclasses.fields(get_args(hint)[0]))
        return f"list of {{{keys}}}"
    if origin is Literal:
        return " or ".join(str(value) for value in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(str(member.value) for member in hint)
    return {bool: "true or false", int: "whole number", float: "number", str: "text"}.get(hint, str(hint))


def _limits(limits: list[Any]) -> list[str]:
    words = []
    for limit in limits:
        match limit:
            case Ge(ge=value):
                words.append(f"from {value}")
            case Gt(gt=value):
                words.append(f"above {value}")
            case Le(le=value):
                words.append(f"to {value}")
            case Lt(lt=value):
                words.append(f"below {value}")
            case MaxLen(max_length=most):
                words.append(f"up to {most}")
    return words


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
