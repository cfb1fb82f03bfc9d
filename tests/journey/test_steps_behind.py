"""What goes on behind the customer's back: the note, its keying, and the call of a customer who asks."""

from __future__ import annotations

import pytest

from sandbox import facts
from sandbox.effects import (
    Ask,
    AwaitReconciliation,
    CallResult,
    HandToBackOffice,
    JoinCallQueue,
    Keyed,
    NoteRead,
    PostToCore,
    ReadByKey,
    Rekey,
    Send,
    Wait,
)
from sandbox.journey.asking import ask_after
from sandbox.journey.posting import unkeyed_notes
from sandbox.journey.steps.back_office import BackOffice
from sandbox.journey.steps.manual_writeback import KEYINGS_MAX, ManualWriteback
from sandbox.journey.table import CaseState
from sandbox.model import MS_PER_HOUR, Action, Choice
from sandbox.ports import BY_HAND, CoreOutcome, OutboxState, PostCommand
from tests.journey.play import CASE, SENT_AT_MS, Line, Stage, applied, play, says

READ = NoteRead(readable=True, touch_ms=300_000)
RIGHT = Keyed(wrong=False, found=False, touch_ms=60_000)
FOUND, UNFOUND = Keyed(True, True, 60_000), Keyed(True, False, 60_000)
DAY = 10 * MS_PER_HOUR


@pytest.fixture
def agreed(stage: Stage) -> Stage:
    """A caller who has agreed an outcome with an agent; the core knows nothing of it."""
    stage.at(CaseState.ACTED)
    stage.visit.account = stage.core.account
    stage.visit.choice = Choice(Action.PAY_NOW, 20_000, 0)
    stage.visit.with_agent = True
    return stage


def leave_note(stage: Stage, read: NoteRead = READ) -> str:
    """Leave a note that is read after an hour, or lost."""
    line = Line(HandToBackOffice(stage.visit.item), read, MS_PER_HOUR if read.readable else 0)
    return play(BackOffice(id="office").run(stage.visit), stage.visit.at_ms, line)


def keyed(nth: int, how: Keyed, double: bool = False) -> Line:
    """The nth keying of the first item, an hour after it was asked for; only the first waits for its turn."""
    return Line(Rekey(0, nth, 0.0 if nth else 1.5, double), how, MS_PER_HOUR)


def posting(posted: list[PostCommand], reply=applied) -> list[Line]:
    """One call to the core, whose command is kept."""

    def answer(effect: PostToCore):
        posted.append(effect.command)
        return reply(effect.command) if callable(reply) else reply

    return [Line(Wait(0), None), Line(PostToCore, answer, 300)]


def key_in(stage: Stage, *lines: Line, double_entry: bool = False) -> str:
    """Run manual_writeback against a script."""
    step = ManualWriteback(id="keying", delay_h_median=1.5, double_entry=double_entry)
    return play(step.run(stage.visit), stage.visit.at_ms, *lines)


# -- back_office ---------------------------------------------------------------------------------------------


def test_a_note_waits_for_a_clerk_and_the_core_knows_nothing(agreed: Stage):
    """The item is handed over with all it takes to work on it; no posting was tried."""
    assert leave_note(agreed) == "done"
    note = agreed.visit.note
    assert note is not None
    assert (note.source, note.note, note.amount_minor) == (BY_HAND, "pay_now rekeyed", 20_000)
    assert agreed.visit.clerk_ms == READ.touch_ms
    assert agreed.state is CaseState.ACTED
    assert agreed.facts == [facts.HandedToBackOffice(CASE, SENT_AT_MS)]
    assert agreed.kinds() == ["note_left"]


def test_a_lost_note_is_known_to_nobody(agreed: Stage):
    """The case stays where it is, the facts say what the office does not know."""
    assert leave_note(agreed, NoteRead(readable=False, touch_ms=0)) == "lost"
    assert agreed.visit.failed == "lost"
    assert agreed.facts[-1] == facts.ItemFailed(CASE, SENT_AT_MS, "office", "lost")
    assert agreed.state is CaseState.ACTED


