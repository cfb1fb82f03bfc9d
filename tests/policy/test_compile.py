"""What a document says is what the compiled policy holds: nothing is lost, mixed up or filled in on the way."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from sandbox.model import AccountFacts, AssuranceLevel, Choice
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import MISSING_FACTS_RULE, Policy
from sandbox.policy.decision import Blocked
from sandbox.policy.document import PolicyDocument
from sandbox.policy.vocabulary import FactRule
from tests.policy.test_language import GOOD, LOADED, Document, account, change, text_of


def compiled(document: Document) -> Policy:
    """Read and compile a document."""
    return compile_policy(PolicyDocument.model_validate(document))


def test_every_part_of_a_document_reaches_the_policy() -> None:
    """Name, edition, trigger, evidence, exception triggers, facts and pages stand as they are written."""
    document = PolicyDocument.model_validate(LOADED)
    policy = compile_policy(document)
    assert (policy.name, policy.version) == ("address-change", 1)
    assert policy.trigger == "Mail came back."
    assert policy.completion_evidence == tuple(LOADED["completion"]["evidence"])
    assert policy.exception_triggers == tuple(LOADED["exception_triggers"])
    assert policy.declared == document.facts
    assert policy.pages == {"change_address": document.actions["change_address"].form}
    assert {action: [field.name for field in fields] for action, fields in policy.forms.items()} == {
        "change_address": ["street", "from_day", "agreed"]
    }
    assert policy.actions == ("change_address", "confirm_address", "question_address")
    assert [policy.is_routine(action) for action in policy.actions] == [True, True, False]
    assert policy.required_evidence("change_address") == (
        "identity_proof",
        "submitted_inputs",
        "core_receipt",
    )
    assert {policy.identity_level(action) for action in policy.actions} == {AssuranceLevel.LOGIN}
    assert policy.minimum_level() is AssuranceLevel.LOGIN


def test_each_action_posts_what_its_own_writeback_says() -> None:
    """Kind, status and note of one action are not another's, and stand beside its own name."""
    policy = compiled(deepcopy(LOADED))
    effects = {
        action: json.loads(policy.effect_text(Choice(action, 0, 0, inputs)))
        for action, inputs in (
            ("change_address", text_of(GOOD)),
            ("confirm_address", ""),
            ("question_address", ""),
        )
    }
    assert {effect["kind"] for effect in effects.values()} == {"change"}
    assert {action: effect["status"] for action, effect in effects.items()} == {
        "change_address": "address_changed",
        "confirm_address": "address_confirmed",
        "question_address": "address_in_question",
    }
    assert effects["confirm_address"]["set"] == {"confirmed": True}


def test_the_three_actions_a_core_knows_need_no_effect_of_their_own(
    document: dict[str, Any], account: AccountFacts
) -> None:
    """Their name says all, unless the writeback asks for more than the name."""
    policy = compiled(document)
    assert policy.writebacks == {}
    assert (policy.effect_text(Choice("pay_now", 1, 0)), policy.status_of("pay_now")) == ("", "paid")
    assert policy.decide(account).allowed[0].effect == "payment"
    document["actions"]["pay_now"]["writeback"]["note"] = "paid in the message"
    more = compiled(document)
    assert json.loads(more.effect_text(Choice("pay_now", 1, 0)))["kind"] == "payment"
    assert more.note_of("pay_now") == "paid in the message"


def test_an_action_without_an_amount_has_no_amount_at_all() -> None:
    """A change is offered to whoever owes nothing, with zeros throughout."""
    for offer in compiled(deepcopy(LOADED)).decide(account()).allowed:
        assert (offer.amount_min_minor, offer.amount_max_minor, offer.asked_minor) == (0, 0, 0)
        assert (offer.due_days_min, offer.due_days_max) == (0, 0)
    for terms in compiled(deepcopy(LOADED)).terms:
        assert (terms.minimum_minor, terms.minimum_basis_points, terms.maximum_minor) == (0, 0, None)


@pytest.mark.parametrize(
    ("percent", "overdue", "least"),
    [(0, 30_000, 500), (2.5, 30_000, 750), (0.01, 30_000_000, 3_000), (100, 30_000, 30_000), (0, 400, 400)],
)
def test_a_percentage_is_taken_to_a_hundredth(
    document: dict[str, Any], account: AccountFacts, percent: float, overdue: int, least: int
) -> None:
    """From none of what is overdue to all of it; the fixed minimum of 500 stands below."""
    document["actions"]["pay_now"]["amount"]["minimum_percent_of_overdue"] = percent
    (offer,) = compiled(document).decide(account._replace(overdue_minor=overdue)).allowed
    assert (offer.amount_min_minor, offer.amount_max_minor) == (least, overdue)


