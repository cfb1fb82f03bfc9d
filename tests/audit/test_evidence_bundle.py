"""The evidence of a case, recounted by hand from its audit rows; what the rows do not say is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.audit.evidence_bundle import (
    NEEDED,
    EvidenceBundle,
    PolicyDecision,
    ProofOfIdentity,
    SentMessage,
    evidence_bundle,
)
from sandbox.ports import AuditRow

CASE = 12
Said = tuple[str, dict[str, Any]]

TRIGGERED: Said = ("triggered", {"policy": "collections", "version": 3})
SENT: Said = ("message_sent", {"channel": "sms", "consent": True, "touch": 1})
OPENED: Said = ("link_opened", {"touch": 1})
PROVEN: Said = ("identity_proven", {"level": 2, "method": "one_time_code"})
KNOWN: Said = ("identity_proven", {"level": 4, "method": "known_facts"})
CHOSEN: Said = (
    "choice_submitted",
    {
        "account_version": 5,
        "action": "pay_now",
        "amount_minor": 900,
        "due_day_offset": 0,
        "level": 2,
        "policy_version": 3,
    },
)
RECEIPT = {"key": "k", "posting_id": 7, "status": "paid", "version": 6}
RECORDED: Said = ("posting_recorded", RECEIPT)
DECLINED: Said = ("posting_refused", {"attempts": 1, "key": "k", "reason": "declined"})
HANDED: Said = ("exception_bundle", {"next_action": "agree another way", "reason": "payment_declined"})
AGREED: Said = (
    "outcome_agreed",
    {
        "account_version": 5,
        "action": "promise_to_pay",
        "amount_minor": 400,
        "blocked_by": "",
        "due_day_offset": 7,
        "offered": ["pay_now", "promise_to_pay"],
        "policy_version": 3,
    },
)
CLEAN = (TRIGGERED, SENT, OPENED, PROVEN, CHOSEN, RECORDED)
ADMITTED = PolicyDecision(10, "admitted", "exclude_when", "", 3)


def trail(*said: Said, case_id: int = CASE) -> list[AuditRow]:
    """Rows 101, 102 … of a case at 10, 20 … milliseconds."""
    return [
        AuditRow(100 + n, case_id, 10 * n, kind, json.dumps(body), b"")
        for n, (kind, body) in enumerate(said, 1)
    ]


def bundle(*said: Said) -> EvidenceBundle:
    """The evidence of a case of which just this was said."""
    return evidence_bundle(CASE, trail(*said))


def test_a_clean_case_proves_every_part() -> None:
    """Message, link, code, choice and receipt: the whole bundle, value by value."""
    assert bundle(*CLEAN) == EvidenceBundle(
        case_id=CASE,
        trigger="collections, version 3",
        sent=(SentMessage(20, "sms", 1, True),),
        consent="sms: given",
        acted=("customer",),
        identity=(
            ProofOfIdentity(30, "signed_link", True, 1),
            ProofOfIdentity(40, "one_time_code", True, 2),
        ),
        inputs={"action": "pay_now", "amount_minor": 900, "due_day_offset": 0},
        decision=(ADMITTED, PolicyDecision(50, "allowed", "actions.pay_now", "", 3, 5)),
        receipt=RECEIPT,
        final_state="recorded",
        first_at_ms=10,
        last_at_ms=60,
        rows=(101, 102, 103, 104, 105, 106),
        kinds=tuple(kind for kind, _ in CLEAN),
    )
    assert bundle(*CLEAN).complete


def test_an_exception_says_why_and_what_a_person_has_to_do() -> None:
    """Declined and handed over: reason and next action stand, the receipt is not asked for."""
    found = bundle(*CLEAN[:5], DECLINED, HANDED)
    assert (found.final_state, found.reason, found.next_action) == (
        "with a person",
        "payment_declined",
        "agree another way",
    )
    assert (found.receipt, found.missing) == ({}, ())
    scattered = ("exception_bundle", {"next_action": "", "reason": "payment_declined"})
    assert bundle(*CLEAN[:5], scattered).missing == ("next_action",)


def test_a_refused_case_names_who_said_no_and_by_which_rule() -> None:
    """The core's refusal after an allowed choice; policy's own refusals carry rule, reason and version."""
    found = bundle(*CLEAN[:5], DECLINED)
    assert (found.final_state, found.reason, found.missing) == ("refused", "declined", ())
    refusals: list[tuple[Said, PolicyDecision]] = [
        (
            ("person_required", {"policy_version": 3, "reason": "vulnerable", "rule": "vulnerable-customer"}),
            PolicyDecision(30, "person", "vulnerable-customer", "vulnerable", 3),
        ),
        (
            (
                "no_action_allowed",
                {"blocked": ["closed"], "policy_version": 3, "refused": [], "rules": ["a", "b"]},
            ),
            PolicyDecision(30, "refused", "a, b", "closed", 3),
        ),
        (
            ("choice_refused", {"action": "pay_now", "policy_version": 3, "reason": "identity_too_weak"}),
            PolicyDecision(30, "refused", "actions.pay_now", "identity_too_weak", 3),
        ),
    ]
    for said, decision in refusals:
        assert bundle(TRIGGERED, SENT, said).decision == (ADMITTED, decision)


def test_an_excluded_case_needs_the_rule_and_nothing_else() -> None:
    """Kept out before contact: the rule and the version are the evidence."""
    found = bundle(("excluded", {"policy_version": 3, "reason": "account_closed", "rule": "account-closed"}))
    assert found.decision == (PolicyDecision(10, "excluded", "account-closed", "account_closed", 3),)
    assert (found.final_state, found.reason, found.missing) == ("excluded", "account_closed", ())
    older = bundle(("excluded", {"reason": "account_closed", "rule": "account-closed"}))
    assert older.missing == ("decision.policy_version",)


def test_an_agents_case_shows_both_hands() -> None:
    """Known facts, an outcome agreed by the agent, a note keyed by the back office, a receipt."""
    found = bundle(TRIGGERED, SENT, KNOWN, AGREED, ("note_left", {}), ("note_keyed", {}), RECORDED)
    assert found.acted == ("agent", "back office")
    assert found.identity == (ProofOfIdentity(30, "known_facts", True, 4),)
    assert found.inputs == {"action": "promise_to_pay", "amount_minor": 400, "due_day_offset": 7}
    assert found.decision[1:] == (PolicyDecision(40, "allowed", "actions.promise_to_pay", "", 3, 5),)
    assert (found.final_state, found.complete) == ("recorded", True)
    assert bundle(TRIGGERED, SENT, KNOWN, AGREED, ("note_left", {})).final_state == "with the back office"


def test_an_agent_who_went_beyond_policy_is_seen() -> None:
    """What policy did not offer is the agent's own judgement, with the rule that stood against it."""
    body = {**AGREED[1], "offered": ["pay_now"], "blocked_by": "arrears-too-old"}
    found = bundle(TRIGGERED, SENT, KNOWN, ("outcome_agreed", body), RECORDED)
    assert found.decision[1][1:3] == ("agreed beyond policy", "arrears-too-old")
    assert found.complete
    untold = bundle(TRIGGERED, SENT, KNOWN, ("outcome_agreed", {**body, "blocked_by": ""}), RECORDED)
    assert untold.missing == ("decision.rule",)


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ((TRIGGERED,), ("trigger",)),
        ((SENT,), ("sent", "consent")),
        ((OPENED, PROVEN), ("identity",)),
        ((CHOSEN,), ("inputs", "decision")),
        ((OPENED, CHOSEN), ("acted", "inputs", "decision")),
    ],
)
def test_a_row_that_is_not_there_is_missed(left_out: tuple[Said, ...], missing: tuple[str, ...]) -> None:
    """Take a row away and the bundle says which part can no longer be proven."""
    said = [one for one in CLEAN if one not in left_out]
    assert bundle(*said).missing == missing


