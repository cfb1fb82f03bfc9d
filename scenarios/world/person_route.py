"""Whether a design has a place for customers whom no message may reach; one without says so before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.journey.design import compile_design
from sandbox.journey.schema import DesignDocument


def without_person_route(
    designs: Mapping[str, DesignDocument], names: Iterable[str] | None = None
) -> list[str]:
    """Return one sentence for each design that has no step where such a customer could begin.

    Args:
        designs: documents by name.
        names: which of them to look at; all if None.
    """
    return [
        f"design {name} has no route to a person: customers without a usable channel get no letter; a call_queue "
        "step, named by person_route, would be one"
        for name in (designs if names is None else names)
        if not compile_design(designs[name]).person_route
    ]
