"""A comparison with invented figures, scenarios that exist nowhere, and runners that simulate nothing."""

from __future__ import annotations

import threading
from typing import NamedTuple

from sandbox.errors import Cancelled
from sandbox.scorecard.rules import Service
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.result import (
    Comparison,
    DesignResult,
    ExpectationResult,
    FunnelStage,
    HalfHour,
    Metric,
    PairedDifference,
    Spread,
    Verdict,
)
from tests.decided import with_decision
from tui.cli.orders import Order
from tui.library import Library, MetricWords

NAMES = ("sms-to-call", "portal", "in-message")
TITLES = ("SMS to call centre", "Portal login", "In-message completion")
STARTS = tuple(f"{8 + half // 2:02d}:{30 * (half % 2):02d}" for half in range(20))

_P: Verdict = "pass"
_F: Verdict = "fail"
_U: Verdict = "unsure"

# name: unit, base, rule, n, then (value, half width, verdict) per design
_METRICS: dict[str, tuple[str, str, str, int, tuple[tuple[float | None, float, Verdict | None], ...]]] = {
    "completion_rate": (
        "rate",
        "triggered cases",
        "",
        400_000,
        ((0.041, 0.002, None), (0.058, 0.002, None), (0.112, 0.003, None)),
    ),
    "completion_of_engaged_rate": (
        "rate",
        "engaged cases",
        ">= 0.35",
        62_000,
        ((0.262, 0.011, _F), (0.371, 0.024, _U), (0.718, 0.009, _P)),
    ),
    "completion_in_message_rate": (
        "rate",
        "triggered cases",
        "",
        400_000,
        ((0.0, 0.0, None), (0.0, 0.0, None), (0.108, 0.003, None)),
    ),
    "time_to_resolution_median_min": (
        "min",
        "triggered cases that engaged, open ones censored",
        "",
        62_000,
        ((3_660.0, 120.0, None), (1_140.0, 60.0, None), (6.2, 0.3, None)),
    ),
    "time_to_resolution_p90_min": (
        "min",
        "triggered cases that engaged, open ones censored",
        "<= 1440",
        62_000,
        ((None, 0.0, None), (4_320.0, 300.0, _F), (41.0, 6.0, _P)),
    ),
    "writeback_success_rate": (
        "rate",
        "customer actions completed",
        ">= 0.98",
        16_400,
        ((0.968, 0.002, _F), (0.994, 0.001, _P), (0.999, 0.0005, _P)),
    ),
    "writeback_first_try_rate": (
        "rate",
        "customer actions completed",
        "",
        16_400,
        ((0.951, 0.003, None), (0.971, 0.002, None), (0.972, 0.002, None)),
    ),
    "deflection_rate": (
        "rate",
        "routine cases recorded",
        ">= 0.50",
        14_200,
        ((0.0, 0.0, _F), (0.512, 0.031, _U), (0.931, 0.006, _P)),
    ),
    "exception_rate": (
        "rate",
        "engaged cases",
        "<= 0.20",
        62_000,
        ((0.027, 0.002, _P), (0.061, 0.003, _P), (0.043, 0.002, _P)),
    ),
    "completion_gap": (
        "rate",
        "engaged cases",
        "<= 0.15",
        62_000,
        ((0.262, 0.010, _F), (0.083, 0.005, _P), (0.009, 0.001, _P)),
    ),
}
_CALLS: dict[str, tuple[str, str, str, int, tuple[tuple[float | None, float, Verdict | None], ...]]] = {
    "call_abandonment_rate": (
        "rate",
        "offered attempts, all traffic",
        "< 0.10",
        310_000,
        ((0.523, 0.019, _F), (0.106, 0.012, _U), (0.019, 0.003, _P)),
    ),
    "call_wait_busy_s": (
        "s",
        "all callers in the busy hours",
        "< 60",
        160_000,
        ((121.0, 6.0, _F), (34.0, 3.0, _P), (4.1, 0.8, _P)),
    ),
    "call_wait_answered_s": (
        "s",
        "answered callers",
        "",
        148_000,
        ((137.0, 7.0, None), (31.0, 3.0, None), (3.9, 0.8, None)),
    ),
    "call_wait_worst_half_hour_s": (
        "s",
        "all callers in the worst half hour",
        "",
        22_000,
        ((168.0, 9.0, None), (58.0, 5.0, None), (9.0, 1.4, None)),
    ),
    "agent_occupancy": (
        "rate",
        "staffed agent time",
        "",
        80,
        ((0.996, 0.001, None), (0.871, 0.006, None), (0.642, 0.008, None)),
    ),
    "agent_hours": ("h", "working day", "", 88, ((312.4, 2.1, None), (268.0, 2.6, None), (201.7, 2.4, None))),
    "touches_per_completion": (
        "count",
        "completed cases",
        "",
        16_400,
        ((1.71, 0.02, None), (1.66, 0.02, None), (1.42, 0.01, None)),
    ),
    "cost_per_resolution": (
        "GBP",
        "completed cases",
        "",
        16_400,
        ((21.4, 0.6, None), (12.9, 0.4, None), (4.85, 0.1, None)),
    ),
}
_STAGES = ("Triggered", "Delivered", "Engaged", "Identified", "Acted", "Recorded")
_FUNNEL = (
    (100_000, 96_400, 15_640, 6_130, 4_610, 4_100),
    (100_000, 96_400, 15_640, 7_820, 6_040, 5_800),
    (100_000, 96_400, 15_640, 13_100, 11_290, 11_200),
)
_PEAKS = (64.0, 17.0, 1.6)
_BUCKETS = {"completed_untouched": (0.0, 0.31, 0.66), "completed_after_exception": (0.26, 0.06, 0.06),
            "unresolved": (0.74, 0.63, 0.28)}  # fmt: skip


