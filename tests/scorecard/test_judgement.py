"""Verdicts, leaks, answers, maturity and decisions from plain readings: every line at it, above it and below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import Estimate
from sandbox.experiment.verdict import judge
from sandbox.scorecard.judgement import (
    Reading,
    answer,
    counted,
    decide,
    find_leaks,
    hold,
    judge_rules,
    place,
    service_of,
    worst,
)
from sandbox.scorecard.rules import Line, RuleDefinition, read_condition, read_line
from scenarios.rulebook import limits_of, read_rules
from scenarios.world.spec import load_scenario

BOOK, TREE = read_rules()
RULES = BOOK.document
LIMITS = limits_of(BOOK, TREE, load_scenario("retail-bank-200k").settings)


def exactly(value: float, unit: str = "rate") -> Reading:
    """A reading whose interval has no width."""
    return Reading(value, value, value, 1_000, unit, "cases")


def around(value: float, half: float) -> Reading:
    """A reading with an interval."""
    return Reading(value, value - half, value + half, 1_000, "rate", "cases")


@pytest.mark.parametrize(
    ("line", "below", "at", "above"),
    [
        (">= 0.5", "fail", "pass", "pass"),
        ("> 0.5", "fail", "fail", "pass"),
        ("<= 0.5", "pass", "pass", "fail"),
        ("< 0.5", "pass", "fail", "fail"),
    ],
)
def test_a_line_decides_at_above_and_below_it(line: str, below: str, at: str, above: str) -> None:
    """Each comparator: a hair below the line, on it, a hair above it."""
    read = read_line(line)
    assert [hold(read, exactly(value), {}).verdict for value in (0.4999, 0.5, 0.5001)] == [below, at, above]


@given(
    st.sampled_from(["<", "<=", ">", ">="]),
    st.integers(-8, 8),
    st.integers(-8, 8),
    st.integers(0, 8),
)
def test_verdicts_are_those_of_the_expectations(
    comparator: str, threshold: int, low: int, width: int
) -> None:
    """A rule and an `expect:` line with the same numbers never disagree."""
    ends = low / 4, (low + width) / 4
    reading = Reading(sum(ends) / 2, *ends, 10, "rate", "cases")
    ours = hold(Line(comparator, threshold / 4), reading, {}).verdict
    estimate = Estimate(reading.value, *ends, 5, width / 8)
    assert ours == judge(estimate, comparator, threshold / 4)  # type: ignore[arg-type]  # one of the four


def test_the_margin_is_the_distance_to_the_line() -> None:
    """Positive on the passing side, in the metric's unit and in half-widths; a fail has a negative one."""
    held = hold(read_line("<= 0.15"), around(0.201, 0.003), {})
    assert held.verdict == "fail"
    assert held.margin == pytest.approx(-0.051)
    assert held.half_widths == pytest.approx(-17.0)
    better = hold(read_line(">= 0.35"), around(0.70, 0.05), {})
    assert (better.margin, better.half_widths) == (pytest.approx(0.35), pytest.approx(7.0))


def test_what_cannot_be_judged_says_why() -> None:
    """No such quantity and an empty base do not apply; a value not reached, or without an interval, is unsure."""
    line = read_line(">= 0.5")
    assert hold(line, None, {}).verdict == "does not apply"
    assert hold(line, Reading(None, None, None, 0, "rate", "cases", "empty"), {}).verdict == "does not apply"
    not_reached = hold(line, Reading(None, None, None, 40, "min", "cases", "not reached"), {})
    assert (not_reached.verdict, not_reached.reason) == ("unsure", "not reached")
    alone = hold(line, Reading(0.9, None, None, 40, "rate", "cases"), {})
    assert (alone.verdict, alone.half_widths) == ("unsure", None)
    assert "replications" in alone.reason


