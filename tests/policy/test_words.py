"""Texts of a policy show the account's facts the way people read them."""

from __future__ import annotations

import pytest

from sandbox.model import AccountFacts
from sandbox.policy.details import reader
from sandbox.policy.vocabulary import FactRule
from sandbox.policy.words import NOT_KNOWN, rendered

DECLARED = {
    "limit": FactRule(kind="money"),
    "until": FactRule(kind="date"),
    "card": FactRule(kind="word", one_of=("ok", "about_to_expire")),
    "street": FactRule(kind="text", default="none on file"),
    "told": FactRule(kind="flag"),
    "times": FactRule(kind="number"),
}
DETAILS = '{"card":"about_to_expire","limit":1250,"times":3,"told":true,"until":"2026-03-09"}'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{overdue} of {balance}", "GBP 40.00 of GBP 100.00"),
        ("{arrears_band}, {broken_promises}", "2m, 1"),
        ("{limit} until {until}", "GBP 12.50 until 9 March 2026"),
        ("{card}; {street}; {told}; {times}", "about to expire; none on file; yes; 3"),
        ("{{nothing}}", "{nothing}"),
    ],
)
def test_facts_are_shown_as_their_kind_is_read(text: str, shown: str) -> None:
    """Money has its currency, dates are written out, words lose their underscores, defaults stand in."""
    facts = AccountFacts(1, "open", "2m", 10_000, 4_000, 1, False, False, True, 1, False, DETAILS)
    assert rendered(text, facts, DECLARED, lambda minor: f"GBP {minor / 100:,.2f}") == shown


def test_what_the_core_does_not_know_is_said_so() -> None:
    """A fact without value and default is told as not known, never as nothing."""
    facts = AccountFacts(1, "open", "2m", 10_000, 4_000, 1, False, False, True, 1, False)
    assert rendered("{limit}", facts, DECLARED, str) == NOT_KNOWN


@pytest.mark.parametrize(("told", "shown"), [("true", "yes"), ("false", "no")])
def test_a_flag_is_read_as_yes_or_no(told: str, shown: str) -> None:
    """Both values of a flag have their word."""
    details = f'{{"told":{told}}}'
    facts = AccountFacts(1, "open", "2m", 10_000, 4_000, 1, False, False, True, 1, False, details)
    assert rendered("{told}", facts, DECLARED, str) == shown


@pytest.mark.parametrize(
    ("details", "read"),
    [('{"days":4}', 4), ('{"days":5}', 2), ('{"days":"4"}', 2), ('{"days":null}', 2), ("{}", 2), ("[]", 2)],
)
def test_a_value_a_fact_cannot_have_is_read_as_its_default(details: str, read: int) -> None:
    """What the core holds counts only where the policy allows it; else the default stands in, as for nothing."""
    facts = AccountFacts(1, "open", "2m", 10_000, 4_000, 1, False, False, True, 1, False, details)
    assert reader("days", FactRule(kind="number", at_most=4, default=2))(facts) == read


def test_only_words_of_a_list_lose_their_underscores() -> None:
    """A text is the customer's own and shown as it stands; so is an empty one and a zero."""
    details = '{"card":"about_to_expire","limit":0,"street":"unit_3","times":0}'
    facts = AccountFacts(1, "open", "2m", 0, 4_000, 0, False, False, True, 1, False, details)
    text = "{card}, {street}, {times}, {limit}, {balance}, {broken_promises}"
    assert rendered(text, facts, DECLARED, str) == "about to expire, unit_3, 0, 0, 0, 0"
