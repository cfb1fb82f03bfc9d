"""The policy language beyond collections: facts, segments, effects, forms and writeback rules, refused or decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from sandbox.model import AccountFacts, AssuranceLevel, Choice
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import MISSING_FACTS_RULE, NOT_IN_SEGMENT, SEGMENT_RULE, Policy
from sandbox.policy.decision import Blocked
from sandbox.policy.document import PolicyDocument
from sandbox.policy.postings import WritebackRule, compiled_writeback
from sandbox.writeback.keys import fingerprint
from tests.scenarios.address_change import POLICY

Document = dict[str, Any]
LOADED: Document = YAML(typ="safe").load(POLICY)
ADDRESS = compile_policy(PolicyDocument.model_validate(LOADED))
GOOD = {"street": "12 New Street", "from_day": "2026-03-12", "agreed": True}
TODAY = 739_687  # 2026-03-12
KNOWN: Document = {"mail": "delivered", "returns": 3}


def account(details: Document | None = None, **changed: Any) -> AccountFacts:
    """An account with these details."""
    text = json.dumps(KNOWN if details is None else details)
    return AccountFacts(1, "open", "1m", 1_000, 0, 0, False, False, True, 4, False, text)._replace(**changed)


def text_of(inputs: Document) -> str:
    """A submission in canonical JSON."""
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"))


def change(d: Document) -> Document:
    """The action that changes the address."""
    found: Document = d["actions"]["change_address"]
    return found


REFUSED: list[tuple[Callable[[Document], Any], str]] = [
    (
        lambda d: d["facts"].update(overdue_minor={"kind": "number"}),
        "facts.overdue_minor: 'overdue_minor' is taken",
    ),
    (lambda d: d["facts"].update(documents={"kind": "flag"}), "facts.documents: 'documents' is taken"),
    (lambda d: d["facts"]["mail"].pop("one_of"), "a word needs one_of"),
    (lambda d: d["facts"]["returns"].update(one_of=["a"]), "a word needs one_of"),
    (lambda d: d["facts"]["confirmed"].update(at_most=3), "a flag has no size"),
    (lambda d: d["facts"]["returns"].update(at_least=21), "at_least 21 is above at_most 20"),
    (
        lambda d: d["facts"]["returns"].update(default=21),
        "default 21 is not allowed here; allowed: whole numbers",
    ),
    (lambda d: d["facts"]["mail"].update(default="lost"), "allowed: delivered, returned"),
    (
        lambda d: d["segments"][0].update(when={"mail": {"equals": "lost"}}),
        "segments.0.when.mail: mail cannot be 'lost'; allowed: delivered, returned",
    ),
    (
        lambda d: change(d)["blocked_when"][0].update(when={"returns": {"at_least": 21}}),
        "actions.change_address.blocked_when.0.when.returns: returns cannot be 21",
    ),
    (lambda d: d["segments"][0].update(when={"mail": {"at_least": 1}}), "mail has no size"),
    (
        lambda d: d["segments"][0].update(when={"address": {"equals": "x"}}),
        "address is a text: it can be shown",
    ),
    (
        lambda d: d["segments"][0].update(when={"moon": {"equals": "x"}}),
        "unknown fact 'moon'; known: address,",
    ),
    (lambda d: d["segments"].pop(), "segments.0: the last segment is everybody else"),
    (lambda d: d["segments"][0].pop("when"), "segments.0: the last segment is everybody else"),
    (lambda d: d["segments"][0].update(segment="all-others"), "segment 'all-others' is there twice"),
    (
        lambda d: d["actions"]["confirm_address"].update(segments=["nobody"]),
        "actions.confirm_address.segments.0: unknown segment 'nobody'; known: returned-mail, all-others",
    ),
    (lambda d: change(d).pop("effect"), "actions.change_address: effect is missing"),
    (
        lambda d: change(d).update(identity="code"),
        "actions.change_address.identity: code alone never opens more",
    ),
    (
        lambda d: change(d).update(identity="link"),
        "actions.change_address.identity: link alone never opens more",
    ),
    (
        lambda d: change(d).update(effect="payment"),
        "actions.change_address: amount is missing: a payment has one",
    ),
    (
        lambda d: change(d).update(amount={"minimum_minor": 0, "maximum": "balance"}),
        "actions.change_address.amount: a change has no amount",
    ),
    (
        lambda d: change(d).update(due_days={"max": 1}),
        "actions.change_address.due_days: a change has no due_days",
    ),
    (lambda d: change(d).pop("evidence"), "evidence is missing"),
    (lambda d: change(d).pop("writeback"), "writeback is missing"),
    (
        lambda d: change(d)["form"].update(reads="Dear {name}"),
        "actions.change_address.form.reads: {name} is no fact; known: address, arrears_band, balance,",
    ),
    (lambda d: change(d)["form"].update(confirms="{"), "cannot be shown"),
    (lambda d: change(d)["form"].update(confirms="Sent to {address}"), "it shows no facts"),
    (
        lambda d: change(d)["writeback"]["set"].update(address="$road"),
        "actions.change_address.writeback.set.address: $road is no field of this form",
    ),
    (lambda d: change(d)["writeback"]["set"].update(mail="lost"), "writeback.set.mail: cannot be 'lost'"),
    (
        lambda d: change(d)["writeback"]["set"].update(mail="$street"),
        "$street may hold words that are not allowed",
    ),
    (
        lambda d: change(d)["writeback"]["set"].update(returns="$street"),
        "$street is a text and cannot become a number",
    ),
    (
        lambda d: change(d)["writeback"]["set"].update(status="x"),
        "writeback.set.status: 'status' is the core's own",
    ),
    (
        lambda d: change(d)["writeback"]["flags"].update(add=["mail"]),
        "flags.add.0: 'mail' is no fact of kind flag",
    ),
    (
        lambda d: change(d)["writeback"]["flags"].update(remove=["x"]),
        "flags.remove.0: 'x' is no fact of kind flag",
    ),
    (
        lambda d: change(d)["writeback"].update(documents=["street"]),
        "writeback.documents.0: 'street' is no field of kind document; known: none",
    ),
]


@pytest.mark.parametrize(("breakage", "message"), REFUSED)
def test_what_cannot_be_followed_is_refused_with_its_path(
    breakage: Callable[[Document], Any], message: str
) -> None:
    """Every mistake in the new parts of the language is refused when the document is read."""
    document = deepcopy(LOADED)
    breakage(document)
    with pytest.raises(ValidationError) as refusal:
        PolicyDocument.model_validate(document)
    assert message in str(refusal.value.errors())


@pytest.mark.parametrize("level", ["login", "code_and_facts", "known_facts"])
def test_a_change_is_opened_by_any_stronger_proof(level: str) -> None:
    """A login, a code with known facts, or an agent's questions open a change."""
    document = deepcopy(LOADED)
    change(document)["identity"] = level
    policy = compile_policy(PolicyDocument.model_validate(document))
    assert policy.identity_level("change_address") is AssuranceLevel[level.upper()]


