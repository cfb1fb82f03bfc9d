"""Designs and policies as files: checked alone, read strictly, their settings and sources told once."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.world.library import find
from scenarios.world.spec import check, load_scenario

HEAD = "design: mine\ntitle: t\nnormal_path: self_service\nsteps:\n"
STEPS = (
    "  - {id: message, kind: message, next: login}\n"
    "  - {id: login, kind: login, next: bot}\n"
    "  - {id: bot, kind: bot, transacts: true, leaves_rate: 0.1, next: choose}\n"
    "  - {id: choose, kind: choose, next: post, on: {dispute: post}}\n"
    "  - {id: post, kind: write_back}\n"
)


@pytest.mark.parametrize(
    ("was", "wrong", "told"),
    [
        ("leaves_rate: 0.1", "leaves_rate: '0.1'", "leaves_rate: found '0.1'; allowed: a number"),
        ("leaves_rate: 0.1", "leaves_rate: true", "leaves_rate: found true; allowed: a number"),
        (
            "leaves_rate: 0.1",
            "leaves_rate: {value: '0.1', source: assumption}",
            "leaves_rate: found '0.1'; allowed: a n",
        ),
        ("transacts: true", "transacts: 1", "transacts: found 1; allowed: true or false"),
        ("transacts: true", "transacts: 'yes'", "transacts: found 'yes'; allowed: true or false"),
        ("next: choose", "next: 4", "next: found 4; allowed: text"),
    ],
)
def test_a_value_of_a_step_is_what_it_says_it_is(write: Any, was: str, wrong: str, told: str) -> None:
    """Nothing is converted on the quiet: file, line, step and key are told with what is allowed."""
    problems = check(write("mine.yaml", HEAD + STEPS.replace(was, wrong))).problems
    assert len(problems) == 1
    assert problems[0].startswith(f"mine.yaml:7: designs.mine.bot.{told}")


def test_a_whole_number_is_a_number() -> None:
    """A rate of 1 is a rate: strictness refuses words, not ways to write a number."""
    scenario = load_scenario("retail-bank-200k", ["designs.in-message.unproven.takes_call_rate=1"])
    steps = {step.id: step for step in scenario.designs["in-message"].steps}
    assert steps["unproven"].takes_call_rate == 1.0  # type: ignore[union-attr]


def test_a_design_is_checked_alone(write: Any) -> None:
    """Its settings are listed, its numbers counted, and no setting can be applied to what no scenario names."""
    path = write("mine.yaml", HEAD + STEPS)
    report = check(path)
    assert (report.ok, report.kind) == (True, "design")
    assert report.settings["designs.mine.bot.leaves_rate"] == 0.1
    assert report.settings["designs.mine.bot.talk_min_median"] == 2.0
    assert report.settings["designs.mine.choose.on.dispute"] == "post"
    assert report.sources == {"assumption": 1}
    (told,) = check(path, ["designs.mine.bot.leaves_rate=0.2"]).problems
    assert told.startswith("--set designs.mine.bot.leaves_rate=0.2: mine.yaml is a design; allowed:")


def test_a_fault_in_a_design_stands_at_its_line_alone_as_in_a_scenario(write: Any) -> None:
    """The same words, whether the file is checked or the scenario that names it."""
    looping = HEAD + STEPS.replace("kind: login, next: bot", "kind: login, next: bot, on: {failed: login}")
    alone = check(write("mine.yaml", looping)).problems
    world = "extends: retail-bank-200k\nexpect: []\nbaseline: mine\ndesigns: [./mine.yaml]\n"
    assert alone == check(write("world.yaml", world)).problems
    assert alone[0].startswith("mine.yaml:6: design mine: step 'login' is in a loop without a bound")
    assert alone[0].endswith(": message → login → login …")


def test_a_policy_is_checked_alone(write: Any) -> None:
    """A fault stands at its line; without one, limits are listed as settings."""
    text = (
        "policy: mine\nversion: 1\ntitle: t\ntrigger: t\n"
        "completion: {customer_action: a, policy_condition: b, writeback_destination: c, evidence: [d]}\n"
        "exclude_when: []\nactions:\n  pay_now:\n    identity: code\n    routine: true\n"
        "    amount: {minimum_minor: 500, maximum: balance}\n"
        "    writeback: {status: paid}\n    evidence: [core_receipt]\n"
    )
    report = check(write("mine.yaml", text))
    assert (report.ok, report.kind) == (True, "policy")
    assert report.settings == {
        "policy.actions.pay_now.identity": "code",
        "policy.actions.pay_now.routine": True,
        "policy.actions.pay_now.amount.minimum_minor": 500,
        "policy.actions.pay_now.amount.maximum": "balance",
    }
    (told,) = check(write("mine.yaml", text.replace("code", "vibes"))).problems
    assert told.startswith("mine.yaml:9: policy.actions.pay_now.identity: found 'vibes'")


def test_numbers_of_a_design_written_in_a_scenario_are_told_once(write: Any) -> None:
    """By the step they belong to, as those of a design in a file of its own."""
    body = "".join(f"    {line}\n" for line in (HEAD + STEPS).splitlines()[1:])
    world = f"extends: retail-bank-200k\nexpect: []\nbaseline: mine\ndesigns:\n  mine:\n{body}"
    told = [
        it.path
        for it in load_scenario(write("world.yaml", world)).provenance
        if it.path.startswith("designs")
    ]
    assert told == ["designs.mine.bot.leaves_rate"]


def test_a_policy_stricter_than_a_design_proves_is_refused(write: Any) -> None:
    """A login level for paying leaves a page behind a code with offers nobody could take."""
    del write
    report = check("retail-bank-200k", ["policy.actions.pay_now.identity=login"])
    (told,) = report.problems
    place, _, text = told.partition(": ")
    line = find("design", "in-message").path.read_text().splitlines()[int(place.rpartition(":")[2]) - 1]
    assert "id: choose" in line
    assert text.startswith("design in-message: step 'choose' is reached with identity level code")
    assert told.endswith("(put login before it): message → open_link → verify → choose")
