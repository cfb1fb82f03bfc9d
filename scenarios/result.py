"""The one result object every front end reads: the command line, the screens and the JSON writer.

Rates are 0..1, times carry their unit, and a metric that does not apply has value None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["pass", "fail", "unsure", "not judged"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One estimated metric with its 95 % interval.

    Attributes:
        value: the estimate, or None when it does not apply or is not reached.
        unit: "rate", "s", "min", "h", "count" or a currency code.
        n: how many base items (cases, calls, ...) the estimate rests on, over all replications.
        low: lower end of the interval, or None.
        high: upper end of the interval, or None.
        base: what the metric is a share or mean of, in words.
        note: why a value is missing or what to keep in mind, or empty.
        verdict: against the decision rule of metrics.yaml; None when it has no rule.
        rule: the decision rule in words ("< 0.10"), or empty.
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


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """Cases that reached a stage, mean per replication."""

    stage: str
    title: str
    count: float


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
class DesignResult:
    """Everything measured for one design over all replications."""

    name: str
    title: str
    metrics: dict[str, Metric]
    calls: dict[str, Metric]
    funnel: list[FunnelStage]
    buckets: dict[str, Metric]
    half_hours: list[HalfHour]
    conservation: dict[str, float]
    digest: str


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
class BaselineCheck:
    """The call centre without the campaign beside the report it was inferred from.

    Attributes:
        lines: what was taken from the report and how, one sentence each (rows skipped and why included).
        report: figures of the report: offered_per_day, abandonment_rate, mean_wait_s, aht_s, ...
        simulated: the same figures from the simulation without the campaign.
    """

    lines: list[str]
    report: dict[str, float | None]
    simulated: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one scenario number comes from."""

    path: str
    value: object
    source: str
    range: tuple[float, float] | None
    note: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of one compare (or run) command."""

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
