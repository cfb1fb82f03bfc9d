"""Rules files: the shipped one is sound, a user's own replaces it, and every fault names file, line and key."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from sandbox.errors import BadInput
from sandbox.scorecard.rules import Line
from scenarios.rulebook import limits_of, read_rules, titles
from tests.scenarios.conftest import Write

SHIPPED = (Path(str(resources.files("sandbox.scorecard"))) / "rules.yaml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    """The line a piece of text stands on."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "place", "told"),
    [
        (
            "metric: call_abandonment_rate",
            "metric: call_abandonmnt_rate",
            "rules.0.metric",
            "did you mean 'call_abandonment_rate'",
        ),
        ('passes: "<= 0"', 'passes: "=< 0"', "rules.12.passes", "allowed: <, <=, > or >="),
        ("fails: stop\n", "fails: halt\n", "rules.0.fails", "'stop', 'hold' or 'look'"),
        ("stage: pilot", "stage: pilots", "stage", "'pilot' or 'scale'"),
        ("inspect: narrow the eligible path", "inspekt: narrow", "rules.8.inspekt", "unknown key"),
        ('"engagement_rate < 0.50"', '"engagment_rate < 0.50"', "leaks.0.when.0", "engagement_rate"),
        ('"weak_identity_rate <= 0"', '"weak_identity_rate = 0"', "questions.1.yes_when.0", "allowed"),
        ("decide: go", "decide: maybe", "decisions.2.decide", "'go', 'hold' or 'stop'"),
        (
            "count: open_questions, at_least: 2",
            "count: open_questions, at_least: 0",
            "at_least",
            "at least 1",
        ),
    ],
)
def test_a_fault_names_file_line_and_key(write: Write, old: str, new: str, place: str, told: str) -> None:
    """Unknown metrics, bad comparators, levels, stages and keys are refused where they stand."""
    text = SHIPPED.replace(old, new, 1)
    assert text != SHIPPED
    path = write("mine.yaml", text)
    with pytest.raises(BadInput) as refused:
        read_rules(path)
    problem = next(text for text in refused.value.problems if place in text)
    assert len(refused.value.problems) <= 2, (
        "a misspelt key is also a missing one; nothing else is told twice"
    )
    assert problem.startswith(f"{path}:{line_of(text, new)}: ")
    assert told in problem


def test_a_rule_needs_a_line_from_somewhere(write: Write) -> None:
    """A metric without a rule of its own in metrics.yaml must be given one."""
    path = write(
        "mine.yaml", SHIPPED.replace("metric: bucket_completed_untouched", "metric: engagement_rate", 1)
    )
    with pytest.raises(BadInput, match=r"rules\.2\.passes: missing; engagement_rate"):
        read_rules(path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rule: writeback-scale", "rule: call-abandonment", "rule named twice: call-abandonment"),
        ("  - decide: go\n", "", "decisions: the last one"),
        (
            "title: message-first, action elsewhere\n",
            'title: first\n    when: ["person_steps <= 9"]\n',
            "maturity: one stage must be without conditions",
        ),
    ],
)
def test_rules_that_leave_something_open_are_refused(write: Write, old: str, new: str, told: str) -> None:
    """Two rules of one name, no last decision, or designs without a stage: refused as a whole."""
    path = write("mine.yaml", SHIPPED.replace(old, new, 1))
    with pytest.raises(BadInput, match=told):
        read_rules(path)


def test_lines_come_from_metrics_unless_given(write: Write) -> None:
    """One definition of each line: metrics.yaml; a user's own line wins."""
    book, _ = read_rules()
    shipped = {rule.rule: rule.passes for rule in book.document.rules}
    assert shipped["completion-of-engaged"] == Line(">=", 0.35)
    old = "    metric: completion_of_engaged_rate\n"
    mine, _ = read_rules(write("mine.yaml", SHIPPED.replace(old, f'{old}    passes: ">= 0.40"\n', 1)))
    changed = {rule.rule: rule.passes for rule in mine.document.rules}
    assert changed.pop("completion-of-engaged") == Line(">=", 0.40)
    assert changed == {name: line for name, line in shipped.items() if name != "completion-of-engaged"}


def test_a_line_may_be_a_setting_that_is_a_number() -> None:
    """The designer's limits are settings; what is no setting, or no number, is told at its rule."""
    book, tree = read_rules()
    settings: dict[str, object] = {"call_centre.abandonment_limit": 0.05, "call_centre.wait_limit_s": 30}
    assert limits_of(book, tree, settings) == {
        "call_centre.abandonment_limit": 0.05,
        "call_centre.wait_limit_s": 30.0,
    }
    with pytest.raises(
        BadInput, match=r"rules\.yaml:\d+: rules\.0\.passes: found 'call_centre.abandonment_limit'"
    ):
        limits_of(book, tree, {"call_centre.wait_limit_s": 30, "call_centre.abandonment_limit": "high"})


def test_every_quantity_has_a_name_for_people() -> None:
    """What rules may name is shown in words, with its base where it is a share."""
    names = titles()
    assert names["rekeyed_rate"] == "a person posted it (of recorded cases)"
    assert names["exception_rate"] == "Exceptions"
