"""The tornado: each end is the run one would make by hand; screening only ranks; what is left out changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from sandbox.errors import BadInput, Cancelled
from sandbox.experiment.intervals import ratio_contrast
from sandbox.scorecard.outcome import RunOutcome
from scenarios.executor import InThisProcess
from scenarios.progress import OnProgress
from scenarios.result import Provenance
from scenarios.run import CompareRequest, compare, prepare
from scenarios.summarise import pooled
from scenarios.sweeps.assumptions import SCREENING_DAYS, Assumption, assumptions_of, short_campaign
from scenarios.sweeps.contrasts import Standing, contrast
from scenarios.sweeps.sensitivity import SensitivityRequest, planned, sensitivity
from scenarios.sweeps.tornado import Round, Sensitivity
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.world.exports import export_for, uses
from scenarios.world.library import metrics_document, shipped
from scenarios.world.spec import load_scenario
from tests.scenarios.recorded import DESIGNS, SMALL, run

WORLD = CompareRequest("retail-bank-200k", (*SMALL, "campaign.messages=900"), seed=2, replications=2, jobs=1)
METRICS = metrics_document().metrics
BUSY = frozenset({9, 10, 11, 14})


def request(*only: str, **further: object) -> SensitivityRequest:
    """A tornado over a few assumptions."""
    asked = SensitivityRequest(WORLD, "completion_rate", "in-message", only=only)
    return replace(asked, **further)


def found(asked: SensitivityRequest, rounds: list[Round] | None = None) -> Sensitivity:
    """Run it."""

    def on_round(round_: Round) -> OnProgress:
        """Keep what was told."""
        if rounds is not None:
            rounds.append(round_)
        return lambda _: None

    return sensitivity(planned(asked), on_round, lambda: False)


@cache
def by_hand(design: str, *settings: str) -> list[RunOutcome]:
    """The runs of one design with further settings, outside the tornado."""
    world = prepare(replace(WORLD, settings=(*WORLD.settings, *settings)))[0]
    how = VariantRun(BUSY, 2, jobs=1)
    return run_variants([Variant("it", world, design)], how, lambda _: None, lambda: False)["it"]


@pytest.mark.wide
def test_each_end_is_the_run_one_would_make_by_hand() -> None:
    """The effect at both ends equals the paired difference of that run to the base, calculated apart."""
    (row,) = found(request("identity.code_starts_rate")).varied
    assert not row.screened
    base = pooled(by_hand("in-message"), "completion_rate")
    for name, value in (("low", 0.85), ("high", 0.99)):
        there = pooled(by_hand("in-message", f"identity.code_starts_rate={value}"), "completion_rate")
        expected = ratio_contrast([(1, *there), (-1, *base)])
        assert row.ends[name].value == value
        assert row.ends[name].effect == expected
    assert row.ends["low"].effect.value < 0 < row.ends["high"].effect.value
    assert row.swing == row.ends["high"].effect.value - row.ends["low"].effect.value


@pytest.mark.wide
def test_against_another_design_the_figure_is_the_difference() -> None:
    """An end that only one design uses leaves the other as it is; the effect is a difference of differences."""
    result = found(request("identity.page_drop_rate", against="sms-to-call"))
    (row,) = result.varied
    assert row.assumption.used_by == ("in-message",)
    ours, theirs = by_hand("in-message"), by_hand("sms-to-call")
    there = by_hand("in-message", "identity.page_drop_rate=0.15")
    series = [pooled(runs, "completion_rate") for runs in (there, theirs, ours, theirs)]
    signs = (1, -1, -1, 1)
    expected = ratio_contrast([(sign, *one) for sign, one in zip(signs, series, strict=True)])
    assert row.ends["high"].effect == expected
    base = contrast("completion_rate", METRICS["completion_rate"], [(1, ours), (-1, theirs)])
    assert result.base == base


@pytest.mark.wide
def test_the_decision_and_the_winner_at_an_end_are_those_of_a_comparison() -> None:
    """Where the lines lose a third of their agents the baseline's decision is that of the failed rule."""
    asked = request("call_centre.shrinkage", design="sms-to-call", against="in-message")
    hard = replace(asked, world=replace(WORLD, settings=(*WORLD.settings, "call_centre.agents=1")))
    (row,) = found(hard).varied
    end = row.ends["high"]
    assert "low" not in row.ends
    settings = (*hard.world.settings, "call_centre.shrinkage=0.35")
    comparison = compare(
        replace(WORLD, settings=settings, designs=("sms-to-call", "in-message")),
        lambda _: None,
        lambda: False,
    )
    (difference,) = [one for one in comparison.comparisons if one.metric == "completion_rate"]
    assert end.standing.winner == ("in-message" if difference.low > 0 else "neither")
    assert comparison.designs["sms-to-call"].metrics["call_abandonment_rate"].verdict == "fail"
    assert (end.standing.decision, end.standing.ground) == ("stop", "call-abandonment")