def test_who_lacks_a_fact_is_sent_to_a_person_by_name_of_the_rule_and_reason() -> None:
    """The document's own person rules are asked first; without a fact that can be lacking there is no such rule."""
    policy = compiled(deepcopy(LOADED))
    lacking = account({"mail": "delivered"})
    decision = policy.decide(lacking)
    assert decision.person_reason == "missing_data"
    assert decision.blocked == tuple(
        Blocked(action, MISSING_FACTS_RULE, "missing_data") for action in policy.actions
    )
    frail = policy.decide(lacking._replace(vulnerable=True))
    assert (frail.person_reason, frail.blocked[0].rule) == ("vulnerable", "vulnerable")
    document = deepcopy(LOADED)
    document["facts"]["mail"]["default"] = "delivered"
    document["facts"]["returns"]["default"] = 0
    whole = compiled(document)
    assert len(whole.person_rules) == 1
    assert whole.decide(account({})).person_reason == ""


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        ({"at_least": 3}, {3, 4, 20}),
        ({"at_most": 3}, {0, 1, 2, 3}),
        ({"at_least": 2, "at_most": 3}, {2, 3}),
        ({"at_least": 0, "at_most": 0}, {0}),
        ({"equals": 3}, {3}),
        ({"one_of": [2, 4]}, {2, 4}),
    ],
)
def test_a_test_of_a_number_holds_at_both_its_ends(test: dict[str, Any], holds: set[int]) -> None:
    """The same for a fact of the workflow and one of every account, each value asked by itself."""
    tried = {0, 1, 2, 3, 4, 20}
    document = deepcopy(LOADED)
    change(document)["blocked_when"] = [{"rule": "own", "when": {"returns": test}, "reason": "own"}]
    own = compiled(document)
    change(document)["blocked_when"] = [{"rule": "all", "when": {"broken_promises": test}, "reason": "all"}]
    everybody_s = compiled(document)

    def blocked(policy: Policy, facts: AccountFacts) -> bool:
        return "change_address" in {one.action for one in policy.decide(facts).blocked}

    assert {n for n in tried if blocked(own, account({"mail": "delivered", "returns": n}))} == holds
    assert {n for n in tried if blocked(everybody_s, account(broken_promises=n))} == holds


def test_a_rule_of_several_tests_holds_when_all_of_them_do() -> None:
    """Flags, words and numbers, of the workflow and of every account, in one rule."""
    when = {
        "mail": {"equals": "delivered"},
        "confirmed": {"equals": True},
        "arrears_band": {"one_of": ["1m", "2m"]},
        "payment_method_ok": {"equals": True},
    }
    document = deepcopy(LOADED)
    change(document)["blocked_when"] = [{"rule": "all", "when": when, "reason": "all"}]
    policy = compiled(document)
    told = {"mail": "delivered", "returns": 1, "confirmed": True}
    met = account(told)
    missed = [
        account({**told, "confirmed": False}),
        met._replace(arrears_band="3m"),
        met._replace(payment_method_ok=False),
    ]
    assert policy.decide(met).blocked == (Blocked("change_address", "all", "all"),)
    assert [policy.decide(facts).blocked for facts in missed] == [()] * 3


@pytest.mark.parametrize(("balance", "blocked"), [(-1, False), (0, True), (1, True)])
def test_a_least_of_nothing_is_a_bound_like_any_other(
    document: dict[str, Any], account: AccountFacts, balance: int, blocked: bool
) -> None:
    """`at_least: 0` lets a credit pass and stops at a balance of nothing."""
    rule = {"rule": "settled", "when": {"balance_minor": {"at_least": 0}}, "reason": "settled"}
    document["actions"]["pay_now"]["blocked_when"] = [rule]
    decision = compiled(document).decide(account._replace(balance_minor=balance))
    assert bool(decision.blocked) is blocked


@pytest.mark.parametrize(
    ("fact", "allowed", "refused"),
    [
        (FactRule(kind="number", at_least=1, at_most=3), [1, 2, 3], [0, 4, 2.0, True, "2", None]),
        (FactRule(kind="money"), [0, 10**9], [-1, 0.5, False, "0", None]),
        (FactRule(kind="flag"), [True, False], [0, 1, "true", None]),
        (FactRule(kind="word", one_of=("a", "b")), ["a", "b"], ["c", "", 1, True, None]),
        (FactRule(kind="date"), ["2028-02-29"], ["2026-02-29", "20260301", "", 20260301, None]),
        (FactRule(kind="text"), ["", "x"], [1, True, None]),
    ],
)
def test_what_a_fact_can_be(fact: FactRule, allowed: list[object], refused: list[object]) -> None:
    """Each kind at its bounds and one step outside, and every value of another kind."""
    assert [fact.allows(value) for value in allowed] == [True] * len(allowed)
    assert [fact.allows(value) for value in refused] == [False] * len(refused)


def test_an_action_behind_a_blocked_one_is_decided_like_any_other() -> None:
    """Whether a rule or a segment blocks the one before it, the rest are offered."""
    policy = compiled(deepcopy(LOADED))
    for details, blocked in (
        ({"mail": "returned", "returns": 3}, ["confirm_address"]),
        ({"mail": "delivered", "returns": 9}, ["change_address"]),
        ({"mail": "returned", "returns": 9}, ["change_address", "confirm_address"]),
    ):
        decision = policy.decide(account(details))
        assert [one.action for one in decision.blocked] == blocked
        assert [one.action for one in decision.allowed] == [
            one for one in policy.actions if one not in blocked
        ]


@pytest.mark.parametrize(("balance", "least"), [(300, 300), (400, 400), (401, 400)])
def test_the_least_is_never_above_the_most(
    document: dict[str, Any], account: AccountFacts, balance: int, least: int
) -> None:
    """A core may hold more overdue than balance: where the balance is the most, it is the least as well."""
    document["actions"]["pay_now"]["amount"]["maximum"] = "balance"
    (offer,) = compiled(document).decide(account._replace(overdue_minor=400, balance_minor=balance)).allowed
    assert (offer.amount_min_minor, offer.amount_max_minor) == (least, balance)