def test_a_record_without_a_receipt_is_not_proven() -> None:
    """A posting made blindly has no receipt of the core: the case stands as recorded, and incomplete."""
    blind: Said = ("posting_recorded", {"attempts": 1, "idempotent": False, "key": "k"})
    found = bundle(*CLEAN[:5], blind)
    assert (found.final_state, found.missing, found.complete) == ("recorded", ("receipt",), False)


def test_a_proof_that_failed_proves_nothing() -> None:
    """Refused checks are listed, and do not stand for the identity of whoever acted."""
    refused: Said = ("identity_refused", {"method": "one_time_code"})
    late: Said = ("link_refused", {"reason": "expired"})
    found = bundle(TRIGGERED, SENT, late, refused, ("code_throttled", {"reason": "hour"}), CHOSEN, RECORDED)
    assert [proof[1:] for proof in found.identity] == [
        ("signed_link", False, 0, "expired"),
        ("one_time_code", False, 0, ""),
        ("one_time_code", False, 0, "hour"),
    ]
    assert found.missing == ("identity",)


def test_consent_is_told_for_every_send() -> None:
    """Against consent is said so; a letter needs none; a send that does not say leaves consent unproven."""
    against: Said = ("message_sent", {"channel": "email", "consent": False, "touch": 2})
    assert bundle(TRIGGERED, SENT, against).consent == "sms: given; email: NOT given"
    letter = bundle(TRIGGERED, ("letter_sent", {"reason": "no_channel"}))
    assert (letter.sent, letter.consent) == ((SentMessage(20, "letter", 0, None),), "letter: needs none")
    silent: Said = ("message_sent", {"channel": "sms", "touch": 2})
    assert bundle(TRIGGERED, SENT, silent).missing == ("consent",)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((TRIGGERED,), "triggered"),
        ((TRIGGERED, ("touch_skipped", {"reason": "no_consent", "touch": 1})), "not contacted"),
        ((TRIGGERED, ("send_refused", {"reason": "blocked", "touch": 1})), "not contacted"),
        ((TRIGGERED, SENT, ("touch_skipped", {"reason": "complete", "touch": 2})), "contacted"),
        ((TRIGGERED, SENT, OPENED), "engaged"),
        ((TRIGGERED, SENT, OPENED, PROVEN, SENT, OPENED), "identified"),
        (CLEAN[:5], "acted"),
        ((*CLEAN[:5], SENT, OPENED, PROVEN), "acted"),
        ((*CLEAN[:5], ("posting_queued", {"reason": "breaker_open"})), "in the outbox"),
        ((*CLEAN[:5], ("posting_stale", {"reason": "version 2"})), "refused"),
        ((*CLEAN[:5], DECLINED, CHOSEN), "acted"),
        ((*CLEAN, HANDED, DECLINED, SENT), "recorded"),
    ],
)
def test_the_last_thing_decided_is_where_a_case_stands(said: tuple[Said, ...], state: str) -> None:
    """Reminders and second looks undo nothing, a new choice follows a refusal, and a record stands for good."""
    found = bundle(*said)
    assert found.final_state == state
    assert found.missing == ()


