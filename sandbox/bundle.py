"""What a person gets who takes a case over: the bundle, whether it is whole, and what is to be done next.

Reasons are the exception triggers as policies name them, or a design's own word. A bundle is put together from what
a visit knows, or, where no visit is left, from the case's own audit rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Final, Literal, NamedTuple, get_args

from sandbox.ports import AuditRow

IDENTITY_FAILED: Final = "identity_failed"
PAYMENT_DECLINED: Final = "payment_declined"
NO_ACTION_ALLOWED: Final = "no_action_allowed"
CORE_UNAVAILABLE: Final = "core_unavailable"
MISSING_DATA: Final = "missing_data"

REFUSAL_TRIGGERS: Final = {
    "declined": PAYMENT_DECLINED,
    "account_closed": NO_ACTION_ALLOWED,
    "unknown_account": MISSING_DATA,
    "unknown_action": MISSING_DATA,
    "invalid_effect": MISSING_DATA,
}
"""Refusals of a core that end self-service; after any other the customer may simply choose again."""

NEXT_ACTIONS: Final = {
    IDENTITY_FAILED: "prove who is calling by known facts, then agree the outcome",
    PAYMENT_DECLINED: "agree another way to pay, or another date",
    NO_ACTION_ALLOWED: "explain why nothing is offered, and decide the case by hand",
    CORE_UNAVAILABLE: "look up the key in the core; post the outcome by hand if it is not there",
    MISSING_DATA: "complete the account in the core, then contact the customer again",
    "dispute": "judge the dispute, then record the decision",
}
_TALK = "talk to the customer and agree the outcome"

_SENDS = frozenset({"message_sent", "letter_sent"})
_ATTEMPTS = frozenset({"choice_submitted", "outcome_agreed"})
_IDENTITY = {
    "link_opened": "signed_link accepted",
    "link_refused": "signed_link refused",
    "identity_refused": "refused",
    "code_throttled": "one_time_code not sent",
}


Part = Literal[
    "trigger", "messages_sent_at_ms", "attempted", "identity", "failure", "evidence", "next_action"
]
"""A part of a bundle that the person who takes the case over can find out without it, by looking and asking."""

FOUND_OUT: Final = get_args(Part)


class Bundle(NamedTuple):
    """All that goes with a case to the person who takes it over; every part but `refused` must be there.

    Attributes:
        trigger: the event that opened the case.
        messages_sent_at_ms: when each message (or the letter) to the customer left, oldest first.
        attempted: what the customer tried last.
        identity: how the proof of identity ended.
        reason: why the case left its path: a policy's exception trigger or the design's word.
        failure: what exactly went wrong, in the words of whoever said no.
        evidence: kinds of audit row that stand for this case.
        next_action: what the person should do.
        refused: actions the core refused.
    """

    trigger: str
    messages_sent_at_ms: tuple[int, ...]
    attempted: str
    identity: str
    reason: str
    failure: str
    evidence: tuple[str, ...]
    next_action: str
    refused: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that are not there, so that whoever takes over would have to find them out."""
        return tuple(name for name, part in zip(self._fields[:-1], self[:-1], strict=True) if not part)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return all(self[:-1])

    def without(self, parts: Collection[str]) -> Bundle:
        """Return the bundle with these parts left out."""
        values = (type(part)() if name in parts else part for name, part in self._asdict().items())
        return Bundle._make(values)

    def as_evidence(self) -> dict[str, object]:
        """Return the bundle as an audit row's plain JSON."""
        return self._asdict()  # tuples are JSON arrays


def discovery_min(missing: Collection[str], whole_min: float) -> float:
    """Return the mean minutes an agent needs to find out what a bundle does not say.

    Args:
        missing: parts that are not there (`Bundle.missing`).
        whole_min: minutes to find out all parts but the reason, as where evidence is scattered; each part takes an
            equal share of them, which is an assumption.
    """
    return whole_min * (len(missing) / len(FOUND_OUT))


def next_action(reason: str) -> str:
    """Return what a person should do about a case handed over for this reason."""
    return NEXT_ACTIONS.get(reason, _TALK)


def reason_alone(reason: str) -> Bundle:
    """Return what goes along where evidence is scattered and nobody can put the bundle together."""
    return Bundle("", (), "", "", reason, "", (), "", ())


def bundle_from_trail(rows: Iterable[AuditRow], reason: str, failure: str) -> Bundle:
    """Put a bundle together from a case's audit rows, in order of sequence; what they do not say is missing."""
    trigger = attempted = identity = ""
    sent_at_ms: list[int] = []
    kinds: dict[str, None] = {}
    refused: list[str] = []
    for row in rows:
        kinds[row.kind] = None
        body = json.loads(row.body)
        if row.kind == "triggered":
            trigger = f"{body['policy']}, version {body['version']}"
        elif row.kind in _SENDS:
            sent_at_ms.append(row.at_ms)
        elif row.kind in _ATTEMPTS:
            attempted = str(body["action"])
        elif row.kind == "identity_proven":
            identity = f"{body['method']} accepted"
        elif row.kind in _IDENTITY:
            identity = " ".join(part for part in (str(body.get("method", "")), _IDENTITY[row.kind]) if part)
        elif row.kind == "posting_refused" and attempted:
            refused.append(attempted)
    return Bundle(
        trigger,
        tuple(sent_at_ms),
        attempted,
        identity,
        reason,
        failure,
        tuple(kinds),
        next_action(reason),
        tuple(refused),
    )
