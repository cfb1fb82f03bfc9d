"""Inbound lines whose agents do not all take every call, and whose callers do not all have the same priority.

- An agent gets free: the longest waiting caller of the highest priority among the intents their group takes.
- A caller arrives: an agent of the least flexible free group that takes the intent, the group with the fewest
  intents; of equally flexible ones the first in the scenario. Nobody passes who could have had that agent.
- A half hour begins with more agents: the least flexible groups pick first, each agent by the first rule.
- Agents on duty are shared out by the groups' shares, whole agents first, then the largest remainders, equal ones in
  the scenario's order. Groups that take the same intents are one group.
- An intent no group names is taken by all of them, so a new kind of call never waits for nobody.

Where neither skills nor priorities are given the lines are a `CallQueue`: this one costs a scan of the caller's
few intents and groups a call. With one group and equal priorities both answer the same calls at the same moments.
With several, who finishes a call after their shift counts against their own group's next shift, not against all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import count
from math import floor, fsum

from sandbox.errors import RuleBroken
from sandbox.facts import CallHandled, CallOffered
from sandbox.ports import FactSink
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import CallCentreModel, SkillGroup

_GONE_KEPT = 64
"""Callers who left are swept from a line once they are most of it, as in `CallQueue`."""

_REMAINDER_DIGITS = 9
"""Remainders that differ by less than the rounding of a product are equal."""


class Group:
    """Agents with the same skills.

    Attributes:
        share: of the agents on duty.
        takes: intents named for them.
        agents, busy: on duty, and on a call (or still finishing one after their shift).
    """

    __slots__ = ("agents", "busy", "lines", "share", "takes")

    def __init__(self, share: float, takes: frozenset[str]) -> None:
        """Nobody is on duty yet."""
        self.share = share
        self.takes = takes
        self.agents = self.busy = 0
        self.lines: list[_Line] = []


class _Line:
    """Callers of one intent who wait, in the order they came; those who left stay until they reach the head."""

    __slots__ = ("groups", "held", "rank", "waiting")

    def __init__(self, priority: float, groups: list[Group]) -> None:
        self.rank = -priority
        self.groups = _by_flexibility(groups)
        self.held: deque[tuple[int, Call]] = deque()
        self.waiting = 0

    def head(self) -> tuple[float, int] | None:
        """Rank and number of the caller who is next; lower goes first."""
        held = self.held
        while held and not held[0][1].waiting:
            held.popleft()
        return (self.rank, held[0][0]) if held else None


def _by_flexibility(groups: list[Group]) -> list[Group]:
    """Fewest intents first, equally flexible ones in the scenario's order."""
    return sorted(groups, key=lambda group: len(group.takes))


