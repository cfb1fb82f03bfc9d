"""The What-if screen: change any number of a scenario, see what theory says at once, then simulate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, OptionList

from sandbox.errors import BadInput
from tui.cli.orders import command_line
from tui.messages import (
    Answered,
    LineLeft,
    Looked,
    News,
    RunFinished,
    RunRequested,
    Saved,
    StudyRead,
    WorldChanged,
)
from tui.screens.base import ModeScreen
from tui.whatif_reading import (
    change_lines,
    changes_of,
    moved,
    out_of_range,
    parameter_lines,
    theory_lines,
    with_change,
    written,
)
from tui.widgets.ask_line import AskLine
from tui.widgets.few_days import FewDaysPanel
from tui.widgets.lines import LinesPanel
from tui.widgets.parameter_list import ParameterList
from tui.widgets.typed_line import TypedLine
from tui.work import CompareWork, QuickWork

if TYPE_CHECKING:
    from scenarios.whatif import Look, Parameter, WhatIf


class WhatIfScreen(ModeScreen):
    """Edits the settings of the scenario in hand."""

    MODE = "whatif"
    TITLE_WORDS = "What-if"
    EXPLAINS = (
        "Every number and choice of the scenario, with unit, plausible range and source; ● marks what you changed, △ "
        "what you set outside its range. "
        "While you type, the lines of every design are reckoned anew by exact Erlang-A, half hour by half hour: it "
        "knows the callers and the agents, not the outbox or the back office. f simulates a week, r everything. "
        "A change counts on all screens until it is undone (z) or cleared (c); w writes a scenario of your own."
    )
    IDLE = "Enter edits, + - move it, z undoes, f simulates a week, r everything, w saves."
    CSS_PATH = "whatif.tcss"
    AUTO_FOCUS = "#parameters"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit", id="whatif.edit", tooltip="Change the value the cursor is on."),
        Binding("slash", "search", "Find", key_display="/", id="whatif.search", tooltip="Find a parameter."),
        Binding("plus", "nudge(1)", "More", key_display="+", id="whatif.more", show=False,
                tooltip="One step up."),
        Binding("minus", "nudge(-1)", "Less", key_display="-", id="whatif.less", show=False,
                tooltip="One step down."),
        Binding("z", "undo", "Undo", id="whatif.undo", tooltip="Take back the last change."),
        Binding("c", "clear", "Clear", id="whatif.clear", show=False, tooltip="Take back all changes."),
        Binding("f", "few", "Few days", id="whatif.few", tooltip="Simulate a week with these changes."),
        Binding("r", "run", "Run", id="whatif.run", tooltip="Run everything with these changes."),
        Binding("w", "save", "Save as", id="whatif.save", show=False,
                tooltip="Write a scenario of your own with these changes, comments kept."),
    ]  # fmt: skip

    _study: WhatIf | None = None
    _reading: tuple[str, int] | None = None
    _base: Look | None = None
    _look: Look | None = None
    _undo: list[tuple[str, ...]]
    _undos: dict[str, list[tuple[str, ...]]]
    _entered: tuple[str, ...] | None = None

    def middle(self) -> Iterable[Widget]:
        """Lay out the parameters, what is known of one, and what the changes do."""
        yield Container(
            Container(
                TypedLine(placeholder="find a parameter, a source or a note", id="find", compact=True),
                ParameterList(id="parameters"),
                id="all",
                classes="frame",
            ),
            VerticalScroll(
                LinesPanel(id="parameter", classes="frame"),
                LinesPanel(id="theory", classes="frame"),
                FewDaysPanel(id="few", classes="frame"),
                LinesPanel(id="changes", classes="frame"),
                id="sides",
                can_focus=False,
            ),
            id="whatif-body",
        )
        yield AskLine()

    def set_up(self) -> None:
        """Read the scenario in hand."""
        self._undo, self._undos = [], {}
        titles = {"parameter": "This parameter", "theory": "Preview by theory, nothing simulated",
                  "changes": "Different from the base"}  # fmt: skip
        for name, title in titles.items():
            self.query_one(f"#{name}", LinesPanel).border_title = title
        self.query_one("#all").border_title = "Parameters"
        self._read_study()

    def hear(self, news: News) -> None:
        """Read another scenario; show a few days when they are simulated."""
        if isinstance(news, WorldChanged):
            self._few.now(self.session.world)
            self._read_study()
        elif isinstance(news, RunFinished) and isinstance(news.work, QuickWork):
            self.strip.show_state(f"✔ {news.work.label()}: done")
            limits = None if self._look is None else self._look.limits
            self._few.finished(self.session.world, news.result, limits, news.work.command())
        self._show_command()

    def on_screen_resume(self) -> None:
        """Come back to a list that has the keyboard."""
        self.set_focus(self._list)

    # -- keys --------------------------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Open the line to type a value into."""
        if (one := self._in_hand()) is not None:
            self._ask_value(one, changes_of(self.session.settings).get(one.path, written(one.value)))

    def action_search(self) -> None:
        """Put the keyboard on the search line."""
        self.set_focus(self.query_one("#find", Input))

    def action_nudge(self, by: int) -> None:
        """Move a number one step."""
        one = self._in_hand()
        if one is None:
            return
        value = moved(one, changes_of(self.session.settings).get(one.path), by)
        if value is None:
            self.cannot(f"{one.path} is not one number; Enter edits it.")
        else:
            self._try(one, value)

    def action_undo(self) -> None:
        """Take back the last change."""
        if self._undo:
            self._set(self._undo.pop(), remember=False)
        else:
            self.cannot("There is no change to take back.")

    def action_clear(self) -> None:
        """Take back all changes."""
        if self.session.settings:
            self._set(())
        else:
            self.notify("Nothing is changed.", severity="warning")

    def action_few(self) -> None:
        """Simulate a week with the changes."""
        order = self.session.order()
        if order is None or self._look is None or self._look.problems:
            self.notify("There is nothing that can be run.", severity="warning")
            return
        week = replace(order, settings=(*order.settings, *self._look.few), replications=1)
        if self.session.work is None:  # otherwise it is refused, and what runs is of what was in hand then
            self._few.asked(self.session.world)
        self.post_message(RunRequested(QuickWork(week)))

    def action_run(self) -> None:
        """Run everything with the changes."""
        if (order := self.session.order()) is not None:
            self.post_message(RunRequested(CompareWork(order)))

    def action_save(self) -> None:
        """Open the line to type a file's name into."""
        if self.session.scenario is not None:
            self._ask_name("my-what-if.yaml")

    # -- typing ------------------------------------------------------------------------------------------------

    @on(LineLeft)
    def _find_nothing(self) -> None:
        """List everything again."""
        self.query_one("#find", Input).value = ""
        self.set_focus(self._list)

    @on(Input.Submitted, "#find")
    def _to_list(self) -> None:
        self.set_focus(self._list)

    @on(Input.Changed, "AskLine Input")
    def _typed(self, event: Input.Changed) -> None:
        one = self._chosen
        if self.query_one(AskLine).asked == "value" and one is not None:
            self._ask_look(with_change(self.session.settings, one.path, event.value, written(one.value)))

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        one, scenario = self._chosen, self.session.scenario
        self.set_focus(self._list)
        self._show_command()
        if message.text is None:
            self._ask_look(self.session.settings)
        elif message.what == "name" and scenario is not None:
            self._write(scenario, message.text, self.session.settings)
        elif one is not None and not self._try(one, message.text):
            self._ask_value(one, message.text)

    @on(OptionList.OptionSelected, "#parameters")
    def _picked(self) -> None:
        self.action_edit()

    # -- work beside the screen --------------------------------------------------------------------------------

    def _read_study(self) -> None:
        name = self.session.scenario
        if name is not None and (name, self.session.edition) != self._reading:
            if self._reading is None or self._reading[0] != name:
                self._undo = self._undos.setdefault(name, [])
            self._reading = name, self.session.edition
            self._study, self._look, self._base = None, None, None
            self._work_read(name)
        elif self._study is not None:
            self._ask_look(self.session.settings)

    @work(thread=True, group="study", exit_on_error=False)
    def _work_read(self, name: str) -> None:
        try:
            study = self.session.runner.study(name)
        except BadInput as refused:
            self.post_message(StudyRead(name, None, tuple(refused.problems)))
        else:
            self.post_message(StudyRead(name, study, ()))

    def _ask_look(self, settings: tuple[str, ...]) -> None:
        if self._study is not None:
            self._entered = settings
            self._work_look(self._study, settings)

    @work(thread=True, group="base", exit_on_error=False)
    def _work_base(self, study: WhatIf) -> None:
        self.post_message(Looked(study.look(())))

    @work(thread=True, group="look", exit_on_error=False)
    def _work_look(self, study: WhatIf, settings: tuple[str, ...]) -> None:
        if settings == self._entered:  # overtaken by the next keystroke otherwise
            self.post_message(Looked(study.look(settings)))

    @work(thread=True, group="save", exit_on_error=False)
    def _write(self, source: str, target: str, settings: tuple[str, ...]) -> None:
        try:
            self.session.runner.save(source, target, settings)
        except (BadInput, OSError) as refused:
            problems = tuple(refused.problems) if isinstance(refused, BadInput) else (str(refused),)
            self.post_message(Saved(target, problems))
        else:
            self.post_message(Saved(target, ()))

    @on(StudyRead)
    def _study_read(self, message: StudyRead) -> None:
        if message.name != self.session.scenario:
            return
        if message.study is None:
            self._list.empty()
            for name in ("parameter", "changes"):
                self.query_one(f"#{name}", LinesPanel).say([""])
            self.query_one("#theory", LinesPanel).say([f"✘ {problem}" for problem in message.problems])
            return
        self._study = message.study
        self._fill()
        self._work_base(message.study)
        if self.session.settings:
            self._ask_look(self.session.settings)
        else:
            self._entered = ()

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        look = message.look
        if not look.settings:
            self._base = look
        if look.settings == self._entered:
            self._look = look
        elif look.settings or self._look is None:
            return
        look = self._look
        base = self._base
        self.query_one("#theory", LinesPanel).draw(lambda width: theory_lines(base, look, width))

    @on(Saved)
    def _saved(self, message: Saved) -> None:
        if message.problems:
            self.notify("\n".join(message.problems), title="Not saved", severity="error", timeout=12)
            self._ask_name(message.path)
            return
        self.notify(f"{message.path} is in hand now.", title="Saved")
        self.session.choose(message.path)
        self.post_message(WorldChanged())

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def _few(self) -> FewDaysPanel:
        return self.query_one(FewDaysPanel)

    @property
    def _list(self) -> ParameterList:
        return self.query_one(ParameterList)

    @property
    def _chosen(self) -> Parameter | None:
        return self._list.chosen

    def _in_hand(self) -> Parameter | None:
        """The parameter the cursor is on; say why there is none."""
        if self._chosen is None:
            self.notify(ParameterList.NOTHING, severity="warning")
        return self._chosen

    def _try(self, one: Parameter, text: str) -> bool:
        """Take a value if the scenario may have it; say why not otherwise, and return False."""
        settings = with_change(self.session.settings, one.path, text, written(one.value))
        if self._study is None:
            return False
        look = self._look
        if look is None or look.settings != settings:
            look = self._study.look(settings)
            self._entered = settings
            self.post_message(Looked(look))
        if look.problems:
            self.notify("\n".join(look.problems), title="Not allowed", severity="error")
            return False
        self._set(settings)
        if outside := out_of_range(one, text):
            self.notify(f"{one.path}: {outside} it documents; taken all the same.", severity="warning")
        return True

    def _set(self, settings: tuple[str, ...], *, remember: bool = True) -> None:
        if settings == self.session.settings:
            return
        if remember:
            self._undo.append(self.session.settings)
        self.session.settings = settings
        self._few.say(["f simulates a week with these changes"])
        self._fill()
        self.post_message(WorldChanged())

    @on(Input.Changed, "#find")
    def _fill(self) -> None:
        """List the parameters anew."""
        if self._study is None:
            return
        words = self.query_one("#find", Input).value
        self._list.fill(self._study.parameters, self.session.settings, words)
        self._show_parameter()

    @on(OptionList.OptionHighlighted, "#parameters")
    def _show_parameter(self) -> None:
        one, settings = self._chosen, self.session.settings
        told = self.query_one("#parameter", LinesPanel)
        if one is not None:
            now = changes_of(settings).get(one.path)
            told.draw(lambda width: parameter_lines(one, now, width))
        else:
            told.say([""])
        known = {known.path: known for known in self._study.parameters} if self._study is not None else {}
        self.query_one("#changes", LinesPanel).draw(lambda width: change_lines(known, settings, width))
        self._show_command()

    def _show_command(self) -> None:
        order = self.session.order()
        if order is None:
            return
        line = self.query_one(AskLine)
        if line.asked == "name":
            given = [("--from", order.scenario), *(("--set", setting) for setting in order.settings)]
            self.show_command(command_line("new", line.text, given))
        else:
            self.show_command(order.command())

    def _ask_value(self, one: Parameter, text: str) -> None:
        self.query_one(AskLine).ask("value", f"{one.path} ({one.unit or 'a choice'}) = ", text)

    def _ask_name(self, text: str) -> None:
        self.query_one(AskLine).ask("name", "save as (a new file, its name is the scenario's): ", text)
        self._show_command()
