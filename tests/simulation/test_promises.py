"""Promises fall due once, at the end of their day, and are kept or broken by the customer's own luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.model import MS_PER_DAY
from sandbox.simulation.events import Clockwork
from sandbox.simulation.promises import FollowThrough, due_ms
from tests.scenarios.recorded import record, scenario_with

HOUR = MS_PER_DAY // 24


class Heard:
    """A sink that keeps what it hears."""

    def __init__(self) -> None:
        self.facts: list[tuple[object, ...]] = []

    @property
    def heard(self) -> dict[type, Callable[[Any], None]]:
        """All kinds of fact are heard."""
        return facts.heard_by(self.emit)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Keep it."""
        self.facts.append(fact)


def promise(case: int, at_ms: int, days: int, action: str = "promise_to_pay") -> facts.Recorded:
    """A recorded promise."""
    return facts.Recorded(case, at_ms, action, 1_000 + case, 1, False, days)


def followed(kept_rate: float, *promises: facts.Recorded, until: int) -> list[tuple[object, ...]]:
    """What is told beyond the records themselves."""
    env, heard = Clockwork(), Heard()
    follow = FollowThrough(env, kept_rate, Draws(1), heard)
    for one in promises:
        env.run(until=one.at_ms)
        follow.emit(one)
    env.run(until=until)
    assert [fact for fact in heard.facts if isinstance(fact, facts.Recorded)] == list(promises)
    return [fact for fact in heard.facts if not isinstance(fact, facts.Recorded)]


@pytest.mark.parametrize(
    ("at_ms", "days", "due"),
    [(0, 0, 1), (10 * HOUR, 3, 4), (MS_PER_DAY - 1, 3, 4), (MS_PER_DAY, 3, 5)],
)
def test_a_promise_is_due_at_the_end_of_its_day(at_ms: int, days: int, due: int):
    """Recorded on the first day and due in three: the end of the fourth day, whatever the hour."""
    assert due_ms(at_ms, days) == due * MS_PER_DAY


def test_promises_of_one_day_fall_due_together_in_the_order_of_their_records():
    """Two promises made on different days for the same day, one for a later day, one beyond the observation."""
    told = followed(
        1.0,
        promise(5, HOUR, 3),
        promise(2, HOUR + MS_PER_DAY, 2),
        promise(9, HOUR + MS_PER_DAY, 3),
        promise(7, HOUR + MS_PER_DAY, 14),
        until=10 * MS_PER_DAY,
    )
    assert told == [
        facts.PromiseKept(5, 4 * MS_PER_DAY, 1_005),
        facts.PromiseKept(2, 4 * MS_PER_DAY, 1_002),
        facts.PromiseKept(9, 5 * MS_PER_DAY, 1_009),
    ]


def test_only_promises_are_followed_up():
    """A payment is money already; a dispute is none."""
    others = [promise(1, 0, 3, "pay_now"), promise(2, 0, 3, "dispute")]
    assert followed(1.0, *others, until=30 * MS_PER_DAY) == []


def test_the_share_kept_is_the_scenarios_and_each_customer_decides_alike_everywhere():
    """Of 4,000 promises six in ten are kept; a higher rate keeps those and more."""
    made = [promise(case, 0, 3) for case in range(4_000)]
    kept = {}
    for rate in (0.0, 0.6, 0.8, 1.0):
        told = followed(rate, *made, until=30 * MS_PER_DAY)
        kept[rate] = {fact[0] for fact in told if isinstance(fact, facts.PromiseKept)}
    assert (len(kept[0.0]), len(kept[1.0])) == (0, 4_000)
    assert len(kept[0.6]) / 4_000 == pytest.approx(0.6, abs=0.03)
    assert kept[0.6] < kept[0.8]


@pytest.mark.parametrize("design", ["sms-to-call", "in-message"])
def test_in_a_run_every_promise_ends_once_or_is_censored(design: str):
    """Due before the end: exactly one end, of the promised amount, at the due moment; due later: none."""
    run = record(design)
    ends = Counter(fact.case_id for kind in (facts.PromiseKept, facts.PromiseBroken) for fact in run.of(kind))
    told = {fact.case_id: fact for kind in (facts.PromiseKept, facts.PromiseBroken) for fact in run.of(kind)}
    promises = [fact for fact in run.of(facts.Recorded) if fact.action == "promise_to_pay"]
    assert promises
    for one in promises:
        moment = due_ms(one.at_ms, one.due_day_offset)
        assert 3 <= one.due_day_offset <= 14
        assert ends[one.case_id] == (moment < run.layout.end_ms)
        if moment < run.layout.end_ms:
            assert told[one.case_id][1:] == (moment, one.amount_minor)
    rate = scenario_with().document.customers.promise_kept_rate
    share = len(run.of(facts.PromiseKept)) / len(told)
    assert share == pytest.approx(rate, abs=0.12)


def test_the_same_customers_keep_their_promises_in_every_design():
    """Who promised in two designs did the same in both."""
    ours, theirs = (
        {
            fact.case_id: type(fact)
            for kind in (facts.PromiseKept, facts.PromiseBroken)
            for fact in run.of(kind)
        }
        for run in (record("portal"), record("in-message"))
    )
    both = ours.keys() & theirs.keys()
    assert len(both) > 20
    assert all(ours[case] is theirs[case] for case in both)
