"""The shipped workflows: every action is taken, and the core holds what its writeback rule says."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from sandbox import facts
from sandbox.audit.chain import verify
from sandbox.model import AccountFacts, AssuranceLevel
from sandbox.policy.schema import ActionRule
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task

WORKFLOWS = (
    "failed-payment",
    "kyc-refresh",
    "address-update",
    "debit-order-change",
    "compliance-attestation",
    "account-confirmation",
    "dispute",
)
SETTINGS = ("campaign.messages=3000", "call_centre.agents=3")


@dataclass
class Left:
    """What one run of a workflow left behind."""

    heard: list[Any] = field(default_factory=list)
    before: dict[int, AccountFacts] = field(default_factory=dict)
    accounts: list[AccountFacts] = field(default_factory=list)
    status: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    whole: bool = False

    def of(self, kind: type) -> list[Any]:
        """The facts of one kind."""
        return [one for one in self.heard if isinstance(one, kind)]


def _own_design(name: str) -> str:
    return "in-message" if name == "dispute" else "in-message-facts"


@cache
def left_by(name: str) -> Left:
    """Run a workflow's own in-message design once and read the core while it is open."""
    scenario, _ = prepare(CompareRequest(name, SETTINGS, (_own_design(name),)))
    left = Left()

    def remember(wired: Wired) -> None:
        cases = wired.world.plan.cases
        left.accounts = wired.core.read_accounts(0, cases)
        left.whole = verify(list(wired.store.audit_rows()), wired.world.audit.head).ok
        for case in range(cases):
            for row in wired.core.postings_for(case):
                left.status[case].append(row.status)

    task = Task(scenario, _own_design(name), 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, left.heard.append, remember)
    return left


@cache
def _rules(name: str) -> dict[str, ActionRule]:
    return dict(prepare(CompareRequest(name, SETTINGS, None))[0].policy.actions)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_taken_and_recorded(name: str) -> None:
    """No action of a policy is dead letter in its own scenario, and nothing but the policy's actions is recorded."""
    recorded = {one.action for one in left_by(name).of(facts.Recorded)}
    assert recorded == set(_rules(name))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_core_holds_what_the_writeback_rule_says(name: str) -> None:
    """Status, fixed details and flags of the rule stand in the core for every recorded case, once."""
    left, rules = left_by(name), _rules(name)
    done = left.of(facts.Recorded)
    assert len(done) > 100
    for one in done:
        rule = rules[one.action].writeback
        assert rule is not None
        account = left.accounts[one.case_id]
        details = json.loads(account.details)
        assert left.status[one.case_id] == [rule.status]
        fixed = {
            key: value
            for key, value in rule.set.items()
            if not (isinstance(value, str) and value.startswith("$"))
        }
        assert {key: details.get(key) for key in fixed} == fixed
        assert all(details.get(flag) is True for flag in rule.flags.add)
        taken = [key for key, value in rule.set.items() if isinstance(value, str) and value.startswith("$")]
        assert all(details.get(key) not in (None, "") for key in taken)
        assert account.complete
        assert account.version == 2


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_posting_was_told_and_every_told_one_was_posted(name: str) -> None:
    """The core's postings and the facts of recording name the same cases; the audit chain is whole."""
    left = left_by(name)
    assert set(left.status) == {one.case_id for one in left.of(facts.Recorded)}
    assert left.whole


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if name != "dispute"])
def test_a_change_is_never_opened_by_a_code(name: str) -> None:
    """Every action that changes what the bank holds asks for more than a code, in the document and in the run."""
    changes = {action: rule for action, rule in _rules(name).items() if rule.effect == "change"}
    assert changes
    assert all(AssuranceLevel[rule.identity.upper()] > AssuranceLevel.CODE for rule in changes.values())
    proven: dict[int, int] = {}
    seen = 0
    for one in left_by(name).heard:
        if isinstance(one, facts.IdentityProven):
            proven[one.case_id] = max(proven.get(one.case_id, 0), one.level)
        if isinstance(one, facts.Chosen) and one.action in changes:
            seen += 1
            assert proven[one.case_id] > AssuranceLevel.CODE
    assert seen > 100


def test_a_dispute_never_ends_without_a_person() -> None:
    """Whoever disputes is handed to a person, with a whole bundle, and nothing is recorded before an agent agreed."""
    left = left_by("dispute")
    handed = {one.case_id for one in left.of(facts.ExceptionRaised)}
    agreed = {one.case_id for one in left.of(facts.ActionCompleted) if one.with_agent}
    recorded = {one.case_id for one in left.of(facts.Recorded)}
    assert recorded
    assert recorded <= agreed
    chosen = {one.case_id for one in left.of(facts.Chosen) if not one.routine}
    assert chosen
    assert {one.bundle_complete for one in left.of(facts.ExceptionRaised)} == {True}
    assert len(handed & chosen) > 100
