"""Which accounts the rules of a policy cannot tell apart: what they say to one they say to all of its sort."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from sandbox.model import AccountFacts
from sandbox.policy.vocabulary import FLAG_FACTS, NUMBER_FACTS, WORD_FACTS, FactTest

_NUMBERS = tuple(sorted(NUMBER_FACTS))
_REST = tuple(sorted(FLAG_FACTS | WORD_FACTS.keys()))


def _reader(names: tuple[str, ...]) -> Callable[[AccountFacts], tuple[Any, ...]]:
    return itemgetter(*(AccountFacts._fields.index(name) for name in names))


_read_numbers, _read_rest = _reader(_NUMBERS), _reader(_REST)


def likeness(tests: Iterable[Mapping[str, FactTest]]) -> Callable[[AccountFacts], Hashable]:
    """Return what sorts accounts so that every test holds for all of a sort or for none.

    Words and flags tell accounts apart as they are, whole numbers by the bounds they lie between: a policy sees no
    more of a balance.

    Args:
        tests: fact to test, as rules have them; of facts every account has.
    """
    edges: dict[str, set[int]] = {name: set() for name in _NUMBERS}
    for when in tests:
        for fact, test in when.items():
            if fact in edges:
                edges[fact] |= _edges(test)
    bounds = [sorted(edges[name]) for name in _NUMBERS]

    def sort_of(facts: AccountFacts) -> Hashable:
        return *_read_rest(facts), *map(bisect_right, bounds, _read_numbers(facts))

    return sort_of


def _edges(test: FactTest) -> set[int]:
    """The least number of each stretch in which a test holds, and the first one beyond."""
    first = {test.at_least} if test.at_least is not None else set()
    beyond = {test.at_most + 1} if test.at_most is not None else set()
    return first | beyond | {edge for value in test.values for edge in (int(value), int(value) + 1)}
