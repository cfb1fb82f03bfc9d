"""What the shipped collections policy says, at every number it contains and on each side of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model import AccountFacts, AccountStatus, Action, ArrearsBand, AssuranceLevel, Choice
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Admission, Blocked, Decision, Offer
from sandbox.policy.document import PolicyDocument

PAY, PROMISE, DISPUTE = Action.PAY_NOW, Action.PROMISE_TO_PAY, Action.DISPUTE


def offer(decision: Decision, action: Action) -> Offer:
    """The offer of one action, which must be there."""
    (found,) = [each for each in decision.allowed if each.action == action]
    return found


def test_an_ordinary_account_is_offered_everything(policy: Policy, account: AccountFacts) -> None:
    """Early arrears without history open all three actions, each with its own limits and identity."""
    decision = policy.decide(account)
    assert decision == Decision(
        allowed=(
            Offer(PAY, AssuranceLevel.CODE, 1_000, 100_000, 0, 0, True, 40_000, "payment"),
            Offer(PROMISE, AssuranceLevel.CODE, 1_000, 40_000, 3, 14, True, 40_000, "promise"),
            Offer(DISPUTE, AssuranceLevel.LINK, 0, 100_000, 0, 0, False, 40_000, "dispute"),
        ),
        blocked=(),
        person_reason="",
        policy_version=1,
        account_version=3,
    )


@pytest.mark.parametrize(
    ("change", "rule", "reason"),
    [
        ({"status": "closed"}, "account-closed", "account_closed"),
        ({"complete": True}, "already-complete", "already_complete"),
        ({"overdue_minor": 0}, "nothing-overdue", "nothing_overdue"),
        ({"overdue_minor": -1}, "nothing-overdue", "nothing_overdue"),
        ({"disputed": True}, "already-disputed", "already_disputed"),
    ],
)
def test_an_excluded_account_stays_out(
    policy: Policy, account: AccountFacts, change: dict[str, Any], rule: str, reason: str
) -> None:
    """An excluded account is not admitted, and a visit finds every action blocked for the same reason."""
    facts = account._replace(**change)
    assert policy.admit(facts) == Admission(False, reason, rule)
    decision = policy.decide(facts)
    assert decision.allowed == ()
    assert decision.blocked == tuple(Blocked(action, rule, reason) for action in policy.actions)


def test_one_minor_unit_overdue_comes_in(policy: Policy, account: AccountFacts) -> None:
    """The smallest overdue amount comes in, and can be paid in full although the usual minimum is higher."""
    facts = account._replace(overdue_minor=1)
    assert policy.admit(facts) == Admission(True, "", "")
    assert offer(policy.decide(facts), PAY).amount_min_minor == 1


def test_a_vulnerable_customer_goes_to_a_person(policy: Policy, account: AccountFacts) -> None:
    """A vulnerable customer is admitted, offered nothing and routed to a person."""
    facts = account._replace(vulnerable=True)
    decision = policy.decide(facts)
    assert policy.admit(facts).admitted
    assert decision.person_reason == "vulnerable"
    assert decision.allowed == ()
    assert {blocked.reason for blocked in decision.blocked} == {"vulnerable"}


def test_an_excluded_vulnerable_customer_has_nothing_to_be_sent_for(
    policy: Policy, account: AccountFacts
) -> None:
    """Exclusion wins over the person rule: a completed case raises no work for anybody."""
    decision = policy.decide(account._replace(vulnerable=True, complete=True))
    assert decision.person_reason == ""
    assert {blocked.reason for blocked in decision.blocked} == {"already_complete"}


@pytest.mark.parametrize(("broken", "allowed"), [(0, True), (2, True), (3, False), (9, False)])
def test_broken_promises(policy: Policy, account: AccountFacts, broken: int, allowed: bool) -> None:
    """Two broken promises still allow another, three do not; paying and disputing stay open."""
    decision = policy.decide(account._replace(broken_promises=broken))
    assert (PROMISE in {each.action for each in decision.allowed}) is allowed
    expected = () if allowed else (Blocked(PROMISE, "too-many-broken-promises", "too_many_broken_promises"),)
    assert decision.blocked == expected


@pytest.mark.parametrize("band", list(ArrearsBand))
def test_arrears_band(policy: Policy, account: AccountFacts, band: ArrearsBand) -> None:
    """Only the oldest arrears band forbids a promise."""
    blocked = policy.decide(account._replace(arrears_band=band.value)).blocked
    expected = (Blocked(PROMISE, "arrears-too-old", "arrears_too_old"),)
    assert blocked == (expected if band is ArrearsBand.FOUR_PLUS else ())


@pytest.mark.parametrize(
    ("overdue", "least"),
    [
        (499, 499),  # all of a small rest
        (500, 500),
        (501, 500),
        (20_000, 500),  # 2.5 % is exactly the fixed minimum
        (20_001, 501),  # 500.025 is rounded up, never undercut
        (20_040, 501),  # 501 exactly
        (20_041, 502),
        (400_000, 10_000),
    ],
)
def test_smallest_amount(policy: Policy, account: AccountFacts, overdue: int, least: int) -> None:
    """The least is the greater of 500 and 2.5 % of the overdue amount, at most the overdue amount."""
    decision = policy.decide(account._replace(overdue_minor=overdue, balance_minor=1_000_000))
    assert offer(decision, PAY).amount_min_minor == least
    assert offer(decision, PROMISE).amount_min_minor == least


@pytest.mark.parametrize(("balance", "allowed"), [(0, {PROMISE}), (1, {PAY, PROMISE, DISPUTE})])
def test_zero_is_never_an_offer(
    policy: Policy, account: AccountFacts, balance: int, allowed: set[Action]
) -> None:
    """An account without a balance blocks what is limited by it: nobody can pay nothing."""
    decision = policy.decide(account._replace(balance_minor=balance))
    assert {each.action for each in decision.allowed} == allowed
    assert all(each[1:] == ("amount-limits", "nothing_to_act_on") for each in decision.blocked)


@pytest.mark.parametrize("overdue", [0, -5])
def test_paying_off_a_balance_that_is_not_overdue(
    document: dict[str, Any], account: AccountFacts, overdue: int
) -> None:
    """A policy that admits accounts with nothing overdue keeps its fixed minimum; zero is no payment."""
    facts = account._replace(overdue_minor=overdue)
    limited_by_overdue = compile_policy(PolicyDocument.model_validate(document))
    assert limited_by_overdue.decide(facts).blocked == (Blocked(PAY, "amount-limits", "nothing_to_act_on"),)
    document["actions"]["pay_now"]["amount"]["maximum"] = "balance"
    limited_by_balance = compile_policy(PolicyDocument.model_validate(document))
    assert offer(limited_by_balance.decide(facts), PAY).amount_min_minor == 500


LINK, CODE, LOGIN = AssuranceLevel.LINK, AssuranceLevel.CODE, AssuranceLevel.LOGIN


@pytest.mark.parametrize(
    ("choice", "level", "verdict"),
    [
        (Choice(PAY, 1_000, 0), CODE, ""),
        (Choice(PAY, 999, 0), CODE, "amount_below_minimum"),
        (Choice(PAY, 100_000, 0), CODE, ""),
        (Choice(PAY, 100_001, 0), CODE, "amount_above_maximum"),
        (Choice(PAY, 1_000, 1), CODE, "date_out_of_range"),
        (Choice(PAY, 1_000, 0), LINK, "identity_too_weak"),
        (Choice(PAY, 1_000, 0), LOGIN, ""),
        (Choice(PAY, 1, 99), LINK, "identity_too_weak"),  # the limits are not told to the unproven
        (Choice(PROMISE, 40_000, 3), CODE, ""),
        (Choice(PROMISE, 40_001, 3), CODE, "amount_above_maximum"),
        (Choice(PROMISE, 1_000, 2), CODE, "date_out_of_range"),
        (Choice(PROMISE, 1_000, 14), CODE, ""),
        (Choice(PROMISE, 1_000, 15), CODE, "date_out_of_range"),
        (Choice(DISPUTE, 0, 0), LINK, ""),
        (Choice(DISPUTE, -1, 0), LINK, "amount_below_minimum"),
        (Choice(DISPUTE, 5, 0), AssuranceLevel.NONE, "identity_too_weak"),
    ],
)
def test_check_choice(
    policy: Policy, account: AccountFacts, choice: Choice, level: AssuranceLevel, verdict: str
) -> None:
    """A choice is accepted at every limit and refused with its reason one step outside."""
    assert policy.check_choice(policy.decide(account), choice, level) == verdict


def test_a_blocked_action_cannot_be_chosen(policy: Policy, account: AccountFacts) -> None:
    """A form that submits a blocked action, whatever its inputs, is refused."""
    decision = policy.decide(account._replace(broken_promises=3))
    assert policy.check_choice(decision, Choice(PROMISE, 1_000, 5), CODE) == "action_not_offered"


def test_what_a_policy_says_of_its_actions(policy: Policy) -> None:
    """Disputes are judgement work and open with a link; payments and promises are routine and need a code."""
    assert policy.actions == (PAY, PROMISE, DISPUTE)
    assert [policy.is_routine(action) for action in policy.actions] == [True, True, False]
    assert [policy.identity_level(action) for action in policy.actions] == [CODE, CODE, LINK]
    assert policy.minimum_level() == LINK
    assert "core_receipt" in policy.required_evidence(PROMISE)
    assert "payment_declined" in policy.exception_triggers


def test_a_policy_without_segments_has_none_to_name(policy: Policy, account: AccountFacts) -> None:
    """Asked outright or within a decision, the segment is empty."""
    assert policy.segment_of(account) == policy.decide(account).segment == ""


def test_an_action_the_policy_does_not_know(document: dict[str, Any]) -> None:
    """Asking about an action the policy does not name is an error, not a default."""
    small = compile_policy(PolicyDocument.model_validate(document))
    for ask in (small.is_routine, small.identity_level, small.required_evidence):
        with pytest.raises(KeyError, match=DISPUTE):
            ask(DISPUTE)


@pytest.mark.parametrize(
    ("band", "broken", "blocked"),
    [("3m", 0, False), ("3m", 1, True), ("4m+", 2, True), ("4m+", 3, False), ("2m", 1, False)],
)
def test_a_rule_holds_when_all_its_tests_do(
    document: dict[str, Any], account: AccountFacts, band: str, broken: int, blocked: bool
) -> None:
    """A list of words and both ends of a range are joined by "and"."""
    small = compile_policy(PolicyDocument.model_validate(document))
    decision = small.decide(account._replace(arrears_band=band, broken_promises=broken))
    assert bool(decision.blocked) is blocked


ACCOUNTS = st.builds(
    AccountFacts,
    account_id=st.just(1),
    status=st.sampled_from([status.value for status in AccountStatus]),
    arrears_band=st.sampled_from([band.value for band in ArrearsBand]),
    balance_minor=st.integers(-1_000, 10_000_000),
    overdue_minor=st.integers(-1_000, 10_000_000),
    broken_promises=st.integers(0, 6),
    vulnerable=st.booleans(),
    disputed=st.booleans(),
    payment_method_ok=st.booleans(),
    version=st.integers(1, 1_000),
    complete=st.booleans(),
)


@given(facts=ACCOUNTS)
def test_every_action_is_either_allowed_or_blocked(policy: Policy, facts: AccountFacts) -> None:
    """No action is both allowed and blocked, none is forgotten, and a person rule leaves nothing allowed."""
    decision = policy.decide(facts)
    allowed = [each.action for each in decision.allowed]
    blocked = [each.action for each in decision.blocked]
    assert sorted(allowed + blocked) == sorted(policy.actions)
    assert all(each.reason and each.rule for each in decision.blocked)
    assert not (decision.person_reason and allowed)


@given(facts=ACCOUNTS)
def test_admitted_is_exactly_not_excluded(policy: Policy, facts: AccountFacts) -> None:
    """Admission agrees with the four exclusions written out by hand, and nothing is offered without it."""
    excluded = facts.status == "closed" or facts.complete or facts.overdue_minor < 1 or facts.disputed
    admission = policy.admit(facts)
    assert admission.admitted is not excluded
    assert bool(admission.reason) is excluded
    assert not (excluded and policy.decide(facts).allowed)


@given(many=st.lists(ACCOUNTS, max_size=12))
def test_many_are_admitted_as_one_by_one(policy: Policy, many: list[AccountFacts]) -> None:
    """Judged together, each account gets the first exclusion that holds for it, or none."""
    admissions = policy.admissions(many)
    assert admissions == [policy.admit(one) for one in many]
    for one, admission in zip(many, admissions, strict=True):
        holding = [rule.rule for rule in policy.exclusions if rule.holds(one)]
        assert admission.rule == (holding[0] if holding else "")


@given(facts=ACCOUNTS, share=st.floats(0, 1), level=st.sampled_from(list(AssuranceLevel)))
def test_inputs_are_accepted_inside_the_limits_only(
    policy: Policy, facts: AccountFacts, share: float, level: AssuranceLevel
) -> None:
    """Every amount between an offer's limits is acceptable to a proven customer, and none outside is."""
    decision = policy.decide(facts)
    for each in decision.allowed:
        low, high = each.amount_min_minor, each.amount_max_minor
        assert 0 <= low <= high
        inside = Choice(each.action, low + int(share * (high - low)), each.due_days_min)
        proven = level >= each.identity_level
        assert policy.check_choice(decision, inside, level) == ("" if proven else "identity_too_weak")
        for outside in (low - 1, high + 1):
            assert policy.check_choice(decision, inside._replace(amount_minor=outside), level) != ""


@pytest.mark.parametrize("effect", ["payment", "promise", "dispute", "change", "", "anything"])
@pytest.mark.parametrize(
    "level", [LINK, CODE, LOGIN, AssuranceLevel.CODE_AND_FACTS, AssuranceLevel.KNOWN_FACTS]
)
def test_whatever_an_offer_says_a_code_alone_opens_no_change(
    policy: Policy, account: AccountFacts, effect: str, level: AssuranceLevel
) -> None:
    """An offer built by hand at link level: below a login only a payment, a promise and a dispute are taken."""
    made = Offer("made_by_hand", LINK, 0, 0, 0, 0, True, 0, effect)
    decision = policy.decide(account)._replace(allowed=(made,))
    opened = level >= LOGIN or effect in ("payment", "promise", "dispute")
    verdict = policy.check_choice(decision, Choice("made_by_hand", 0, 0), level)
    assert verdict == ("" if opened else "identity_too_weak")
