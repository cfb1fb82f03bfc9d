"""What a second worker is worth: eight replications by two workers beside the same by one.

    python tests/benchmarks/bench_workers.py [--pairs N] [--cases N] [--smoke]

Wall time, for that is what a second worker saves; the sides take turns, because the machine is shared. Both must give
the same digest. `--smoke` runs a few cases once and holds that alone. Exit codes: 0 within the limit, 1 not.
"""

from __future__ import annotations

import argparse
import os
import sys
from statistics import median

from bench_closed_loop import digest_of, judged, measure, spread

from tui.clock import monotonic_s

REPLICATIONS = 8
CASES = 40_000
SMOKE_CASES = 500
RATIO_MAX = 0.65
"""Wall time of two workers over that of one; 0.5 would be two cores of one's own and nothing to start."""


def timed(jobs: int, cases: int) -> tuple[float, str]:
    """Run the replications with so many workers; returns seconds of wall time and the digest."""
    scale = ("--replications", str(REPLICATIONS), "--jobs", str(jobs), "--set", f"campaign.messages={cases}")
    began = monotonic_s()
    cost = measure("-m", "tui.cli.main", "run", "benchmark-200k", *scale, "--json", "--no-save")
    return monotonic_s() - began, digest_of(cost)


def main() -> int:
    """Take turns, hold the digests together, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=3, help="turns of both sides (default 3)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"cases a replication (default {CASES})")
    parser.add_argument("--smoke", action="store_true", help="a few cases once, digests only; no timing")
    options = parser.parse_args()
    pairs, cases = (1, SMOKE_CASES) if options.smoke else (max(1, options.pairs), options.cases)
    one, two, digests = [], [], set()
    for _ in range(pairs):
        for jobs, times in ((1, one), (2, two)):
            wall_s, digest = timed(jobs, cases)
            times.append(wall_s)
            digests.add(digest)
    sys.stdout.write(f"{REPLICATIONS} replications of {cases} cases, {len(digests)} digest(s)\n")
    if len(digests) > 1:
        sys.stdout.write("FAULT two workers gave another digest than one\n")
        return 1
    if options.smoke:
        return 0
    ratios = [both / alone for alone, both in zip(one, two, strict=True)]
    sys.stdout.write(judged("two workers, times one", median(ratios), RATIO_MAX, spread(ratios)))
    sys.stdout.write(f"{'one worker, s':<28}{spread(one)} on {os.cpu_count()} cores\n")
    return 0 if median(ratios) <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
