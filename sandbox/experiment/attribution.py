"""How much of a gap in a product of rates each rate explains.

A funnel's end is the product of its stages' rates. Replacing one predicted rate by the actual one gives what that
stage alone does; these do not add up to the gap, because stages multiply, and the rest is told. Shapley's value
(L. S. Shapley, "A value for n-person games", 1953) shares the gap so that it does add up: the mean of what replacing
a stage does over all orders of replacement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

from sandbox.errors import BadInput

STAGES_MAX = 12
"""More would need 2**13 products; a funnel has seven."""


class Attribution(NamedTuple):
    """What explains a gap.

    Attributes:
        predicted, actual: the two products.
        alone: per stage, the product with that rate alone replaced, minus the predicted product.
        remainder: the gap less the sum of `alone`.
        shares: per stage, its Shapley share; they sum to the gap.
    """

    predicted: float
    actual: float
    alone: tuple[float, ...]
    remainder: float
    shares: tuple[float, ...]

    @property
    def gap(self) -> float:
        """Actual minus predicted."""
        return self.actual - self.predicted


def attribute(predicted: Sequence[float], actual: Sequence[float]) -> Attribution:
    """Share the gap between two products of rates among their stages.

    Args:
        predicted: a rate per stage.
        actual: the same stages.

    Raises:
        BadInput: lengths differ, or there are more than STAGES_MAX stages.
    """
    if len(predicted) != len(actual) or len(predicted) > STAGES_MAX:
        found = f"{len(predicted)} and {len(actual)}"
        raise BadInput([f"stages: found {found}; allowed is the same number, at most {STAGES_MAX}"])
    places = range(len(predicted))

    @cache
    def value(replaced: frozenset[int]) -> float:
        return math.prod(actual[place] if place in replaced else predicted[place] for place in places)

    before, after = value(frozenset()), value(frozenset(places))
    alone = tuple(value(frozenset([place])) - before for place in places)
    shares = tuple(_share(place, len(predicted), value) for place in places)
    return Attribution(before, after, alone, after - before - math.fsum(alone), shares)


def _share(place: int, count: int, value: Callable[[frozenset[int]], float]) -> float:
    others = [other for other in range(count) if other != place]
    found = []
    for size in range(count):
        weight = 1.0 / (count * math.comb(count - 1, size))
        for chosen in combinations(others, size):
            before = frozenset(chosen)
            found.append(weight * (value(before | {place}) - value(before)))
    return math.fsum(found)
