"""All that proves one case, folded from its audit rows alone: what was sent, who acted on which proof, how it ended.

A pure fold: whoever holds the rows can recount it. What a case of its ending should have and its rows do not say is
named in `missing`; nothing is filled in from anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from sandbox.model import AssuranceLevel
from sandbox.ports import AuditRow

CUSTOMER, AGENT, BACK_OFFICE = "customer", "agent", "back office"

_WEAK: Final = {
    "triggered": "triggered",
    "touch_skipped": "not contacted",
    "send_refused": "not contacted",
    "letter_sent": "contacted",
    "message_sent": "contacted",
    "link_opened": "engaged",
    "identity_proven": "identified",
}
"""What rows say of a case in which nothing has been agreed yet; the later in this list, the further it came."""

_STRONG: Final = {
    "excluded": "excluded",
    "choice_submitted": "acted",
    "outcome_agreed": "acted",
    "note_left": "with the back office",
    "note_keyed": "with the back office",
    "posting_queued": "in the outbox",
    "posting_unsettled": "in the outbox",
    "posting_refused": "refused",
    "posting_stale": "refused",
    "exception_bundle": "with a person",
    "posting_recorded": "recorded",
}
"""What rows say of a case on which something was decided: the last of them counts, and a record stands for good."""

RECORDED: Final = "recorded"
_FURTHER = {state: place for place, state in enumerate(dict.fromkeys(_WEAK.values()))}

_SENT = ("trigger", "sent", "consent")
_ACTED = (*_SENT, "acted", "identity", "inputs", "decision")
NEEDED: Final = {
    "excluded": ("decision",),
    "triggered": ("trigger",),
    "not contacted": ("trigger", "reason"),
    "contacted": _SENT,
    "engaged": (*_SENT, "identity"),
    "identified": (*_SENT, "identity"),
    "acted": _ACTED,
    "with the back office": _ACTED,
    "in the outbox": (*_ACTED, "reason"),
    "refused": (*_ACTED, "reason"),
    "with a person": (*_SENT, "reason", "next_action"),
    RECORDED: (*_ACTED, "receipt"),
}
"""What a case must be able to show, by its final state."""


class SentMessage(NamedTuple):
    """One message or letter: when, how, which touch (0 a letter), and whether the customer consented to the channel.

    A letter needs no consent: `consent` is None.
    """

    at_ms: int
    channel: str
    touch: int
    consent: bool | None


class ProofOfIdentity(NamedTuple):
    """One check of who is acting: when, how, whether it was passed, and the level it gave (0 when not)."""

    at_ms: int
    method: str
    passed: bool
    level: int
    reason: str = ""


class PolicyDecision(NamedTuple):
    """What policy said: "admitted", "excluded", "allowed", "refused", "person", or "agreed beyond policy".

    Attributes:
        at_ms: when.
        verdict: one of the words above.
        rule: the rule or the part of the document that says so; empty when the trail does not tell.
        reason: its reason code; empty for what is allowed.
        policy_version: version of the policy that decided; 0 when the trail does not tell.
        account_version: version of the account it was decided on; 0 when the trail does not tell.
    """

    at_ms: int
    verdict: str
    rule: str
    reason: str
    policy_version: int
    account_version: int = 0


class EvidenceBundle(NamedTuple):
    """One case's evidence; see `missing` for what it ought to hold and does not.

    Attributes:
        case_id: whose.
        trigger: the policy that let the case in, with its version.
        sent: messages and letters, oldest first.
        consent: what the trail says of consent to every one of them; empty when it says nothing.
        acted: who did something, in order of first appearance.
        identity: every check of who is acting, oldest first.
        inputs: what was asked for last: action, amount in minor units, days until due, and what else was submitted.
        decision: what policy said, oldest first.
        receipt: the core's own receipt, as recorded.
        reason: why the case is not recorded, in the words of whoever said no.
        next_action: what a person has to do, where the case is with one.
        final_state: where the rows leave the case.
        first_at_ms, last_at_ms: time of the first and the last row, milliseconds of the trail's clock.
        rows: sequence numbers of all rows of the case: where each part can be checked against the chain.
        kinds: kinds of row, in order of first appearance.
    """

    case_id: int
    trigger: str = ""
    sent: tuple[SentMessage, ...] = ()
    consent: str = ""
    acted: tuple[str, ...] = ()
    identity: tuple[ProofOfIdentity, ...] = ()
    inputs: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default; nothing writes to it
    decision: tuple[PolicyDecision, ...] = ()
    receipt: dict[str, Any] = {}  # noqa: RUF012 - as above
    reason: str = ""
    next_action: str = ""
    final_state: str = ""
    first_at_ms: int = 0
    last_at_ms: int = 0
    rows: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts a case that ended like this must have, and has not; "rows" when there is nothing at all."""
        if not self.rows:
            return ("rows",)
        lacks = [part for part in NEEDED[self.final_state] if not getattr(self, part)]
        if "identity" in NEEDED[self.final_state] and self.identity and self.acted:
            lacks += [] if any(proof.passed for proof in self.identity) else ["identity"]
        if "decision" in NEEDED[self.final_state] and "decision" not in lacks:
            lacks += self._undecided()
        return tuple(lacks)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def _undecided(self) -> list[str]:
        """What the decision that carries the ending does not tell: that there was one, its rule, its version."""
        asked = ("excluded",) if self.final_state == "excluded" else ("allowed", "agreed beyond policy")
        carrying = [said for said in self.decision if said.verdict in asked]
        if not carrying:
            return ["decision"]
        last = carrying[-1]
        told = {"decision.rule": last.rule, "decision.policy_version": last.policy_version}
        return [part for part, value in told.items() if not value]

    def as_plain(self) -> dict[str, object]:
        """Return the bundle as plain JSON values, with what is missing."""
        plain: dict[str, object] = {**self._asdict()}
        for part in ("sent", "identity", "decision"):
            plain[part] = [item._asdict() for item in getattr(self, part)]
        return {**plain, "missing": list(self.missing), "complete": self.complete}


