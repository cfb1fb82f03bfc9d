"""Put a bank's own call centre under the campaign: from an ACD interval report to scenario settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.errors import BadInput
from sandbox.scorecard.outcome import RunOutcome
from scenarios.acd_report import CallCentreEstimate, infer, read_report
from scenarios.result import BaselineCheck, Provenance
from scenarios.spec import Scenario
from scenarios.summarise import pooled
from scenarios.values import minutes

_HALF_HOUR_MIN = 30
_NOBODY = 0.0
_INFERRED = frozenset({"call_centre.agents", "call_centre.patience_s_mean.other"})
_REDIALS_INSIDE = (
    "Redials and callers who leave at once are inside the report's offered and abandoned calls: "
    "other traffic has no redials of its own, and nobody balks."
)


@dataclass(frozen=True, slots=True)
class CallsReport:
    """A report, what was inferred from it, and the settings it replaces.

    Attributes:
        estimate: the call centre as far as the report shows it.
        settings: scenario paths and the values taken from the report.
        lines: what was taken and how, one sentence each.
    """

    estimate: CallCentreEstimate
    settings: dict[str, object]
    lines: list[str]

    def provenance(self, origins: Sequence[Provenance]) -> list[Provenance]:
        """The scenario's origins, with what the report replaced said to come from the report."""
        return [
            replace(
                origin, source="inferred" if origin.path in _INFERRED else "measured", note="from the report"
            )
            if origin.path in self.settings and origin.value == self.settings[origin.path]
            else origin
            for origin in origins
        ]


def read_calls(path: str, scenario: Scenario) -> CallsReport:
    """Read a report and turn it into settings.

    Raises:
        BadInput: the report cannot be read, or it shows nobody abandoning or nobody answered.
    """
    estimate = infer(read_report(Path(path)))
    if estimate.patience_s is None or estimate.aht_s is None:
        what = (
            "patience (nobody abandoned)"
            if estimate.patience_s is None
            else "handling time (nobody answered)"
        )
        raise BadInput(
            [f"{path}: the report does not show {what}; allowed: a report with both, or --set the values"]
        )
    settings = _settings(estimate, scenario)
    campaign = scenario.document.call_centre.patience_s_mean.campaign
    lines = [
        *estimate.statements,
        f"Opening hours are the report's: {settings['calendar.open']} to {settings['calendar.close']}.",
        _REDIALS_INSIDE,
        f"Campaign callers keep the scenario's patience ({campaign:g} s): the report shows general callers only.",
    ]
    return CallsReport(estimate, settings, lines)


def _settings(estimate: CallCentreEstimate, scenario: Scenario) -> dict[str, object]:
    """Scenario paths and values, over all half hours from the report's first to its last."""
    by_start = {minutes(slot.start): slot for slot in estimate.slots}
    first, last = min(by_start), max(by_start)
    starts = range(first, last + _HALF_HOUR_MIN, _HALF_HOUR_MIN)
    offered = [by_start[start].offered_per_day if start in by_start else _NOBODY for start in starts]
    agents = [(by_start[start].agents or _NOBODY) if start in by_start else _NOBODY for start in starts]
    after_call = scenario.document.call_centre.after_call_s_mean
    aht = estimate.aht_s or _NOBODY
    patience = estimate.patience_s or _NOBODY
    return {
        "calendar.open": _clock(first),
        "calendar.close": _clock(last + _HALF_HOUR_MIN),
        "call_centre.agents": [round(value, 3) for value in agents],
        "call_centre.other_traffic.calls_per_day": round(sum(offered), 3),
        "call_centre.other_traffic.half_hour_weights": [round(value, 6) for value in offered],
        "call_centre.other_traffic.day_multiplier_cv": round(estimate.day_cv or _NOBODY, 4),
        "call_centre.patience_s_mean.other": round(patience, 1),
        # The report's handling time includes after-call work; the scenario adds that on top of talk.
        "call_centre.handling_s_mean.other": round(max(aht - after_call, 1.0), 1),
        "call_centre.redial.rate_other": 0.0,
        "call_centre.balk_rate": 0.0,
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def baseline_check(calls: CallsReport, idle: Sequence[RunOutcome]) -> BaselineCheck:
    """The call centre without the campaign beside the report."""
    days = sum(len(outcome.calls["offered"]) for outcome in idle)

    def share(name: str, scale: float = 1.0) -> float | None:
        numerators, denominators = pooled(idle, name)
        return sum(numerators) / sum(denominators) * scale if sum(denominators) else None

    answered = sum(sum(outcome.calls["answered"]) for outcome in idle)
    busy_ms = sum(sum(outcome.calls["busy_ms"]) for outcome in idle)
    simulated: dict[str, float | None] = {
        "offered_per_day": sum(sum(outcome.calls["offered"]) for outcome in idle) / days,
        "abandonment_rate": share("call_abandonment_rate"),
        "mean_wait_s": share("call_wait_all_s", 1e-3),
        "asa_s": share("call_wait_answered_s", 1e-3),
        "aht_s": busy_ms / answered / 1000.0 if answered else None,
    }
    return BaselineCheck(calls.lines, calls.estimate.figures, simulated)
