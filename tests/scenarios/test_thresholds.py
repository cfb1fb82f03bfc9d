"""Every line drawn on a metric, at it, above it and below it, through the judge that runs in production."""

from __future__ import annotations

import operator

import pytest

from sandbox.scorecard.definitions import MAIN, MetricDefinition, Rule
from scenarios.result import Metric
from scenarios.summarise import judged
from scenarios.world.library import metrics_document
from scenarios.world.spec import load_scenario

SCENARIO = load_scenario("retail-bank-200k")
METRICS = metrics_document().metrics
RULES = [(name, rule) for name, metric in METRICS.items() for rule in metric.rules()]
HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
STEP = 1e-9


def threshold(rule: Rule) -> float:
    """The number of a rule, from the scenario where it names a setting."""
    word = rule.rule.split()[1]
    return float(SCENARIO.settings.get(word, word))  # type: ignore[arg-type]


def verdict(name: str, rule: Rule, low: float, high: float) -> tuple[str | None, str]:
    """What the judge says of an interval, and the rule it says it by."""
    metric = Metric((low + high) / 2, METRICS[name].unit, 100, low, high, METRICS[name].base)
    found = judged(SCENARIO, name, rule.rule, metric)
    return found.verdict, found.rule


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{name}-{rule.name}" for name, rule in RULES])
def test_a_threshold_is_judged_at_above_and_below_it(name: str, rule: Rule):
    """A narrow interval on the line counts as the comparator says; one that straddles it is unsure."""
    line = threshold(rule)
    comparator = HOLDS[rule.rule.split()[0]]
    for value in (line - STEP, line, line + STEP):
        expected = "pass" if comparator(value, line) else "fail"
        assert verdict(name, rule, value, value)[0] == expected, value
    assert verdict(name, rule, line - STEP, line + STEP)[0] == "unsure"
    said = verdict(name, rule, line, line)[1].split()
    assert (said[0], float(said[1])) == (rule.rule.split()[0], line)


def test_what_does_not_apply_is_not_judged():
    """No value, no verdict; no rule, no verdict either."""
    nothing = Metric(None, "rate", 0, None, None, "engaged cases", "does not apply")
    assert judged(SCENARIO, "exception_rate", "<= 0.20", nothing).verdict is None
    some = Metric(0.5, "rate", 10, 0.4, 0.6, "engaged cases")
    assert judged(SCENARIO, "completion_rate", "", some) == some


def test_the_methods_lines_are_all_drawn():
    """The decision rules of the method, word for word: metric, comparator, number and what failing calls for."""
    drawn = {(name, rule.rule): rule.verdict_when_failed for name, rule in RULES}
    assert drawn == {
        ("completion_of_engaged_rate", ">= 0.35"): "hold",
        ("time_to_resolution_median_min", "<= 1440"): "hold",
        ("writeback_success_rate", ">= 0.98"): "hold",
        ("writeback_success_rate", ">= 0.95"): "stop",
        ("writeback_success_rate", "> 0.99"): "note",
        ("deflection_rate", ">= 0.50"): "hold",
        ("exception_rate", "<= 0.20"): "hold",
        ("exception_rate", "<= 0.15"): "stop",
        ("agent_needed_rate", "<= 0.20"): "hold",
        ("completion_gap", "<= 0.15"): "hold",
        ("bucket_completed_untouched", ">= 0.50"): "stop",
        ("call_abandonment_rate", "< call_centre.abandonment_limit"): "hold",
        ("call_wait_busy_s", "< call_centre.wait_limit_s"): "hold",
        ("duplicate_effects", "<= 0"): "stop",
        ("contact_breaches", "<= 0"): "stop",
    }


@pytest.mark.parametrize("name", METRICS)
def test_rules_have_names_meanings_and_a_unique_place(name: str):
    """A reader is told what failing means and what to look at; the main rule comes first under its own name."""
    metric: MetricDefinition = METRICS[name]
    rules = metric.rules()
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.meaning and rule.inspect for rule in rules)
    assert [rule.name for rule in rules[:1]] == ([MAIN] if metric.rule else [])
