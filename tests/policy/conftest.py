"""A policy written as plain data, as a reader of YAML would hand it over, and accounts to put before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument

CATALOGUE = Path(__file__).parents[2] / "scenarios" / "catalogue" / "policies"


@pytest.fixture
def document() -> dict[str, Any]:
    """A small valid document, fresh for every test so that a test may break it."""
    return {
        "policy": "small",
        "version": 7,
        "title": "A small policy",
        "trigger": "An instalment is past due.",
        "completion": {
            "customer_action": "pays",
            "policy_condition": "within limits",
            "writeback_destination": "the account's record",
            "evidence": ["core_receipt"],
        },
        "exclude_when": [
            {"rule": "closed", "when": {"status": {"equals": "closed"}}, "reason": "account_closed"},
        ],
        "person_when": [
            {"rule": "vulnerable", "when": {"vulnerable": {"equals": True}}, "reason": "vulnerable"},
        ],
        "actions": {
            "pay_now": {
                "identity": "code",
                "routine": True,
                "amount": {"minimum_minor": 500, "minimum_percent_of_overdue": 2.5, "maximum": "overdue"},
                "writeback": {"status": "paid"},
                "evidence": ["core_receipt"],
                "blocked_when": [
                    {
                        "rule": "deep-arrears",
                        "when": {
                            "arrears_band": {"one_of": ["3m", "4m+"]},
                            "broken_promises": {"at_least": 1, "at_most": 2},
                        },
                        "reason": "talk_first",
                    },
                ],
            },
        },
        "exception_triggers": ["payment_declined"],
    }


@pytest.fixture(scope="session")
def shipped() -> dict[str, Any]:
    """The shipped collections policy as written, every number with its origin."""
    loaded: dict[str, Any] = YAML(typ="rt").load(CATALOGUE / "collections-promise-to-pay.yaml")
    return loaded


def _values(node: Any) -> Any:
    """The same document with bare numbers."""
    if isinstance(node, dict):
        return node["value"] if "value" in node else {key: _values(child) for key, child in node.items()}
    return [_values(child) for child in node] if isinstance(node, list) else node


@pytest.fixture(scope="session")
def policy(shipped: dict[str, Any]) -> Policy:
    """The shipped collections policy, compiled."""
    return compile_policy(PolicyDocument.model_validate(_values(shipped)))


@pytest.fixture(scope="session")
def account() -> AccountFacts:
    """An ordinary account in early arrears, to be varied with `_replace`."""
    return AccountFacts(
        account_id=1,
        status="open",
        arrears_band="1m",
        balance_minor=100_000,
        overdue_minor=40_000,
        broken_promises=0,
        vulnerable=False,
        disputed=False,
        payment_method_ok=True,
        version=3,
        complete=False,
    )
