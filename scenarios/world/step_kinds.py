"""What a design may be built from: every kind of step, told from its class alone."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen

_EVERY_STEP = ("id", "next", "on", "kind")
_ENTRY = re.compile(r"^    (\w+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind of step.

    Attributes:
        name: as a design writes it; its unit stands at its end.
        allowed: what it may be, in words.
        default: what it is when a design says nothing, "none" where that is no limit; None when it must say.
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
        handoff: from whom to whom the case passes here, or empty.
        asks_identity: whether the customer has to give identity details.
        parameters: in the order of the class.
        example: the step as a design writes it, with every parameter at its default.
    """

    name: str
    summary: str
    outcomes: tuple[str, ...]
    changes_channel: bool
    handoff: str
    asks_identity: bool
    parameters: tuple[Parameter, ...]
    example: str


def list_step_kinds() -> list[StepKind]:
    """Return every kind of step, in the order a visit usually meets them."""
    from sandbox.journey.registry import STEP_KINDS

    return [_kind(name, step) for name, step in STEP_KINDS.items()]


def _kind(name: str, step: Any) -> StepKind:
    words = meanings(step)
    hints = get_type_hints(step, include_extras=True)
    parameters = tuple(
        Parameter(
            field.name,
            _allowed(hints[field.name]),
            None if field.default is dataclasses.MISSING else _plain(field.default),
            words.get(field.name, ""),
        )
        for field in dataclasses.fields(step)
        if field.name not in _EVERY_STEP
    )
    return StepKind(
        name,
        prose(step),
        ("done", *step.outcomes),
        step.changes_channel,
        step.handoff,
        step.asks_identity,
        parameters,
        _example(name, step),
    )


def _example(name: str, step: Any) -> str:
    """Write a step with every parameter that has a default; none is no value to write."""
    defaults = {
        field.name: _plain(field.default)
        for field in dataclasses.fields(step)
        if field.name not in _EVERY_STEP and field.default not in (None, dataclasses.MISSING)
    }
    given = [f"{key}: {_written(value)}" for key, value in defaults.items()]
    routes = ", ".join(f"{outcome}: end" for outcome in step.outcomes)
    ends = [f"on: {{{routes}}}"] if routes else []
    return f"- {{{', '.join([f'id: {name}', f'kind: {name}', *given, 'next: end', *ends])}}}"


def _written(value: object) -> str:
    """Write a default as YAML does; a list or block in flow style is JSON, which YAML reads."""
    return value if isinstance(value, str) else json.dumps(value)


def prose(documented: type) -> str:
    """Return what a class's docstring says before its list of attributes, as one paragraph."""
    return " ".join(inspect.cleandoc(documented.__doc__ or "").partition("Attributes:")[0].split())


def meanings(documented: type) -> dict[str, str]:
    """Read the `name: meaning` entries of a class's docstring, each with its continuation lines."""
    listed = inspect.cleandoc(documented.__doc__ or "").partition("Attributes:")[2]
    parts = _ENTRY.split(listed)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _allowed(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is Annotated:
        base, *limits = get_args(hint)
        return " ".join([_allowed(base), *_limits(limits)])
    if origin in (UnionType, Union):
        return " or ".join("none" if part is NoneType else _allowed(part) for part in get_args(hint))
    if origin is tuple:
        return f"list of {_items(get_args(hint)[0])}"
    if origin is Literal:
        return " or ".join(str(value) for value in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(str(member.value) for member in hint)
    return {bool: "true or false", int: "whole number", float: "number", str: "text"}.get(hint, str(hint))


def _items(hint: Any) -> str:
    """What stands in a list: blocks with these keys, or values."""
    if not dataclasses.is_dataclass(hint):
        return _allowed(hint)
    return f"{{{', '.join(field.name for field in dataclasses.fields(hint))}}}"


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
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
