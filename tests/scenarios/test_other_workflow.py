"""A workflow that is no collections, end to end: its facts, its form, what it writes, and what the trail holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox import facts
from sandbox.audit.chain import verify
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.policy.inputs import MASKED
from sandbox.ports import AuditRow
from scenarios.evidence.trace import trace_case
from scenarios.outputs.as_json import comparison_json
from scenarios.rehearsal.prelaunch import review_design
from scenarios.run import CompareRequest, compare, prepare
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from tests.scenarios.address_change import POLICY, SCENARIO, written

Write = Callable[[str, str], str]


@dataclass
class Run:
    """What one run of a design left behind."""

    heard: list[Any] = field(default_factory=list)
    accounts: list[AccountFacts] = field(default_factory=list)
    trail: list[AuditRow] = field(default_factory=list)
    status: dict[int, str] = field(default_factory=dict)
    note: dict[int, str] = field(default_factory=dict)
    whole: bool = False

    def recorded(self, action: str) -> list[int]:
        """The cases an action was recorded for."""
        return [one.case_id for one in self.heard if isinstance(one, facts.Recorded) and one.action == action]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """The evidence of one kind."""
        return [json.loads(row.body) for row in self.trail if row.kind == kind]


def run(path: str, design: str, settings: tuple[str, ...] = ()) -> Run:
    """Run one design of the workflow and read everything while it is open."""
    scenario, _ = prepare(CompareRequest(path, settings, (design,)))
    left = Run()

    def remember(wired: Wired) -> None:
        core, cases = wired.core, wired.world.plan.cases
        left.accounts = core.read_accounts(0, cases)
        left.trail = list(wired.store.audit_rows())
        left.whole = verify(left.trail, wired.world.audit.head).ok
        for case in range(cases):
            for row in core.postings_for(case):
                left.status[case], left.note[case] = row.status, row.note

    task = Task(scenario, design, 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, left.heard.append, remember)
    return left


def details(account: AccountFacts) -> dict[str, Any]:
    """An account's details as plain data."""
    found: dict[str, Any] = json.loads(account.details)
    return found


@pytest.mark.parametrize("design", ["in-message", "by-phone"])
def test_what_a_customer_enters_stands_in_the_core(write: Write, design: str) -> None:
    """A change writes the submitted values, the fixed ones, the flag, the status and the note; nothing else moves."""
    left = run(written(write), design)
    changed = left.recorded("change_address")
    assert len(changed) > 50
    for case in changed:
        account, known = left.accounts[case], details(left.accounts[case])
        assert known["address"] not in ("1 Old Road", "2 Old Road")
        assert (known["mail"], known["confirmed"], account.complete) == ("delivered", True, True)
        assert "2026-03-02" <= known["valid_from"] <= "2026-06-30"
        assert left.status[case] == "address_changed"
        assert left.note[case].endswith(": address changed in self-service")
        assert account.version == 2
    untouched = set(range(len(left.accounts))) - set(left.status)
    assert untouched
    assert all(
        details(left.accounts[case]).keys() <= {"mail", "returns", "address", "confirmed"}
        for case in untouched
    )
    assert all(details(left.accounts[case])["address"].endswith("Old Road") for case in untouched)


@pytest.mark.parametrize("design", ["in-message", "by-phone"])
def test_sensitive_inputs_never_reach_the_trail(write: Write, design: str) -> None:
    """Nobody finds an address in the audit trail; that one was given, and every other input, stands there."""
    left = run(written(write), design)
    entered = {details(left.accounts[case])["address"] for case in left.recorded("change_address")}
    assert left.whole
    assert not [row for row in left.trail for street in entered if street in row.body]
    kind = "choice_submitted" if design == "in-message" else "outcome_agreed"
    inputs = [body["inputs"] for body in left.bodies(kind) if body["action"] == "change_address"]
    assert inputs
    assert {one["street"] for one in inputs} == {MASKED}
    assert {one["agreed"] for one in inputs} == {True}
    if design == "by-phone":
        notes = [body for body in left.bodies("note_left") if body["action"] == "change_address"]
        assert {tuple(body["withheld"]) for body in notes} == {("street",)}
        assert not any({"inputs", "effect"} & body.keys() for body in notes)


def test_segments_and_blocked_paths_hold(write: Write) -> None:
    """Whose mail came back cannot confirm the old address, and whose came back too often cannot change it alone."""
    left = run(written(write), "in-message")
    shown = [one for one in left.heard if isinstance(one, facts.OptionsShown)]
    assert shown
    reasons = {reason for one in shown for _, reason in one.blocked}
    assert reasons >= {"not_in_segment", "returned_too_often"}
    for one in shown:
        named = [*one.allowed, *(action for action, _ in one.blocked)]
        assert sorted(named) == ["change_address", "confirm_address", "question_address"]


def test_wrong_inputs_are_refused_and_corrected_or_left(write: Write) -> None:
    """A fifth of the forms comes in wrong: refused with field and reason; without the setting none does."""
    path = written(write)
    refused = [body for body in run(path, "in-message").bodies("choice_refused") if "field" in body]
    assert {(body["field"], body["reason"]) for body in refused} == {("street", "input_missing")}
    without = run(path, "in-message", ("customers.form_errors_rate=0",))
    assert not without.bodies("choice_refused")
    assert len(without.recorded("change_address")) > 50


def test_judgement_work_goes_to_a_person(write: Write) -> None:
    """An action that is not routine leaves the choose step by its route to a person, and an agent records it."""
    left = run(written(write), "in-message")
    chosen = {one.case_id for one in left.heard if isinstance(one, facts.Chosen) and not one.routine}
    handed = {one.case_id for one in left.heard if isinstance(one, facts.ExceptionRaised)}
    assert chosen
    assert chosen <= handed | set(left.recorded("question_address"))


