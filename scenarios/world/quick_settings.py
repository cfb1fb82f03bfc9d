"""Settings laid over a scenario already loaded: what a preview needs at every keystroke, no file read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.errors import BadInput
from scenarios.files.faults import validated
from scenarios.files.places import Place, Tree, did_you_mean
from scenarios.world.document import ScenarioDocument
from scenarios.world.settings import multiplied, parse_settings
from scenarios.world.spec import Scenario


def with_settings(scenario: Scenario, settings: Mapping[str, object]) -> ScenarioDocument:
    """Return the scenario's document with values changed; everything is validated again.

    Args:
        scenario: as loaded.
        settings: dotted path to plain value, as `Scenario.settings` lists them; a path with a star to a factor.

    Raises:
        BadInput: an unknown path, one inside a design or the policy, or a value that is not allowed; all are told.
    """
    if not settings:
        return scenario.document
    wanted = parse_settings((), settings)
    unknown = [
        f"{one.path}: cannot be laid over a loaded scenario{did_you_mean(one.path, scenario.settings)}"
        for one in wanted
        if one.path not in scenario.settings
    ]
    if unknown:
        raise BadInput(unknown)
    data = scenario.document.model_dump()
    for one in wanted:
        *blocks, last = one.path.split(".")
        node: Any = data
        for block in blocks:
            node = node[block]
        node[last] = multiplied(node[last], one.value) if one.factor else one.value
    places = {"": Place(scenario.source), **{one.path: Place(f"setting {one.key}") for one in wanted}}
    return validated(ScenarioDocument, Tree(_plain(data), places))


def _plain(node: Any) -> Any:
    """Tuples as the lists a file would have."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list | tuple) else node
