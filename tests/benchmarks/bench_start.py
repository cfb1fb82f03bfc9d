"""What the command line costs until it is at work: `--help` beside a bare Typer app, `check`, a run of next to none.

    python tests/benchmarks/bench_start.py [--pairs N] [--smoke]

The bare app has as many commands as ours (those in groups counted), each with one option, and prints its help. What
counts is CPU of whole processes, user and system, in turn. `--smoke` runs each once and holds only that they run.
Exit codes: 0 within the limits, 1 not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench_closed_loop import judged, measure, spread

from tui.cli.main import FIRST_PAGE, GROUPS

HELP_RATIO_MAX = 1.5
CHECK_CPU_S_MAX = 1.0
RUN_CPU_S_MAX = 1.0

CHECK = ("check", "retail-bank-200k")
RUN = ("run", "benchmark-200k", "--replications", "1", "--jobs", "1", "--json", "--no-save")
FEW = ("--set", "campaign.messages=100")


def bare_app() -> str:
    """The program of a Typer app with as many commands as ours: those of its groups too, aliases not."""
    commands = sum(map(len, FIRST_PAGE.values())) + sum(len(grouped) for _, grouped in GROUPS.values())
    lines = ["import typer", "app = typer.Typer()"]
    for number in range(commands):
        lines += [f"@app.command('command-{number}')", f"def run_{number}(n: int = 1) -> None:"]
        lines += [f"    '''Do number {number}.'''", ""]
    return "\n".join([*lines, "app()", ""])


def main() -> int:
    """Take turns and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=5, help="turns of all sides (default 5)")
    parser.add_argument("--smoke", action="store_true", help="each once; no limits")
    options = parser.parse_args()
    bare, ours, checks, runs = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(bare_app(), encoding="utf-8")
        for command in (CHECK, (*RUN, *FEW)):
            measure("-m", "tui.cli.main", *command)  # compiles what is not compiled yet
        for _ in range(1 if options.smoke else max(1, options.pairs)):
            bare.append(measure(str(script), "--help").cpu_s)
            ours.append(measure("-m", "tui.cli.main", "--help").cpu_s)
            checks.append(measure("-m", "tui.cli.main", *CHECK).cpu_s)
            runs.append(measure("-m", "tui.cli.main", *RUN, *FEW).cpu_s)
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    write = sys.stdout.write
    write(judged("--help, times a bare app", median(ratios), HELP_RATIO_MAX, spread(ratios)))
    write(judged("check, CPU s", median(checks), CHECK_CPU_S_MAX, spread(checks)))
    write(judged("100 messages, CPU s", median(runs), RUN_CPU_S_MAX, spread(runs)))
    within = median(ratios) <= HELP_RATIO_MAX and median(checks) <= CHECK_CPU_S_MAX
    within = within and median(runs) <= RUN_CPU_S_MAX
    return 0 if options.smoke or within else 1


if __name__ == "__main__":
    sys.exit(main())
