"""Customers: accounts as the core holds them, in columns, chunk by chunk; drawn, or as a case file says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from sandbox.draws import Draws
from sandbox.model import AccountFacts, AccountStatus, record_of
from sandbox.simulation.account_details import details_of
from sandbox.simulation.settings import PeopleModel

ROWS_PER_CHUNK = 8_192
_MONTHS = {"1m": 1, "2m": 2, "3m": 3, "4m+": 4}
_MINIMUM_MINOR = 500
_OPEN, _CLOSED = AccountStatus.OPEN.value, AccountStatus.CLOSED.value


def accounts(people: PeopleModel, draws: Draws, cases: int) -> Iterator[AccountFacts]:
    """Yield every account in case order; memory stays at one chunk whatever the number of cases."""
    for start in range(0, cases, ROWS_PER_CHUNK):
        yield from _chunk(people, draws, start, min(ROWS_PER_CHUNK, cases - start))


def _chunk(people: PeopleModel, draws: Draws, start: int, count: int) -> Iterator[AccountFacts]:
    def flags(purpose: str, rate: float) -> list[bool]:
        below: list[bool] = (draws.uniforms(purpose, 0, start, count) < rate).tolist()
        return below

    def said(name: str) -> np.ndarray | None:
        return None if people.given is None else people.given.column(name, start, count)

    def flags_said(name: str, rate: float) -> list[bool]:
        given = said(name)
        return flags(name, rate) if given is None else given.tolist()

    def choice(purpose: str, shares: tuple[tuple[object, float], ...]) -> list[int]:
        edges = np.cumsum([share for _, share in shares])
        places = np.searchsorted(edges[:-1], draws.uniforms(purpose, 0, start, count), side="right")
        numbers: list[int] = places.tolist()
        return numbers

    bands = [band for band, _ in people.arrears_bands]
    promises = [number for number, _ in people.broken_promises]
    months = np.array([_MONTHS[band] for band in bands])
    band_said, balance_said, overdue_said = said("arrears_band"), said("balance"), said("overdue")
    broken_said = said("broken_promises")
    band_of = choice("arrears_band", people.arrears_bands) if band_said is None else band_said.tolist()
    balance = people.balance_minor_median * np.exp(
        people.balance_sigma * draws.normals("balance", 0, start, count)
    )
    balance = np.maximum(balance, _MINIMUM_MINOR) if balance_said is None else balance_said
    overdue = np.clip(balance * people.overdue_share_per_month * months[band_of], _MINIMUM_MINOR, balance)
    overdue = overdue if overdue_said is None else np.minimum(overdue_said, balance)
    columns = (
        range(start, start + count),
        [_CLOSED if closed else _OPEN for closed in flags_said("closed", people.closed_account_rate)],
        [bands[band] for band in band_of],
        balance.round().astype(np.int64).tolist(),
        overdue.round().astype(np.int64).tolist(),
        [promises[broken] for broken in choice("broken_promises", people.broken_promises)]
        if broken_said is None
        else broken_said.tolist(),
        flags_said("vulnerable", people.vulnerable_rate),
        flags_said("disputed", people.already_disputed_rate),
        flags_said("payment_ok", people.payment_accepted_rate),
        [1] * count,
        [False] * count,
        details_of(people, draws, start, count),
    )
    return map(partial(record_of, AccountFacts), zip(*columns, strict=True))
