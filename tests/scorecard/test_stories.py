"""Stories nobody would write by hand: the two implementations agree on whatever may happen to a case."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import facts
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.outcome import Prices, close
from sandbox.scorecard.tally import Tally
from scenarios.cuts import Cut
from tests.scorecard.recount import Recount

DAY = 86_400_000
LAYOUT = Layout(8, 6, [day * DAY for day in range(9)], 6, 2, 1_800_000, frozenset({1}), 9 * DAY)
PRICES = Prices(28.0, 0.04, 0.03, 0.08, 4.0, 0.01, 0.002, 30.0)
ONCE = ("recorded", "kept", "broken")
ANY = (
    "sent", "engaged", "clicked", "changed", "proven", "chosen", "judged", "acted", "refused", "tried", "code",
    "exception", "incomplete", "unsettled", "discovery", "duplicate", "breach", "no_channel", "delivered", "read",
    "called", "item", "error",
)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> list[Any]:
    """What happens to eight cases, in order of time: let in, messaged and engaged first, then anything."""
    told: list[Any] = []
    for case in range(LAYOUT.cases):
        if draw(st.integers(0, 9)) == 0:
            told.append(facts.Excluded(case, 0, 0, "account_closed"))
            continue
        band = draw(st.sampled_from(LAYOUT.bands))
        told.append(facts.Triggered(case, case, 0, band, draw(st.booleans()) and draw(st.booleans())))
        told += [facts.Sent(case, 10, 1, "sms"), facts.Engaged(case, 11, 1, "call")]
        names = draw(st.lists(st.sampled_from((*ANY, *ONCE)), max_size=14))
        kept = [name for place, name in enumerate(names) if name not in ONCE or name not in names[:place]]
        for place, name in enumerate(kept):
            told += _facts(name, case, 100 * (place + 1), 1_000 * case + place)
    return told


def _facts(name: str, case: int, at_ms: int, number: int) -> list[Any]:
    amount = 100 + number
    one: dict[str, list[Any]] = {
        "sent": [facts.Sent(case, at_ms, 2, "sms")],
        "engaged": [facts.Engaged(case, at_ms, 2, "call")],
        "clicked": [facts.Engaged(case, at_ms, 2, "click")],
        "changed": [facts.ChannelChanged(case, at_ms, "login")],
        "proven": [facts.IdentityProven(case, at_ms, 2, "code")],
        "chosen": [facts.Chosen(case, at_ms, "pay_now", amount, True)],
        "judged": [facts.Chosen(case, at_ms, "dispute", amount, False)],
        "acted": [facts.ActionCompleted(case, at_ms, "pay_now", False)],
        "refused": [facts.PostingRefused(case, at_ms, "declined")],
        "tried": [facts.PostingTried(case, at_ms, 1, "applied")],
        "code": [facts.ServiceMessageSent(case, at_ms, "code")],
        "exception": [facts.ExceptionRaised(case, at_ms, "identity_failed", True)],
        "incomplete": [facts.ExceptionRaised(case, at_ms, "identity_failed", False)],
        "unsettled": [facts.ExceptionRaised(case, at_ms, "core_unavailable", False)],
        "discovery": [facts.DiscoveryDone(case, at_ms, 60_000 + number)],
        "duplicate": [facts.DuplicateEffect(case, at_ms)],
        "breach": [facts.ContactBreach(case, at_ms, "quiet_hours")],
        "no_channel": [facts.RoutedToPerson(case, at_ms, "no_channel")],
        "delivered": [facts.ReceiptReceived(case, at_ms, 1, "delivered")],
        "read": [facts.ReceiptReceived(case, at_ms, 1, "read")],
        "called": [
            facts.CallOffered(number, case, at_ms, "routine", True, 1),
            facts.CallAnswered(number, case, at_ms, 0, True, at_ms),
            facts.CallHandled(number, case, at_ms + 50, 40, 10, True),
        ],
        "item": [facts.BackOfficeDone(case, at_ms, 9, False)],
        "error": [facts.BackOfficeDone(case, at_ms, 9, True)],
        "recorded": [
            facts.Recorded(case, at_ms, "promise_to_pay", amount, 1 + number % 2, number % 3 == 0, 3)
        ],
        "kept": [facts.PromiseKept(case, at_ms, amount)],
        "broken": [facts.PromiseBroken(case, at_ms, amount)],
    }
    return one[name]


def _whole(told: list[Any]) -> list[Any]:
    """Only stories a run can tell: a promise ends only after its record, by one end, and for the amount recorded."""
    recorded: dict[int, int] = {}
    found: list[Any] = []
    for fact in told:
        if type(fact) is facts.Recorded:
            recorded[fact.case_id] = fact.amount_minor
        if type(fact) in (facts.PromiseKept, facts.PromiseBroken):
            if fact.case_id not in recorded:
                continue
            fact = fact._replace(amount_minor=recorded.pop(fact.case_id))  # noqa: PLW2901 - the amount of the record
        found.append(fact)
    return found


@settings(max_examples=150, deadline=None)
@given(stories())
def test_both_implementations_agree_on_any_story(told: list[Any]):
    """Every ratio, total, cost, funnel stage and time, of the whole and of every segment, route and week."""
    told = _whole(told)
    tally = Tally.start(LAYOUT)
    for fact in told:
        tally.emit(fact)
    outcome = close(tally, PRICES, [2] * 12, {}, b"head")
    recount = Recount(told, LAYOUT, [2] * 12)
    assert outcome.funnel == recount.funnel()
    for dimension, value, part in [("", "", recount), *recount.parts()]:
        cut = Cut(dimension, value)
        first = (int(value) - 1) * 5 if dimension == "week" else 0
        days = slice(first, first + 5) if dimension == "week" else slice(None)
        for name, (above, below) in part.case_ratios().items():
            assert cut.ratio([outcome], name) == (above[days], below[days]), (dimension, value, name)
        for name, values in part.case_totals().items():
            assert cut.total([outcome], name) == values[days], (dimension, value, name)
        resolved, censored = cut.times(outcome)
        assert (resolved.tolist(), censored.tolist()) == (part.resolved_ms(), part.censored_ms())
        spent = cut.ratio([outcome], "cost_per_resolution")
        assert spent is not None
        exact = part.cost(PRICES)[days]
        assert all(abs(day - 1_000_000 * cost) <= 1 for day, cost in zip(spent[0], exact, strict=True))
