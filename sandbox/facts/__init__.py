"""What happened, as immutable records. Facts are the only currency of counting.

The flow emits facts and never counts; listeners (the scorecard, the trace, the invariant checkers) fold them.
Times are integer milliseconds since the scenario's start. `case_id` is -1 on calls that belong to no case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from sandbox.facts.calls import (
    CallAbandoned,
    CallAnswered,
    CallHandled,
    CallOffered,
    DiscoveryDone,
    LineClosed,
)
from sandbox.facts.office import (
    BackOfficeDone,
    FailureDemand,
    HandedToBackOffice,
    ItemFailed,
    ReconciliationItem,
)
from sandbox.facts.outreach import (
    ContactBreach,
    Engaged,
    Excluded,
    LetterSent,
    ReceiptReceived,
    ReplyReceived,
    RoutedToPerson,
    SendRefused,
    Sent,
    TouchSkipped,
    Triggered,
)
from sandbox.facts.postings import (
    BreakerMoved,
    DuplicateEffect,
    PostingQueued,
    PostingRefused,
    PostingTried,
    PromiseBroken,
    PromiseKept,
    Recorded,
)
from sandbox.facts.visits import (
    ActionCompleted,
    ChannelChanged,
    Chosen,
    CodeChecked,
    Dropped,
    ExceptionRaised,
    FactsChecked,
    HandedOn,
    IdentityProven,
    IdentityRefused,
    ImpostorTried,
    LinkChecked,
    OptionsShown,
    ServiceMessageSent,
    StepEntered,
)

__all__ = [
    "ActionCompleted",
    "BackOfficeDone",
    "BreakerMoved",
    "CallAbandoned",
    "CallAnswered",
    "CallHandled",
    "CallOffered",
    "ChannelChanged",
    "Chosen",
    "CodeChecked",
    "ContactBreach",
    "DiscoveryDone",
    "Dropped",
    "DuplicateEffect",
    "Engaged",
    "ExceptionRaised",
    "Excluded",
    "Fact",
    "FactsChecked",
    "FailureDemand",
    "HandedOn",
    "HandedToBackOffice",
    "IdentityProven",
    "IdentityRefused",
    "ImpostorTried",
    "ItemFailed",
    "LetterSent",
    "LineClosed",
    "LinkChecked",
    "OptionsShown",
    "PostingQueued",
    "PostingRefused",
    "PostingTried",
    "PromiseBroken",
    "PromiseKept",
    "ReceiptReceived",
    "ReconciliationItem",
    "Recorded",
    "ReplyReceived",
    "RoutedToPerson",
    "SendRefused",
    "Sent",
    "ServiceMessageSent",
    "StepEntered",
    "TouchSkipped",
    "Triggered",
    "heard_by",
]

Fact = (
    Triggered
    | Excluded
    | TouchSkipped
    | Sent
    | SendRefused
    | LetterSent
    | RoutedToPerson
    | ContactBreach
    | ReceiptReceived
    | ReplyReceived
    | Engaged
    | ServiceMessageSent
    | StepEntered
    | ChannelChanged
    | LinkChecked
    | CodeChecked
    | FactsChecked
    | IdentityProven
    | IdentityRefused
    | ImpostorTried
    | OptionsShown
    | Chosen
    | ActionCompleted
    | ExceptionRaised
    | Dropped
    | HandedOn
    | PostingTried
    | Recorded
    | PromiseKept
    | PromiseBroken
    | PostingRefused
    | PostingQueued
    | BreakerMoved
    | DuplicateEffect
    | CallOffered
    | CallAnswered
    | CallAbandoned
    | CallHandled
    | LineClosed
    | DiscoveryDone
    | HandedToBackOffice
    | BackOfficeDone
    | ReconciliationItem
    | ItemFailed
    | FailureDemand
)
"""Everything that can happen."""


def heard_by(listener: Callable[[Any], None]) -> dict[type, Callable[[Any], None]]:
    """Return every kind of fact with this listener, for a `ports.SelectiveSink` that hears them all."""
    return dict.fromkeys(get_args(Fact), listener)
