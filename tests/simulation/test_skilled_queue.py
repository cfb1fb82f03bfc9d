"""Skills and priorities against schedules worked out by hand, the stated rules, and the queue without them."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import RuleBroken
from sandbox.facts import CallAbandoned, CallAnswered, CallHandled
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import SkillGroup
from sandbox.simulation.skilled_queue import Group, SkilledQueue

FOREVER_MS = 1_000_000
INTENTS = ("routine", "judgement", "other")


class Caller(NamedTuple):
    """One call of a schedule; times in milliseconds."""

    at: int
    talk: int
    intent: str = "other"
    patience: int = FOREVER_MS
    after_call: int = 0
    balks: bool = False


class End(NamedTuple):
    """How a call ended: when, after which wait, and as what."""

    how: str
    wait: int
    at: int


def group(share: float, *takes: str) -> SkillGroup:
    """A group of agents."""
    return SkillGroup(share, frozenset(takes))


EVERYBODY = (group(1.0, *INTENTS),)


class Lines:
    """A queue under a schedule, with everything it said; every answer can be looked at when it is given."""

    def __init__(
        self,
        callers: list[Caller],
        agents: int,
        staffing: tuple[tuple[int, int], ...] = (),
        skills: tuple[SkillGroup, ...] | None = EVERYBODY,
        priority: dict[str, float] | None = None,
    ) -> None:
        self.facts: list[tuple[object, ...]] = []
        self.callers = callers
        self.waiting: list[Call] = []
        self.env = Clockwork()
        self.priority = priority or {}
        self.queue = (
            CallQueue(self.env, self, agents)
            if skills is None
            else SkilledQueue(self.env, self, skills, self.priority, agents)
        )
        for number, caller in enumerate(callers):
            after(self.env, caller.at, self._offer, (number, caller))
        for at, on_duty in staffing:
            after(self.env, at, self._staff, on_duty)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Keep what the queue says."""
        self.facts.append(fact)

    def _offer(self, due: tuple[int, Caller]) -> None:
        number, caller = due
        call = Call(
            number,
            -1,
            caller.intent,
            False,
            1,
            caller.patience,
            caller.balks,
            caller.talk,
            caller.after_call,
            self._ended,
        )
        self.waiting.append(call)
        self.queue.offer(call)
        self.queue.check_conserved()

    def _ended(self, call: Call, answered: bool, wait_ms: int) -> None:
        self.waiting.remove(call)
        if answered and isinstance(self.queue, SkilledQueue):
            self.answered(self.queue, call, wait_ms)

    def answered(self, queue: SkilledQueue, call: Call, wait_ms: int) -> None:
        """Look at an answer."""

    def _staff(self, agents: int) -> None:
        self.queue.staff(agents)
        self.queue.check_conserved()

    def play(self) -> list[End]:
        """Run the schedule; how each call ended, in the order of the schedule."""
        self.env.run(until=10 * FOREVER_MS)
        self.queue.check_conserved()
        ends: dict[int, End] = {}
        for fact in self.facts:
            if isinstance(fact, CallAnswered):
                ends[fact.call_id] = End("answered", fact.wait_ms, fact.at_ms)
            elif isinstance(fact, CallAbandoned):
                ends[fact.call_id] = End("balked" if fact.balked else "left", fact.wait_ms, fact.at_ms)
        return [ends[number] for number in sorted(ends)]


def answers(callers: list[Caller], agents: int, *skills: SkillGroup, **priority: float) -> list[int]:
    """When each call of a schedule is answered."""
    ends = Lines(callers, agents, (), skills or EVERYBODY, priority).play()
    assert all(end.how == "answered" for end in ends)
    return [end.at for end in ends]


def test_an_agent_takes_only_what_their_group_takes() -> None:
    """One agent for routine, one for the rest: a free agent of the wrong kind does not help."""
    callers = [
        Caller(0, 100, "routine"),
        Caller(10, 50, "routine"),
        Caller(20, 30),
        Caller(30, 30, "judgement"),
    ]
    skills = (group(0.5, "routine"), group(0.5, "judgement", "other"))
    assert answers(callers, 2, *skills) == [0, 100, 20, 50]


def test_a_caller_gets_the_least_flexible_free_agent() -> None:
    """The specialist is taken first, whatever the order of groups, so the generalist is there for the other call."""
    callers = [Caller(0, 100, "routine"), Caller(10, 100), Caller(20, 10, "routine")]
    general, special = group(0.5, *INTENTS), group(0.5, "routine")
    for skills in ((general, special), (special, general)):
        assert answers(callers, 2, *skills) == [0, 10, 100]


