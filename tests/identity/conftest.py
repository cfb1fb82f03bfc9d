"""What the attacks are tried on: the shipped policy and a private store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.world.spec import load_scenario


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The shipped collections policy, compiled."""
    return compile_policy(load_scenario("retail-bank-200k").policy)


@pytest.fixture
def store() -> Iterator[SqliteCaseStore]:
    """A temporary case store, closed after the test."""
    store = SqliteCaseStore(None)
    yield store
    store.close()
