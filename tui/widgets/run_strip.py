"""The strip below the picker: what runs or ran, how far it is, and the command that does the same."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from scenarios.result import Comparison
from tui.chartmath import bar, eta_s
from tui.cli.progress import ETA_FROM_FRACTION
from tui.figures import duration
from tui.runner import RunProgress

_BAR_WIDTH = 16


class RunStrip(Vertical):
    """Two lines that are always in sight: the run's state, and the command line."""

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        yield Static("", id="run-state", markup=False)
        yield Static("", id="run-command", markup=False)

    def show_state(self, text: str) -> None:
        """Replace the state line."""
        self.query_one("#run-state", Static).update(text)

    def show_command(self, command: str) -> None:
        """Replace the command line."""
        self.query_one("#run-command", Static).update(f"$ {command}   (y copies)" if command else "")


def progress_words(progress: RunProgress) -> str:
    """Say how far a run is: bar, share, time left at this pace, runs done, simulated day; the last is cut first."""
    early = progress.fraction < ETA_FROM_FRACTION
    left_s = None if early else eta_s(progress.fraction, progress.elapsed_s)
    latest = progress.latest
    words = [
        f"▶ running ▕{bar(progress.fraction, 1.0, _BAR_WIDTH)}▏{progress.fraction:4.0%}",
        "" if left_s is None else f"about {duration(left_s)} left",
        _runs(progress),
        f"{latest.design} day {latest.day} of {latest.days}",
    ]
    return " · ".join(filter(None, words))


def _runs(progress: RunProgress) -> str:
    done = progress.tasks_done
    if progress.most is None:
        return f"{done} of {progress.tasks} runs"
    return f"{done} of about {progress.tasks} runs, {progress.most} at most"


def result_words(comparison: Comparison) -> str:
    """Say what a result is: seed, replications, what the ranges mean, and the title."""
    runs = "replication" if comparison.replications == 1 else "replications"
    words = [
        "✔ done",
        f"seed {comparison.seed}",
        f"{comparison.replications} {runs}",
        "± is the 95 % interval",
        comparison.title,
    ]
    return " · ".join(words)
