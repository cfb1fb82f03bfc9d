"""What goes in and out of a rehearsal: directions, questions, the transcript and the facts heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.facts import heard_by
from sandbox.journey.posting import on_version
from sandbox.journey.visit import CaseBook, Desk
from sandbox.ports import AT_FACE_VALUE, PostCommand
from sandbox.writeback.blind import post_blindly
from sandbox.writeback.desk import PostingFlow
from sandbox.writeback.workflow import post


class Moment(NamedTuple):
    """One line of a transcript: local clock time, who it concerns, what happened.

    `who` is "customer sees", "customer does", "system does", "agent sees", "back office does" or "evidence".
    """

    at: str
    who: str
    text: str


class Question(NamedTuple):
    """What the customer is asked now.

    Attributes:
        name, detail, attempt: as the step asks; see `sandbox.effects.Ask`.
        page: the words before the customer; empty for a question the rehearsal has no words for.
        arrived: whether the last code reached the handset.
    """

    name: str
    detail: Any
    attempt: int
    page: str
    arrived: bool


class Claim(NamedTuple):
    """What the customer was told of the record, and whether it was true when they were told."""

    text: str
    true: bool


@dataclass(slots=True)
class Directions:
    """What goes otherwise than well on purpose, beside what the core is staged to do.

    Attributes:
        opens_after_ms: from the message's arrival to the customer's acting on it.
        codes_lost: codes to come that never reach the handset.
        calls_unanswered: call attempts to come that nobody answers.
        submits_twice: the customer's form, or the back office's note, comes in twice.
    """

    opens_after_ms: int
    codes_lost: int = 0
    calls_unanswered: int = 0
    submits_twice: bool = False


def post_again(command: PostCommand, desk: Desk, book: CaseBook) -> PostingFlow:
    """Post what was submitted before as its design does: under the same key, or blindly as a decision of its own."""
    if command.expected_version != AT_FACE_VALUE:
        return post(command, desk.writeback)

    def anew() -> PostCommand:
        return on_version(command, AT_FACE_VALUE, book.next_decision(command.case_id))

    return post_blindly(anew, desk.writeback, 0.0)


class Heard:
    """A fact sink that keeps every fact and passes it on while somebody listens."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.facts: list[tuple[object, ...]] = []
        self.tell: Callable[[tuple[object, ...]], None] = self.facts.append

    @property
    def heard(self) -> dict[type, Callable[[Any], None]]:
        """All kinds of fact are heard."""
        return heard_by(self.emit)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Take one fact."""
        self.tell(fact)