def test_an_account_without_a_needed_fact_goes_to_a_person(write: Write) -> None:
    """What the core does not know and has no default makes the case missing data; a default stands in for it."""
    path = written(write, SCENARIO.replace("least: 0, most: 10", "least: 0, most: 10, missing_rate: 0.5"))
    left = run(path, "in-message")
    lacking = {case for case, account in enumerate(left.accounts) if "returns" not in details(account)}
    routed = {one.case_id for one in left.heard if isinstance(one, facts.RoutedToPerson)}
    shown = {one.case_id for one in left.heard if isinstance(one, facts.OptionsShown) and one.allowed}
    assert len(lacking) > 200
    assert not lacking & shown
    assert lacking & routed


@pytest.mark.wide
def test_any_number_of_workers_gives_the_same_bytes(write: Write) -> None:
    """The workflow's own draws are pure functions of seed, purpose and customer."""
    path = written(write)

    def compared(jobs: int) -> str:
        request = CompareRequest(path, ("campaign.messages=400",), replications=2, jobs=jobs)
        return comparison_json(compare(request, lambda _: None, lambda: False))

    assert compared(1) == compared(2)


REFUSED = [
    (
        "question_address: 0.05, ",
        "",
        "my.yaml:17: customers.wishes: found a block; allowed: a block with a share for",
    ),
    (
        "question_address",
        "pay_now",
        "my.yaml:17: customers.wishes: found 'pay_now'; allowed: change_address,",
    ),
    (
        "question_address: 0.05",
        "question_address: 0.15",
        "my.yaml:17: customers.wishes: found 1.1; allowed: shares",
    ),
    (
        "    mail: {",
        "    post: {",
        "my.yaml:20: customers.facts.post: found 'post', which is no fact of the policy",
    ),
    (
        "delivered: 0.4",
        "lost: 0.4",
        "my.yaml:20: customers.facts.mail: found 'lost'; allowed: delivered, returned",
    ),
    (
        "most: 10",
        "most: 21",
        "my.yaml:21: customers.facts.returns: found 21; allowed: whole numbers from 0 to 20",
    ),
    ("least: 0, most: 10", "least: 5, most: 4", "my.yaml:21: customers.facts.returns: found 5 to 4;"),
    ("least: 0, most: 10", "least: 5", "my.yaml:21: customers.facts.returns: give exactly one of shares"),
    (
        "returned: 0.6}",
        "returned: 0.5}",
        "my.yaml:20: customers.facts.mail.shares: found 0.9; allowed: shares",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_customers_that_do_not_fit_the_policy_are_told_with_their_line(
    write: Write, old: str, new: str, told: str
) -> None:
    """Wishes and facts are held against the policy the scenario names."""
    assert old in SCENARIO
    path = written(write, SCENARIO.replace(old, new, 1))
    with pytest.raises(BadInput) as refusal:
        prepare(CompareRequest(path))
    assert any(problem.startswith(told) for problem in refusal.value.problems), refusal.value.problems


def test_a_fact_without_default_must_be_given(write: Write) -> None:
    """A policy cannot decide by what no account has."""
    path = written(write, SCENARIO.replace("    returns: {least: 0, most: 10}\n", ""))
    with pytest.raises(
        BadInput, match=r"customers\.facts: missing: the policy address-change decides by returns"
    ):
        prepare(CompareRequest(path))


def test_a_fault_in_a_policy_stands_at_its_line(write: Write) -> None:
    """The path of a fault between parts is turned into the line of the policy's own file."""
    path = written(write, policy=POLICY.replace("$street", "$road"))
    with pytest.raises(BadInput) as refusal:
        prepare(CompareRequest(path))
    (problem,) = refusal.value.problems
    place = "address-change.yaml:38: policy.actions.change_address.writeback.set.address"
    assert problem.startswith(f"{place}: $road is no field of this form; known: street, from_day, agreed")


def test_a_pre_launch_review_plays_the_workflow(write: Write) -> None:
    """The ten cases are about this policy's actions, the form is filled in, and the record says so."""
    review = review_design(CompareRequest(written(write)), None, lambda: False, lambda _title: None)
    assert review.ok, [(case.title, case.reason) for case in review.cases if case.verdict == "not ok"]
    assert [case.title for case in review.cases[:2]] == ["Change address", "Confirm address"]
    first = review.cases[0]
    pages = " ".join(first.saw)
    assert "Mail to 1 Old Road came back 8 times. Fill in: Street, Valid from, This is where I live." in pages
    assert "Your new address is saved." in pages
    assert "status address_changed" in first.core
    declined = next(case for case in review.cases if case.title == "Payment declined")
    assert declined.verdict == "does not apply"


def test_one_customer_can_be_traced(write: Write) -> None:
    """A case of another workflow tells its whole story, with every input a trail may hold and no other."""
    path = written(write)
    case = run(path, "in-message").recorded("change_address")[0]
    trace = trace_case(CompareRequest(path), "in-message", case, lambda: False)
    told = " ".join(line.text for line in trace.lines)
    assert "chooses change_address" in told
    assert f"'street': '{MASKED}'" in told
    assert "status address_changed" in trace.final_state


def test_the_batch_core_holds_what_a_customer_entered(write: Write) -> None:
    """On fixed records too: the same people, the same details, statuses and dates as on the modern core."""
    path = written(write)
    modern, batch = (
        run(path, "in-message", (f"core.profile={name}",)) for name in ("modern-api", "legacy-batch")
    )
    assert batch.whole
    assert len(batch.recorded("change_address")) > 50
    assert (batch.recorded("change_address"), batch.status) == (
        modern.recorded("change_address"),
        modern.status,
    )
    assert [account.details for account in batch.accounts] == [account.details for account in modern.accounts]
