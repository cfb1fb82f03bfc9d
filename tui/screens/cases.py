"""The Cases screen: find customers by what happened to them, and follow one from trigger to record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.case_reading import case_cell, count_cell, happened, page_words, side_by_side
from tui.cli.orders import Order, cases_command, trace_command
from tui.messages import CasesWanted, LineLeft, News, RunFinished, RunRequested, WorldChanged
from tui.readings import shape
from tui.screens.base import NO_SCENARIO, ModeScreen, same_world
from tui.screens.page import PageScreen
from tui.session import CaseAim
from tui.widgets.hanging import HangingRow
from tui.widgets.story import StoryPanel
from tui.widgets.typed_line import TypedLine
from tui.work import CasesWork

if TYPE_CHECKING:
    from scenarios.evidence.cases import CaseFilter, CaseLine, Cases

PAGE_SIZE = 200
"""Cases listed at once; the book is read a page at a time however many cases there are."""


NOT_KEPT = "No cases are kept yet: r runs the design in hand and keeps them."
"""Said where a key is about cases."""


class CasesScreen(ModeScreen):
    """Shows the cases of one run of one design."""

    MODE = "cases"
    TITLE_WORDS = "Cases"
    EXPLAINS = (
        "Every case of one run (the first replication), kept to be looked through. On the left what happened to "
        "anybody, with the number of cases: type in the line above it to narrow it, Enter lists the cases. In the "
        "middle the cases, on the right the story of one: what policy, identity and the core answered, and whether "
        "the audit chain holds against the head kept outside it. The same customer has the same luck in every design."
    )
    IDLE = "r keeps every case of the baseline; or pick a stage of a funnel in 1 Compare."
    CSS_PATH = "cases.tcss"
    AUTO_FOCUS = "#tags"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="cases.run", tooltip="Run the design in hand and keep its cases."),
        Binding("slash", "search", "Find", key_display="/", id="cases.search", tooltip="Find by what happened."),
        Binding("n", "step(1)", "Next", id="cases.next", tooltip="Show the next case."),
        Binding("p", "step(-1)", "Previous", id="cases.previous", show=False, tooltip="Show the case before."),
        Binding("o", "others", "Others", id="cases.others", tooltip="The same customer in every design."),
        Binding("d", "design", "Design", id="cases.design", tooltip="The same customer in the next design."),
        Binding("e", "evidence", "Evidence", id="cases.evidence", show=False, tooltip="Show or hide audit rows."),
        Binding("a", "all", "All", id="cases.all", show=False, tooltip="List all cases again."),
        Binding("right_square_bracket", "page(1)", "Page on", key_display="]", id="cases.on", show=False,
                tooltip="List the next cases."),
        Binding("left_square_bracket", "page(-1)", "Page back", key_display="[", id="cases.back", show=False,
                tooltip="List the cases before."),
    ]  # fmt: skip

    _cases: Cases | None = None
    _wanted: CaseFilter | None = None
    _words = ""
    _first = 0
    _page: list[CaseLine]
    _waiting_for_others = False
    _kept: Order | None = None
    _listed = ""

    def middle(self) -> Iterable[Widget]:
        """Lay out what happened, the cases and the story."""
        yield Container(
            Vertical(
                TypedLine(placeholder="find by what happened", id="search", compact=True),
                OptionList(id="tags"),
                id="happened",
                classes="frame",
            ),
            Vertical(
                Static("", id="list-head", markup=False), OptionList(id="list"), id="found", classes="frame"
            ),
            StoryPanel(),
            id="cases-body",
        )

    def set_up(self) -> None:
        """Show the cases somebody wants, or say how to come by some."""
        self._page = []
        self.query_one("#happened").border_title = "What happened"
        self.query_one("#found").border_title = "Cases"
        self._take_aim()

    @property
    def shown(self) -> Order | None:
        """The order whose cases are listed."""
        return self._kept

    def resting(self) -> str:
        """Say which cases are listed."""
        return self._listed or self.IDLE

    def hear(self, news: News) -> None:
        """Show what is wanted as soon as it is there."""
        if isinstance(news, CasesWanted):
            self._take_aim()
        elif isinstance(news, WorldChanged):
            self._show_command()
        elif isinstance(news, RunFinished) and isinstance(news.work, CasesWork):
            self._follow_history(news.work.order)
            if self._waiting_for_others:
                self._waiting_for_others = False
                self._show_others()
            else:
                self._take_aim()

    def _follow_history(self, ran: Order) -> None:
        """Aim at what was run despite history, where that was refused without."""
        aim = self.session.aim
        if aim is not None and replace(aim.order, despite_history=True) == ran:
            self.session.aim = replace(aim, order=ran)

    def action_run(self) -> None:
        """Run the design in hand and keep its cases."""
        aim, order = self._aim(), self.session.order()
        if order is not None and (aim is None or not same_world(aim.order, order)):
            aim = CaseAim(order)
        if aim is None:
            self.cannot(NO_SCENARIO)
        else:
            self._run(aim)

    def action_search(self) -> None:
        """Put the keyboard on the search line; what is typed before there are cases is looked for when they come."""
        self.set_focus(self.query_one("#search", Input))
        if self._cases is None:
            self.cannot(NOT_KEPT)

    @on(LineLeft)
    def _leave(self) -> None:
        """Leave the search line, and list everything again."""
        self.query_one("#search", Input).value = ""
        self.set_focus(self.query_one("#tags", OptionList))

    def action_all(self) -> None:
        """List all cases again."""
        if self._listing:
            self._list(None, "")

    def action_page(self, by: int) -> None:
        """List the next cases or those before."""
        if not self._listing or self._cases is None or self._wanted is None:
            return
        first = self._first + by * PAGE_SIZE
        if 0 <= first < self._cases.book.count(self._wanted):
            self._fill(first)
        else:
            self.cannot("There are no further cases." if by > 0 else "These are the first cases.")

    def action_step(self, by: int) -> None:
        """Show the case after or before the one shown, over the end of a page too."""
        if not self._listing:
            return
        listed = self.query_one("#list", OptionList)
        place = (listed.highlighted or 0) + by
        if 0 <= place < len(self._page):
            listed.highlighted = place
        elif place < 0 and self._first:
            self._fill(self._first - PAGE_SIZE, last=True)
        else:
            self.action_page(by)

    def action_evidence(self) -> None:
        """Show the rows of evidence in the story, or leave them out."""
        if self._telling:
            self.query_one(StoryPanel).turn_evidence()

    def action_design(self) -> None:
        """Look at the same cases in the next design."""
        aim = self._aim()
        if not self._listing or aim is None or self._cases is None:
            return
        names = self._cases.designs
        following = names[(names.index(self._cases.design) + 1) % len(names)]
        chosen = self._chosen
        self.session.aim = CaseAim(
            aim.order, following, self._wanted, self._words, chosen.case_id if chosen else None
        )
        self._take_aim(run=True)

    def action_others(self) -> None:
        """Show the customer in every design, once every design was run."""
        order = self._order
        if not self._telling or self._cases is None or order is None:
            return
        missing = tuple(name for name in self._cases.designs if (order, name) not in self.session.books)
        if missing:
            self._waiting_for_others = True
            self.post_message(RunRequested(CasesWork(order, missing)))
        else:
            self._show_others()

    @property
    def _listing(self) -> bool:
        """Whether there is a book of cases; says how to come by one if there is none."""
        if self._cases is None:
            self.cannot(NOT_KEPT)
        return self._cases is not None

    @property
    def _telling(self) -> bool:
        """Whether there is a case in sight; says why not if there is none."""
        if self._listing and self._chosen is None:
            self.cannot("No case is listed: a lists all of them.")
        return self._chosen is not None

    # -- what is shown ---------------------------------------------------------------------------------------

    @property
    def _order(self) -> Order | None:
        aim = self.session.aim
        return aim.order if aim is not None else self.session.order()

    @property
    def _chosen(self) -> CaseLine | None:
        place = self.query_one("#list", OptionList).highlighted
        return self._page[place] if place is not None and place < len(self._page) else None

    def _aim(self) -> CaseAim | None:
        """What is aimed at; the scenario in hand as it is compared, when nobody aimed at anything of it."""
        aim, order = self.session.aim, self.session.order()
        if aim is not None and (order is None or aim.order.scenario == order.scenario):
            return aim
        return None if order is None else CaseAim(order)

    def _run(self, aim: CaseAim) -> None:
        self.session.aim = aim
        self.post_message(RunRequested(CasesWork(aim.order, (aim.design,))))

    def _take_aim(self, *, run: bool = False) -> None:
        aim = self._aim()
        self._show_command()
        if aim is None:
            return
        cases = self.session.books.get((aim.order, aim.design))
        if cases is None:
            if self.session.aim is not None or run:
                self._run(aim)
            return
        self.session.aim = aim
        self._cases, self._kept = cases, aim.order
        self.query_one("#happened").border_subtitle = f"{cases.design} · d: next design"
        self._narrow(self.query_one("#search", Input).value)
        self._list(aim.wanted, aim.words, aim.case_id)

    def _list(self, wanted: CaseFilter | None, words: str, case_id: int | None = None) -> None:
        if self._cases is None:
            return
        from scenarios.evidence.cases import CaseFilter

        self._wanted, self._words = wanted or CaseFilter(), words
        first = 0
        if case_id is not None:
            rank = self._cases.book.rank(self._wanted, case_id)
            first = rank - rank % PAGE_SIZE
        self._fill(first, case_id)

    def _fill(self, first: int, case_id: int | None = None, *, last: bool = False) -> None:
        """List the cases from a place on, and highlight one of them: the first, or the last, if none is named."""
        if self._cases is None or self._wanted is None:
            return
        from scenarios.evidence.cases import standing_words

        book, listed = self._cases.book, self.query_one("#list", OptionList)
        count = book.count(self._wanted)
        self._first, self._page = first, book.page(self._wanted, first, PAGE_SIZE)
        listed.clear_options()
        listed.add_options(
            Option(HangingRow(case_cell(line.case_id, line.band), standing_words(line)))
            for line in self._page
        )
        self.query_one("#list-head", Static).update(page_words(first, len(self._page), count))
        self._listed = f"{self._cases.design}, first replication · {self._words or 'all cases'} · {count:,}"
        self.rest()
        ids = [line.case_id for line in self._page]
        if ids:
            listed.highlighted = ids.index(case_id) if case_id in ids else len(ids) - 1 if last else 0
            self.set_focus(listed)
        else:
            self.query_one(StoryPanel).clear()
        self._show_command()

    @on(Input.Changed, "#search")
    def _search(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    @on(Input.Submitted, "#search")
    def _searched(self) -> None:
        """Go on to what was found; where that is one thing, list its cases at once."""
        tags = self.query_one("#tags", OptionList)
        self.set_focus(tags)
        if tags.option_count == 1:
            tags.action_select()

    def _narrow(self, words: str) -> None:
        options = self.query_one("#tags", OptionList)
        options.clear_options()
        if self._cases is None:
            if words:
                options.add_option(Option("no case is kept yet: Enter, then r keeps them", disabled=True))
            return
        found = happened(self._cases.tags, words)
        options.add_options(Option(HangingRow(count_cell(cases), tag), id=tag) for tag, cases in found)
        if found:
            options.highlighted = 0
        elif words:
            options.add_option(Option(f"nothing holds “{words}”", disabled=True))

    @on(OptionList.OptionSelected, "#tags")
    def _pick(self, event: OptionList.OptionSelected) -> None:
        from scenarios.evidence.cases import CaseFilter

        tag = str(event.option.id)
        self._list(CaseFilter(tags=(tag,)), tag)

    @on(OptionList.OptionHighlighted, "#list")
    def _tell(self) -> None:
        line = self._chosen
        if self._cases is not None and line is not None:
            self.query_one(StoryPanel).tell(self._cases.story(line.case_id))
            self._show_command()

    @on(OptionList.OptionSelected, "#list")
    def _read_on(self) -> None:
        self.set_focus(self.query_one(StoryPanel))

    def _show_others(self) -> None:
        line, order = self._chosen, self._order
        if line is None or order is None or self._cases is None:
            return
        from scenarios.evidence.cases import standing_words

        stories = []
        for index, name in enumerate(self._cases.designs):
            cases = self.session.books[order, name]
            there = cases.book.line(line.case_id)
            stands = standing_words(there) if there is not None else ""
            stories.append((shape(index), cases.story(line.case_id), stands))
        title = f"Case {line.case_id} in every design: the same customer with the same luck"
        self.app.push_screen(PageScreen(title, partial(side_by_side, stories), self._command))

    def _show_command(self) -> None:
        """Show the command that tells the same: the trace of the case in sight, or the list."""
        order = self._order
        if order is None:
            return
        design = self._cases.design if self._cases is not None else None
        line = self._chosen
        if design is None or line is None:
            tags = self._wanted.tags if self._wanted is not None else ()
            self.show_command(cases_command(order, design, tags))
            return
        self.show_command(trace_command(order, design, line.case_id))
