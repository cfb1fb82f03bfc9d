"""A private case store and a list of facts for the suites that post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import Facts


@pytest.fixture
def store() -> Iterator[SqliteCaseStore]:
    """Return a temporary store, closed after the test."""
    store = SqliteCaseStore(None)
    yield store
    store.close()


@pytest.fixture
def facts() -> Facts:
    """Return an empty list of facts."""
    return Facts()
