"""Settings laid over a scenario already loaded: what a preview needs at every keystroke, no file read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.errors import BadInput
from scenarios.document import ScenarioDocument
from scenarios.faults import validated
from scenarios.places import Place, Tree, did_you_mean
from scenarios.spec import Scenario


def with_settings(scenario: Scenario, settings: Mapping[str, object]) -> ScenarioDocument:
    """Return the scenario's document with values changed; everything is validated again.

    Args:
        scenario: as loaded.
        settings: dotted path to plain value, as `Scenario.settings` lists them.

    Raises:
        BadInput: an unknown path, one inside a design or the policy, or a value that is not allowed; all are told.
    """
    if not settings:
        return scenario.document
    unknown = [
        f"{path}: cannot be laid over a loaded scenario{did_you_mean(path, scenario.settings)}"
        for path in settings
        if path not in scenario.settings
    ]
    if unknown:
        raise BadInput(unknown)
    data = scenario.document.model_dump()
    for path, value in settings.items():
        *blocks, last = path.split(".")
        node: Any = data
        for block in blocks:
            node = node[block]
        node[last] = value
    places = {"": Place(scenario.source), **{path: Place(f"setting {path}") for path in settings}}
    return validated(ScenarioDocument, Tree(_plain(data), places))


def _plain(node: Any) -> Any:
    """Tuples as the lists a file would have."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list | tuple) else node
