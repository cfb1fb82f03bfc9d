"""Searching how far a setting may go before a condition breaks, and proving the answer on luck of its own.

Values lie on a grid known beforehand; the search asks for runs and is told their intervals. It has two stages:

1. *Search*, on a few replications with the same seeds at every value (common random numbers): both ends and a few
   values around a start, or two beside the start where it is known which way helps and strides away from them that
   double; then interpolation and bisection between the last value that looks kept and the first that does not, until
   a straight line between them is as good as the runs are. Nothing is claimed from these runs, so looking often
   costs no confidence.
2. *Confirmation*, on fresh replications with other seeds. Conditional on the search the values tried are fixed in
   advance: an ascending chain from the candidate on, each tested one-sided at 2.5 % (the upper or lower end of a
   two-sided 95 % interval), that stops at the first value it cannot confirm. In such a fixed sequence only the first
   value that is truly broken can be claimed by mistake, so the chain errs in at most 2.5 % of all answers however
   long it is (P. Bauer, "Multiple testing in clinical trials", Statistics in Medicine 10, 1991). If the candidate
   itself fails, values below it are tried in strides of 1, 2, 4 .. at 1.25 %, 0.625 % .., which together add at most
   2.5 % (Bonferroni). Where nothing tells which way conditions break and the chain has reached one end, the other
   end is its last link: "kept at both ends" is said only where both were confirmed. All conditions must be
   confirmed at one value, each at that level: an intersection-union test needs no correction for their number
   (R. L. Berger, Technometrics 24, 1982).

An answer is therefore wrong in the risky direction (a value that truly breaks a condition) in at most 5 % of all
answers: 95 % confidence, one-sided. That it may be too cautious is the price, and more replications lower it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.room import Look, Reading, room_of, roomier
from sandbox.experiment.verdict import Condition, judge

Stage = Literal["search", "confirm"]

Kind = Literal["within", "beyond", "broken", "unconfirmed", "does not apply"]
"""Where the limit lies: on the grid; past its far end (never breaks); before its near end (already broken); looked
kept somewhere and could not be confirmed with these replications; or a condition's metric has no value here."""

ToldBy = Literal["known", "runs", "theory", "nothing"]
"""What says which way conditions break: known beforehand; the intervals at both ends, which lie apart; what theory
expects, where they do not; or nothing, and the direction is a guess that only orders the search."""

CONFIDENCE = 0.95
"""One-sided confidence of an answer, over search and confirmation."""

SEARCH_ROUNDS_MAX = 6
"""Rounds of further values: enough to halve a hundred values to one step, one a round."""

SCANNED = 5
"""Values the first round looks at where the start is all that is known; fewer on a short grid."""

_NEAR = 40
"""A start is looked at from both sides, a fortieth of the grid away: theory mended by a run is off by about that."""

_STRAIGHT = 0.25
"""Share of half a confirmation's interval by which a straight line inside the bracket may be off."""

_STRIDE = 2
"""Strides away from values that are all kept or all broken double, as in unbounded search (Bentley and Yao 1976)."""

UP_MAX = 4
"""Values the ascending chain tries at most: further ones would cost no confidence, but the dearest runs of all."""

