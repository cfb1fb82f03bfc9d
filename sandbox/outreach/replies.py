"""What a customer's reply asks for: STOP, START, HELP or something else, read from the words they sent.

The words are the pack's; this module knows none. Whoever doubts whether a reply means STOP takes it for one: a
message too few costs a reminder, a message too many breaks a promise.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sandbox.outreach.schema import OptOut

READ_CHARS_MAX = 1_600
"""Longest reply that is read, in characters: ten concatenated parts of a text message; the rest is ignored."""

_APOSTROPHES = dict.fromkeys(map(ord, "'`\u2018\u2019\u00b4\u02bc"))
"""Left out, so that "don't" is one word however its apostrophe is typed."""


class Intent(StrEnum):
    """What a reply asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """A pack's words, normalised once.

    Attributes:
        stop, start, help: whole replies with that meaning, written without spaces.
        phrases: wordings that mean STOP wherever they stand in a reply.
        courtesy: words that change nothing, such as "please".
        scope: what a STOP ends: the channel it came in on, or all of them.
        confirms: whether one message confirms it.
    """

    stop: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    phrases: tuple[str, ...]
    courtesy: frozenset[str]
    scope: Literal["channel", "all"]
    confirms: bool


def compile_replies(block: OptOut) -> ReplyWords:
    """Normalise the words of a validated block."""

    def whole(words: tuple[str, ...]) -> frozenset[str]:
        return frozenset(normalised(word).replace(" ", "") for word in words)

    return ReplyWords(
        stop=whole(block.stop_words),
        start=whole(block.start_words),
        help=whole(block.help_words),
        phrases=tuple(normalised(phrase) for phrase in block.stop_phrases),
        courtesy=whole(block.courtesy_words),
        scope=block.scope,
        confirms=block.confirms,
    )


def normalised(text: str) -> str:
    """Return a reply as plain words: one case, one form of every letter, no apostrophes, single spaces.

    "  Please DON'T—text me!! " is "please dont text me".
    """
    folded = unicodedata.normalize("NFKC", text[:READ_CHARS_MAX]).casefold().translate(_APOSTROPHES)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def read_reply(text: str, words: ReplyWords) -> Intent:
    """Say what a reply asks for.

    STOP where the reply is a STOP word (courtesy aside, however spaced: "S T O P", "opt-out, please") or holds one of
    the phrases; START and HELP where it is nothing but such a word, courtesy aside.
    """
    plain = normalised(text)
    told = [word for word in plain.split() if word not in words.courtesy]
    for said in (plain.replace(" ", ""), "".join(told)):
        if said in words.stop:
            return Intent.STOP
    padded = f" {plain} "
    if any(f" {phrase} " in padded for phrase in words.phrases):
        return Intent.STOP
    for said in (plain.replace(" ", ""), "".join(told)):
        if said in words.start:
            return Intent.START
        if said in words.help:
            return Intent.HELP
    return Intent.OTHER
