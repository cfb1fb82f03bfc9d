"""The pre-launch cases, ten and those beside them, walked one by one and signed off or sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from sandbox.errors import BadInput
from tui.cli.destination import Destination
from tui.keys import keys_of
from tui.phone_reading import (
    OPEN,
    REVIEW_LEGEND,
    SENT_BACK,
    SIGNED,
    ReviewRow,
    case_lines,
    review_head,
    review_rows,
    sign_off_text,
)
from tui.screens.help import HelpScreen
from tui.widgets.hanging import HangingRow
from tui.widgets.lines import LinesPanel

if TYPE_CHECKING:
    from scenarios.rehearsal.prelaunch import Review
    from tui.work import ReviewWork

TITLE = "Pre-launch review"
EXPLAINS = (
    "Before a launch ten cases are played through the real policy, identity, writeback and audit: five clean "
    "completions of the design's own normal path and five failures that every launch meets. Beside the ten stand two "
    "further failures: the core is down and comes back, and the account is closed after the message. On the right "
    "who the customer is, what was staged, who sees the case, what is left to do, and the rules it was judged by. "
    "✔ says that every rule holds, ✘ that one does not, · that this design or policy has no such case; the reason "
    "stands there. Whether a case is signed off is yours to say: [✔] signed off, [✘] sent back, [ ] still open."
)


class PrelaunchScreen(ModalScreen[None]):
    """The review over the phone: cases on the left, the one in hand on the right.

    Args:
        review: the rehearsed cases.
        work: what was asked, for the command.
        signs: what was said of each case so far, by its number; what is said here is written into it.
    """

    CSS_PATH = "prelaunch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark", "help", "Help", key_display="?", id="prelaunch.help",
            tooltip="Explain the review, its marks and its keys.",
        ),
        Binding(
            "s", f"sign('{SIGNED}')", "Sign off", id="prelaunch.sign", tooltip="Sign the case off and go on."
        ),
        Binding("b", f"sign('{SENT_BACK}')", "Send back", id="prelaunch.back", tooltip="Send the case back."),
        Binding("w", "write", "Write", id="prelaunch.write", tooltip="Write the sign-off to a file."),
        Binding("y", "copy", "Copy", id="prelaunch.copy", tooltip="Copy the command that says the same."),
        Binding("escape", "dismiss", "Close", id="prelaunch.close", tooltip="Go back to the phone."),
    ]  # fmt: skip

    def __init__(self, review: Review, work: ReviewWork, signs: dict[int, str]) -> None:
        """Start where the last visit ended."""
        super().__init__()
        self._review = review
        self._work = work
        self._signs = signs
        self._cases = {case.number: case for case in review.cases}

    def compose(self) -> ComposeResult:
        """Lay out the list with what its marks mean, the case, and the keys: those of the phone are out of use."""
        with Vertical(id="prelaunch"), Horizontal():
            with Vertical(id="walk"):
                yield OptionList(id="cases")
                yield Static(REVIEW_LEGEND, id="legend", markup=False)
            with VerticalScroll(id="case-scroll"):
                yield LinesPanel(id="case")
        yield Footer()

    def on_mount(self) -> None:
        """Name the page and show the first case."""
        page = self.query_one("#prelaunch")
        page.border_title = f"{TITLE} · {review_head(self._review)}"
        page.border_subtitle = f"$ {self._work.command()}"
        self._fill(min(self._cases, default=0))

    def action_help(self) -> None:
        """Explain the review."""
        self.app.push_screen(HelpScreen(TITLE, EXPLAINS, keys_of(type(self)), None, {}))

    def action_sign(self, sign: str) -> None:
        """Say something of the case in hand, and go on to the next."""
        number = self._number
        if number is not None:
            self._signs[number] = sign
            self._fill(min((other for other in self._cases if other > number), default=number))

    def action_write(self) -> None:
        """Write the sign-off beside where the app was started."""
        name = f"prelaunch-{self._review.scenario}-{self._review.design}.md"
        try:
            text = sign_off_text(self._review, self._signs, self._work.command())
            Destination.checked(name).write(text)
        except (BadInput, OSError) as refused:
            self.notify(str(refused), title="Not written", severity="error")
        else:
            self.notify(name, title="Written")

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self._work.command())
        self.notify(self._work.command(), title="Copied")

    @property
    def _number(self) -> int | None:
        """The number of the case in hand."""
        option = self.query_one("#cases", OptionList).highlighted_option
        return int(option.id) if option is not None and option.id is not None else None

    @on(OptionList.OptionHighlighted, "#cases")
    def _show(self) -> None:
        number = self._number
        if number is None:
            return
        case, sign = self._cases[number], self._signs.get(number, OPEN)
        self.query_one("#case", LinesPanel).draw(lambda width: case_lines(case, sign, width))
        self.query_one("#case-scroll", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected, "#cases")
    def _read(self) -> None:
        self.set_focus(self.query_one("#case-scroll"))

    def _fill(self, number: int) -> None:
        """List the cases under what they are, and put the cursor on one of them."""
        cases = self.query_one("#cases", OptionList)
        cases.clear_options()
        cases.add_options(_option(row) for row in review_rows(self._review, self._signs))
        if number in self._cases:
            cases.highlighted = cases.get_option_index(str(number))
        self.set_focus(cases)


def _option(row: ReviewRow) -> Option:
    """Return a row of the list; a heading cannot be chosen."""
    name = None if row.number is None else str(row.number)
    return Option(HangingRow(row.head, row.words), id=name, disabled=row.number is None)
