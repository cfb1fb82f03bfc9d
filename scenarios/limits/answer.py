"""What a search for a limit leaves behind: the answer of every design, what was run for it, theory beside it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.experiment.limits import CONFIDENCE, Kind, Stage, ToldBy
from sandbox.experiment.verdict import Condition
from sandbox.scorecard.definitions import MetricDefinition
from scenarios.limits.grid import Number
from scenarios.limits.knee import Knee
from scenarios.lines.preview import METHOD
from scenarios.result import Metric


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
        knee: where the first condition's metric turns worse steeply, or None.
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
    knee: Knee | None
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

    def held(self, value: Number) -> bool:
        """Whether every condition was confirmed at a value."""
        at = self.confirmed(value)
        return at is not None and all(metric.verdict == "pass" for metric in at.metrics)

    def lacks(self, place: int) -> bool:
        """Whether the metric of a condition, by its place, had a value nowhere."""
        return all(one.metrics[place].value is None for one in self.points)

    @property
    def searched(self) -> tuple[Number, ...]:
        """The values the search looked at."""
        return tuple(one.value for one in self.points if one.stage == "search")

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

    def at_both_ends(self, one: DesignLimit) -> bool:
        """Whether a design's conditions were confirmed at either end of the range."""
        return one.held(self.values[0]) and one.held(self.values[-1])
