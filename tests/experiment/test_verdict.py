"""Conditions and verdicts: at, above and below the line, for every comparator."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.intervals import Estimate, ratio_interval
from sandbox.experiment.verdict import Comparator, Condition, Outcome, judge, parse_that


def interval(low: float | None, high: float | None) -> Estimate:
    """An estimate of which only the ends matter."""
    return Estimate(None if low is None else low, low, high, 4, None)


@pytest.mark.parametrize(
    ("low", "high", "less", "at_most", "more", "at_least"),
    [
        (0.05, 0.09, "pass", "pass", "fail", "fail"),
        (0.05, 0.10, "unsure", "pass", "fail", "unsure"),
        (0.05, 0.15, "unsure", "unsure", "unsure", "unsure"),
        (0.10, 0.15, "fail", "unsure", "unsure", "pass"),
        (0.11, 0.15, "fail", "fail", "pass", "pass"),
        (0.10, 0.10, "fail", "pass", "fail", "pass"),
    ],
)
def test_every_side_of_the_line(
    low: float, high: float, less: Outcome, at_most: Outcome, more: Outcome, at_least: Outcome
) -> None:
    """Below, touching, straddling, on and above 0.10, each comparator decides as its sign says."""
    estimate = interval(low, high)
    outcomes = [judge(estimate, comparator, 0.10) for comparator in ("<", "<=", ">", ">=")]
    assert outcomes == [less, at_most, more, at_least]


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">="])
def test_no_interval_settles_nothing(comparator: Comparator) -> None:
    """One unit or an empty base is unsure, however far the value is from the line."""
    assert judge(ratio_interval([1], [100]), comparator, 0.5) == "unsure"
    assert judge(ratio_interval([], []), comparator, 0.5) == "unsure"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("call_abandonment_rate < 0.10", Condition("call_abandonment_rate", "<", 0.10)),
        ("completion_rate>=0.35", Condition("completion_rate", ">=", 0.35)),
        ("  wait_s_p90 <= 120  ", Condition("wait_s_p90", "<=", 120.0)),
        ("gap > -.5", Condition("gap", ">", -0.5)),
        ("cost > 1e3", Condition("cost", ">", 1000.0)),
    ],
)
def test_conditions_are_read(text: str, condition: Condition) -> None:
    """Metric, comparator and number are read with or without spaces."""
    assert parse_that(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "completion_rate",
        "0.10 > rate",
        "rate == 0.1",
        "rate => 0.1",
        "a < b < 1",
        "rate < < 1",
        "ra te < 1",
    ],
)
def test_malformed_conditions_show_the_grammar(text: str) -> None:
    """Anything else is refused with what was found and the grammar."""
    with pytest.raises(BadInput, match="METRIC < NUMBER") as refused:
        parse_that(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("number", ["", "ten", "nan", "inf", "1e999", "0x10", "1_0", "0,10"])
def test_the_threshold_must_be_a_plain_number(number: str) -> None:
    """Words, infinities and other spellings of a number are refused."""
    with pytest.raises(BadInput, match="plain finite number"):
        parse_that(f"rate < {number}")


def test_a_percent_is_refused_with_its_share() -> None:
    """10% is refused and 0.1 offered, since rates are shares."""
    with pytest.raises(BadInput, match=r"write 0\.1$"):
        parse_that("rate < 10%")


@pytest.mark.parametrize(
    ("number", "told"),
    [("5", r"for 5 % write 0\.05$"), ("10", r"write 0\.1$"), ("-0.1", "0 to 1$"), ("500", "0 to 1$")],
)
def test_a_rate_is_held_against_a_share(number: str, told: str) -> None:
    """A percent without its sign is refused with its share; other metrics may have any threshold."""
    with pytest.raises(BadInput, match=told):
        parse_that(f"call_abandonment_rate < {number}", None, {"call_abandonment_rate"})
    assert parse_that(f"wait_s < {number}", None, {"call_abandonment_rate"}).threshold == float(number)
    for end in (0.0, 1.0):
        assert parse_that(f"rate <= {end}", None, {"rate"}).threshold == end


def test_an_unknown_metric_gets_the_nearest_name() -> None:
    """A misspelt metric is answered with the closest known one and the whole list."""
    known = ["completion_rate", "call_abandonment_rate"]
    with pytest.raises(BadInput, match="did you mean 'completion_rate'") as refused:
        parse_that("completoin_rate > 0.3", known)
    assert "call_abandonment_rate, completion_rate" in str(refused.value)
    assert parse_that("completion_rate > 0.3", known).metric == "completion_rate"


def test_every_fault_is_listed() -> None:
    """An unknown metric and a bad number are both reported."""
    with pytest.raises(BadInput) as refused:
        parse_that("zzz < soon", ["completion_rate"])
    assert len(refused.value.problems) == 2
    assert "did you mean" not in refused.value.problems[0]
