"""What the campaign consumed and what that costs: money is summed in millionths, so no order of floats matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from sandbox.model import MS_PER_HOUR
from sandbox.scorecard.case_table import CaseTable
from sandbox.scorecard.marks import Mark

MICRO = 1_000_000
"""Millionths of the currency's major unit."""

CONSUMED = (
    "messages",
    "whatsapp",
    "email",
    "letters",
    "service_messages",
    "sessions",
    "agent_ms",
    "back_office_items",
    "core_calls",
    "cases",
)
"""Per cohort day: what has a price each; `messages` are text messages, `cases` those triggered."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit costs, in the scenario's currency.

    Attributes:
        agent_hour, message, code, session, back_office_item: what they say; an agent's time counts in milliseconds.
        whatsapp, email, letter: per message the provider charges for, and per letter.
        case: per triggered case.
        core_call: per call that tries or settles a posting.
        fixed: of this design for the whole campaign, whatever the volume.
    """

    agent_hour: float
    message: float
    code: float
    session: float
    back_office_item: float
    case: float = 0.0
    core_call: float = 0.0
    fixed: float = 0.0
    whatsapp: float = 0.0
    email: float = 0.0
    letter: float = 0.0

    def each(self) -> dict[str, float]:
        """The price of one unit of each of CONSUMED."""
        return {
            "messages": self.message,
            "whatsapp": self.whatsapp,
            "email": self.email,
            "letters": self.letter,
            "service_messages": self.code,
            "sessions": self.session,
            "agent_ms": self.agent_hour / MS_PER_HOUR,
            "back_office_items": self.back_office_item,
            "core_calls": self.core_call,
            "cases": self.case,
        }


def consumed(table: CaseTable) -> dict[str, list[int]]:
    """Units of each of CONSUMED per cohort day."""
    units = {name: table.total(name) for name in CONSUMED if name != "cases"}
    others = zip(units["whatsapp"], units["email"], table.total("free"), strict=True)
    units["messages"] = [every - sum(by) for every, by in zip(units["messages"], others, strict=True)]
    return units | {"cases": table.count(Mark.TRIGGERED)}


def spent_micro(units: Mapping[str, list[int]], prices: Prices, all_cases: int) -> list[int]:
    """Cost in millionths per cohort day.

    Args:
        units: as `consumed` returns them, of all cases or of a part.
        prices: unit costs.
        all_cases: triggered cases of the whole run; each bears the same share of what is fixed.
    """
    each = prices.each()
    each["cases"] += prices.fixed / all_cases if all_cases else 0.0
    days = range(len(units["cases"]))
    return [round(fsum(units[name][day] * each[name] for name in CONSUMED) * MICRO) for day in days]
