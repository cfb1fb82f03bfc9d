"""Every limit of the shipped workflows, on each side, against a list written by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Decision
from sandbox.policy.inputs import fault_in
from sandbox.policy.postings import canonical_json
from scenarios.world.spec import load_scenario

TODAY = date(2026, 3, 2)

PLAIN: dict[str, dict[str, Any]] = {
    "failed-payment": {"card_status": "ok", "days_since_failure": 3, "failures_in_a_row": 1},
    "address-update": {"mail": "delivered", "returns_in_year": 0, "days_since_change": 400},
    "debit-order-change": {"mandate": "active", "days_to_next_run": 15, "changes_in_year": 0},
    "compliance-attestation": {"attestation": "open", "days_open": 5},
    "account-confirmation": {"details_state": "stale", "months_since_confirmed": 10},
    "dispute": {"days_since_posting": 10, "disputes_in_year": 0},
    "kyc-refresh": {"document_status": "expired", "risk_class": "low"},
}
"""Details of an account nothing speaks against."""

LIMITS = [
    ("failed-payment", "failures_in_a_row", 4, +1, "person", "repeated_failure"),
    ("failed-payment", "days_since_failure", 31, +1, "authorise_payment", "failed_too_long_ago"),
    ("address-update", "returns_in_year", 4, +1, "person", "returned_too_often"),
    ("address-update", "days_since_change", 30, -1, "change_address", "changed_too_recently"),
    ("debit-order-change", "days_to_next_run", 2, -1, "change_day", "next_run_too_close"),
    ("debit-order-change", "changes_in_year", 4, +1, "change_day", "changed_too_often"),
    ("debit-order-change", "days_to_next_run", 4, -1, "change_account", "next_run_too_close"),
    ("compliance-attestation", "days_open", 90, +1, "sign_attestation", "period_closed"),
    ("account-confirmation", "months_since_confirmed", 24, -1, "confirm_in_full", "not_in_segment"),
    ("account-confirmation", "months_since_confirmed", 25, +1, "confirm_details", "not_in_segment"),
    ("dispute", "days_since_posting", 120, -1, "goodwill_request", "not_in_segment"),
    ("dispute", "disputes_in_year", 5, +1, "person", "disputes_often"),
]
"""(policy, fact, limit, the side on which the rule holds, what it speaks of, its reason)."""


@cache
def policy_of(name: str) -> Policy:
    """The compiled policy of a shipped scenario."""
    return compile_policy(load_scenario(name).policy)


def decided(name: str, **facts: Any) -> Decision:
    """What a policy says of an account with these details."""
    details = json.dumps({**PLAIN[name], **facts}, sort_keys=True, separators=(",", ":"))
    return policy_of(name).decide(
        AccountFacts(1, "open", "1m", 100_000, 5_000, 0, False, False, True, 1, False, details)
    )


def reason_for(decision: Decision, whom: str) -> str:
    """Why an action is blocked, or why a person is asked; nothing where neither holds."""
    if whom == "person":
        return decision.person_reason
    return next((one.reason for one in decision.blocked if one.action == whom), "")


@pytest.mark.parametrize(("name", "fact", "limit", "side", "whom", "reason"), LIMITS)
def test_a_limit_holds_at_its_line_and_not_one_before_it(
    name: str, fact: str, limit: int, side: int, whom: str, reason: str
) -> None:
    """At the limit and beyond it the rule holds with its reason; one step to the other side it does not."""
    assert reason_for(decided(name, **{fact: limit}), whom) == reason
    assert reason_for(decided(name, **{fact: limit + side}), whom) == reason
    assert reason_for(decided(name, **{fact: limit - side}), whom) != reason


@pytest.mark.parametrize("name", list(PLAIN))
def test_a_plain_account_is_offered_something_and_asked_for_no_person(name: str) -> None:
    """Nothing speaks against the account the limits are tried on."""
    decision = decided(name)
    assert decision.allowed
    assert decision.person_reason == ""


def _day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def _fault(name: str, action: str, **inputs: Any) -> str:
    fault = fault_in(policy_of(name).forms[action], canonical_json(inputs), TODAY.toordinal())
    return "" if fault is None else fault.field


def _upload(days: int, kb: int, kind: str = "passport") -> dict[str, Any]:
    return {"type": kind, "expires": _day(days), "kb": kb, "reference": "upload-0001"}


@pytest.mark.parametrize(
    ("days", "kb", "kind", "fault"),
    [
        (90, 8000, "passport", ""),
        (89, 8000, "passport", "document"),
        (90, 8001, "passport", "document"),
        (90, 1, "driving_licence", ""),
        (90, 1, "identity_card", ""),
        (90, 1, "library_card", "document"),
    ],
)
def test_a_document_is_held_to_type_expiry_and_size(days: int, kb: int, kind: str, fault: str) -> None:
    """Ninety days of validity, eight thousand kilobytes and three types are the lines."""
    assert (
        _fault("kyc-refresh", "upload_document", document=_upload(days, kb, kind), lives_here=True) == fault
    )


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, ""),
        ({"street": "x" * 5}, ""),
        ({"street": "x" * 4}, "street"),
        ({"street": "x" * 60}, ""),
        ({"street": "x" * 61}, "street"),
        ({"postcode": "x" * 5}, ""),
        ({"postcode": "x" * 4}, "postcode"),
        ({"postcode": "x" * 8}, ""),
        ({"postcode": "x" * 9}, "postcode"),
        ({"from_day": _day(0)}, ""),
        ({"from_day": _day(-1)}, "from_day"),
        ({"from_day": _day(60)}, ""),
        ({"from_day": _day(61)}, "from_day"),
    ],
)
def test_an_address_is_held_to_its_lengths_and_dates(changed: dict[str, str], fault: str) -> None:
    """Street, postcode and first day are refused one step outside their limits."""
    inputs = {"street": "1 New Road", "postcode": "AB1 2CD", "from_day": _day(3), **changed}
    assert _fault("address-update", "change_address", **inputs) == fault


@pytest.mark.parametrize(("month", "fault"), [("2026-03", "expires"), ("2026-04", ""), ("2031-12", "")])
def test_a_card_must_outlive_the_next_collection(month: str, fault: str) -> None:
    """March ends 29 days from the second: too soon; April does not."""
    assert _fault("failed-payment", "update_card", card="tok_" + "a" * 16, expires=month) == fault


@pytest.mark.parametrize(
    ("token", "fault"), [("tok_" + "a" * 16, ""), ("tok_" + "a" * 15, "card"), ("tok_" + "A" * 16, "card")]
)
def test_a_card_comes_as_a_vaults_token(token: str, fault: str) -> None:
    """Anything but a token is refused, a card number above all."""
    assert _fault("failed-payment", "update_card", card=token, expires="2028-01") == fault
    assert _fault("failed-payment", "update_card", card="4000123412341234", expires="2028-01") == "card"


@pytest.mark.parametrize("missing", ["read_it", "is_true", "full_name"])
def test_an_attestation_is_not_signed_in_part(missing: str) -> None:
    """Both boxes are ticked and the name is given, or nothing is signed."""
    whole = {"read_it": True, "is_true": True, "full_name": "A Customer"}
    assert _fault("compliance-attestation", "sign_attestation", **whole) == ""
    part = {key: value for key, value in whole.items() if key != missing}
    assert _fault("compliance-attestation", "sign_attestation", **part) == missing
