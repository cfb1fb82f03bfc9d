"""Who made contact, and who did so again: counted beside the scorecard, and only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import facts
from sandbox.scorecard.case_sums import Series

_MANY = 255
"""A byte a case is enough: more than one contact is all that is asked."""


class Contacts:
    """Counts, per cohort day, cases that made contact and those that did so again.

    A visit is a contact, and so is every further call within one.

    Args:
        cases: number of cases of the campaign.
        cohort_days: days the cases are spread over.
    """

    def __init__(self, cases: int, cohort_days: int) -> None:
        """Start with nobody heard of."""
        self._cases, self._days = cases, cohort_days
        self._times = bytearray(cases)
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.Engaged: self._engaged,
            facts.CallOffered: self._called,
        }

    def emit(self, fact: tuple[object, ...]) -> None:
        """Take in one fact; other kinds are let go."""
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    def series(self) -> Series:
        """Return cases with more than one contact, of those with any, per cohort day."""
        any_contact, more = [0] * self._days, [0] * self._days
        for case, times in enumerate(self._times):
            day = case * self._days // self._cases
            any_contact[day] += times > 0
            more[day] += times > 1
        return more, any_contact

    def _engaged(self, fact: facts.Engaged) -> None:
        self._once_more(fact.case_id)

    def _called(self, fact: facts.CallOffered) -> None:
        if fact.attempt > 1 and fact.case_id >= 0:
            self._once_more(fact.case_id)

    def _once_more(self, case_id: int) -> None:
        self._times[case_id] = min(self._times[case_id] + 1, _MANY)
