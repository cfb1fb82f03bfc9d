"""What each design costs in a month, and from which volume on one is cheaper than another.

A design's month costs F + v * messages: what is fixed, and the variable cost measured in this run divided by the
messages planned. Two such lines meet at one volume at most. Straight lines are an extrapolation from the volume that
was run: queues, waits and redials do not grow in proportion, so far from it the thing to do is to run that volume.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

from sandbox.scorecard.consumption import CONSUMED
from sandbox.scorecard.outcome import RunOutcome
from scenarios.result import BreakEven, Costs, DesignCosts
from scenarios.spec import Scenario
from scenarios.wiring.centre import prices_of

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
    "straight lines through the {messages:,} messages a month that were run, at their measured cost structure"
)


def costs_of(scenario: Scenario, outcomes: Mapping[str, Sequence[RunOutcome]]) -> Costs:
    """Return costs per design and the break-even of every other design with the baseline.

    Args:
        scenario: prices, fixed costs and the messages planned.
        outcomes: the runs of each design.
    """
    document = scenario.document
    messages, block = document.campaign.messages, document.costs
    designs = {name: _design(scenario, name, runs) for name, runs in outcomes.items()}
    resolutions = {name: _resolutions(runs) for name, runs in outcomes.items()}
    baseline = document.baseline
    found = [
        _break_even(name, baseline, designs, resolutions, messages)
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


def _break_even(
    design: str,
    baseline: str,
    designs: Mapping[str, DesignCosts],
    resolutions: Mapping[str, float],
    messages: int,
) -> BreakEven:
    ours, theirs = designs[design], designs[baseline]
    volume, note = crossing(
        (design, ours.fixed, ours.per_message), (baseline, theirs.fixed, theirs.per_message)
    )
    if not resolutions[design] or not resolutions[baseline]:
        return BreakEven(design, baseline, volume, note, None, "does not apply: one of them resolves nothing")
    # A resolution costs F / (r V) + v / r at V messages with r resolutions each: equal where
    # F' + v' V is, with F' = F / r and v' = v / r.
    share = {name: resolutions[name] / messages for name in (design, baseline)}
    each, note_each = crossing(
        (design, ours.fixed / share[design], ours.per_message / share[design]),
        (baseline, theirs.fixed / share[baseline], theirs.per_message / share[baseline]),
    )
    return BreakEven(design, baseline, volume, note, each, note_each)


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
