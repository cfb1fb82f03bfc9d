"""The Export screen: the result in hand as files, by the writers the commands use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from sandbox.errors import BadInput
from scenarios.result import Comparison
from tui.cli.destination import Destination
from tui.cli.orders import Order
from tui.messages import Answered, News, Saved
from tui.runner import replay_command
from tui.screens.base import ModeScreen
from tui.widgets.ask_line import AskLine
from tui.widgets.lines import LinesPanel

FORMATS = {
    "t": ("report.txt", "the report for people, as `sandbox compare --out` writes it"),
    "j": ("result.json", "every number, as `sandbox compare --json --out` writes it"),
}
"""Key, file name and what it is."""


class ExportScreen(ModeScreen):
    """Writes the comparison in hand to a folder."""

    MODE = "export"
    TITLE_WORDS = "Export"
    EXPLAINS = (
        "The comparison in hand as files: the same writers as the command line's, so the same bytes. o chooses the "
        "folder. Textual's own palette entry Screenshot saves any screen as SVG."
    )
    IDLE = "t writes the report, j the JSON; o chooses the folder."
    CSS_PATH = "export.tcss"
    AUTO_FOCUS = "#export-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "write('t')", "Report", id="export.report", tooltip="Write the report for people."),
        Binding("j", "write('j')", "JSON", id="export.json", tooltip="Write every number as JSON."),
        Binding("o", "folder", "Folder", id="export.folder", tooltip="Choose where files go."),
    ]

    _folder = "."
    _written: list[str]

    def middle(self) -> Iterable[Widget]:
        """Hold what can be written, and a preview."""
        yield VerticalScroll(LinesPanel(id="export"), id="export-scroll", classes="frame")
        yield AskLine()

    def set_up(self) -> None:
        """Show what there is to write."""
        self._written = []
        self.query_one("#export-scroll").border_title = "Export"
        self._show()

    def hear(self, news: News) -> None:
        """Follow the result in hand."""
        del news
        self._show()

    def on_screen_resume(self) -> None:
        """Show the result that is in hand now."""
        self._show()

    def action_folder(self) -> None:
        """Ask for the folder."""
        self.query_one(AskLine).ask("folder", "folder: ", self._folder)

    def action_write(self, key: str) -> None:
        """Write one format."""
        compared = self.session.compared
        if compared is None:
            self.notify("There is no result; 1 Compare, r makes one.", severity="warning")
            return
        path = str(Path(self._folder) / f"{Path(compared[1].scenario).stem}-{FORMATS[key][0]}")
        self._work_write(key, path, *compared)

    @on(Answered)
    def _typed(self, message: Answered) -> None:
        self.set_focus(self.query_one("#export-scroll"))
        if message.text:
            self._folder = message.text
            self._show()

    @work(thread=True, group="save", exit_on_error=False)
    def _work_write(self, key: str, path: str, order: Order, comparison: Comparison) -> None:
        try:
            text = self.session.runner.written(replace(order, out=path, as_json=key == "j"), comparison)
            Destination.checked(path).write(text)
        except (BadInput, OSError) as refused:
            self.post_message(Saved(path, (str(refused),)))
        else:
            self.post_message(Saved(path, ()))

    @on(Saved)
    def _was_written(self, message: Saved) -> None:
        if message.problems:
            self.notify("\n".join(message.problems), title="Not written", severity="error", timeout=12)
            return
        self._written.append(message.path)
        self.notify(message.path, title="Written")
        self._show()

    def _show(self) -> None:
        compared = self.session.compared
        lines = [f"folder   {self._folder}"]
        lines += [f"{key}  {name:<14} {what}" for key, (name, what) in FORMATS.items()]
        lines += ["", *(f"✔ written: {path}" for path in self._written)]
        if compared is None:
            lines.append("no result in hand: 1 Compare, r makes one; 6 Runs opens one")
            wanted = self.session.order()
            self.show_command(f"{wanted.command()} --json --out result.json" if wanted is not None else "")
        else:
            order, comparison = compared
            lines.append(
                f"in hand: {comparison.title}, seed {comparison.seed}, designs {', '.join(comparison.designs)}"
            )
            self.show_command(f"{replay_command(order, comparison)} --json --out result.json")
        self.query_one("#export", LinesPanel).say(lines)
