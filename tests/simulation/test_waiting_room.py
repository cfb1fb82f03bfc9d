"""Virtual waiting rooms by hand-computed schedules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sandbox.effects import TakeTurn
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.waiting_room import WaitingRooms

SECOND = 1_000
FOR_EVER = 1.0 - 1e-9
"""A draw that makes a patience of twenty means."""


class Patience:
    """Draws that give each customer the patience a test wants."""

    def __init__(self, luck: dict[int, float]) -> None:
        """Keep the draws by case; all others wait for ever."""
        self._luck = luck

    def uniform(self, purpose: str, attempt: int, index: int) -> float:
        """The customer's draw."""
        assert (purpose, attempt) == ("waiting_room", 64)
        return self._luck.get(index, FOR_EVER)


def let_in(arrivals: list[tuple[int, str]], luck: dict[int, float] | None = None) -> list[tuple[int, bool]]:
    """How long each customer waits, in seconds, and whether they are let in; three a minute, patience 60 s."""
    env = Clockwork()
    draws: Any = Patience(luck or {})
    rooms, found = WaitingRooms(env, draws), {}

    def arrive(case: int) -> None:
        running: Any = SimpleNamespace(case_id=case, touch=1)
        wait_ms, in_turn = rooms.take_turn(TakeTurn(arrivals[case][1], 3.0, 60.0), running)
        found[case] = (wait_ms // SECOND, in_turn)

    for case, (second, _) in enumerate(arrivals):
        after(env, second * SECOND, arrive, case)
    env.run(until=10_000 * SECOND)
    return [found[case] for case in range(len(arrivals))]


def at(*seconds: int) -> list[tuple[int, str]]:
    """Arrivals at one door."""
    return [(second, "login") for second in seconds]


def test_customers_are_let_in_one_every_twenty_seconds_in_turn():
    """Four within five seconds wait 0, 19, 35 and 55 seconds; one who comes to an empty room does not wait."""
    waits = let_in(at(0, 1, 5, 5, 200))
    assert waits == [(0, True), (19, True), (35, True), (55, True), (0, True)]


def test_who_leaves_takes_no_turn_from_those_behind():
    """The second's patience of 12 s ends before their turn at 20 s: the third gets that turn."""
    short = {1: 1.0 - 2.718281828459045 ** (-12 / 60)}
    assert let_in(at(0, 1, 5), short) == [(0, True), (12, False), (15, True)]


def test_who_is_let_in_at_once_needs_no_patience():
    """Without a wait nobody leaves."""
    assert let_in(at(0, 100), {0: 0.0, 1: 0.0}) == [(0, True), (0, True)]


def test_each_door_has_its_own_line():
    """A crowd at the login keeps nobody from the app."""
    assert let_in([(0, "login"), (0, "login"), (0, "app")]) == [(0, True), (20, True), (0, True)]
