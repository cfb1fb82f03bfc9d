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
    """Where one screen's name stands in the bar: columns from `start` up to `end`."""

    mode: str
    text: str
    start: int
    end: int


def tab_spans(width: int, active: str) -> list[TabSpan]:
    """Place the names of the screens in a bar; where they do not fit, only the active one keeps its name whole.

    Args:
        width: columns.
        active: the screen that is shown.
    """
    for length in (99, 7, 5, 3, 0):
        names = [mode.title if mode.name == active else mode.title[:length].rstrip() for mode in MODES]
        texts = [f" {f'{mode.key} {name}'.rstrip()} " for mode, name in zip(MODES, names, strict=True)]
        if sum(map(len, texts)) <= width:
            break
    spans: list[TabSpan] = []
    start = 0
    for mode, text in zip(MODES, texts, strict=True):
        spans.append(TabSpan(mode.name, text, start, start + len(text)))
        start += len(text)
    return spans
