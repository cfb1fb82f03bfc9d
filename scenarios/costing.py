"""What each design costs in a month, and from which volume on one is cheaper than another.

A design's month costs F + v * messages: what is fixed, and the variable cost measured in this run divided by the
messages planned. Two such lines meet at one volume at most. Straight lines are an extrapolation from the volume that
was run: queues, waits and redials do not grow in proportion, so far from it the thing to do is to run that volume.
The interval of where they meet is what the days of the runs leave open along these lines (`experiment/break_even`);
that the lines may bend is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from sandbox.experiment.break_even import Sum, volumes_left_open
from sandbox.scorecard.consumption import CONSUMED
from sandbox.scorecard.outcome import RunOutcome
from scenarios.result import BreakEven, Costs, DesignCosts
from scenarios.wiring.centre import prices_of
from scenarios.world.spec import Scenario

_PARTS = {
    "messages": "text messages",
    "whatsapp": "WhatsApp messages",
    "email": "emails",
    "letters": "letters",
    "service_messages": "codes and confirmations",
    "sessions": "sessions",
    "agent_ms": "agents",
    "back_office_items": "back office",
    "core_calls": "core calls",
    "cases": "cases",
}
"""What each of CONSUMED is called in the result."""

_BASIS = (
    "straight lines through the {messages:,} messages a month that were run, at their measured cost structure; "
    "intervals are of the days that were run, not of how straight the lines are"
)


FAR = 2.0
"""More than twice, or less than half, of what was run is far outside it: a line drawn so far says little."""


def costs_of(scenario: Scenario, outcomes: Mapping[str, Sequence[RunOutcome]]) -> Costs:
    """Return costs per design and the break-even of every other design with the baseline.

    Args:
        scenario: prices, fixed costs and the messages planned.
        outcomes: the runs of each design.
    """
    document = scenario.document
    messages, block = document.campaign.messages, document.costs
    designs = {name: _design(scenario, name, runs) for name, runs in outcomes.items()}
    lines = {name: _line(scenario, name, runs) for name, runs in outcomes.items()}
    baseline = document.baseline
    found = [
        _break_even(lines[name], lines[baseline], messages)
        for name in designs
        if name != baseline and baseline in designs
    ]
    prices = {
        "agent_minute": block.agent_hour / 60,
        "message": block.message,
        "whatsapp": block.whatsapp,
        "email": block.email,
        "letter": block.letter,
        "code": block.code,
        "session": block.session,
        "back_office_item": block.back_office_item,
        "case": block.case,
        "core_call": block.core_call,
    }
    return Costs(block.currency, messages, prices, designs, found, _BASIS.format(messages=messages))


def _design(scenario: Scenario, name: str, runs: Sequence[RunOutcome]) -> DesignCosts:
    prices = prices_of(scenario.document, name)
    each = prices.each()
    parts = {
        _PARTS[unit]: sum(sum(run.consumed[unit]) for run in runs) * each[unit] / len(runs)
        for unit in CONSUMED
    }
    variable, resolved = fsum(parts.values()), _resolutions(runs)
    return DesignCosts(
        fixed=prices.fixed,
        variable=variable,
        per_message=variable / scenario.document.campaign.messages,
        per_resolution=(prices.fixed + variable) / resolved if resolved else None,
        parts=parts,
    )


def _resolutions(runs: Sequence[RunOutcome]) -> float:
    """Recorded cases, mean of a replication."""
    return sum(sum(run.ratios["completion_rate"][0]) for run in runs) / len(runs)


@dataclass(frozen=True, slots=True)
class _Line:
    """A design's line of cost: what is fixed, and per planned message the variable cost and the recorded cases."""

    name: str
    fixed: float
    slope: Sum
    resolved: Sum


def _line(scenario: Scenario, name: str, runs: Sequence[RunOutcome]) -> _Line:
    prices = prices_of(scenario.document, name)
    each = prices.each()
    spent = [
        fsum(run.consumed[unit][day] * each[unit] for unit in CONSUMED)
        for run in runs
        for day in range(len(run.consumed["cases"]))
    ]
    resolved = [cases for run in runs for cases in run.ratios["completion_rate"][0]]
    per_message = 1.0 / (len(runs) * scenario.document.campaign.messages)
    return _Line(name, prices.fixed, Sum.of(spent).times(per_message), Sum.of(resolved).times(per_message))


def _break_even(ours: _Line, theirs: _Line, messages: int) -> BreakEven:
    known = (0.0,) * len(ours.slope.errors)
    total = _meeting(
        (ours.name, theirs.name),
        Sum(ours.fixed - theirs.fixed, known),
        theirs.slope.less(ours.slope),
        messages,
    )
    if not ours.resolved.value or not theirs.resolved.value:
        each = _Meeting(None, "does not apply: one of them resolves nothing", None, None, far=False)
    else:
        # A resolution costs (F + v V) / (r V) at V messages with r resolutions each: equal where
        # (F + v V) r' is (F' + v' V) r.
        gap = theirs.resolved.times(ours.fixed).less(ours.resolved.times(theirs.fixed))
        gain = theirs.slope.by(ours.resolved).less(ours.slope.by(theirs.resolved))
        each = _meeting((ours.name, theirs.name), gap, gain, messages)
    return BreakEven(
        ours.name,
        theirs.name,
        total.volume,
        total.note,
        each.volume,
        each.note,
        total.low,
        total.high,
        total.far,
        each.low,
        each.high,
        each.far,
    )


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where two lines meet: the volume or None, the words, the volumes left open, and whether it lies far outside."""

    volume: float | None
    note: str
    low: float | None
    high: float | None
    far: bool


def _meeting(names: tuple[str, str], gap: Sum, gain: Sum, messages: int) -> _Meeting:
    volume, note = crossing((names[0], gap.value, 0.0), (names[1], 0.0, gain.value))
    low, high = volumes_left_open(gap, gain)
    far = volume is not None and not messages / FAR <= volume <= messages * FAR
    return _Meeting(volume, note, low, high, far)


def crossing(ours: tuple[str, float, float], theirs: tuple[str, float, float]) -> tuple[float | None, str]:
    """Where two straight lines of cost meet.

    Args:
        ours: a design's name, fixed cost and variable cost per message.
        theirs: the same of the other.

    Returns:
        The volume above nought at which both cost the same, and who is cheaper where; None and why there is none.
    """
    (name, fixed, slope), (other, other_fixed, other_slope) = ours, theirs
    gap, gain = fixed - other_fixed, other_slope - slope
    if gap == 0 and gain == 0:
        return None, "they cost the same at every volume"
    if gap * gain > 0:
        return (
            gap / gain,
            f"{name if gain > 0 else other} is cheaper above it, {other if gain > 0 else name} below",
        )
    cheaper = name if gap < 0 or gain > 0 else other
    same_start = "; they start level" if gap == 0 else ""
    return None, f"none: {cheaper} is cheaper at every volume{same_start}"
