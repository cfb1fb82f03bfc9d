"""A form on the phone: every field with its label, what it takes, and what policy says against it, beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static

from tui.messages import FormSent, LineLeft
from tui.readings import GLYPHS
from tui.widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from scenarios.rehearsal.phone_form import Blank, Sheet


class TickBox(Checkbox):
    """A box that is empty until it is ticked: the stock one tells the two apart by colour alone."""

    def __init__(self, label: str, *, ticked: bool) -> None:
        """Draw it as it stands."""
        super().__init__(label, ticked, compact=True)
        self._draw()

    def watch_value(self) -> None:
        """Draw the tick, or take it away."""
        self._draw()
        super().watch_value()

    def _draw(self) -> None:
        self.BUTTON_INNER = GLYPHS["pass"] if self.value else " "


class FieldRow(Vertical):
    """One field: its label with what it takes, where it is filled in, and what is wrong with it."""

    def __init__(self, blank: Blank) -> None:
        """Remember what is to be filled in."""
        super().__init__()
        self.blank = blank

    def compose(self) -> ComposeResult:
        """Lay out the label, what is filled in, and a line for a fault."""
        blank = self.blank
        if blank.kind == "tick":
            yield TickBox(blank.label, ticked=bool(blank.text))
        else:
            takes = f" ({blank.takes})" if blank.takes else ""
            yield Static(f"{blank.label}{takes}", classes="field-label", markup=False)
        if blank.kind == "choice":
            offered = [(word.replace("_", " "), word) for word in blank.one_of]
            chosen = blank.text if blank.text in blank.one_of else Select.NULL
            yield Select(offered, value=chosen, compact=True, prompt="choose")
        elif blank.kind == "text":
            yield TypedLine(blank.text, compact=True)
        yield Static("", classes="field-fault", markup=False)

    @property
    def text(self) -> str:
        """What is filled in now."""
        if self.blank.kind == "tick":
            return "yes" if self.query_one(Checkbox).value else ""
        if self.blank.kind == "choice":
            chosen = self.query_one(Select).value
            return "" if chosen is Select.NULL else str(chosen)
        return self.query_one(Input).value

    @property
    def field(self) -> Widget:
        """What takes the keyboard."""
        return (
            self.query(Input).first(Widget)
            if self.blank.kind == "text"
            else self.query("Checkbox, Select").first(Widget)
        )

    def blame(self, fault: str) -> None:
        """Say what is wrong, or that nothing is any longer."""
        told = self.query_one(".field-fault", Static)
        told.update(f"✘ {fault}" if fault else "")
        told.display = bool(fault)


class PhoneForm(VerticalScroll, can_focus=False):
    """The fields of a form and its button; what is wrong with a field shows as soon as it is left or sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="form.leave", show=False, tooltip="Leave the form."),
    ]  # fmt: skip

    _sheet: Sheet | None = None
    _warned = ""

    def on_mount(self) -> None:
        """Nothing is to be filled in yet."""
        self.display = False

    async def offer(self, sheet: Sheet | None, inputs: str) -> None:
        """Show a form with what a submission holds and what is wrong with it, or none.

        Args:
            sheet: the form, or None.
            inputs: JSON of what stands in it.
        """
        self._sheet, self._warned = sheet, ""
        self.display = sheet is not None
        with self.app.batch_update():
            await self.remove_children()
            if sheet is not None:
                rows: Iterable[Widget] = [FieldRow(blank) for blank in sheet.blanks(inputs)]
                await self.mount(*rows, Button(sheet.submit, compact=True, variant="primary"))
                self._judge(self.query(FieldRow))

    def begin(self) -> None:
        """Put the keyboard on the first field."""
        rows = list(self.query(FieldRow))
        self.screen.set_focus(rows[0].field if rows else self.query_one(Button))

    def action_leave(self) -> None:
        """Say that the form is left."""
        self.post_message(LineLeft())

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Select.Changed)
    def _changed(self, event: Input.Changed | Checkbox.Changed | Select.Changed) -> None:
        """Judge again: what was mended is no longer blamed, what is wrong by now is."""
        event.stop()
        self._judge(self.query(FieldRow))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Go on to the next field; from the last one send."""
        event.stop()
        rows = list(self.query(FieldRow))
        place = next(at for at, row in enumerate(rows) if row in event.input.ancestors)
        if place + 1 < len(rows):
            self.screen.set_focus(rows[place + 1].field)
        else:
            self._send()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._send()

    def _send(self) -> None:
        """Send; what is wrong is pointed at first, and sent all the same when it is sent again unchanged."""
        if self._sheet is None:
            return
        inputs = self._sheet.written(self._texts)
        faults = self._judge(self.query(FieldRow))
        if faults and inputs != self._warned:
            self._warned = inputs
            self.screen.set_focus(next(row for row in self.query(FieldRow) if row.blank.name in faults).field)
            self.notify("Mend what is marked ✘, or send it again to see it refused.", severity="warning")
        else:
            self.post_message(FormSent(inputs))

    @property
    def _texts(self) -> dict[str, str]:
        return {row.blank.name: row.text for row in self.query(FieldRow)}

    def _judge(self, blamed: Iterable[FieldRow]) -> dict[str, str]:
        """Return what policy's own fields say, and show it on these rows."""
        faults = {} if self._sheet is None else self._sheet.faults(self._texts)
        shown = set(blamed)
        for row in self.query(FieldRow):
            row.blame(faults.get(row.blank.name, "") if row in shown else "")
        return faults
