"""What a designer may use: the lists say what the classes and files say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from scenarios.files.reader import parse_yaml
from scenarios.world.library import metrics_document, shipped
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100"})


def listed(verb: str) -> dict[str, object]:
    """The JSON form of a list."""
    result = RUNNER.invoke(app, [verb, "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    document: dict[str, object] = json.loads(result.stdout)
    assert document["schema"] == 1
    return document


def test_every_kind_of_step_is_listed_with_all_its_ends() -> None:
    """Nothing a design may write is missing, and "done" is always among the ends."""
    kinds = {kind["name"]: kind for kind in listed("steps")["steps"]}  # type: ignore[attr-defined]
    assert list(kinds) == list(STEP_KINDS)
    for name, step in STEP_KINDS.items():
        assert kinds[name]["outcomes"] == ["done", *step.outcomes]
        assert kinds[name]["changes_channel"] == step.changes_channel


def test_every_parameter_says_what_it_is_and_what_it_may_be() -> None:
    """A parameter without a meaning in its class's docstring would be listed bare: none is."""
    for kind in listed("steps")["steps"]:  # type: ignore[attr-defined]
        for parameter in kind["parameters"]:
            assert parameter["meaning"], (kind["name"], parameter["name"])
            assert parameter["allowed"]
            assert "Annotated" not in parameter["allowed"]


def test_limits_and_defaults_are_those_of_the_class() -> None:
    """Hand-read from the step: two codes by default, one to five allowed."""
    text = " ".join(RUNNER.invoke(app, ["steps"]).stdout.split())
    assert "codes_max: whole number from 1 to 5, default 2;" in text
    assert "call_queue (leaves the message: a channel change)" in text


def test_every_metric_is_listed_with_base_and_rule() -> None:
    """The list is the definitions file."""
    assert listed("metrics")["metrics"] == {
        name: metric.model_dump(mode="json") for name, metric in metrics_document().metrics.items()
    }


@pytest.mark.parametrize("verb", ["steps", "metrics", "scenarios"])
def test_a_list_names_the_next_command(verb: str) -> None:
    """Who reads a list is told what to do with it."""
    lines = RUNNER.invoke(app, [verb]).stdout.splitlines()
    assert lines[-1].startswith("next: sandbox ")
    assert max(map(len, lines[:-1])) <= 100


def test_every_example_is_a_step_a_design_may_hold() -> None:
    """The line can be copied: it parses, has every parameter at its default, and routes every other end."""
    for kind in listed("steps")["steps"]:  # type: ignore[attr-defined]
        (written,) = parse_yaml(f"steps:\n  {kind['example']}\n", "example").data["steps"]
        message = {"id": "first", "kind": "message", "next": kind["name"]}
        design = {"design": "x", "title": "x", "normal_path": "person", "steps": [message, written]}
        step = DesignDocument.model_validate(design).steps[1]
        plain = STEP_KINDS[kind["name"]](id=kind["name"])
        assert replace(step, on={}) == plain
        assert {"done", *step.on} == set(kind["outcomes"])


def test_handoffs_and_identity_are_those_of_the_class() -> None:
    """Where the case passes on, and where a customer gives details, stands with each kind."""
    kinds = {kind["name"]: kind for kind in listed("steps")["steps"]}  # type: ignore[attr-defined]
    assert {name for name, kind in kinds.items() if kind["asks_identity"]} == {
        name for name, step in STEP_KINDS.items() if step.asks_identity
    }
    text = RUNNER.invoke(app, ["steps"]).stdout
    assert text.count("  handoff: ") == sum(bool(step.handoff) for step in STEP_KINDS.values()) > 0
    assert text.count("  asks for identity details\n") == sum(
        kind["asks_identity"] for kind in kinds.values()
    )


def test_every_shipped_design_is_listed_with_its_steps_and_verdict() -> None:
    """Read by hand: the headline's three designs, each with the steps of a good visit, and why one is not closed."""
    designs = {design["name"]: design for design in listed("scenarios")["designs"]}  # type: ignore[attr-defined]
    assert list(designs) == shipped("design")
    assert designs["sms-to-call"]["path"][:3] == ["message", "call_queue", "agent"]
    assert designs["in-message"]["path"] == [
        "message",
        "open_link",
        "verify",
        "choose",
        "write_back",
        "confirm",
    ]
    assert designs["in-message"]["not_closed"] == []
    text = " ".join(RUNNER.invoke(app, ["scenarios"]).stdout.split())
    assert "● message → open_link → verify → choose → write_back → confirm" in text
    assert "not closed: the record waits for a person after the customer has acted" in text
