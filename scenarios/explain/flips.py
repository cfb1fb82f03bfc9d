"""The same customers in two designs: whose case ends better, whose worse, whose as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sandbox.draws import Draws
from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import ratio_interval
from sandbox.scorecard.outcome import RunOutcome
from sandbox.scorecard.standing import LEVELS, Standing, standings
from sandbox.simulation.population import accounts
from scenarios.explain.pitfalls import REPLICATIONS_MIN, checked_replications
from scenarios.progress import OnProgress, ShouldStop, until_stopped
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.task import replication_seed
from scenarios.totals import NOTHING, Figure
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import busy_hours, plan_of
from scenarios.world.spec import Scenario, load_scenario

_KINDS = len(Standing)
_LEVEL = np.array([LEVELS[standing] for standing in Standing])


@dataclass(frozen=True, slots=True)
class Flip:
    """Cases that stand in one place under the one design and in another (or the same) under the other.

    Attributes:
        before, after: where they stand.
        cases: mean per replication, with its interval.
        examples: some of them, of the first replication, for `sandbox trace`.
    """

    before: Standing
    after: Standing
    cases: Figure
    examples: tuple[int, ...]

    @property
    def change(self) -> int:
        """Above 0 better, below 0 worse, 0 no better and no worse."""
        return LEVELS[self.after] - LEVELS[self.before]


@dataclass(frozen=True, slots=True)
class SegmentFlips:
    """What became of one segment; mean cases per replication with intervals.

    Attributes:
        segment: arrears band, or whether the customer is vulnerable.
        cases: triggered cases of the segment.
        worse, better, unchanged: how many of them; the last are no better and no worse.
    """

    segment: str
    cases: Figure
    worse: Figure
    better: Figure
    unchanged: Figure


@dataclass(frozen=True, slots=True)
class Flips:
    """Two designs case by case.

    Attributes:
        scenario, seed, replications, before, after: what was run.
        cases: cases of the campaign.
        worse, better, same, sideways: cases by what became of them; the last stand elsewhere, no better and no worse.
        flips: every pair of standings that occurs, those that got worse first, each group by size.
        segments: the same by segment.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    seed: int
    replications: int
    before: str
    after: str
    cases: int
    worse: Figure
    better: Figure
    same: Figure
    sideways: Figure
    flips: tuple[Flip, ...]
    segments: tuple[SegmentFlips, ...]
    notes: tuple[str, ...] = ()


