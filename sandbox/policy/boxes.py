"""Regions of the fact space as boxes, exactly: every fact is cut into cells that no test can tell apart.

A box is a bit mask of cells for each fact it narrows; a fact it does not name is free. A region is a list of boxes
without common accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.policy.vocabulary import (
    FLAG_FACTS,
    NUMBER_FACTS,
    SIZED,
    WORD_FACTS,
    FactRule,
    FactTest,
    FactValue,
)

Box = Mapping[str, int]
"""Fact to the cells it may lie in, as bits."""

Region = Sequence[Box]

PIECES_MAX = 5_000
"""Most boxes a region may fall into: some hundred times a written policy's, and seconds of work at the most."""


class TooManyPiecesError(Exception):
    """A region falls into more boxes than the analysis takes on; nothing is known of it then."""


class Cells:
    """The cells of every fact that a document's tests mention."""

    def __init__(self, tests: Iterable[tuple[str, FactTest]], declared: Mapping[str, FactRule]) -> None:
        """Cut every fact at the bounds of its tests.

        Args:
            tests: every (fact, test) of a document, each fitting its fact.
            declared: the workflow's own facts.
        """
        self._declared = declared
        by_fact: dict[str, list[FactTest]] = {}
        for fact, test in tests:
            by_fact.setdefault(fact, []).append(test)
        self._samples = {fact: self._cut(fact, found) for fact, found in by_fact.items()}
        self._full = {fact: (1 << len(samples)) - 1 for fact, samples in self._samples.items()}

    def box(self, when: Mapping[str, FactTest]) -> Box:
        """Return the accounts for which all tests hold, as one box; a mask of 0 holds for nobody."""
        return {fact: self._mask(fact, test) for fact, test in when.items()}

    def known(self) -> Box:
        """Return the accounts of which the core knows every fact that has no default, as one box."""
        narrowed = {}
        for fact, samples in self._samples.items():
            if None in samples:
                narrowed[fact] = self._full[fact] & ~(1 << samples.index(None))
        return narrowed

    def without(self, region: Region, taken: Box) -> list[Box]:
        """Return the region less a box.

        Raises:
            TooManyPiecesError: it falls into more than `PIECES_MAX` boxes.
        """
        rest: list[Box] = []
        for box in region:
            rest += self._less(box, taken)
            if len(rest) > PIECES_MAX:
                raise TooManyPiecesError
        return rest

    def within(self, region: Region, box: Box) -> list[Box]:
        """Return the part of a region inside a box."""
        parts = (self._both(one, box) for one in region)
        return [part for part in parts if part is not None]

    def _both(self, one: Box, other: Box) -> Box | None:
        both = dict(one)
        for fact, mask in other.items():
            both[fact] = both.get(fact, self._full[fact]) & mask
            if not both[fact]:
                return None
        return both

    def _less(self, box: Box, taken: Box) -> list[Box]:
        if self._both(box, taken) is None:
            return [box]
        pieces: list[Box] = []
        rest = dict(box)
        for fact, mask in taken.items():
            held = rest.get(fact, self._full[fact])
            if outside := held & ~mask:
                pieces.append({**rest, fact: outside})
            rest[fact] = held & mask
        return pieces

    def _mask(self, fact: str, test: FactTest) -> int:
        samples = self._samples[fact]
        return sum(
            1 << at for at, sample in enumerate(samples) if sample is not None and _holds(test, sample)
        )

    def _cut(self, fact: str, tests: Sequence[FactTest]) -> list[FactValue | None]:
        """One value of every cell; None stands for a value the core may lack."""
        rule = self._declared.get(fact)
        lacking: list[FactValue | None] = [None] if rule is not None and rule.default is None else []
        if fact in NUMBER_FACTS or (rule is not None and rule.kind in SIZED):
            return [*_numbers(tests, rule), *lacking]
        if fact in FLAG_FACTS or (rule is not None and rule.kind == "flag"):
            return [True, False, *lacking]
        words = sorted((rule.one_of or ()) if rule is not None else WORD_FACTS[fact])
        return [*words, *lacking]


def _numbers(tests: Sequence[FactTest], rule: FactRule | None) -> list[int]:
    starts: set[int] = set()
    for test in tests:
        if test.at_least is not None:
            starts.add(test.at_least)
        if test.at_most is not None:
            starts.add(test.at_most + 1)
        starts |= {int(value) + step for value in test.values for step in (0, 1)}
    # A core may hold a credit as a negative sum: below the lowest bound lies a cell of its own.
    starts.add(min(starts) - 1)
    if rule is None:
        return sorted(starts)
    starts.add(rule.at_least)
    return sorted(start for start in starts if rule.allows(start))


def _holds(test: FactTest, value: FactValue) -> bool:
    if not test.ranged:
        return value in test.values
    size = int(value)
    return (test.at_least is None or size >= test.at_least) and (test.at_most is None or size <= test.at_most)
