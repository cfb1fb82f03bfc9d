"""How far a setting may go before a design breaks a condition: theory's preview, then the simulation's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isclose

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.knee import Days
from sandbox.experiment.limits import SCANNED, Ask, LimitFound, Stage, find_limit
from sandbox.scorecard.outcome import RunOutcome
from scenarios.calls import CallsReport
from scenarios.executor import workers_held
from scenarios.limits.answer import DesignLimit, LimitPoint, Limits, TheoryLimit
from scenarios.limits.grid import Number, bounds_of, grid, place_words
from scenarios.limits.knee import days_of, knee_of
from scenarios.limits.searching import Lane, Rounds, SearchRun, held, run_searches, runs_ahead, search_run
from scenarios.lines.preview import PREVIEWED, Preview, left_out_by, preview
from scenarios.progress import OnAhead, OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.wiring.plan import busy_hours
from scenarios.world.given_cases import given_over
from scenarios.world.library import metrics_document
from scenarios.world.setting_texts import FACTOR
from scenarios.world.spec import Scenario, load_scenario

__all__ = [
    "DesignLimit",
    "LimitPlan",
    "LimitPoint",
    "LimitRequest",
    "Limits",
    "OnTheory",
    "TheoryLimit",
    "find_limits",
    "plan_limits",
    "search_limits",
    "theory_limits",
]

_SAME = 1e-9
"""Theory's figures at both ends differ by less where the setting is no matter of the lines."""


@dataclass(frozen=True, slots=True)
class LimitRequest:
    """What a front end asks for.

    Attributes:
        world: scenario, settings, designs, seed, replications and workers, as for a comparison.
        keep: conditions, in the grammar of `expect`.
        vary: the setting that is varied, with a star where a factor on it is.
        between: "LOW:HIGH", or None for the setting's own range.
        step: distance of neighbouring values, or None for round ones.
    """

    world: CompareRequest
    keep: tuple[str, ...]
    vary: str
    between: str | None = None
    step: float | None = None


OnTheory = Callable[[dict[str, TheoryLimit]], None]
"""Told what the preview says, before anything is simulated."""


@dataclass(frozen=True, slots=True)
class LimitPlan:
    """A request, validated and ready to run.

    Attributes:
        request: what was asked for.
        scenario: without what is varied.
        designs: names to run.
        values: the grid.
        how: how it is run.
        calls: the interval report the scenario was taken from, or None.
    """

    request: LimitRequest
    scenario: Scenario
    designs: list[str]
    values: tuple[Number, ...]
    how: SearchRun
    calls: CallsReport | None = None

    @property
    def runs(self) -> int:
        """About how many runs it takes."""
        looks = (Ask(0, "search", LEVEL),) * SCANNED
        return runs_ahead([Rounds(looks) for _ in self.designs], self.how).likely

    @property
    def current(self) -> object:
        """What the scenario has of the setting that is varied; of a factor, 1."""
        vary = self.request.vary
        return 1 if vary.endswith(FACTOR) else (self.scenario.settings | self.scenario.inner)[vary]

    def world(self, place: int) -> Scenario:
        """The scenario at a place of the grid."""
        world, vary, value = self.request.world, self.request.vary, self.values[place]
        setting = f"{vary}={value}"
        try:
            return prepare(replace(world, settings=(*world.settings, setting)))[0]
        except BadInput as refused:  # nobody typed that setting: the range asks for it
            there = f"--between {self.values[0]}:{self.values[-1]}: {vary} at {value}:"
            raise BadInput([one.replace(f"--set {setting}:", there) for one in refused.problems]) from None


def plan_limits(request: LimitRequest) -> LimitPlan:
    """Read and check everything a request says, both ends of its range included.

    Raises:
        BadInput: wrong scenario, setting, design, condition, range or step.
    """
    scenario, calls = prepare(request.world)
    designs = chosen_designs(scenario, request.world.designs)
    hours = busy_hours(load_scenario(request.world.scenario).document)
    how = search_run(scenario, request.keep, hours, request.world.jobs, searches=len(designs))
    low, high, whole = bounds_of(scenario, request.vary, request.between)
    values = grid(low, high, whole=whole, step=request.step)
    plan = LimitPlan(request, scenario, designs, values, how, calls)
    for end in (0, len(plan.values) - 1):
        plan.world(end)
    return plan


