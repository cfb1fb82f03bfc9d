"""The close look at one run, on facts written by hand: every rate counted on paper."""

from __future__ import annotations

import pytest

from sandbox import facts as f
from sandbox.audit.chain import AuditChain, verify
from sandbox.model import AccountFacts, AssuranceLevel
from sandbox.policy.compile import compile_policy
from sandbox.scorecard.examination import COMPUTED, Examination
from sandbox.scorecard.tally import Mark
from scenarios.outputs.as_json import json_text
from scenarios.world.library import metrics_document
from scenarios.world.spec import load_scenario

POLICY = compile_policy(load_scenario("retail-bank-200k").policy)
PROOFS = {
    "message_sent": ("message_sent",),
    "consent": ("message_sent",),
    "identity_proof": ("identity_proven",),
    "policy_decision": ("choice_submitted",),
    "submitted_inputs": ("choice_submitted", "outcome_agreed"),
    "core_receipt": ("posting_recorded",),
}
CODE, LINK = int(AssuranceLevel.CODE), int(AssuranceLevel.LINK)


def account(case: int, *, broken: int = 0, vulnerable: bool = False) -> AccountFacts:
    """An account in early arrears."""
    return AccountFacts(case, "open", "1m", 100_000, 4_000, broken, vulnerable, False, True, 1, False)


def examined(facts: list[tuple[object, ...]], cases: int = 4, days: int = 1) -> Examination:
    """An examination that has heard these facts."""
    seen = Examination(cases, days, POLICY)
    for case in range(cases):
        seen.emit(f.Triggered(case, 0, 0, "1m" if case % 2 == 0 else "2m", False))
    for fact in facts:
        seen.emit(fact)
    return seen


def marks(*each: Mark) -> bytes:
    """What the tally remembers, case by case."""
    from array import array

    return array("q", [int(mark) for mark in each]).tobytes()


def self_service(case: int, action: str, level: int = CODE, allowed: tuple[str, ...] = ("pay_now",)) -> list:
    """A visit in the message: options on show, one taken."""
    return [
        f.Engaged(case, 1, 1, "click"),
        f.LinkChecked(case, 2, True, ""),
        *([f.IdentityProven(case, 3, level, "one_time_code")] if level > LINK else []),
        f.OptionsShown(case, 4, allowed, ()),
        f.Chosen(case, 5, action, 1_000, True),
    ]


def by_phone(case: int, action: str, *, after_exception: bool = False) -> list:
    """A visit on the phone: nothing on show, an agent agrees."""
    handed = [f.ExceptionRaised(case, 2, "identity_failed", True)] if after_exception else []
    proven = f.IdentityProven(case, 3, int(AssuranceLevel.KNOWN_FACTS), "known_facts")
    return [f.Engaged(case, 1, 1, "call"), *handed, proven, f.Chosen(case, 5, action, 1_000, True)]


DONE = Mark.TRIGGERED | Mark.ENGAGED | Mark.IDENTIFIED | Mark.ACTED | Mark.RECORDED


def test_identity_is_held_against_what_the_action_asks() -> None:
    """A payment at link level is too weak, a dispute at link level is not; a new visit starts from nothing."""
    seen = examined(
        [
            *self_service(0, "pay_now"),
            *self_service(1, "pay_now", level=LINK),
            *self_service(2, "dispute", level=LINK, allowed=("dispute",)),
            f.IdentityProven(3, 0, CODE, "one_time_code"),
            *self_service(3, "pay_now", level=LINK),
        ]
    )
    assert seen.series(marks(DONE, DONE, DONE, DONE))["weak_identity_rate"] == ([2], [4])


def test_options_are_held_against_policy() -> None:
    """What was shown decides in the message, on the phone the real policy; exceptions stay apart."""
    seen = examined(
        [
            *self_service(0, "promise_to_pay", allowed=("pay_now",)),
            *by_phone(1, "promise_to_pay"),
            *by_phone(2, "promise_to_pay", after_exception=True),
            *by_phone(3, "promise_to_pay"),
        ]
    )
    accounts = [account(0), account(1, broken=3), account(2, broken=3), account(3, vulnerable=True)]
    seen.hold_against_policy(accounts)
    series = seen.series(marks(DONE, DONE, DONE, DONE))
    assert series["outside_policy_rate"] == ([2], [2])
    assert series["policy_checked_rate"] == ([1], [4])


def test_who_was_written_to_is_a_persons_work_and_not_outside_policy() -> None:
    """A customer no message reaches calls because of a letter: what the agent agrees is the agent's to judge."""
    letter = f.RoutedToPerson(0, 0, "no_channel")
    seen = examined([letter, *by_phone(0, "promise_to_pay"), *by_phone(1, "promise_to_pay")])
    seen.hold_against_policy([account(0, broken=3), account(1, broken=3), account(2), account(3)])
    assert seen.series(marks(DONE, DONE, *[Mark.TRIGGERED] * 2))["outside_policy_rate"] == ([1], [1])


