"""The search for a limit against curves whose answer is known: how often it errs, and what it says at the edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from sandbox.errors import RuleBroken
from sandbox.experiment.asks_ahead import likely_ahead, most_ahead
from sandbox.experiment.intervals import mean_interval
from sandbox.experiment.limits import Ask, Asking, LimitFound, Seen, find_limit
from sandbox.experiment.verdict import Condition, parse_that

PLACES = 80
SEARCH_DAYS, CONFIRM_DAYS = 22, 66
KEEP = (parse_that("m < 0.1"),)

Curve = Callable[[int], tuple[float, ...]]


class Reading(NamedTuple):
    """A made-up estimate."""

    value: float | None
    low: float | None
    high: float | None


class Answered(NamedTuple):
    """An answer, the asks that led to it, and how many of them came side by side."""

    found: LimitFound
    asks: list[Ask]
    rounds: list[tuple[Ask, ...]]


def answer(
    curve: Curve,
    seed: int,
    *,
    noise: float = 0.04,
    keep: tuple[Condition, ...] = KEEP,
    start: int | None = None,
    own: float = 0.3,
    rising: bool | None = None,
    expected: bool | None = None,
    abreast: int = 1,
) -> Answered:
    """Run a search on a curve plus noise: days share their luck between places, as common random numbers do."""
    rng = np.random.default_rng(seed)
    shared = {"search": rng.normal(size=SEARCH_DAYS), "confirm": rng.normal(size=CONFIRM_DAYS)}

    def see(ask: Ask) -> Seen:
        alone = np.random.default_rng([seed, ask.place, ask.stage == "confirm"])
        readings = []
        for true in curve(ask.place):
            luck = shared[ask.stage]
            days = math.sqrt(1 - own) * luck + math.sqrt(own) * alone.normal(size=len(luck))
            estimate = mean_interval((true + noise * days).tolist(), ask.level)
            readings.append(Reading(estimate.value, estimate.low, estimate.high))
        return Seen(ask, tuple(readings))

    gain = CONFIRM_DAYS / SEARCH_DAYS
    search = find_limit(PLACES, keep, start, gain, rising=rising, expected=expected, abreast=abreast)
    return driven(search, see)


def driven(search: Asking, see: Callable[[Ask], Seen]) -> Answered:
    """Answer a search's asks to its end."""
    rounds: list[tuple[Ask, ...]] = []
    wanted = next(search)
    while True:
        rounds.append(wanted)
        try:
            wanted = search.send(tuple(map(see, wanted)))
        except StopIteration as ended:
            return Answered(ended.value, [ask for asked in rounds for ask in asked], rounds)


def rising(place: int) -> tuple[float, ...]:
    """0.02 rising ever faster to 0.32; below 0.1 up to place 40."""
    return (0.02 + 0.3 * (place / (PLACES - 1)) ** 2,)


LAST_KEPT = max(place for place in range(PLACES) if rising(place)[0] < 0.1)


@pytest.mark.parametrize(
    ("start", "known", "abreast"), [(None, None, 1), (5, None, 1), (40, True, 2), (5, True, 1), (79, True, 2)]
)
def test_at_most_five_in_a_hundred_answers_break_the_condition(
    start: int | None, known: bool | None, abreast: int
) -> None:
    """300 seeds, wherever and however the search goes: the error rate holds (plus three standard errors)."""
    found = [answer(rising, seed, start=start, rising=known, abreast=abreast).found for seed in range(300)]
    places = [one.place for one in found if one.place is not None]
    assert len(places) >= 298
    wrong = sum(place > LAST_KEPT for place in places) / len(found)
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
    assert LAST_KEPT - 6 <= np.mean(places) <= LAST_KEPT


@pytest.mark.parametrize(("start", "known", "abreast"), [(None, None, 1), (12, True, 2)])
def test_the_error_rate_holds_where_looking_often_would_break_it(
    start: int | None, known: bool | None, abreast: int
) -> None:
    """A plateau just above the line: every place may pass by luck, and the chain still errs in at most 5 %."""

    def plateau(place: int) -> tuple[float, ...]:
        return (0.05 if place < 10 else 0.1001,)

    found = [
        answer(plateau, seed, own=0.9, start=start, rising=known, abreast=abreast).found
        for seed in range(400)
    ]
    assert sum(one.place is not None and one.place >= 10 for one in found) / 400 <= 0.05 + 0.033


