"""How long a sequence of messages may last: its last touch must fall on a working day that is still observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.files.places import Tree

if TYPE_CHECKING:
    from sandbox.journey.schema import DesignDocument


def late_start(waits_days: Sequence[int]) -> str:
    """Say that a sequence begins with a wait, or nothing; `waits_days` has one entry for each planned touch."""
    if not waits_days or not waits_days[0]:
        return ""
    return f"found a first wait_days of {waits_days[0]}; allowed: 0, for the first touch is the trigger"


def too_long(waits_days: Sequence[int], days_left: int) -> str:
    """Say that a sequence outlasts the observation, or nothing.

    Args:
        waits_days: working days since the touch before, for each planned touch.
        days_left: working days observed after the day of the last first touch.
    """
    if sum(waits_days) <= days_left:
        return ""
    observed = f"{days_left} working days are observed after the last first touch, follow-up included"
    return f"found waits that sum to {sum(waits_days)}; allowed: at most {days_left}, for {observed}"


def unfit_sequence(days_left: int, name: str, design: DesignDocument, tree: Tree) -> list[str]:
    """Tell, at its place in the design's file, that the sequence of its message cannot be run.

    Args:
        days_left: as in `too_long`.
        name: the design's name in the scenario.
        design: its document.
        tree: what the document was made from.
    """
    message = design.steps[0]
    if message.kind != "message":
        return []
    fault = too_long([touch.wait_days for touch in message.sequence], days_left)
    place = tree.place("steps.0.sequence")
    return [f"{place}: designs.{name}.{message.id}.sequence: {fault}"] if fault else []