def theory_limits(plan: LimitPlan) -> dict[str, TheoryLimit]:
    """Return what theory says of each design before anything is simulated; nothing where it knows no condition."""
    theory = _Theory(plan)
    return {name: limit for name in plan.designs if (limit := theory.limit(name)) is not None}


def find_limits(
    plan: LimitPlan,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    on_theory: OnTheory = lambda _: None,
    on_ahead: OnAhead = lambda _: None,
) -> Limits:
    """Search every design's limit, if the call centre without the campaign reproduces its history.

    Args:
        plan: see `plan_limits`.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.
        on_theory: told what the preview says before any limit is simulated.
        on_ahead: told with every round how many runs still come.

    Raises:
        NotReproduced: it does not come back to the history given.
        BadInput: no design has a value of every condition's metric.
        Cancelled: stopped on request.
    """
    world = plan.scenario, plan.calls
    passed = through_gate(plan.request.world, world, plan.designs[0], on_progress, should_stop)
    found = search_limits(plan, on_progress, should_stop, on_theory, on_ahead)
    _check_applies(found)
    values = [point.value for one in found.designs.values() for point in one.points]
    ends = {plan.values.index(value) for value in (min(values), max(values))} if values else set()
    given = given_over(plan.scenario, map(plan.world, sorted(ends)))
    return replace(found, notes=(*passed.notes, *given.notes), messages_most=given.messages_most)


def search_limits(
    plan: LimitPlan,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    on_theory: OnTheory = lambda _: None,
    on_ahead: OnAhead = lambda _: None,
) -> Limits:
    """Search every design's limit in a world that has been through the gate; as `find_limits`.

    Raises:
        Cancelled: stopped on request.
    """
    scenario, how = plan.scenario, plan.how
    theory = _Theory(plan)
    expected = {name: limit for name in plan.designs if (limit := theory.limit(name)) is not None}
    on_theory(expected)
    days: dict[str, dict[Number, Days]] = {name: {} for name in plan.designs}
    lanes = [
        Lane(
            name,
            name,
            plan.world,
            find_limit(
                len(plan.values),
                how.conditions,
                theory.start(expected.get(name)),
                how.gain,
                expected=expected[name].rising if name in expected else None,
                abreast=how.abreast,
            ),
            lambda place: place_words(plan.request.vary, plan.values[place]),
            partial(_note_days, plan, days[name]),
        )
        for name in plan.designs
    ]
    with workers_held(how.jobs) as workers:
        found = run_searches(lanes, replace(how, jobs=workers), on_progress, should_stop, on_ahead)
    definitions = metrics_document().metrics
    return Limits(
        scenario.name,
        scenario.title,
        scenario.document.seed,
        how.replications,
        how.search_replications,
        plan.request.vary,
        plan.current,
        plan.values,
        how.conditions,
        {one.metric: definitions[one.metric] for one in how.conditions},
        {name: _told(plan, name, found[name], theory, days[name]) for name in plan.designs},
    )


def _check_applies(found: Limits) -> None:
    """Refuse a question that no design can answer; one that some can is answered for these."""
    designs = found.designs.values()
    if any(one.kind != "does not apply" for one in designs):
        return
    problems = []
    for place, condition in enumerate(found.keep):
        lacking = [one.name for one in designs if one.lacks(place)]
        if lacking:
            title = found.definitions[condition.metric].title
            text = f"{condition.metric} {condition.comparator} {condition.threshold:g}"
            problems.append(
                f"--keep {text}: {title} has no value in {', '.join(lacking)}; allowed: a metric that a design asked "
                "for has"
            )
    raise BadInput(problems)