def test_equally_flexible_groups_are_asked_in_the_scenarios_order() -> None:
    """Both could take the first call; the first group does, so the second group's own caller waits for nobody."""
    callers = [Caller(0, 100, "routine"), Caller(10, 100, "judgement"), Caller(20, 10)]
    left, right = group(0.5, "routine", "other"), group(0.5, "routine", "judgement")
    assert answers(callers, 2, left, right) == [0, 10, 100]
    assert answers(callers, 2, right, left) == [0, 100, 20]


def test_higher_priority_goes_first_and_equals_in_the_order_they_came() -> None:
    """One agent, four waiting: both judgement calls pass the earlier routine ones; nobody is interrupted."""
    callers = [
        Caller(0, 100, "routine"),
        Caller(10, 10, "routine"),
        Caller(20, 10, "judgement"),
        Caller(30, 10),
        Caller(40, 10, "judgement"),
    ]
    assert answers(callers, 1, judgement=2, routine=0, other=0) == [0, 120, 100, 130, 110]
    assert answers(callers, 1, judgement=2, other=1) == [0, 130, 100, 120, 110]


def test_a_freed_agent_looks_only_among_their_own_intents() -> None:
    """The routine agent gets free first and takes the routine caller, though a call of higher rank waits."""
    callers = [
        Caller(0, 50, "routine"),
        Caller(0, 100, "judgement"),
        Caller(10, 20, "judgement"),
        Caller(20, 20, "routine"),
    ]
    skills = (group(0.5, "routine"), group(0.5, "judgement", "other"))
    assert answers(callers, 2, *skills, judgement=9) == [0, 0, 100, 50]


def test_who_left_is_skipped_and_who_balks_is_gone() -> None:
    """Patience and balking are those of the queue without skills."""
    callers = [
        Caller(0, 100, "routine"),
        Caller(10, 5, "judgement", patience=40),
        Caller(20, 5, "routine", balks=True),
        Caller(30, 5, "routine"),
        Caller(40, 5, "routine", patience=0),
    ]
    assert Lines(callers, 1, priority={"judgement": 1}).play() == [
        End("answered", 0, 0),
        End("left", 40, 50),
        End("balked", 0, 20),
        End("answered", 70, 100),
        End("balked", 0, 40),
    ]


def test_an_intent_nobody_names_is_taken_by_all() -> None:
    """A new kind of call does not wait for ever because an older scenario does not know it."""
    callers = [Caller(0, 100, "routine"), Caller(1, 10, "chase"), Caller(2, 10, "chase")]
    assert answers(callers, 2, group(0.5, "routine"), group(0.5, "judgement", "other")) == [0, 1, 11]


@pytest.mark.parametrize(
    ("agents", "shares", "heads"),
    [
        (10, (0.7, 0.3), (7, 3)),
        (11, (0.7, 0.3), (8, 3)),
        (12, (0.7, 0.3), (8, 4)),
        (1, (0.5, 0.5), (1, 0)),
        (2, (0.2, 0.3, 0.5), (0, 1, 1)),
        (0, (0.7, 0.3), (0, 0)),
        (3, (0.333333, 0.333333, 0.333334), (1, 1, 1)),
    ],
)
def test_agents_are_shared_out_by_the_largest_remainder(
    agents: int, shares: tuple[float, ...], heads: tuple[int, ...]
) -> None:
    """7.7 and 3.3 make 8 and 3; equal remainders go to the group named first; nobody is lost or made up."""
    skills = tuple(group(share, intent) for share, intent in zip(shares, INTENTS, strict=False))
    queue = Lines([], agents, (), skills).queue
    assert isinstance(queue, SkilledQueue)
    assert tuple(one.agents for one in queue.groups) == heads


def test_groups_with_the_same_skills_are_one() -> None:
    """Two names for the same agents change nothing: a caller finds any of them."""
    queue = SkilledQueue(Clockwork(), Lines([], 0), (group(0.4, "other"), group(0.6, "other")), {}, 5)
    assert [(one.share, one.agents) for one in queue.groups] == [(1.0, 5)]


def test_a_shift_that_begins_takes_waiting_callers_by_priority() -> None:
    """Three agents come on duty: the judgement call first, then the others in order."""
    callers = [Caller(0, 10, "routine"), Caller(1, 10), Caller(2, 10, "judgement"), Caller(3, 10)]
    ends = Lines(callers, 0, ((50, 1), (55, 3)), priority={"judgement": 1}).play()
    assert [end.at for end in ends] == [55, 55, 50, 60]


