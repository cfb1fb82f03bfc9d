"""The shipped policy and a private store for every stage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.world.spec import load_scenario
from tests.journey.play import Stage, set_stage


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


@pytest.fixture
def stage(policy: Policy, store: SqliteCaseStore) -> Stage:
    """An engaged case on its first visit."""
    return set_stage(policy, store)