def test_the_first_segment_that_fits_decides_what_is_offered() -> None:
    """An action of other segments is blocked with its reason; one of all segments is not looked at."""
    others, returned = ADDRESS.decide(account()), ADDRESS.decide(account({"mail": "returned", "returns": 3}))
    assert (others.segment, returned.segment) == ("all-others", "returned-mail")
    assert [offer.action for offer in others.allowed] == [
        "change_address",
        "confirm_address",
        "question_address",
    ]
    assert returned.blocked == (Blocked("confirm_address", SEGMENT_RULE, NOT_IN_SEGMENT),)
    assert [offer.amount_max_minor for offer in others.allowed] == [0, 0, 0]


@pytest.mark.parametrize(("returns", "blocked"), [(8, False), (9, True)])
def test_a_rule_on_a_fact_of_the_workflow_holds_from_its_limit_on(returns: int, blocked: bool) -> None:
    """Numbers among the details are compared like any other."""
    decision = ADDRESS.decide(account({"mail": "delivered", "returns": returns}))
    assert ("change_address" in {one.action for one in decision.blocked}) is blocked


@pytest.mark.parametrize(
    "details",
    [
        {"mail": "delivered"},
        {"returns": 3},
        {"mail": "lost", "returns": 3},
        {"mail": "delivered", "returns": 21},
        {},
    ],
)
def test_a_missing_or_impossible_fact_without_default_goes_to_a_person(details: Document) -> None:
    """Nothing is offered on what the core does not know; a default stands in where there is one."""
    decision = ADDRESS.decide(account(details))
    assert (decision.allowed, decision.person_reason) == ((), "missing_data")
    assert {one.rule for one in decision.blocked} == {MISSING_FACTS_RULE}
    assert ADDRESS.decide(account()).person_reason == ""


@pytest.mark.parametrize("details", ["", "[]", "nothing"])
def test_details_that_are_none_are_missing_data(details: str) -> None:
    """A core that sends something else than a block of names breaks nothing."""
    assert ADDRESS.decide(account()._replace(details=details)).person_reason == "missing_data"


