"""What one run leaves behind: small, picklable sums per day, from which every metric is estimated."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from sandbox.scorecard.call_sums import call_ratios
from sandbox.scorecard.case_sums import CaseSums, Series
from sandbox.scorecard.case_table import (
    CaseTable,
    Flags,
    Ints,
    arm_rows,
    band_rows,
    case_table,
    cohort_days,
    route_rows,
)
from sandbox.scorecard.consumption import Prices, consumed, spent_micro
from sandbox.scorecard.layout import DAYS_PER_WEEK
from sandbox.scorecard.marks import BAND_MASK, BAND_SHIFT, PERSON_ROUTE, Mark
from sandbox.scorecard.tally import Tally
from sandbox.scorecard.touches import NO_TOUCHES, Touches

__all__ = [
    "FUNNEL",
    "SCALES",
    "Part",
    "Prices",
    "RunOutcome",
    "Series",
    "close",
    "int64s",
    "stages_per_day",
    "who",
]

FUNNEL = {
    "triggered": ("Triggered", Mark.TRIGGERED),
    "messaged": ("Messaged", Mark.SENT),
    "delivered": ("Delivered (receipt)", Mark.DELIVERED),
    "opened": ("Opened (read receipt)", Mark.OPENED),
    "clicked": ("Clicked", Mark.CLICKED),
    "engaged": ("Engaged", Mark.ENGAGED),
    "identified": ("Identified", Mark.IDENTIFIED),
    "acted": ("Acted", Mark.ACTED),
    "recorded": ("Recorded", Mark.RECORDED),
    "closed": ("Closed", Mark.RECORDED),
    "exceptions": ("Exceptions", Mark.EXCEPTION),
}
"""Stages of the funnel, in order; each counts cases. Closed: recorded, and nothing sent, asked or posted after it."""

_WHERE_OBSERVED = ("opened", "clicked")
"""Stages a channel or design may not have: None where no case of the run shows one."""

SCALES = {
    "call_wait_busy_s": 1e-3,
    "call_wait_answered_s": 1e-3,
    "call_wait_all_s": 1e-3,
    "call_wait_worst_half_hour_s": 1e-3,
    "cost_per_resolution": 1e-6,
    "agent_hours": 1 / 3_600_000,
    "repeat_call_agent_min": 1 / 60_000,
    "wrap_up_min_per_resolution": 1 / 60_000,
    "discovery_min_per_handover": 1 / 60_000,
    "reconciliation_per_1000_cases": 1e3,
    "money_promised": 1e-2,
    "money_collected": 1e-2,
    "money_collected_per_case": 1e-2,
}
"""From stored integers (milliseconds, millionths and hundredths of currency, items) to the metric's unit."""


