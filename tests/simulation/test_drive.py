from __future__ import annotations

from typing import Any

import pytest

from sandbox.effects import Ask, Flow, Wait
from sandbox.errors import RuleBroken
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork, after

END_MS = 10_000


def run(flow: Flow, env: Clockwork, answers: dict[str, tuple[int, Any] | None]) -> list[Any]:
    """Drive a flow whose questions are answered from a table; returns what it ended with."""
    ended: list[Any] = []
    performers = {
        Wait: lambda effect, _running: (effect.delay_ms, None),
        Ask: lambda effect, _running: answers[effect.question],
    }
    Running(env, flow, performers, (1, 1), ended.append)
    env.run(until=END_MS)
    return ended


def test_time_passes_only_where_an_effect_takes_it():
    """Answers carry the time they arrived: 0 for what is at once, the delay for what takes one."""
    env, heard = Clockwork(), []

    def flow() -> Flow:
        for effect in (Ask("at once", None, 0), Wait(1), Wait(249), Ask("slow", None, 0)):
            answer = yield effect
            heard.append((answer.value, answer.at_ms))
        return "over"

    assert run(flow(), env, {"at once": (0, "yes"), "slow": (1_000, "no")}) == ["over"]
    assert heard == [("yes", 0), (None, 1), (None, 250), ("no", 1_250)]
    assert env.now == END_MS


def test_many_effects_at_once_do_not_pile_up():
    """Ten thousand answers without delay are a loop, not ten thousand calls deep."""

    def flow() -> Flow:
        for _ in range(10_000):
            yield Wait(0)
        return "over"

    assert run(flow(), Clockwork(), {}) == ["over"]


def test_what_answers_itself_later_resumes_the_flow():
    """A queue keeps the flow and hands back the answer when it has one."""
    env, kept, ended = Clockwork(), [], []

    def flow() -> Flow:
        answer = yield Ask("queue", None, 0)
        return answer

    def hold(_effect: Ask, running: Running) -> None:
        kept.append(running)

    Running(env, flow(), {Ask: hold}, (7, 2), ended.append)
    assert (kept[0].case_id, kept[0].touch) == (7, 2)
    after(env, 40, lambda _event: kept[0].resume("your turn"))
    env.run(until=END_MS)
    assert ended == [("your turn", 40)]


def test_events_of_one_moment_happen_in_the_order_they_were_planned():
    """Ties are decided by order, never by chance."""
    env, seen = Clockwork(), []
    for name in "abc":
        after(env, 5, seen.append, name)
    after(env, 0, seen.append, "first")
    env.run(until=END_MS)
    assert seen == ["first", "a", "b", "c"]


def test_a_run_ends_at_a_moment():
    """SimPy's own ways to end a run (no end, an event) would meet entries it cannot call."""
    for until in (None, 1.5):
        with pytest.raises(RuleBroken, match="a moment in milliseconds"):
            Clockwork().run(until)
