"""One assumption at a time: what each end of its range does to a figure, and which assumptions matter most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from sandbox.experiment.intervals import Estimate

_Item = TypeVar("_Item")


class Ends(NamedTuple):
    """What both ends of a range do to a figure, against the value as it is; None where an end cannot be run."""

    low: Estimate | None
    high: Estimate | None


def swing(ends: Ends) -> float:
    """Return how far a figure moves while an assumption goes from one end of its range to the other.

    The value as it is lies in between: the swing is the spread of both ends and nought, so that an assumption that
    lowers the figure at both ends swings by the lower of the two, not by their difference.
    """
    moved = [end.value for end in ends if end is not None and end.value is not None]
    return max([0.0, *moved]) - min([0.0, *moved])


def moves(ends: Ends) -> bool:
    """Say whether either end moves the figure for certain: its interval does not hold nought.

    An end without an interval moves it if it moves it at all: with the same luck on both sides, it is a difference.
    """
    return any(_moves(end) for end in ends)


def shortlist(
    items: Sequence[_Item], most: int, decisive: Callable[[_Item], bool], size: Callable[[_Item], float]
) -> tuple[_Item, ...]:
    """Choose the items worth a closer look: those that could change the decision first, then the largest.

    Args:
        items: whatever was screened.
        most: items chosen at most.
        decisive: whether an item could change the decision.
        size: its swing; what does not move the figure at all is chosen only if decisive.

    Returns:
        The chosen, in the order they came in.
    """
    order = sorted(range(len(items)), key=lambda at: (not decisive(items[at]), -size(items[at]), at))
    worth = [at for at in order if decisive(items[at]) or size(items[at]) > 0]
    return tuple(items[at] for at in sorted(worth[:most]))


def _moves(end: Estimate | None) -> bool:
    if end is None or end.value is None:
        return False
    if end.low is None or end.high is None:
        return end.value != 0.0
    return not end.low <= 0.0 <= end.high
