"""The inbound lines: agents by interval, first come first served, patience, balking, after-call work.

One process per caller would be the obvious model; a deque with scheduled callbacks says the same at less than half
the cost (tests/benchmarks/bench_call_queue.py). Ties: of two events at the same millisecond the one scheduled first
happens first, so a caller whose patience ends exactly when an agent gets free has left if they joined before that
agent's last call began, and is answered otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sandbox.errors import RuleBroken
from sandbox.facts import CallAbandoned, CallAnswered, CallHandled, CallOffered
from sandbox.ports import FactSink
from sandbox.simulation.events import Clockwork, after

_GONE_KEPT = 64
"""Callers who left stay in the line until they come to its head, or until they are most of it: with nobody on duty
the head never moves. Sweeping only then costs each caller a constant."""


class Call:
    """One attempt. Everything random about it was drawn before it reached the queue.

    Attributes:
        call_id: unique within a run.
        case_id: the case, or -1 for other traffic.
        intent: why they call.
        campaign: belongs to the campaign.
        attempt: 1 for the first call, more for redials.
        patience_ms: how long they wait at most.
        balks: leaves at once if not answered at once.
        talk_ms, after_call_ms: what the agent spends once answered.
        ended: called once with (answered, wait_ms) when answered or gone.
    """

    __slots__ = (
        "after_call_ms",
        "attempt",
        "balks",
        "call_id",
        "campaign",
        "case_id",
        "ended",
        "intent",
        "offered_at_ms",
        "patience_ms",
        "talk_ms",
        "waiting",
    )

    def __init__(  # noqa: PLR0913 - a call is its draws; built positionally on the hot path
        self,
        call_id: int,
        case_id: int,
        intent: str,
        campaign: bool,
        attempt: int,
        patience_ms: int,
        balks: bool,
        talk_ms: int,
        after_call_ms: int,
        ended: Callable[[Call, bool, int], None],
    ) -> None:
        self.call_id = call_id
        self.case_id = case_id
        self.intent = intent
        self.campaign = campaign
        self.attempt = attempt
        self.patience_ms = patience_ms
        self.balks = balks
        self.talk_ms = talk_ms
        self.after_call_ms = after_call_ms
        self.ended = ended
        self.offered_at_ms = 0
        self.waiting = False


class CallQueue:
    """A pool of agents and the queue before it.

    Args:
        env: the SimPy environment; time is integer milliseconds.
        facts: where call facts go.
        agents: agents on duty at the start.
    """

    def __init__(self, env: Clockwork, facts: FactSink, agents: int = 0) -> None:
        """Start with an empty queue."""
        self._env = env
        self._emit = facts.emit
        self._line: deque[Call] = deque()
        self.agents = agents
        self.busy = 0
        self.waiting = 0
        self.offered = self.answered = self.abandoned = 0

    def staff(self, agents: int) -> None:
        """Change the agents on duty; who is on a call finishes it, even beyond the end of a shift."""
        self.agents = agents
        while self.waiting and self.busy < self.agents:
            self._answer(self._next())

    def offer(self, call: Call) -> None:
        """A call reaches the lines."""
        env = self._env
        now = call.offered_at_ms = env.now
        self.offered += 1
        self._emit(CallOffered(call.call_id, call.case_id, now, call.intent, call.campaign, call.attempt))
        if self.busy < self.agents and not self.waiting:
            self._answer(call)
        elif call.balks or call.patience_ms <= 0:
            self._abandon(call, balked=True)
        else:
            call.waiting = True
            self.waiting += 1
            self._line.append(call)
            after(env, call.patience_ms, self._patience_over, call)

    def _next(self) -> Call:
        while True:
            call = self._line.popleft()
            if call.waiting:
                self.waiting -= 1
                call.waiting = False
                return call

    def _answer(self, call: Call) -> None:
        env = self._env
        now = env.now
        self.busy += 1
        self.answered += 1
        wait = now - call.offered_at_ms
        self._emit(CallAnswered(call.call_id, call.case_id, now, wait, call.campaign, call.offered_at_ms))
        after(env, call.talk_ms + call.after_call_ms, self._agent_free, call)
        call.ended(call, True, wait)

    def _agent_free(self, call: Call) -> None:
        self.busy -= 1
        self._emit(
            CallHandled(
                call.call_id, call.case_id, self._env.now, call.talk_ms, call.after_call_ms, call.campaign
            )
        )
        if self.waiting and self.busy < self.agents:
            self._answer(self._next())

    def _patience_over(self, call: Call) -> None:
        if call.waiting:
            call.waiting = False
            self.waiting -= 1
            if len(self._line) > 2 * self.waiting + _GONE_KEPT:
                self._line = deque(held for held in self._line if held.waiting)
            self._abandon(call, balked=False)

    def _abandon(self, call: Call, *, balked: bool) -> None:
        now = self._env.now
        self.abandoned += 1
        wait = now - call.offered_at_ms
        self._emit(
            CallAbandoned(call.call_id, call.case_id, now, wait, call.campaign, call.offered_at_ms, balked)
        )
        call.ended(call, False, wait)

    def check_conserved(self) -> None:
        """Offered = answered + abandoned + waiting, and no negative counter; RuleBroken otherwise."""
        if self.offered != self.answered + self.abandoned + self.waiting or self.busy < 0 or self.waiting < 0:
            message = (
                f"calls not conserved: offered {self.offered}, answered {self.answered}, "
                f"abandoned {self.abandoned}, waiting {self.waiting}, busy {self.busy}"
            )
            raise RuleBroken(message)
