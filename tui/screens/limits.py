"""The Limits screen: how far a setting may go, and how many agents a design needs, by theory and by simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget

from sandbox.errors import BadInput
from tui.chartmath import fit
from tui.cli.orders import Order
from tui.messages import Answered, News, RunFinished, RunRequested, RunStarted, TheoryRead, WorldChanged
from tui.ports import Varied
from tui.readings import shape
from tui.screens.base import ModeScreen
from tui.widgets.ask_line import AskLine
from tui.widgets.lines import LinesPanel
from tui.work import LimitWork, StaffWork

if TYPE_CHECKING:
    from scenarios.limits.limit import Limits, TheoryLimit
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.lines.agents_by_theory import TheoryAgents

KEEP = "call_abandonment_rate<0.10"
"""What must hold unless something else is asked: the designer's limit of the scorecard."""

ANSWER = "By simulation"
"""The title of the answer."""

VARY = "campaign.messages"
"""What is varied unless something else is asked."""


class LimitsScreen(ModeScreen):
    """Asks one question of every design at a time."""

    MODE = "limits"
    TITLE_WORDS = "Limits"
    EXPLAINS = (
        "One condition (k), one setting that is varied (v), between two values (b) or in its own range. Theory "
        "answers at once: exact Erlang-A by half hour, for conditions on the lines. r lets the simulation search and "
        "then confirm a limit on other seeds, so that in at most 5 of 100 answers the value named breaks the "
        "condition; o lets it search one design alone. g finds the fewest agents per half hour that keep the "
        "condition in one design; d chooses which. Both are saved (6 Runs). Figures are those of the command."
    )
    IDLE = "r searches how far it may go, g the agents; k v b d o change the question."
    CSS_PATH = "limits.tcss"
    AUTO_FOCUS = "#answer-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r", "run", "Run", id="limits.run", tooltip="Find how far the setting may go, by simulation."
        ),
        Binding("g", "agents", "Agents", id="limits.agents", tooltip="Find the fewest agents of the design."),
        Binding("d", "design", "Design", id="limits.design", tooltip="The next design for the agents."),
        Binding(
            "o",
            "only",
            "Only it",
            id="limits.only",
            show=False,
            tooltip="Let r search this design alone, in a third of the time or so; again: every design.",
        ),
        Binding("k", "ask('keep')", "Keep", id="limits.keep", tooltip="Change what must hold."),
        Binding("v", "ask('vary')", "Vary", id="limits.vary", tooltip="Change what is varied."),
        Binding(
            "b",
            "ask('between')",
            "Range",
            id="limits.between",
            tooltip="Change the range that is searched: LOW:HIGH, empty for the setting's own.",
        ),
    ]

    _keep = KEEP
    _vary = Varied(VARY)
    _design = ""
    _designs: tuple[str, ...] = ()
    _only = False
    _asked: tuple[Order, str, Varied] | None = None
    _edition = 0
    _found: LimitWork | StaffWork | None = None

    def middle(self) -> Iterable[Widget]:
        """Lay out the question, what theory says, and the answer."""
        yield Vertical(
            Horizontal(
                LinesPanel(id="question", classes="frame"),
                LinesPanel(id="by-theory", classes="frame"),
                id="limits-top",
            ),
            VerticalScroll(LinesPanel(id="answer"), id="answer-scroll", classes="frame"),
            id="limits-body",
        )
        yield AskLine()

    def set_up(self) -> None:
        """Ask theory about the scenario in hand."""
        for name, title in (
            ("#question", "The question"), ("#by-theory", "By theory, at once"), ("#answer-scroll", ANSWER),
        ):  # fmt: skip
            self.query_one(name).border_title = title
        self.query_one("#answer", LinesPanel).say(["r or g: nothing is simulated yet"])
        self._ask_theory()

    @property
    def shown(self) -> Order | None:
        """The order of the answer by simulation."""
        return None if self._found is None else self._found.order

    def hear(self, news: News) -> None:
        """Ask again when the world changes; show what was found."""
        if isinstance(news, WorldChanged):
            self.remove_class("-answered")
            self._ask_theory()
        elif isinstance(news, RunStarted):
            if isinstance(news.work, LimitWork | StaffWork):
                self.show_command(news.work.command())
            else:
                self._show_command()
        elif isinstance(news, RunFinished) and isinstance(news.work, LimitWork | StaffWork):
            self.strip.show_state(f"✔ {news.work.label()}: done")
            self._found = news.work
            self._show_answer(news.work, news.result)
            self._show_question()
            self.show_command(news.work.command())

    def on_screen_resume(self) -> None:
        """Ask about the scenario that is in hand now."""
        self._ask_theory()

    # -- keys --------------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Search by simulation."""
        wanted = self._limit()
        if wanted is not None and (not self._only or self._is_design_known()):
            self.post_message(RunRequested(wanted))

    def action_agents(self) -> None:
        """Search the agents of a design by simulation."""
        order = self._order("staff")
        if order is not None and self._is_design_known():
            self.post_message(RunRequested(StaffWork(order, self._keep, self._design)))

    def action_design(self) -> None:
        """Choose the next design."""
        if self._is_design_known():
            place = self._designs.index(self._design)
            self._design = self._designs[(place + 1) % len(self._designs)]
            self.remove_class("-answered")
            self._show_question()

    def action_only(self) -> None:
        """Search one design, or every design."""
        self._only = not self._only
        self.remove_class("-answered")
        self._show_question()

    def _limit(self) -> LimitWork | None:
        """What r searches."""
        order = self._order("limit")
        if order is None:
            return None
        alone = replace(order, designs=(self._design,)) if self._only and self._design else order
        return LimitWork(alone, self._keep, *self._vary)

    def _is_design_known(self) -> bool:
        """Say why there is no design, where there is none."""
        if not self._designs:
            text = (
                "No design is known yet: the condition or the scenario has a fault, or is still being read."
            )
            self.notify(text, severity="warning")
        return bool(self._designs)

    def action_ask(self, what: str) -> None:
        """Open the line to type a condition or a setting into."""
        now = {"keep": self._keep, "vary": self._vary.path, "between": self._vary.between or ""}
        label = "between LOW:HIGH (empty: its own range) = " if what == "between" else f"{what} = "
        self.query_one(AskLine).ask(what, label, now[what])

    @on(Answered)
    def _typed(self, message: Answered) -> None:
        self.set_focus(self.query_one("#answer-scroll"))
        if message.text is None:
            return
        self.remove_class("-answered")
        if message.what == "keep":
            self._keep = message.text
        elif message.what == "between":
            self._vary = self._vary._replace(between=message.text.strip() or None)
        elif message.text != self._vary.path:
            self._vary = Varied(message.text)  # another setting has another range
        self._ask_theory()

    # -- theory ------------------------------------------------------------------------------------------------

    def _order(self, verb: str) -> Order | None:
        order = self.session.order()
        return None if order is None else replace(order, verb=verb)

    def _ask_theory(self) -> None:
        order = self._order("limit")
        self._show_question()
        if self._edition != self.session.edition:
            self._edition, self._asked = self.session.edition, None
        if order is None or self._asked == (order, self._keep, self._vary):
            return
        self._asked = order, self._keep, self._vary
        self.query_one("#by-theory", LinesPanel).say(["reckoning …"])
        self._work_theory(self._asked)

    @work(thread=True, group="theory", exit_on_error=False)
    def _work_theory(self, asked: tuple[Order, str, Varied]) -> None:
        agents: dict[str, TheoryAgents | None] = {}
        try:
            agents = self.session.runner.agents(asked[0], asked[1])  # what is varied is no matter of theirs
            found = self.session.runner.theory(*asked)
        except BadInput as refused:
            self.post_message(TheoryRead(asked, {}, agents, list(refused.problems)))
        else:
            self.post_message(TheoryRead(asked, found, agents, []))

    @on(TheoryRead)
    def _theory_read(self, message: TheoryRead) -> None:
        if message.asked != self._asked:
            return
        found, self._designs = message.found, tuple(message.agents)
        panel = self.query_one("#by-theory", LinesPanel)
        if message.problems:
            told = [f"✘ {problem}" for problem in message.problems]
            panel.say([*told, *(["b says the range"] if any("--between" in line for line in told) else [])])
        elif not found:
            panel.say(["theory knows nothing of this condition; r simulates"])
        else:
            agents = message.agents
            panel.draw(lambda width: theory_lines(found, agents, width))
        if self._design not in self._designs:
            self._design = next(iter(self._designs), "")
        self._show_question()

    # -- what is shown -----------------------------------------------------------------------------------------

    def _show_question(self) -> None:
        lines = [
            f"k keep    {self._keep}",
            f"v vary    {self._vary.path}",
            f"b between {self._vary.between or 'the ends of its own range'}",
            f"d design  {f'{self._design} (g finds its agents)' if self._design else 'none is known yet'}",
            f"o r seeks {'this design alone' if self._only else 'every design'}",
        ]
        self.query_one("#question", LinesPanel).say(lines)
        title = (
            ANSWER if self._found is None or self._answers(self._found) else f"{ANSWER}, of another question"
        )
        self.query_one("#answer-scroll").border_title = title
        self._show_command()

    def _answers(self, found: LimitWork | StaffWork) -> bool:
        """Whether what was found answers the question that stands above it."""
        if isinstance(found, LimitWork):
            return found == self._limit()
        order = self._order("staff")
        return order is not None and found == StaffWork(order, self._keep, self._design)

    def _show_answer(self, done: LimitWork | StaffWork, result: object) -> None:
        draw: Callable[[int], str]
        if isinstance(done, LimitWork):
            from tui.cli.limit_text import limits_text

            draw = partial(limits_text, cast("Limits", result), [], done.order, done.command())
        else:
            from tui.cli.staff_text import staff_text

            order = replace(done.order, designs=(done.design,))
            draw = partial(staff_text, cast("StaffFound", result), order, (done.command(), None))
        self.add_class("-answered")
        text = self.query_one("#answer", LinesPanel)
        text.draw(lambda width: [Content(line) for line in draw(max(60, width)).splitlines()])
        self.query_one("#answer-scroll", VerticalScroll).scroll_home(animate=False)

    def _show_command(self) -> None:
        wanted = self._limit()
        if wanted is not None:
            self.show_command(wanted.command())


def theory_lines(
    found: dict[str, TheoryLimit], agents: dict[str, TheoryAgents | None], width: int
) -> list[Content]:
    """Return how far each design goes by theory, and the fewest agents that would do."""
    from tui.cli.limit_words import where

    reach = {name: where(limit.kind, limit.value, limit.rising) for name, limit in found.items()}
    column = 2 + max(map(len, ("may go to", *reach.values())))
    lines = [Content.styled(fit(f"{'':<18}{'may go to':<{column}}agent hours a day", width), "bold")]
    for index, (name, far) in enumerate(reach.items()):
        needed = agents.get(name)
        hours = f"{needed.hours:g} (now {needed.hours_today:g})" if needed is not None else ""
        text = f"{shape(index)} {fit(name, 15)} {far:<{column}}{hours}"
        lines.append(Content(fit(text, width)))
    remark = Content.styled("exact Erlang-A by half hour; the simulation decides", "$foreground-muted")
    return [*lines, *remark.wrap(max(1, width))]