def test_a_message_without_consent_proves_none() -> None:
    """Rigid timing sends it all the same; its own row says that nobody had agreed to it."""
    chain = AuditChain()
    kinds = ("identity_proven", "choice_submitted", "posting_recorded")
    rows = [chain.append(0, 0, "message_sent", {"channel": "sms", "consent": False, "touch": 1})]
    rows += [chain.append(0, at, kind, {"n": at}) for at, kind in enumerate(kinds, 1)]
    seen = examined([])
    assert verify(seen.read_trail(rows, PROOFS, lambda _: True), chain.head).ok
    assert seen.missing_evidence(marks(DONE, *[Mark.TRIGGERED] * 3)) == {"consent": 1}


def test_an_eligible_promise_on_the_phone_is_within_policy() -> None:
    """The same call by a customer without broken promises is no fault."""
    seen = examined(by_phone(0, "promise_to_pay"))
    seen.hold_against_policy([account(case) for case in range(4)])
    assert seen.series(marks(DONE, *[Mark.TRIGGERED] * 3))["outside_policy_rate"] == ([0], [1])


def test_rates_of_the_path_are_those_counted_by_hand() -> None:
    """Two cohort days: one recorded at once, one rekeyed, one acted and lost, one only delivered."""
    seen = examined([], days=2)
    series = seen.series(
        marks(
            DONE | Mark.DELIVERED,
            DONE | Mark.MANUAL | Mark.CHANNEL_CHANGE,
            Mark.TRIGGERED | Mark.ENGAGED | Mark.IDENTIFIED | Mark.ACTED,
            Mark.TRIGGERED | Mark.DELIVERED,
        )
    )
    assert series["delivered_rate"] == ([1, 1], [2, 2])
    assert series["acted_of_engaged_rate"] == ([2, 1], [2, 1])
    assert series["cleanup_of_acted_rate"] == ([1, 1], [2, 1])
    assert series["rekeyed_rate"] == ([1, 0], [2, 0])
    assert series["same_journey_rate"] == ([1, 0], [2, 0])


@pytest.mark.parametrize(
    ("kinds", "whole", "proven", "missing"),
    [
        (("message_sent", "identity_proven", "choice_submitted", "posting_recorded"), True, 1, {}),
        (("message_sent", "identity_proven", "choice_submitted", "posting_recorded"), False, 0, {}),
        (
            ("message_sent", "identity_proven", "outcome_agreed", "posting_recorded"),
            True,
            0,
            {"policy_decision": 1},
        ),
        (("message_sent", "choice_submitted", "posting_recorded"), True, 0, {"identity_proof": 1}),
    ],
)
def test_a_record_is_proven_by_its_trail(
    kinds: tuple[str, ...], whole: bool, proven: int, missing: dict[str, int]
) -> None:
    """Every key of evidence needs its row, and the core's record must be whole; the chain is checked on the way."""
    chain = AuditChain()
    rows = [chain.append(0, at, kind, {"n": at}) for at, kind in enumerate(kinds)]
    seen = examined([])
    assert verify(seen.read_trail(rows, PROOFS, lambda _: whole), chain.head).ok
    recorded = marks(DONE, *[Mark.TRIGGERED] * 3)
    assert seen.series(recorded)["proven_rate"] == ([proven], [1])
    assert seen.missing_evidence(recorded) == missing


def test_segments_and_disputes_are_counted_apart() -> None:
    """Exceptions inside and outside each arrears band; disputes of cases that chose, by cohort day."""
    seen = examined([*self_service(0, "pay_now"), *self_service(3, "dispute", allowed=("dispute",))], days=2)
    engaged, raised = Mark.TRIGGERED | Mark.ENGAGED, Mark.TRIGGERED | Mark.ENGAGED | Mark.EXCEPTION
    inside, outside = seen.segments(marks(raised, engaged, engaged, engaged))["arrears 1m"]
    assert inside == ([1, 0], [1, 1])
    assert outside == ([0, 0], [1, 1])
    assert seen.disputes() == ([0, 1], [1, 1])
    apart = marks(raised | Mark.VULNERABLE, engaged, engaged | Mark.NO_CHANNEL, engaged)
    assert seen.segments(apart)["arrears 1m"][0] == ([0, 0], [0, 0])


def test_no_computed_quantity_hides_a_metric() -> None:
    """A rule's name means one thing: what metrics.yaml defines is not defined here again."""
    assert set(COMPUTED) & set(metrics_document().metrics) == set()
    assert json_text({name: what._asdict() for name, what in COMPUTED.items()})
