"""One comparison with invented figures that exercises every section of a report."""

from __future__ import annotations

from dataclasses import replace

from scenarios.result import (
    BaselineCheck,
    BreakEven,
    Comparison,
    Costs,
    DesignCosts,
    DesignResult,
    ExpectationResult,
    FunnelStage,
    HalfHour,
    Metric,
    PairedDifference,
    Provenance,
    Verdict,
)
from tests.decided import with_decision
from tui.library import MetricWords

NAMES = ("sms-to-call", "portal", "in-message")
STORY = "Customers of an invented bank get a message; the lines take what the lines can take."
WORDS = {
    "completion_rate": MetricWords("Completion", "", ""),
    "call_abandonment_rate": MetricWords("Call abandonment", "", ""),
    "call_wait_busy_s": MetricWords("Wait of all callers, busy hours", "", ""),
}

_DESIGN_TITLES = ("SMS asks the customer to call", "SMS with a portal link", "Completion inside the message")

# metric: unit, base, rule
_METRICS = {
    "completion_rate": ("rate", "triggered cases", ""),
    "completion_of_engaged_rate": ("rate", "engaged cases", ">= 0.35"),
    "time_to_resolution_median_min": ("min", "engaged cases", "<= 1440"),
    "time_to_resolution_p90_min": ("min", "engaged cases", ""),
    "writeback_success_rate": ("rate", "actions completed", ">= 0.98"),
    "deflection_rate": ("rate", "routine cases recorded", ">= 0.50"),
    "call_abandonment_rate": ("rate", "attempts offered", "< 0.10"),
    "call_wait_busy_s": ("s", "attempts offered in busy hours", "< 60"),
    "agent_hours": ("h", "one campaign", ""),
    "cost_per_resolution": ("GBP", "recorded cases", ""),
}
# metric: (value, half-width) per design; None does not apply
_FIGURES: dict[str, tuple[tuple[float, float] | None, ...]] = {
    "completion_rate": ((0.0412, 0.002), (0.0583, 0.002), (0.1121, 0.003)),
    "completion_of_engaged_rate": ((0.2624, 0.011), (0.3619, 0.024), (0.718, 0.009)),
    "time_to_resolution_median_min": ((3660.0, 120.0), (1140.0, 60.0), (6.2, 0.3)),
    "time_to_resolution_p90_min": (None, (4320.0, 300.0), (41.0, 6.0)),
    "writeback_success_rate": ((0.9681, 0.002), (0.9942, 0.001), (0.99931, 0.0002)),
    "deflection_rate": ((0.0, 0.0), (0.512, 0.031), (0.9312, 0.006)),
    "call_abandonment_rate": ((0.5231, 0.019), (0.1062, 0.012), (0.0193, 0.003)),
    "call_wait_busy_s": ((121.3, 6.0), (34.2, 3.0), (4.13, 0.8)),
    "agent_hours": ((1312.4, 21.0), (268.0, 2.6), (101.7, 2.4)),
    "cost_per_resolution": ((21.42, 0.6), (12.91, 0.4), (4.853, 0.04)),
}
_CALLS = {
    "offered": (41_233.0, 14_120.0, 11_931.0),
    "answered": (19_664.0, 12_621.0, 11_701.0),
    "abandoned": (21_569.0, 1_499.0, 230.0),
    "balked": (618.0, 211.0, 88.0),
    "redials": (4_120.0, 240.0, 31.0),
}
_STAGES = ("Triggered", "Delivered", "Engaged", "Acted", "Recorded")
_FUNNEL = (
    (100_000, 96_400, 15_640, 4_610, 4_100),
    (100_000, 96_400, 15_640, 6_040, 5_800),
    (100_000, 96_400, 15_640, 11_290, 11_200),
)
_BUCKETS = {
    "completed_untouched": (0.0, 0.31, 0.66),
    "completed_after_exception": (0.26, 0.06, 0.06),
    "unresolved": (0.74, 0.63, 0.28),
}
_PEAKS = (14.2, 3.1, 0.3)


def comparison(*verdicts: Verdict, designs: tuple[str, ...] = NAMES) -> Comparison:
    """Return three designs (or fewer), and one expectation per verdict given (pass and not judged if none is)."""
    return Comparison(
        scenario="invented-bank",
        title="An invented bank at four times the volume",
        settings={"campaign.messages": 200_000, "call_centre.agents": [8, 9.5]},
        seed=42,
        replications=4,
        baseline="sms-to-call",
        designs={name: _design(NAMES.index(name)) for name in designs},
        comparisons=[_difference(name, metric) for name in designs[1:] for metric in _METRICS],
        expectations=[expectation(verdict) for verdict in verdicts or ("pass", "not judged")],
        provenance=_provenance(),
        baseline_check=_baseline_check(),
        notes=[
            "Waits are simulated to the second.",
            "Patience and load are fitted to the case, not measured.",
        ],
        replay="sandbox compare invented-bank --seed 42 --replications 4",
        costs=_costs(designs),
    )


def expectation(verdict: Verdict) -> ExpectationResult:
    """Return one `expect:` line that came out as `verdict`."""
    if verdict == "not judged":
        reason = "campaign.messages is 200000"
        when: dict[str, object] = {"campaign.messages": 50_000}
        that = "call_abandonment_rate < 0.10"
        return ExpectationResult("sms-to-call", that, when, verdict, None, None, None, 0.1, reason)
    threshold = {"pass": 0.50, "fail": 0.60, "unsure": 0.53}[verdict]
    that = f"call_abandonment_rate > {threshold:.2f}"
    when = {"campaign.messages": 200_000}
    return ExpectationResult("sms-to-call", that, when, verdict, 0.5231, 0.5041, 0.5421, threshold, "")


