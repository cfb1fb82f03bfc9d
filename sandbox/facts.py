"""What happened, as immutable records. Facts are the only currency of counting.

The flow emits facts and never counts; listeners (the scorecard, the trace, the invariant checkers) fold them.
Times are integer milliseconds since the scenario's start. `case_id` is -1 on calls that belong to no case.
"""

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


class RoutedToPerson(NamedTuple):
    """The case takes the route to a person; `reason` is policy's (vulnerable) or no_channel. May be told again."""

    case_id: int
    at_ms: int
    reason: str


class ServiceMessageSent(NamedTuple):
    """A one-time code or a confirmation went out inside a visit; not a touch of the campaign."""

    case_id: int
    at_ms: int
    purpose: str


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


class StepEntered(NamedTuple):
    """A journey reached a step of its design."""

    case_id: int
    at_ms: int
    step: str


class ChannelChanged(NamedTuple):
    """A step took the customer out of the message they acted on."""

    case_id: int
    at_ms: int
    step: str


class LinkChecked(NamedTuple):
    """A signed link was verified by the real code."""

    case_id: int
    at_ms: int
    accepted: bool
    reason: str


class CodeChecked(NamedTuple):
    """A one-time code was checked by the real code."""

    case_id: int
    at_ms: int
    accepted: bool
    reason: str


class IdentityProven(NamedTuple):
    """The customer reached an assurance level."""

    case_id: int
    at_ms: int
    level: int
    method: str


class OptionsShown(NamedTuple):
    """Policy decided which actions this customer may see; blocked actions carry their reason codes."""

    case_id: int
    at_ms: int
    allowed: tuple[str, ...]
    blocked: tuple[tuple[str, str], ...]


class Chosen(NamedTuple):
    """The customer submitted one of the allowed actions with valid inputs."""

    case_id: int
    at_ms: int
    action: str
    amount_minor: int
    routine: bool


class ActionCompleted(NamedTuple):
    """The customer has done their part; from here the outcome must reach the core."""

    case_id: int
    at_ms: int
    action: str
    with_agent: bool


class PostingTried(NamedTuple):
    """One call to the core for one idempotency key."""

    case_id: int
    at_ms: int
    attempt: int
    outcome: str


class Recorded(NamedTuple):
    """The outcome stands in the core with status, note, timestamp and evidence: it counts.

    `attempts` is the number of core calls needed (1 = first try). `manual` means a person posted it.
    """

    case_id: int
    at_ms: int
    action: str
    amount_minor: int
    attempts: int
    manual: bool


class PostingRefused(NamedTuple):
    """The core refused for a business reason (a declined payment, a stale version after re-reading)."""

    case_id: int
    at_ms: int
    reason: str


class PostingQueued(NamedTuple):
    """The core could not be reached in the bounded tries; the durable outbox keeps the intent."""

    case_id: int
    at_ms: int


class ExceptionRaised(NamedTuple):
    """The case left its design's normal path for manual handling."""

    case_id: int
    at_ms: int
    reason: str
    bundle_complete: bool


class Dropped(NamedTuple):
    """The customer gave up at a step; a later touch may bring them back."""

    case_id: int
    at_ms: int
    step: str
    reason: str


class CallOffered(NamedTuple):
    """An attempt reached the lines. `campaign` separates the campaign from other traffic."""

    call_id: int
    case_id: int
    at_ms: int
    intent: str
    campaign: bool
    attempt: int


class CallAnswered(NamedTuple):
    """An agent picked up after `wait_ms`."""

    call_id: int
    case_id: int
    at_ms: int
    wait_ms: int
    campaign: bool
    offered_at_ms: int


class CallAbandoned(NamedTuple):
    """The caller left without an agent; `balked` callers never joined the queue."""

    call_id: int
    case_id: int
    at_ms: int
    wait_ms: int
    campaign: bool
    offered_at_ms: int
    balked: bool


class CallHandled(NamedTuple):
    """Talk plus after-call work ended; the agent is free again."""

    call_id: int
    case_id: int
    at_ms: int
    talk_ms: int
    after_call_ms: int
    campaign: bool


class LineClosed(NamedTuple):
    """A customer called outside opening hours; not offered, they may call on the next working day."""

    case_id: int
    at_ms: int


class HandedToBackOffice(NamedTuple):
    """An agent's note waits for manual rekeying."""

    case_id: int
    at_ms: int


class BackOfficeDone(NamedTuple):
    """A person in the back office finished one item; `error` is a rekeying error found later."""

    case_id: int
    at_ms: int
    touch_ms: int
    error: bool


Fact = (
    Triggered
    | Excluded
    | TouchSkipped
    | Sent
    | SendRefused
    | LetterSent
    | RoutedToPerson
    | ServiceMessageSent
    | ReceiptReceived
    | Engaged
    | StepEntered
    | ChannelChanged
    | LinkChecked
    | CodeChecked
    | IdentityProven
    | OptionsShown
    | Chosen
    | ActionCompleted
    | PostingTried
    | Recorded
    | PostingRefused
    | PostingQueued
    | ExceptionRaised
    | Dropped
    | CallOffered
    | CallAnswered
    | CallAbandoned
    | CallHandled
    | LineClosed
    | HandedToBackOffice
    | BackOfficeDone
)
