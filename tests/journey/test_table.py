from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import RuleBroken
from sandbox.journey.table import MOVES, OPEN_STATES, CaseEvent, CaseState, advance
from sandbox.journey.visit import CaseBook

ALL_PAIRS = list(product(CaseState, CaseEvent))
EVENTS = st.lists(st.sampled_from(CaseEvent), min_size=20, max_size=60)


def at(state: CaseState) -> CaseBook:
    """A book of three cases whose middle one stands at `state`."""
    book = CaseBook(3)
    book.state[1] = state
    return book


@pytest.mark.parametrize(("state", "event"), ALL_PAIRS, ids=lambda pair: pair.name)
def test_every_pair_either_moves_by_the_table_or_is_refused_and_nothing_changes(state, event):
    """Any state meets any event: book and table agree, a refused move leaves the case and its neighbours alone."""
    book = at(state)
    if (state, event) in MOVES:
        book.move(1, event)
        assert book.state[1] == MOVES[state, event] == advance(state, event)
    else:
        with pytest.raises(RuleBroken, match=f"illegal move: {event.name} in state {state.name}"):
            advance(state, event)
        with pytest.raises(RuleBroken, match=f"illegal move: {event.name} in state {state.name}"):
            book.move(1, event)
        assert book.state[1] == state
    assert book.state[0] == book.state[2] == CaseState.TRIGGERED


@pytest.mark.parametrize("state", [CaseState.EXCLUDED, CaseState.EXPIRED])
def test_a_terminal_state_takes_no_event(state):
    """Who was kept out or has expired stays so, whatever arrives later."""
    assert [event for event in CaseEvent if (state, event) in MOVES] == []


def test_a_recorded_case_takes_visits_but_never_leaves_or_gets_a_message():
    """The core's record is final: later contacts cost something and change nothing; sending is refused."""
    assert {target for (state, _), target in MOVES.items() if state is CaseState.RECORDED} == {
        CaseState.RECORDED
    }
    with pytest.raises(RuleBroken):
        advance(CaseState.RECORDED, CaseEvent.SENT)


def test_only_a_posting_of_a_finished_action_records_a_case():
    """There is one way to be recorded: the customer acted and the core took it."""
    assert [pair for pair, target in MOVES.items() if target is CaseState.RECORDED and pair[0] != target] == [
        (CaseState.ACTED, CaseEvent.POSTED)
    ]


def test_only_the_core_moves_a_case_that_acted():
    """Reminders, calls and lost connections leave an outcome on its way where it is."""
    leaving = {event for (state, event), target in MOVES.items() if state is CaseState.ACTED != target}
    assert leaving == {CaseEvent.POSTED, CaseEvent.REFUSED}


def test_every_state_can_be_reached_from_the_start():
    """No state is there for nothing."""
    found, queue = {CaseState.TRIGGERED}, [CaseState.TRIGGERED]
    while queue:
        here = queue.pop()
        for (state, _), target in MOVES.items():
            if state is here and target not in found:
                found.add(target)
                queue.append(target)
    assert found == set(CaseState)


def test_exclusion_happens_before_any_contact():
    """A case that was contacted cannot be declared out of scope afterwards."""
    assert [state for state, event in MOVES if event is CaseEvent.BARRED] == [CaseState.TRIGGERED]


def test_open_states_are_those_between_contact_and_an_ending():
    """At the end of observation a case is expired, ended, or open; the table and the closing agree on which."""
    closable = {state for state, event in MOVES if event is CaseEvent.CLOSED}
    ended = {CaseState.RECORDED, CaseState.EXCLUDED, CaseState.EXPIRED}
    assert OPEN_STATES | closable | ended == set(CaseState)
    assert not OPEN_STATES & closable
    assert not OPEN_STATES & ended


@given(EVENTS)
def test_no_sequence_of_events_leaves_the_table_or_takes_a_record_back(events):
    """Whatever happens in whatever order, the state is one of the nine and a recorded case stays recorded."""
    book = CaseBook(1)
    was_recorded = False
    for event in events:
        before = book.state[0]
        try:
            book.move(0, event)
        except RuleBroken:
            assert book.state[0] == before
        state = CaseState(book.state[0])
        assert state is CaseState.RECORDED or not was_recorded
        was_recorded = state is CaseState.RECORDED


@given(EVENTS)
def test_a_record_needs_a_finished_action_since_the_last_refusal(events):
    """No path records a case whose customer did not finish an action that the core had not refused."""
    book = CaseBook(1)
    book.move(0, CaseEvent.SENT)
    acted = False
    for event in events:
        try:
            book.move(0, event)
        except RuleBroken:
            continue
        acted = (acted or event is CaseEvent.COMPLETED) and event is not CaseEvent.REFUSED
        assert acted or book.state[0] != CaseState.RECORDED


def test_decisions_are_numbered_from_one_within_each_case():
    """The idempotency key is built on a number that grows with every decision and belongs to its case."""
    book = CaseBook(2)
    assert [book.next_decision(0), book.next_decision(0), book.next_decision(1)] == [1, 2, 1]


def test_the_end_of_a_campaign_moves_whom_the_table_lets_close():
    """Closing all cases at once is closing each that may be closed, and leaves the others where they are."""
    book = CaseBook(2 * len(CaseState))
    book.state[:] = bytes([*CaseState, *CaseState])
    one_by_one = CaseBook(book.cases)
    one_by_one.state[:] = book.state
    for case_id, state in enumerate([*CaseState, *CaseState]):
        if (state, CaseEvent.CLOSED) in MOVES:
            one_by_one.move(case_id, CaseEvent.CLOSED)
    book.close()
    assert book.state == one_by_one.state
    assert book.state.count(CaseState.EXPIRED) == 6