def find_flips(
    request: CompareRequest,
    before: str,
    after: str,
    examples: int,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Flips:
    """Run both designs and compare them case by case.

    Args:
        request: scenario, settings, seed, replications (the scenario's unless said, at least 2) and workers.
        before: a design of the scenario, or a shipped one.
        after: another; the same one again flips nobody.
        examples: cases named per flip, at most.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong scenario, setting or design, or too few replications.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: cases were lost between the two designs.
    """
    replications = flip_replications(request)
    asked = replace(request, designs=(before, after), replications=replications)
    world = prepare(asked)
    scenario = world[0]
    chosen_designs(scenario, (before, after))
    passed = through_gate(asked, world, before, on_progress, should_stop)
    how = VariantRun(
        busy_hours(load_scenario(request.scenario).document), replications, request.jobs, keep_cases=True
    )
    names = flip_runs(before, after)
    variants = [Variant(name, scenario, design) for name, design in zip(names, (before, after), strict=True)]
    found = run_variants(variants, how, on_progress, should_stop)
    pairs = [
        _Pair(one, other) for one, other in zip(*(found[variant.name] for variant in variants), strict=True)
    ]
    cases = plan_of(scenario.document).cases
    if any(len(pair.places) != cases for pair in pairs):
        raise RuleBroken(f"the two designs account for other than their {cases} cases")
    worse, better, same, sideways = (
        _figure([int(which(pair).sum()) for pair in pairs], cases)
        for which in (_Pair.worse, _Pair.better, _Pair.same, _Pair.sideways)
    )
    if all(pair.same().all() for pair in pairs):  # nothing the designs differ in touched a case
        worse = better = sideways = Figure(0.0, 0.0, 0.0)
    return Flips(
        scenario.name,
        scenario.document.seed,
        replications,
        before,
        after,
        cases,
        worse,
        better,
        same,
        sideways,
        _flips(pairs, examples),
        _segments(scenario, pairs, should_stop),
        (*passed.notes, *scenario.notes),
    )


def flip_runs(before: str, after: str) -> tuple[str, str]:
    """Return what the runs of the two designs are called in their progress."""
    return f"from {before}", f"to {after}"


def flip_replications(request: CompareRequest) -> int:
    """Return how often each design is run: as asked, else as the scenario has it, though never once.

    Raises:
        BadInput: one replication was asked for, or a wrong scenario or setting.
    """
    if request.replications is not None:
        return checked_replications(request.replications)
    document = load_scenario(request.scenario, request.settings).document
    return max(REPLICATIONS_MIN, document.replications)


class _Pair:
    """The cases of one replication in both designs."""

    def __init__(self, one: RunOutcome, other: RunOutcome) -> None:
        self.before, self.after = standings(one.case_marks), standings(other.case_marks)
        if len(self.before) != len(self.after):
            raise RuleBroken(f"{len(self.before)} cases in one design, {len(self.after)} in the other")
        self.places = self.before.astype(np.int64) * _KINDS + self.after
        self._change = _LEVEL[self.after] - _LEVEL[self.before]

    def worse(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._change < 0
        return found

    def better(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._change > 0
        return found

    def same(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.before == self.after
        return found

    def sideways(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (self._change == 0) & ~self.same()
        return found

    @property
    def triggered(self) -> npt.NDArray[np.bool_]:
        """Cases policy let in; it decides alike in every design."""
        found: npt.NDArray[np.bool_] = self.before != int(Standing.EXCLUDED)
        return found


def _flips(pairs: Sequence[_Pair], examples: int) -> tuple[Flip, ...]:
    counts = [np.bincount(pair.places, minlength=_KINDS**2) for pair in pairs]
    found = []
    for place in range(_KINDS**2):
        each = [int(count[place]) for count in counts]
        if any(each):
            named = np.flatnonzero(pairs[0].places == place)[:examples].tolist()
            before, after = divmod(place, _KINDS)
            cases = len(pairs[0].places)
            found.append(Flip(Standing(before), Standing(after), _figure(each, cases), tuple(named)))
    return tuple(sorted(found, key=_order))


def _order(flip: Flip) -> tuple[int, float]:
    """Worse, better, moved without being either, unchanged; the most frequent first."""
    group = 0 if flip.change < 0 else 1 if flip.change > 0 else 3 if flip.before is flip.after else 2
    return group, -(flip.cases.value or 0.0)


def _segments(
    scenario: Scenario, pairs: Sequence[_Pair], should_stop: ShouldStop
) -> tuple[SegmentFlips, ...]:
    """By arrears band and by vulnerability, from the accounts as the population draws them."""
    document = scenario.document
    people, cases = people_of(document, scenario.population), plan_of(document).cases
    members: dict[str, list[npt.NDArray[np.bool_]]] = {}
    for replication in range(len(pairs)):
        drawn = accounts(people, Draws(replication_seed(document.seed, replication)), cases)
        every = list(until_stopped(drawn, should_stop))
        bands = np.array([account.arrears_band for account in every])
        for band, _ in people.arrears_bands:
            members.setdefault(f"arrears {band}", []).append(bands == band)
        vulnerable = np.array([account.vulnerable for account in every])
        members.setdefault("vulnerable", []).append(vulnerable)
        members.setdefault("not vulnerable", []).append(~vulnerable)
    found = []
    for segment, belongs in members.items():
        here = [(pair, inside & pair.triggered) for pair, inside in zip(pairs, belongs, strict=True)]
        sums = [
            [int(inside.sum()) for _, inside in here],
            [int((inside & pair.worse()).sum()) for pair, inside in here],
            [int((inside & pair.better()).sum()) for pair, inside in here],
        ]
        sums.append([whole - down - up for whole, down, up in zip(*sums, strict=True)])
        if any(sums[0]):
            found.append(SegmentFlips(segment, *(_figure(each, cases) for each in sums)))
    return tuple(found)


def _figure(each: Sequence[int], cases: int) -> Figure:
    """So many of the cases of a replication: never surer of few of them than an exact share is."""
    found = ratio_interval([float(value) for value in each], [float(cases)] * len(each), share=True)
    if found.low is None or found.high is None:
        return NOTHING
    return Figure(sum(each) / len(each), found.low * cases, found.high * cases)
