"""Working days and opening hours as integer milliseconds, right across clock changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.model import MS_PER_MINUTE

SLOT_MIN = 30
SLOT_MS = SLOT_MIN * MS_PER_MINUTE
_SATURDAY = 5


@dataclass(frozen=True)
class WorkCalendar:
    """When the lines are open, from the scenario's first day to the end of the follow-up.

    Simulated time 0 is local midnight of the first day; all times are milliseconds of real (UTC) time since then.

    Args:
        start: first day; moved on to the next working day if it is not one.
        zone: IANA time zone of the call centre.
        working_days: days of the campaign.
        open_min, close_min: opening hours, minutes after local midnight, on whole half hours.
        follow_up_days: calendar days observed after the last campaign day.

    Attributes:
        opens_ms, closes_ms: per working day, follow-up included.
        end_ms: when the observation ends.
        slots: half hours per day.
    """

    start: date
    zone: str
    working_days: int
    open_min: int
    close_min: int
    follow_up_days: int
    opens_ms: list[int] = field(init=False)
    closes_ms: list[int] = field(init=False)
    end_ms: int = field(init=False)
    slots: int = field(init=False)

    def __post_init__(self) -> None:
        """Lay out all working days once."""
        days: list[date] = []
        day = self.start
        while len(days) < self.working_days:
            if day.weekday() < _SATURDAY:
                days.append(day)
            day += timedelta(days=1)
        last = days[-1] + timedelta(days=self.follow_up_days)
        while day <= last:
            if day.weekday() < _SATURDAY:
                days.append(day)
            day += timedelta(days=1)
        put = object.__setattr__  # the only writes this frozen class ever sees
        put(self, "opens_ms", [self._ms(day, self.open_min) for day in days])
        put(self, "closes_ms", [self._ms(day, self.close_min) for day in days])
        put(self, "end_ms", self._ms(last + timedelta(days=1), 0))
        put(self, "slots", (self.close_min - self.open_min) // SLOT_MIN)

    @property
    def epoch(self) -> datetime:
        """Local midnight of the first day as an aware datetime: simulated time 0."""
        return datetime.combine(self.start, time(), ZoneInfo(self.zone))

    def _ms(self, day: date, minute: int) -> int:
        local = datetime.combine(day, time(), ZoneInfo(self.zone)) + timedelta(minutes=minute)
        return round((local.timestamp() - self.epoch.timestamp()) * 1000)

    @property
    def days(self) -> int:
        """Working days in all, follow-up included."""
        return len(self.opens_ms)

    def at(self, day: int, minute: int) -> int:
        """Time of a local clock minute on a working day."""
        return self.opens_ms[day] + (minute - self.open_min) * MS_PER_MINUTE

    def day_of(self, at_ms: int) -> int:
        """The last working day that had opened by then; -1 before the first opening."""
        return bisect_right(self.opens_ms, at_ms) - 1

    def weekday(self, day: int) -> int:
        """Weekday of a working day; Monday is 0."""
        opens_s = self.epoch.timestamp() + self.opens_ms[day] / 1000
        return datetime.fromtimestamp(opens_s, ZoneInfo(self.zone)).weekday()

    def is_open(self, at_ms: int) -> bool:
        """Whether the lines accept calls."""
        day = self.day_of(at_ms)
        return day >= 0 and at_ms < self.closes_ms[day]

    def next_open_ms(self, at_ms: int) -> int | None:
        """The next opening after a moment at which the lines are closed; None past the last day."""
        day = self.day_of(at_ms) + 1
        return self.opens_ms[day] if day < self.days else None

    def closing_ms(self, at_ms: int) -> int:
        """When the current working day closes (in the past if it has)."""
        return self.closes_ms[max(0, self.day_of(at_ms))]

    def add_working(self, at_ms: int, working_ms: int) -> int | None:
        """The moment after `working_ms` of open time; None if that lies beyond the last day."""
        day = self.day_of(at_ms)
        if day < 0 or at_ms >= self.closes_ms[day]:
            day += 1
            if day >= self.days:
                return None
            at_ms = self.opens_ms[day]
        while at_ms + working_ms > self.closes_ms[day]:
            working_ms -= self.closes_ms[day] - at_ms
            day += 1
            if day >= self.days:
                return None
            at_ms = self.opens_ms[day]
        return at_ms + working_ms

    def clock(self, at_ms: int) -> str:
        """Local date and time, "2026-03-02 09:41:07"."""
        instant = datetime.fromtimestamp(self.epoch.timestamp() + at_ms / 1000, ZoneInfo(self.zone))
        return instant.strftime("%Y-%m-%d %H:%M:%S")
