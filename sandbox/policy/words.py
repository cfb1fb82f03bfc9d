"""A policy's texts with the account's facts in them: money, dates and words as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sandbox.model import AccountFacts
from sandbox.policy.details import reader
from sandbox.policy.forms import SHOWN_FACTS, placeholders
from sandbox.policy.vocabulary import FactRule

NOT_KNOWN = "not known"
"""What stands where the core has no value for a fact."""

_BUILT_IN: Mapping[str, Callable[[AccountFacts], object]] = {
    "overdue": lambda facts: facts.overdue_minor,
    "balance": lambda facts: facts.balance_minor,
    "arrears_band": lambda facts: facts.arrears_band,
    "broken_promises": lambda facts: facts.broken_promises,
}


def rendered(
    text: str, facts: AccountFacts, declared: Mapping[str, FactRule], money: Callable[[int], str]
) -> str:
    """Return a text with every {fact} in it shown as its kind is read.

    Args:
        text: of a loaded document, so every placeholder is a fact.
        facts: the account.
        declared: the workflow's own facts.
        money: writes minor units out with their currency.
    """
    shown = {name: _shown(name, facts, declared, money) for name in placeholders(text)}
    return text.format_map(shown)


def _shown(
    name: str, facts: AccountFacts, declared: Mapping[str, FactRule], money: Callable[[int], str]
) -> str:
    kind: str
    if name in declared:
        kind, value = declared[name].kind, reader(name, declared[name])(facts)
    else:
        kind, value = SHOWN_FACTS[name], _BUILT_IN[name](facts)
    if value is None:
        return NOT_KNOWN
    if kind == "money":
        return money(int(str(value)))
    if kind == "flag":
        return "yes" if value else "no"
    if kind == "date":
        day = date.fromisoformat(str(value))
        return f"{day.day} {day:%B %Y}"
    return str(value).replace("_", " ") if kind == "word" else str(value)
