"""What a running workflow may ask of the world, as data; and the answer it gets back.

Workflows are generators: they yield an effect and receive an `Answer`. SimPy drives them in a simulation,
a wall clock in a pilot, a loop in a test. Time reaches a workflow with every answer and never as a stale
argument.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from sandbox.ports import Message, PostCommand


class Answer(NamedTuple):
    """The world's reply to an effect, and the time it arrived."""

    value: Any
    at_ms: int


class Wait(NamedTuple):
    """Let `delay_ms` pass; the answer's value is None."""

    delay_ms: int


class Ask(NamedTuple):
    """Ask the customer something; the answer is what they do, after the time they take.

    Attributes:
        question: one of the names the behaviour model (or a real screen) knows, e.g. "enter_code".
        detail: what the customer has before them (the code message, the allowed actions, ...).
        attempt: how often this was asked before in this visit.
    """

    question: str
    detail: Any
    attempt: int

    def __repr__(self) -> str:
        """Name the question; what the customer has before them may be a code or an account, and is not shown."""
        return f"Ask(question={self.question!r}, detail=***, attempt={self.attempt})"


class InstallOffer(NamedTuple):
    """The detail of "install_app": an app to download. Rates 0..1, the median in minutes."""

    taps_install_rate: float
    finishes_rate: float
    install_min_median: float


class BotTalk(NamedTuple):
    """The detail of "talk_to_bot": how well the bot does. Rates 0..1, the median in minutes."""

    understands_rate: float
    leaves_rate: float
    talk_min_median: float


class Send(NamedTuple):
    """Send a message inside a visit; the answer is whether it reached the handset in time."""

    message: Message
    text: str

    def __repr__(self) -> str:
        """Name the message; its text may hold a code or a link, and is not shown."""
        return f"Send(message={self.message!r}, text=***)"


class PostToCore(NamedTuple):
    """One call to the core; the answer is a CoreReply, after its latency."""

    command: PostCommand


class ReadByKey(NamedTuple):
    """Ask the core whether a key was applied; the answer is a CoreReply, after its latency."""

    key: str


class JoinCallQueue(NamedTuple):
    """Call the lines; the answer is a CallResult once the caller was answered or left.

    Attributes:
        intent: why the customer calls; handling time and patience depend on it.
        attempt: 1 for the first call of a visit, more for redials.
        discovery_min_mean: mean minutes the agent needs to find out what came before, on top of the talk.
    """

    intent: str
    attempt: int
    discovery_min_mean: float = 0.0


class CallResult(NamedTuple):
    """How a call attempt ended for the customer; `talk_ms` is what lies ahead when answered."""

    answered: bool
    wait_ms: int
    talk_ms: int


class TakeTurn(NamedTuple):
    """Ask to be let in where only so many are; the answer is True in turn, False when the customer left first.

    Attributes:
        place: whose door it is; each has its own.
        capacity_per_min: customers let in per minute.
        patience_s_mean: mean time they are ready to wait, seconds.
    """

    place: str
    capacity_per_min: float
    patience_s_mean: float


class HandToBackOffice(NamedTuple):
    """Leave a note for the clerks; the answer is a NoteRead: at once when it is lost, else when a clerk has read it.

    `item` numbers the notes of a case from 0.
    """

    item: int


class NoteRead(NamedTuple):
    """Whether a note came through, and the clerk time it took."""

    readable: bool
    touch_ms: int


class Rekey(NamedTuple):
    """Have an item keyed into the core; the answer is a Keyed, when a clerk has done it.

    Attributes:
        item: numbers the items of a case from 0.
        attempt: how often this item was keyed before.
        delay_h_median: median working hours before the item may be keyed.
        double_entry: keyed twice and compared.
    """

    item: int
    attempt: int
    delay_h_median: float
    double_entry: bool


class Keyed(NamedTuple):
    """How a keying went: wrong or not, whether reconciliation will find it, and the clerk time it took."""

    wrong: bool
    found: bool
    touch_ms: int


class AwaitReconciliation(NamedTuple):
    """Let pass what lies between a keying and the next day's reconciliation; the answer's value is None."""


Effect = (
    Wait
    | Ask
    | Send
    | PostToCore
    | ReadByKey
    | JoinCallQueue
    | TakeTurn
    | HandToBackOffice
    | Rekey
    | AwaitReconciliation
)
"""Everything a workflow may yield."""

Flow = Generator[Effect, Answer, Any]
"""A workflow."""
