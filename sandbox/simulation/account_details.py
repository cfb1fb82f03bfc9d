"""What else the core knows of synthetic accounts in a workflow, drawn in columns with draws of their own."""

from __future__ import annotations

from datetime import date
from itertools import compress

import numpy as np

from sandbox.draws import Draws
from sandbox.evidence import canonical
from sandbox.model import NO_DETAILS
from sandbox.simulation.settings import FactModel, PeopleModel


def details_of(people: PeopleModel, draws: Draws, start: int, count: int) -> list[str]:
    """Return the details of `count` accounts from `start` on, each in canonical JSON."""
    if not people.facts:
        return [NO_DETAILS] * count
    names = [fact.name for fact in people.facts]
    given = [None if people.given is None else people.given.fact(name, start, count) for name in names]
    columns = [
        _column(fact, draws, start, count, people.first_day) if said is None else said
        for fact, said in zip(people.facts, given, strict=True)
    ]
    known = [
        _known(fact, draws, start, count) if said is None else [value is not None for value in said]
        for fact, said in zip(people.facts, given, strict=True)
    ]
    if all(all(column) for column in known):
        return [canonical(dict(zip(names, row, strict=True))).text for row in zip(*columns, strict=True)]
    rows = zip(zip(*columns, strict=True), zip(*known, strict=True), strict=True)
    return [canonical(dict(compress(zip(names, row, strict=True), there))).text for row, there in rows]


def _known(fact: FactModel, draws: Draws, start: int, count: int) -> list[bool]:
    if not fact.missing_rate:
        return [True] * count
    known: list[bool] = (
        draws.uniforms(f"fact_missing {fact.name}", 0, start, count) >= fact.missing_rate
    ).tolist()
    return known


def _column(fact: FactModel, draws: Draws, start: int, count: int, first_day: date) -> list[object]:
    drawn = draws.uniforms(f"fact {fact.name}", 0, start, count)
    if fact.shares:
        edges = np.cumsum([share for _, share in fact.shares])
        values: list[object] = [value for value, _ in fact.shares]
        return [values[place] for place in np.searchsorted(edges[:-1], drawn, side="right").tolist()]
    numbers = (fact.low + np.floor(drawn * (fact.high - fact.low + 1))).astype(np.int64).tolist()
    if not fact.in_days:
        return list(numbers)
    zero = first_day.toordinal()
    return [date.fromordinal(zero + number).isoformat() for number in numbers]
