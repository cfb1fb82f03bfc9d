"""Searching how far a setting may go before a condition breaks, and proving the answer on luck of its own.

Values lie on a grid known beforehand; the search asks for runs and is told their intervals. It has two stages:

1. *Search*, on a few replications with the same seeds at every value (common random numbers): both ends and a few
   values around a start, then interpolation and bisection between the last value that looks kept and the first that
   does not. Nothing is claimed from these runs, so looking often costs no confidence.
2. *Confirmation*, on fresh replications with other seeds. Conditional on the search the values tried are fixed in
   advance: an ascending chain from the candidate on, each tested one-sided at 2.5 % (the upper or lower end of a
   two-sided 95 % interval), that stops at the first value it cannot confirm. In such a fixed sequence only the first
   value that is truly broken can be claimed by mistake, so the chain errs in at most 2.5 % of all answers however
   long it is (P. Bauer, "Multiple testing in clinical trials", Statistics in Medicine 10, 1991). If the candidate
   itself fails, values below it are tried in strides of 1, 2, 4 .. at 1.25 %, 0.625 % .., which together add at most
   2.5 % (Bonferroni). All conditions must be confirmed at one value, each at that level: an intersection-union test
   needs no correction for their number (R. L. Berger, Technometrics 24, 1982).

An answer is therefore wrong in the risky direction (a value that truly breaks a condition) in at most 5 % of all
answers: 95 % confidence, one-sided. That it may be too cautious is the price, and more replications lower it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol

from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.verdict import Condition, judge

Stage = Literal["search", "confirm"]

Kind = Literal["within", "beyond", "broken", "unconfirmed", "does not apply"]
"""Where the limit lies: on the grid; past its far end (never breaks); before its near end (already broken); looked
kept somewhere and could not be confirmed with these replications; or a condition's metric has no value here."""

CONFIDENCE = 0.95
"""One-sided confidence of an answer, over search and confirmation."""

SEARCH_ROUNDS_MAX = 6
"""Rounds of one further value each: enough to halve a hundred values to one step."""

UP_MAX = 4
"""Values the ascending chain tries at most: further ones would cost no confidence, but the dearest runs of all."""

DOWN_MAX = 6
"""Values tried below a candidate that failed; the strides then reach 63 steps down."""


class Reading(Protocol):
    """An estimate with its interval; None where there is none."""

    @property
    def value(self) -> float | None:
        """The estimate."""
        ...

    @property
    def low(self) -> float | None:
        """Lower end."""
        ...

    @property
    def high(self) -> float | None:
        """Upper end."""
        ...


class Ask(NamedTuple):
    """One value to be run.

    Attributes:
        place: its place on the grid, from 0.
        stage: search replications, or fresh ones.
        level: two-sided level of the intervals wanted.
    """

    place: int
    stage: Stage
    level: float


class Seen(NamedTuple):
    """What came of one ask: a reading for each condition."""

    ask: Ask
    readings: tuple[Reading, ...]


class LimitFound(NamedTuple):
    """The answer.

    Attributes:
        kind: where the limit lies.
        place: the furthest confirmed place, None unless `within` or `beyond`.
        rising: True where conditions hold at low places and break at high ones; then the answer is the largest
            value, else the smallest.
        seen: everything that was run, in order.
        bends: pairs of neighbouring places at which a condition moves against the trend by more than its intervals;
            empty for a monotone curve.
    """

    kind: Kind
    place: int | None
    rising: bool
    seen: tuple[Seen, ...]
    bends: tuple[tuple[int, int], ...]


Asking = Generator[tuple[Ask, ...], tuple[Seen, ...], LimitFound]
"""Yields what to run side by side, is sent what was seen, returns the answer."""


def find_limit(
    places: int, conditions: Sequence[Condition], start: int | None = None, gain: float = 1.0
) -> Asking:
    """Search a grid for the furthest place that keeps every condition.

    Args:
        places: values on the grid, at least 2, in order.
        conditions: all of them are kept at the answer.
        start: a place near which the limit is expected, from theory.
        gain: replications of a confirmation over those of the search; how much narrower its intervals will be is
            what makes a value look confirmable.

    Raises:
        RuleBroken: fewer than two places, or no condition.
    """
    if places < 2 or not conditions:
        raise RuleBroken(f"a search needs two places and a condition, found {places} and {len(conditions)}")
    search = _Search(places, tuple(conditions), gain)
    search.take((yield tuple(Ask(place, "search", LEVEL) for place in _scan(places, start))))
    if search.inapplicable:
        return search.answer("does not apply", None)
    search.orient()
    for turn in range(SEARCH_ROUNDS_MAX):
        place = search.next_place(halve=turn % 2 == 1)
        if place is None:
            break
        search.take((yield (Ask(place, "search", LEVEL),)))
    return (yield from search.confirm())


