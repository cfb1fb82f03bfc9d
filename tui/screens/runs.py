"""The Runs screen: what was run before, opened again exactly, or held against another run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.errors import BadInput
from tui.messages import ModeRequested, News, Reopened, RunFinished, RunRead, RunsRead, WorldChanged
from tui.run_reading import run_lines, run_row, versus_lines
from tui.screens.base import ModeScreen
from tui.screens.page import PageScreen
from tui.widgets.hanging import HangingRow
from tui.widgets.lines import LinesPanel
from tui.widgets.walked_list import WalkedList

if TYPE_CHECKING:
    from scenarios.saved.runs import SavedRun
    from scenarios.versus import Ran
    from tui.ports import ReadBack


class RunList(WalkedList):
    """Lists saved runs."""

    NOTHING = "No run is listed; 1 Compare, r saves one."


class RunsScreen(ModeScreen):
    """Lists the saved runs of this user."""

    MODE = "runs"
    TITLE_WORDS = "Runs"
    EXPLAINS = (
        "Every comparison, here or on the command line, is saved with its command, files, seed and versions. Enter "
        "opens one in Compare exactly as it was, without running anything. Space marks a run, v holds the run under "
        "the cursor against the marked one: settings that differ, then metric by metric. sandbox rerun tells whether "
        "a run still gives the same bytes."
    )
    IDLE = "Enter opens a run as it was; Space marks one, v holds another against it."
    CSS_PATH = "runs.tcss"
    AUTO_FOCUS = "#saved"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Mark the run to hold another against."),
        Binding("v", "versus", "Versus", id="runs.versus", tooltip="Hold this run against the marked one."),
        Binding("r", "read", "Refresh", id="runs.read", tooltip="Read the list again."),
    ]

    _runs: list[SavedRun]
    _read: dict[int, ReadBack]
    _unreadable: set[int]
    _marked: int | None = None
    _wanted: int | None = None

    def middle(self) -> Iterable[Widget]:
        """Lay out the list and the run in hand."""
        yield Container(
            RunList(id="saved", classes="frame"),
            VerticalScroll(LinesPanel(id="run-text"), id="run-scroll", classes="frame"),
            id="runs-body",
        )

    def set_up(self) -> None:
        """Read the list."""
        self._runs, self._read, self._unreadable = [], {}, set()
        self.query_one("#saved").border_title = "Saved runs"
        self.query_one("#run-scroll").border_title = "This run"
        self.show_command("sandbox runs")
        self._work_list()

    def hear(self, news: News) -> None:
        """Read the list again when a run has ended."""
        if isinstance(news, RunFinished):
            self._work_list()

    # -- keys --------------------------------------------------------------------------------------------------

    def action_read(self) -> None:
        """Read the list again, and say so: it mostly looks as before."""
        self._work_list()
        self.notify("The list is read again.")

    def action_mark(self) -> None:
        """Mark the run under the cursor, or no run."""
        run = self._chosen
        if run is None:
            self.notify(RunList.NOTHING, severity="warning")
            return
        self._marked = None if self._marked == run.id else run.id
        self._fill()

    def action_versus(self) -> None:
        """Hold the run under the cursor against the marked one."""
        run = self._chosen
        one, other = self._ran(self._marked), self._ran(run.id if run is not None else None)
        if one is None or other is None or one.saved.id == other.saved.id:
            self.notify(self._why_not(run), severity="warning")
            return
        title = f"Run {other.saved.id} against run {one.saved.id}"
        commands = f"sandbox show {one.saved.id}; sandbox show {other.saved.id}"
        self.app.push_screen(
            PageScreen(title, partial(versus_lines, one, other, self.session.words), commands)
        )

    def _why_not(self, run: SavedRun | None) -> str:
        """Say what is missing before two runs can be held against each other."""
        if run is None:
            return RunList.NOTHING
        if self._marked is None:
            return "Mark one comparison with Space, then move to another."
        if run.id == self._marked:
            return f"Run {run.id} is the marked one; move to another."
        if not {self._marked, run.id} <= self._read.keys():
            return "The runs are still being read; once more, please."
        bare = next((number for number in (self._marked, run.id) if self._ran(number) is None), run.id)
        return f"Run {bare} gave no comparison, so its figures cannot be held against another's."

    @on(OptionList.OptionHighlighted, "#saved")
    def _moved(self) -> None:
        run = self._chosen
        self._wanted = None
        if run is None:
            return
        self.show_command(f"sandbox show {run.id}")
        if run.id in self._read:
            self._show(run.id)
        else:
            self._work_read(run.id)

    @on(OptionList.OptionSelected, "#saved")
    def _open(self) -> None:
        run = self._chosen
        found = self._read.get(run.id) if run is not None else None
        if run is not None and found is None and run.id not in self._unreadable:
            self._wanted = run.id  # as soon as it is read
            return
        if found is None or found.order is None or found.comparison is None:
            self.notify("This run has no comparison to open; y copies its command.", severity="warning")
            return
        self.session.choose(found.order.scenario)
        self.session.settings = found.order.settings
        self.session.despite_history = found.order.despite_history
        self.session.compared = found.order, found.comparison
        self.post_message(WorldChanged())
        self.post_message(Reopened())
        self.post_message(ModeRequested("compare"))

    # -- reading -----------------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="runs", exit_on_error=False)
    def _work_list(self) -> None:
        try:
            runs = self.session.runner.saved_runs()
        except BadInput as refused:
            self.post_message(RunsRead([], list(refused.problems)))
        else:
            self.post_message(RunsRead(runs, []))

    @work(thread=True, group="run-read", exit_on_error=False)
    def _work_read(self, number: int) -> None:
        try:
            found = self.session.runner.reopened(number)
        except BadInput as refused:
            self.post_message(RunRead(number, None, list(refused.problems)))
        else:
            self.post_message(RunRead(number, found, []))

    @on(RunsRead)
    def _listed(self, message: RunsRead) -> None:
        self._runs = message.runs
        if message.problems:
            self.query_one("#run-text", LinesPanel).say([f"✘ {problem}" for problem in message.problems])
        elif not self._runs:
            self.query_one("#run-text", LinesPanel).say(["no run is saved yet; 1 Compare, r saves one"])
        self._fill()

    @on(RunRead)
    def _read_back(self, message: RunRead) -> None:
        if message.found is not None:
            self._read[message.number] = message.found
        else:
            self._unreadable.add(message.number)
        if self._chosen is None or self._chosen.id != message.number:
            return
        if message.problems:
            self.query_one("#run-text", LinesPanel).say([f"✘ {problem}" for problem in message.problems])
        else:
            self._show(message.number)
        if self._wanted == message.number:
            self._open()

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> SavedRun | None:
        place = self.query_one("#saved", OptionList).highlighted
        return self._runs[place] if place is not None and place < len(self._runs) else None

    def _ran(self, number: int | None) -> Ran | None:
        from scenarios.versus import Ran

        found = self._read.get(number) if number is not None else None
        return None if found is None or found.comparison is None else Ran(found.run, found.comparison)

    def _show(self, number: int) -> None:
        found = self._read[number]
        text = self.query_one("#run-text", LinesPanel)
        text.draw(lambda width: run_lines(found.run, found.comparison, width))
        self.query_one("#run-scroll", VerticalScroll).scroll_home(animate=False)

    def _fill(self) -> None:
        listed, chosen = self.query_one("#saved", OptionList), self._chosen
        listed.clear_options()
        listed.add_options(
            Option(HangingRow(*run_row(run, marked=run.id == self._marked), command=True))
            for run in self._runs
        )
        ids = [run.id for run in self._runs]
        if ids:
            listed.highlighted = ids.index(chosen.id) if chosen is not None and chosen.id in ids else 0