def test_a_form_handed_in_by_the_customer_completes_their_part(agreed: Stage):
    """Without an agent before it, leaving the note is the customer's completed action."""
    agreed.at(CaseState.IDENTIFIED)
    agreed.visit.with_agent = False
    leave_note(agreed)
    assert agreed.facts[0] == facts.ActionCompleted(CASE, SENT_AT_MS, "pay_now", False)
    assert agreed.state is CaseState.ACTED


# -- manual_writeback ----------------------------------------------------------------------------------------


def test_an_item_keyed_right_is_posted_by_hand_through_the_one_path(agreed: Stage):
    """Intent row, core call, record; the clerk time is that of reading and keying."""
    leave_note(agreed)
    posted: list[PostCommand] = []
    assert key_in(agreed, keyed(0, RIGHT), *posting(posted)) == "done"
    assert posted == [agreed.visit.note]
    at_ms = SENT_AT_MS + 2 * MS_PER_HOUR
    assert agreed.facts[1:] == [
        facts.BackOfficeDone(CASE, at_ms, 360_000, False),
        facts.PostingTried(CASE, at_ms + 300, 1, "applied"),
        facts.Recorded(CASE, at_ms + 300, "pay_now", 20_000, 1, True),
    ]
    assert agreed.state is CaseState.RECORDED
    intent = agreed.store.intent(posted[0].key)
    assert intent is not None
    assert intent.state is OutboxState.DONE
    assert agreed.kinds() == ["note_left", "note_keyed", "posting_recorded"]


def test_an_error_found_is_keyed_again_after_reconciliation(agreed: Stage):
    """Both keyings cost clerk time, the reconciliation item is counted once, only the right one is posted."""
    leave_note(agreed)
    posted: list[PostCommand] = []
    lines = [keyed(0, FOUND), Line(AwaitReconciliation(), None, DAY), keyed(1, RIGHT), *posting(posted)]
    assert key_in(agreed, *lines) == "done"
    assert len(posted) == 1
    found_ms = SENT_AT_MS + 2 * MS_PER_HOUR + DAY
    assert agreed.facts[1:4] == [
        facts.BackOfficeDone(CASE, SENT_AT_MS + 2 * MS_PER_HOUR, 360_000, True),
        facts.ReconciliationItem(CASE, found_ms),
        facts.BackOfficeDone(CASE, found_ms + MS_PER_HOUR, 60_000, False),
    ]


def test_an_error_nobody_finds_never_reaches_the_core(agreed: Stage):
    """The item is done for the office and wrong for the customer."""
    leave_note(agreed)
    assert key_in(agreed, keyed(0, UNFOUND, double=True), double_entry=True) == "wrong"
    assert agreed.visit.failed == "wrong"
    assert agreed.facts[-1] == facts.ItemFailed(CASE, SENT_AT_MS + 2 * MS_PER_HOUR, "keying", "wrong")
    assert agreed.state is CaseState.ACTED


def test_keyings_of_one_item_are_bounded(agreed: Stage):
    """Who gets it wrong for ever is stopped at the bound."""
    leave_note(agreed)
    lines: list[Line] = []
    for nth in range(KEYINGS_MAX):
        lines += [keyed(nth, FOUND), Line(AwaitReconciliation(), None, DAY)]
    assert key_in(agreed, *lines) == "wrong"


def test_who_keys_sees_the_account_as_it_is(agreed: Stage):
    """A moved account is a new decision: another key, another version, the same agreement."""
    leave_note(agreed)
    agreed.core.account = agreed.core.account._replace(version=2)
    posted: list[PostCommand] = []
    key_in(agreed, keyed(0, RIGHT), *posting(posted))
    note = agreed.visit.note
    assert note is not None
    assert (posted[0].expected_version, posted[0].amount_minor) == (2, note.amount_minor)
    assert posted[0].key != note.key