def test_screening_ranks_and_only_the_shortlist_runs_at_full_length() -> None:
    """Three rounds, told beforehand; the large effect is run in full, the others are called screened."""
    rounds: list[Round] = []
    asked = request("identity.page_drop_rate", "identity.page_sigma", "customers.balance_sigma", limit=1)
    result = found(asked, rounds)
    assert [(one.name, one.runs) for one in rounds] == [
        ("as it is", 2),
        ("screening", 7),
        ("at full length", 4),
    ]
    assert rounds[1].share == pytest.approx(SCREENING_DAYS / 22)
    assert [one.later for one in rounds] == [4, 4, 0]
    assert result.screening_days == SCREENING_DAYS
    assert result.varied[0].assumption.path == "identity.page_drop_rate"
    assert [row.screened for row in result.varied] == [False, True, True]


def test_the_short_campaign_has_the_same_load_a_day() -> None:
    """As many cases begin on each day as at full length, and touches keep their place in proportion."""
    full = load_scenario("retail-bank-200k")
    short, _ = prepare(
        CompareRequest("retail-bank-200k", short_campaign(full, CompareRequest("retail-bank-200k")))
    )

    def cases_a_day(document: object) -> float:
        """First touches planned a day."""
        return document.campaign.messages / document.campaign.touches_per_case / document.cohort_days  # type: ignore[attr-defined]

    assert short.document.calendar.working_days == SCREENING_DAYS
    assert cases_a_day(short.document) == pytest.approx(cases_a_day(full.document), rel=1e-3)
    ratio = short.document.campaign.touch_gap_days / SCREENING_DAYS
    assert ratio == pytest.approx(full.document.campaign.touch_gap_days / 22)
    assert short_campaign(short, WORLD) == ()


def test_what_changes_the_length_is_paired_by_replication_and_an_impossible_end_is_told() -> None:
    """Other days cannot be paired day by day; an end the scenario refuses says why."""
    (row,) = found(request("campaign.touches_per_case")).varied
    assert row.ends["low"].effect.n_units == 2
    assert row.ends["high"].effect is None
    assert "campaign.touch_gap_days" in row.ends["high"].refused


@pytest.mark.parametrize("design", DESIGNS)
def test_what_is_said_to_be_unused_changes_nothing(design: str) -> None:
    """Every assumption the mapping calls unused, all at once at either end, leaves every count of a run as it was."""
    scenario = prepare(CompareRequest("retail-bank-200k", SMALL))[0]
    metric = METRICS["completion_rate"]
    unused = [
        one
        for one in scenario.provenance
        if one.range is not None
        and one.source != "published"
        and not uses(scenario.designs[design], one.path, metric)
    ]
    assert len(unused) > 30
    base = run(design)
    money = {name for name, one in METRICS.items() if one.family == "cost"}
    for end in (0, 1):
        other = run(design, tuple(f"{one.path}={one.range[end]}" for one in unused))
        assert other.calls == base.calls
        assert (other.ends, other.reasons, other.resolved_ms) == (base.ends, base.reasons, base.resolved_ms)
        for name in set(base.ratios) - money:
            assert other.ratios[name] == base.ratios[name], name


