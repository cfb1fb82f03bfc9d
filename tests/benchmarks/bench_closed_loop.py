"""What the whole closed loop costs: 200,000 cases of `benchmark-200k` beside a bare SimPy queue.

    python tests/benchmarks/bench_closed_loop.py [--pairs N] [--cases N] [--double] [--smoke]

Population, channels, policy, identity, writeback, audit and core run as in any comparison, through the command a
user would type. Each side is a process of its own and the sides take turns (A B A B …), because absolute times drift
on shared machines; what counts is CPU, user and system, as the operating system charged it to the process. The work
mix is counted in a further run with the same digest as the timed ones, and must be what the scenario promises: a
faster loop that does less work fails here. Exit codes: 0 the mix holds (or there is no yardstick to compare with),
1 it does not.

The yardstick, `bench/simpy_queue.py`, lies in `../shared` beside the repository or where RESOLUTION_SHARED says.
This process loads the standard library alone: a child's peak memory counts from the size of its parent on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CASES = 200_000
SMOKE_CASES = 5_000
YARDSTICK_CALLERS = 200_000

RATIO_MAX = 5.0
"""CPU of the loop over CPU of the yardstick (CONTRIBUTING, "Speed")."""

DOUBLE_MAX = 2.2
"""CPU of twice the cases over CPU of the cases: the loop stays linear."""

PEAK_MB_MAX = 150.0

POSTINGS_PER_CASE = (0.32, 0.36)
AUDIT_ROWS_PER_CASE = (4.3, 4.7)
"""What `benchmark-200k` promises per case: 0.34 postings and 4.5 audit rows."""


_KEEPING_COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Cost(NamedTuple):
    """What one process cost, and what it wrote to standard output."""

    cpu_s: float
    peak_mb: float
    output: str


def measure(*arguments: str) -> Cost:
    """Run Python with `arguments` from the repository's root and return what it cost.

    Compiled modules are kept, as an installed package has them, whatever the environment says: otherwise every child
    would compile 260 files first, a third of its start.

    Raises:
        RuntimeError: the process did not end well; carries the end of what it said.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+") as remarks:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=output, stderr=remarks, env=_KEEPING_COMPILED
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        remarks.seek(0)
        if process.returncode:
            raise RuntimeError(
                f"{' '.join(arguments)} ended with {process.returncode}: {remarks.read()[-2_000:]}"
            )
        output.seek(0)
        units_per_mb = (
            1_000_000 if sys.platform == "darwin" else 1_000
        )  # kernels differ in what they count in
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / units_per_mb, output.read())


def yardstick() -> Path | None:
    """The bare SimPy queue, if it is there."""
    shared = Path(os.environ.get("RESOLUTION_SHARED") or ROOT.parent / "shared")
    script = (shared / "bench" / "simpy_queue.py").absolute()
    return script if script.exists() else None


def run_loop(cases: int) -> Cost:
    """Run the closed loop once, as a user would."""
    scale = ("--replications", "1", "--jobs", "1", "--set", f"campaign.messages={cases}")
    return measure("-m", "tui.cli.main", "run", "benchmark-200k", *scale, "--json", "--no-save")


def digest_of(loop: Cost) -> str:
    """The digest in a run's JSON document."""
    document: dict[str, Any] = json.loads(loop.output)
    return str(document["designs"]["in-message"]["digest"])


def count_mix(cases: int) -> dict[str, Any]:
    """Count the work of a run, in a process of its own."""
    counted: dict[str, Any] = json.loads(measure("-m", "tests.benchmarks.work_mix", str(cases)).output)
    return counted