class SkilledQueue(CallQueue):
    """The lines with groups of agents and priorities.

    Args:
        env: the SimPy environment; time is integer milliseconds.
        facts: where call facts go.
        skills: the groups in the scenario's order; empty is one group that takes everything.
        priority: by intent, higher first; 0 where not given.
        agents: agents on duty at the start.
    """

    def __init__(
        self,
        env: Clockwork,
        facts: FactSink,
        skills: Sequence[SkillGroup],
        priority: Mapping[str, float],
        agents: int = 0,
    ) -> None:
        """Start with empty lines."""
        super().__init__(env, facts, agents)
        merged: dict[frozenset[str], Group] = {}
        for skill in skills or (SkillGroup(1.0, frozenset()),):
            group = merged.setdefault(skill.takes, Group(0.0, skill.takes))
            group.share += skill.share
        total = fsum(group.share for group in merged.values())
        for group in merged.values():
            group.share /= total  # typed decimals may sum to nearly 1
        self.groups = list(merged.values())
        self._least_flexible_first = _by_flexibility(self.groups)
        self._priority = priority
        self._lines: dict[str, _Line] = {}
        self._with: dict[Call, Group] = {}
        self._numbers = count()
        self._share_out(agents)

    def staff(self, agents: int) -> None:
        """Change the agents on duty; who is on a call finishes it, even beyond the end of a shift."""
        self.agents = agents
        self._share_out(agents)
        for group in self._least_flexible_first:
            while group.busy < group.agents and self._take(group):
                pass

    def offer(self, call: Call) -> None:
        """A call reaches the lines."""
        env = self._env
        now = call.offered_at_ms = env.now
        self.offered += 1
        self._emit(CallOffered(call.call_id, call.case_id, now, call.intent, call.campaign, call.attempt))
        line = self._line_of(call.intent)
        group = self._free_group(line)
        if group is not None:
            self._begin(call, group)
        elif call.balks or call.patience_ms <= 0:
            self._abandon(call, balked=True)
        else:
            call.waiting = True
            self.waiting += 1
            line.waiting += 1
            line.held.append((next(self._numbers), call))
            after(env, call.patience_ms, self._patience_over, call)

    def _share_out(self, agents: int) -> None:
        wanted = [agents * group.share for group in self.groups]
        for group, exact in zip(self.groups, wanted, strict=True):
            group.agents = floor(round(exact, _REMAINDER_DIGITS))
        left = agents - sum(group.agents for group in self.groups)
        by_remainder = sorted(
            range(len(wanted)), key=lambda at: round(self.groups[at].agents - wanted[at], _REMAINDER_DIGITS)
        )
        for at in by_remainder[:left]:
            self.groups[at].agents += 1

    def _line_of(self, intent: str) -> _Line:
        line = self._lines.get(intent)
        if line is None:
            takers = [group for group in self.groups if intent in group.takes] or self.groups
            line = self._lines[intent] = _Line(self._priority.get(intent, 0.0), takers)
            for group in takers:
                group.lines.append(line)
        return line

    @staticmethod
    def _free_group(line: _Line) -> Group | None:
        """The group whose agent takes a caller at once; a group with callers waiting for it is not free."""
        for group in line.groups:
            if group.busy < group.agents and not any(other.waiting for other in group.lines):
                return group
        return None

    def _take(self, group: Group) -> bool:
        """Let an agent of the group answer who is next for them; False if nobody waits."""
        chosen: _Line | None = None
        first: tuple[float, int] | None = None
        for line in group.lines:
            if line.waiting and (head := line.head()) is not None and (first is None or head < first):
                chosen, first = line, head
        if chosen is None:
            return False
        _, call = chosen.held.popleft()
        call.waiting = False
        chosen.waiting -= 1
        self.waiting -= 1
        self._begin(call, group)
        return True

    def _begin(self, call: Call, group: Group) -> None:
        self._with[call] = group
        group.busy += 1
        self._answer(call)

    def _agent_free(self, call: Call) -> None:
        group = self._with.pop(call)
        group.busy -= 1
        self.busy -= 1
        self._emit(
            CallHandled(
                call.call_id, call.case_id, self._env.now, call.talk_ms, call.after_call_ms, call.campaign
            )
        )
        if self.waiting and group.busy < group.agents:
            self._take(group)

    def _patience_over(self, call: Call) -> None:
        if call.waiting:
            line = self._lines[call.intent]
            call.waiting = False
            self.waiting -= 1
            line.waiting -= 1
            if len(line.held) > 2 * line.waiting + _GONE_KEPT:
                line.held = deque(entry for entry in line.held if entry[1].waiting)
            self._abandon(call, balked=False)

    def check_conserved(self) -> None:
        """As in `CallQueue`, and groups and lines add up to the whole; RuleBroken otherwise."""
        super().check_conserved()
        busy = sum(group.busy for group in self.groups)
        waiting = sum(line.waiting for line in self._lines.values())
        agents = sum(group.agents for group in self.groups)
        if (busy, waiting, agents) != (self.busy, self.waiting, self.agents):
            message = (
                f"groups and lines do not add up: busy {busy} of {self.busy}, waiting {waiting} of {self.waiting}, "
                f"agents {agents} of {self.agents}"
            )
            raise RuleBroken(message)


def lines_of(env: Clockwork, facts: FactSink, centre: CallCentreModel) -> CallQueue:
    """The lines a call centre needs: one pool, or groups with skills and priorities where it has any."""
    if centre.skills or centre.priority:
        return SkilledQueue(env, facts, centre.skills, centre.priority)
    return CallQueue(env, facts)
