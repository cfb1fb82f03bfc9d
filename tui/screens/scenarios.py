"""The Scenarios screen: the story of each, whether its file is sound, where its numbers come from; new from one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.errors import BadInput
from tui.cli.orders import command_line
from tui.library import ScenarioListing
from tui.messages import Answered, Checked, LibraryLoaded, ModeRequested, News, Saved, WorldChanged
from tui.scenario_reading import scenario_lines
from tui.screens.base import ModeScreen
from tui.widgets.ask_line import AskLine
from tui.widgets.hanging import HangingRow
from tui.widgets.lines import LinesPanel

if TYPE_CHECKING:
    from scenarios.world.spec import CheckReport


NOTHING_LISTED = "No scenario is listed yet."


class ScenariosScreen(ModeScreen):
    """Lists what can be run, with a check of the one under the cursor."""

    MODE = "scenarios"
    TITLE_WORDS = "Scenarios"
    EXPLAINS = (
        "Every shipped scenario and the file in hand. The one under the cursor is read and checked: faults stand "
        "there with file, line, what was found and what is allowed; a sound one says its designs, its workflow, "
        "where its numbers come from and its last result here. Enter takes it in hand. n writes an editable copy, "
        "comments kept; o opens a file of your own."
    )
    IDLE = "Enter takes a scenario in hand; n copies it to your own file, o opens one."
    CSS_PATH = "scenarios.tcss"
    AUTO_FOCUS = "#all-scenarios"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n", "new", "New from", id="scenarios.new", tooltip="Write an editable copy of this scenario."
        ),
        Binding("o", "open", "Open file", id="scenarios.open", tooltip="Take a file of your own in hand."),
        Binding("v", "check", "Check", id="scenarios.check", tooltip="Read and check the file again."),
    ]

    _entries: tuple[ScenarioListing, ...] = ()
    _checked: dict[str, CheckReport]
    _by_key = ""

    def middle(self) -> Iterable[Widget]:
        """Lay out the list and the scenario in sight."""
        yield Container(
            OptionList(id="all-scenarios", classes="frame"),
            VerticalScroll(LinesPanel(id="scenario-text"), id="scenario-scroll", classes="frame"),
            id="scenarios-body",
        )
        yield AskLine()

    def set_up(self) -> None:
        """List what there is."""
        self._checked = {}
        self.query_one("#all-scenarios").border_title = "Scenarios"
        self.query_one("#scenario-scroll").border_title = "This scenario"
        self._fill()

    def hear(self, news: News) -> None:
        """List anew when the library was read, or another scenario is in hand."""
        if isinstance(news, LibraryLoaded | WorldChanged):
            self._fill()

    # -- keys --------------------------------------------------------------------------------------------------

    def action_new(self) -> None:
        """Ask for the file to write a copy to."""
        if self._chosen is None:
            self.cannot(NOTHING_LISTED)
        else:
            self.query_one(AskLine).ask("new", f"copy {self._chosen.name} to: ", "my-scenario.yaml")

    def action_open(self) -> None:
        """Ask for a file of the user's own."""
        self.query_one(AskLine).ask("open", "file: ", "./")

    def action_check(self) -> None:
        """Read and check the file again; whatever was read of it before is out of date."""
        if self._chosen is None:
            self.cannot(NOTHING_LISTED)
            return
        self._by_key = self._chosen.name
        self._work_check(self._chosen.name)
        self.session.edition += 1
        self.post_message(WorldChanged())

    @on(Answered)
    def _typed(self, message: Answered) -> None:
        self.set_focus(self.query_one("#all-scenarios", OptionList))
        if not message.text:
            return
        if message.what == "open":
            self._take(message.text)
        elif self._chosen is not None:
            self._work_copy(self._chosen.name, message.text)

    @on(OptionList.OptionHighlighted, "#all-scenarios")
    def _moved(self) -> None:
        one = self._chosen
        if one is None:
            return
        self.show_command(command_line("check", one.name, []))
        if one.name not in self._checked:
            self._work_check(one.name)
        self._show()

    @on(OptionList.OptionSelected, "#all-scenarios")
    def _pick(self) -> None:
        if self._chosen is not None:
            self.session.choose(self._chosen.name)
            self.post_message(WorldChanged())
            self.post_message(ModeRequested("compare"))

    # -- work --------------------------------------------------------------------------------------------------

    @work(thread=True, group="check", exit_on_error=False)
    def _work_check(self, name: str) -> None:
        self.post_message(Checked(name, self.session.runner.check(name)))

    @work(thread=True, group="save", exit_on_error=False)
    def _work_copy(self, source: str, target: str) -> None:
        try:
            self.session.runner.save(source, target, ())
        except (BadInput, OSError) as refused:
            self.post_message(Saved(target, (str(refused),)))
        else:
            self.post_message(Saved(target, ()))

    @on(Checked)
    def _was_checked(self, message: Checked) -> None:
        self._checked[message.name] = message.report
        self._show()
        if (
            self._by_key == message.name
        ):  # asked for by key: the page may look as it did, so say that it was read
            self._by_key = ""
            problems = len(message.report.problems)
            found = "it is sound" if message.report.ok else f"faults: {problems}"
            self.notify(f"{message.name}: read again; {found}.", title="Checked")

    @on(Saved)
    def _was_saved(self, message: Saved) -> None:
        if message.problems:
            self.notify("\n".join(message.problems), title="Not written", severity="error", timeout=12)
        else:
            self._take(message.path)

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> ScenarioListing | None:
        place = self.query_one("#all-scenarios", OptionList).highlighted
        return self._entries[place] if place is not None and place < len(self._entries) else None

    def _take(self, path: str) -> None:
        """Take a file in hand and list it first."""
        self.session.choose(path)
        self.post_message(WorldChanged())

    def _fill(self) -> None:
        library = self.session.library
        if library is None:
            return
        listed, chosen = self.query_one("#all-scenarios", OptionList), self.session.scenario
        self._entries = library.scenarios
        listed.clear_options()
        listed.add_options(Option(HangingRow(f"{entry.name}  ", entry.title)) for entry in self._entries)
        names = [entry.name for entry in self._entries]
        listed.highlighted = names.index(chosen) if chosen in names else 0

    def _show(self) -> None:
        one = self._chosen
        if one is None:
            return
        report, compared = self._checked.get(one.name), self.session.compared
        last = compared[1] if compared is not None and compared[0].scenario == one.name else None
        self.query_one("#scenario-text", LinesPanel).draw(
            lambda width: scenario_lines(one, report, last, width)
        )