def test_callers_who_left_are_not_kept() -> None:
    """A line nobody serves does not grow with those who have left."""
    callers = [Caller(0, 5)] + [Caller(at, 5, patience=1) for at in range(1, 2_000)]
    lines = Lines(callers, 0)
    lines.env.run(until=1_999)
    assert isinstance(lines.queue, SkilledQueue)
    assert lines.queue.waiting == 2
    assert len(lines.queue._lines["other"].held) < 100


CALLERS = st.lists(
    st.builds(
        Caller,
        at=st.integers(0, 40),
        talk=st.integers(0, 12),
        intent=st.sampled_from(INTENTS),
        patience=st.integers(0, 15),
        after_call=st.integers(0, 3),
        balks=st.booleans(),
    ),
    max_size=25,
)
STAFFING = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6)), max_size=5).map(tuple)
TAKES = st.sets(st.sampled_from(INTENTS), min_size=1)
SKILLS = st.lists(TAKES, min_size=1, max_size=4).map(
    lambda groups: tuple(group(1 / len(groups), *takes) for takes in groups)
)
PRIORITY = st.dictionaries(st.sampled_from(INTENTS), st.integers(0, 2))


class Watched(Lines):
    """Every answer is held against the rules, from who waits and who is free at that moment."""

    def answered(self, queue: SkilledQueue, call: Call, wait_ms: int) -> None:
        """The agent's group takes the call; nobody it takes should have gone first; no better group was free."""
        chosen = queue._with[call]
        assert takes(queue, chosen, call.intent)
        rank = self.priority.get(call.intent, 0)
        for other in self.waiting:
            if other.waiting and takes(queue, chosen, other.intent):
                assert self.priority.get(other.intent, 0) <= rank
                if self.priority.get(other.intent, 0) == rank:
                    assert other.call_id > call.call_id or other.offered_at_ms >= call.offered_at_ms
        if wait_ms == 0 and not any(other.waiting for other in self.waiting):
            free = [one for one in queue.groups if one.busy < one.agents and takes(queue, one, call.intent)]
            assert all(len(one.takes) >= len(chosen.takes) for one in free)


def takes(queue: SkilledQueue, one: Group, intent: str) -> bool:
    """Whether a group answers an intent; one nobody names is everybody's."""
    return intent in one.takes or not any(intent in other.takes for other in queue.groups)


@given(CALLERS, st.integers(0, 6), STAFFING, SKILLS, PRIORITY)
def test_every_answer_follows_the_rules_and_no_call_is_lost(
    callers: list[Caller],
    agents: int,
    staffing: tuple[tuple[int, int], ...],
    skills: tuple[SkillGroup, ...],
    priority: dict[str, float],
) -> None:
    """Random schedules, groups and priorities: rules at every answer, conservation at every step and at the end."""
    lines = Watched(callers, agents, staffing, skills, priority)
    lines.play()
    queue = lines.queue
    assert isinstance(queue, SkilledQueue)
    assert queue.offered == len(callers) == queue.answered + queue.abandoned + queue.waiting
    assert sum(isinstance(fact, CallHandled) for fact in lines.facts) == queue.answered
    assert queue.busy == 0
    assert not queue._with
    for one in queue.groups:  # at rest nobody waits for an agent who is free
        assert not (one.agents and any(line.waiting for line in one.lines))


@given(CALLERS, st.integers(0, 6), STAFFING, st.integers(1, 4), st.integers(0, 2))
def test_groups_that_take_everything_are_the_queue_without_skills(
    callers: list[Caller], agents: int, staffing: tuple[tuple[int, int], ...], groups: int, rank: int
) -> None:
    """Equal priorities, everybody takes all: the same facts in the same order at the same moments, call by call."""
    skills = tuple(group(1 / groups, *INTENTS) for _ in range(groups))
    equal = dict.fromkeys(INTENTS, float(rank))
    with_skills = Lines(callers, agents, staffing, skills, equal)
    without = Lines(callers, agents, staffing, None)
    assert with_skills.play() == without.play()
    assert with_skills.facts == without.facts


def test_a_group_that_does_not_add_up_is_our_bug() -> None:
    """One busy agent too many in a group breaks the conservation check."""
    lines = Lines([Caller(0, 100)], 1)
    lines.env.run(until=50)
    assert isinstance(lines.queue, SkilledQueue)
    lines.queue.groups[0].busy += 1
    with pytest.raises(RuleBroken, match="do not add up"):
        lines.queue.check_conserved()
