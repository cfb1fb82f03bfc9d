"""After a restart, on stored rows alone: a link that has acted stays used, a note with secrets goes to a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox import facts
from sandbox.effects import Answer, Effect, PostToCore, ReadByKey, Send, Wait
from sandbox.identity.links import LinkUses, token_id
from sandbox.journey.aftermath import conclude, rekey
from sandbox.journey.posting import NOTE_LEFT, WITHHELD, command_for, unkeyed_notes, what_is_left
from sandbox.journey.steps.open_link import OpenLink
from sandbox.journey.steps.write_back import WriteBack
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import MS_PER_HOUR, Action, AssuranceLevel, Choice
from sandbox.policy.decide import Policy
from sandbox.policy.inputs import compiled_fields
from sandbox.policy.schema import Form
from sandbox.ports import BY_HAND, CoreOutcome, OutboxState
from scenarios.saved.case_store import SqliteCaseStore
from tests.journey.play import (
    CASE,
    LINK_LIFETIME_MS,
    SENT_AT_MS,
    TOUCH,
    Line,
    Stage,
    applied,
    play,
    says,
    set_stage,
)

LATER_MS = SENT_AT_MS + MS_PER_HOUR
POSTED = (Line(Wait, None), Line(PostToCore, lambda effect: applied(effect.command)))
ANSWERED: dict[type, Any] = {
    Wait: lambda _effect: None,
    PostToCore: lambda effect: applied(effect.command),
    ReadByKey: lambda _effect: says(CoreOutcome.NOT_FOUND),
    Send: lambda _effect: True,
}


class Process:
    """Our side as one process after the other runs it: what survives is in the file."""

    def __init__(self, policy: Policy, path: Path) -> None:
        """Start the first."""
        self.policy, self.path, self.decisions = policy, path, 0
        self.start()

    def start(self) -> None:
        """Open the file and build everything else anew."""
        self.store = SqliteCaseStore(str(self.path), commit_every=1)
        self.stage: Stage = set_stage(self.policy, self.store)
        uses = LinkUses.resume(self.store.acts_by_link(0), LINK_LIFETIME_MS)
        self.stage.desk = replace(self.stage.desk, link_uses=uses)
        self.stage.desk.book.decisions[CASE] = self.decisions  # the case book is kept elsewhere

    def crash(self) -> None:
        """Lose all memory and whatever was not committed, and start again."""
        self.decisions = self.stage.desk.book.decisions[CASE]
        self.store.abandon()
        self.start()

    def visit(self, touch: int = TOUCH) -> Visit:
        """Somebody who comes by the link of a touch, has read the code and filled a payment in."""
        visit = Visit(self.stage.desk, CASE, touch, SENT_AT_MS + touch, SENT_AT_MS + 60_000)
        assert play(OpenLink(id="open").run(visit), visit.at_ms) == "done"
        self.stage.at(CaseState.IDENTIFIED)
        visit.level, visit.account = AssuranceLevel.CODE, self.stage.core.account
        visit.choice = Choice(Action.PAY_NOW, 20_000, 0)
        return visit

    def acts(self, *lines: Line, touch: int = TOUCH) -> str:
        """Post by the link of a touch; returns the outcome."""
        visit = self.visit(touch)
        return play(WriteBack(id="w").run(visit), visit.at_ms, *lines)


@pytest.fixture
def process(policy: Policy, tmp_path: Path) -> Iterator[Process]:
    """A process on a file of its own."""
    process = Process(policy, tmp_path / "cases.db")
    yield process
    process.store.close()


def test_a_used_link_stays_used_and_another_one_does_not_share_its_fate(process: Process) -> None:
    """Posted, crashed, opened again: the same link is refused with its reason, that of another message is not."""
    assert process.acts(*POSTED) == "done"
    process.crash()
    assert process.acts() == "refused"
    assert [(row.kind, row.body) for row in process.stage.evidence()][-1] == (
        "link_refused",
        '{"reason":"used"}',
    )
    assert process.stage.facts.of(facts.ActionCompleted) == []
    assert process.acts(*POSTED, touch=TOUCH + 1) == "done"


@pytest.mark.parametrize("cut", range(3))
def test_a_crash_anywhere_leaves_a_link_that_acted_or_one_that_did_not(process: Process, cut: int) -> None:
    """Cut off after so many effects: used from the moment its intent is durable, and not before."""
    flow = WriteBack(id="w").run(process.visit())
    effect: Effect = flow.send(None)  # type: ignore[arg-type]
    for _ in range(cut):
        try:
            effect = flow.send(Answer(ANSWERED[type(effect)](effect), SENT_AT_MS + 60_000))
        except StopIteration:
            break
    flow.close()
    process.crash()
    (*stored,) = process.store.acts_by_link(0)
    assert len(stored) == (1 if cut else 0)
    if stored:
        assert process.acts() == "refused"
    else:
        process.stage.desk.book.decisions[CASE] = 0
        assert process.acts(*POSTED) == "done"


@pytest.mark.parametrize(("reply", "may"), [("declined", True), ("", False)])
def test_what_waited_is_settled_after_the_restart(process: Process, reply: str, may: bool) -> None:
    """Queued, crashed, swept: used while nobody knows; given back if the core refuses, used for good if not."""
    down = says(CoreOutcome.UNAVAILABLE)
    tries = [Line(PostToCore, down), Line(Wait, None)] * 4
    assert process.acts(Line(Wait, None), *tries, Line(PostToCore, down)) == "queued"
    process.crash()
    assert process.acts() == "refused"
    process.stage.at(CaseState.ACTED)
    (row,) = process.store.due_intents(LATER_MS, 2)
    answer = says(CoreOutcome.REFUSED, reply) if reply else applied(row.command)
    lines = [
        Line(Wait, None),
        Line(ReadByKey, says(CoreOutcome.NOT_FOUND)),
        Line(PostToCore, answer),
        Line(Send, True),
    ]
    play(conclude(row, process.stage.desk), LATER_MS, *lines)  # type: ignore[arg-type]
    for _ in range(2):
        name = token_id(process.visit().token)
        assert process.stage.desk.link_uses.use(name, LATER_MS) is may
        if may:
            process.stage.desk.link_uses.give_back(name)
        process.crash()


def test_a_link_whose_act_was_refused_may_act_after_a_restart(process: Process) -> None:
    """Declined before the crash: nothing happened, and the stored intent says so."""
    refused = (Line(Wait, None), Line(PostToCore, says(CoreOutcome.REFUSED, "declined")))
    assert process.acts(*refused) == "refused"
    process.crash()
    assert list(process.store.acts_by_link(0)) == []
    assert process.acts(*POSTED) == "done"


def test_uses_are_read_from_a_moment_on_and_forgotten_with_their_links(process: Process) -> None:
    """Both ends: an act at the moment counts, one before it does not; after a lifetime the use is dropped."""
    assert process.acts(*POSTED) == "done"
    (act,) = process.store.acts_by_link(SENT_AT_MS + 60_000)
    assert (act.state, act.link) == (OutboxState.DONE, token_id(process.visit().token))
    assert list(process.store.acts_by_link(SENT_AT_MS + 60_001)) == []
    uses = LinkUses.resume([act], LINK_LIFETIME_MS)
    ends_ms = act.created_at_ms + LINK_LIFETIME_MS
    assert (uses.drop_expired(ends_ms - 1), len(uses)) == (0, 1)
    assert (uses.drop_expired(ends_ms), len(uses)) == (1, 0)


def test_only_acts_by_a_link_are_named(process: Process) -> None:
    """What an agent posts in a visit that came by none carries no link, and is no use of one."""
    visit = process.visit()
    visit.token, visit.with_agent = "", True
    process.stage.at(CaseState.ACTED)
    assert play(WriteBack(id="w").run(visit), visit.at_ms, *POSTED) == "done"
    assert list(process.store.acts_by_link(0)) == []


# -- a note with something sensitive in it ---------------------------------------------------------------------

CARD = Form.model_validate(
    {
        "heading": "Pay",
        "reads": "Pay what is overdue.",
        "submit": "Pay",
        "confirms": "Paid.",
        "fields": {
            "card": {"kind": "token", "label": "Card", "pattern": "tok_[a-z0-9]{4}", "sensitive": True},
            "memo": {"kind": "text", "label": "Memo", "optional": True},
        },
    }
)


@pytest.mark.parametrize(
    ("inputs", "posts"), [('{"card":"tok_ab12","memo":"now"}', False), ('{"memo":"now"}', True), ("", True)]
)
def test_a_note_whose_secrets_are_lost_is_handed_over_as_missing_data(
    process: Process, inputs: str, posts: bool
) -> None:
    """Left, crashed, rebuilt: the secret stood nowhere, so the core hears nothing; every other note is keyed."""
    process.policy = replace(process.policy, forms={"pay_now": compiled_fields(CARD)})
    process.start()
    visit = process.visit()
    visit.choice = Choice(Action.PAY_NOW, 20_000, 0, inputs)
    process.stage.desk.record(CASE, SENT_AT_MS, "triggered", {"policy": "collections", "version": 1})
    visit.evidence(NOTE_LEFT, **what_is_left(command_for(visit, BY_HAND), process.policy))
    assert process.stage.trail.head
    process.store.commit()
    process.crash()
    process.stage.at(CaseState.ACTED)
    rows = process.stage.evidence()
    assert "tok_ab12" not in "".join(row.body for row in rows)
    (note,) = unkeyed_notes(rows)
    assert note.inputs == (inputs if posts else WITHHELD)
    play(rekey(note, process.stage.desk, LATER_MS), LATER_MS, *(POSTED if posts else ()))  # type: ignore[arg-type]
    raised = process.stage.facts.of(facts.ExceptionRaised)
    assert [one.reason for one in raised] == ([] if posts else ["missing_data"])
    if not posts:
        bundle = next(
            json.loads(row.body) for row in process.stage.evidence() if row.kind == "exception_bundle"
        )
        assert bundle["failure"] == "inputs_withheld"