def test_a_case_that_is_recorded_in_the_end_has_no_open_reason() -> None:
    """What went wrong on the way is in the rows; the bundle of a recorded case asks nobody for anything."""
    found = bundle(*CLEAN[:5], DECLINED, HANDED, KNOWN, AGREED, RECORDED)
    assert (found.reason, found.next_action, found.acted) == ("", "", ("customer", "agent"))


def test_other_cases_are_passed_over_and_no_rows_are_no_evidence() -> None:
    """A whole trail may be given; a case without rows lacks everything and says so."""
    mixed = [*trail(TRIGGERED, SENT), *trail(*CLEAN, case_id=CASE + 1)]
    assert evidence_bundle(CASE, mixed).rows == (101, 102)
    empty = evidence_bundle(CASE + 2, mixed)
    assert (empty.missing, empty.complete) == (("rows",), False)


def test_a_bundle_is_plain_json_with_what_is_missing() -> None:
    """Every part by name; tuples become arrays; completeness is told."""
    plain = json.loads(json.dumps(bundle(*CLEAN[:4]).as_plain()))
    assert list(plain) == [*EvidenceBundle._fields, "missing", "complete"]
    assert plain["sent"] == [{"at_ms": 20, "channel": "sms", "touch": 1, "consent": True}]
    assert (plain["missing"], plain["complete"]) == ([], True)


def test_every_state_asks_for_parts_there_are() -> None:
    """The table of needs names fields of the bundle."""
    assert {part for parts in NEEDED.values() for part in parts} <= set(EvidenceBundle._fields)
