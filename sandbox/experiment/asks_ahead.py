"""How much a search for a limit still asks for: likely and at most, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.limits import DOWN_MAX, SEARCH_ROUNDS_MAX, UP_MAX, Ask

TRIALS_LIKELY = 3
"""Values a confirmation tries in most searches: one or two that hold and one that does not."""

_OTHER_END = 1
"""Where nothing tells which way conditions break, both ends are confirmed."""


class AsksAhead(NamedTuple):
    """Values a search still asks for, those it waits for included.

    Attributes:
        looks: in the search.
        trials: in the confirmation.
    """

    looks: int
    trials: int


def likely_ahead(now: Sequence[Ask], rounds: int, abreast: int) -> AsksAhead:
    """Say how much probably still comes.

    Args:
        now: what the search waits for, not empty.
        rounds: rounds of the same stage before this one.
        abreast: as the search was begun with.
    """
    if now[0].stage == "confirm":
        return AsksAhead(0, max(len(now), TRIALS_LIKELY - rounds * abreast))
    further = 0 if rounds else 1
    return AsksAhead(len(now) + further * abreast, max(TRIALS_LIKELY, abreast))


def most_ahead(now: Sequence[Ask], rounds: int, abreast: int) -> AsksAhead:
    """Say how much comes at most; arguments as for `likely_ahead`."""
    if now[0].stage == "search":
        turns = SEARCH_ROUNDS_MAX - rounds
        return AsksAhead(len(now) + turns * abreast, max(UP_MAX, abreast + DOWN_MAX))
    if now[0].level > LEVEL:  # the candidate has failed
        return AsksAhead(0, max(len(now), DOWN_MAX - (rounds - 1) * abreast))
    if rounds:  # it was confirmed; the other end may follow
        return AsksAhead(0, max(len(now), UP_MAX + _OTHER_END - rounds * abreast))
    return AsksAhead(0, max(UP_MAX, len(now) + DOWN_MAX))
