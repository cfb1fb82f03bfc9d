"""The screens there are, in the order of their keys."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Mode(NamedTuple):
    """One screen of the app.

    Attributes:
        key: the digit that shows it.
        name: how the app knows it.
        title: how people know it.
        purpose: one sentence for the palette and the help.
    """

    key: str
    name: str
    title: str
    purpose: str


MODES = (
    Mode("1", "compare", "Compare", "Which design wins, and why."),
    Mode("2", "whatif", "What-if", "Change any number, see what theory says at once, then simulate."),
    Mode("3", "cases", "Cases", "Find customers by what happened, and follow one from trigger to record."),
    Mode("4", "phone", "Phone", "Be the customer of any design, and read what the real code did."),
    Mode("5", "limits", "Limits", "How far a setting may go, and how many agents are needed."),
    Mode("6", "runs", "Runs", "What was run before: open it again exactly, or hold two against each other."),
    Mode("7", "live", "Live", "All designs on one clock and the same customers, as the day goes on."),
    Mode("8", "pitfalls", "Pitfalls", "What each of the seven failure modes costs."),
    Mode("9", "scenarios", "Scenarios", "What can be run, whether its file is sound, and new ones from it."),
    Mode("0", "export", "Export", "The result in hand as files."),
)


def mode_bindings() -> list[Binding]:
    """Return one hidden digit per screen, listed in the palette and the help."""
    return [
        Binding(
            mode.key,
            f"show_mode('{mode.name}')",
            f"Screen {mode.key}: {mode.title}",
            id=f"app.mode.{mode.name}",
            show=False,
            tooltip=mode.purpose,
        )
        for mode in MODES
    ]


class TabSpan(NamedTuple):
    """Where one screen's name stands in the bar: its row, and the columns from `start` up to `end`."""

    mode: str
    text: str
    row: int
    start: int
    end: int


def tab_spans(width: int) -> list[TabSpan]:
    """Place the names of the screens in a bar: in one row if they fit, else in as few even rows as they need.

    A name is never cut: three letters of it tell nobody what they open.

    Args:
        width: columns.
    """
    spans: list[TabSpan] = []
    for rows in range(1, len(MODES) + 1):
        spans = _in_rows_of(-(-len(MODES) // rows))
        if max(span.end for span in spans) <= width:
            break
    return spans


def _in_rows_of(most: int) -> list[TabSpan]:
    spans: list[TabSpan] = []
    for nth, mode in enumerate(MODES):
        row, column = divmod(nth, most)
        text = f" {mode.key} {mode.title} "
        start = spans[-1].end if column else 0
        spans.append(TabSpan(mode.name, text, row, start, start + len(text)))
    return spans
