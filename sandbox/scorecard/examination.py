"""What one run shows of a design beyond its scorecard: identity, options, evidence, segments, later disputes.

A listener that remembers a few bits of every case and gives back series per cohort day; no estimate is made here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sandbox import facts
from sandbox.model import AccountFacts, AssuranceLevel, LedgerEffect
from sandbox.policy.decide import Policy
from sandbox.ports import AuditRow
from sandbox.scorecard.marks import PERSON_ROUTE
from sandbox.scorecard.tally import Mark


class Quantity(NamedTuple):
    """A quantity the rules may name besides the metrics: what it means, its unit and its base."""

    title: str
    unit: str
    base: str


COMPUTED: Final[Mapping[str, Quantity]] = {
    "channel_changes": Quantity(
        "steps that take the customer out of the message", "count", "steps of the normal path"
    ),
    "identity_checks": Quantity("steps that ask for identity details", "count", "steps of the normal path"),
    "person_waits": Quantity(
        "steps after which the record waits for a person", "count", "steps of the normal path"
    ),
    "person_steps": Quantity("steps a person does", "count", "steps of the normal path"),
    "delivered_rate": Quantity("a message was reported delivered", "rate", "triggered cases"),
    "identified_of_engaged_rate": Quantity("identity was proven", "rate", "engaged cases"),
    "acted_of_engaged_rate": Quantity("finished their part", "rate", "engaged cases"),
    "acted_of_identified_rate": Quantity("finished their part", "rate", "identified cases"),
    "cleanup_of_acted_rate": Quantity(
        "rekeyed by hand, or not in the core at the end", "rate", "cases that acted"
    ),
    "rekeyed_rate": Quantity("a person posted it", "rate", "recorded cases"),
    "same_journey_rate": Quantity("no channel change after the message", "rate", "recorded cases"),
    "policy_checked_rate": Quantity(
        "policy decided in that visit what may be chosen", "rate", "recorded cases"
    ),
    "weak_identity_rate": Quantity(
        "chose below the identity level policy asks for", "rate", "cases that chose"
    ),
    "outside_policy_rate": Quantity(
        "an outcome that policy blocks for this customer, exceptions and persons' work left out",
        "rate",
        "cases that chose on the normal path",
    ),
    "trail_breaks": Quantity("places where the audit chain does not hold", "count", "audit rows"),
    "proven_rate": Quantity(
        "every key of evidence in the trail and the record whole", "rate", "recorded cases"
    ),
    "segment_exception_excess": Quantity(
        "exception rate of the worst segment minus that of all others",
        "rate",
        "engaged cases of the segment on the self-service route",
    ),
    "later_disputes_rise": Quantity(
        "share of disputes, second half of the campaign minus first half", "rate", "cases that chose"
    ),
}
"""Everything rules may name that metrics.yaml does not define."""

Series = tuple[list[int], list[int]]
"""Numerators and denominators per cohort day."""

_CHOSE, _NORMAL, _WEAK, _OUTSIDE, _CHECKED, _DISPUTE, _PROVEN = (1 << place for place in range(7))
_DECIDED, _HANDED = 1, 2  # of the visit that goes on
_AGAINST_CONSENT = '"consent":false'
"""In a row's canonical JSON: a message that left without consent does not prove that there was any."""


