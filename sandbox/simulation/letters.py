"""The way to a person for customers no message can reach: a letter asks them to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import facts
from sandbox.draws import Draws
from sandbox.facts.outreach import NO_CHANNEL
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Desk
from sandbox.model import MS_PER_DAY, MS_PER_SECOND
from sandbox.simulation.distributions import lognormal_ms
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import LetterModel

_S_PER_DAY = MS_PER_DAY / MS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes letters and starts the calls that come of them.

    Attributes:
        model: who can be written to, who answers, and when.
        call_in: called at the moment a customer calls, with (case, sent_at_ms).
    """

    env: Clockwork
    desk: Desk
    model: LetterModel
    draws: Draws
    call_in: Callable[[int, int], None]

    def write(self, case_id: int) -> None:
        """Route a case to a person, by a letter if there is an address to send it to."""
        desk, now, draws = self.desk, self.env.now, self.draws
        desk.emit(facts.RoutedToPerson(case_id, now, NO_CHANNEL))
        if draws.uniform("letter_address", 0, case_id) >= self.model.address_rate:
            return
        desk.book.move(case_id, CaseEvent.SENT)
        desk.emit(facts.LetterSent(case_id, now))
        desk.record(case_id, now, "letter_sent", {"reason": NO_CHANNEL})
        if draws.uniform("letter_answered", 0, case_id) < self.model.response_rate:
            z = draws.normal("letter_delay", 0, case_id)
            delay_ms = lognormal_ms(z, self.model.delay_days_median * _S_PER_DAY, self.model.delay_sigma)
            after(self.env, delay_ms, self._called, (case_id, now))

    def _called(self, answer: tuple[int, int]) -> None:
        self.call_in(*answer)
