"""What every run shares: while a mutant is tried, the quickest tests come first."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by what each test took when mutmut measured it: nearly every mutant dies in the first few of them."""
    measured = Path("mutmut-stats.json")  # a mutation run stands in the folder that holds it
    if "." in os.environ.get("MUTANT_UNDER_TEST", "") and measured.exists():
        seconds = json.loads(measured.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
