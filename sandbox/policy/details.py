"""An account's details as policy reads them: canonical JSON, parsed once for as long as it is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.model import AccountFacts
from sandbox.policy.vocabulary import FactRule

_CACHED = 4_096
"""Accounts' details kept parsed: a decision reads the same ones several times, and many accounts have the same."""


@lru_cache(maxsize=_CACHED)
def read_details(details: str) -> Mapping[str, Any]:
    """Return details as plain data that nobody may change; nothing where they are no block of names."""
    try:
        found = json.loads(details)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def reader(name: str, rule: FactRule) -> Callable[[AccountFacts], Any]:
    """Return what reads one fact from an account, or its default where the core has none that fits."""
    default, allows = rule.default, rule.allows

    def read(facts: AccountFacts) -> Any:
        value = read_details(facts.details).get(name)
        return value if value is not None and allows(value) else default

    return read


def lacks(declared: Mapping[str, FactRule]) -> Callable[[AccountFacts], bool] | None:
    """Return what says whether an account lacks a fact that has no default; None where no fact can be lacking."""
    needed = tuple((name, rule.allows) for name, rule in declared.items() if rule.default is None)
    if not needed:
        return None

    @lru_cache(maxsize=_CACHED)
    def lacking(details: str) -> bool:
        found = read_details(details)
        return not all(name in found and allows(found[name]) for name, allows in needed)

    return lambda facts: lacking(facts.details)