def test_with_two_conditions_both_are_kept() -> None:
    """The tighter one decides: an answer beyond it is an error, however much room the other has."""
    keep = (parse_that("m < 0.1"), parse_that("n > 0.5"))

    def two(place: int) -> tuple[float, ...]:
        return (*rising(place), 0.8 - 0.3 * place / 25)

    found = [answer(two, seed, keep=keep).found for seed in range(200)]
    assert sum(one.place is not None and one.place >= 25 for one in found) / 200 <= 0.05 + 0.047
    assert all(one.kind == "within" for one in found)


def test_the_direction_is_found_not_asked_for() -> None:
    """Where more helps the answer is the smallest place that keeps it."""
    found = answer(lambda place: rising(PLACES - 1 - place), 1).found
    assert not found.rising
    assert found.kind == "within"
    assert found.place is not None
    assert PLACES - 1 - LAST_KEPT <= found.place <= PLACES - 1 - LAST_KEPT + 8


def test_a_limit_beyond_the_end_is_said_to_lie_there() -> None:
    """Kept everywhere: the far end is confirmed, and named as an end, not as a limit."""
    found = answer(lambda place: (0.01 + place / 1e5,), 1).found
    assert (found.kind, found.place) == ("beyond", PLACES - 1)


def test_broken_from_the_start_is_said_so() -> None:
    """Broken everywhere: no place is named."""
    found = answer(lambda place: (0.3 + place / 1e3,), 1).found
    assert (found.kind, found.place) == ("broken", None)


def test_kept_and_not_provable_is_not_called_broken() -> None:
    """All of ten cases at every place: kept by value, by no interval; more replications may confirm it."""
    ten = Reading(1.0, 0.69, 1.0)
    found = driven(find_limit(5, (parse_that("m >= 0.98"),)), lambda ask: Seen(ask, (ten,))).found
    assert (found.kind, found.place) == ("unconfirmed", None)


def test_what_cannot_be_told_is_not_claimed() -> None:
    """A line that runs along the threshold with much noise: nothing or a true value is claimed, hardly ever more."""
    found = [
        answer(lambda place: (0.0999 if place < 40 else 0.1001,), seed, noise=0.2).found
        for seed in range(100)
    ]
    assert sum(one.place is not None and one.place >= 40 for one in found) <= 10
    assert any(one.kind in ("unconfirmed", "broken") for one in found)


def test_the_search_and_the_confirmation_never_share_a_run() -> None:
    """Every confirmation is asked on fresh replications, and its level falls as lower places are tried."""
    asks = answer(rising, 7).asks
    assert {ask.stage for ask in asks} == {"search", "confirm"}
    assert all(ask.level == 0.95 for ask in asks if ask.stage == "search")
    below = [answer(lambda place: (0.0975 if place < 40 else 0.2,), seed).asks for seed in range(60)]
    for tried in below:
        levels = [ask.level for ask in tried if ask.stage == "confirm"]
        assert levels == sorted(levels)
        spent = sum((1 - level) / 2 for level in levels if level > 0.95) + 0.025
        assert spent <= 0.05 + 1e-12


def test_a_curve_that_turns_back_is_reported() -> None:
    """A clear dip between two places that were run is named; a noisy monotone curve is not."""

    def dips(place: int) -> tuple[float, ...]:
        return (0.02 + 0.3 * (place / (PLACES - 1)) ** 2 - (0.15 if 60 <= place < PLACES - 1 else 0.0),)

    turned = [answer(dips, seed, start=50, noise=0.02).found.bends for seed in range(10)]
    straight = [answer(rising, seed, start=50).found.bends for seed in range(100)]
    assert all(turned)
    assert sum(map(bool, straight)) <= 2


