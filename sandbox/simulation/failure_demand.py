"""Calls that a late, lost or wrong item brings back to the lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sandbox.draws import Draws
from sandbox.effects import Flow
from sandbox.journey.asking import LATE, REDO, ask_after
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import CaseBook, Visit
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND, TOUCHES_MAX
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.distributions import lognormal_ms
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import BackOfficeModel

ASKS_MAX = 5
"""Times one customer calls because of the back office; further failures of the same case are borne in silence."""

_SECONDS_PER_DAY = MS_PER_DAY / MS_PER_SECOND

Start = Callable[[Flow, tuple[int, int], Callable[[str], None]], None]
"""Starts a flow for (case, touch) and tells its return value."""


class FailureDemand:
    """Decides who calls when; the call itself is the flow `ask_after`.

    A customer asks after an item only while the core does not have it, and not while they are in another visit.
    Calls of one case get touch numbers of their own, beyond those of messages, so that each has its own luck.

    Args:
        env: the SimPy environment.
        model: who asks, and when.
        hours: when the lines are open; lateness is counted in these hours.
        draws: the seed's.
        book: where cases stand.
        start: how a flow is started.
        redo: called with the visit of an answered call that has to leave a new note.
    """

    def __init__(
        self,
        env: Clockwork,
        model: BackOfficeModel,
        hours: WorkCalendar,
        draws: Draws,
        book: CaseBook,
        start: Start,
        redo: Callable[[Visit], None],
    ) -> None:
        """Bind everything; nobody calls before an item is expected."""
        self._env = env
        self._model = model
        self._hours = hours
        self._draws = draws
        self._book = book
        self._start = start
        self._redo = redo
        self._chase_after_ms = round(model.chase_after_h * MS_PER_HOUR)
        self._latest: dict[int, Visit] = {}
        self._asked: dict[int, int] = {}

    def expect(self, visit: Visit) -> None:
        """An item is on its way: a share of customers will ask when it is late."""
        case_id = visit.case_id
        self._latest[case_id] = visit
        if self._draws.uniform("chases", visit.item, case_id) >= self._model.chase_rate:
            return
        now = self._env.now
        late_ms = self._hours.add_working(now, self._chase_after_ms)
        if late_ms is not None:
            after(self._env, late_ms - now, self._ask, visit)

    def failed(self, visit: Visit) -> None:
        """An item came to nothing: a share of customers learns of it some days later."""
        draws, model = self._draws, self._model
        if draws.uniform("failure_surfaces", visit.item, visit.case_id) >= model.surfaces_rate:
            return
        z = draws.normal("failure_surfaces_after", visit.item, visit.case_id)
        delay_ms = lognormal_ms(z, model.surfaces_d_median * _SECONDS_PER_DAY, model.surfaces_sigma)
        after(self._env, delay_ms, self._ask, visit)

    def _ask(self, visit: Visit) -> None:
        book, case_id = self._book, visit.case_id
        if self._latest[case_id] is not visit:
            return  # a new note was left since
        asked = self._asked.get(case_id, 0)
        if book.visiting[case_id] or book.state[case_id] != CaseState.ACTED or asked == ASKS_MAX:
            return
        self._asked[case_id] = asked + 1
        book.visiting[case_id] = 1
        call = replace(
            visit,
            touch=TOUCHES_MAX + 1 + asked,
            at_ms=self._env.now,
            call=None,
            note=None,
            item=visit.item + 1,
            failed="",
        )

        def ended(outcome: str) -> None:
            book.visiting[case_id] = 0
            if outcome == REDO:
                self._redo(call)
            elif book.state[case_id] == CaseState.IDENTIFIED:  # the core refused it during the call
                book.move(case_id, CaseEvent.DROPPED)

        self._start(ask_after(call, visit.failed or LATE), (case_id, call.touch), ended)
