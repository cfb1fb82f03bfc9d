"""The ten pre-launch cases, walked one by one and signed off or sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

from sandbox.errors import BadInput
from tui.cli.destination import Destination
from tui.phone_reading import OPEN, SENT_BACK, SIGNED, case_lines, review_rows, sign_off_text
from tui.widgets.lines import LinesPanel

if TYPE_CHECKING:
    from scenarios.prelaunch import CaseReview, Review
    from tui.work import ReviewWork


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
            "s", f"sign('{SIGNED}')", "Sign off", id="prelaunch.sign", tooltip="Sign the case off and go on."
        ),
        Binding("b", f"sign('{SENT_BACK}')", "Send back", id="prelaunch.back", tooltip="Send the case back."),
        Binding("w", "write", "Write", id="prelaunch.write", tooltip="Write the sign-off to a file."),
        Binding("y", "copy", "Copy", id="prelaunch.copy", tooltip="Copy the command that says the same."),
        Binding("escape", "dismiss", "Close", id="prelaunch.close", tooltip="Go back to the phone."),
    ]

    def __init__(self, review: Review, work: ReviewWork, signs: dict[int, str]) -> None:
        """Start where the last visit ended."""
        super().__init__()
        self._review = review
        self._work = work
        self._signs = signs

    def compose(self) -> ComposeResult:
        """Lay out the list and the case."""
        with Vertical(id="prelaunch"):
            with Horizontal():
                yield OptionList(id="cases")
                with VerticalScroll(id="case-scroll"):
                    yield LinesPanel(id="case")
            yield Footer()

    def on_mount(self) -> None:
        """Name the page and show the first case."""
        page = self.query_one("#prelaunch")
        page.border_title = f"Pre-launch review · {self._review.design} · {self._review.title}"
        page.border_subtitle = f"$ {self._work.command()}"
        self._fill(0)

    def action_sign(self, sign: str) -> None:
        """Say something of the case in hand, and go on to the next."""
        place = self.query_one("#cases", OptionList).highlighted or 0
        self._signs[self._review.cases[place].number] = sign
        self._fill(min(place + 1, len(self._review.cases) - 1))

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

    @on(OptionList.OptionHighlighted, "#cases")
    def _show(self, event: OptionList.OptionHighlighted) -> None:
        case: CaseReview = self._review.cases[event.option_index]
        sign = self._signs.get(case.number, OPEN)
        self.query_one("#case", LinesPanel).draw(lambda width: case_lines(case, sign, width))
        self.query_one("#case-scroll", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected, "#cases")
    def _read(self) -> None:
        self.set_focus(self.query_one("#case-scroll"))

    def _fill(self, place: int) -> None:
        cases = self.query_one("#cases", OptionList)
        cases.clear_options()
        cases.add_options(Option(Content(row)) for row in review_rows(self._review, self._signs))
        cases.highlighted = place
        self.set_focus(cases)