DOWN_MAX = 6
"""Values tried below a candidate that failed; the strides then reach 63 steps down."""


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
        told_by: what says so.
        seen: everything that was run, in order.
        bends: pairs of neighbouring places at which a condition moves against the trend by more than its intervals;
            empty for a monotone curve.
    """

    kind: Kind
    place: int | None
    rising: bool
    told_by: ToldBy
    seen: tuple[Seen, ...]
    bends: tuple[tuple[int, int], ...]


Asking = Generator[tuple[Ask, ...], tuple[Seen, ...], LimitFound]
"""Yields what to run side by side, is sent what was seen, returns the answer."""


def find_limit(
    places: int,
    conditions: Sequence[Condition],
    start: int | None = None,
    gain: float = 1.0,
    *,
    rising: bool | None = None,
    expected: bool | None = None,
    abreast: int = 1,
) -> Asking:
    """Search a grid for the furthest place that keeps every condition.

    Args:
        places: values on the grid, at least 2, in order.
        conditions: all of them are kept at the answer.
        start: a place near which the limit is expected, from theory.
        gain: replications of a confirmation over those of the search; how much narrower its intervals will be is
            what makes a value look confirmable.
        rising: whether conditions hold at low places and break at high ones, where that is known beforehand; the
            search then stays near the start. None looks at both ends.
        expected: the same as theory expects it, taken where the runs cannot tell the ends apart.
        abreast: values asked for side by side after the first round, at least 1. More of them take fewer rounds and
            some runs that turn out not to have been needed; the confidence is the same.

    Raises:
        RuleBroken: fewer than two places, no condition, or nothing to be asked for in a round.
    """
    if places < 2 or not conditions or abreast < 1:
        found = f"{places}, {len(conditions)} and {abreast}"
        raise RuleBroken(f"a search needs two places, a condition and one value a round, found {found}")
    search = _Search(places, tuple(conditions), gain, abreast)
    first = _scan(places, start) if rising is None or start is None else search.beside(start)
    search.take((yield tuple(Ask(place, "search", LEVEL) for place in first)))
    if search.inapplicable:
        return search.answer("does not apply", None)
    search.orient(None if start is None else rising, rising if expected is None else expected)
    for turn in range(SEARCH_ROUNDS_MAX):
        further = search.further(halve=turn % 2 == 1)
        if not further:
            break
        search.take((yield tuple(Ask(place, "search", LEVEL) for place in further)))
    return (yield from search.confirm())


def _scan(places: int, start: int | None) -> list[int]:
    """Both ends, and three values around the start (or evenly spread)."""
    last = places - 1
    middle = last // 2 if start is None else min(max(start, 0), last)
    spread = max(1, places // 6)
    return sorted({0, last, middle, max(0, middle - spread), min(last, middle + spread)})


def _strides_down(candidate: int) -> list[tuple[int, float]]:
    """Ranks below a candidate that failed, in strides of 1, 2, 4 .., and the level each is tested at."""
    trials: list[tuple[int, float]] = []
    tail, rank, stride = (1.0 - LEVEL) / 4.0, candidate, 1
    while rank > 0 and len(trials) < DOWN_MAX:
        rank = max(0, rank - stride)
        trials.append((rank, 1.0 - 2.0 * tail))
        tail, stride = tail / 2.0, stride * 2
    return trials


class _Search:
    """What is known so far; `rank` counts from the end at which conditions hold."""

    def __init__(self, places: int, conditions: tuple[Condition, ...], gain: float, abreast: int) -> None:
        self._places = places
        self._conditions = conditions
        self._shrink = gain**-0.5
        self._abreast = abreast
        self._seen: list[Seen] = []
        self._looks: dict[int, Look] = {}  # of the search runs, by rank
        self._rising = True
        self._told_by: ToldBy = "nothing"

    def take(self, seen: tuple[Seen, ...]) -> None:
        self._seen += seen
        for one in seen:
            if one.ask.stage == "search":
                self._looks[self._rank(one.ask.place)] = self._look(one)

    @property
    def inapplicable(self) -> bool:
        """Whether some condition's metric has no value anywhere."""
        columns = zip(*(one.readings for one in self._seen), strict=True)
        return any(all(reading.value is None for reading in column) for column in columns)

    def beside(self, start: int) -> list[int]:
        """Two places, one on either side of the start."""
        near, last = max(1, self._places // _NEAR), self._places - 1
        middle = min(max(start, 0), last)
        return sorted({max(0, middle - near), min(last, middle + near)})

    def orient(self, known: bool | None, expected: bool | None) -> None:
        """Look from the end at which conditions hold: the known one, the one seen to have more room, the expected."""
        last = self._places - 1
        if known is not None:
            self._told_by, self._rising = "known", known
        elif (seen := self._apart()) is not None:
            self._told_by, self._rising = "runs", seen
        elif expected is not None:
            self._told_by, self._rising = "theory", expected
        else:
            self._told_by, self._rising = "nothing", self._looks[0].room >= self._looks[last].room
        if not self._rising:
            self._looks = {last - place: look for place, look in self._looks.items()}

    def _apart(self) -> bool | None:
        """Whether the first place clearly has more room than the last one; None where no interval can tell.

        Where conditions go opposite ways the tightest one decides, as it does for every value in between.
        """
        near, far = (next(one for one in self._seen if one.ask.place == end) for end in (0, self._places - 1))
        valued = [all(reading.value is not None for reading in end.readings) for end in (near, far)]
        if valued[0] != valued[1]:  # a value without an estimate keeps nothing
            return valued[0]
        pairs = zip(self._conditions, near.readings, far.readings, strict=True)
        ways = {way for one, *ends in pairs if (way := roomier(one, *ends)) is not None}
        if len(ways) > 1:
            return self._looks[0].room >= self._looks[self._places - 1].room
        return next(iter(ways), None)

    def _rank(self, place: int) -> int:
        return place if self._rising else self._places - 1 - place

    def _look(self, one: Seen) -> Look:
        """What the tightest condition has left, as a share of its threshold."""
        pairs = zip(self._conditions, one.readings, strict=True)
        return min(room_of(condition, reading, self._shrink) for condition, reading in pairs)

    def _bracket(self) -> tuple[int, int]:
        """The last rank before which everything looks kept (-1 if none), and the first that does not."""
        kept = -1
        for rank in sorted(self._looks):
            if self._looks[rank].room < 0:
                return kept, rank
            kept = rank
        return kept, self._places

    def further(self, *, halve: bool) -> list[int]:
        """The next places to look at; none when the bracket is as narrow as it need be."""
        low, high = self._bracket()
        if low < 0:
            ranks = self._away(min(self._looks), -1)
        elif high >= self._places:
            ranks = self._away(max(self._looks), 1)
        elif high - low <= 1 or self._settled(low, high):
            ranks = []
        else:
            ranks = self._between(low, high, halve=halve)
        return sorted(self._rank(rank) for rank in ranks)

    def _away(self, edge: int, step: int) -> list[int]:
        """Further out than everything looked at so far, in strides that double."""
        last = self._places - 1
        stride = max(1, max(self._looks) - min(self._looks))
        ranks, rank = set(), edge
        for _ in range(self._abreast):
            rank = min(max(rank + step * stride, 0), last)
            stride *= _STRIDE
            ranks.add(rank)
        return sorted(ranks - self._looks.keys())

    def _between(self, low: int, high: int, *, halve: bool) -> list[int]:
        """Inside the bracket: where the curve should cross the line, or halfway; abreast on both sides of it."""
        middle = (low + high) // 2 if halve else round(self._crossing(low, high))
        if self._abreast > 1:
            beside = max(1, (high - low) // 6)
            return sorted({min(max(rank, low + 1), high - 1) for rank in (middle - beside, middle + beside)})
        return [min(max(middle, low + 1), high - 1)]

    def _crossing(self, low: int, high: int) -> float:
        """The rank at which no room would be left, on a straight line between two looks."""
        room, lack = self._looks[low].room, -self._looks[high].room
        return low + (high - low) * room / (room + lack)

    def _settled(self, low: int, high: int) -> bool:
        """Whether a straight line between two looks says where it crosses as well as a confirmation could tell.

        What is kept here grows about like an exponential, from which a straight line is off by at most an eighth of
        the square of what the two differ by.
        """
        near, far = self._looks[low], self._looks[high]
        return (near.room - far.room) ** 2 / 8.0 <= _STRAIGHT * min(near.half, far.half)

    def _candidate(self) -> int:
        """The last rank that should be confirmed."""
        low, high = self._bracket()
        if low < 0 or high >= self._places:
            return max(0, low)
        return min(int(self._crossing(low, high)), high - 1)

    def confirm(self) -> Asking:
        candidate = self._candidate()
        up = [(rank, LEVEL) for rank in range(candidate, min(candidate + UP_MAX, self._places))]
        held = yield from self._in_turn(up, until=False)
        if held:
            confirmed = candidate + held - 1
            if confirmed < self._places - 1:
                return self.answer("within", confirmed)
            if self._told_by == "nothing" and not self._tried(0):
                yield from self._in_turn([(0, LEVEL)], until=False)
            return self.answer("beyond", confirmed)
        down = _strides_down(candidate)
        failed = yield from self._in_turn(down, until=True)
        if failed < len(down):
            return self.answer("within", down[failed][0])
        likely = any(look.room + look.half >= 0 for look in self._looks.values())  # the value itself is kept
        return self.answer("unconfirmed" if likely else "broken", None)

    def _in_turn(
        self, trials: list[tuple[int, float]], *, until: bool
    ) -> Generator[tuple[Ask, ...], tuple[Seen, ...], int]:
        """Ask for fresh replications at one rank after the other and return how many came before the first of a kind.

        Args:
            trials: ranks, and the level each is tested at.
            until: whether it ends at the first that is confirmed, or at the first that is not.
        """
        before = 0
        for at in range(0, len(trials), self._abreast):
            group = trials[at : at + self._abreast]
            seen = yield tuple(Ask(self._rank(rank), "confirm", level) for rank, level in group)
            self.take(seen)
            for one in seen:
                if self._holds(one) == until:
                    return before
                before += 1
        return before

    def _tried(self, rank: int) -> bool:
        """Whether a confirmation was run at a rank."""
        return any(one.ask == Ask(self._rank(rank), "confirm", LEVEL) for one in self._seen)

    def _holds(self, one: Seen) -> bool:
        """Whether every condition is confirmed."""
        pairs = zip(self._conditions, one.readings, strict=True)
        return all(judge(reading, one.comparator, one.threshold) == "pass" for one, reading in pairs)

    def answer(self, kind: Kind, rank: int | None) -> LimitFound:
        place = None if rank is None else self._rank(rank)
        return LimitFound(kind, place, self._rising, self._told_by, tuple(self._seen), self._bends())

    def _bends(self) -> tuple[tuple[int, int], ...]:
        runs = sorted((one for one in self._seen if one.ask.stage == "search"), key=lambda one: one.ask.place)
        return tuple(
            (left.ask.place, right.ask.place)
            for left, right in pairwise(runs)
            if (not self._rising)
            in {
                roomier(condition, *readings)
                for condition, *readings in zip(self._conditions, left.readings, right.readings, strict=True)
            }
        )
