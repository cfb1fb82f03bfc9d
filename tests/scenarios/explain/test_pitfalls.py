"""What each failure mode costs: the right differences, ranked, with what they rest on."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.intervals import paired_mean_difference
from scenarios.explain.pitfalls import Pitfalls, find_pitfalls, variant_names
from scenarios.run import CompareRequest
from scenarios.totals import MEASURES, Figure, differences, totals
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from tests.scenarios.recorded import SMALL, scenario_with
from tests.scenarios.small_tasks import TINY

FEW = (*SMALL, "campaign.messages=1200")


RUN: set[tuple[str, int]] = set()
"""Design and replication of every run of the small campaign as the scenario has it."""


@cache
def found(*settings: str) -> Pitfalls:
    """Sixteen variants of a small campaign, twice."""
    request = CompareRequest("retail-bank-200k", (*FEW, *settings), replications=2, jobs=1)
    seen = set() if settings else RUN
    return find_pitfalls(
        request, lambda progress: seen.add((progress.design, progress.replication)), lambda: False
    )


@pytest.mark.wide
def test_sixteen_variants_are_run() -> None:
    """Two designs, and each with one of seven modes the other way; all are named before they run."""
    assert found().pitfalls
    assert len(variant_names()) == 16
    assert {(name, replication) for name in variant_names() for replication in range(2)} == RUN


@pytest.mark.wide
def test_modes_are_ranked_by_completions_lost() -> None:
    """All seven, the dearest first; what takes the action out of the message costs more than where evidence lies."""
    pitfalls = found().pitfalls
    lost = [pitfall.completions_lost for pitfall in pitfalls]
    assert lost == sorted(lost, reverse=True)
    assert len(pitfalls) == 7
    places = {pitfall.mode: place for place, pitfall in enumerate(pitfalls)}
    assert places["bot_escalates"] < places["scattered_evidence"]
    assert places["weak_identity"] < places["no_idempotency"]


@pytest.mark.wide
def test_each_harm_shows_in_its_own_measure() -> None:
    """Breaches come from timing alone; items to reconcile from evidence; the bot sends people to the lines."""
    by_mode = {pitfall.mode: pitfall for pitfall in found().pitfalls}
    breaching = {mode for mode, it in by_mode.items() if it.switched_on["breaches"].value}
    assert breaching == {"rigid_timing"}
    assert (by_mode["scattered_evidence"].switched_on["reconciliation_items"].value or 0) > 0
    assert (by_mode["bot_escalates"].switched_on["calls"].value or 0) > 0
    assert (by_mode["rigid_timing"].switched_off["breaches"].value or 0) < 0


def test_a_mode_behind_another_is_called_masked() -> None:
    """Nobody gets past the bot of message-first to the page that would refuse them: weak identity costs nothing."""
    masked = {pitfall.mode for pitfall in found("campaign.messages=600").pitfalls if pitfall.masked}
    assert "weak_identity" in masked
    assert not masked & {"bot_escalates", "rigid_timing", "generic_content", "portal_login"}


@pytest.mark.wide
def test_a_users_number_holds_in_every_variant_and_is_told() -> None:
    """Set once in either design, by step; the text says that it is the user's."""
    path = "designs.message-first.bot.leaves_rate"
    changed = found(f"{path}=0.6")
    by_mode = {pitfall.mode: pitfall for pitfall in changed.pitfalls}
    usual = {pitfall.mode: pitfall for pitfall in found().pitfalls}
    assert by_mode["bot_escalates"].completions_lost > usual["bot_escalates"].completions_lost
    assert by_mode["portal_login"].switched_on == usual["portal_login"].switched_on
    origins = {origin.path: origin for origin in by_mode["bot_escalates"].assumptions}
    assert (origins["leaves_rate"].value, origins["leaves_rate"].source) == (0.6, "set by user")


def test_a_switch_is_not_for_the_user() -> None:
    """The switches are what is tried here."""
    with pytest.raises(BadInput, match="switch of a failure mode"):
        found("designs.in-message.write_back.idempotent=false")


def test_two_replications_at_least() -> None:
    """One has no spread."""
    once = CompareRequest("retail-bank-200k", FEW, replications=1)
    with pytest.raises(BadInput, match="at least 2"):
        find_pitfalls(once, lambda _: None, lambda: False)


def test_differences_are_paired_by_replication() -> None:
    """Mean and interval are those of the replications' own differences, sum by sum."""
    world = scenario_with(TINY)
    how = VariantRun(busy_hours(world.document), 3, 1)
    variants = [Variant(name, world, name) for name in ("portal", "in-message")]
    runs = run_variants(variants, how, lambda _: None, lambda: False)
    ours, theirs = runs["in-message"], runs["portal"]
    assert set(differences(ours, theirs)) == set(totals(ours)) == set(MEASURES)
    estimate = paired_mean_difference(
        *([outcome.ends["recorded"] for outcome in side] for side in (ours, theirs))
    )
    assert differences(ours, theirs)["completions"] == Figure(*estimate[:3])
    mean = sum(outcome.ends["recorded"] for outcome in ours) / 3
    assert totals(ours)["completions"].value == pytest.approx(mean)
    assert differences(ours, ours)["cost"] == Figure(0.0, 0.0, 0.0)


def test_what_is_not_counted_has_no_figure() -> None:
    """A sum a run cannot tell is None everywhere, not nought."""
    world = scenario_with(TINY)
    how = VariantRun(busy_hours(world.document), 2, 1)
    (runs,) = run_variants([Variant("one", world, "portal")], how, lambda _: None, lambda: False).values()
    if MEASURES["collected"].read(runs[0]) is None:
        assert totals(runs)["collected"] == Figure(None, None, None)
        assert differences(runs, runs)["collected"] == Figure(None, None, None)