def test_it_takes_few_runs() -> None:
    """Eighty values are searched with at most sixteen looks, most of them cheap."""
    counts = [len(answer(rising, seed, start=35).asks) for seed in range(50)]
    assert max(counts) <= 16
    assert np.mean(counts) <= 10.5


def test_near_a_good_start_it_takes_three_rounds_or_four() -> None:
    """With the direction known, two looks beside the start and a pair of confirmations are usually all."""
    found = [answer(rising, seed, start=38, rising=True, abreast=2) for seed in range(100)]
    assert np.mean([sum(ask.stage == "search" for ask in one.asks) for one in found]) <= 3.2
    assert np.mean([len(one.rounds) for one in found]) <= 3.6
    assert max(len(asked) for one in found for asked in one.rounds) == 2


@pytest.mark.parametrize("at", [0, 79])
def test_a_start_at_the_wrong_end_is_left_in_strides(at: int) -> None:
    """Everything looked at is kept, or nothing: the looks go on, ever further, to the same answers."""
    near = answer(rising, 3, start=38, rising=True, abreast=2)
    far = answer(rising, 3, start=at, rising=True, abreast=2)
    assert far.found.kind == "within"
    assert abs((far.found.place or 0) - (near.found.place or 0)) <= 1
    assert sum(ask.stage == "search" for ask in far.asks) <= 16


@pytest.mark.parametrize(("level", "kind"), [(0.3, "broken"), (0.01, "beyond")])
def test_the_ends_are_reached_from_a_start_between_them(level: float, kind: str) -> None:
    """Broken or kept everywhere: said so only when the end that would say otherwise was looked at."""
    one = answer(lambda place: (level + place / 1e5,), 1, start=30, rising=True, abreast=2)
    assert one.found.kind == kind
    end = 0 if kind == "broken" else PLACES - 1
    assert any(ask.place == end and ask.stage == "search" for ask in one.asks)


def test_a_value_run_before_its_turn_claims_nothing() -> None:
    """The first of a pair fails and the second passes by luck: the answer lies below both."""

    def see(ask: Ask) -> Seen:
        kept = ask.place < 30 if ask.stage == "search" else ask.place != 29
        true = 0.05 if kept else 0.2
        return Seen(ask, (Reading(true, true - 0.01, true + 0.01),))

    one = driven(find_limit(PLACES, KEEP, 29, rising=True, abreast=2), see)
    tried = [ask.place for ask in one.asks if ask.stage == "confirm"]
    assert tried[:2] == [29, 30]
    assert one.found.place == 28


def test_kept_at_both_ends_is_confirmed_at_both() -> None:
    """A flat curve with room, and nothing to say which way it breaks: either end has fresh runs of its own."""
    for abreast in (1, 2):
        found = [answer(lambda _: (0.05,), seed, abreast=abreast) for seed in range(40)]
        untold = [one for one in found if one.found.told_by == "nothing"]
        assert len(untold) >= 37
        for one in untold:
            assert one.found.kind == "beyond"
            tried = [ask.place for ask in one.asks if ask.stage == "confirm"]
            assert sorted(tried[-2:]) == [0, PLACES - 1]
            assert {ask.level for ask in one.asks} == {0.95}
    told = answer(lambda _: (0.05,), 3, expected=True)
    assert [ask.place for ask in told.asks if ask.stage == "confirm"] == [PLACES - 1]


def test_an_end_that_breaks_is_hardly_ever_called_kept() -> None:
    """One end just over the line, the other just under, lost in noise: both are claimed in at most 5 of 100."""

    def tilted(place: int) -> tuple[float, ...]:
        return (0.1001 if place == 0 else 0.0985,)

    found = [answer(tilted, seed, own=0.9).found for seed in range(300)]
    wrong = 0
    for one in found:
        confirmed = [each for each in one.seen if each.ask.stage == "confirm" and each.ask.place == 0]
        claimed = any((each.readings[0].high or 1.0) < 0.1 for each in confirmed)
        wrong += one.place == 0 or (one.kind == "beyond" and claimed)
    assert wrong / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


