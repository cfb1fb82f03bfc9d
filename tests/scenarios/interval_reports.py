"""Interval reports made up for tests: half hours of the same length, a level of calls for every weekday."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

HEADER = "interval_start,interval_min,offered,answered,abandoned,asa_s,mean_wait_abandoned_s,aht_s"
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001 - local clock time


def interval_report(levels: Mapping[int, int], days: int = 28, factors: tuple[float, ...] = (1.0,)) -> str:
    """A report's text, from Monday 2 March 2026 on, ten half hours a day from 08:00.

    Args:
        levels: calls of a half hour by weekday, Monday is 0; other weekdays have no row.
        days: of the calendar.
        factors: of the calls of each week in turn.
    """
    rows = [HEADER]
    for number in range(days):
        day = MONDAY + timedelta(days=number)
        if day.weekday() not in levels:
            continue
        offered = round(levels[day.weekday()] * factors[number // 7 % len(factors)])
        abandoned = max(1, offered // 10)
        for half_hour in range(10):
            start = day + timedelta(hours=8, minutes=30 * half_hour)
            rows.append(f"{start},30,{offered},{offered - abandoned},{abandoned},20,40,180")
    return "\n".join(rows) + "\n"


def written(folder: Path, text: str) -> Path:
    """A report in a file."""
    path = folder / "intervals.csv"
    path.write_text(text, encoding="utf-8")
    return path


def mondays_busier(monday: int, rest: int, **more: int) -> dict[int, int]:
    """Levels of a week whose Mondays are busier; `saturday` may be given too."""
    levels = {0: monday, **dict.fromkeys(range(1, 5), rest)}
    return levels | {5: more["saturday"]} if "saturday" in more else levels
