"""How many instructions the start of a run and one case of `benchmark-200k` take: the same on a busy machine.

    python tests/benchmarks/count_instructions.py [--cases FEW MANY]

Needs valgrind, whose cachegrind runs the command a user would type with FEW and with MANY cases, side by side; a case
is the difference. Good for telling two versions of the code apart when times are not; no measure of time: caches are
not counted, and SHA-256 costs more there than on a processor with instructions for it. Below some thousand cases a
result's own statistics still grow with them. Exit codes: 0 counted, or no valgrind here; 1 a run failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def begin(cases: int, log: Path) -> subprocess.Popen[bytes]:
    """Start a counted run."""
    counted = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    scale = ["--replications", "1", "--jobs", "1", "--set", f"campaign.messages={cases}"]
    command = [sys.executable, "-m", "tui.cli.main", "run", "benchmark-200k", *scale, "--json", "--no-save"]
    fixed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        [*counted, f"--log-file={log}", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env=fixed | {"PYTHONHASHSEED": "0"},
    )


def instructions(run: subprocess.Popen[bytes], log: Path) -> int:
    """Wait for a counted run and return its instructions.

    Raises:
        RuntimeError: it did not end well, or counted nothing.
    """
    found = _COUNT.search(log.read_text()) if run.wait() == 0 else None
    if found is None:
        raise RuntimeError(f"the counted run ended with {run.returncode}")
    return int(found[1].replace(",", ""))


def main() -> int:
    """Count and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, nargs=2, default=(4_000, 12_000), metavar=("FEW", "MANY"))
    few, many = parser.parse_args().cases
    if shutil.which("valgrind") is None:
        sys.stdout.write("no valgrind here; skipped\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        logs = [Path(folder) / str(cases) for cases in (few, many)]
        runs = [begin(cases, log) for cases, log in zip((few, many), logs, strict=True)]
        try:
            counts = [instructions(run, log) for run, log in zip(runs, logs, strict=True)]
        except RuntimeError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        finally:
            for run in runs:
                run.kill()
                run.wait()
    a_case = (counts[1] - counts[0]) / (many - few)
    sys.stdout.write(f"a case {a_case:,.0f} instructions, the start {counts[0] - few * a_case:,.0f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
