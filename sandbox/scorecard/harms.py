"""Count what a design does wrong: effects the core holds twice, broken contact rules, records proved by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from sandbox import facts

DUPLICATE_EFFECTS: Final = "duplicate_effects"
CONTACT_BREACHES: Final = "contact_breaches"
RECONCILIATION_ITEMS: Final = "reconciliation_items"
DISCOVERY_MS: Final = "discovery_ms"


class Harms:
    """A fold of the facts that tell of harm.

    Attributes:
        handlers: what to call for each kind of fact that is heard.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._counts: Counter[str] = Counter()
        self.handlers: dict[type, Callable[[Any], None]] = {
            facts.DuplicateEffect: self._duplicate,
            facts.ContactBreach: self._breach,
            facts.ReconciliationItem: self._reconciliation,
            facts.DiscoveryDone: self._discovery,
        }

    def counted(self) -> dict[str, int]:
        """Return the counts, breaches and items by cause ("contact_breaches:quiet_hours"); empty without any harm."""
        return dict(sorted(self._counts.items()))

    def _duplicate(self, _fact: facts.DuplicateEffect) -> None:
        self._counts[DUPLICATE_EFFECTS] += 1

    def _breach(self, fact: facts.ContactBreach) -> None:
        self._counts[f"{CONTACT_BREACHES}:{fact.rule}"] += 1

    def _reconciliation(self, fact: facts.ReconciliationItem) -> None:
        self._counts[f"{RECONCILIATION_ITEMS}:{fact.cause}"] += 1

    def _discovery(self, fact: facts.DiscoveryDone) -> None:
        self._counts[DISCOVERY_MS] += fact.spent_ms


def total(harms: dict[str, int], kind: str) -> int:
    """Return how many of one kind, over all causes."""
    return sum(count for name, count in harms.items() if name.partition(":")[0] == kind)
