"""Calls on the same lines that have nothing to do with the campaign."""

from __future__ import annotations

from collections.abc import Iterator
from math import log1p

from sandbox.draws import Draws, generator
from sandbox.simulation.calendar import SLOT_MS, WorkCalendar
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.distributions import Lognormal, exponential_ms, lognormal_ms
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import CallCentreModel

_REDIAL_KEYS = 8
"""Room for redials of one caller in a draw key; more than any redials_max allowed."""


def day_multiplier(seed: int, day: int, cv: float) -> float:
    """The day's level of other traffic: gamma with mean 1 and the given coefficient of variation."""
    if cv <= 0.0:
        return 1.0
    shape = 1.0 / (cv * cv)
    return float(generator(seed, "day_multiplier", day).gamma(shape, 1.0 / shape))


def arrivals(centre: CallCentreModel, calendar: WorkCalendar, draws: Draws, day: int) -> Iterator[int]:
    """Arrival times of one day's other calls, in order: a Poisson process by time change.

    Unit-rate gaps are mapped through the day's cumulative rate, so more traffic means the same callers, closer
    together, and more of them at the end.
    """
    level = centre.other_calls_per_day * day_multiplier(draws.seed, day, centre.day_multiplier_cv)
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
        self._talk = Lognormal(centre.handling_s_mean["other"], centre.handling_cv["other"])
        self._after = Lognormal(centre.after_call_s_mean, 1.0)
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
        draws, centre = self._draws, self._centre
        key = day * _REDIAL_KEYS + redials

        def ended(call: Call, answered: bool, _wait_ms: int) -> None:
            if not answered:
                self._maybe_redial(day, number, call.attempt)

        self._queue.offer(
            Call(
                self._next_id,
                -1,
                "other",
                False,
                redials + 1,
                exponential_ms(draws.uniform("other_patience", key, number), centre.patience_s_mean["other"]),
                draws.uniform("other_balks", key, number) < centre.balk_rate,
                self._talk.ms(draws.normal("other_talk", day, number)),
                self._after.ms(draws.normal("other_after_call", day, number)),
                ended,
            )
        )
        self._next_id -= 1

    def _maybe_redial(self, day: int, number: int, attempt: int) -> None:
        draws, centre = self._draws, self._centre
        if attempt > centre.redials_max:
            return
        key = day * _REDIAL_KEYS + attempt
        if draws.uniform("other_redial", key, number) >= centre.redial_rate["other"]:
            return
        z = draws.normal("other_redial_delay", key, number)
        delay = lognormal_ms(z, centre.redial_delay_min_median * 60.0, centre.redial_delay_sigma)
        if self._env.now + delay >= self._calendar.closes_ms[day]:
            return

        def again(_: None) -> None:
            self._call(day, number, attempt)

        after(self._env, delay, again)
