"""Which sequence fits: the ranking on made-up outcomes by hand, and the runs behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.errors import BadInput
from sandbox.scorecard.outcome import RunOutcome
from scenarios.run import CompareRequest
from scenarios.sweeps.sequences import design_to_fit, difference, fit_sequences, levels_of, sequence_variants
from scenarios.world.spec import load_scenario
from tests.scenarios.recorded import SMALL, record, scenario_with

DAYS = 10
TRIGGERED = [100] * DAYS
EMPTY = record("in-message").outcome


def outcome(recorded: list[int], sent: list[int]) -> RunOutcome:
    """A run with these completions and messages a day."""
    ratios = {"completion_rate": (recorded, TRIGGERED), "touches_per_completion": (sent, recorded)}
    return replace(EMPTY, ratios=ratios)


def ranking(**runs: tuple[list[int], list[int]]) -> list[list[str]]:
    """The levels of some sequences, each told as (completions, messages) a day."""
    return levels_of({name: [outcome(*days)] for name, days in runs.items()})


def test_more_completions_win_where_they_can_be_told_apart():
    """Two more a day on every day leave no doubt, whatever the touches."""
    assert ranking(few=([20] * DAYS, [100] * DAYS), many=([22] * DAYS, [900] * DAYS)) == [["many"], ["few"]]


def test_what_cannot_be_told_apart_is_ranked_by_its_touches():
    """One more or one less from day to day is no difference: the sequence with fewer touches comes first."""
    swings = [21, 19] * (DAYS // 2)
    assert ranking(dear=([20] * DAYS, [300] * DAYS), lean=(swings, [200] * DAYS)) == [["lean", "dear"]]


@pytest.mark.parametrize(("days_better", "level"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_the_line_between_level_and_better(days_better: int, level: int):
    """One completion more on k of ten days: by hand the paired interval leaves nought out from the fourth day on."""
    more = [21] * days_better + [20] * (DAYS - days_better)
    runs = {"more": [outcome(more, [900] * DAYS)], "less": [outcome([20] * DAYS, [100] * DAYS)]}
    estimate = difference(runs, "less", "more")
    k = days_better / DAYS
    half = 2.2621571628540993 * (k * (1 - k) / (DAYS - 1)) ** 0.5 / 100
    assert (estimate.low, estimate.high) == (pytest.approx(-k / 100 - half), pytest.approx(-k / 100 + half))
    assert len(levels_of(runs)) == level


def test_each_level_is_measured_against_the_highest_that_is_left():
    """Three steps down, each clearly below the last: three levels, and the fewest touches only inside one."""
    runs = {
        "third": ([16] * DAYS, [10] * DAYS),
        "second": ([18] * DAYS, [500] * DAYS),
        "second_lean": ([19, 17] * 5, [400] * DAYS),
        "first": ([20] * DAYS, [900] * DAYS),
    }
    assert ranking(**runs) == [["first"], ["second_lean", "second"], ["third"]]


def test_a_sequence_that_completes_nothing_comes_last():
    """Without completions there are no touches per completion, and no fault."""
    nothing = ([0] * DAYS, [50] * DAYS)
    assert ranking(nothing=nothing, nothing_else=nothing, some=([1] * DAYS, [9] * DAYS)) == [
        ["some"],
        ["nothing", "nothing_else"],
    ]


def test_the_design_is_the_last_named_else_in_message_else_the_last():
    """One design is tried, and a default stands for it."""
    scenario = scenario_with()
    assert design_to_fit(scenario, ("in-message", "portal")) == "portal"
    assert design_to_fit(scenario, None) == "in-message"
    others = replace(scenario, designs={name: scenario.designs[name] for name in ("portal", "bot")})
    assert design_to_fit(others, None) == "bot"
    with pytest.raises(BadInput, match="design 'prtal' is not in scenario"):
        design_to_fit(scenario, ("prtal",))


def test_a_candidate_changes_the_messages_sequence_and_nothing_else():
    """Every variant is the same world with another sequence in one design."""
    scenario = scenario_with()
    for variant in sequence_variants(scenario, "portal"):
        theirs, ours = variant.scenario.designs["portal"], scenario.designs["portal"]
        assert theirs.steps[1:] == ours.steps[1:]
        assert replace(theirs.steps[0], sequence=()) == ours.steps[0]
        assert variant.scenario.document is scenario.document
        wanted = [(touch.channel, touch.wait_days) for touch in scenario.document.sequences[variant.name]]
        assert [(touch.channel, touch.wait_days) for touch in theirs.steps[0].sequence] == wanted


def test_a_candidate_that_outlasts_the_observation_is_refused():
    """The last touch must fall on a day somebody looks at."""
    scenario = load_scenario("retail-bank-200k", ("calendar.follow_up_days=0", "campaign.touch_gap_days=3"))
    with pytest.raises(BadInput) as refused:
        sequence_variants(scenario, "in-message")
    assert (
        "sequences.sms-half-month: found waits that sum to 11; allowed: at most 3"
        in refused.value.problems[0]
    )


@pytest.mark.wide
def test_the_shipped_candidates_are_ranked_on_the_same_cases():
    """The half-month sequence is the campaign's own plan and comes to what in-message came to; the ranks hold."""
    request = CompareRequest("retail-bank-200k", SMALL, seed=1, replications=1, jobs=2)
    found = fit_sequences(request, lambda _: None, lambda: False)
    by_name = {one.name: one for one in found.ranked}
    recorded, triggered = record("in-message").outcome.ratios["completion_rate"]
    own = by_name["sms-half-month"]
    assert own.completion.value == pytest.approx(sum(recorded) / sum(triggered))
    assert {one.completion.n for one in found.ranked} == {sum(triggered)}
    assert own.messages == {"sms": record("in-message").outcome.messages["sms"]}
    assert 4 <= len(found.ranked) <= 6
    assert found.ranked[0].against_best.value == 0.0
    assert [one.level for one in found.ranked] == sorted(one.level for one in found.ranked)
    for before, after in zip(found.ranked, found.ranked[1:], strict=False):
        if before.level == after.level:
            assert before.touches_per_completion.value <= after.touches_per_completion.value
