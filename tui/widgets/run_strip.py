"""The strip below the picker: what runs or ran, how far it is, and the command that does the same."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from scenarios.percent import in_percent
from scenarios.result import Comparison
from tui.chartmath import bar, fit
from tui.figures import duration
from tui.progress_board import RunProgress
from tui.widgets.lines import LinesPanel

_BAR_WIDTH = 16
_COPIES = "(y\N{NO-BREAK SPACE}copies)"
_COMMAND_LINES = 3
"""Lines a command has at most, as the stylesheet gives them; `y` copies the whole of it."""


class RunStrip(Vertical):
    """Two lines that are always in sight: the run's state, and the command line."""

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        yield Static("", id="run-state", markup=False)
        yield LinesPanel(id="run-command")

    def show_state(self, text: str) -> None:
        """Replace the state line."""
        self.query_one("#run-state", Static).update(text)

    def show_command(self, command: str) -> None:
        """Replace the command line."""
        self.query_one("#run-command", LinesPanel).draw(
            lambda width: (
                [Content(line) for line in command_lines(command, width)] if command else [Content("")]
            )
        )


def command_lines(command: str, width: int) -> list[str]:
    """Return the command's line wrapped, the hint behind it in one piece; a long one is cut before it.

    Args:
        command: as a shell takes it.
        width: columns.
    """
    lines = textwrap.wrap(f"$ {command}   {_COPIES}", max(1, width), break_on_hyphens=False)
    if len(lines) > _COMMAND_LINES:
        last = f"{' '.join(lines[_COMMAND_LINES - 1 :]).removesuffix(_COPIES).rstrip()}"
        lines = [*lines[: _COMMAND_LINES - 1], f"{fit(last, width - len(_COPIES) - 1).rstrip()} {_COPIES}"]
    return [line.replace(_COPIES, _COPIES.replace("\N{NO-BREAK SPACE}", " ")) for line in lines]


def progress_words(progress: RunProgress) -> str:
    """Say how far a run is: bar, share, time left at this pace, runs done, simulated day; the last is cut first.

    What is not known yet is left out.
    """
    latest = progress.latest
    words = [
        f"▶ running ▕{bar(progress.fraction, 1.0, _BAR_WIDTH)}▏{in_percent(progress.fraction, 0):>5}",
        "" if progress.left_s is None else f"about {duration(progress.left_s)} left",
        _runs(progress),
        f"{latest.design} day {latest.day} of {latest.days}" if latest.days else latest.design,
    ]
    return " · ".join(filter(None, words))


def begun(progress: RunProgress) -> bool:
    """Whether any run is under way: before that only names are announced, and nothing is known of them."""
    return progress.latest.days > 0 or progress.fraction > 0


def _runs(progress: RunProgress) -> str:
    done = progress.tasks_done
    if progress.most is None:
        return f"{done} of {progress.tasks} runs"
    return f"{done} of about {progress.tasks} runs, {progress.most} at most"


def result_words(comparison: Comparison) -> str:
    """Say what a result is: seed, replications, what the ranges mean. Its scenario stands in the picker."""
    runs = "replication" if comparison.replications == 1 else "replications"
    words = [
        "✔ done",
        f"seed {comparison.seed}",
        f"{comparison.replications} {runs}",
        "± or [ ] is the 95 % interval",
    ]
    return " · ".join(words)
