"""What runs of one seed in one process share: drawn columns, the population, decisions of an unchanged policy.

A sweep runs the same customers at every point. Whatever the varied setting does not touch is computed at the first
point a worker sees and found again at the others; everything kept is a pure function of what it is kept under, so no
result depends on it. Replications come one after the other, so one seed at a time is enough.

Bounds, per worker: 4,096 chunks of 16 kB (64 MB; the population of 200,000 messages takes some 700), 131,072 accounts
(some 30 MB), 32,768 decisions of a policy (some 35 MB). What is beyond a bound is computed whenever it is needed.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple, cast

from sandbox.draws import Columns, Draws
from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.remembering import Decisions, remembering
from sandbox.simulation.population import accounts
from sandbox.simulation.settings import PeopleModel

CHUNKS_MAX = 4_096
ACCOUNTS_MAX = 131_072
DECISIONS_MAX = 32_768


class _Population(NamedTuple):
    """Accounts, and the settings they were made from: their names, and a digest of their values."""

    names: tuple[str, ...]
    digest: bytes
    accounts: tuple[AccountFacts, ...]


class Kept:
    """What is kept for one seed.

    Args:
        seed: of the replication.
    """

    def __init__(self, seed: int) -> None:
        """Start with nothing."""
        self.columns = Columns(seed, CHUNKS_MAX)
        self._population: _Population | None = None
        self._policy: tuple[PolicyDocument, Policy] | None = None

    def accounts(self, people: PeopleModel, draws: Draws, cases: int) -> Iterator[AccountFacts]:
        """Yield every account in case order, as `population.accounts` does."""
        if cases > ACCOUNTS_MAX:
            return accounts(people, draws, cases)
        kept = self._population
        if kept is None or len(kept.accounts) < cases or _digest(people, kept.names) != kept.digest:
            kept = self._population = _made(people, draws, cases)
        return islice(kept.accounts, cases)  # whoever stands first stands first in any number of cases

    def policy(self, document: PolicyDocument) -> Policy:
        """Return the compiled policy, with what it has decided so far."""
        if self._policy is None or self._policy[0] != document:
            self._policy = document, remembering(compile_policy(document), Decisions(DECISIONS_MAX))
        return self._policy[1]


_kept: list[Kept] = []
"""What this process keeps: that of the last seed, or nothing."""


def kept_for(seed: int) -> Kept:
    """Return what this process keeps for a seed; what it kept for another is gone."""
    if not _kept or _kept[0].columns.seed != seed:
        _kept[:] = [Kept(seed)]
    return _kept[0]


def forget() -> None:
    """Keep nothing any longer."""
    _kept.clear()


class _Watched:
    """Stands for a people model and notes which of its settings are read."""

    def __init__(self, people: PeopleModel) -> None:
        self._people = people
        self.names: dict[str, None] = {}

    def __getattr__(self, name: str) -> Any:
        self.names[name] = None
        return getattr(self._people, name)


def _made(people: PeopleModel, draws: Draws, cases: int) -> _Population:
    """Make the population and note what of the settings it came from.

    Noted, not listed by hand: a list would go stale with the first trait somebody adds, and a stale one would hand a
    sweep the wrong customers. What was read had these values; who has the same values reads the same settings again.
    """
    watched = _Watched(people)
    found = tuple(accounts(cast(PeopleModel, watched), draws, cases))
    names = tuple(watched.names)
    return _Population(names, _digest(people, names), found)


def _digest(people: PeopleModel, names: tuple[str, ...]) -> bytes:
    return blake2b(pickle.dumps([getattr(people, name) for name in names])).digest()
