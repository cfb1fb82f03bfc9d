"""Put a bank's own call centre under the campaign: from an ACD interval report to scenario settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.errors import BadInput
from scenarios.blocks.callers import hazard_of
from scenarios.calibration.acd_report import CallCentreEstimate, infer, read_report
from scenarios.calibration.fragment import Found, plain
from scenarios.calibration.report_settings import (
    HAZARD,
    PATIENCE,
    report_settings,
    stood_in_for,
    unseen_day_cv,
)
from scenarios.result import Provenance
from scenarios.world.settings import parse_settings
from scenarios.world.spec import Scenario

_NOBODY = 0.0
_RIVALS = {"call_centre.shifts": "call_centre.agents", HAZARD: PATIENCE}
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
        found: the settings taken from the report, as `calibrate` takes them, each with its source.
        lines: what was taken and how, one sentence each.
    """

    estimate: CallCentreEstimate
    found: tuple[Found, ...]
    lines: list[str]

    @property
    def settings(self) -> dict[str, object]:
        """Scenario paths and the values taken from the report, rounded as a fragment has them."""
        return {one.path: plain(one.value) for one in self.found}

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

    def provenance(self, origins: Sequence[Provenance], texts: Sequence[str]) -> list[Provenance]:
        """The scenario's origins, with what the report replaced said to come from the report.

        Args:
            origins: of the scenario as it runs.
            texts: the user's settings, which are nobody else's.
        """
        taken = self.beside(texts)
        found = {one.path: one for one in self.found}
        return [
            replace(origin, source=one.source, range=one.range, note=f"from the report: {one.note}")
            if (one := found.get(origin.path)) is not None
            and one.path in taken
            and origin.value == taken[one.path]
            else origin
            for origin in origins
        ]


def read_calls(path: str, scenario: Scenario) -> CallsReport:
    """Read a report and turn it into settings.

    Raises:
        BadInput: the report cannot be read, or it shows nobody abandoning or nobody answered.
    """
    try:
        estimate = infer(read_report(Path(path)), unseen_day_cv(scenario))
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
    found = report_settings(estimate, scenario)
    values = {one.path: one.value for one in found}
    instead = sorted(one.path for one in stood_in_for(estimate, scenario))
    lines = [
        *estimate.statements,
        *([_SET_ASIDE.format(", ".join(instead))] if instead else []),
        f"Opening hours are the report's: {values['calendar.open']} to {values['calendar.close']}.",
        _REDIALS_INSIDE,
        _CAMPAIGN_PATIENCE.format(_campaign_patience_s(scenario)),
    ]
    return CallsReport(estimate, tuple(found), lines)


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


def _campaign_patience_s(scenario: Scenario) -> float:
    centre = scenario.document.call_centre
    if centre.patience_hazard.campaign is not None:
        return round(hazard_of(centre.patience_hazard.campaign).mean_s, 1)
    return centre.patience_s_mean.campaign or _NOBODY
