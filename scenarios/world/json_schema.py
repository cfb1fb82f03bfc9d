"""JSON Schemas of scenario, design and policy files, for an editor's completion and checks while typing.

They are generated from what validates the files: the pydantic models, the classes of the steps, and the bounds of
the value kinds (`scenarios.files.values`). A schema cannot say everything: rules between values stay with
`sandbox check`.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from sandbox.journey.schema import DesignDocument
from sandbox.journey.steps.base import Step
from sandbox.policy.document import PolicyDocument
from scenarios.blocks.kinds import MADE_OF_NUMBERS
from scenarios.files.quantities import SOURCES, Quantity, quantify
from scenarios.files.values import Schema, ValueKind
from scenarios.world.document import ScenarioDocument
from scenarios.world.layers import read_layers
from scenarios.world.library import Written, find, list_scenarios
from scenarios.world.packs import RULES
from scenarios.world.step_kinds import meanings, prose

KINDS: tuple[Written, ...] = get_args(Written)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REF = "#/$defs/"


def json_schema(kind: Written) -> Schema:
    """Return the schema of one kind of file."""
    made = {"scenario": _scenario, "design": _design, "policy": _policy}[kind]()
    return {"$schema": DIALECT, **made}


def file_name(kind: Written) -> str:
    """Return what a schema's file is called beside the files it is for."""
    return f"{kind}.schema.json"