def test_prices_are_varied_where_money_is_asked_for() -> None:
    """The same price is left out of a completion rate and varied for the cost of a resolution."""
    scenario = load_scenario("retail-bank-200k")

    def paths(metric: str) -> set[str]:
        """What is varied for a metric."""
        return {one.path for one in assumptions_of(scenario, ["in-message"], METRICS[metric], ["costs"])[0]}

    assert paths("completion_rate") == set()
    assert "costs.agent_hour" in paths("cost_per_resolution")


@pytest.mark.parametrize("name", shipped("scenario"))
def test_every_shipped_assumption_has_an_export(name: str) -> None:
    """For each the mapping says what would measure it, or that it is a decision of one's own."""
    scenario = load_scenario(name)
    designs = tuple(scenario.designs)
    taken, _ = assumptions_of(scenario, designs, METRICS["cost_per_resolution"], ())
    assert [one.path for one in taken if one.export is None] == []
    assert export_for("call_centre.patience_s_mean.campaign").command == "sandbox calibrate calls.csv"
    assert export_for("channels.sms.delivered_rate").command == "sandbox calibrate funnel.csv"


def test_a_metric_s_own_rule_counts_as_a_decision() -> None:
    """The same stop for another reason is no change; the watched metric's rule failing where it passed is one."""
    here = Standing("stop", "untouched-bucket", "", "pass")
    assert not here.differs(here._replace(ground="call-abandonment"))
    assert here.differs(here._replace(verdict="fail"))
    assert here.differs(here._replace(decision="hold"))
    asked = request("call_centre.shrinkage", design="sms-to-call", metric="call_abandonment_rate")
    (row,) = found(
        replace(asked, world=replace(WORLD, settings=(*WORLD.settings, "call_centre.agents=2")))
    ).varied
    assert (row.base.verdict, row.ends["high"].standing.verdict) == ("pass", "fail")
    assert list(row.changes) == ["high"]


def test_an_end_that_is_the_value_itself_is_not_run() -> None:
    """A range that begins at its value has one end to run."""
    origin = Provenance("x", 0, "assumption", (0, 5), "")
    assert Assumption(origin, None, ("d",)).ends() == {"high": 5}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request("call_center"), "did you mean"),
        (request(metric="time_to_resolution_median_min"), "found a quantile; allowed: a ratio or a total"),
        (request(metric="completion"), "did you mean"),
        (request(against="in-message"), "found the design itself"),
        (request(against="portl"), "did you mean 'portal'"),
        (request(limit=0), "at least 1"),
        (request(world=replace(WORLD, replications=1)), "at least 2"),
    ],
)
def test_wrong_orders_are_refused(asked: SensitivityRequest, told: str) -> None:
    """Each says what was found and what is allowed, before anything runs."""
    with pytest.raises(BadInput) as refused:
        planned(asked)
    assert told in refused.value.problems[0]


def test_a_request_to_stop_ends_it() -> None:
    """Nothing goes on after a stop."""
    with pytest.raises(Cancelled):
        sensitivity(planned(request("identity.page_drop_rate")), lambda _: lambda _: None, lambda: True)


def test_totals_are_of_a_campaign() -> None:
    """A total's contrast is the mean campaign's, in the metric's own unit, as numpy adds it up."""
    runs: Sequence[RunOutcome] = by_hand("in-message")
    hours = contrast("agent_hours", METRICS["agent_hours"], [(1, runs)])
    expected = sum(sum(one.totals["agent_hours"]) for one in runs) / len(runs) / 3_600_000
    assert hours.value == pytest.approx(expected)


@pytest.mark.wide
def test_one_set_of_workers_serves_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is, screening, full length: whoever was hired first does it all, to the same answer as one process."""
    hired: list[int] = []

    class Pool(InThisProcess):
        def __init__(self, jobs: int) -> None:
            hired.append(jobs)

    monkeypatch.setattr("scenarios.process_pool.ProcessPool", Pool)
    asked = request("identity.code_starts_rate", "identity.page_drop_rate", limit=1)
    rounds: list[Round] = []
    alone = found(asked)
    assert found(replace(asked, world=replace(WORLD, jobs=2)), rounds) == alone
    assert len(rounds) == 3
    assert hired == [2]