def test_a_line_at_the_end_of_a_share_asks_whether_a_case_was_otherwise() -> None:
    """None of 40 passes "none" and fails "some", though its interval reaches 9 %; it does not prove "under 5 %"."""
    none, every = Reading(0.0, 0.0, 0.088, 40, "rate", ""), Reading(1.0, 0.912, 1.0, 40, "rate", "")
    assert [hold(read_line(text), none, {}).verdict for text in ("<= 0", "> 0", "<= 0.05")] == [
        "pass",
        "fail",
        "unsure",
    ]
    assert [hold(read_line(text), every, {}).verdict for text in (">= 1", "< 1")] == ["pass", "fail"]


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.rule)
def test_every_shipped_rule_at_above_and_below_its_line(rule: RuleDefinition) -> None:
    """The rule passes on one side, fails on the other, and is unsure when the interval straddles its line."""
    assert rule.passes is not None
    line, step = rule.passes, 1e-3
    threshold = line.threshold if isinstance(line.threshold, float) else LIMITS[line.threshold]
    service, stage = rule.applies_to.services[0], rule.applies_to.stages[0]

    def verdict(reading: Reading) -> str:
        return judge_rules([rule], {rule.metric: reading}, LIMITS, service, stage)[0].verdict

    up = line.comparator.startswith(">")
    assert verdict(exactly(threshold + step)) == ("pass" if up else "fail")
    assert verdict(exactly(threshold - step)) == ("fail" if up else "pass")
    assert verdict(exactly(threshold)) == ("pass" if line.comparator.endswith("=") else "fail")
    assert verdict(around(threshold, step)) == "unsure"
    assert judge_rules([rule], {}, LIMITS, service, stage)[0].verdict == "does not apply"


def test_the_brief_s_lines_are_the_shipped_ones() -> None:
    """The numbers of the method, by rule; whoever changes one has to change it here, too."""
    lines = {rule.rule: str(rule.passes) for rule in RULES.rules}
    assert lines == {
        "call-abandonment": "< call_centre.abandonment_limit",
        "writeback-scale": ">= 0.95",
        "untouched-bucket": ">= 0.5",
        "writeback-operations": ">= 0.98",
        "writeback-signal": "> 0.99",
        "completion-of-engaged": ">= 0.35",
        "time-to-resolution": "<= 1440.0",
        "deflection": ">= 0.5",
        "exceptions": "<= 0.2",
        "exceptions-at-pilot": "<= 0.15",
        "completion-gap": "<= 0.15",
        "call-wait": "< call_centre.wait_limit_s",
        "audit-chain": "<= 0.0",
        "routine-needs-agent": "<= 0.2",
        "duplicates": "<= 0.0",
        "contact-breaches": "<= 0.0",
    }
    assert LIMITS["call_centre.abandonment_limit"] == 0.10


def test_a_rule_for_others_does_not_apply() -> None:
    """Exceptions are no rule for assisted service; the stricter line holds at the pilot stage only."""
    rules = [rule for rule in RULES.rules if rule.metric == "exception_rate"]
    readings = {"exception_rate": exactly(0.18)}

    def verdicts(service: str, stage: str) -> list[str]:
        return [one.verdict for one in judge_rules(rules, readings, LIMITS, service, stage)]  # type: ignore[arg-type]

    assert verdicts("self_service", "pilot") == ["pass", "fail"]
    assert verdicts("self_service", "scale") == ["pass", "does not apply"]
    assert verdicts("assisted", "pilot") == ["does not apply", "does not apply"]


def test_a_rule_without_a_line_is_our_fault() -> None:
    """Lines are filled in when the file is read; a missing one is never judged as if it were there."""
    bare = RULES.rules[0].model_copy(update={"passes": None})
    with pytest.raises(RuleBroken, match="no line"):
        judge_rules([bare], {}, LIMITS, "assisted", "pilot")


PATTERNS = {
    "reach": {"engagement_rate": 0.31, "completion_of_engaged_rate": 0.70},
    "not-the-channel": {"delivered_rate": 0.70, "completion_of_engaged_rate": 0.25},
    "integration": {"acted_of_identified_rate": 0.80, "cleanup_of_acted_rate": 0.30},
    "policy-or-evidence": {"completion_of_engaged_rate": 0.70, "later_disputes_rise": 0.03},
    "policy-too-broad": {"segment_exception_excess": 0.12},
}
SPOILT = {
    "reach": ("engagement_rate", 0.50),
    "not-the-channel": ("completion_of_engaged_rate", 0.36),
    "integration": ("cleanup_of_acted_rate", 0.29),
    "policy-or-evidence": ("later_disputes_rise", 0.02),
    "policy-too-broad": ("segment_exception_excess", 0.10),
}