def _design(index: int) -> DesignResult:
    return with_decision(_undecided(index), service="assisted" if index == 0 else "self_service")


def _undecided(index: int) -> DesignResult:
    return DesignResult(
        name=NAMES[index],
        title=_DESIGN_TITLES[index],
        metrics={name: metric(name, index) for name in _METRICS},
        calls={
            name: Metric(counts[index], "count", 4, None, None, "one campaign")
            for name, counts in _CALLS.items()
        },
        funnel=[
            FunnelStage(title.lower(), title, float(count))
            for title, count in zip(_STAGES, _FUNNEL[index], strict=True)
        ],
        buckets={
            name: Metric(
                shares[index], "rate", 62_000, shares[index] * 0.98, shares[index] * 1.02, "engaged cases"
            )
            for name, shares in _BUCKETS.items()
        },
        half_hours=[_half_hour(half, _PEAKS[index]) for half in range(20)],
        conservation={"offered": 41_233.0},
        digest=f"{index:08x}",
        segments={"segment": {"1m": _part(index, 0.9), "4m+": _part(index, 1.4)}},
    )


def _part(index: int, factor: float) -> dict[str, Metric]:
    """Return some of a design's metrics for a part of its cases, moved by a factor."""
    whole = {name: metric(name, index) for name in ("completion_rate", "writeback_success_rate")}
    return {
        name: replace(one, value=(one.value or 0.0) * factor, low=None, high=None)
        for name, one in whole.items()
    }


def metric(name: str, design: int) -> Metric:
    """Return one invented metric; the last digits are there to be rounded away."""
    unit, base, rule = _METRICS[name]
    found = _FIGURES[name][design]
    if found is None:
        return Metric(None, unit, 62_000, None, None, base, "90 % were not reached by the end", None, rule)
    value, half = found
    return Metric(
        value, unit, 62_000, value - half, value + half, base, "", _verdict(rule, value, half), rule
    )


def _verdict(rule: str, value: float, half: float) -> Verdict | None:
    if not rule:
        return None
    sign, threshold = rule.split()
    if abs(value - float(threshold)) < half:
        return "unsure"
    return "pass" if (value < float(threshold)) == sign.startswith("<") else "fail"


def _half_hour(half: int, peak: float) -> HalfHour:
    queue = peak * max(0.1, 1.0 - abs(half - 7) / 8)
    start = f"{8 + half // 2:02d}:{30 * (half % 2):02d}"
    return HalfHour(start, 60 * queue, 20 * queue, 8.5 * queue, queue, 8.1, 9.0)


def _difference(design: str, name: str) -> PairedDifference:
    ours, base = metric(name, NAMES.index(design)), metric(name, 0)
    if ours.value is None or base.value is None:
        note = "90 % were not reached by the end"
        return PairedDifference(name, design, NAMES[0], None, None, None, ours.unit, note)
    gap = ours.value - base.value
    margin = 0.02 if ours.unit == "rate" else 0.1 * abs(gap)
    return PairedDifference(name, design, NAMES[0], gap, gap - margin, gap + margin, ours.unit)


def _provenance() -> list[Provenance]:
    return [
        Provenance("campaign.messages", 200_000, "set by user", None, ""),
        Provenance(
            "call_centre.patience_s_mean.campaign", 190, "fitted-to-case", (133.0, 247.0), "170-240 s"
        ),
        Provenance("customers.response_rate", 0.2, "fitted-to-case", (0.03, 0.25), ""),
        Provenance("costs.message", 0.04, "published", (0.01, 0.06), ""),
        Provenance("costs.session", 0.08, "assumption", (0.02, 0.5), ""),
    ]


def _costs(designs: tuple[str, ...]) -> Costs:
    each = {
        "sms-to-call": DesignCosts(0.0, 90_000.0, 0.45, 21.42, {"messages": 8_000.0, "agents": 82_000.0}),
        "portal": DesignCosts(1_500.0, 74_000.0, 0.37, 12.91, {"messages": 8_000.0, "agents": 66_000.0}),
        "in-message": DesignCosts(2_000.0, 24_000.0, 0.12, 4.853, {"messages": 8_000.0, "agents": 16_000.0}),
    }
    meets = [
        BreakEven(
            "portal", NAMES[0], 18_750.0, "portal is cheaper above it, sms-to-call below", None, "none"
        ),
        BreakEven(
            "in-message", NAMES[0], None, "none: in-message is cheaper at every volume", 4_100.0, "above it"
        ),
    ]
    prices = {"agent_minute": 0.466667, "message": 0.04}
    found = [item for item in meets if item.design in designs and NAMES[0] in designs]
    chosen = {name: each[name] for name in designs}
    return Costs("GBP", 200_000, prices, chosen, found, "straight lines through the 200,000 messages run")


def _baseline_check() -> BaselineCheck:
    return BaselineCheck(
        lines=[
            "Agents are inferred from the report's own abandonment, not measured.",
            "2 rows left out: 17, 40.",
        ],
        report={"offered_per_day": 970.0, "abandonment_rate": 0.1026, "mean_wait_s": 41.2},
        simulated={"offered_per_day": 969.1, "abandonment_rate": 0.1031, "mean_wait_s": None},
    )
