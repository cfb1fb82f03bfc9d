"""What happened while a customer acted."""

from __future__ import annotations

from typing import NamedTuple


class ServiceMessageSent(NamedTuple):
    """A one-time code, a confirmation, or the outcome of what was queued went out; not a touch of the campaign."""

    case_id: int
    at_ms: int
    purpose: str


class StepEntered(NamedTuple):
    """A journey reached a step of its design; `behind` the customer's back, once their visit is over."""

    case_id: int
    at_ms: int
    step: str
    behind: bool = False


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


class FactsChecked(NamedTuple):
    """Known facts asked in the message were checked by the real code, all together."""

    case_id: int
    at_ms: int
    accepted: bool
    reason: str


class IdentityRefused(NamedTuple):
    """A check of identity ended without a proof: refused by the rules, or because what was asked was not known."""

    case_id: int
    at_ms: int
    method: str


class ImpostorTried(NamedTuple):
    """Somebody who is not the customer tried to act in their place.

    Attributes:
        kind: the attack, as a scenario names it.
        accepted: the page for actions was opened to them.
        level: the assurance level they reached.
        action: what they did there; empty where they did nothing.
    """

    case_id: int
    at_ms: int
    kind: str
    accepted: bool
    level: int
    action: str


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


class HandedOn(NamedTuple):
    """The customer's visit is over; the rest of the design goes on behind their back, from this step."""

    case_id: int
    at_ms: int
    step: str
