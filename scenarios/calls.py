"""Put a bank's own call centre under the campaign: from an ACD interval report to scenario settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path

from sandbox.errors import BadInput
from scenarios.acd_report import CallCentreEstimate, infer, read_report
from scenarios.blocks.callers import hazard_of
from scenarios.result import Provenance
from scenarios.settings import parse_settings
from scenarios.spec import Scenario
from scenarios.values import minutes

_HALF_HOUR_MIN = 30
_NOBODY = 0.0
_SHIFTS, _SHRINKAGE = "call_centre.shifts", "call_centre.shrinkage"
_WEEKDAYS = "call_centre.other_traffic.weekday_factors"
_HAZARD = "call_centre.patience_hazard.other"
_NEXT_DAY = "call_centre.redial.next_day_rate_other"
_INFERRED = frozenset(
    {"call_centre.agents", "call_centre.patience_s_mean.other", _SHRINKAGE, _WEEKDAYS, _NEXT_DAY}
)
_RIVALS = {_SHIFTS: "call_centre.agents", _HAZARD: "call_centre.patience_s_mean.other"}
"""What a user may set, and what of the report it stands instead of: both at once would be refused."""

_REDIALS_INSIDE = (
    "Redials and callers who leave at once are inside the report's offered and abandoned calls: "
    "other traffic has no redials of its own, and nobody balks."
)

_CAMPAIGN_PATIENCE = (
    "Campaign callers keep the scenario's patience ({:g} s): the report shows general callers only."
)
_SET_ASIDE = "The report stands in for what the scenario says under {}."


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

    def beside(self, texts: Sequence[str]) -> dict[str, object]:
        """The report's settings that are left beside the user's own; what the user sets wins, a factor comes on top.

        Raises:
            BadInput: a text that is no setting.
        """
        wanted = {setting.path: setting.value for setting in parse_settings(texts) if not setting.factor}
        left = {path: value for path, value in self.settings.items() if path not in wanted}
        for own, rival in _RIVALS.items():
            if wanted.get(own) is not None and rival in left:
                left[rival] = None
        return left

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
    try:
        estimate = infer(read_report(Path(path)))
    except BadInput as refused:
        raise BadInput([*refused.problems, *_another_kind(path)]) from None
    if estimate.patience_s is None or estimate.aht_s is None:
        what = (
            "patience (nobody abandoned)"
            if estimate.patience_s is None
            else "handling time (nobody answered)"
        )
        raise BadInput(
            [f"{path}: the report does not show {what}; allowed: a report with both, or --set the values"]
        )
    set_aside = set_aside_by(scenario)
    settings = settings_of(estimate, scenario) | set_aside
    lines = [
        *estimate.statements,
        *([_SET_ASIDE.format(", ".join(sorted(set_aside)))] if set_aside else []),
        f"Opening hours are the report's: {settings['calendar.open']} to {settings['calendar.close']}.",
        _REDIALS_INSIDE,
        _CAMPAIGN_PATIENCE.format(_campaign_patience_s(scenario)),
    ]
    return CallsReport(estimate, settings, lines)


def _another_kind(path: str) -> list[str]:
    """Say what a file that is no interval report looks like instead, and what takes it."""
    from scenarios.calibration.kinds import WORDS, recognised

    try:
        kind, _, _ = recognised(Path(path), None, ())
    except BadInput:
        return []
    if kind == "intervals":
        return []
    return [
        f"{path}: looks like {WORDS[kind]}; allowed: sandbox calibrate {path} --out my-bank.yaml, then compare that"
    ]


def set_aside_by(scenario: Scenario) -> dict[str, object]:
    """What the scenario says of its call centre in another way than the report does, made to say nothing.

    Inferred agents are those who answered: net of any shrinkage. The report's days hold their weekdays and the
    callers who came back from the day before.
    """
    centre = scenario.document.call_centre
    said = {
        _SHIFTS: (centre.shifts is not None, None),
        _SHRINKAGE: (centre.shrinkage > 0, 0.0),
        _WEEKDAYS: (len(set(centre.other_traffic.weekday_factors)) > 1, [1.0, 1.0, 1.0, 1.0, 1.0]),
        _HAZARD: (centre.patience_hazard.other is not None, None),
        _NEXT_DAY: (centre.redial.next_day_rate_other > 0, 0.0),
    }
    return {path: nothing for path, (speaks, nothing) in said.items() if speaks}


def _campaign_patience_s(scenario: Scenario) -> float:
    centre = scenario.document.call_centre
    if centre.patience_hazard.campaign is not None:
        return round(hazard_of(centre.patience_hazard.campaign).mean_s, 1)
    return centre.patience_s_mean.campaign or _NOBODY


def settings_of(estimate: CallCentreEstimate, scenario: Scenario) -> dict[str, object]:
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
        "call_centre.other_traffic.calls_per_day": round(fsum(offered), 3),
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
