"""The campaign's side of the lines: voice connection, opening hours, and the draws of a campaign call."""

from __future__ import annotations

from sandbox.draws import Draws
from sandbox.effects import CallResult, JoinCallQueue
from sandbox.facts import DiscoveryDone, LineClosed
from sandbox.ports import FactSink, VoicePort
from sandbox.simulation.behaviour import ATTEMPTS, Behaviour
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.callers import patience_of, talk_times
from sandbox.simulation.distributions import Lognormal, exponential_ms
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import CallCentreModel

_NOT_ANSWERED = CallResult(answered=False, wait_ms=0, talk_ms=0)


class CampaignLines:
    """Performs JoinCallQueue: connects the caller, or sends them to the next opening."""

    def __init__(  # noqa: PLR0913 - the one place where lines, people and calendar meet
        self,
        env: Clockwork,
        queue: CallQueue,
        voice: VoicePort,
        centre: CallCentreModel,
        calendar: WorkCalendar,
        behaviour: Behaviour,
        draws: Draws,
        facts: FactSink,
    ) -> None:
        """Bind everything once per run."""
        self._env = env
        self._queue = queue
        self._voice = voice
        self._centre = centre
        self._calendar = calendar
        self._behaviour = behaviour
        self._draws = draws
        self._facts = facts
        self._talk = talk_times(centre)
        self._patience = patience_of(centre)
        self._after = Lognormal(centre.after_call_s_mean, 1.0)
        self._next_id = 1

    def join(self, effect: JoinCallQueue, running: Running) -> tuple[int, CallResult] | None:
        """Start a call; answers when the caller was answered or left."""
        now = self._env.now
        if not self._calendar.is_open(now):
            return self._come_back(effect, running, now)
        key = running.touch * ATTEMPTS + effect.attempt
        connection = self._voice.connect(running.case_id, key)
        if not connection.connected:
            return connection.latency_ms, _NOT_ANSWERED

        def connect(_: None) -> None:
            self._offer(effect, running, key)

        after(self._env, connection.latency_ms, connect)
        return None

    def _come_back(self, effect: JoinCallQueue, running: Running, now: int) -> tuple[int, CallResult] | None:
        """Closed: the customer calls after the next opening."""
        self._facts.emit(LineClosed(running.case_id, now))
        opens = self._calendar.next_open_ms(now)
        if opens is None:
            return 0, _NOT_ANSWERED

        def later(_: None) -> None:
            performed = self.join(effect, running)
            if performed is not None:
                running.resume(performed[1])

        after(self._env, opens + self._after_opening_ms(running, opens) - now, later)
        return None

    def _after_opening_ms(self, running: Running, opens_ms: int) -> int:
        """How long after an opening somebody calls who has slept on it: as long as they took to react at all."""
        delay_ms = self._behaviour.response_delay_ms(running.case_id, running.touch)
        return delay_ms % (self._calendar.closing_ms(opens_ms) - opens_ms)

    def redial(self, running: Running, attempt: int, today_ms: int | None) -> tuple[int, bool]:
        """When somebody who was not answered calls again: today, on the next working day, or never.

        The scenario's `times_max` bounds redials of one visit over all its days. A visit that waits overnight stays
        a visit: who is in the middle of one does not begin another on the next message.

        Args:
            running: the visit.
            attempt: calls made so far.
            today_ms: when they would call again if the lines are still open then; None if not today.

        Returns:
            The time until the next call, and whether there is one.
        """
        now = self._env.now
        if today_ms is not None and now + today_ms < self._calendar.closing_ms(now):
            return today_ms, True
        if not self._behaviour.calls_next_day(running.case_id, running.touch, attempt):
            return 0, False
        opens = self._calendar.next_open_ms(now)
        if opens is None:
            return 0, False
        return opens + self._after_opening_ms(running, opens) - now, True

    def _offer(self, effect: JoinCallQueue, running: Running, key: int) -> None:
        draws, case_id = self._draws, running.case_id
        intent = effect.intent
        if intent == "routine" and self._behaviour.wants_judgement(case_id):
            intent = "judgement"
        talk_ms = self._talk[intent].ms(draws.normal("talk", running.touch, case_id))
        discovery_ms = 0
        if effect.discovery_min_mean:
            found = draws.uniform("discovery", running.touch, case_id)
            discovery_ms = exponential_ms(found, effect.discovery_min_mean * 60.0)

        def ended(call: Call, answered: bool, wait_ms: int) -> None:
            if answered and discovery_ms:
                self._facts.emit(DiscoveryDone(case_id, self._env.now, discovery_ms))
            running.resume(CallResult(answered, wait_ms, call.talk_ms))

        self._queue.offer(
            Call(
                self._next_id,
                case_id,
                intent,
                True,
                effect.attempt,
                self._patience[intent].ms(draws.uniform("patience", key, case_id)),
                draws.uniform("balks", key, case_id) < self._centre.balk_rate,
                talk_ms + discovery_ms,
                self._after.ms(draws.normal("after_call", running.touch, case_id)),
                ended,
            )
        )
        self._next_id += 1