class _Generator(GenerateJsonSchema):
    """Knows the value kinds, the documentation of classes, and that a number may carry its source."""

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Schema:
        """Return what a value kind says of itself."""
        check = schema["function"]["function"]
        return deepcopy(check.schema) if isinstance(check, ValueKind) else {}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> Schema:
        """A number in a file is a number, not text."""
        bounds = {"minimum": schema.get("ge"), "maximum": schema.get("le")}
        return {"type": "number", **{key: float(value) for key, value in bounds.items() if value is not None}}

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """Return a block's schema, documented."""
        return _documented(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Schema:
        """Return a step's schema, documented, with the outcomes it can be routed by."""
        made = _documented(super().dataclass_schema(schema), schema["cls"])
        if issubclass(schema["cls"], Step):
            outcomes = schema["cls"].outcomes
            routes = {outcome: {"type": "string"} for outcome in outcomes}
            made["properties"]["on"] |= {"properties": routes, "additionalProperties": False}
            made["title"] = made["properties"]["kind"]["const"]
            made["required"] = ["id", "kind", *(key for key in made.get("required", ()) if key != "id")]
        return made


def _documented(schema: Schema, documented: type) -> Schema:
    words = (meanings(Step) if issubclass(documented, Step) else {}) | meanings(documented)
    schema["description"] = prose(documented)
    for name, inner in schema.get("properties", {}).items():
        inner.pop("title", None)
        told = ": ".join(filter(None, (words.get(name, ""), inner.pop("description", ""))))
        default = inner.pop("default", None)
        if isinstance(default, str) and inner.get("type") == "number":
            default = float(default)  # a decimal
        if isinstance(each := inner.get("additionalProperties"), dict) and _is_numeric(each):
            inner["additionalProperties"] = {"anyOf": [each, _quantity(each)]}
        wrapped = {"anyOf": [inner, _quantity(inner)]} if _is_numeric(inner) else inner
        schema["properties"][name] = {
            **({"description": told} if told else {}),
            **wrapped,
            **({} if default is None else {"default": default}),
        }
    return schema


def _is_numeric(schema: Schema) -> bool:
    """Whether a value is a number or made of numbers, so that its source may be written with it."""
    if schema.pop(MADE_OF_NUMBERS, False):
        return True
    if "anyOf" in schema:
        return any(map(_is_numeric, schema["anyOf"]))
    match schema.get("type"):
        case "number" | "integer":
            return True
        case "array":
            return _is_numeric(schema.get("items", {}))
        case "object":
            return bool(schema.get("properties")) and all(map(_is_numeric, schema["properties"].values()))
    return False


def _quantity(value: Schema) -> Schema:
    text = {"type": "string"}
    two = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {
        "type": "object",
        "description": "a number with its source",
        "properties": {
            "value": value,
            "source": {"enum": list(SOURCES), "description": "analogue is measured elsewhere"},
            "range": {**two, "description": "plausible low and high"},
            "note": {**text, "description": "what else to know"},
            "owner": {**text, "description": "the role that answers for it"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }


def _generated(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(schema_generator=_Generator)


def _design() -> Schema:
    return _generated(DesignDocument)


def _policy() -> Schema:
    return _generated(PolicyDocument)


def _scenario() -> Schema:
    """A whole file must have every key; one that extends another, any of them."""
    made, design = _generated(ScenarioDocument), _named_apart(_design(), "design ")
    blocks, steps = made.pop("$defs"), design.pop("$defs")
    must_have = _required_of(made, blocks)
    for block in (made, *blocks.values()):
        if block is not blocks.get("Expectation"):
            block.pop("required", None)
    for entry in list_scenarios():  # those that stand on their own come first
        tree, _ = quantify(read_layers(find("scenario", entry.name)))
        _exemplify(made, tree.data, blocks)
    told = must_have["properties"]["outreach"]["required"]  # what a file leaves out, its pack says
    must_have["properties"]["outreach"] = {"required": [key for key in told if key not in RULES]}
    name_or_path = {"type": "string", "description": "a shipped name, or a path from this file"}
    inline = {**design, "required": [key for key in design["required"] if key != "design"]}
    one = {"anyOf": [inline, name_or_path, {"type": "null"}]}
    named = {"type": "object", "additionalProperties": one, "propertyNames": made["properties"]["scenario"]}
    listed = {"type": "array", "items": {"anyOf": [name_or_path, named]}, "minItems": 1}
    made["properties"]["designs"] = {
        "description": "a list of names and paths, or a block of name to design",
        "anyOf": [listed, {**named, "minProperties": 1}],
    }
    extends = {"type": "string", "description": "the scenario whose keys this file is laid over"}
    made["properties"] = {"extends": extends, **made["properties"]}
    must_have["required"].remove("scenario")  # a file without a name is called after itself
    return {**made, "if": {"required": ["extends"]}, "else": must_have, "$defs": {**blocks, **steps}}


def _required_of(block: Schema, blocks: dict[str, Schema]) -> Schema:
    """Return the keys a block and the blocks inside it must have, and nothing else of them."""
    inner = {}
    for name, value in block.get("properties", {}).items():
        if "$ref" in value:
            deeper = _required_of(blocks[value["$ref"].removeprefix(_REF)], blocks)
            inner[name] = deeper
    return {"required": list(block.get("required", ())), **({"properties": inner} if inner else {})}


def _exemplify(block: Schema, shipped_block: dict[str, Any], blocks: dict[str, Schema]) -> None:
    """Give each number of a block the value and the note of a shipped scenario, unless it has them already."""
    for name, value in block.get("properties", {}).items():
        given = shipped_block.get(name)
        if "$ref" in value and isinstance(given, dict):
            _exemplify(blocks[value["$ref"].removeprefix(_REF)], given, blocks)
        elif isinstance(given, Quantity) and "examples" not in value:
            value["examples"] = [given.value]
            value["description"] = "; ".join(filter(None, (value.get("description", ""), given.note)))


def _named_apart(schema: Schema, prefix: str) -> Schema:
    """Put a prefix before the names of a schema's definitions: a step and a block may be called the same."""

    def rename(name: str) -> str:
        return f"{prefix}{name}".replace(" ", "_")

    renamed: Schema = _with_refs(schema, lambda ref: _REF + rename(ref.removeprefix(_REF)))
    renamed["$defs"] = {rename(name): inner for name, inner in renamed["$defs"].items()}
    return renamed


def _with_refs(node: Any, changed: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {
            key: changed(value)
            if isinstance(value, str) and value.startswith(_REF)
            else _with_refs(value, changed)
            for key, value in node.items()
        }
    return [_with_refs(item, changed) for item in node] if isinstance(node, list) else node
