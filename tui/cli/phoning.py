"""`sandbox phone`: be the customer of a design, step by step, and read what the real code did."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, next_step, phone_command
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import aligned, wrapped

if TYPE_CHECKING:
    from scenarios.rehearsal.phone import PhonePage
    from scenarios.rehearsal.phone_options import Option

SCHEMA = 1

Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--do",
        metavar="STEP",
        help="What the customer does next: the number of an option (2=20.50 types with it, 2='street=Elm Road 5; "
        "postcode=AB1 2CD' fills in a form), or what goes wrong: "
        "expired_link, code_lost, double_tap, core_down, answer_lost, nobody_answers. May be repeated.",
        rich_help_panel=options.WORLD,
    ),
]
Customer = Annotated[
    int,
    typer.Option(
        "--customer",
        min=0,
        max=500,
        metavar="N",
        help="Customers to pass over.",
        rich_help_panel=options.WORLD,
    ),
]


def phone(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: options.Design = None,
    steps: Steps = None,
    customer: Customer = 0,
    settings: options.Settings = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Be the customer of a design: what stands on the phone, what may be done, what the real code did."""
    order = Order("phone", scenario, settings=tuple(settings or ()), seed=seed, as_json=as_json, out=out)
    done = tuple(steps or ())

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # one case ends sooner than anybody can ask
        destination = Destination.checked(out, (scenario,))
        from scenarios.rehearsal.phone import Phone

        played = Phone(order.request(), design)
        try:
            for _ in range(customer):
                played.next_customer()
            page = played.now
            for step in done:
                page = played.do(step)
            name = played.design
        finally:
            played.close()
        width = WIDTH_DEFAULT if out is not None else text_width()
        following = phone_command(order, name, customer, (*done, "1"))
        deliver(
            destination,
            phone_document(scenario, name, page),
            lambda: phone_text(page, following, width),
            as_json=as_json,
        )
        return ExitCode.OK

    conduct(
        body,
        replay=phone_command(order, design, customer, done),
        next_step=lambda problems: next_step(scenario, problems),
    )


def phone_document(scenario: str, design: str, page: PhonePage) -> dict[str, object]:
    """Return the JSON form of where the customer stands."""
    return {
        "schema": SCHEMA,
        "scenario": scenario,
        "design": design,
        "customer": page.customer,
        "path": list(page.path),
        "page": page.page,
        "options": [option.label for option in page.options],
        "fields": [
            {**blank._asdict(), "option": number}
            for number, option in enumerate(page.options, 1)
            if option.sheet is not None
            for blank in option.sheet.blanks(option.typed or "")
        ],
        "over": page.over,
        "moments": [moment._asdict() for moment in page.moments],
        "outbox": list(page.outbox),
        "record": page.record,
        "audit": page.audit,
    }


def phone_text(page: PhonePage, following: str, width: int) -> str:
    """Return the transcript, then the page and the options, then what stands in outbox, core and trail."""
    starts = aligned([[moment.at, moment.who, ""] for moment in page.moments], "<<<")
    hanging = " " * (max(map(len, starts), default=0) + 2)
    lines = [*wrapped(page.customer, width), ""]
    for start, moment in zip(starts, page.moments, strict=True):
        lines += textwrap.wrap(
            moment.text, width, initial_indent=start.ljust(len(hanging)), subsequent_indent=hanging
        )
    lines += ["", "THE VISIT IS OVER" if page.over else "ON THE PHONE", *wrapped(page.page, width)]
    for number, option in enumerate(page.options, 1):
        lines += [f"  {number}  {option.label}", *_blank_lines(option, width)]
    lines += ["", *wrapped(f"outbox: {'; '.join(page.outbox) or 'empty'}", width)]
    lines += [*wrapped(f"core: {page.record}", width), *wrapped(f"audit: {page.audit}", width)]
    return "\n".join([*lines, *([] if page.over else ["", f"next: {following}"])]) + "\n"


def _blank_lines(option: Option, width: int) -> list[str]:
    """Say what a form's fields are called, what each takes and what would be filled in."""
    blanks = () if option.sheet is None else option.sheet.blanks(option.typed or "")
    told, faults = [], option.faults
    for blank in blanks:
        takes = "; ".join(filter(None, (blank.takes, " or ".join(blank.one_of)))) or (
            "yes" * (blank.kind == "tick")
        )
        words = f"{blank.label}: {takes}" if takes else blank.label
        wrong = f"; ✘ {faults[blank.name]}" if blank.name in faults else ""
        told.append([f"     {blank.name}={blank.text}", f"{words}{wrong}"])
    heads = aligned([[head, ""] for head, _ in told], "<<")
    start = max(map(len, heads), default=0) + 2
    return [
        line
        for head, (_, words) in zip(heads, told, strict=True)
        for line in textwrap.wrap(
            words,
            width,
            initial_indent=head.ljust(start),
            subsequent_indent=" " * start,
            break_long_words=False,
        )
    ]