def _note_days(plan: LimitPlan, days: dict[Number, Days], ask: Ask, runs: list[RunOutcome]) -> None:
    """Keep of a search run what its knee is looked for in: the days of the first condition's metric."""
    name = plan.how.conditions[0].metric
    found = days_of(runs, name, metrics_document().metrics[name]) if ask.stage == "search" else None
    if found is not None:
        days[plan.values[ask.place]] = found


def _told(
    plan: LimitPlan, name: str, found: LimitFound, theory: _Theory, days: dict[Number, Days]
) -> DesignLimit:
    values, keep = plan.values, plan.how.conditions
    order: dict[Stage, int] = {"search": 0, "confirm": 1}
    seen = sorted(found.seen, key=lambda one: (one.ask.place, order[one.ask.stage]))
    points = tuple(
        LimitPoint(
            values[one.ask.place],
            one.ask.stage,
            tuple(held(condition, reading) for condition, reading in zip(keep, one.readings, strict=True)),
            one.ask.level,
        )
        for one in seen
    )
    limit = theory.limit(name)
    if limit is not None:
        limit = replace(limit, curve=theory.curve(name, sorted({one.ask.place for one in seen})))
    document = plan.scenario.document
    return DesignLimit(
        name,
        plan.scenario.designs[name].title,
        found.kind,
        None if found.place is None else values[found.place],
        found.rising,
        found.told_by,
        points,
        knee_of(
            [(one.value, one.metrics[0]) for one in points if one.stage == "search"],
            keep[0],
            days,
            document.seed,
        ),
        tuple((values[left], values[right]) for left, right in found.bends),
        limit,
        left_out_by(document, plan.scenario.designs[name]),
    )


class _Theory:
    """The preview over the grid, each place reckoned once for all designs."""

    def __init__(self, plan: LimitPlan) -> None:
        self._plan = plan
        self._conditions = plan.how.conditions
        self._at: dict[int, Preview] = {}
        self._silent = not any(one.metric in PREVIEWED for one in self._conditions)
        if not self._silent:
            try:
                self._preview(0)
            except BadInput:  # a setting inside a design or the policy: theory is asked about blocks only
                self._silent = True

    def limit(self, name: str) -> TheoryLimit | None:
        """The furthest place at which theory keeps what it knows of."""
        if self._silent:
            return None
        last = len(self._plan.values) - 1
        first, other = self._room(name, 0), self._room(name, last)
        rising = None if isclose(first, other, abs_tol=_SAME) else first > other
        near, far = (last, 0) if rising is False else (0, last)
        if self._room(name, near) < 0:
            return TheoryLimit(None, "broken", {}, rising)
        if self._room(name, far) >= 0:
            return TheoryLimit(self._plan.values[far], "beyond", {}, rising)
        while abs(far - near) > 1:
            middle = (near + far) // 2
            near, far = (middle, far) if self._room(name, middle) >= 0 else (near, middle)
        return TheoryLimit(self._plan.values[near], "within", {}, rising)

    def start(self, limit: TheoryLimit | None) -> int | None:
        """Where the search begins."""
        return None if limit is None or limit.value is None else self._plan.values.index(limit.value)

    def curve(self, name: str, places: Sequence[int]) -> dict[Number, tuple[float | None, ...]]:
        """What theory says at the places that were run."""
        return {
            self._plan.values[place]: tuple(
                self._preview(place).designs[name].metrics.get(one.metric) for one in self._conditions
            )
            for place in places
        }

    def _room(self, name: str, place: int) -> float:
        metrics = self._preview(place).designs[name].metrics
        return min(
            (one.threshold - metrics[one.metric]) * (1.0 if one.comparator in ("<", "<=") else -1.0)
            for one in self._conditions
            if one.metric in metrics
        )

    def _preview(self, place: int) -> Preview:
        if place not in self._at:
            plan = self._plan
            setting = {plan.request.vary: plan.values[place]}
            self._at[place] = preview(plan.scenario, setting, designs=plan.designs, hours=plan.how.hours)
        return self._at[place]
