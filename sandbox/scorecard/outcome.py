"""What one run leaves behind: small, picklable sums per day, from which every metric is estimated."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from sandbox.scorecard.tally import Mark, Tally

Series = tuple[list[int], list[int]]
"""Numerators and denominators per unit of independence."""

FUNNEL = {
    "triggered": ("Triggered", Mark.TRIGGERED),
    "messaged": ("Messaged", Mark.SENT),
    "delivered": ("Delivered (receipt)", Mark.DELIVERED),
    "engaged": ("Engaged", Mark.ENGAGED),
    "identified": ("Identified", Mark.IDENTIFIED),
    "acted": ("Acted", Mark.ACTED),
    "recorded": ("Recorded", Mark.RECORDED),
}
"""Stages of the funnel, in order; each counts cases."""


SCALES = {
    "call_wait_busy_s": 1e-3,
    "call_wait_answered_s": 1e-3,
    "call_wait_all_s": 1e-3,
    "call_wait_worst_half_hour_s": 1e-3,
    "cost_per_resolution": 1e-6,
}
"""From a ratio of stored integers (milliseconds, micro-units of currency) to the metric's unit."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Sums of one run.

    Attributes:
        ratios: per metric, numerators and denominators per unit (cohort day or call day).
        totals: per total, values per campaign day.
        calls: call series per campaign day.
        slots: slot series, flat day * slots + slot.
        staffed: agents per (campaign day, slot), flat.
        slot_count: half hours per day.
        funnel: cases per stage.
        resolved_ms: trigger to recorded, as bytes of int64.
        censored_ms: trigger to end of observation, cases still open, as bytes of int64.
        ends: cases by final standing.
        reasons: counts of exclusions, skipped touches, exceptions and drops by reason.
        digest: hash of everything above and the audit head; equal runs have equal digests.
        case_marks: what is remembered of every case, as bytes of int64 `Mark`s in case order; empty unless asked for.
        messages: touches sent by channel.
    """

    ratios: dict[str, Series]
    totals: dict[str, list[int]]
    calls: dict[str, list[int]]
    slots: dict[str, list[int]]
    staffed: list[int]
    slot_count: int
    funnel: dict[str, int]
    resolved_ms: bytes
    censored_ms: bytes
    ends: dict[str, int]
    reasons: dict[str, dict[str, int]]
    digest: str
    case_marks: bytes = b""
    messages: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit costs, in the scenario's currency."""

    agent_hour: float
    message: float
    code: float
    session: float
    back_office_item: float
    whatsapp: float = 0.0
    email: float = 0.0
    letter: float = 0.0


def close(
    tally: Tally, prices: Prices, staffed: list[int], ends: dict[str, int], audit_head: bytes
) -> RunOutcome:
    """Turn a finished tally into the run's outcome.

    Args:
        tally: the run's counts.
        prices: unit costs; money is summed in micro-units so that no float addition order matters.
        staffed: agents per (campaign day, slot), flat.
        ends: cases by final standing.
        audit_head: digest of the audit trail's head.
    """
    cases = _CaseSums(tally)
    ratios = cases.ratios() | _call_ratios(tally, staffed) | {"cost_per_resolution": cases.cost(prices)}
    ratios["touches_per_completion"] = (list(tally.costs["messages"]), cases.count(Mark.RECORDED))
    resolved, censored = cases.times()
    funnel = {stage: sum(cases.count(mark | Mark.TRIGGERED)) for stage, (_, mark) in FUNNEL.items()}
    reasons = {
        "excluded": dict(sorted(tally.excluded.items())),
        "skipped": dict(sorted(tally.skipped.items())),
        "exceptions": dict(sorted(tally.exceptions.items())),
        "drops": dict(sorted(tally.drops.items())),
    }
    totals = {"agent_hours": list(tally.calls["campaign_busy_ms"])}
    content = repr((ratios, totals, tally.calls, tally.slots, staffed, funnel, ends, reasons))
    digest = sha256(content.encode() + resolved + censored + audit_head).hexdigest()
    return RunOutcome(
        ratios,
        totals,
        tally.calls,
        tally.slots,
        staffed,
        tally.layout.slots,
        funnel,
        resolved,
        censored,
        ends,
        reasons,
        digest,
        messages={
            "sms": sum(tally.costs["messages"]) - tally.sent_by.total(),
            **dict(sorted(tally.sent_by.items())),
        },
    )


