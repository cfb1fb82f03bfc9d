"""What counting must know of a scenario: cases and days, half hours, arrears bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.model import LEDGER_EFFECTS

DAYS_PER_WEEK = 5
"""Working days of a week of the campaign."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the tally must know of the scenario to place a fact.

    Attributes:
        cases, cohort_days: cohort day of a case is case * cohort_days // cases.
        opens_ms: opening of every working day, follow-up included.
        campaign_days: days whose calls count.
        slots: half hours per day.
        slot_ms: length of one.
        busy_slots: the slots of the four busy hours.
        end_ms: end of observation.
        bands: the arrears bands a case may be in, up to seven.
        effects: what each action of the policy does in the core's ledger.
        moved: one byte per case, not nought where it takes the second design; empty where there is one design.
    """

    cases: int
    cohort_days: int
    opens_ms: list[int]
    campaign_days: int
    slots: int
    slot_ms: int
    busy_slots: frozenset[int]
    end_ms: int
    bands: tuple[str, ...] = ("1m", "2m", "3m", "4m+")
    effects: Mapping[str, str] = field(default_factory=LEDGER_EFFECTS.copy)
    moved: bytes = b""
