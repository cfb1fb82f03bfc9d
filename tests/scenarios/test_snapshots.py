"""What a small run of every shipped design comes to, so that a change in the figures is a change somebody made.

Rounded to three significant digits and free of anything a machine could add. A snapshot says that figures moved,
never that they are right: the theory tests, the recount and the headline's bars do that.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from scenarios.result import DesignResult, Metric
from scenarios.run import CompareRequest, compare
from tests.scenarios.recorded import ALL_DESIGNS

SETTINGS = ("campaign.messages=4000", "call_centre.other_traffic.calls_per_day=60", "call_centre.agents=2")


def rounded(value: float | None) -> str:
    """Three significant digits; what does not apply is said so."""
    return "does not apply" if value is None else f"{value:.3g}"


def lines(title: str, metrics: dict[str, Metric]) -> list[str]:
    """One line a metric: value, unit and base."""
    return [title] + [
        f"  {name}: {rounded(metric.value)} {metric.unit} of {metric.base}"
        for name, metric in metrics.items()
    ]


def written(design: DesignResult) -> str:
    """A design's figures as text."""
    funnel = [f"  {stage.title}: {rounded(stage.count)}" for stage in design.funnel]
    day = [
        f"  {half_hour.start} offered {rounded(half_hour.offered)}, wait {rounded(half_hour.mean_wait_s)} s, "
        f"queue {rounded(half_hour.mean_queue)}, busy {rounded(half_hour.mean_busy)}"
        for half_hour in design.half_hours[::4]
    ]
    parts = [
        design.title,
        *lines("metrics", design.metrics),
        *lines("calls", design.calls),
        *lines("buckets", design.buckets),
        "funnel",
        *funnel,
        "day",
        *day,
    ]
    return "\n".join(parts)


@pytest.mark.parametrize("design", [*ALL_DESIGNS, "message-first"])
def test_a_small_run_of_each_design_comes_to_the_same_figures(design: str, snapshot: SnapshotAssertion):
    """Two thousand cases on two agents: every figure, to three digits."""
    request = CompareRequest("retail-bank-200k", SETTINGS, (design,), seed=1, replications=1, jobs=1)
    assert written(compare(request, lambda _: None, lambda: False).designs[design]) == snapshot


WORKFLOWS = [
    "failed-payment",
    "kyc-refresh",
    "address-update",
    "debit-order-change",
    "compliance-attestation",
    "account-confirmation",
    "dispute",
]


@pytest.mark.parametrize("scenario", ["retail-bank-shifts", "benchmark-200k", *WORKFLOWS])
@pytest.mark.wide
def test_a_small_run_of_each_other_scenario_comes_to_the_same_figures(
    scenario: str, snapshot: SnapshotAssertion
):
    """Their own designs at two thousand cases, on the lines they describe."""
    settings = ("campaign.messages=4000", "call_centre.other_traffic.calls_per_day=60")
    request = CompareRequest(scenario, settings, None, seed=1, replications=1, jobs=1)
    found = compare(request, lambda _: None, lambda: False)
    assert "\n\n".join(written(design) for design in found.designs.values()) == snapshot
