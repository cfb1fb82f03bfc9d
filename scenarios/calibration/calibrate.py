"""One file in, a calibration out: what it says, what it cannot say, and a scenario file with what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.calibration.acd_report import CallCentreEstimate, infer
from scenarios.calibration.acd_rows import AcdReport, read_report
from scenarios.calibration.call_estimate import CallEstimate, estimate_calls
from scenarios.calibration.call_log import read_call_log
from scenarios.calibration.call_settings import dirty_limit, log_limits, log_settings
from scenarios.calibration.fragment import Found, Fragment
from scenarios.calibration.funnel import FunnelEstimate, read_funnel
from scenarios.calibration.funnel_settings import funnel_limits, funnel_settings
from scenarios.calibration.kinds import WORDS, Kind, recognised
from scenarios.calibration.report_settings import (
    report_limits,
    report_settings,
    reported,
    unseen_day_cv,
    unseen_parts,
)
from scenarios.files.csv_text import Columns, DirtyLine
from scenarios.world.spec import Scenario, load_scenario


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a file says.

    Attributes:
        name: the file's name, without its folder.
        kind: what it is.
        columns: which of its columns were taken for what.
        clean: rows used.
        dirty: rows left out, with reasons.
        first, last: days of the clean rows, ISO.
        calls, report, funnel: what was found; one of them, by kind (a call log also has a report's figures).
        fragment: the settings, over the scenario they change.
        limits: what the data cannot identify, one sentence each.
    """

    name: str
    kind: Kind
    columns: Columns
    clean: int
    dirty: tuple[DirtyLine, ...]
    first: str
    last: str
    calls: CallEstimate | None
    report: CallCentreEstimate | None
    funnel: FunnelEstimate | None
    fragment: Fragment
    limits: list[str]

    @property
    def rows(self) -> int:
        """Rows of the file, clean and dirty."""
        return self.clean + len(self.dirty)


def calibrate(
    path: str, base: str, kind: Kind | None = None, column_texts: Sequence[str] = ()
) -> Calibration:
    """Calibrate from one file.

    Args:
        path: the file.
        base: the scenario whose settings are to be replaced, by name or path.
        kind: what the file is; None finds out by its columns.
        column_texts: "NAME=HEADER", as given to `--column`.

    Raises:
        BadInput: the file cannot be read or is of no known kind; the scenario is wrong, or does not take what was
            found.
    """
    file = Path(path)
    scenario = load_scenario(base)
    found, columns, named = recognised(file, kind, column_texts)
    made = {"calls": _from_calls, "intervals": _from_report, "funnel": _from_funnel}[found](
        file, columns, named, scenario, base
    )
    made.fragment.check()
    return made


def _from_calls(
    file: Path, columns: Columns, named: dict[str, str], scenario: Scenario, base: str
) -> Calibration:
    log = read_call_log(file, named)
    estimate = estimate_calls(log, unseen_day_cv(scenario))
    first, last = (call.arrived_at.date().isoformat() for call in (log.calls[0], log.calls[-1]))
    settings = log_settings(estimate, scenario)
    return Calibration(
        log.name,
        "calls",
        columns,
        len(log.calls),
        log.dirty,
        first,
        last,
        estimate,
        estimate.centre,
        None,
        _fragment(base, settings, reported(estimate.centre), "calls", log.name, first, last),
        [*dirty_limit(len(log.dirty), log.rows), *unseen_parts(estimate.centre), *log_limits(estimate)],
    )


def _from_report(
    file: Path, columns: Columns, named: dict[str, str], scenario: Scenario, base: str
) -> Calibration:
    del named  # the columns hold what the user named and what was guessed
    report = read_report(file, columns.headers)
    estimate = infer(report, unseen_day_cv(scenario))
    dirty = tuple(DirtyLine(row.line, row.problems) for row in report.dirty)
    first, last = _days(report)
    settings = report_settings(estimate, scenario)
    return Calibration(
        report.name,
        "intervals",
        columns,
        len(report.rows),
        dirty,
        first,
        last,
        None,
        estimate,
        None,
        _fragment(base, settings, reported(estimate), "intervals", report.name, first, last),
        [
            *dirty_limit(len(dirty), len(dirty) + len(report.rows)),
            *unseen_parts(estimate),
            *report_limits(estimate),
        ],
    )


def _from_funnel(
    file: Path, columns: Columns, named: dict[str, str], scenario: Scenario, base: str
) -> Calibration:
    estimate = read_funnel(file, named)
    days = estimate.days
    first, last = days[0].isoformat(), days[-1].isoformat()
    settings = funnel_settings(estimate, scenario)
    rows = len(estimate.rows) + len(estimate.dirty)
    return Calibration(
        estimate.name,
        "funnel",
        columns,
        len(estimate.rows),
        estimate.dirty,
        first,
        last,
        None,
        None,
        estimate,
        _fragment(base, settings, {}, "funnel", estimate.name, first, last),
        [*dirty_limit(len(estimate.dirty), rows), *funnel_limits(estimate)],
    )


def _days(report: AcdReport) -> tuple[str, str]:
    days = [row.start.date() for row in report.rows]
    return min(days).isoformat(), max(days).isoformat()


def _fragment(
    base: str,
    settings: Sequence[Found],
    history: dict[str, float | None],
    kind: Kind,
    name: str,
    first: str,
    last: str,
) -> Fragment:
    origin = f"Calibrated from {name}, {WORDS[kind]}, {first} to {last}."
    return Fragment(base, tuple(settings), history, origin)
