"""A comparison read back from its JSON, so that a saved one can be shown as it was when it ran."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from sandbox.errors import BadInput
from scenarios.outputs.as_json import SCHEMA
from scenarios.result import Comparison


def comparison_from(text: str, designs: Sequence[str]) -> Comparison:
    """Return the comparison whose JSON `as_json.comparison_json` wrote; figures carry the digits that JSON has.

    Args:
        text: the document.
        designs: the order its designs are shown in; the document sorts them by name.

    Raises:
        BadInput: another schema, or no comparison.
    """
    try:
        document = json.loads(text)
        schema = document.pop("schema")
        document["designs"] = {name: {"name": name, **document["designs"][name]} for name in designs}
        if schema != SCHEMA:
            raise BadInput([f"a result of schema {schema}; allowed: {SCHEMA}"])
        return TypeAdapter(Comparison).validate_python(document)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise BadInput([f"no comparison ({type(error).__name__}: {error})"]) from error
