"""The score of a replayed call log as text: every scored day with its miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.percent import in_percent
from tui.cli.numbers import fixed, signed
from tui.cli.tables import headed, laid, wrapped

if TYPE_CHECKING:
    from scenarios.calibration.replay import Replay


def replay_lines(scored: Replay, width: int) -> list[str]:
    """Return how well odd days predict the abandonment of even ones, every scored day with its miss."""
    predicted, actual = scored.pooled
    worst = scored.worst
    working = "" if scored.working_error is None else f" ({_points(scored.working_error)} on working days)"
    told = [
        (
            f"{len(scored.fitted)} odd days fitted, {len(scored.days)} even days scored, "
            f"{scored.repetitions} replays each, seed {scored.seed}"
        ),
        (
            f"mean absolute error {_points(scored.mean_absolute_error)}{working}, "
            f"bias {_points(scored.bias, sign=True)}, worst {worst.day} {_points(worst.error, sign=True)}"
        ),
        f"carrying the odd days' own rate over would miss by {_points(scored.carried_over)}",
        f"all scored days together: predicted {in_percent(predicted, 1)}, actual {in_percent(actual, 1)}",
        (
            f"{len(scored.missed)} of {len(scored.days)} days lie outside everything their replays gave (✘): "
            f"{', '.join(scored.missed) or 'none'}"
        ),
        (
            f"staffing followed a day's calls with exponent {scored.elasticity.exponent:.2f} on odd days (0 not at "
            "all, 1 in step); the log has no log-in times, so who was on duty is inferred and is the weak part"
        ),
        *(f"not scored: {day}, {reason}" for day, reason in scored.unscored),
    ]
    rows = [["day", "kind", "offered", "actual", "predicted", "least-most", "error", ""]]
    for day in scored.days:
        outside = "" if day.low <= day.actual <= day.high else "✘"
        ends = f"{day.low * 100:.1f}-{in_percent(day.high, 1)}"
        rows.append(
            [
                day.day,
                day.kind,
                f"{day.offered:,}",
                in_percent(day.actual, 1),
                in_percent(day.predicted, 1),
                ends,
                _points(day.error, sign=True),
                outside,
            ]
        )
    lines = headed("REPLAY   real arrivals through the product's own queue; abandonment by day", width)
    lines += [line for text in told for line in wrapped(text, width, hanging="  ")]
    return [*lines, *laid(rows, "<<>>>>><", width, [5])]


def _points(value: float, *, sign: bool = False) -> str:
    return f"{signed(value * 100, 1) if sign else fixed(value * 100, 1)} pp"
