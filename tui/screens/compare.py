"""The Compare screen: pick a scenario, run it, and see which design holds and why."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList

from scenarios.result import Comparison
from tui.cli.orders import Order
from tui.messages import (
    CasesWanted,
    LibraryFailed,
    LibraryLoaded,
    ModeRequested,
    News,
    Reopened,
    RowOpened,
    RunFailed,
    RunFinished,
    RunRequested,
    RunStarted,
    RunStopped,
    ScenarioHighlighted,
    ScenarioPicked,
    WorldChanged,
)
from tui.metric_reading import metric_lines, metric_title
from tui.readings import best_challenger, stages_shown
from tui.runner import replay_command
from tui.screens.base import ModeScreen
from tui.screens.flips import FlipsScreen
from tui.screens.page import PageScreen
from tui.session import CaseAim
from tui.widgets.decision import DecisionPanel
from tui.widgets.funnel import FunnelPanel
from tui.widgets.panel import Panel, PickPanel
from tui.widgets.queue_chart import QueuePanel
from tui.widgets.run_strip import result_words
from tui.widgets.scenario_picker import ScenarioPicker
from tui.widgets.scorecard import ScorecardPanel
from tui.work import CompareWork, DiagnoseWork, FlipsWork

if TYPE_CHECKING:
    from scenarios.explain.diagnosis import Diagnosis
    from scenarios.explain.flips import Flips

_PANELS: tuple[type[Panel], ...] = (DecisionPanel, ScorecardPanel, FunnelPanel, QueuePanel)


def _panel_bindings() -> list[Binding]:
    """One hidden letter per panel, listed in the palette and the help."""
    panels: tuple[type[Panel] | type[ScenarioPicker], ...] = (ScenarioPicker, *_PANELS)
    return [
        Binding(
            panel.KEY,
            f"focus_panel('{panel.KEY}')",
            f"Go to panel {panel.KEY}: {panel.TITLE}",
            id=f"compare.panel.{panel.KEY}",
            show=False,
            tooltip=f"Move the keyboard to the panel “{panel.TITLE}”.",
        )
        for panel in panels
    ]


class CompareScreen(ModeScreen):
    """Shows one comparison at a time; listens to the app's news and asks it for runs."""

    MODE = "compare"
    TITLE_WORDS = "Compare"
    EXPLAINS = (
        "All designs of a scenario on the same customers: which wins, why, and where customers are lost."
    )
    IDLE = "Choose a scenario and press r to run it."
    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="compare.run", tooltip="Run the scenario in hand, with its changes."),
        Binding(
            "enter",
            "open",
            "Open",
            id="compare.open",
            tooltip="Explain the metric, or list the customers lost at the stage, that the cursor is on.",
        ),
        Binding("l", "flips", "Flips", id="compare.flips", tooltip="Whose case ends worse, whose better."),
        Binding(
            "g",
            "diagnose",
            "Diagnose: go, hold or stop",
            id="compare.diagnose",
            show=False,
            tooltip="Look at the facts and the audit trail, and decide for good; again: the whole diagnosis.",
        ),
        *_panel_bindings(),
    ]

    _flips: dict[FlipsWork, Flips]

    def middle(self) -> Iterable[Widget]:
        """Lay out the picker and the panels; the stylesheet arranges them by size."""
        yield ScenarioPicker(id="scenarios")
        yield VerticalScroll(
            Container(
                Container(DecisionPanel(), ScorecardPanel(), id="top"),
                FunnelPanel(),
                QueuePanel(),
                id="panels",
            ),
            id="body",
            can_focus=False,
        )

    def set_up(self) -> None:
        """Put the keyboard on the picker, or on the result there is already."""
        self._flips = {}
        self.set_focus(self.query_one(OptionList))
        if self.session.library is not None:
            self.query_one(ScenarioPicker).fill(self.session.library.scenarios, self.session.scenario)
        if self.session.compared is not None:
            self._show(*self.session.compared)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open only what can be opened."""
        if action == "open":
            return isinstance(self.focused, PickPanel)
        return super().check_action(action, parameters)

    def help_words(self) -> tuple[str, str]:
        """Explain the panel that has the keyboard."""
        panel = type(self.focused) if isinstance(self.focused, Panel) else ScenarioPicker
        return f"{panel.KEY} {panel.TITLE}", panel.EXPLAINS

    def action_run(self) -> None:
        """Ask for a run of the scenario in hand."""
        order = self.session.order()
        if order is None:
            self.notify("There is no scenario to run.", severity="warning")
            return
        self.post_message(RunRequested(CompareWork(order)))

    def action_flips(self) -> None:
        """Follow every customer from the baseline to the best other design."""
        if self.session.compared is None:
            self.cannot(self._no_comparison("the flip list is about its designs", "l shows the flip list"))
            return
        order, comparison = self.session.compared
        best = best_challenger(comparison)
        if best is None:
            return
        wanted = FlipsWork(order, comparison.baseline, best)
        if wanted in self._flips:
            self._show_flips(wanted)
        else:
            self.post_message(RunRequested(wanted))

    def action_diagnose(self) -> None:
        """Decide by everything `sandbox diagnose` looks at; show all of it where that is done."""
        compared, found = self.session.compared, self.session.diagnosis
        if compared is None:
            self.cannot(self._no_comparison("a diagnosis is about its designs", "g diagnoses it"))
        elif found is None:
            self.post_message(RunRequested(DiagnoseWork(*compared)))
        else:
            self._show_diagnosis(DiagnoseWork(*compared), found)

    def _no_comparison(self, why: str, then: str) -> str:
        """Say how there will be one: it is on its way, or has to be asked for."""
        if type(self.session.work) is CompareWork:
            return f"The comparison is being run; {then} when it is done."
        return f"Run a comparison first; {why}."

    def action_open(self) -> None:
        """Open what the cursor of the focused panel is on."""
        if isinstance(self.focused, PickPanel):
            self.focused.open_picked()

    def action_focus_panel(self, key: str) -> None:
        """Move the keyboard to a panel by its letter."""
        if key == ScenarioPicker.KEY:
            self.set_focus(self.query_one(OptionList))
        elif self.session.compared is not None:
            panel = next(panel for panel in _PANELS if key == panel.KEY)
            self.set_focus(self.query_one(panel))

    @property
    def shown(self) -> Order | None:
        """The order of the comparison in sight."""
        return None if self.session.compared is None else self.session.compared[0]

    def resting(self) -> str:
        """Say what the comparison in sight is."""
        compared = self.session.compared
        return self.IDLE if compared is None else result_words(compared[1])

    def hear(self, news: News) -> None:
        """Fill the picker, show results."""
        if isinstance(news, LibraryLoaded):
            self.query_one(ScenarioPicker).fill(news.library.scenarios, self.session.scenario)
        elif isinstance(news, LibraryFailed):
            self.query_one(ScenarioPicker).say(news.reason)
        elif isinstance(news, RunFinished):
            self._finished(news)
        elif isinstance(news, Reopened) and self.session.compared:
            self._show(*self.session.compared)
            self._mark()
            self.set_focus(self.query_one(DecisionPanel))
        elif isinstance(news, RunStarted | RunFailed) and _names_command(news):
            self.show_command(news.work.command())
        elif isinstance(news, RunStopped) and self.session.compared:
            self._show_result_command(*self.session.compared)
        elif isinstance(news, WorldChanged):
            self._mark()
            self._show_order()

    def _finished(self, news: RunFinished) -> None:
        work, compared = news.work, self.session.compared
        if isinstance(work, FlipsWork):
            self._flips[work] = cast("Flips", news.result)
            if self.is_current:  # a page never opens over another screen
                self._show_flips(work)
            else:
                self.notify("1 Compare, then l, shows the flip list.", title="Flip list done")
        elif compared is not None and (type(work) is CompareWork or isinstance(work, DiagnoseWork)):
            self._show(*compared)
            self.set_focus(self.query_one(DecisionPanel))

    def _mark(self) -> None:
        """Highlight the scenario in hand, listed or just opened."""
        library, picker = self.session.library, self.query_one(ScenarioPicker)
        if library is None or not picker.fill_anew(library.scenarios, self.session.scenario):
            picker.mark(self.session.scenario)

    @on(ScenarioPicked)
    def _run_picked(self, message: ScenarioPicked) -> None:
        self._take(message.name)
        self.action_run()

    @on(ScenarioHighlighted)
    def _preview(self, message: ScenarioHighlighted) -> None:
        self._take(message.name)

    def _take(self, scenario: str) -> None:
        if scenario != self.session.scenario:
            self.session.choose(scenario)
            self.post_message(WorldChanged())
        elif self.session.compared is None:
            self._show_order()

    def _show_order(self) -> None:
        """Show the command for what is in hand, while no result of another stands there."""
        order = self.session.order()
        if order is not None and self.session.compared is None:
            self.show_command(order.command())

    def _show(self, order: Order, comparison: Comparison) -> None:
        self.set_class(True, "-result")
        for panel in _PANELS:
            self.query_one(panel).show(comparison, self.session.words)
        self.query_one(DecisionPanel).show_decided(comparison, self.session.diagnosis)
        self.rest()
        self._show_result_command(order, comparison)

    def _show_result_command(self, order: Order, comparison: Comparison) -> None:
        if self.session.diagnosis is None:
            self.show_command(replay_command(order, comparison))
        else:
            self.show_command(DiagnoseWork(order, comparison).command())

    def _show_diagnosis(self, work: DiagnoseWork, found: Diagnosis) -> None:
        """Show what `sandbox diagnose` prints."""
        from scenarios.rulebook import titles
        from tui.cli.diagnosis_text import diagnosis_text

        draw = partial(diagnosis_text, found, work.order, None, titles())
        page = PageScreen(
            "Diagnosis", lambda width: [Content(line) for line in draw(width).splitlines()], work.command()
        )
        self.app.push_screen(page)

    def _show_flips(self, work: FlipsWork) -> None:
        follow = partial(self._follow_case, work)
        self.app.push_screen(FlipsScreen(self._flips[work], work.command()), follow)

    def _follow_case(self, work: FlipsWork, case_id: int | None) -> None:
        """Show the case somebody picked in the flip list, in the design they would get."""
        if case_id is not None:
            self._aim(CaseAim(work.order, work.after, case_id=case_id))

    def _aim(self, aim: CaseAim) -> None:
        self.session.aim = aim
        self.post_message(CasesWanted())
        self.post_message(ModeRequested("cases"))

    @on(RowOpened)
    def _open_row(self, message: RowOpened) -> None:
        compared = self.session.compared
        if compared is None:
            return
        name, design = message.picked
        order, comparison = compared
        if not design:
            words = self.session.words
            command = f"{replay_command(order, comparison)} --json"
            draw = partial(metric_lines, comparison, name, words)
            self.app.push_screen(PageScreen(metric_title(name, words), draw, command))
            return
        from scenarios.evidence.cases import lost_at

        stages = comparison.designs[design].funnel
        shown = stages_shown(list(comparison.designs.values()))
        names = tuple(stage.stage for stage in stages if stage.title in shown)
        title = next(stage.title for stage in stages if stage.stage == name)
        self._aim(CaseAim(order, design, lost_at(name, names), f"came as far as: {title}"))


def _names_command(news: RunStarted | RunFailed) -> bool:
    """Whether the command line follows: a diagnosis from its start, a comparison when it failed."""
    if isinstance(news.work, DiagnoseWork):
        return True
    return isinstance(news, RunFailed) and isinstance(news.work, CompareWork)
