"""When a customer may be contacted, in the customer's own local time, as integer milliseconds since an epoch.

Local hours are turned into instants once per zone and day and then only compared, so a run of 200,000 sends
touches no date arithmetic, and the daylight saving switch is decided by the zone's own rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sandbox.model import MS_PER_DAY

SEARCH_DAYS = 400
"""How far ahead an opening is looked for: a year of holidays and a month more."""

_DAYS_CACHED = 16_384
"""Zone-days kept: a month of every zone there is."""

_MILLISECOND = timedelta(milliseconds=1)
_ONE_DAY = timedelta(days=1)


class Hours(NamedTuple):
    """Contact hours of one weekday, minutes after local midnight; `closes_min` is already too late."""

    opens_min: int
    closes_min: int


class Opening(NamedTuple):
    """A stretch of time in which contact is allowed: from `opens_ms` until just before `closes_ms`."""

    opens_ms: int
    closes_ms: int


class ContactCalendar:
    """Contact hours of a week and its holidays, seen from any time zone.

    Args:
        week: hours of Monday to Sunday; None on a day without contact.
        holidays: local dates without contact.
        epoch: the instant that is 0 ms; must carry its zone.
    """

    def __init__(self, week: tuple[Hours | None, ...], holidays: frozenset[date], epoch: datetime) -> None:
        """Bind the calendar and its private cache."""
        self._week = week
        self._holidays = holidays
        self._epoch = epoch.astimezone(UTC)
        self._openings = lru_cache(maxsize=_DAYS_CACHED)(self._openings_for_day)

    def next_opening(self, time_zone: str, at_ms: int) -> Opening | None:
        """Return the opening that holds `at_ms`, else the next; None if there is none in SEARCH_DAYS days.

        Raises:
            KeyError, ValueError, OSError: the zone is unknown (as ZoneInfo raises them).
        """
        for opening in self._openings(time_zone, at_ms // MS_PER_DAY):
            if at_ms < opening.closes_ms:
                return opening
        return None

    def _openings_for_day(self, time_zone: str, day: int) -> tuple[Opening, ...]:
        """Every opening any instant of one epoch day can need: those it touches, and the first after it."""
        start_ms = day * MS_PER_DAY
        end_ms = start_ms + MS_PER_DAY
        needed: list[Opening] = []
        for opening in self._openings_from(ZoneInfo(time_zone), start_ms):
            if opening.closes_ms > start_ms:
                needed.append(opening)
            if opening.opens_ms >= end_ms:
                break
        return tuple(needed)

    def _openings_from(self, zone: ZoneInfo, start_ms: int) -> Iterator[Opening]:
        first = (self._epoch + start_ms * _MILLISECOND).astimezone(zone).date()
        for days in range(SEARCH_DAYS):
            local = first + timedelta(days=days)
            hours = self._week[local.weekday()]
            if hours is None or local in self._holidays:
                continue
            # A local time that a clock change skips or repeats names two instants. Opening at the later and
            # closing at the earlier keeps every instant between inside the hours on the customer's clock.
            opens_ms = max(self._instants_ms(zone, local, hours.opens_min))
            closes_ms = min(self._instants_ms(zone, local, hours.closes_min))
            if opens_ms < closes_ms:
                yield Opening(opens_ms, closes_ms)

    def _instants_ms(self, zone: ZoneInfo, local: date, minutes: int) -> tuple[int, int]:
        day, minute = divmod(minutes, 24 * 60)  # closing at 24:00 is the next day's midnight
        wall = (
            datetime(local.year, local.month, local.day, minute // 60, minute % 60, tzinfo=zone)
            + day * _ONE_DAY
        )
        return self._since_epoch_ms(wall), self._since_epoch_ms(wall.replace(fold=1))

    def _since_epoch_ms(self, wall: datetime) -> int:
        return (wall.astimezone(UTC) - self._epoch) // _MILLISECOND
