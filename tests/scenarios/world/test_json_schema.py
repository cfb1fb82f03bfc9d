"""The schema an editor checks with says what the product's own reader says, as far as a schema can."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import to_jsonable_python

from sandbox.journey.registry import STEP_KINDS
from scenarios.files.reader import read_yaml
from scenarios.world.json_schema import KINDS, json_schema
from scenarios.world.library import find, shipped
from scenarios.world.spec import check, load_scenario

SCHEMAS = {kind: json_schema(kind) for kind in KINDS}
SHIPPED = [(kind, name) for kind in KINDS for name in shipped(kind)]
HEADLINE = "retail-bank-200k"


def content(kind: Any, name: str) -> dict[str, Any]:
    """A shipped file as plain data of its own."""
    return deepcopy(read_yaml(find(kind, name).path).data)


def found(kind: str, data: dict[str, Any]) -> list[str]:
    """Where a schema finds fault with a file."""
    return [fault.json_path for fault in Draft202012Validator(SCHEMAS[kind]).iter_errors(data)]


def put(data: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The data with one value put at a path; list entries by index."""
    *way, last = path.split(".")
    here: Any = data
    for key in way:
        here = here[int(key)] if isinstance(here, list) else here[key]
    here[last] = value
    return data


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_a_schema(kind: str) -> None:
    """What is generated is itself valid against the dialect it names."""
    Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_shipped_file_is_valid(kind: str, name: str) -> None:
    """No editor marks what comes with the product as wrong."""
    assert found(kind, content(kind, name)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customers.response_rate", 1.01),
        ("customers.response_rate.value", 1.01),
        ("customers.response_rate", "0.2"),
        ("customers.response_rate.source", "hearsay"),
        ("customers.response_rate.sauce", "measured"),
        ("call_centre.agents", -1),
        ("call_centre.agents", [4, -1]),
        ("campaign.messages", 2.5),
        ("campaign.messages", True),
        ("campaign.mesages", 5),
        ("campaign.send_weights", [0, 0]),
        ("customers.wishes", {"pay_now": 1}),
        ("calendar.open", "8:00"),
        ("costs.currency", "pounds"),
        ("core.latency_ms_median", 0),
        ("designs", []),
        ("designs", {"mine": {"title": "t", "normal_path": "person"}}),
        ("outreach.holidays", None),
        ("seed", -1),
        ("surprise", 1),
    ],
)
def test_a_wrong_scenario_is_found_by_the_schema_and_by_the_reader(
    write: Any, path: str, value: object
) -> None:
    """Each fault an editor marks is one `sandbox check` refuses, and no other file is needed to see it."""
    data = content("scenario", HEADLINE)
    assert found("scenario", put(data, path, value)) != []
    assert not check(write("wrong.yaml", json.dumps(data))).ok


def test_a_file_that_stands_alone_must_be_whole_and_one_that_extends_need_not() -> None:
    """A missing block, and a missing key in one, are marked; under `extends` any key may be left out."""
    data = content("scenario", HEADLINE)
    del data["core"], data["calendar"]["open"]
    assert sorted(found("scenario", data)) == ["$", "$.calendar"]
    assert found("scenario", {"extends": HEADLINE, "campaign": {"messages": 50_000}}) == []
    assert found("scenario", {"extends": HEADLINE, "campaign": {"messages": -1}}) != []


def test_designs_may_be_named_listed_or_written_in_the_scenario() -> None:
    """Names, paths, a block of name to design, and a design itself with its steps checked."""
    inline = content("design", "hybrid")
    del inline["design"]
    for designs in (
        ["portal", "./mine.yaml", {"b": "portal"}],
        {"portal": None, "b": "portal", "mine": inline},
    ):
        assert found("scenario", {"extends": HEADLINE, "designs": designs}) == []
    inline["steps"][1]["kind"] = "teleport"
    assert found("scenario", {"extends": HEADLINE, "designs": {"mine": inline}}) != []


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "teleport"},
        {"takes_call_rate": 1.5},
        {"takes_call_rate": {"value": -0.1, "source": "assumption"}},
        {"takes_call_rate": "0.5"},
        {"colour": "red"},
        {"on": {"melted": "end"}},
        {"next": 3},
    ],
)
def test_a_wrong_step_is_found(changed: dict[str, Any]) -> None:
    """An unknown kind, key or outcome, and a number that is none or out of its bounds."""
    data = content("design", "in-message")
    step = next(step for step in data["steps"] if step["kind"] == "exception")
    assert found("design", data) == []
    step.update(changed)
    assert found("design", data) != []


def test_a_step_without_a_kind_is_found() -> None:
    """A step says what it is, even though every kind of step has no other key it must have but its id."""
    data = content("design", "portal")
    del data["steps"][1]["kind"]
    assert found("design", data) != []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("actions.pay_now.identity", "vibes"),
        ("actions.pay_now.amount.minimum_minor", -5),
        ("actions.pay_now.amount.minimum_percent_of_overdue", 101),
        ("actions.pay_now.amount.minimum_percent_of_overdue", "2.5"),
        ("actions.give_up", {}),
        ("version", 0),
        ("exclude_when.0.reson", "x"),
    ],
)
def test_a_wrong_policy_is_found(path: str, value: object) -> None:
    """Levels, limits, actions and keys a policy does not have."""
    data = content("policy", "collections-promise-to-pay")
    assert found("policy", put(data, path, value)) != []


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_every_parameter_of_a_step_is_described_with_its_default(kind: str) -> None:
    """What an editor offers says what a value means and what it is when left out: the class's own words."""
    step = STEP_KINDS[kind]
    described = SCHEMAS["design"]["$defs"][step.__name__]
    assert described["title"] == kind
    assert set(described["properties"]["on"]["properties"]) == set(step.outcomes)
    for name, parameter in described["properties"].items():
        if name not in {"kind", "on", "id"}:
            assert parameter["description"], (kind, name)
            default = to_jsonable_python(getattr(step(id="x"), name))
            assert parameter.get("default") == default


def test_units_bounds_and_shipped_values_are_shown() -> None:
    """Read by hand from the block, its kind and the headline scenario."""
    parameter = SCHEMAS["scenario"]["$defs"]["Redial"]["properties"]["delay_min_median"]
    assert parameter["description"] == "minutes"
    assert parameter["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0, "maximum": 10_080}
    shipped_value = load_scenario(HEADLINE).document.call_centre.redial.delay_min_median
    assert parameter["examples"] == [shipped_value]
    response = SCHEMAS["scenario"]["$defs"]["Customers"]["properties"]["response_rate"]
    assert response["description"].startswith(
        "a share or probability, 0 to 1; calls (or clicks) per delivered"
    )