class Examination:
    """Listens to one run; `emit` is a fact listener.

    Args:
        cases: number of cases of the campaign.
        cohort_days: days the cases are spread over.
        policy: what is allowed, and at which identity level.
    """

    def __init__(self, cases: int, cohort_days: int, policy: Policy) -> None:
        """Start with nobody seen."""
        self._cases, self._days, self._policy = cases, cohort_days, policy
        self._marks = array("q", bytes(8 * cases))
        self._level = bytearray(cases)
        self._visit = bytearray(cases)
        self._segment = bytearray(cases)
        self._segments: dict[str, int] = {}
        self._by_agent: dict[int, list[str]] = {}
        self._options: dict[int, tuple[str, ...]] = {}
        self._routed: set[int] = set()
        self._keys: list[str] = []
        self._held = array("q", bytes(8 * cases))
        self._disputes = frozenset(
            name for name, effect in policy.effects.items() if effect == LedgerEffect.DISPUTE
        )
        self._asks = {str(action): int(policy.identity_level(action)) for action in policy.actions}
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.Triggered: self._triggered,
            facts.Engaged: self._engaged,
            facts.LinkChecked: self._link,
            facts.IdentityProven: self._proven,
            facts.OptionsShown: self._shown,
            facts.ExceptionRaised: self._handed,
            facts.RoutedToPerson: lambda fact: self._routed.add(fact.case_id),
            facts.Chosen: self._chosen,
        }

    def emit(self, fact: tuple[object, ...]) -> None:
        """Take in one fact; other kinds are let go."""
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    def _triggered(self, fact: facts.Triggered) -> None:
        name = f"arrears {fact.arrears_band}"
        self._segment[fact.case_id] = self._segments.setdefault(name, len(self._segments) + 1)

    def _engaged(self, fact: facts.Engaged) -> None:
        self._level[fact.case_id] = self._visit[fact.case_id] = 0
        self._options.pop(fact.case_id, None)

    def _link(self, fact: facts.LinkChecked) -> None:
        if fact.accepted:
            self._level[fact.case_id] = max(self._level[fact.case_id], int(AssuranceLevel.LINK))

    def _proven(self, fact: facts.IdentityProven) -> None:
        self._level[fact.case_id] = fact.level

    def _shown(self, fact: facts.OptionsShown) -> None:
        self._visit[fact.case_id] |= _DECIDED
        self._options[fact.case_id] = fact.allowed

    def _handed(self, fact: facts.ExceptionRaised) -> None:
        self._visit[fact.case_id] |= _HANDED

    def _chosen(self, fact: facts.Chosen) -> None:
        case, visit = fact.case_id, self._visit[fact.case_id]
        marks = self._marks[case] & ~(_CHECKED | _DISPUTE) | _CHOSE
        if self._level[case] < self._asks.get(fact.action, int(AssuranceLevel.NONE)):
            marks |= _WEAK
        if visit & _DECIDED:
            marks |= _CHECKED
        if not visit & _HANDED:
            marks |= _NORMAL
            if not visit & _DECIDED:
                self._by_agent.setdefault(case, []).append(fact.action)
            elif fact.action not in self._options[case]:
                marks |= _OUTSIDE
        self._marks[case] = marks | (_DISPUTE if fact.action in self._disputes else 0)

    def hold_against_policy(self, accounts: Iterable[AccountFacts]) -> None:
        """Judge what was agreed on the normal path without options on show: would policy have allowed it?

        Customers on the route to a person, by policy or because no message reaches them, are left out: there a
        person decides.

        Args:
            accounts: as the core held them before the run, in case order.
        """
        wanted = self._by_agent
        for case, account in enumerate(accounts):
            if case not in wanted:
                continue
            decision = self._policy.decide(account)
            if decision.person_reason or case in self._routed:
                self._marks[case] &= ~_NORMAL
            elif any(action not in {offer.action for offer in decision.allowed} for action in wanted[case]):
                self._marks[case] |= _OUTSIDE

    def read_trail(
        self, rows: Iterable[AuditRow], proofs: Mapping[str, tuple[str, ...]], whole: Callable[[int], bool]
    ) -> Iterator[AuditRow]:
        """Pass the audit trail on while noting whose evidence is complete; complete when it is used up.

        Args:
            rows: the trail.
            proofs: evidence key to the kinds of row that prove it; a key without one can never be proven.
            whole: says whether the core's record of a case has status, note and time.
        """
        keys = set(self._policy.completion_evidence)
        for action in self._policy.actions:
            keys |= set(self._policy.required_evidence(action))
        self._keys = sorted(keys)
        proves: dict[str, int] = {}
        for place, key in enumerate(self._keys):
            for kind in proofs.get(key, ()):
                proves[kind] = proves.get(kind, 0) | 1 << place
        held, every = self._held, (1 << len(self._keys)) - 1
        consent = 1 << self._keys.index("consent") if "consent" in self._keys else 0
        for row in rows:
            bits = proves.get(row.kind, 0)
            if row.kind == "message_sent" and _AGAINST_CONSENT in row.body:
                bits &= ~consent
            if bits:
                held[row.case_id] |= bits
            yield row
        for case, bits in enumerate(held):
            if bits == every and whole(case):
                self._marks[case] |= _PROVEN

    def missing_evidence(self, case_marks: bytes) -> dict[str, int]:
        """Return how many recorded cases lack each key of evidence; keys nobody lacks are left out."""
        recorded = (np.frombuffer(case_marks, dtype=np.int64) & int(Mark.RECORDED)) != 0
        held = np.array(self._held, dtype=np.int64)[recorded]
        lacking = {key: int(np.sum((held & (1 << place)) == 0)) for place, key in enumerate(self._keys)}
        return {key: cases for key, cases in lacking.items() if cases}

    def series(self, case_marks: bytes) -> dict[str, Series]:
        """Return the rates of this run, per cohort day.

        Args:
            case_marks: what the tally remembers of every case (`RunOutcome.case_marks`).
        """
        count, m = _Counts(case_marks, self._marks, self._days), Mark
        engaged, recorded, acted = count(m.ENGAGED), count(m.RECORDED), count.either(m.ACTED, m.RECORDED)
        identified = count.either(m.IDENTIFIED, m.ACTED)
        alone = count(m.RECORDED, lacks=m.MANUAL)
        chose, normal = count(seen=_CHOSE), count(seen=_CHOSE | _NORMAL)
        return {
            "delivered_rate": (count(m.DELIVERED), count(m.TRIGGERED)),
            "identified_of_engaged_rate": (identified, engaged),
            "acted_of_engaged_rate": (acted, engaged),
            "acted_of_identified_rate": (acted, identified),
            "cleanup_of_acted_rate": ([a - b for a, b in zip(acted, alone, strict=True)], acted),
            "rekeyed_rate": (count(m.RECORDED | m.MANUAL), recorded),
            "same_journey_rate": (count(m.RECORDED, lacks=m.CHANNEL_CHANGE), recorded),
            "policy_checked_rate": (count(m.RECORDED, seen=_CHECKED), recorded),
            "weak_identity_rate": (count(seen=_CHOSE | _WEAK), chose),
            "outside_policy_rate": (count(seen=_CHOSE | _NORMAL | _OUTSIDE), normal),
            "proven_rate": (count(m.RECORDED, seen=_PROVEN), recorded),
        }

    def disputes(self) -> Series:
        """Return cases that chose to dispute, of cases that chose, per cohort day."""
        count = _Counts(bytes(8 * self._cases), self._marks, self._days)
        return count(seen=_CHOSE | _DISPUTE), count(seen=_CHOSE)

    def segments(self, case_marks: bytes) -> dict[str, tuple[Series, Series]]:
        """Return exceptions of engaged cases per cohort day, in each segment and in all others, by its name.

        The route to a person is judged apart, as in the exception rate itself.
        """
        count, found = _Counts(case_marks, self._marks, self._days), {}
        where = np.frombuffer(self._segment, dtype=np.uint8)
        for name, place in sorted(self._segments.items()):
            inside, outside = where == place, where != place
            found[name] = tuple(
                (
                    count(Mark.EXCEPTION | Mark.ENGAGED, lacks=PERSON_ROUTE, among=those),
                    count(Mark.ENGAGED, lacks=PERSON_ROUTE, among=those),
                )
                for those in (inside, outside)
            )
        return found  # type: ignore[return-value]  # two of each


class _Counts:
    """Counts cases per cohort day by what the tally and this listener remember of them."""

    def __init__(self, case_marks: bytes, seen: Sequence[int], days: int) -> None:
        self._tally = np.frombuffer(case_marks, dtype=np.int64)
        self._seen = np.array(seen, dtype=np.int64)
        cases = len(self._tally)
        self._cohort = np.arange(cases, dtype=np.int64) * days // cases
        self._days = days

    def __call__(
        self,
        has: int = 0,
        seen: int = 0,
        lacks: int = 0,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> list[int]:
        """Cases with all of `has` (tally) and `seen` (here) and none of `lacks` (tally), per cohort day."""
        which = (self._tally & int(has)) == int(has)
        which &= (self._seen & seen) == seen
        which &= (self._tally & int(lacks)) == 0
        return self._per_day(which if among is None else which & among)

    def either(self, one: int, other: int) -> list[int]:
        """Cases with either of two marks of the tally, per cohort day."""
        return self._per_day((self._tally & (int(one) | int(other))) != 0)

    def _per_day(self, which: npt.NDArray[np.bool_]) -> list[int]:
        counts = np.bincount(self._cohort[which], minlength=self._days)
        return [int(value) for value in counts]
