"""What the call queue alone costs: 200,000 callers beside the same queue as a bare SimPy model.

    python tests/benchmarks/bench_call_queue.py [--pairs N] [--callers N] [--smoke]

Both sides offer Poisson calls to ten agents at 2.2 times what they can carry, with exponential service and patience.
Our side also keeps the facts of every call and adds them up. Each side is a process of its own, start and imports
included, and the sides take turns (A B A B …); what counts is CPU, user and system. Exit codes: 0 the figures are
those of theory (or there is no yardstick to compare with), 1 they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median

from bench_closed_loop import Cost, judged, measure, spread, yardstick

CALLERS = 200_000
SMOKE_CALLERS = 20_000

RATIO_MAX = 0.55
"""CPU of our queue over CPU of the yardstick; 0.30 is the goal."""

EXACT_ABANDONMENT = 0.54663
"""Erlang-A at the yardstick's load."""

STANDARD_ERROR_OF_ONE = 0.80
"""Of the abandonment rate of one caller at this load, by `sandbox.experiment.erlang_a_scatter`."""


def run_queue(callers: int) -> Cost:
    """Run our side once."""
    return measure("-m", "tests.benchmarks.queue_alone", str(callers))


def fault_of(ours: Cost, callers: int) -> str:
    """What is wrong with our side's figures; empty when they are those of theory."""
    figures = json.loads(ours.output)
    off = abs(figures["abandonment_rate"] - EXACT_ABANDONMENT)
    allowed = 5.0 * STANDARD_ERROR_OF_ONE / callers**0.5
    if figures["callers"] != callers:
        return f"{figures['callers']} callers instead of {callers}"
    return f"abandonment is {off:.4f} from theory; {allowed:.4f} would be luck" if off > allowed else ""


def compare(script: Path, callers: int, pairs: int) -> tuple[str, Cost]:
    """Take turns; the report, and our last run."""
    bare: list[Cost] = []
    ours: list[Cost] = []
    for turn in range(pairs):
        bare.append(measure(str(script), str(callers)))
        ours.append(run_queue(callers))
        sys.stderr.write(
            f"turn {turn + 1} of {pairs}: {bare[-1].cpu_s:.2f} s beside {ours[-1].cpu_s:.2f} s\n"
        )
    ratios = [mine.cpu_s / theirs.cpu_s for mine, theirs in zip(ours, bare, strict=True)]
    report = judged("CPU, times the bare queue", median(ratios), RATIO_MAX, spread(ratios))
    report += f"{'CPU a caller, us':<28}{spread([mine.cpu_s / callers * 1e6 for mine in ours])}\n"
    report += f"{'peak memory, MB':<28}{max(mine.peak_mb for mine in ours):.0f}\n"
    return report, ours[-1]


def main() -> int:
    """Measure and report; the exit code says whether the figures are those of theory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=5, help="turns of both sides (default 5)")
    parser.add_argument("--callers", type=int, default=CALLERS, help=f"callers (default {CALLERS})")
    parser.add_argument(
        "--smoke", action="store_true", help=f"only the figures, of {SMOKE_CALLERS} callers; no timing"
    )
    options = parser.parse_args()
    write = sys.stdout.write
    script = yardstick()
    callers = SMOKE_CALLERS if options.smoke else options.callers
    if options.smoke:
        ours = run_queue(callers)
    elif script is None:
        write(
            "no yardstick: bench/simpy_queue.py is neither in ../shared nor under RESOLUTION_SHARED; skipped\n"
        )
        return 0
    else:
        report, ours = compare(script, callers, max(1, options.pairs))
        write(f"{callers} callers\n{report}")
    fault = fault_of(ours, callers)
    write(f"FAULT {fault}\n" if fault else "the figures are those of theory\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
