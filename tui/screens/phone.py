"""The Phone screen: be the customer of any design, and read beside it what the real code did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from sandbox.errors import BadInput
from tui.cli.orders import Order, phone_command
from tui.messages import FormSent, LineLeft, News, RunFinished, RunRequested, WorldChanged
from tui.phone_desk import PhoneDesk
from tui.phone_reading import SwitchLine, moment_lines, page_lines, state_lines, switch_lines
from tui.screens.base import ModeScreen
from tui.screens.prelaunch import PrelaunchScreen
from tui.widgets.lines import LinesPanel
from tui.widgets.phone_form import PhoneForm
from tui.widgets.typed_line import TypedLine
from tui.work import ReviewWork

if TYPE_CHECKING:
    from scenarios.rehearsal.phone import Phone, PhonePage, Switch
    from scenarios.rehearsal.prelaunch import Review

SWITCH_KEYS: dict[str, str] = {
    "t": "expired_link",
    "k": "core_down",
    "w": "double_tap",
    "i": "code_lost",
    "u": "answer_lost",
    "b": "nobody_answers",
}
"""Which key makes what go wrong."""

SWITCH_TITLES = {
    "expired_link": "Link expired",
    "core_down": "Core down",
    "double_tap": "Sent twice",
    "code_lost": "Code lost",
    "answer_lost": "Answer lost",
    "nobody_answers": "Nobody answers",
}
"""What a switch is called; a wrong code is typed, and so an option on the phone."""


def _switch_bindings() -> list[Binding]:
    return [
        Binding(
            key,
            f"flip('{switch}')",
            f"Switch: {SWITCH_TITLES[switch].lower()}",
            id=f"phone.switch.{switch}",
            show=False,
            tooltip=f"{SWITCH_TITLES[switch]}, on or off.",
        )
        for key, switch in SWITCH_KEYS.items()
    ]


class PhoneScreen(ModeScreen):
    """One customer of the scenario in hand, in one design."""

    MODE = "phone"
    TITLE_WORDS = "Phone"
    EXPLAINS = (
        "You are a customer of the scenario's own population. On the left the phone and what may be done: only the "
        "actions policy allows this customer now. What is typed goes through the real checks, so wrong amounts and "
        "codes are refused for the real reasons. Beside it what the real policy, identity, writeback and audit did, "
        "and where the outbox, the core and the trail stand. Nobody queues: a call is answered after 30 seconds. "
        "v walks the pre-launch cases of the design, ten and two beside them, to sign them off."
    )
    IDLE = "Taking the phone …"
    CSS_PATH = "phone.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next", id="phone.next", tooltip="Be the next customer."),
        Binding("g", "again", "Again", id="phone.again", tooltip="Begin this customer's case anew."),
        Binding(
            "d", "design", "Design", id="phone.design", tooltip="Be the same customer of the next design."
        ),
        Binding("v", "review", "Review", id="phone.review", tooltip="Walk the pre-launch cases."),
        Binding("e", "type", "Type", id="phone.type", show=False, tooltip="Type what the option takes."),
        *_switch_bindings(),
    ]

    _page: PhonePage | None = None
    _phone: Phone | None = None
    _taken: tuple[Order, str | None] | None = None
    _customer = ""
    _edition = 0
    _reviews: dict[ReviewWork, Review]
    _signs: dict[ReviewWork, dict[int, str]]

    def middle(self) -> Iterable[Widget]:
        """Lay out the phone, what happened behind it, and what can go wrong."""
        yield Container(
            Vertical(
                VerticalScroll(LinesPanel(id="screen"), id="screen-scroll", can_focus=False),
                OptionList(id="options"),
                Static(id="asks", markup=False),
                TypedLine(id="typed", compact=True),
                PhoneForm(id="form"),
                LinesPanel(id="switches"),
                id="handset",
                classes="frame",
            ),
            VerticalScroll(LinesPanel(id="moments"), id="behind", classes="frame"),
            VerticalScroll(LinesPanel(id="state"), id="stands", classes="frame"),
            id="phone-body",
        )

    def set_up(self) -> None:
        """Take the phone of the scenario in hand."""
        self._desk = PhoneDesk(self.session.runner)
        self._reviews, self._signs = {}, {}
        for name, title in (
            ("#handset", "Phone"), ("#behind", "What happened behind it"), ("#stands", "Where it stands"),
        ):  # fmt: skip
            self.query_one(name).border_title = title
        self._offer_line(0)
        self._draw_switches()
        self._take(None)

    def on_unmount(self) -> None:
        """Put the phone down."""
        self._desk.close()

    def resting(self) -> str:
        """Say who the customer is."""
        return self._customer or self.IDLE

    def hear(self, news: News) -> None:
        """Take another phone when the world changes; open the review when it is done."""
        if isinstance(news, WorldChanged):
            self._take(None)
        elif isinstance(news, RunFinished) and isinstance(news.work, ReviewWork):
            self._reviews[news.work] = cast("Review", news.result)
            if self.is_current:  # a page never opens over another screen
                self._show_review(news.work)
            else:
                self.notify("4 Phone, then v, shows the review.", title="Review done")
        self._show_command()

    def on_screen_resume(self) -> None:
        """Come back to the phone, of the scenario that is in hand now."""
        self._take(None)
        self.set_focus(self.query_one("#options", OptionList))

    # -- keys --------------------------------------------------------------------------------------------------

    def action_next(self) -> None:
        """Be the next customer."""
        self._act(lambda phone: phone.next_customer())

    def action_again(self) -> None:
        """Begin this customer's case anew."""
        self._act(lambda phone: phone.again())

    def action_design(self) -> None:
        """Be the same customer of the next design, with the same going wrong."""
        if self._in_hand and self._phone is not None:
            names = self._phone.designs
            self._take(names[(names.index(self._phone.design) + 1) % len(names)], self._phone.customers)

    def action_flip(self, switch: str) -> None:
        """Make something go wrong, or no longer."""
        self._act(lambda phone: phone.flip(cast("Switch", switch)))

    def action_review(self) -> None:
        """Rehearse the pre-launch cases of this design."""
        if not self._in_hand or self._taken is None or self._phone is None:
            return
        work = ReviewWork(self._taken[0], self._phone.design)
        if work in self._reviews:
            self._show_review(work)
        else:
            self.post_message(RunRequested(work))

    def action_type(self) -> None:
        """Put the keyboard on the line to type into, when the option takes something."""
        line = self.query_one("#typed", Input)
        if line.display:
            self.set_focus(line)
        elif self._form.display:
            self._form.begin()
        elif self._in_hand:
            self.cannot("This option takes nothing to type; those with … do.")

    @on(LineLeft)
    def _leave(self) -> None:
        """Leave the line being typed."""
        self.set_focus(self.query_one("#options", OptionList))

    # -- the phone ---------------------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "#options")
    def _offered(self, event: OptionList.OptionHighlighted) -> None:
        self._offer_line(event.option_index)

    @on(OptionList.OptionSelected, "#options")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        place, line = event.option_index, self.query_one("#typed", Input)
        if self._form.display:
            self._form.begin()
            return
        if line.display and not line.value:
            self.set_focus(line)  # there is nothing to send yet
            return
        typed = line.value if line.display and line.value != self._prefilled(place) else None
        self._act(lambda phone: phone.answer(place, typed))

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        place = self.query_one("#options", OptionList).highlighted
        if place is not None:
            self._act(lambda phone: phone.answer(place, event.value))

    @on(FormSent)
    def _filled_in(self, sent: FormSent) -> None:
        place = self.query_one("#options", OptionList).highlighted
        if place is not None:
            self._act(lambda phone: phone.answer(place, sent.inputs))

    @property
    def _form(self) -> PhoneForm:
        return self.query_one(PhoneForm)

    @property
    def _in_hand(self) -> bool:
        """Whether there is a phone; says that there is none."""
        if self._phone is None:
            faults = "There is no phone: what is wrong stands under What happened behind it."
            self.cannot(faults if self._customer else "The phone is not there yet.")
        return self._phone is not None

    def _show_review(self, work: ReviewWork) -> None:
        """Open the review; what was signed off in it before still is."""
        signs = self._signs.setdefault(work, {})
        self.app.push_screen(PrelaunchScreen(self._reviews[work], work, signs))

    def _take(self, design: str | None, customers: int = 0) -> None:
        order = self.session.order()
        if order is None:
            self.strip.show_state("1 Compare has the scenarios; choose one there")
        elif (
            design is not None
            or self._taken is None
            or self._taken[0] != order
            or self._edition != self.session.edition
        ):
            self._taken, self._edition = (order, design), self.session.edition
            self._work_take(order, design, customers)

    @work(group="phone", exit_on_error=False)
    async def _work_take(self, order: Order, design: str | None, customers: int) -> None:
        switches = self._page.switches if self._page is not None and design is not None else ()
        try:
            phone, page = await self._desk.take(order, design, customers, switches)
        except BadInput as refused:
            self._put_down([f"✘ {problem}" for problem in refused.problems])
            return
        self._phone = phone
        self._show(page)

    def _put_down(self, why: list[str]) -> None:
        """Show nobody: there is no phone of what is in hand."""
        self._phone = self._page = None
        self._customer = "no phone: see below what is wrong"
        self.query_one("#options", OptionList).clear_options()
        self._offer_line(0)
        for name in ("#screen", "#state"):
            self.query_one(name, LinesPanel).say([""])
        self.query_one("#moments", LinesPanel).say(why)
        self.query_one("#handset").border_title = "Phone"
        self.rest()
        self.show_command("")

    @work(group="phone", exit_on_error=False)
    async def _act(self, act: Callable[[Phone], PhonePage]) -> None:
        if not self._in_hand:
            return
        try:
            page = await self._desk.act(act)
        except BadInput as refused:
            self.notify("\n".join(refused.problems), severity="warning")
            return
        if page is not None and page == self._page:
            self.cannot("The case stands at its beginning already.")
        elif page is not None:
            self._show(page)

    # -- what is shown -----------------------------------------------------------------------------------------

    def _show(self, page: PhonePage) -> None:
        self._page = page
        options = self.query_one("#options", OptionList)
        self.query_one("#screen", LinesPanel).draw(lambda width: page_lines(page, width))
        options.clear_options()
        options.add_options(
            Option(Content(f"{option.label}{'  …' if option.takes_text else ''}")) for option in page.options
        )
        refused = next((place for place, option in enumerate(page.options) if option.faults), 0)
        options.highlighted = refused if page.options else None
        self._offer_line(refused)
        self.query_one("#moments", LinesPanel).draw(lambda width: moment_lines(page.moments, width))
        self.query_one("#state", LinesPanel).draw(lambda width: state_lines(page, width))
        self.call_after_refresh(self.query_one("#behind", VerticalScroll).scroll_end, animate=False)
        self._draw_switches()
        design = self._phone.design if self._phone is not None else ""
        self.query_one("#handset").border_title = f"Phone · {design}"
        words = "n: next · g: again · d: next design" if page.over else "Enter does it"
        self.query_one("#handset").border_subtitle = words
        self._customer = page.customer
        self.rest()
        self.set_focus(options)
        self._show_command()

    def _offer_line(self, place: int) -> None:
        """Show the line to type into where the option takes something, or the fields of its form."""
        line, text = self.query_one("#typed", Input), self._prefilled(place)
        sheet = None if text is None or self._page is None else self._page.options[place].sheet
        line.display = text is not None and sheet is None
        line.value = text or ""
        asks = self.query_one("#asks", Static)
        asks.display = line.display
        asks.update(self._page.options[place].asks if line.display and self._page is not None else "")
        self.query_one("#handset").set_class(sheet is not None, "-filling")
        self.call_later(self._form.offer, sheet, text or "")

    def _prefilled(self, place: int) -> str | None:
        if self._page is None or not 0 <= place < len(self._page.options):
            return None
        return self._page.options[place].typed

    def _draw_switches(self) -> None:
        on = self._page.switches if self._page is not None else ()
        lines = [SwitchLine(key, SWITCH_TITLES[name], name in on) for key, name in SWITCH_KEYS.items()]
        panel = self.query_one("#switches", LinesPanel)
        panel.draw(lambda width: switch_lines(lines, width, panel.size.height))

    def _show_command(self) -> None:
        if self._taken is not None and self._phone is not None and self._page is not None:
            order, phone = self._taken[0], self._phone
            self.show_command(phone_command(order, phone.design, phone.customers, self._page.path))
