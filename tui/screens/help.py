"""The help screen: the focused panel, its keys, and how each number on show is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from scenarios.result import Comparison, Metric
from tui.figures import base_size
from tui.library import Words
from tui.readings import metrics_of, shape, title_of

_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "enter": "Enter",
    "plus": "+",
    "minus": "-",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "tab": "Tab",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "full_stop": ".",
    "comma": ",",
}
_KEY_WIDTH = 8
_ALWAYS = (
    ("↑ ↓", "Scroll, or move in a list"),
    ("Tab", "Next panel"),
    ("Ctrl+P", "Command palette: every action by name, and the themes"),
    ("Shift", "held while dragging the mouse selects text in most terminals"),
)


class HelpScreen(ModalScreen[None]):
    """A scrollable page over the screen it explains; `?` or Escape closes it.

    Args:
        title: of what had the keyboard.
        explains: what it shows and how that comes about.
        bindings: the keys of the screen beneath.
        comparison: the result on show, or None.
        words: the metrics in words.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark,escape",
            "dismiss",
            "Close help",
            key_display="?",
            id="help.close",
            tooltip="Go back to the screen.",
        ),
    ]

    def __init__(
        self,
        title: str,
        explains: str,
        bindings: Sequence[Binding],
        comparison: Comparison | None,
        words: Words,
    ) -> None:
        """Write the page."""
        super().__init__()
        self._title = f"Help: {title}"
        self._page = help_text(explains, bindings, comparison, words)

    def compose(self) -> ComposeResult:
        """Hold the page over its own keys: those of the screen beneath are out of use."""
        with VerticalScroll(id="help-page"):
            yield Static(self._page, id="help-text")
        yield Footer()

    def on_mount(self) -> None:
        """Name the page and say how to leave it."""
        page = self.query_one("#help-page")
        page.border_title = self._title
        page.border_subtitle = "↑ ↓ scroll · ? or Esc closes"
        page.focus()


def help_text(
    explains: str, bindings: Sequence[Binding], comparison: Comparison | None, words: Words
) -> Content:
    """Write the page: what the panel shows, the keys, then each metric of the result."""
    lines = [Content(explains), Content(""), Content.styled("Keys", "bold")]
    lines += [
        _key_line(
            binding.key_display or _KEY_NAMES.get(binding.key, binding.key), binding.tooltip, binding.id or ""
        )
        for binding in bindings
    ]
    lines += [_key_line(key, what) for key, what in _ALWAYS]
    if comparison is not None:
        lines += [Content(""), Content.styled("How each number is computed", "bold")]
        lines += _metric_lines(comparison, words)
    return Content("\n").join(lines)


def _key_line(key: str, what: str, name: str = "") -> Content:
    return Content.assemble(
        (f"{key:<{_KEY_WIDTH - 1}} ", "bold"), what, (f"  {name}" if name else "", "$foreground-muted")
    )


def _metric_lines(comparison: Comparison, words: Words) -> list[Content]:
    found: dict[str, list[tuple[str, Metric]]] = {}
    for index, design in enumerate(comparison.designs.values()):
        for name, metric in {**metrics_of(design), **design.buckets}.items():
            found.setdefault(name, []).append((shape(index), metric))
    return [line for name, uses in found.items() for line in _explained(name, uses, words)]


def _explained(name: str, uses: list[tuple[str, Metric]], words: Words) -> list[Content]:
    first, said = uses[0][1], words.get(name)
    rule = f", rule {first.rule}" if first.rule else ""
    sizes = "  ".join(f"{mark} n = {base_size(metric.n, metric.n_unit)}" for mark, metric in uses)
    notes = dict.fromkeys(f"{mark} {metric.note}" for mark, metric in uses if metric.note)
    return [
        Content.assemble((title_of(name, words), "bold"), f"  {name}"),
        *([Content(f"  {said.definition}")] if said else []),
        Content(f"  base: {first.base}; unit: {first.unit}{rule}"),
        *([Content(f"  if it fails, inspect {said.inspect}")] if said and said.inspect else []),
        Content(f"  {sizes}"),
        *(Content(f"  {note}") for note in notes),
    ]