@pytest.mark.parametrize("leak", RULES.leaks, ids=lambda leak: leak.leak)
def test_every_leak_is_found_missed_unsure_and_silent(leak: object) -> None:
    """The method's own example shows the pattern; one number on the wrong side hides it; a straddle is unsure."""
    name = leak.leak  # type: ignore[attr-defined]
    readings = {key: exactly(value) for key, value in PATTERNS[name].items()}
    quantity, value = SPOILT[name]

    def presence(changes: dict[str, Reading]) -> str:
        return find_leaks([leak], {**readings, **changes}, {})[0].presence  # type: ignore[list-item]

    assert presence({}) == "found"
    assert presence({quantity: exactly(value)}) == "not found"
    assert presence({quantity: around(value, 0.02)}) == "unsure"
    assert find_leaks([leak], {}, {})[0].presence == "does not apply"  # type: ignore[list-item]


CLOSED = {
    "person_steps": counted(0, "steps"),
    "channel_changes": counted(0, "steps"),
    "identity_checks": counted(1, "steps"),
    "person_waits": counted(0, "steps"),
    "rekeyed_rate": exactly(0.0),
    "same_journey_rate": exactly(0.85),
    "policy_checked_rate": exactly(0.99),
    "outside_policy_rate": exactly(0.0),
    "weak_identity_rate": exactly(0.0),
    "trail_breaks": counted(0, "rows"),
    "proven_rate": exactly(0.99),
}
"""A policy-aware closed loop, by hand."""


@pytest.mark.parametrize(
    ("changes", "stage", "lacks"),
    [
        ({}, 4, []),
        ({"policy_checked_rate": exactly(0.90)}, 4, []),
        ({"policy_checked_rate": exactly(0.89)}, 3, ["policy_checked_rate"]),
        ({"outside_policy_rate": exactly(0.01)}, 3, ["outside_policy_rate"]),
        ({"channel_changes": counted(1, "steps")}, 3, ["channel_changes"]),
        ({"channel_changes": counted(2, "steps")}, 2, ["channel_changes"]),
        ({"rekeyed_rate": exactly(0.05)}, 4, []),
        ({"rekeyed_rate": exactly(0.06)}, 2, ["rekeyed_rate"]),
        ({"rekeyed_rate": around(0.05, 0.01)}, 2, ["rekeyed_rate"]),
        ({"identity_checks": counted(2, "steps")}, 2, ["identity_checks"]),
        ({"person_steps": counted(1, "steps")}, 1, ["person_steps"]),
    ],
)
def test_each_stage_is_reached_by_a_hand_made_design(
    changes: dict[str, Reading], stage: int, lacks: list[str]
) -> None:
    """Stages 1 to 4, at, above and below each line; what is unsure does not lift a design."""
    found = place(RULES.maturity, {**CLOSED, **changes}, {})
    assert found.stage == stage
    assert [one.condition.quantity for one in found.missing] == lacks


@pytest.mark.parametrize(
    ("question", "changes", "reply"),
    [
        ("same-journey", {}, "yes"),
        ("same-journey", {"same_journey_rate": exactly(0.50)}, "yes"),
        ("same-journey", {"same_journey_rate": exactly(0.49)}, "unclear"),
        ("same-journey", {"channel_changes": counted(1, "steps")}, "unclear"),
        ("same-journey", {"channel_changes": counted(2, "steps")}, "no"),
        ("same-journey", {"person_waits": counted(1, "steps")}, "no"),
        ("identity-first", {}, "yes"),
        ("identity-first", {"weak_identity_rate": exactly(0.001)}, "no"),
        ("identity-first", {"weak_identity_rate": around(0.001, 0.002)}, "unclear"),
        ("identity-first", {"weak_identity_rate": Reading(None, None, None, 0, "rate", "")}, "unclear"),
        ("eligible-only", {}, "yes"),
        ("eligible-only", {"outside_policy_rate": exactly(0.01)}, "unclear"),
        ("eligible-only", {"outside_policy_rate": exactly(0.011)}, "no"),
        ("no-rekeying", {}, "yes"),
        ("no-rekeying", {"rekeyed_rate": exactly(0.02)}, "yes"),
        ("no-rekeying", {"rekeyed_rate": exactly(0.03)}, "unclear"),
        ("no-rekeying", {"rekeyed_rate": exactly(0.51)}, "no"),
        ("provable", {}, "yes"),
        ("provable", {"proven_rate": exactly(0.95)}, "yes"),
        ("provable", {"proven_rate": exactly(0.94)}, "unclear"),
        ("provable", {"proven_rate": exactly(0.49)}, "no"),
        ("provable", {"trail_breaks": counted(1, "rows")}, "no"),
    ],
)
def test_every_question_is_answered_by_its_lines(
    question: str, changes: dict[str, Reading], reply: str
) -> None:
    """Yes, no and unclear, at, above and below each line; the findings are those that decide."""
    asked = [one for one in RULES.questions if one.question == question]
    (found,) = answer(asked, {**CLOSED, **changes}, {})
    assert found.reply == reply
    if changes:
        assert set(changes) <= {one.condition.quantity for one in found.findings}


