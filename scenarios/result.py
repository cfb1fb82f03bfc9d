"""The one result object every front end reads: the command line, the screens and the JSON writer.

Rates are 0..1, times carry their unit, and a metric that does not apply has value None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sandbox.scorecard.judgement import Ground, Reading
from sandbox.scorecard.judgement import Verdict as RuleVerdictWord
from sandbox.scorecard.rules import Decide, Level

Verdict = Literal["pass", "fail", "unsure", "not judged"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One estimated metric with its 95 % interval.

    Attributes:
        value: the estimate, or None when it does not apply or is not reached.
        unit: "rate", "s", "min", "h", "count" or a currency code.
        n: how many base items (cases, calls, ...) the estimate rests on, over all replications, in `n_unit`.
        low: lower end of the interval, or None.
        high: upper end of the interval, or None.
        base: what the metric is a share or mean of, in words.
        note: why a value is missing or what to keep in mind, or empty.
        verdict: against the decision rule of metrics.yaml; None when it has no rule.
        rule: the decision rule in words ("< 0.10"), or empty.
        n_unit: what `n` is in: "count", or "ms" where the base is time.
    """

    value: float | None
    unit: str
    n: int
    low: float | None
    high: float | None
    base: str
    note: str = ""
    verdict: Verdict | None = None
    rule: str = ""
    n_unit: str = "count"


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """Cases that reached a stage, mean per replication.

    Attributes:
        stage: its name in the result.
        title: its name for people.
        count: cases, or None where the stage cannot be observed (an SMS reports no open) or does not occur.
        beside: a stage beside the way through the funnel (exceptions; opens, which not every channel reports),
            not one after the others.
    """

    stage: str
    title: str
    count: float | None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class HalfHour:
    """The call centre in one half hour of the day, mean over days and replications.

    Attributes:
        start: local clock time, "HH:MM".
        offered, abandoned: calls per day in this half hour.
        mean_wait_s: mean wait of all callers offered in it, None without calls.
        mean_queue: time-averaged number waiting.
        mean_busy: time-averaged agents busy.
        agents: agents staffed.
    """

    start: str
    offered: float
    abandoned: float
    mean_wait_s: float | None
    mean_queue: float
    mean_busy: float
    agents: float


@dataclass(frozen=True, slots=True)
class OutreachCounts:
    """What became of the planned touches, mean of a replication; planned = sent + skipped, always.

    Attributes:
        planned: touches planned for the cases that policy let in.
        sent: touches that left.
        skipped: the others, by reason.
        replies: answers that asked not to be messaged, by what they were understood as.
    """

    planned: float = 0.0
    sent: float = 0.0
    skipped: dict[str, float] = field(default_factory=dict)
    replies: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric unit by unit, in the metric's own unit; None where a unit has nothing in its base.

    Attributes:
        days: of every campaign day, replication after replication; empty where a day has no value of its own.
        replications: of every replication.
    """

    days: tuple[float | None, ...]
    replications: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One decision rule and how a design came out; JSON and words of every decision are made from it.

    Attributes:
        rule, metric: its name, and the metric or computed quantity it is held against.
        fails: what a failure calls for.
        verdict: how it came out.
        comparator, threshold: the line, in the metric's unit.
        margin: distance to the line in the metric's unit, positive on the passing side; None without a value.
        half_widths: the same in half-widths of the interval; None where that has no width.
        reason: why there is no verdict, or why it is unsure without an interval; else empty.
        means, inspect: what a failure says, and what to look at then.
        found: the evidence, or None where there is none.
    """

    rule: str
    metric: str
    fails: Level
    verdict: RuleVerdictWord
    comparator: str
    threshold: float
    margin: float | None
    half_widths: float | None
    reason: str
    means: str
    inspect: str
    found: Reading | None