def _scan(places: int, start: int | None) -> list[int]:
    """Both ends, and three values around the start (or evenly spread)."""
    last = places - 1
    middle = last // 2 if start is None else min(max(start, 0), last)
    spread = max(1, places // 6)
    return sorted({0, last, middle, max(0, middle - spread), min(last, middle + spread)})


class _Search:
    """What is known so far; `rank` counts from the end at which conditions hold."""

    def __init__(self, places: int, conditions: tuple[Condition, ...], gain: float) -> None:
        self._places = places
        self._conditions = conditions
        self._shrink = gain**-0.5
        self._seen: list[Seen] = []
        self._margins: dict[int, float] = {}  # of the search runs, by rank
        self._rising = True

    def take(self, seen: tuple[Seen, ...]) -> None:
        self._seen += seen
        for one in seen:
            if one.ask.stage == "search":
                self._margins[self._rank(one.ask.place)] = self._margin(one)

    @property
    def inapplicable(self) -> bool:
        """Whether some condition's metric has no value anywhere."""
        columns = zip(*(one.readings for one in self._seen), strict=True)
        return any(all(reading.value is None for reading in column) for column in columns)

    def orient(self) -> None:
        """Look from the end that has more room."""
        self._rising = self._margins[0] >= self._margins[self._places - 1]
        if not self._rising:
            self._margins = {self._places - 1 - place: margin for place, margin in self._margins.items()}

    def _rank(self, place: int) -> int:
        return place if self._rising else self._places - 1 - place

    def _margin(self, one: Seen) -> float:
        """Room left in the tightest condition, the confirmation's interval allowed for; below 0 it would fail."""
        pairs = zip(self._conditions, one.readings, strict=True)
        return min(self._room(condition, reading) for condition, reading in pairs)

    def _room(self, condition: Condition, reading: Reading) -> float:
        value = reading.value
        if value is None:
            return -1.0
        below = condition.comparator in ("<", "<=")
        end = reading.high if below else reading.low
        half = 0.0 if end is None else abs(end - value) * self._shrink
        room = (condition.threshold - value if below else value - condition.threshold) - half
        return room / max(abs(condition.threshold), 1e-9)

    def _bracket(self) -> tuple[int, int]:
        """The last rank before which everything looks kept (-1 if none), and the first that does not."""
        kept = -1
        for rank in sorted(self._margins):
            if self._margins[rank] < 0:
                return kept, rank
            kept = rank
        return kept, self._places

    def next_place(self, *, halve: bool) -> int | None:
        """The next value to look at, None when the bracket is closed."""
        low, high = self._bracket()
        if low < 0 or high >= self._places or high - low <= 1:
            return None
        rank = (low + high) // 2
        if not halve:
            room, lack = self._margins[low], -self._margins[high]
            rank = low + round((high - low) * room / (room + lack))
        return self._rank(min(max(rank, low + 1), high - 1))

    def confirm(self) -> Asking:
        candidate = max(0, self._bracket()[0])
        rank, confirmed = candidate, -1
        for _ in range(UP_MAX):
            if not (yield from self._holds(rank, LEVEL)):
                break
            confirmed = rank
            rank += 1
            if rank >= self._places:
                break
        if confirmed >= 0:
            return self.answer("beyond" if confirmed == self._places - 1 else "within", confirmed)
        tail, rank, stride = (1.0 - LEVEL) / 4.0, candidate, 1
        for _ in range(DOWN_MAX):
            if rank == 0:
                break
            rank = max(0, rank - stride)
            if (yield from self._holds(rank, 1.0 - 2.0 * tail)):
                return self.answer("within", rank)
            tail, stride = tail / 2.0, stride * 2
        likely = any(margin >= 0 for margin in self._margins.values())
        return self.answer("unconfirmed" if likely else "broken", None)

    def _holds(self, rank: int, level: float) -> Generator[tuple[Ask, ...], tuple[Seen, ...], bool]:
        """Ask for fresh replications at a rank and say whether every condition is confirmed."""
        seen = yield (Ask(self._rank(rank), "confirm", level),)
        self.take(seen)
        pairs = zip(self._conditions, seen[0].readings, strict=True)
        return all(judge(reading, one.comparator, one.threshold) == "pass" for one, reading in pairs)

    def answer(self, kind: Kind, rank: int | None) -> LimitFound:
        place = None if rank is None else self._rank(rank)
        return LimitFound(kind, place, self._rising, tuple(self._seen), self._bends())

    def _bends(self) -> tuple[tuple[int, int], ...]:
        runs = sorted((one for one in self._seen if one.ask.stage == "search"), key=lambda one: one.ask.place)
        return tuple(
            (left.ask.place, right.ask.place)
            for left, right in pairwise(runs)
            if any(
                self._turns(condition, *readings)
                for condition, *readings in zip(self._conditions, left.readings, right.readings, strict=True)
            )
        )

    def _turns(self, condition: Condition, left: Reading, right: Reading) -> bool:
        """Whether a condition clearly has more room at the neighbour that should have less."""
        nearer, further = (left, right) if self._rising else (right, left)
        if condition.comparator in ("<", "<="):
            return nearer.low is not None and further.high is not None and further.high < nearer.low
        return nearer.high is not None and further.low is not None and further.low > nearer.high
