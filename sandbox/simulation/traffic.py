"""Calls on the same lines that have nothing to do with the campaign."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from math import log1p

from sandbox.draws import Draws, generator
from sandbox.simulation.calendar import SLOT_MS, WorkCalendar
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.callers import OTHER, patience_of, talk_times
from sandbox.simulation.distributions import Lognormal, lognormal_ms
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import CallCentreModel

_REDIAL_KEYS = 8
"""Room for redials of one caller among the draw keys of their day."""

_FURTHER_KEYS = 1 << 20
"""Where the keys of still further redials begin, beyond those of any day."""


def day_multiplier(seed: int, day: int, cv: float) -> float:
    """The day's level of other traffic: gamma with mean 1 and the given coefficient of variation."""
    if cv <= 0.0:
        return 1.0
    shape = 1.0 / (cv * cv)
    return float(generator(seed, "day_multiplier", day).gamma(shape, 1.0 / shape))


def level_of(centre: CallCentreModel, calendar: WorkCalendar, seed: int, day: int) -> float:
    """Expected other calls of one day: the usual level, its weekday's factor, and the day's own multiplier.

    Given the level the day's calls are Poisson; over days of one weekday their variance is the mean plus
    (day_multiplier_cv x mean) squared, so real days' over-dispersion comes back.
    """
    level = centre.other_calls_per_day * day_multiplier(seed, day, centre.day_multiplier_cv)
    return level * centre.weekday_factors[calendar.weekday(day)] if centre.weekday_factors else level


def arrivals(centre: CallCentreModel, calendar: WorkCalendar, draws: Draws, day: int) -> Iterator[int]:
    """Arrival times of one day's other calls, in order: a Poisson process by time change.

    Unit-rate gaps are mapped through the day's cumulative rate, so more traffic means the same callers, closer
    together, and more of them at the end.
    """
    level = level_of(centre, calendar, draws.seed, day)
    elapsed, number, passed = 0.0, 0, 0.0
    for slot, weight in enumerate(centre.other_weights):
        here = level * weight
        start = calendar.opens_ms[day] + slot * SLOT_MS
        while True:
            reach = elapsed - log1p(-draws.uniform("other_gap", day, number))
            if here <= 0.0 or reach > passed + here:
                break
            elapsed = reach
            number += 1
            yield start + int((elapsed - passed) / here * SLOT_MS)
        passed += here


class OtherTraffic:
    """Feeds other calls into the queue, day by day, redials included."""

    def __init__(
        self, env: Clockwork, queue: CallQueue, centre: CallCentreModel, calendar: WorkCalendar, draws: Draws
    ) -> None:
        """Bind the lines and the model; `start` sets it going."""
        self._env = env
        self._queue = queue
        self._centre = centre
        self._calendar = calendar
        self._draws = draws
        self._talk = talk_times(centre)[OTHER]
        self._patience = patience_of(centre)[OTHER]
        self._after = Lognormal(centre.after_call_s_mean, 1.0)
        self._reached = list(accumulate(centre.other_weights))
        self._next_id = -1

    def start(self, day: int) -> None:
        """Set one day's calls going; call at or before its opening."""
        self._follow(arrivals(self._centre, self._calendar, self._draws, day), day, 0)

    def _follow(self, times: Iterator[int], day: int, number: int) -> None:
        at_ms = next(times, None)
        if at_ms is None:
            return

        def arrive(_: None) -> None:
            self._call(day, number, 0)
            self._follow(times, day, number + 1)

        after(self._env, at_ms - self._env.now, arrive)

    def _call(self, day: int, number: int, redials: int) -> None:
        """One call of the caller who was the day's `number`-th; every draw is keyed by that first call."""
        draws, centre = self._draws, self._centre
        key = _key(day, redials)

        def ended(call: Call, answered: bool, _wait_ms: int) -> None:
            if not answered:
                self._maybe_redial(day, number, call.attempt)

        self._queue.offer(
            Call(
                self._next_id,
                -1,
                OTHER,
                False,
                redials + 1,
                self._patience.ms(draws.uniform("other_patience", key, number)),
                draws.uniform("other_balks", key, number) < centre.balk_rate,
                self._talk.ms(draws.normal("other_talk", day, number)),
                self._after.ms(draws.normal("other_after_call", day, number)),
                ended,
            )
        )
        self._next_id -= 1

    def _maybe_redial(self, day: int, number: int, attempt: int) -> None:
        """Today if they redial and the lines are still open then; else perhaps on the next working day."""
        draws, centre = self._draws, self._centre
        if attempt > centre.redials_max:
            return
        key, now = _key(day, attempt), self._env.now
        delay: int | None = None
        if draws.uniform("other_redial", key, number) < centre.redial_rate[OTHER]:
            z = draws.normal("other_redial_delay", key, number)
            delay = lognormal_ms(z, centre.redial_delay_min_median * 60.0, centre.redial_delay_sigma)
        if delay is None or now + delay >= self._calendar.closing_ms(now):
            delay = self._next_day_ms(key, number)
        if delay is None:
            return

        def again(_: None) -> None:
            self._call(day, number, attempt)

        after(self._env, delay, again)

    def _next_day_ms(self, key: int, number: int) -> int | None:
        """Time until they call on the next working day, at an hour at which other callers do; None if never."""
        rate, draws, now = self._centre.next_day_rate.get(OTHER, 0.0), self._draws, self._env.now
        if rate <= 0.0 or draws.uniform("other_next_day", key, number) >= rate:
            return None
        opens = self._calendar.next_open_ms(now)
        if opens is None:
            return None
        place = draws.uniform("other_next_day_time", key, number) * self._reached[-1]
        slot = min(bisect_right(self._reached, place), len(self._reached) - 1)
        weight = self._centre.other_weights[slot]
        inside = max(0.0, 1.0 - (self._reached[slot] - place) / weight) if weight else 0.0
        return opens + slot * SLOT_MS + int(inside * SLOT_MS) - now


def _key(day: int, redials: int) -> int:
    """The draw key of a caller's n-th redial; no two of a run are the same, however often somebody redials."""
    if redials < _REDIAL_KEYS:
        return day * _REDIAL_KEYS + redials
    return _FURTHER_KEYS + day * _FURTHER_KEYS + redials
