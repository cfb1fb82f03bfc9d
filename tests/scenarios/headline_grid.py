"""Print which bars of the case hold over patience ±30 % and other traffic ±20 %, and with measured patience.

Run it as a script; it takes some minutes. The README's table is what it printed.

    python tests/scenarios/headline_grid.py [--seeds N]
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from statistics import fmean

from scenarios.percent import in_percent
from scenarios.run import CompareRequest, compare

PATIENCE_S = 190.0
OTHER_CALLS_PER_DAY = 430.0
MEASURED_PATIENCE_S = 367.0
Cell = tuple[float, float]


def runs(cell: Cell, seed: int) -> dict[str, float]:
    """The figures the bars are about, for one seed."""
    patience_s, other = cell
    world = (
        f"call_centre.patience_s_mean.campaign={patience_s:g}",
        f"call_centre.other_traffic.calls_per_day={other:g}",
    )

    def one(design: str, messages: int) -> dict[str, float | None]:
        settings = (*world, f"campaign.messages={messages}")
        request = CompareRequest("retail-bank-200k", settings, (design,), seed=seed, replications=1, jobs=1)
        metrics = compare(request, lambda _: None, lambda: False).designs[design].metrics
        return {name: metric.value for name, metric in metrics.items()}

    calm, busy, inside = one("sms-to-call", 50_000), one("sms-to-call", 200_000), one("in-message", 200_000)
    return {
        "calm": calm["call_abandonment_rate"] or 0.0,
        "busy": busy["call_abandonment_rate"] or 0.0,
        "wait": busy["call_wait_busy_s"] or 0.0,
        "inside": inside["call_abandonment_rate"] or 0.0,
    }


def bars(figures: dict[str, float]) -> str:
    """The four bars, a letter each when it holds: calm, busy, wait, inside; a dot when not."""
    held = {
        "C": figures["calm"] < 0.08,
        "B": figures["busy"] > 0.52,
        "W": 90 < figures["wait"] < 150,
        "I": figures["inside"] < 0.10,
    }
    return "".join(letter if holds else "·" for letter, holds in held.items())


def printed(figures: dict[str, float]) -> str:
    """One cell of the table: the bars that hold, then the figures they are about."""
    calm, busy, inside = (in_percent(figures[name], 1) for name in ("calm", "busy", "inside"))
    return f"{bars(figures)} {calm} / {busy} / {figures['wait']:.0f} s / {inside}"


def measure(task: tuple[Cell, int]) -> tuple[Cell, dict[str, float]]:
    """Mean figures of one cell over the seeds."""
    cell, seeds = task
    each = [runs(cell, seed) for seed in range(1, seeds + 1)]
    return cell, {name: fmean(one[name] for one in each) for name in each[0]}


def main() -> None:
    """Print the grid and the row with the measured patience."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    seeds = parser.parse_args().seeds
    patience = [PATIENCE_S * factor for factor in (0.7, 1.0, 1.3)] + [MEASURED_PATIENCE_S]
    other = [OTHER_CALLS_PER_DAY * factor for factor in (0.8, 1.0, 1.2)]
    cells = [(p, o) for p in patience for o in (other if p != MEASURED_PATIENCE_S else [OTHER_CALLS_PER_DAY])]
    with ProcessPoolExecutor(2) as pool:
        found = dict(pool.map(measure, [(cell, seeds) for cell in cells]))
    write = sys.stdout.write
    write("| patience \\ other calls a day | " + " | ".join(f"{o:.0f}" for o in other) + " |\n")
    write("|---|" + "---|" * len(other) + "\n")
    for p in patience:
        row = [found.get((p, o)) for o in other]
        texts = [printed(f) if f else "" for f in row]
        write(f"| {p:.0f} s | " + " | ".join(texts) + " |\n")


if __name__ == "__main__":
    main()
