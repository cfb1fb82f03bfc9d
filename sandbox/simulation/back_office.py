"""The back office: notes are read by one group of clerks and keyed into the core by another, in working hours.

Each group is a queue with a capacity: first come first served, as many at a time as there are clerks. A clerk who is
still at an item when the office closes goes on with it in the morning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import exp

from sandbox.draws import Draws
from sandbox.effects import AwaitReconciliation, HandToBackOffice, Keyed, NoteRead, Rekey
from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_HOUR
from sandbox.simulation.behaviour import ATTEMPTS
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.distributions import Lognormal
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import BackOfficeModel

DOUBLE_ENTRY_ERRORS = 0.14 / 0.29
"""Errors left when two clerks key an item, of those of one: shares of wrong fields, Garza et al. 2025."""

_SECONDS_PER_MINUTE = 60.0

Working = Callable[[int, int], int | None]
"""(moment, working time) to the moment that much working time later, or None beyond the observation."""

_Item = tuple[int, Callable[[None], None]]
"""Clerk time an item takes, and whom to tell when it is done."""


class Clerks:
    """A group of clerks and the line of items before it.

    Args:
        env: the SimPy environment; time is integer milliseconds.
        working: the office's hours, as `WorkCalendar.add_working`.
        clerks: items worked on at a time.
    """

    def __init__(self, env: Clockwork, working: Working, clerks: int) -> None:
        """Start with nothing to do."""
        self._env = env
        self._working = working
        self._clerks = clerks
        self._line: deque[_Item] = deque()
        self._coming = self._busy = 0
        self.received = self.done = 0

    @property
    def waiting(self) -> int:
        """Items received and not done: on their way to the line, in it, or with a clerk."""
        return self._coming + len(self._line) + self._busy

    def take(self, delay_ms: int, work_ms: int, done: Callable[[None], None]) -> None:
        """Take an item in; it joins the line after `delay_ms` of working time and needs `work_ms` of a clerk's."""
        self.received += 1
        self._coming += 1
        now = self._env.now
        joins_ms = self._working(now, delay_ms) if delay_ms else now
        if joins_ms is not None:  # else the item is still on its way when the observation ends
            after(self._env, joins_ms - now, self._join, (work_ms, done))

    def _join(self, item: _Item) -> None:
        self._coming -= 1
        if self._busy < self._clerks:
            self._begin(item)
        else:
            self._line.append(item)

    def _begin(self, item: _Item) -> None:
        self._busy += 1
        now = self._env.now
        done_ms = self._working(now, item[0])
        if done_ms is not None:
            after(self._env, done_ms - now, self._finish, item)

    def _finish(self, item: _Item) -> None:
        self._busy -= 1
        self.done += 1
        if self._line:
            self._begin(self._line.popleft())
        item[1](None)

    def check_conserved(self, name: str) -> None:
        """Received = done + waiting, nobody idle before a line, no negative counter; RuleBroken otherwise."""
        idle = self._line and self._busy < self._clerks
        if self.received != self.done + self.waiting or min(self._coming, self._busy) < 0 or idle:
            message = (
                f"items not conserved at {name}: received {self.received}, done {self.done}, coming {self._coming}, "
                f"in line {len(self._line)}, with {self._busy} of {self._clerks} clerks"
            )
            raise RuleBroken(message)


class BackOfficeDesk:
    """Performs what the steps behind the scenes ask for; luck is that of the case and the item."""

    def __init__(self, env: Clockwork, model: BackOfficeModel, hours: WorkCalendar, draws: Draws) -> None:
        """Bind the model; `hours` are the office's own."""
        self._env = env
        self._model = model
        self._hours = hours
        self._draws = draws
        self._reading = Lognormal(model.touch_min_mean * _SECONDS_PER_MINUTE, 1.0)
        self._keying = Lognormal(model.rekey_min_mean * _SECONDS_PER_MINUTE, 1.0)
        self._readers = Clerks(env, hours.add_working, model.clerks)
        self._keyers = Clerks(env, hours.add_working, model.rekeying_clerks)
        self._day_ms = hours.closes_ms[0] - hours.opens_ms[0]
        self._handed = self._lost = self._wrong = self._reconciling = 0

    def hand_over(self, effect: HandToBackOffice, running: Running) -> tuple[int, NoteRead] | None:
        """Take a note in, or lose it."""
        draws, model, case_id, item = self._draws, self._model, running.case_id, effect.item
        self._handed += 1
        if draws.uniform("note_lost", item, case_id) < model.lost_rate:
            self._lost += 1
            return 0, NoteRead(readable=False, touch_ms=0)
        delay_ms = self._delay_ms(model.wait_h_median, draws.normal("back_office_wait", item, case_id))
        touch_ms = self._reading.ms(draws.normal("back_office_touch", item, case_id))
        read = NoteRead(readable=True, touch_ms=touch_ms)
        self._readers.take(delay_ms, touch_ms, lambda _: running.resume(read))
        return None

    def rekey(self, effect: Rekey, running: Running) -> None:
        """Take an item in for keying; what comes of it is drawn now and known when it is done."""
        draws, case_id = self._draws, running.case_id
        key = effect.item * ATTEMPTS + effect.attempt
        delay_ms = self._delay_ms(effect.delay_h_median, draws.normal("rekey_delay", key, case_id))
        touch_ms = self._keying.ms(draws.normal("rekey_touch", key, case_id))
        error_rate = self._model.error_rate
        if effect.double_entry:
            touch_ms, error_rate = 2 * touch_ms, error_rate * DOUBLE_ENTRY_ERRORS
        wrong = draws.uniform("back_office_error", key, case_id) < error_rate
        found = wrong and (
            draws.uniform("back_office_error_found", key, case_id) < self._model.error_found_rate
        )
        keyed = Keyed(wrong, found, touch_ms)

        def done(_: None) -> None:
            self._wrong += wrong and not found
            running.resume(keyed)

        self._keyers.take(delay_ms, touch_ms, done)

    def reconcile(self, _effect: AwaitReconciliation, running: Running) -> None:
        """Come back a working day later."""
        self._reconciling += 1
        now = self._env.now
        found_ms = self._hours.add_working(now, self._day_ms)
        if found_ms is None:
            return

        def found(_: None) -> None:
            self._reconciling -= 1
            running.resume(None)

        after(self._env, found_ms - now, found)

    def _delay_ms(self, median_h: float, z: float) -> int:
        return round(median_h * MS_PER_HOUR * exp(self._model.wait_sigma * z))

    def check_conserved(self) -> dict[str, int]:
        """Return the items by where they are, having checked that none is lost but those a note was lost of.

        Raises:
            RuleBroken: an item vanished or was made up.
        """
        readers, keyers = self._readers, self._keyers
        readers.check_conserved("the back office")
        keyers.check_conserved("manual writeback")
        if self._handed != self._lost + readers.done + readers.waiting or self._reconciling < 0:
            message = (
                f"notes not conserved: handed over {self._handed}, lost {self._lost}, read {readers.done}, "
                f"waiting {readers.waiting}"
            )
            raise RuleBroken(message)
        return {
            "handed_over": self._handed,
            "lost": self._lost,
            "read": readers.done,
            "waiting_to_be_read": readers.waiting,
            "keyed": keyers.done,
            "waiting_to_be_keyed": keyers.waiting,
            "waiting_for_reconciliation": self._reconciling,
            "wrong_unfound": self._wrong,
        }
