"""What is to be said of a case file's customers where many worlds are run on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scenarios.world.population import cases_of, messages_most
from scenarios.world.spec import Scenario


class GivenCases(NamedTuple):
    """What a grid of worlds says of the cases they were given.

    Attributes:
        notes: what has to be said of the customers.
        messages_most: with how many messages every case is run once; None without a case file.
    """

    notes: tuple[str, ...]
    messages_most: int | None


def notes_of_fullest(worlds: Iterable[Scenario]) -> tuple[str, ...]:
    """Return the notes of the world that takes the most cases: what is said of its copies holds for no other more."""
    return max(worlds, key=lambda world: cases_of(world.document)).notes


def given_over(scenario: Scenario, ends: Iterable[Scenario]) -> GivenCases:
    """Return what is to be said of the customers of the worlds a search ran.

    Args:
        scenario: the world the search varies.
        ends: the worlds at both ends of what was run, none where nothing was. Whatever a setting does to the number
            of cases, it does most there; a world of these reads the case file again, so they are not looked at
            without a file.
    """
    most = messages_most(scenario.document, scenario.population)
    worlds = [] if most is None else list(ends)
    return GivenCases(notes_of_fullest(worlds) if worlds else scenario.notes, most)
