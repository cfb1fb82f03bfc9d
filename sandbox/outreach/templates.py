"""The texts of messages: placeholders filled from facts, how long they get, and what they give away.

Whoever picks up the phone reads a message; nobody has proven anything yet. So a text that says or implies that
something is owed late is refused before proof of identity, while a text about the customer's own payment is not.
Where the line runs is the pack's, not this module's. The shipped packs draw it so: an amount, a date ahead and what
the customer may do are *personal* (a reminder to somebody who was never late says the same); how much is late, since
when and how often promises were broken are *debt*, and so are words such as "overdue", "arrears" or "collections",
and an amount beside the name of a creditor other than the sender. FCA CONC 7.9 and US Reg F 1006.6(d) ask for the
outcome, not for these words; a stricter house calls `amount` debt, and its specific messages are refused. Pages
behind proof may say everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from sandbox.errors import RuleBroken
from sandbox.outreach.replies import normalised

Reveal: TypeAlias = Literal["public", "personal", "debt"]
"""What a placeholder tells a stranger who reads it."""

SEGMENTS_MAX = 3
"""Most parts of one text message: longer ones arrive in pieces on some handsets and cost as many messages."""

CHARS_MAX: Mapping[str, int] = {"whatsapp": 1_024, "email": 10_000}
"""Longest body in characters: a WhatsApp template's (Meta's reference), and a mail nobody would read to its end."""

_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two septets each: GSM 03.38 / 3GPP TS 23.038."""

_HELD = {"gsm-7": (160, 153), "ucs-2": (70, 67)}
"""Units of a message alone, and of each part of a longer one: 140 bytes, less six that number the part."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WIDEST: Mapping[str, str] = {
    "amount": "GBP 99,999.99",
    "today": "2026-12-31",
    "options": "pay now, choose a day or query the amount",
    "act": "Go here: https://pay.example-bank.com/" + "x" * 90,
    "act_until": "Go here: https://pay.example-bank.com/" + "x" * 90 + ", open until 2026-12-31 23:59",
}
"""What a length is reckoned with: no real message is longer."""
_WIDEST_OTHER = "x" * 24

Text = Annotated[str, Field(min_length=1, max_length=10_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageTexts(_Part):
    """The texts of a campaign's message on one channel.

    Attributes:
        specific: gives the customer's own amount, dates and what they may do.
        generic: says none of it.
    """

    specific: Text
    generic: Text


class Templates(_Part):
    """The texts of a campaign's message, by channel."""

    sms: MessageTexts
    whatsapp: MessageTexts
    email: MessageTexts

    def text(self, channel: str, content: Literal["specific", "generic"]) -> str:
        """Return one text as it is written."""
        texts: MessageTexts = getattr(self, channel)
        return texts.specific if content == "specific" else texts.generic

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Yield channel, content and text of each."""
        for channel in ("sms", "whatsapp", "email"):
            texts: MessageTexts = getattr(self, channel)
            yield channel, "specific", texts.specific
            yield channel, "generic", texts.generic


class Reveals(_Part):
    """What texts give away.

    Attributes:
        placeholders: every placeholder a text may use, and what its value tells a stranger.
        debt_words: words and wordings that tell of a debt, whatever stands around them.
        together: placeholders that tell of a debt when one text has all of a list.
    """

    placeholders: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Reveal]
    debt_words: tuple[Annotated[str, Field(pattern=r"\w", max_length=60)], ...]
    together: tuple[Annotated[tuple[str, ...], Field(min_length=2)], ...] = ()


class Size(NamedTuple):
    """How long a text message is: characters, parts it is sent in, and "gsm-7" or "ucs-2"."""

    characters: int
    segments: int
    encoding: str


def placeholders(text: str) -> tuple[str, ...]:
    """Return the placeholders of a text in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def render(text: str, values: Mapping[str, str]) -> str:
    """Fill a text's placeholders; values are put in as they are and not looked into.

    Raises:
        RuleBroken: a placeholder has no value.
    """
    if missing := [name for name in placeholders(text) if name not in values]:
        raise RuleBroken(f"a message cannot be rendered: no value for {', '.join(missing)}")
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def size(text: str) -> Size:
    """Return how a text travels as a text message; a character of two units is never cut in half."""
    plain = all(letter in _GSM_7 or letter in _GSM_7_EXTENDED for letter in text)
    encoding = "gsm-7" if plain else "ucs-2"
    if plain:
        units = [2 if letter in _GSM_7_EXTENDED else 1 for letter in text]
    else:
        units = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    alone, each = _HELD[encoding]
    if sum(units) <= alone:
        return Size(len(text), 1 if text else 0, encoding)
    segments, left = 0, 0
    for unit in units:
        if unit > left:
            segments, left = segments + 1, each
        left -= unit
    return Size(len(text), segments, encoding)


def told_before_proof(text: str, reveals: Reveals) -> list[str]:
    """Return what a text would tell a stranger of a debt, one phrase each; nothing where it tells of none."""
    used = placeholders(text)
    found = [f"{{{name}}} tells of a debt" for name in used if reveals.placeholders.get(name) == "debt"]
    plain = f" {normalised(_PLACEHOLDER.sub(' ', text))} "
    found += [f"{word!r} tells of a debt" for word in reveals.debt_words if f" {normalised(word)} " in plain]
    for names in reveals.together:
        if set(names) <= set(used):
            found.append(f"{' and '.join(f'{{{name}}}' for name in names)} together tell of a debt")
    return found


def faults(text: str, channel: str, reveals: Reveals, stop_words: Iterable[str]) -> list[str]:
    """Return what is wrong with a text that is sent before anybody has proven who they are.

    Args:
        text: the template.
        channel: "sms", "whatsapp" or "email".
        reveals: what gives a debt away.
        stop_words: the text has to name one of them: whoever reads it must learn how to opt out.
    """
    known = reveals.placeholders
    used = placeholders(text)
    found = [
        f"unknown placeholder {{{name}}}; allowed: {', '.join(known)}" for name in used if name not in known
    ]
    if set("{}") & set(_PLACEHOLDER.sub("", text)):
        found.append("found a brace that is no placeholder; allowed: {name} of small letters")
    if not {"act", "act_until"} & set(used):
        found.append("says not how to act; allowed: a text with {act} or {act_until}")
    plain = f" {normalised(text)} "
    words = list(stop_words)
    if not any(f" {normalised(word)} " in plain for word in words):
        found.append(f"says not how to opt out; allowed: a text that names one of {', '.join(words)}")
    told = told_before_proof(text, reveals)
    found += [f"{what}, and nobody has proven who they are; allowed: on pages behind proof" for what in told]
    return found + too_long(text, channel)


def too_long(text: str, channel: str, options: str = "") -> list[str]:
    """Return what is wrong with the length of a text, its placeholders filled as widely as they may get.

    Args:
        text: the template.
        channel: "sms", "whatsapp" or "email".
        options: the widest the workflow's own {options} may get; the collections' where they are not known yet.
    """
    widest = {**_WIDEST, "options": options or _WIDEST["options"]}
    filled = _PLACEHOLDER.sub(lambda found: widest.get(found[1], _WIDEST_OTHER), text)
    if channel == "sms":
        measured = size(filled)
        if measured.segments <= SEGMENTS_MAX:
            return []
        long = f"{measured.characters} characters in {measured.segments} parts ({measured.encoding})"
        return [f"found up to {long}; allowed: {SEGMENTS_MAX} parts"]
    most = CHARS_MAX[channel]
    return [f"found up to {len(filled)} characters; allowed: {most}"] if len(filled) > most else []
