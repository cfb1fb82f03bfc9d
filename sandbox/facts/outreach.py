"""What happened to a case before the customer acted."""

from __future__ import annotations

from typing import NamedTuple


class Triggered(NamedTuple):
    """Policy let the case in: it counts in every rate whose base is triggered cases."""

    case_id: int
    at_ms: int
    cohort_day: int
    arrears_band: str
    vulnerable: bool


class Excluded(NamedTuple):
    """Policy kept the case out before any contact."""

    case_id: int
    at_ms: int
    cohort_day: int
    reason: str


class TouchSkipped(NamedTuple):
    """A planned touch was not sent, and why; eligible = sent + skipped, always."""

    case_id: int
    at_ms: int
    touch: int
    reason: str


class Sent(NamedTuple):
    """One message left for the provider; `charged` is False where the provider takes no money for it."""

    case_id: int
    at_ms: int
    touch: int
    channel: str
    charged: bool = True


class SendRefused(NamedTuple):
    """A provider did not take a message; the touch then leaves by another channel or is skipped."""

    case_id: int
    at_ms: int
    touch: int
    channel: str
    reason: str


class LetterSent(NamedTuple):
    """A customer whom no message may reach was written to and asked to call; a letter is no touch."""

    case_id: int
    at_ms: int


NO_CHANNEL = "no_channel"
"""Why a case takes the route to a person where policy did not say so: no message can reach the customer."""


class RoutedToPerson(NamedTuple):
    """The case takes the route to a person; `reason` is policy's (vulnerable) or no_channel. May be told again."""

    case_id: int
    at_ms: int
    reason: str


class ReplyReceived(NamedTuple):
    """A customer answered a message in words, understood as `intent`: stop, start, help or other."""

    case_id: int
    at_ms: int
    touch: int
    channel: str
    intent: str


class ContactBreach(NamedTuple):
    """A message left against a rule of contact: consent, quiet hours, a cap."""

    case_id: int
    at_ms: int
    rule: str


class ReceiptReceived(NamedTuple):
    """A delivery receipt arrived; receipts may be late, repeated or missing."""

    case_id: int
    at_ms: int
    touch: int
    status: str


class Engaged(NamedTuple):
    """The customer clicked, replied or called because of a message (an open is not engagement)."""

    case_id: int
    at_ms: int
    touch: int
    via: str
