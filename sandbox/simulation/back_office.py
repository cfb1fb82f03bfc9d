"""Manual writeback: notes wait for working hours, are rekeyed, and sometimes rekeyed wrongly."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from sandbox.draws import Draws
from sandbox.facts import BackOfficeDone
from sandbox.model import MS_PER_HOUR
from sandbox.ports import FactSink, PostCommand
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.distributions import Lognormal
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import BackOfficeModel

_SECONDS_PER_MINUTE = 60.0


class BackOfficeDesk:
    """Items wait (lognormal, in working time), then are posted by a person through the one path for a posting.

    A rekeying error leaves the outcome out of the core; reconciliation on the next working day finds a share of
    them and the item is done again, the rest stay wrong.
    """

    def __init__(
        self,
        env: Clockwork,
        model: BackOfficeModel,
        calendar: WorkCalendar,
        draws: Draws,
        facts: FactSink,
        post: Callable[[PostCommand], None],
    ) -> None:
        """Bind the model; `post` drives one posting."""
        self._env = env
        self._model = model
        self._calendar = calendar
        self._draws = draws
        self._facts = facts
        self._post = post
        self._wait = (model.wait_h_median * MS_PER_HOUR, model.wait_sigma)
        self._touch = Lognormal(model.touch_min_mean * _SECONDS_PER_MINUTE, 1.0)

    def receive(self, command: PostCommand) -> None:
        """Queue one note."""
        median_ms, sigma = self._wait
        z = self._draws.normal("back_office_wait", 0, command.case_id)
        self._work(command, round(median_ms * exp(sigma * z)), 0)

    def _work(self, command: PostCommand, working_ms: int, attempt: int) -> None:
        touch_ms = self._touch.ms(self._draws.normal("back_office_touch", attempt, command.case_id))
        done_ms = self._calendar.add_working(self._env.now, working_ms + touch_ms)
        if done_ms is None:
            return  # beyond the observation: the item is still open when it ends

        def done(_: None) -> None:
            self._done(command, touch_ms, attempt)

        after(self._env, done_ms - self._env.now, done)

    def _done(self, command: PostCommand, touch_ms: int, attempt: int) -> None:
        draws, case_id = self._draws, command.case_id
        wrong = draws.uniform("back_office_error", attempt, case_id) < self._model.error_rate
        self._facts.emit(BackOfficeDone(case_id, self._env.now, touch_ms, wrong))
        if not wrong:
            self._post(command)
        elif draws.uniform("back_office_error_found", attempt, case_id) < self._model.error_found_rate:
            day_ms = self._calendar.closes_ms[0] - self._calendar.opens_ms[0]
            self._work(command, day_ms, attempt + 1)
