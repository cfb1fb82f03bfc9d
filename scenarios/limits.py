"""How far a setting may go before a design breaks a condition: theory's preview, then the simulation's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isclose

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.limits import CONFIDENCE, SCANNED, Ask, Kind, LimitFound, Stage, ToldBy, find_limit
from sandbox.experiment.verdict import Condition
from sandbox.scorecard.definitions import MetricDefinition
from scenarios.calls import CallsReport
from scenarios.executor import workers_held
from scenarios.library import metrics_document
from scenarios.limit_grid import Number, bounds_of, grid, place_words
from scenarios.limit_knee import knee_of
from scenarios.population import given_over
from scenarios.preview import METHOD, PREVIEWED, Preview, left_out_by, preview
from scenarios.progress import OnAhead, OnProgress, ShouldStop
from scenarios.result import Metric
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.searching import Lane, Rounds, SearchRun, held, run_searches, runs_ahead, search_run
from scenarios.setting_texts import FACTOR
from scenarios.spec import Scenario, load_scenario
from scenarios.wiring.plan import busy_hours

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


@dataclass(frozen=True, slots=True)
class LimitPoint:
    """One value that was run.

    Attributes:
        value: of the setting.
        stage: search, or confirmation on fresh replications.
        metrics: one for each condition, judged by it at the level it was asked at.
        level: two-sided level of the intervals.
    """

    value: Number
    stage: Stage
    metrics: tuple[Metric, ...]
    level: float


@dataclass(frozen=True, slots=True)
class TheoryLimit:
    """What the preview says.

    Attributes:
        value: the furthest value at which it keeps the conditions it knows; None if there is none.
        kind: within the bounds, beyond them, or broken from the start.
        curve: value of the setting to one figure for each condition, None where theory has none.
        rising: conditions hold at low values and break at high ones; None where the setting moves nothing it knows.
    """

    value: Number | None
    kind: Kind
    curve: dict[Number, tuple[float | None, ...]]
    rising: bool | None = True


@dataclass(frozen=True, slots=True)
class DesignLimit:
    """One design's limit.

    Attributes:
        name, title: of the design.
        kind: where the limit lies.
        value: the furthest confirmed value, None where nothing was confirmed.
        rising: the answer is the largest value; else the smallest.
        told_by: what says which of the two it is; a guess where nothing does.
        points: everything run, by value, the search before the confirmation.
        knee: value from which the first condition's metric rises steeply, or None.
        bends: neighbouring values between which the curve clearly turns back.
        theory: the preview, None where it knows nothing of the conditions or the setting.
        left_out: what of the scenario the preview leaves out, for this design.
    """

    name: str
    title: str
    kind: Kind
    value: Number | None
    rising: bool
    told_by: ToldBy
    points: tuple[LimitPoint, ...]
    knee: Number | None
    bends: tuple[tuple[Number, Number], ...]
    theory: TheoryLimit | None
    left_out: tuple[str, ...]

    @property
    def direction(self) -> bool | None:
        """Whether the answer is the largest value; None where nothing told."""
        return None if self.told_by == "nothing" else self.rising

    def confirmed(self, value: Number | None) -> LimitPoint | None:
        """The confirmation run at a value, if there was one."""
        return next((one for one in self.points if one.stage == "confirm" and one.value == value), None)

    @property
    def refused(self) -> LimitPoint | None:
        """The first value beyond the limit that could not be confirmed."""
        failed = [one for one in self.points if one.stage == "confirm" and one.value != self.value]
        beyond = [one for one in failed if self.value is None or (one.value > self.value) == self.rising]
        return min(beyond, key=lambda one: one.value if self.rising else -one.value, default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of all designs.

    Attributes:
        scenario, title, seed, replications, search_replications: what was run.
        vary, current: the setting and its value in the scenario.
        values: the grid.
        keep: the conditions, as read.
        definitions: of their metrics, by name.
        designs: by name, in the scenario's order.
        confidence: one-sided, of every limit.
        method: name of the preview.
        notes, messages_most: what has to be said of it; messages that take each case of a case file once, or None.
    """

    scenario: str
    title: str
    seed: int
    replications: int
    search_replications: int
    vary: str
    current: object
    values: tuple[Number, ...]
    keep: tuple[Condition, ...]
    definitions: dict[str, MetricDefinition]
    designs: dict[str, DesignLimit]
    confidence: float = CONFIDENCE
    method: str = METHOD
    notes: tuple[str, ...] = ()
    messages_most: int | None = None


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
        world = self.request.world
        text = f"{self.request.vary}={self.values[place]}"
        return prepare(replace(world, settings=(*world.settings, text)))[0]


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
        Cancelled: stopped on request.
    """
    world = plan.scenario, plan.calls
    passed = through_gate(plan.request.world, world, plan.designs[0], on_progress, should_stop)
    found = search_limits(plan, on_progress, should_stop, on_theory, on_ahead)
    given = given_over(plan, found)
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
        {name: _told(plan, name, found[name], theory) for name in plan.designs},
    )


def _told(plan: LimitPlan, name: str, found: LimitFound, theory: _Theory) -> DesignLimit:
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
        knee_of([(one.value, one.metrics[0]) for one in points if one.stage == "search"], keep[0]),
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
