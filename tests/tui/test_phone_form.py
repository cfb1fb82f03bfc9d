"""A form on the Phone screen: a field of its own for everything that is asked, judged as it is filled in."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Checkbox, Input, OptionList, Select

from scenarios.rehearsal.phone import Phone
from scenarios.run import CompareRequest
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import LARGE, SMALL, WIDE, Stage, drive
from tui.cli.orders import Order
from tui.widgets.phone_form import PhoneForm

pytestmark = pytest.mark.wide


class FormRunner(WorldRunner):
    """A phone of a workflow with forms."""

    workflow = "address-update"

    def phone(self, order: Order, design: str | None) -> Phone:  # noqa: ARG002
        """Whatever was asked for."""
        return Phone(CompareRequest(self.workflow, ("campaign.messages=200",)), design)


class PaperRunner(FormRunner):
    """A phone where a document is asked for."""

    workflow = "kyc-refresh"


async def at_the_form(stage: Stage) -> PhoneForm:
    """Go to the form in the message and stand on its first field."""
    await stage.press("4", "d", "d", "enter", "enter", "enter", "enter", "down", "down", "enter")
    form = stage.app.screen.query_one(PhoneForm)
    assert form.display
    return form


async def send(stage: Stage, form: PhoneForm) -> None:
    """Press the button by the keyboard, once it really has it."""
    form.query_one(Button).focus()
    await stage.settle()
    await stage.press("enter")
    await stage.settle()


def test_every_field_has_its_own_labelled_line() -> None:
    """No JSON is typed: labels with what they take, on every size of a terminal; the first has the keyboard."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        words = " ".join(str(label.render()) for label in form.query(".field-label"))
        assert "Street and number (5 to 60 characters)" in words
        assert "From (2026-03-02 to 2026-05-01)" in words
        lines = list(form.query(Input))
        assert len(lines) == 3
        assert stage.app.focused is lines[0]
        assert "{" not in "".join(line.value for line in lines)
        assert "Street and number" in stage.text()

    for size in (SMALL, WIDE, LARGE):
        drive(script, FormRunner(), size)


def test_a_form_is_filled_in_by_keys_and_posted() -> None:
    """Enter goes from field to field and sends from the last; what was typed stands in the path."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        form.query(Input).first().value = "Elm Road 5"
        await stage.press("enter", "enter", "enter")
        page = stage.app.screen._page
        assert page.over
        assert '"street":"Elm Road 5"' in page.path[-1]
        assert "complete; " in page.record

    drive(script, FormRunner())


def test_a_fault_stands_beside_its_field_until_it_is_mended() -> None:
    """Policy's own judgement, at once; sending points at it first, and sending it again has it refused."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        first = form.query(Input).first()
        first.value = "Elm"
        await stage.settle()
        assert "✘ too short" in stage.text()
        first.value = "Elm Road 5"
        await stage.settle()
        assert "✘ too short" not in stage.text()
        first.value = "Elm"
        await send(stage, form)
        assert stage.app.focused is first
        assert "Mend what is marked" in stage.notices()
        await send(stage, form)
        assert "Something is not as it should be" in stage.app.screen._page.page

    drive(script, FormRunner())


def test_a_refused_form_still_has_what_was_typed() -> None:
    """The fields stand there at once with the customer's own text and the fault beside it, to be mended."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        form.query(Input).first().value = "Elm"
        await send(stage, form)  # pointed at
        await send(stage, form)  # refused
        assert form.display
        assert form.query(Input).first().value == "Elm"
        assert "✘ too short" in stage.text()
        await stage.press("enter", "end", *" Road 5", "enter", "enter", "enter")
        await stage.settle()
        assert stage.app.screen._page.over
        assert '"street":"Elm Road 5"' in stage.app.screen._page.path[-1]

    drive(script, FormRunner())


def test_a_form_works_by_mouse() -> None:
    """A click on the button sends it; Esc leaves it for the options."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        await stage.press("escape")
        assert isinstance(stage.app.focused, OptionList)
        form.query_one(Button).scroll_visible(animate=False)
        await stage.settle()
        await stage.pilot.click(form.query_one(Button))
        await stage.settle()
        assert stage.app.screen._page.over

    drive(script, FormRunner(), LARGE)


def test_a_document_is_chosen_and_ticked() -> None:
    """Its type is chosen from what the policy accepts; what has to be confirmed is a box."""

    async def script(stage: Stage) -> None:
        form = await at_the_form(stage)
        kinds = form.query_one(Select)
        assert {value for _, value in kinds._options if value is not Select.NULL} == {
            "passport", "driving_licence", "identity_card",
        }  # fmt: skip
        form.query_one(Checkbox).value = False
        await stage.settle()
        assert "still to be filled in" in stage.text()
        assert "✔  My address is still right" not in stage.text()
        form.query_one(Checkbox).value = True
        await stage.settle()
        row = next(
            line
            for line in stage.text().splitlines()
            if line.count("My address is still right") and "✔" in line
        )
        assert row.index("✔") < row.index("My address")
        await send(stage, form)
        assert stage.app.screen._page.over

    drive(script, PaperRunner(), LARGE)
