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


class HandToBackOffice(NamedTuple):
    """Leave an item for manual rekeying; answered at once, the item is worked later."""

    command: PostCommand


Effect = Wait | Ask | Send | PostToCore | ReadByKey | JoinCallQueue | HandToBackOffice
"""Everything a workflow may yield."""

Flow = Generator[Effect, Answer, Any]
"""A workflow."""