class Part(NamedTuple):
    """The case-based sums of some of the cases, per cohort day."""

    ratios: dict[str, Series]
    totals: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Sums of one run.

    Attributes:
        ratios: per metric, numerators and denominators per unit (cohort day or call day).
        totals: per total, values per unit (cohort day; agent hours: call day).
        parts: by dimension ("segment", "route"; "arm" where two designs are mixed) and value, the sums of those cases
            alone.
        consumed: what has a price, per cohort day.
        calls: call series per campaign day.
        slots: slot series, flat day * slots + slot.
        staffed: agents per (campaign day, slot), flat.
        slot_count: half hours per day.
        funnel: cases per stage; None where the stage cannot be observed.
        resolved_ms: trigger to recorded, as bytes of int64, in order.
        censored_ms: trigger to end of observation, cases still open, as bytes of int64, in order.
        resolved_who, censored_who: whose time each is, as bytes of uint16; see `who`.
        bands: the arrears bands `who` refers to.
        ends: cases by final standing.
        reasons: counts of exclusions, skipped touches, exceptions, drops and person routes by reason.
        digest: hash of everything above and the audit head; equal runs have equal digests.
        messages: touches sent by channel.
        touches: what became of every planned touch.
        case_marks: what is remembered of every case, as bytes of int64 `Mark`s in case order; empty unless asked for.
        contacts: cases that made contact more than once, and those that did at all, per cohort day; None unless
            asked for.
    """

    ratios: dict[str, Series]
    totals: dict[str, list[int]]
    parts: dict[str, dict[str, Part]]
    consumed: dict[str, list[int]]
    calls: dict[str, list[int]]
    slots: dict[str, list[int]]
    staffed: list[int]
    slot_count: int
    funnel: dict[str, int | None]
    resolved_ms: bytes
    censored_ms: bytes
    resolved_who: bytes
    censored_who: bytes
    bands: tuple[str, ...]
    ends: dict[str, int]
    reasons: dict[str, dict[str, int]]
    digest: str
    case_marks: bytes = b""
    messages: dict[str, int] = field(default_factory=dict)
    touches: Touches = NO_TOUCHES
    contacts: Series | None = None


class Who(NamedTuple):
    """Band, route and week (from 1) of each of some cases; bands and routes by their place, from 0."""

    band: Ints
    route: Ints
    week: Ints


def close(
    tally: Tally, prices: Prices, staffed: list[int], ends: dict[str, int], audit_head: bytes
) -> RunOutcome:
    """Turn a finished tally into the run's outcome.

    Args:
        tally: the run's counts.
        prices: unit costs.
        staffed: agents per (campaign day, slot), flat.
        ends: cases by final standing.
        audit_head: digest of the audit trail's head.
    """
    table = case_table(tally.cases, tally.layout)
    observable = int(np.bitwise_or.reduce(table.marks)) if len(table.marks) else 0
    all_cases = sum(table.count(Mark.TRIGGERED))
    whole = _part(table, observable, prices, all_cases)
    ratios = whole.ratios | call_ratios(tally.calls, staffed)
    totals = whole.totals | {"agent_hours": list(tally.calls.calls["campaign_busy_ms"])}

    def cut(rows: dict[str, Flags]) -> dict[str, Part]:
        return {
            value: _part(table.part(where), observable, prices, all_cases) for value, where in rows.items()
        }

    parts = {
        "segment": cut(band_rows(table.marks, tally.layout.bands)),
        "route": cut(route_rows(table.marks)),
    }
    if tally.layout.moved:
        parts["arm"] = cut(arm_rows(table.marks))
    units, funnel, reasons, times = (
        consumed(table),
        _funnel(table, observable),
        _reasons(tally),
        _times(tally),
    )
    calls = tally.calls
    content = repr(
        (ratios, totals, parts, units, calls.calls, calls.slots, staffed, funnel, ends, reasons)
    ).encode()
    digest = sha256(content + b"".join(times) + audit_head).hexdigest()
    return RunOutcome(
        ratios=ratios,
        totals=totals,
        parts=parts,
        consumed=units,
        calls=calls.calls,
        slots=calls.slots,
        staffed=staffed,
        slot_count=tally.layout.slots,
        funnel=funnel,
        resolved_ms=times[0],
        censored_ms=times[1],
        resolved_who=times[2],
        censored_who=times[3],
        bands=tally.layout.bands,
        ends=ends,
        reasons=reasons,
        digest=digest,
        messages=tally.cases.messages_by_channel(),
    )


def int64s(data: bytes) -> array[int]:
    """Read back times written by `RunOutcome`."""
    return array("q", data)


def who(data: bytes) -> Who:
    """Read back whose times they are."""
    code = np.frombuffer(data, dtype=np.uint16).astype(np.int64)
    return Who((code & BAND_MASK) - 1, code >> 3 & 1, code >> 4)


def _part(table: CaseTable, observable: int, prices: Prices, all_cases: int) -> Part:
    sums = CaseSums(table, observable)
    ratios = sums.ratios()
    recorded = ratios["completion_rate"][0]
    ratios["cost_per_resolution"] = (spent_micro(consumed(table), prices, all_cases), recorded)
    return Part(ratios, sums.totals())


def stages_per_day(table: CaseTable) -> dict[str, list[int]]:
    """Return the cases that reached each stage of the funnel, per cohort day; only `count` of the table is asked."""
    days: dict[str, list[int]] = {}
    for stage, (_, mark) in FUNNEL.items():
        lacks = Mark.REOPENED if stage == "closed" else 0
        reached = [table.count(mark | Mark.TRIGGERED, lacks)]
        if stage == "messaged":  # or written to, where no message could reach them
            reached.append(table.count(Mark.LETTER | Mark.TRIGGERED, Mark.SENT))
        if stage == "acted":  # what is recorded was acted on, whatever was taken back in between
            reached.append(table.count(Mark.RECORDED | Mark.TRIGGERED, Mark.ACTED))
        days[stage] = [sum(parts) for parts in zip(*reached, strict=True)]
    return days


def _funnel(table: CaseTable, observable: int) -> dict[str, int | None]:
    return {
        stage: None if stage in _WHERE_OBSERVED and not observable & FUNNEL[stage][1] else sum(days)
        for stage, days in stages_per_day(table).items()
    }


def _reasons(tally: Tally) -> dict[str, dict[str, int]]:
    cases = tally.cases
    found = {
        "excluded": cases.excluded,
        "skipped": cases.skipped,
        "exceptions": cases.exceptions,
        "drops": cases.drops,
        "person_route": cases.routed,
    }
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def _times(tally: Tally) -> tuple[bytes, bytes, bytes, bytes]:
    """Times of recorded cases and, censored, of open ones (acted, but the core does not say so yet); then whose."""
    cases, layout = tally.cases, tally.layout
    marks = np.frombuffer(cases.marks, dtype=np.int64)
    triggered = np.frombuffer(cases.triggered_ms, dtype=np.int64)
    recorded = np.frombuffer(cases.recorded_ms, dtype=np.int64)
    route = ((marks & int(PERSON_ROUTE)) != 0).astype(np.int64)
    week = cohort_days(layout) // DAYS_PER_WEEK + 1
    code = ((marks >> BAND_SHIFT & BAND_MASK) | route << 3 | week << 4).astype(np.uint16)
    done = (marks & int(Mark.RECORDED)) != 0
    still_open = ((marks & int(Mark.ACTED)) != 0) & ~done
    resolved, whose = _in_order((recorded - triggered)[done], code[done])
    censored, whose_open = _in_order(layout.end_ms - triggered[still_open], code[still_open])
    return resolved, censored, whose, whose_open


def _in_order(times: Ints, code: np.ndarray) -> tuple[bytes, bytes]:
    order = np.argsort(times, kind="stable")
    return times[order].astype(np.int64).tobytes(), code[order].astype(np.uint16).tobytes()