def _agreed(body: dict[str, Any]) -> tuple[str, str, str]:
    """An agent's outcome is policy's too where policy offered it; else it is the agent's own judgement."""
    if body["action"] in body["offered"]:
        return "allowed", f"actions.{body['action']}", ""
    return "agreed beyond policy", str(body.get("blocked_by", "")), ""


_VERDICTS: Final[dict[str, Callable[[dict[str, Any]], tuple[str, str, str]]]] = {
    "triggered": lambda _body: ("admitted", "exclude_when", ""),
    "excluded": lambda body: ("excluded", str(body["rule"]), str(body["reason"])),
    "choice_submitted": lambda body: ("allowed", f"actions.{body['action']}", ""),
    "outcome_agreed": _agreed,
    "choice_refused": lambda body: ("refused", f"actions.{body['action']}", str(body["reason"])),
    "person_required": lambda body: ("person", str(body.get("rule", "")), str(body["reason"])),
    "no_action_allowed": lambda body: (
        "refused",
        ", ".join(body.get("rules", ())),
        ", ".join(body["blocked"]),
    ),
}
"""Verdict, rule and reason of the rows in which policy speaks; what is allowed by its place in the document."""


class _Gathering:
    """A bundle in the making."""

    def __init__(self, case_id: int) -> None:
        self.case_id = case_id
        self.trigger = self.reason = self.next_action = self.state = ""
        self.strong = False
        self.sent: list[SentMessage] = []
        self.acted: dict[str, None] = {}
        self.identity: list[ProofOfIdentity] = []
        self.inputs: dict[str, Any] = {}
        self.decision: list[PolicyDecision] = []
        self.receipt: dict[str, Any] = {}
        self.rows: list[AuditRow] = []

    def take(self, row: AuditRow) -> None:
        """Fold one row in."""
        body = json.loads(row.body)
        self.rows.append(row)
        for read in (self._contact, self._proof, self._policy, self._outcome):
            read(row, body)
        self._move(row.kind)

    def _move(self, kind: str) -> None:
        """Let a row move the case on: a reminder or a second look never undoes what was agreed."""
        if self.state == RECORDED:
            return
        if kind in _STRONG:
            self.state, self.strong = _STRONG[kind], True
        elif kind in _WEAK and not self.strong:
            self.state = max(self.state, _WEAK[kind], key=lambda state: _FURTHER.get(state, -1))

    def _contact(self, row: AuditRow, body: dict[str, Any]) -> None:
        if row.kind == "message_sent":
            consent = body.get("consent")
            self.sent.append(SentMessage(row.at_ms, str(body["channel"]), int(body["touch"]), consent))
        elif row.kind == "letter_sent":
            self.sent.append(SentMessage(row.at_ms, "letter", 0, None))
        elif row.kind in ("touch_skipped", "send_refused"):
            self.reason = str(body["reason"])

    def _proof(self, row: AuditRow, body: dict[str, Any]) -> None:
        kind, method, reason = row.kind, str(body.get("method", "")), str(body.get("reason", ""))
        if kind == "identity_proven":
            self.identity.append(ProofOfIdentity(row.at_ms, method, True, int(body["level"])))
        elif kind == "link_opened":
            self.acted[CUSTOMER] = None
            level = int(AssuranceLevel.LINK)
            self.identity.append(ProofOfIdentity(row.at_ms, "signed_link", True, level))
        elif kind in ("link_refused", "identity_refused", "code_throttled"):
            method = method or ("signed_link" if kind == "link_refused" else "one_time_code")
            self.identity.append(ProofOfIdentity(row.at_ms, method, False, 0, reason))

    def _policy(self, row: AuditRow, body: dict[str, Any]) -> None:
        tell = _VERDICTS.get(row.kind)
        if tell is None:
            return
        verdict, rule, reason = tell(body)
        version = int(body.get("policy_version", body.get("version", 0)))
        account_version = int(body.get("account_version", 0))
        self.decision.append(PolicyDecision(row.at_ms, verdict, rule, reason, version, account_version))
        if row.kind == "triggered":
            self.trigger = f"{body['policy']}, version {version}"
        elif row.kind == "excluded":
            self.reason = reason

    def _outcome(self, row: AuditRow, body: dict[str, Any]) -> None:
        kind = row.kind
        if kind in ("choice_submitted", "outcome_agreed"):
            self.acted[CUSTOMER if kind == "choice_submitted" else AGENT] = None
            known = ("policy_version", "account_version", "level", "offered", "blocked_by")
            self.inputs = {key: value for key, value in body.items() if key not in known}
            self.reason = ""
        elif kind in ("note_left", "note_keyed"):
            self.acted[BACK_OFFICE] = None
        elif kind == "posting_recorded":
            self.reason = ""
            if "posting_id" in body:
                self.receipt = body
        elif kind == "exception_bundle":
            self.reason, self.next_action = str(body["reason"]), str(body["next_action"])
        elif kind.startswith("posting_"):
            self.reason = str(body.get("reason", ""))

    def bundle(self) -> EvidenceBundle:
        """Return what was gathered."""
        rows = self.rows
        ended = self.state == RECORDED
        return EvidenceBundle(
            self.case_id,
            self.trigger,
            tuple(self.sent),
            _consent(self.sent),
            tuple(self.acted),
            tuple(self.identity),
            self.inputs,
            tuple(self.decision),
            self.receipt,
            "" if ended else self.reason,
            "" if ended else self.next_action,
            self.state or "triggered",
            rows[0].at_ms if rows else 0,
            rows[-1].at_ms if rows else 0,
            tuple(row.seq for row in rows),
            tuple(dict.fromkeys(row.kind for row in rows)),
        )


def evidence_bundle(case_id: int, rows: Iterable[AuditRow]) -> EvidenceBundle:
    """Fold a case's audit rows, in order of sequence, into its evidence.

    Args:
        case_id: whose; rows of other cases are passed over.
        rows: a whole trail or the rows of the one case.
    """
    gathering = _Gathering(case_id)
    for row in rows:
        if row.case_id == case_id:
            gathering.take(row)
    return gathering.bundle()


def _consent(sent: Iterable[SentMessage]) -> str:
    """Return what is known of consent to all that was sent, in words; empty when one send does not say."""
    words: dict[str, None] = {}
    for message in sent:
        if message.channel == "letter":
            words["letter: needs none"] = None
        elif message.consent is None:
            return ""
        else:
            words[f"{message.channel}: {'given' if message.consent else 'NOT given'}"] = None
    return "; ".join(words)
