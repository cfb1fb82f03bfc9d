"""A calibration as text: what was read, what it says, what it cannot say, and how well a replay of it predicts."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from scenarios.percent import in_percent
from tui.chartmath import bar, column_rows
from tui.cli.call_centre_text import centre_lines, counted, day_lines
from tui.cli.numbers import NONE, figure
from tui.cli.orders import command_line
from tui.cli.replay_text import replay_lines
from tui.cli.tables import aligned, clipped, headed, wrapped

if TYPE_CHECKING:
    from sandbox.experiment.fits import Share
    from scenarios.calibration.acd_intervals import DayIntervals
    from scenarios.calibration.calibrate import Calibration
    from scenarios.calibration.call_arrivals import Arrivals
    from scenarios.calibration.call_estimate import CallEstimate, Group, Handling, Patience, Redial
    from scenarios.calibration.funnel import FunnelEstimate
    from scenarios.calibration.replay import Replay

_CURVE_CELLS = 30
_ROWS_NAMED = 5
_NAME_WIDTH = 24
"""Columns of a name from the file; a longer one would push its figures past a narrow terminal."""

_LIST_WIDTH = 15
"""Columns of a list written out among the settings; it keeps path, value and source within 80."""

_SHARES_TOLD = (0.1, 0.5, 0.9, 0.99)


def calibration_text(
    found: Calibration, scored: Replay | None, width: int, line: str, out: str | None
) -> str:
    """Return the whole report, ending with a line break.

    Args:
        found: the calibration.
        scored: how the replay came out, if there was one.
        width: columns.
        line: the command that does the same again.
        out: where the fragment was written, if anywhere.
    """
    sections = [_read(found, width)]
    if found.calls is not None:
        sections += _call_sections(found.calls, width)
    if found.report is not None:
        sections.append(centre_lines(found.report, width, tell_days=found.calls is None))
    if found.funnel is not None:
        sections.append(_funnel(found.funnel, width))
    if scored is not None:
        sections.append(replay_lines(scored, width))
    sections += [_settings(found, width), _limits(found, width), _footer(found, scored, line, out)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _read(found: Calibration, width: int) -> list[str]:
    from scenarios.calibration.kinds import WORDS

    lines = textwrap.wrap(
        f"{found.name} read as {WORDS[found.kind]}, {found.first} to {found.last}",
        width,
        subsequent_indent="  ",
    )
    guessed = {name: found.columns.headers[name] for name in found.columns.guessed}
    taken = [
        name if name == header else f"{name} = {header}" for name, header in found.columns.headers.items()
    ]
    lines += wrapped(f"columns taken: {', '.join(taken)}", width, hanging="  ")
    if guessed:
        names = ", ".join(f"{name} ({header})" for name, header in guessed.items())
        lines += wrapped(
            f"guessed by name: {names}; --column NAME=HEADER says otherwise", width, hanging="  "
        )
    if found.columns.ignored:
        lines += wrapped(f"not read: {', '.join(found.columns.ignored)}", width, hanging="  ")
    lines += wrapped(f"rows: {found.rows:,} read, {found.clean:,} used, {len(found.dirty):,} left out", width)
    for row in found.dirty[:_ROWS_NAMED]:
        lines += wrapped(f"line {row.line}: {'; '.join(row.problems)}", width, hanging="  ")
    if len(found.dirty) > _ROWS_NAMED:
        lines.append(f"  and {len(found.dirty) - _ROWS_NAMED:,} more; --json names every one")
    return lines


def _call_sections(estimate: CallEstimate, width: int) -> list[list[str]]:
    return [
        _patience(estimate.patience, width),
        [] if estimate.handling is None else _handling(estimate.handling, width),
        _groups(estimate.groups),
        _redial(estimate.redial),
        _arrivals(estimate.arrivals, estimate.centre.intervals, width),
    ]


def _patience(patience: Patience, width: int) -> list[str]:
    from scenarios.calibration.call_estimate import CURVE_AT_S
    from scenarios.calibration.call_settings import best_shape

    total = patience.left + patience.answered
    told = (
        f"{total:,} calls, {patience.left:,} abandoned ({in_percent(patience.left / total, 2)}); "
        f"{patience.answered:,} answered, so their wait only shows patience of at least that long"
    )
    rows = [
        [
            "exponential, mean",
            figure(patience.exponential_mean_s, "s", patience.exponential_low_s, patience.exponential_high_s),
            _criterion(patience, "exponential"),
        ],
        [
            "Kaplan-Meier, median",
            _median(patience),
            "",
        ],
    ]
    if patience.weibull is not None:
        fit = patience.weibull
        shape = f"shape {fit.shape:.3f}, scale {fit.scale_s:.0f} s, mean {fit.mean_s:.0f} s"
        rows.append(["Weibull", shape, _criterion(patience, "weibull")])
    if patience.bands:
        rows.append(
            ["piecewise hazard", f"{len(patience.bands)} bands, below", _criterion(patience, "piecewise")]
        )
    lines = [
        "PATIENCE   answered callers censored, 95 % intervals",
        *wrapped(told, width),
        *aligned(rows, "<<<"),
    ]
    if best := best_shape(patience):
        lines += wrapped(
            f"the fragment takes the {best} one: of what a scenario can hold it describes the waits best",
            width,
        )
    curve = [["waited", "still ready to wait", "", "leave per 1,000 s"]]
    for at, until in pairwise([0, *CURVE_AT_S]):
        share = patience.still_waiting(until)
        curve.append(
            [
                f"{until} s",
                "" if share is None else bar(share, 1.0, _CURVE_CELLS),
                NONE if share is None else in_percent(share, 1),
                _hazard_at(patience, at, until),
            ]
        )
    return [*lines, "", *aligned(curve, "><>>")]


def _median(patience: Patience) -> str:
    if patience.km_median_s is not None:
        return figure(patience.km_median_s, "s", patience.km_low_s, patience.km_high_s)
    return (
        "not reached" if patience.km_low_s is None else f"not reached, above {figure(patience.km_low_s, 's')}"
    )


def _criterion(patience: Patience, name: str) -> str:
    value = patience.criteria.get(name)
    if value is None:
        return ""
    apart = value - min(patience.criteria.values())
    return "AIC lowest" if apart == 0 else f"AIC {apart:+,.0f}"


def _hazard_at(patience: Patience, low: float, high: float) -> str:
    for band in patience.bands:
        if band.from_s <= low and high <= (math.inf if band.until_s is None else band.until_s):
            return f"{band.per_1000_s:.2f}"
    return NONE


def _handling(handling: Handling, width: int) -> list[str]:
    from scenarios.calibration.call_estimate import SHORT_CALL_S

    points = dict(handling.quantiles)
    shares = ", ".join(f"{in_percent(share, 0)} within {points[share]:,.0f} s" for share in _SHARES_TOLD)
    told = [f"all {handling.n:,}: mean {handling.mean_s:.1f} s, CV {handling.cv:.2f}; {shares}"]
    fit = handling.lognormal
    if fit is not None:
        told.append(
            f"lognormal, {fit.n:,} calls of {SHORT_CALL_S:.0f} s or more: mu {fit.mu:.3f}, sigma {fit.sigma:.3f} "
            f"[{fit.sigma_low:.3f}, {fit.sigma_high:.3f}], mean {fit.mean:.0f} s"
        )
    told.append(f"{handling.short:,} shorter than {SHORT_CALL_S:.0f} s: in the mean, not in the lognormal")
    lines = [line for text in told for line in wrapped(text, width, hanging="  ")]
    return ["HANDLING TIME   of answered calls", *lines]


def _groups(groups: dict[str, list[Group]]) -> list[str]:
    lines: list[str] = []
    for by, members in groups.items():
        rows = [[by, "calls", "abandoned", "patience", "handling"]]
        rows += [
            [
                clipped(group.name, _NAME_WIDTH),
                f"{group.calls:,}",
                figure(group.abandonment_rate, "rate"),
                figure(group.patience_s, "s"),
                figure(group.handling_s, "s"),
            ]
            for group in members
        ]
        lines += [*([""] if lines else []), *aligned(rows, "<>>>>")]
    return ["BY GROUP   one number for all hides these", *lines] if lines else []


def _redial(redial: Redial | None) -> list[str]:
    if redial is None:
        return []
    rate = figure(redial.rate, "rate", redial.low, redial.high)
    lines = ["REDIALS   calls by somebody who abandoned within the hour before"]
    lines.append(f"  {rate} of {redial.identified:,} leavers who can be told apart called again")
    if redial.delay_min_median is not None:
        lines.append(f"  after {redial.delay_min_median:.1f} min (median), sigma {redial.delay_sigma:.2f}")
    return lines


def _arrivals(arrivals: Arrivals, intervals: DayIntervals, width: int) -> list[str]:
    day = arrivals.day
    by_slot = {slot.number: slot.offered_per_day for slot in day.slots}
    values = [by_slot.get(number, 0.0) for number in range(day.slots[0].number, day.slots[-1].number + 1)]
    top = max(values)
    chart = column_rows(values, top, 1)
    days = counted(len(day.days), "working day")
    told = f"{days}, {sum(values):,.0f} calls a day; full height {top:.1f} a half hour"
    lines = [
        *headed(f"ARRIVALS   {told}", width),
        *(f"  {row}" for row in chart),
        f"  {day.slots[0].start}{day.slots[-1].start:>{max(len(values) - 5, 6)}}",
    ]
    if day.day_cv is None:
        by_half_hour = ", and calls of a half hour from day to day,"
    else:
        by_half_hour = (
            f"; calls of a half hour vary {_times(arrivals.variance_to_mean)} as much as Poisson counts, "
            f"{_times(arrivals.variance_to_mean_in_day)} once each day's own level is taken out"
        )
    return [*lines, *day_lines(day, intervals, width, by_half_hour)]


def _times(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f} times"


def _funnel(estimate: FunnelEstimate, width: int) -> list[str]:
    from scenarios.calibration.funnel import bases

    before = bases(estimate.stages)
    lines = [f"FUNNEL   {counted(len(estimate.days), 'day')}; share of the stage before, 95 % interval"]
    for channel, rates in estimate.rates.items():
        rows = [[clipped(channel, _NAME_WIDTH), "", "share", "n", "days"]]
        rows += [_rate_row(stage, before[stage], share) for stage, share in rates.items()]
        lines += aligned(rows, "<<<>>")
    words = "days: their variance against chance alone; above 1 the intervals are widened for it"
    return lines + wrapped(words, width)


def _rate_row(stage: str, before: str, share: Share) -> list[str]:
    dispersion = NONE if share.dispersion is None else f"{share.dispersion:.1f}x"
    return [
        stage,
        f"of {before}",
        figure(share.value, "rate", share.low, share.high),
        f"{share.base:,}",
        dispersion,
    ]


def _settings(found: Calibration, width: int) -> list[str]:
    from scenarios.calibration.fragment import plain

    rows = [["setting", "value", "95 % or source"]]
    for one in found.fragment.settings:
        value = plain(one.value)
        ends = one.source if one.range is None else f"[{_short(one.range[0])}, {_short(one.range[1])}]"
        rows.append([one.path, _shown(value), ends])
    lines = headed(f"SETTINGS   laid over {found.fragment.base}; notes in the fragment (--out)", width)
    return [*lines, *aligned(rows, "<<<")]


def _short(value: float) -> str:
    return f"{value:.4g}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, dict):
        return f"{len(value)} shares"
    return "null" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)


def _listed(values: Sequence[object]) -> str:
    if any(isinstance(value, dict) for value in values):
        return f"{len(values)} pieces"
    written = ", ".join(map(_shown, values))
    return written if len(written) <= _LIST_WIDTH else f"{len(values)} numbers"


def _limits(found: Calibration, width: int) -> list[str]:
    lines = ["WHAT THESE DATA CANNOT SHOW"]
    return lines + [line for text in found.limits for line in wrapped(f"- {text}", width, hanging="  ")]


def _footer(found: Calibration, scored: Replay | None, line: str, out: str | None) -> list[str]:
    if out is not None:
        return [
            f"replay: {line}",
            f"next:   {command_line('compare', out, [])}   (history has to be reproduced first)"
            if found.fragment.reported
            else f"next:   {command_line('compare', out, [])}",
        ]
    if found.calls is not None and scored is None:
        return [
            f"replay: {line}",
            f"next:   {line} --replay   (how well it predicts days it was not fitted to)",
        ]
    return [f"replay: {line}", f"next:   {line} --out my-bank.yaml   (the settings as a scenario file)"]