def test_identity_is_judged_before_the_form() -> None:
    """Who is not proven learns nothing of the form; who is, hears what is wrong with it."""
    decision, good = ADDRESS.decide(account()), text_of(GOOD)
    choice = Choice("change_address", 0, 0, good)

    def judged(inputs: str, level: AssuranceLevel = AssuranceLevel.LOGIN, today: int = TODAY) -> str:
        return ADDRESS.check_choice(decision, choice._replace(inputs=inputs), level, today)

    assert judged(good) == ""
    assert judged("nonsense", AssuranceLevel.CODE) == "identity_too_weak"
    assert judged("") == "input_missing"
    assert judged(text_of({**GOOD, "from_day": "2026-03-23"})) == "date_too_late"
    assert judged(good, today=TODAY + 1) == "date_too_early"
    assert ADDRESS.check_choice(
        decision, Choice("change_address", 1, 0, good), AssuranceLevel.LOGIN, TODAY
    ) == ("amount_above_maximum")
    confirmed = Choice("confirm_address", 0, 0, '{"x":1}')
    assert ADDRESS.check_choice(decision, confirmed, AssuranceLevel.LOGIN, TODAY) == "input_unknown"


def test_what_an_action_writes_is_spelled_out_unless_its_name_says_it_all() -> None:
    """Values, fields and flags stand in the effect; the three actions a core knows by name carry none."""
    written = json.loads(ADDRESS.effect_text(Choice("change_address", 0, 0, text_of(GOOD))))
    assert written == {
        "kind": "change",
        "status": "address_changed",
        "completes": True,
        "set": {
            "address": "12 New Street",
            "mail": "delivered",
            "valid_from": "2026-03-12",
            "confirmed": True,
        },
    }
    assert ADDRESS.note_of("change_address") == "address changed in self-service"
    assert (ADDRESS.note_of("unknown"), ADDRESS.effect_text(Choice("unknown", 0, 0))) == ("", "")
    plain = compiled_writeback("pay_now", "payment", WritebackRule(status="paid"))
    assert (plain.plain, plain.text("")) == (True, "")
    for rule, action, kind in (
        (WritebackRule(status="settled"), "pay_now", "payment"),
        (WritebackRule(status="paid", completes=False), "pay_now", "payment"),
        (WritebackRule(status="paid", note="n"), "pay_now", "payment"),
        (WritebackRule(status="paid", set={"a": 1}), "pay_now", "payment"),
        (WritebackRule(status="paid", set={"a": "$b"}), "pay_now", "payment"),
        (WritebackRule(status="paid", documents=("a",)), "pay_now", "payment"),
        (WritebackRule(status="paid"), "pay_now", "change"),
        (WritebackRule(status="paid"), "authorise", "payment"),
    ):
        assert json.loads(compiled_writeback(action, kind, rule).text(""))["status"] == rule.status


def test_fingerprints_cover_inputs_and_effect_and_move_for_nobody_else() -> None:
    """The digest of an action without either is what it always was; with them every part counts."""
    before = sha256(b"7:pay_now|7|500|0|1").hexdigest()
    assert fingerprint("pay_now", 7, 500, 0, 1) == fingerprint("pay_now", 7, 500, 0, 1, "", "") == before
    several = [("", ""), ("a", ""), ("", "a"), ("a", "b"), ("b", "a"), ("ab", ""), ("", "ab")]
    assert len({fingerprint("pay_now", 7, 500, 0, 1, *one) for one in several}) == len(several)


FACTS = st.builds(
    AccountFacts,
    st.integers(0, 10**6),
    st.sampled_from(["open", "closed"]),
    st.sampled_from(["1m", "2m", "3m", "4m+"]),
    st.integers(-100, 10**6),
    st.integers(-100, 10**6),
    st.integers(0, 5),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(1, 9),
    st.booleans(),
    st.one_of(
        st.just("{}"),
        st.builds(
            lambda mail, returns: json.dumps({"mail": mail, "returns": returns}),
            st.sampled_from(["delivered", "returned", "lost"]),
            st.integers(0, 25),
        ),
    ),
)


@given(facts=FACTS, which=st.booleans())
def test_a_decision_is_a_pure_function_and_leaves_no_action_out(
    policy: Policy, facts: AccountFacts, which: bool
) -> None:
    """Equal facts give equal decisions, and every action is allowed or blocked exactly once."""
    chosen = policy if which else ADDRESS
    decision = chosen.decide(facts)
    assert decision == chosen.decide(AccountFacts(*facts))
    named = [offer.action for offer in decision.allowed] + [one.action for one in decision.blocked]
    assert sorted(named) == sorted(chosen.actions)
    assert not (decision.person_reason and decision.allowed)
    assert all(one.reason and one.rule for one in decision.blocked)
    assert (decision.policy_version, decision.account_version) == (chosen.version, facts.version)