def test_how_much_comes_is_said_and_kept() -> None:
    """At no round of 200 searches does more come than was said to come at most; what is likely is not far off."""
    first = []
    for seed in range(100):
        for abreast in (1, 2):
            flat = seed % 10 == 0  # both ends are confirmed
            rounds = (
                answer(lambda _: (0.05,), seed, abreast=abreast).rounds
                if flat
                else answer(rising, seed, start=36, rising=True, abreast=abreast).rounds
            )
            before = {"search": 0, "confirm": 0}
            for place, now in enumerate(rounds):
                left = [ask for asked in rounds[place:] for ask in asked]
                looks = sum(ask.stage == "search" for ask in left)
                most = most_ahead(now, before[now[0].stage], abreast)
                likely = likely_ahead(now, before[now[0].stage], abreast)
                assert looks <= most.looks
                assert len(left) - looks <= most.trials
                assert likely.looks <= most.looks
                assert len(now) <= likely.looks + likely.trials <= most.looks + most.trials
                before[now[0].stage] += 1
                if place == 0 and not flat:
                    first.append((looks - likely.looks, len(left) - looks - likely.trials))
    assert np.abs(np.mean(first, axis=0)).max() < 1.0


def test_a_metric_without_a_value_ends_the_search() -> None:
    """A condition on something the design does not have is told apart from one that breaks."""
    search = find_limit(PLACES, KEEP)
    asks = next(search)
    with pytest.raises(StopIteration) as ended:
        search.send(tuple(Seen(ask, (Reading(None, None, None),)) for ask in asks))
    assert ended.value.value.kind == "does not apply"


def test_a_grid_of_one_or_nothing_to_keep_is_our_own_fault() -> None:
    """The callers lay out at least two values, read at least one condition and ask for something."""
    for places, keep, abreast in ((1, KEEP, 1), (2, (), 1), (2, KEEP, 0)):
        with pytest.raises(RuleBroken):
            next(find_limit(places, keep, abreast=abreast))


@pytest.mark.parametrize(
    ("expected", "told_by", "rising"),
    [(True, "theory", True), (False, "theory", False), (None, "nothing", None)],
)
def test_on_a_flat_curve_noise_does_not_say_which_way(
    expected: bool | None, told_by: str, rising: bool | None
) -> None:
    """Of 60 flat curves hardly one has ends apart: theory's direction is taken, and without one none is claimed."""
    found = [answer(lambda _: (0.05,), seed, expected=expected).found for seed in range(60)]
    told = [one.told_by for one in found]
    assert told.count(told_by) >= 57
    assert set(told) <= {told_by, "runs"}
    if rising is not None:
        assert {one.rising for one in found if one.told_by == "theory"} == {rising}
    else:
        assert {one.rising for one in found} == {True, False}


def test_a_clear_slope_overrules_theory() -> None:
    """Where the intervals at both ends lie apart, they say which way, whatever was expected."""
    for expected in (True, False, None):
        assert (answer(rising, 3, expected=expected).found)[2:4] == (True, "runs")
        falls = answer(lambda place: rising(PLACES - 1 - place), 3, expected=expected).found
        assert falls[2:4] == (False, "runs")


def test_a_condition_that_says_nothing_does_not_turn_the_others_round() -> None:
    """A flat condition with little room beside a steep one with much: the steep one says which way."""
    keep = (parse_that("m < 0.1"), parse_that("n > 0.5"))

    def flat_and_steep(place: int) -> tuple[float, ...]:
        return 0.09, 0.99 - 0.4 * place / PLACES

    found = [answer(flat_and_steep, seed, keep=keep).found for seed in range(30)]
    assert {(one.rising, one.told_by) for one in found} == {(True, "runs")}


def test_an_end_without_a_value_has_no_room() -> None:
    """A metric that has a value at one end only is kept from that end on."""

    def see(ask: Ask) -> Seen:
        return Seen(ask, (Reading(0.05, 0.04, 0.06) if ask.place > 20 else Reading(None, None, None),))

    found = driven(find_limit(PLACES, KEEP), see).found
    assert found[1:4] == (21, False, "runs")