@pytest.mark.parametrize(("visiting", "state"), [(0, CaseState.CONTACTED), (1, CaseState.IDENTIFIED)])
def test_a_refused_note_leaves_a_customer_on_a_visit_the_choice(agreed: Stage, visiting: int, state):
    """Whoever is on the phone or the page just then may agree something else; everybody else is dropped."""
    leave_note(agreed)
    agreed.desk.book.visiting[CASE] = visiting
    refusal = says(CoreOutcome.REFUSED, "declined")
    assert key_in(agreed, keyed(0, RIGHT), *posting([], refusal), Line(Send, True)) == "refused"
    assert agreed.state is state


def test_an_unreachable_core_leaves_the_note_in_the_outbox(agreed: Stage):
    """The clerk's posting is as durable as a customer's."""
    leave_note(agreed)
    lines = [Line(Wait(0), None)]
    for _ in range(agreed.desk.writeback.backoff.tries_max - 1):
        lines += [Line(PostToCore, says(CoreOutcome.UNAVAILABLE)), Line(Wait, None)]
    lines.append(Line(PostToCore, says(CoreOutcome.UNAVAILABLE)))
    assert key_in(agreed, keyed(0, RIGHT), *lines) == "queued"
    assert agreed.state is CaseState.ACTED


# -- after a crash -------------------------------------------------------------------------------------------


def test_a_note_is_rebuilt_from_stored_rows_and_posted_once(agreed: Stage):
    """The trail alone gives the note back, key and fingerprint included; what was keyed is the outbox's."""
    leave_note(agreed)
    assert unkeyed_notes(agreed.evidence()) == [agreed.visit.note]
    (agreed.visit.note,) = unkeyed_notes(agreed.evidence())
    agreed.visit.choice = agreed.visit.account = None  # died with the process
    assert leave_note(agreed) == "done"
    posted: list[PostCommand] = []
    assert key_in(agreed, keyed(0, RIGHT), *posting(posted)) == "done"
    assert unkeyed_notes(agreed.evidence()) == []
    read_back = Line(ReadByKey(posted[0].key), applied(posted[0]))
    assert (
        key_in(agreed, keyed(0, RIGHT), Line(Wait(0), None), read_back) == "done"
    )  # keyed once more by mistake
    assert len(posted) == 1
    assert len(agreed.facts.of(facts.Recorded)) == 1


# -- a customer asks -----------------------------------------------------------------------------------------


def asks(stage: Stage, cause: str, *lines: Line) -> str:
    """Run the call of a customer who asks."""
    return play(ask_after(stage.visit, cause), SENT_AT_MS, *lines)


ANSWERED = Line(JoinCallQueue("chase", 1), CallResult(answered=True, wait_ms=20_000, talk_ms=90_000), 20_000)
TALK = Line(Wait(90_000), None, 90_000)


@pytest.mark.parametrize(("cause", "outcome"), [("late", "told"), ("lost", "redo"), ("wrong", "redo")])
def test_an_answered_question_brings_back_what_came_to_nothing(agreed: Stage, cause: str, outcome: str):
    """Late is on its way and nothing is to be done; lost and wrong need a new note."""
    assert asks(agreed, cause, ANSWERED, TALK) == outcome
    assert agreed.facts == [facts.FailureDemand(CASE, SENT_AT_MS, cause)]
    assert agreed.state is CaseState.ACTED
    assert agreed.visit.at_ms == SENT_AT_MS + 110_000


def test_who_is_not_answered_has_asked_nothing(agreed: Stage):
    """The queue is the same as everybody's, redials included."""
    gone = CallResult(answered=False, wait_ms=60_000, talk_ms=0)
    lines = [
        Line(JoinCallQueue("chase", 1), gone, 60_000),
        Line(Ask("redial", None, 1), True),
        Line(JoinCallQueue("chase", 2), gone, 60_000),
        Line(Ask("redial", None, 2), False),
    ]
    assert asks(agreed, "lost", *lines) == "abandoned"


def test_what_is_recorded_during_the_call_is_not_done_again(agreed: Stage):
    """Somebody else put it right meanwhile."""
    agreed.at(CaseState.RECORDED)
    assert asks(agreed, "wrong", ANSWERED, TALK) == "told"
