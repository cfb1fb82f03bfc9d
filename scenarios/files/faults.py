"""Turns what pydantic found wrong into problems a person can act on: where, what was found, what is allowed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from sandbox.errors import BadInput
from scenarios.files.places import Place, Tree, found, instead_of, join, problem, unknown_key

_Model = TypeVar("_Model", bound=BaseModel)
_Result = TypeVar("_Result")

_ALLOWED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dataclass_type": "a block of keys",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "dict_type": "a block of keys",
    "enum": "{expected}",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "model_attributes_type": "a block of keys",
    "model_type": "a block of keys",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entries",
    "tuple_type": "a list",
    "union_tag_not_found": "a block with the key {discriminator}",
}
"""Pydantic error type to what is allowed, filled from the error's context."""


class Fault(NamedTuple):
    """One broken rule between values.

    Attributes:
        path: dotted, relative to the block that was checked.
        text: what was found and what is allowed.
    """

    path: str
    text: str


def not_allowed(value: object, allowed: str) -> PydanticCustomError:
    """Return the error a validator of one value raises."""
    return PydanticCustomError("not_allowed", "{text}", {"text": f"found {found(value)}; allowed: {allowed}"})


def refuse(faults: Sequence[Fault]) -> None:
    """Raise all broken rules of one block at once; does nothing without any.

    Raises:
        PydanticCustomError: for `validated` to turn into problems.
    """
    if faults:
        text = "; ".join(f"{fault.path}: {fault.text}" for fault in faults)
        raise PydanticCustomError("faults", "{text}", {"text": text, "faults": list(faults)})


def validated(model: type[_Model], tree: Tree, prefix: str = "", shown: Callable[[str], str] = str) -> _Model:
    """Validate plain data.

    Args:
        model: what it should be.
        tree: the plain data and its places.
        prefix: put before every path in messages, such as "designs.portal".
        shown: how a path is written in messages.

    Raises:
        BadInput: every fault pydantic found, in the order of the file.
    """
    try:
        return model.model_validate(tree.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    told = [entry for detail in details for entry in _told(detail, model, tree)]
    told.sort(key=lambda entry: tree.place(entry[0]).line)
    problems = dict.fromkeys(_line(tree.place(path), prefix, shown(path), text) for path, text in told)
    raise BadInput(list(problems))


def gather(problems: list[str], step: Callable[[], _Result]) -> _Result | None:
    """Return what a step returns, or None after adding what it refused to `problems`."""
    try:
        return step()
    except BadInput as refused:
        problems.extend(refused.problems)
        return None


def _line(place: Place, prefix: str, path: str, text: str) -> str:
    return problem(place, join(prefix, path) if path else prefix, text)


def _told(detail: ErrorDetails, model: type[BaseModel], tree: Tree) -> list[tuple[str, str]]:
    """Return (path, what is wrong there) for one pydantic error."""
    path, value = _data_path(detail["loc"], tree.data)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "faults":
        return [(join(path, fault.path), fault.text) for fault in context["faults"]]
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "").split(", ")
        tag = str(context["tag"])
        return [(join(path, context["discriminator"].strip("'")), f"found {tag!r}{instead_of(tag, known)}")]
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        key = path.rpartition(".")[2]
        return [(path, unknown_key(key, _keys_at(model, detail["loc"][:-1])))]
    return [(path, _text(detail, path, value))]


def _text(detail: ErrorDetails, path: str, value: object) -> str:
    kind = detail["type"]
    if kind == "missing":
        block = path.rpartition(".")[0]
        return f"missing; the block {block!r} must have it" if block else "missing"
    if kind in {
        "value_error",
        "assertion_error",
    }:  # pydantic puts "Value error, " before the rule's own words
        return detail["msg"].partition(", ")[2]
    if kind in _ALLOWED:
        return f"found {found(value)}; allowed: {_ALLOWED[kind].format(**detail.get('ctx', {}))}"
    return detail["msg"]


def _data_path(loc: Sequence[int | str], data: Any) -> tuple[str, Any]:
    """Return the path in the data and the value there; pydantic's own names of union members are left out."""
    path, here = "", data
    for position, item in enumerate(loc):
        keys = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        if item in keys:
            path, here = join(path, item), here[item]
        elif position == len(loc) - 1 and isinstance(here, dict):  # a missing key
            path, here = join(path, item), None
    return path, here


def _keys_at(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Return the keys allowed in the block at a location."""
    blocks: list[type] = [model]
    for item in loc:
        inner = [deeper for block in blocks for deeper in _blocks_in(_fields(block).get(str(item)))]
        tagged = [
            block for block in blocks if any(item in _literals(field) for field in _fields(block).values())
        ]
        blocks = inner or tagged or blocks
    return list(dict.fromkeys(key for block in blocks for key in _fields(block)))


def _fields(block: type) -> dict[str, Any]:
    if issubclass(block, BaseModel):
        return {name: field.annotation for name, field in block.model_fields.items()}
    if not dataclasses.is_dataclass(block):
        return {}
    hints = get_type_hints(block)
    return {field.name: hints[field.name] for field in dataclasses.fields(block)}


def _blocks_in(annotation: Any) -> list[type]:
    """Return the models and dataclasses a type is built from, through unions, lists and Annotated."""
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)
    ):
        return [annotation]
    return [block for inner in get_args(annotation) for block in _blocks_in(inner)]


def _literals(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()
