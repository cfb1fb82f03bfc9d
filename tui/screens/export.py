"""The Export screen: the result in hand as files, by the writers the commands use."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
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
    "t": ("report.txt", "the report for people"),
    "j": ("result.json", "every number"),
}
"""Key, how the file's name ends and what it is."""

_HANG = 10
"""Columns that a wrapped line of the page hangs in: those of its first word."""

_TRIED = 1_000
"""File names tried before a name is asked for: nobody keeps as many exports in one folder."""


class ExportScreen(ModeScreen):
    """Writes the comparison in hand to a folder."""

    MODE = "export"
    TITLE_WORDS = "Export"
    EXPLAINS = (
        "The comparison in hand as files: the same writers as the command line's, so the same bytes. o chooses the "
        "folder. A file that exists is never overwritten: another name is offered. Textual's own palette entry "
        "Screenshot saves any screen as SVG."
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
    _last = "j"
    _written: list[str]
    _stems: dict[tuple[str, Order], str]

    def middle(self) -> Iterable[Widget]:
        """Hold what can be written, and a preview."""
        yield VerticalScroll(LinesPanel(id="export"), id="export-scroll", classes="frame")
        yield AskLine()

    def set_up(self) -> None:
        """Show what there is to write."""
        self._written, self._stems = [], {}
        self.query_one("#export-scroll").border_title = "Export"
        self._show()

    @property
    def shown(self) -> Order | None:
        """The order of the comparison that would be written."""
        compared = self.session.compared
        return None if compared is None else compared[0]

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
        """Write one format under the name that is shown."""
        compared = self.session.compared
        if compared is None:
            self.notify("There is no result; 1 Compare, r makes one.", severity="warning")
            return
        order = compared[0]
        path = self._path(key, order)
        self._stems.setdefault((self._folder, order), self._stem(order))  # both formats bear one number
        self._write(key, path)

    @on(Answered)
    def _typed(self, message: Answered) -> None:
        self.set_focus(self.query_one("#export-scroll"))
        if not message.text:
            return
        if message.what == "folder":
            self._folder = message.text
            self._show()
        else:
            self._write(message.what, message.text)

    def _write(self, key: str, path: str) -> None:
        """Write to a file that is not there yet; offer another name for one that is."""
        compared = self.session.compared
        if compared is None:
            return
        if is_taken(path):
            text = (
                f"{path}: exists already, and an export never overwrites; allowed: another name, or remove it"
            )
            self.notify(text, title="Not written", severity="error", timeout=12)
            self.query_one(AskLine).ask(key, "write as (a new file): ", free_name(path))
            return
        self._work_write(key, path, *compared)

    @work(thread=True, group="save", exit_on_error=False)
    def _work_write(self, key: str, path: str, order: Order, comparison: Comparison) -> None:
        try:
            text = self.session.runner.written(replace(order, out=path, as_json=key == "j"), comparison)
            Destination.checked(path, named="export").write(text)
        except (BadInput, OSError) as refused:
            self.post_message(Saved(path, (str(refused),)))
        else:
            self._last = key
            self.post_message(Saved(path, ()))

    @on(Saved)
    def _was_written(self, message: Saved) -> None:
        if message.problems:
            self.notify("\n".join(message.problems), title="Not written", severity="error", timeout=12)
            return
        self._written.append(message.path)
        self.notify(message.path, title="Written")
        self._show()

    def _path(self, key: str, order: Order) -> str:
        stem = self._stems.get((self._folder, order)) or self._stem(order)
        return str(Path(self._folder) / f"{stem}-{FORMATS[key][0]}")

    def _stem(self, order: Order) -> str:
        """Return what the files of a result begin with; every what-if of a scenario has a number of its own."""
        name = Path(order.scenario).stem
        if not order.settings:
            return name
        stems = (f"{name}-what-if-{number}" for number in range(1, _TRIED))
        return next((stem for stem in stems if not self._is_used(stem)), name)

    def _is_used(self, stem: str) -> bool:
        folder = Path(self._folder)
        return any(is_taken(str(folder / f"{stem}-{ending}")) for ending, _ in FORMATS.values())

    def _show(self) -> None:
        compared, wanted = self.session.compared, self.session.order()
        lines = [f"folder    {self._folder}"]
        if compared is None:
            lines += [f"{key}         {what}" for key, (_, what) in FORMATS.items()]
            lines += ["", "no result in hand: 1 Compare, r makes one; 6 Runs opens one"]
            self.show_command(
                "" if wanted is None else self._command_line(self._last, wanted, wanted.command())
            )
        else:
            order, comparison = compared
            replay = replay_command(order, comparison)
            lines += [
                f"result    {comparison.title}, seed {comparison.seed}",
                f"settings  {order.settings_words()}",
                f"designs   {', '.join(comparison.designs)}",
            ]
            for key, (_, what) in FORMATS.items():
                lines += [
                    "",
                    f"{key}         {what}: {self._path(key, order)}",
                    f"          {self._command_line(key, order, replay)}",
                ]
            self.show_command(self._command_line(self._last, order, replay))
        lines += ["", *(f"✔ written: {path}" for path in self._written)]
        self.query_one("#export", LinesPanel).draw(
            lambda width: [Content(part) for line in lines for part in hanging(line, width)]
        )

    def _command_line(self, key: str, order: Order, replay: str) -> str:
        """Return the command that writes the same bytes to the same file."""
        words = [replay]
        if key == "j":
            words.append("--json")
        else:
            words += ["--all"] if order.everything else []
            words += [f"--by {order.by}"] if order.by else []
        return " ".join([*words, "--out", shlex.quote(self._path(key, order))])


def is_taken(path: str) -> bool:
    """Tell whether something stands under a name, a link to nowhere included."""
    return Path(path).exists() or Path(path).is_symlink()


def free_name(path: str) -> str:
    """Return a name beside one that is taken: `bank-report.txt` becomes `bank-report-2.txt`."""
    taken = Path(path)
    names = (str(taken.with_name(f"{taken.stem}-{number}{taken.suffix}")) for number in range(2, _TRIED))
    return next((name for name in names if not is_taken(name)), path)


def hanging(line: str, width: int) -> list[str]:
    """Wrap a line of the page; what does not fit hangs below its second column."""
    return textwrap.wrap(
        line, max(_HANG + 10, width), subsequent_indent=" " * _HANG, break_on_hyphens=False
    ) or [""]
