"""For every test: runs are saved in a folder that is gone afterwards, never in the data folder of who tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _data_folder() -> Iterator[None]:
    """Give this session, and every process it starts, a data folder of its own."""
    before = os.environ.get("SANDBOX_DATA")
    with tempfile.TemporaryDirectory(prefix="sandbox-data-") as folder:
        os.environ["SANDBOX_DATA"] = folder
        yield
    if before is None:
        del os.environ["SANDBOX_DATA"]
    else:
        os.environ["SANDBOX_DATA"] = before
