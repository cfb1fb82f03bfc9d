"""A comparison as plain data and back, every map in its own order, so that a saved one is shown as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sandbox.errors import BadInput
from scenarios.result import Comparison


def plain(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as mappings, lists and scalars."""
    return asdict(comparison)


def comparison_from(data: Mapping[str, Any]) -> Comparison:
    """Return the comparison that `plain` made data of.

    Raises:
        BadInput: the data are those of another version of the product.
    """
    try:
        return TypeAdapter(Comparison).validate_python(data)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors()[:3])
        text = f"the saved report is that of another version ({where}); --json prints its document"
        raise BadInput([text]) from error