class CannedScenario(NamedTuple):
    """A scenario entry without a file."""

    name: str
    title: str
    story: str


SCENARIOS = (
    CannedScenario("canned-bank", "An invented bank", "Customers of an invented bank get a message."),
    CannedScenario("canned-quiet", "A quiet day", "Nobody calls, and nothing breaks."),
)


def comparison(*, seed: int = 42, scenario: str = "canned-bank") -> Comparison:
    """Three designs, all metrics, twenty half hours; every figure is invented."""
    return Comparison(
        scenario=scenario,
        title="An invented bank",
        settings={"campaign.messages": 200_000},
        seed=seed,
        replications=4,
        baseline="sms-to-call",
        designs={name: _design(index) for index, name in enumerate(NAMES)},
        comparisons=_differences(),
        expectations=_expectations(),
        notes=["Patience and load are fitted to the case, not measured."],
    )


def progress(*, day: int, done: bool = False, replication: int = 0) -> TaskProgress:
    """One update of the first design."""
    return TaskProgress("sms-to-call", replication, day, 22, day * 1_000, 22_000, done)


class CannedRunner:
    """Returns a result at once, after one progress update; remembers what it was asked."""

    def __init__(self, result: Comparison | None = None) -> None:
        self.result = result or comparison()
        self.asked: list[Order] = []
        self.fault: Exception | None = None

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:  # noqa: ARG002
        """Answer with the canned result."""
        self.asked.append(order)
        on_progress(progress(day=11))
        if self.fault is not None:
            raise self.fault
        return self.result


class PatientRunner:
    """Runs until it is told to stop; `running` is set once it is under way."""

    def __init__(self) -> None:
        self.running = threading.Event()
        self.runs = 0

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:  # noqa: ARG002
        """Work in small pieces, as a simulation does, and look at the flag between them."""
        self.runs += 1
        on_progress(progress(day=11))
        self.running.set()
        pause = threading.Event()
        while not should_stop():
            pause.wait(0.005)
        raise Cancelled("stopped on request")


class FailingRunner:
    """Fails with the error it is given."""

    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:  # noqa: ARG002
        """Raise."""
        raise self.fault


def read() -> Library:
    """The library of the tests; one metric has words, the others go by their names."""
    return Library(SCENARIOS, {"exception_rate": MetricWords("Exceptions", "cases handed over", "the rules")})


def _metric(name: str, design: int) -> Metric:
    unit, base, rule, n, figures = {**_METRICS, **_CALLS}[name]
    value, half, verdict = figures[design]
    if value is None:
        return Metric(None, unit, n, None, None, base, "90 % were not reached by the end", "not judged", rule)
    return Metric(value, unit, n, value - half, value + half, base, "", verdict, rule)


def _design(index: int) -> DesignResult:
    calls = {name: _metric(name, index) for name in _CALLS}
    service: Service = "assisted" if index == 0 else "self_service"
    return with_decision(_undecided(index, calls), calls, service)


def _undecided(index: int, calls: dict[str, Metric]) -> DesignResult:
    return DesignResult(
        name=NAMES[index],
        title=TITLES[index],
        metrics={name: _metric(name, index) for name in _METRICS},
        calls=calls,
        funnel=[
            FunnelStage(title.lower(), title, float(count))
            for title, count in zip(_STAGES, _FUNNEL[index], strict=True)
        ],
        buckets={
            name: Metric(shares[index], "rate", 62_000, None, None, "engaged cases")
            for name, shares in _BUCKETS.items()
        },
        half_hours=[_half_hour(half, _PEAKS[index]) for half in range(len(STARTS))],
        conservation={},
        digest=f"{index:064x}",
        spread={name: _spread(name, index) for name in _METRICS if _metric(name, index).value is not None},
    )


def _spread(name: str, design: int) -> Spread:
    """Four replications of five days around the value."""
    unit, _, _, _, figures = _METRICS[name]
    value, half, _ = figures[design]
    assert value is not None
    del unit
    days = tuple(value + half * (day % 5 - 2) for day in range(20))
    return Spread(days, tuple(value + half * (run - 1.5) / 2 for run in range(4)))


def _half_hour(half: int, peak: float) -> HalfHour:
    shape = max(0.1, 1.0 - abs(half - 7) / 8)
    queue = peak * shape
    return HalfHour(STARTS[half], 600 * shape, 200 * shape, 2.2 * queue, queue, 40.0, 44.0)


def _differences() -> list[PairedDifference]:
    found = []
    for design in (1, 2):
        for name in {**_METRICS, **_CALLS}:
            ours, base = _metric(name, design), _metric(name, 0)
            if ours.value is None or base.value is None:
                found.append(PairedDifference(name, NAMES[design], NAMES[0], None, None, None, ours.unit))
                continue
            gap = ours.value - base.value
            margin = 0.02 if ours.unit == "rate" else 0.1 * abs(gap)
            found.append(
                PairedDifference(name, NAMES[design], NAMES[0], gap, gap - margin, gap + margin, ours.unit)
            )
    return found


def _expectations() -> list[ExpectationResult]:
    when: dict[str, object] = {"campaign.messages": 200_000}
    over, under = "call_abandonment_rate > 0.50", "call_abandonment_rate < 0.10"
    return [
        ExpectationResult("sms-to-call", over, when, "pass", 0.523, 0.504, 0.542, 0.5, ""),
        ExpectationResult("in-message", under, when, "pass", 0.019, 0.016, 0.022, 0.1, ""),
        ExpectationResult(
            "sms-to-call", under, {"campaign.messages": 50_000}, "not judged",
            None, None, None, 0.1, "campaign.messages is 200000",
        ),
    ]  # fmt: skip