class _CaseSums:
    """Counts of marked cases per cohort day."""

    def __init__(self, tally: Tally) -> None:
        layout = tally.layout
        self._tally = tally
        self._marks = np.frombuffer(tally.marks, dtype=np.int64)
        self._cohort = np.arange(layout.cases, dtype=np.int64) * layout.cohort_days // layout.cases
        self._days = layout.cohort_days

    def _where(self, has: int, lacks: int = 0) -> npt.NDArray[np.bool_]:
        has_all: npt.NDArray[np.bool_] = (self._marks & int(has)) == int(has)
        lacks_all: npt.NDArray[np.bool_] = (self._marks & int(lacks)) == 0
        return has_all & lacks_all

    def count(self, has: int, lacks: int = 0) -> list[int]:
        """Cases with all of `has` and none of `lacks`, per cohort day."""
        counts = np.bincount(self._cohort[self._where(has, lacks)], minlength=self._days)
        return [int(value) for value in counts]

    def ratios(self) -> dict[str, Series]:
        m, count = Mark, self.count
        engaged, triggered = count(m.ENGAGED), count(m.TRIGGERED)
        # Recorded cases always acted; an action the core never took stays in the base and not in the count.
        acted = [a + b for a, b in zip(count(m.ACTED), count(m.RECORDED, m.ACTED), strict=True)]
        judgement = m.JUDGEMENT | m.VULNERABLE
        untouched = count(m.RECORDED, m.AGENT | m.BACK_OFFICE | m.MANUAL)
        recorded = count(m.RECORDED)
        handled = [whole - alone for whole, alone in zip(recorded, untouched, strict=True)]
        unresolved = [whole - done for whole, done in zip(engaged, recorded, strict=True)]
        gap = [done - alone for done, alone in zip(acted, untouched, strict=True)]
        return {
            "completion_rate": (recorded, triggered),
            "completion_of_engaged_rate": (count(m.RECORDED | m.ENGAGED), engaged),
            "completion_in_message_rate": (count(m.RECORDED, m.CHANNEL_CHANGE), triggered),
            "engagement_rate": (engaged, triggered),
            "writeback_success_rate": (recorded, acted),
            "writeback_first_try_rate": (count(m.FIRST_TRY), acted),
            "deflection_rate": (
                count(m.RECORDED, judgement | m.AGENT | m.BACK_OFFICE | m.MANUAL),
                count(m.RECORDED, judgement),
            ),
            "exception_rate": (count(m.EXCEPTION), engaged),
            "completion_gap": (gap, engaged),
            "bucket_completed_untouched": (untouched, engaged),
            "bucket_completed_after_handling": (handled, engaged),
            "bucket_unresolved": (unresolved, engaged),
        }

    def cost(self, prices: Prices) -> Series:
        """Micro-units of currency and recorded cases per cohort day."""
        costs = self._tally.costs
        per_unit = {
            "messages": prices.message,  # as if all were SMS; what was not is put right channel by channel
            "whatsapp": prices.whatsapp - prices.message,
            "email": prices.email - prices.message,
            "free": -prices.message,
            "letters": prices.letter,
            "service_messages": prices.code,
            "sessions": prices.session,
            "agent_ms": prices.agent_hour / 3_600_000,
            "back_office_items": prices.back_office_item,
        }
        spent = [
            round(sum(costs[name][day] * price for name, price in per_unit.items()) * 1_000_000)
            for day in range(self._days)
        ]
        return spent, self.count(Mark.RECORDED)

    def times(self) -> tuple[bytes, bytes]:
        """Times of recorded cases and, censored, of open ones: acted, but the core does not say so yet."""
        tally = self._tally
        triggered = np.frombuffer(tally.triggered_ms, dtype=np.int64)
        recorded = np.frombuffer(tally.recorded_ms, dtype=np.int64)
        done = self._where(Mark.RECORDED)
        still_open = self._where(Mark.ACTED, Mark.RECORDED)
        resolved = np.sort((recorded - triggered)[done])
        censored = np.sort(tally.layout.end_ms - triggered[still_open])
        return resolved.astype(np.int64).tobytes(), censored.astype(np.int64).tobytes()


def _call_ratios(tally: Tally, staffed: list[int]) -> dict[str, Series]:
    calls, slots = tally.calls, tally.layout.slots
    staffed_ms = [
        sum(staffed[day * slots : (day + 1) * slots]) * tally.layout.slot_ms
        for day in range(tally.layout.campaign_days)
    ]
    unanswered = [a - b for a, b in zip(calls["visits_called"], calls["visits_answered"], strict=True)]
    return {
        "call_abandonment_rate": (calls["abandoned"], calls["offered"]),
        "campaign_abandonment_rate": (calls["campaign_abandoned"], calls["campaign_offered"]),
        "caller_abandonment_rate": (unanswered, calls["visits_called"]),
        "call_wait_busy_s": (calls["wait_busy_ms"], calls["offered_busy"]),
        "call_wait_answered_s": (calls["wait_answered_ms"], calls["answered"]),
        "call_wait_all_s": (calls["wait_ms"], calls["offered"]),
        "agent_occupancy": (calls["busy_ms"], staffed_ms),
    }


def int64s(data: bytes) -> array[int]:
    """Read back times written by `RunOutcome`."""
    return array("q", data)
