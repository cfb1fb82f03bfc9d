"""The product's call queue alone, at the yardstick's load; run by `bench_call_queue.py` in a process of its own."""

from __future__ import annotations

import json
import sys

from sandbox.simulation.stationary import Load, StationaryQueue

AGENTS = 10
SERVICE_S, PATIENCE_S = 300.0, 150.0
OVERLOAD = 2.2

LOAD = Load(OVERLOAD * AGENTS * 3600.0 / SERVICE_S, SERVICE_S, PATIENCE_S, AGENTS)
"""What `bench/simpy_queue.py` simulates."""


def main() -> None:
    """Simulate as many callers as the first argument says, and write what became of them."""
    callers = int(sys.argv[1])
    sums = StationaryQueue(LOAD, callers, seed=1, stream=0, should_stop=lambda: False).next_batch()
    figures = {
        "callers": sums.offered,
        "abandonment_rate": sums.abandoned / sums.offered,
        "mean_wait_s": sums.wait_ms / 1_000 / sums.offered,
    }
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