def answers(open_ones: int) -> tuple[object, ...]:
    """The five questions, the first few of them not answered yes."""
    readings = dict(CLOSED)
    for quantity in ("weak_identity_rate", "outside_policy_rate", "proven_rate")[:open_ones]:
        del readings[quantity]
    return answer(RULES.questions, readings, {})


@pytest.mark.parametrize(
    ("rule", "reading", "open_ones", "decision", "first"),
    [
        (None, None, 0, "go", None),
        (None, None, 1, "go", None),
        (None, None, 2, "stop", "identity-first"),
        (None, None, 3, "stop", "identity-first"),
        ("untouched-bucket", exactly(0.49), 0, "stop", "untouched-bucket"),
        ("untouched-bucket", exactly(0.49), 2, "stop", "untouched-bucket"),
        ("untouched-bucket", around(0.50, 0.01), 0, "hold", "untouched-bucket"),
        ("deflection", exactly(0.49), 0, "hold", "deflection"),
        ("deflection", around(0.50, 0.01), 1, "hold", "deflection"),
        ("deflection", exactly(0.49), 2, "stop", "identity-first"),
        ("writeback-signal", exactly(0.985), 0, "go", None),
        ("writeback-signal", around(0.99, 0.001), 0, "go", None),
    ],
)
def test_the_decision_follows_the_stated_rule(
    rule: str | None, reading: Reading, open_ones: int, decision: str, first: str | None
) -> None:
    """Stop before hold before go; two open questions stop, one does not; a look never holds anybody up."""
    rules = [one for one in RULES.rules if one.rule == rule]
    verdicts = judge_rules(rules, {one.metric: reading for one in rules}, LIMITS, "self_service", "pilot")
    found = decide(RULES.decisions, verdicts, answers(open_ones))  # type: ignore[arg-type]
    assert found.decide == decision
    assert (found.grounds[0].name if found.grounds else None) == first


def test_what_decided_is_named_first_by_weight() -> None:
    """Of several failures the higher level comes first, then the order of the file."""
    readings = {
        "deflection_rate": exactly(0.1),
        "bucket_completed_untouched": exactly(0.1),
        "writeback_success_rate": exactly(0.97),
        "call_abandonment_rate": exactly(0.5),
    }
    verdicts = judge_rules(RULES.rules, readings, LIMITS, "self_service", "pilot")
    found = decide(RULES.decisions, verdicts, ())
    assert [ground.name for ground in found.grounds] == ["call-abandonment", "untouched-bucket"]
    heaviest = worst(verdicts)
    assert heaviest is not None
    assert heaviest.rule.rule == "call-abandonment"
    assert worst(judge_rules(RULES.rules, {}, LIMITS, "self_service", "pilot")) is None


@pytest.mark.parametrize(
    ("steps", "waits", "declared", "service"),
    [
        (0, 0, False, "self_service"),
        (1, 0, False, "assisted"),
        (0, 1, False, "assisted"),
        (0, 0, True, "assisted"),
    ],
)
def test_a_design_a_person_must_post_is_assisted(
    steps: int, waits: int, declared: bool, service: str
) -> None:
    """Whatever its file calls it."""
    assert service_of(person_steps=steps, person_waits=waits, declared_assisted=declared) == service


@pytest.mark.parametrize("text", ["=> 0.3", "0.3", "== 1", ">= a lot", ">= ", "", 5])
def test_a_line_that_is_none_is_refused(text: object) -> None:
    """A wrong comparator, a missing or a strange number: the message shows what is allowed."""
    with pytest.raises(ValueError, match="allowed"):
        read_line(text)


def test_a_condition_names_its_quantity() -> None:
    """A condition is a quantity and a line; the line may be the path of a setting."""
    condition = read_condition("call_wait_busy_s < call_centre.wait_limit_s")
    assert condition.quantity == "call_wait_busy_s"
    assert condition.line == Line("<", "call_centre.wait_limit_s")
    with pytest.raises(ValueError, match="allowed"):
        read_condition(">= 0.3")
