"""Postings that outlive their visit: the customer is told how they ended, a person gets what cannot be done alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sandbox import facts
from sandbox.effects import PostToCore, ReadByKey, Send, Wait
from sandbox.journey.aftermath import NOT_RECORDED_TEXT, RECORDED_TEXT, conclude, rekey, untold
from sandbox.journey.posting import command_for
from sandbox.journey.table import CaseState
from sandbox.model import MS_PER_HOUR, AccountFacts, Action, AssuranceLevel, Choice
from sandbox.ports import BY_HAND, AuditRow, CoreOutcome, CoreReply, OutboxRow, OutboxState
from tests.journey.play import CASE, SENT_AT_MS, Line, Stage, applied, play, says

LATER_MS = SENT_AT_MS + MS_PER_HOUR


@pytest.fixture
def acted(stage: Stage) -> Stage:
    """A customer who has done their part, with a whole trail behind them."""
    stage.desk.record(CASE, SENT_AT_MS, "triggered", {"policy": "collections", "version": 1})
    stage.desk.record(CASE, SENT_AT_MS, "message_sent", {"channel": "sms", "consent": True, "touch": 1})
    stage.visit.record("identity_proven", {"method": "one_time_code", "level": 2})
    stage.visit.record("choice_submitted", {"action": "pay_now"})
    stage.visit.level = AssuranceLevel.CODE
    stage.visit.choice, stage.visit.account = Choice(Action.PAY_NOW, 20_000, 0), stage.core.account
    assert stage.trail.head  # seals what was gathered
    return stage.at(CaseState.ACTED)


def queued(stage: Stage, source: str = "customer") -> OutboxRow:
    """Put the visit's posting into the outbox, due now."""
    row = OutboxRow(command_for(stage.visit, source), OutboxState.PENDING, 0, SENT_AT_MS, SENT_AT_MS)
    stage.store.add_intent(row)
    return row


def answers(stage: Stage, row: OutboxRow, reply: CoreReply, *told: Line) -> None:
    """Settle a row the core never saw, with its answer to the posting."""
    lines = [Line(Wait, None), Line(ReadByKey, says(CoreOutcome.NOT_FOUND)), Line(PostToCore, reply), *told]
    play(conclude(row, stage.desk), LATER_MS, *lines)  # type: ignore[arg-type]


def says_to_customer(text: str) -> Line:
    """The one message the customer gets, as sent."""

    def read(effect: Send) -> bool:
        assert (effect.text, effect.message.purpose) == (text, "outcome")
        return True

    return Line(Send, read)


def test_who_was_promised_a_confirmation_gets_it(acted: Stage):
    """The outbox brought it home: recorded, and said so."""
    row = queued(acted)
    answers(acted, row, applied(row.command), says_to_customer(RECORDED_TEXT))
    assert acted.state is CaseState.RECORDED
    assert acted.facts.of(facts.ServiceMessageSent) == [facts.ServiceMessageSent(CASE, LATER_MS, "outcome")]


def test_who_was_promised_a_confirmation_hears_of_a_refusal(acted: Stage):
    """Declined an hour later: the customer is told nothing was taken, and a person has the whole story."""
    row = queued(acted)
    answers(acted, row, says(CoreOutcome.REFUSED, "declined"), says_to_customer(NOT_RECORDED_TEXT))
    assert acted.state is CaseState.CONTACTED
    assert acted.facts.of(facts.ExceptionRaised) == [
        facts.ExceptionRaised(CASE, LATER_MS, "payment_declined", True)
    ]
    bundle = next(json.loads(row.body) for row in acted.evidence() if row.kind == "exception_bundle")
    assert (bundle["attempted"], bundle["failure"]) == ("pay_now", "declined")


def test_where_evidence_is_scattered_a_late_refusal_comes_with_its_reason_alone(acted: Stage):
    """The failure mode holds behind the customer's back, too: nobody can put the bundle together."""
    acted.desk = replace(acted.desk, writeback=replace(acted.desk.writeback, whole_bundles=False))
    row = queued(acted)
    answers(acted, row, says(CoreOutcome.REFUSED, "declined"), says_to_customer(NOT_RECORDED_TEXT))
    assert [fact.bundle_complete for fact in acted.facts.of(facts.ExceptionRaised)] == [False]
    bundle = next(json.loads(row.body) for row in acted.evidence() if row.kind == "exception_bundle")
    assert (bundle["reason"], bundle["attempted"], bundle["failure"]) == ("payment_declined", "", "")


