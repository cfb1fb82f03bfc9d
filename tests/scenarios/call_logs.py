"""Call logs made up for tests: callers with a known patience before agents with a known handling time."""

from __future__ import annotations

from datetime import datetime, timedelta
from heapq import heappop, heappush

import numpy as np

HEADER = "arrived_at,wait_s,outcome,handling_s"


def call_log(
    days: int, calls_per_day: int, agents: int, patience_s: float, seed: int = 1, handling_s: float = 180.0
) -> list[str]:
    """Rows of Mondays to Fridays from 2026-03-02 on, 09:00 to 17:00, one first-come-first-served line.

    Written independently of the product's queue: an agent is a time at which they get free.
    """
    generator = np.random.default_rng(seed)
    rows = []
    day = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - local clock time
    for _ in range(days):
        while day.weekday() > 4:
            day += timedelta(days=1)
        free = [0.0] * agents
        for at in np.sort(generator.integers(0, 8 * 3600, generator.poisson(calls_per_day))).tolist():
            patience, handling = generator.exponential(patience_s), generator.lognormal(4.8, 0.9)
            handling *= handling_s / 182.0
            starts = max(free[0], at)
            arrived = (day + timedelta(seconds=at)).isoformat(" ")
            if starts - at > patience:
                rows.append(f"{arrived},{patience:.1f},abandoned,")
                continue
            heappop(free)
            heappush(free, starts + handling)
            rows.append(f"{arrived},{starts - at:.1f},answered,{handling:.1f}")
        day += timedelta(days=1)
    return rows