@dataclass(frozen=True, slots=True)
class MetricDecision:
    """What the rules that metrics answer decide on a design: the best that `sandbox diagnose` can still come to.

    Attributes:
        decide: go, hold or stop. What is unanswered can only make it worse, so a stop is final.
        grounds: what decided it, the weightiest first; go has none.
        rules: every rule that metrics answer.
        unanswered: the other rules and the questions, by name: what `sandbox diagnose` adds.
    """

    decide: Decide
    grounds: tuple[Ground, ...]
    rules: tuple[RuleOutcome, ...]
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DesignResult:
    """Everything measured for one design over all replications.

    `segments` holds the metrics of parts of the runs, by dimension, value and metric: "segment" is the arrears band,
    "week" five working days of the campaign, "route" self_service or person. What cannot be cut so is left out.
    `spread` holds what the estimates were made from, by metric. `digests` are those of the replications, in order;
    the JSON form leaves them out.
    """

    name: str
    title: str
    metrics: dict[str, Metric]
    calls: dict[str, Metric]
    funnel: list[FunnelStage]
    buckets: dict[str, Metric]
    half_hours: list[HalfHour]
    conservation: dict[str, float]
    digest: str
    segments: dict[str, dict[str, dict[str, Metric]]] = field(default_factory=dict)
    outreach: OutreachCounts = field(default_factory=OutreachCounts)
    spread: dict[str, Spread] = field(default_factory=dict)
    decision: MetricDecision | None = None
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DesignCosts:
    """What one design costs in a month, mean of a replication.

    Attributes:
        fixed: whatever the volume.
        variable: what grows with the messages.
        per_message: variable cost of one planned message.
        per_resolution: all of it, per recorded case; None without one.
        parts: the variable cost by what it was spent on.
    """

    fixed: float
    variable: float
    per_message: float
    per_resolution: float | None
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """At what volume a design costs what the baseline costs.

    Attributes:
        design, baseline: the two.
        messages: planned messages a month at which the totals are equal, or None.
        note: which is cheaper below and above it, or why there is none.
        messages_per_resolution: volume at which a resolution costs the same, or None.
        note_per_resolution: likewise.
        messages_low, messages_high: 95 % interval of `messages`, along straight lines. High is None with a low where
            it is open: the lines may never meet. Both are None where no volume is left open, or nothing has a spread.
            They stand also without `messages`: the volumes that the runs do not rule out.
        far_outside: `messages` is more than twice, or less than half, of the volume that was run.
        messages_per_resolution_low, messages_per_resolution_high, far_outside_per_resolution: likewise.
    """

    design: str
    baseline: str
    messages: float | None
    note: str
    messages_per_resolution: float | None
    note_per_resolution: str
    messages_low: float | None = None
    messages_high: float | None = None
    far_outside: bool = False
    messages_per_resolution_low: float | None = None
    messages_per_resolution_high: float | None = None
    far_outside_per_resolution: bool = False


@dataclass(frozen=True, slots=True)
class Costs:
    """The money side of a comparison: per design and month, and where two designs break even.

    Attributes:
        currency: of every amount.
        messages: planned messages a month the costs were measured at.
        prices: unit prices by what they are paid for.
        designs: by name.
        break_even: every other design against the baseline.
        basis: how the break-even was reckoned, in words.
    """

    currency: str
    messages: int
    prices: dict[str, float]
    designs: dict[str, DesignCosts]
    break_even: list[BreakEven]
    basis: str


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """`design` minus `baseline` on the same customers, 95 % paired interval."""

    metric: str
    design: str
    baseline: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One `expect:` line and how it came out; "not judged" when its `when` settings do not match."""

    design: str
    that: str
    when: dict[str, object]
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    threshold: float
    reason: str


@dataclass(frozen=True, slots=True)
class MeasureCheck:
    """One reported figure, what the simulation without the campaign gives, and between what it had to lie."""

    name: str
    reported: float
    simulated: float | None
    low: float
    high: float
    reproduced: bool


@dataclass(frozen=True, slots=True)
class BaselineCheck:
    """The call centre without the campaign beside the report it was inferred from.

    Attributes:
        lines: what was taken from the report and how, one sentence each (rows skipped and why included).
        report: figures of the report: offered_per_day, abandonment_rate, mean_wait_s, aht_s, ...
        simulated: the same figures from the simulation without the campaign.
        measures: each reported figure held against its tolerance.
        overridden: a figure is off, and the run was asked for all the same.
    """

    lines: list[str]
    report: dict[str, float | None]
    simulated: dict[str, float | None]
    measures: list[MeasureCheck] = field(default_factory=list)
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one scenario number comes from."""

    path: str
    value: object
    source: str
    range: tuple[float, float] | None
    note: str


@dataclass(frozen=True, slots=True)
class PrecisionTarget:
    """One half width that was asked for.

    Attributes:
        design, metric: of which figure.
        half_width: reached, before any cut at 0 or 1; None without an interval.
        asked: what would have been enough, in the metric's unit.
        met: whether it was reached.
    """

    design: str
    metric: str
    half_width: float | None
    asked: float
    met: bool


@dataclass(frozen=True, slots=True)
class Stopping:
    """Why a comparison that chose its own number of replications stopped where it did.

    Attributes:
        reason: "met" when every half width is as asked, "bound" when the most replications were run.
        most: replications never passed.
        looks: after how many replications the widths were looked at; the last is how many were run.
        targets: what was asked, and reached.
    """

    reason: Literal["met", "bound"]
    most: int
    looks: list[int]
    targets: list[PrecisionTarget]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of one compare (or run) command.

    `messages_most` is with how many messages every case of a case file is run once, None without a file; the JSON
    form leaves it out.
    """

    scenario: str
    title: str
    settings: dict[str, object]
    seed: int
    replications: int
    baseline: str
    designs: dict[str, DesignResult]
    comparisons: list[PairedDifference]
    expectations: list[ExpectationResult]
    provenance: list[Provenance] = field(default_factory=list)
    baseline_check: BaselineCheck | None = None
    notes: list[str] = field(default_factory=list)
    replay: str = ""
    costs: Costs | None = None
    stopping: Stopping | None = None
    messages_most: int | None = None