def test_a_refusal_the_customer_can_answer_alone_raises_no_exception(acted: Stage):
    """An account that moved on: told to choose again, no person needed."""
    row = queued(acted)
    answers(acted, row, says(CoreOutcome.STALE, version=2), says_to_customer(NOT_RECORDED_TEXT))
    assert not acted.facts.of(facts.ExceptionRaised)
    assert [fact.reason for fact in acted.facts.of(facts.PostingRefused)] == ["account_changed"]


def test_a_row_somebody_else_finished_is_not_told_twice(acted: Stage):
    """The sweep meets a row that ended meanwhile: not a word."""
    row = queued(acted)
    acted.store.update_intent(row.command.key, OutboxState.DONE, 1, 0)
    play(conclude(row, acted.desk), LATER_MS, Line(Wait, None))  # type: ignore[arg-type]
    assert not acted.facts.of(facts.ServiceMessageSent)


def test_a_rekeyed_note_is_posted_without_a_word(acted: Stage):
    """The caller heard on the phone what would be done; the record is enough."""
    command = command_for(acted.visit, BY_HAND)
    lines = [Line(Wait, None), Line(PostToCore, applied(command))]
    play(rekey(command, acted.desk, LATER_MS), LATER_MS, *lines)  # type: ignore[arg-type]
    assert acted.state is CaseState.RECORDED
    assert not acted.facts.of(facts.ServiceMessageSent)


def test_a_rekeyed_payment_that_is_declined_reaches_customer_and_agent(acted: Stage):
    """The caller believes it is paid: they are told it is not, and a person has to call."""
    command = command_for(acted.visit, BY_HAND)
    declined = says(CoreOutcome.REFUSED, "declined")
    lines = [
        Line(Wait, None),
        Line(PostToCore, declined),
        says_to_customer(NOT_RECORDED_TEXT),
    ]
    play(rekey(command, acted.desk, LATER_MS), LATER_MS, *lines)  # type: ignore[arg-type]
    assert [fact.reason for fact in acted.facts.of(facts.ExceptionRaised)] == ["payment_declined"]


def test_a_note_for_an_account_the_core_does_not_know_is_missing_data(acted: Stage):
    """Nothing can be rekeyed; the case is on somebody's desk instead of in a traceback."""
    command = command_for(acted.visit, BY_HAND)

    def unknown(account_id: int) -> AccountFacts:
        raise KeyError(account_id)

    acted.core.read_account = unknown  # type: ignore[method-assign]
    play(rekey(command, acted.desk, LATER_MS), LATER_MS)  # type: ignore[arg-type]
    assert [fact.reason for fact in acted.facts.of(facts.ExceptionRaised)] == ["missing_data"]


def rows_of(*rows: tuple[int, str, dict[str, object]]) -> list[AuditRow]:
    """Stored rows of (case, kind, body)."""
    return [
        AuditRow(seq, case_id, seq, kind, json.dumps(body), b"")
        for seq, (case_id, kind, body) in enumerate(rows, 1)
    ]


QUEUED = (7, "posting_queued", {"reason": "tries_used_up"})
RECORDED = (7, "posting_recorded", {"source": "customer"})
TOLD = (7, "outcome_told", {"recorded": True})


@pytest.mark.parametrize(
    ("rows", "waiting"),
    [
        ([], []),
        ([QUEUED], []),  # not known yet: the sweep has it
        ([QUEUED, RECORDED], [(7, True)]),
        ([QUEUED, (7, "posting_refused", {})], [(7, False)]),
        ([QUEUED, (7, "posting_stale", {})], [(7, False)]),
        ([QUEUED, RECORDED, TOLD], []),
        ([RECORDED], []),  # nobody was promised anything: the page said it
        ([QUEUED, (7, "posting_recorded", {"source": BY_HAND})], []),
        ([QUEUED, (8, "posting_recorded", {"source": "customer"})], []),
        ([QUEUED, RECORDED, TOLD, QUEUED], []),
        ([QUEUED, RECORDED, TOLD, QUEUED, RECORDED], [(7, True)]),
    ],
)
def test_who_waits_for_a_word_is_rebuilt_from_stored_rows(
    rows: list[tuple[int, str, dict[str, object]]], waiting: list[tuple[int, bool]]
):
    """Promised a confirmation, known how it ended, not told: those and nobody else are told after a restart."""
    assert untold(rows_of(*rows)) == waiting