def faults_of(mix: dict[str, Any], digests: set[str]) -> list[str]:
    """What is wrong with a work mix; nothing when the promise holds."""
    postings, rows = (mix[name] / mix["cases"] for name in ("postings", "audit_rows"))
    opened, verified, kept = mix["links_opened"], mix["links_verified"], mix["links_evidenced"]
    checks = {
        f"postings per case {postings:.3f}, not within {POSTINGS_PER_CASE}": _within(
            postings, POSTINGS_PER_CASE
        ),
        f"audit rows per case {rows:.3f}, not within {AUDIT_ROWS_PER_CASE}": _within(
            rows, AUDIT_ROWS_PER_CASE
        ),
        "no link was opened": opened > 0,
        f"links opened {opened}, verified {verified}, in the trail {kept}": opened == verified == kept,
        "no one-time code was checked": mix["codes_checked"] > 0,
        f"the timed runs differ from the counted one (code changed meanwhile?): {sorted(digests)}": digests
        == {mix["digest"]},
    }
    return [fault for fault, holds in checks.items() if not holds]


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def spread(values: list[float]) -> str:
    """Median and range, e.g. `4.10 [4.02-4.31]`."""
    return f"{median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def judged(name: str, value: float, limit: float, shown: str) -> str:
    """One line of the report: the figure and on which side of its limit it lies."""
    return f"{name:<28}{shown:<26}{'within' if value <= limit else 'OVER'} {limit:g}\n"


def compare(script: Path, cases: int, pairs: int, double: bool) -> tuple[str, set[str]]:
    """Take turns and report.

    Returns:
        the report, and the digests of the timed runs of `cases` cases.
    """
    loops: list[Cost] = []
    bare: list[Cost] = []
    twice: list[Cost] = []
    run_loop(100)  # compiles what is not compiled yet
    for turn in range(pairs):
        bare.append(measure(str(script), str(YARDSTICK_CALLERS)))
        loops.append(run_loop(cases))
        if double:
            twice.append(run_loop(2 * cases))
        sys.stderr.write(
            f"turn {turn + 1} of {pairs}: {bare[-1].cpu_s:.2f} s beside {loops[-1].cpu_s:.2f} s\n"
        )
    ratios = [loop.cpu_s / one.cpu_s for loop, one in zip(loops, bare, strict=True)]
    peak_mb = max(loop.peak_mb for loop in loops)
    report = judged("CPU, times the bare queue", median(ratios), RATIO_MAX, spread(ratios))
    report += judged("peak memory, MB", peak_mb, PEAK_MB_MAX, f"{peak_mb:.0f}")
    report += f"{'CPU a case, us':<28}{spread([loop.cpu_s / cases * 1e6 for loop in loops])}\n"
    report += f"{'CPU of the bare queue, s':<28}{spread([one.cpu_s for one in bare])}\n"
    if double:
        growth = [both.cpu_s / loop.cpu_s for both, loop in zip(twice, loops, strict=True)]
        report += judged("CPU of twice the cases", median(growth), DOUBLE_MAX, spread(growth))
        peak_mb = max(both.peak_mb for both in twice)
        report += f"{'peak memory of twice, MB':<28}{peak_mb:.0f}\n"
    return report, {digest_of(loop) for loop in loops}


def told(mix: dict[str, Any]) -> str:
    """The work mix in a line."""
    each = {
        name: mix[name] / mix["cases"]
        for name in ("postings", "audit_rows", "links_verified", "codes_checked")
    }
    return (
        "work a case: "
        + ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in each.items())
        + "\n"
    )


def main() -> int:
    """Measure, count, report; the exit code says whether the work mix holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=3, help="turns of both sides (default 3)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"cases of the loop (default {CASES})")
    parser.add_argument("--double", action="store_true", help="also run twice the cases in every turn")
    parser.add_argument(
        "--smoke", action="store_true", help=f"only the work mix, of {SMOKE_CASES} cases; no timing"
    )
    options = parser.parse_args()
    write = sys.stdout.write
    script = yardstick()
    if options.smoke:
        cases, digests = SMOKE_CASES, {digest_of(run_loop(SMOKE_CASES))}
    elif script is None:
        write(
            "no yardstick: bench/simpy_queue.py is neither in ../shared nor under RESOLUTION_SHARED; skipped\n"
        )
        return 0
    else:
        cases = options.cases
        report, digests = compare(script, cases, max(1, options.pairs), options.double)
        write(f"{cases} cases beside {YARDSTICK_CALLERS} callers, {len(digests)} digest(s)\n{report}")
    mix = count_mix(cases)
    faults = faults_of(mix, digests)
    write(told(mix) + "".join(f"FAULT {fault}\n" for fault in faults))
    write("the work mix holds\n" if not faults else "the work mix does not hold\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
