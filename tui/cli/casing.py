"""`sandbox cases`: what happened to whom in one run of a design, and which cases to follow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, cases_command, next_step, trace_command
from tui.cli.progress import ProgressLine
from tui.cli.remarks import remarks, warning
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import aligned, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.evidence.cases import CaseLine, Cases

SCHEMA = 1
LISTED_DEFAULT = 20

Happened = Annotated[
    list[str] | None,
    typer.Option(
        "--what",
        metavar="WORDS",
        help="Only cases to which this happened, as the list without --what calls it. May be repeated.",
        rich_help_panel=options.WORLD,
    ),
]
CasesDesign = Annotated[
    str,
    typer.Option("--design", metavar="D", help="The design to run.", rich_help_panel=options.WORLD),
]
Listed = Annotated[
    int,
    typer.Option(
        "--list", min=1, max=1000, metavar="N", help="Cases listed.", rich_help_panel=options.OUTPUT
    ),
]


def cases(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: CasesDesign,
    what: Happened = None,
    settings: options.Settings = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    seed: options.Seed = None,
    listed: Listed = LISTED_DEFAULT,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """List what happened to whom in one run: how many cases, and which ones to follow."""
    order = Order(
        verb="cases",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        calls=calls,
        despite_history=despite_history,
        as_json=as_json,
        out=out,
    )
    wanted = tuple(what or ())
    replay = cases_command(order, design, wanted, listed if listed != LISTED_DEFAULT else None)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with TemporaryDirectory() as folder:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.evidence.cases import CaseFilter, collect_cases

                path = Path(folder) / "cases.sqlite"
                follow = line.follow(order.runs_of_a_look())
                found = collect_cases(order.request(), design, path, follow, should_stop)
            _check(wanted, found)
            chosen = CaseFilter(tags=wanted)
            count, page = found.book.count(chosen), found.book.page(chosen, 0, listed)
        document = cases_document(found, wanted, count, page, replay)
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(destination, document, lambda: cases_text(found, order, document, width), as_json=as_json)
        return ExitCode.OK

    conduct(
        body,
        replay=replay,
        next_step=lambda problems: next_step(scenario, problems),
    )


def cases_document(
    found: Cases, what: Sequence[str], count: int, page: Sequence[CaseLine], replay: str
) -> dict[str, object]:
    """Return the JSON form; `replay` is the command line that gives the same again."""
    from scenarios.evidence.cases import standing_words

    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "cases": found.cases,
        "audit": found.chain,
        "happened": [{"what": tag, "cases": cases} for tag, cases in found.tags],
        "what": list(what),
        "matching": count,
        "listed": [
            {"case_id": line.case_id, "arrears": line.band, "stands": standing_words(line)} for line in page
        ],
        "notes": list(found.notes),
        "replay": replay,
    }


def cases_text(found: Cases, order: Order, document: dict[str, object], width: int) -> str:
    """Return what happened by number of cases, or the cases to which it happened, and how to follow one."""
    head = f"{found.scenario}, {found.design}, seed {found.seed}, {order.settings_words()}"
    lines = [*wrapped(head, width), *warning(found.notes)]
    lines += [f"  {found.cases:,} cases; audit: {found.chain}", ""]
    what: Sequence[str] = document["what"]  # type: ignore[assignment]  # our own document
    told = ["", *remarks(found.notes, width), ""] if found.notes else []
    replay = f"replay: {document['replay']}"
    if not what:
        lines += ["WHAT HAPPENED   cases to which it happened at least once"]
        lines += aligned([[f"{cases:,}", tag] for tag, cases in found.tags], "><")
        first = next((tag for tag, _ in found.tags if tag.startswith("core write failed")), found.tags[0][0])
        following = f"{cases_command(order, found.design, [first])}   (to whom it happened)"
        return "\n".join([*lines, *told, replay, f"next:   {following}"]) + "\n"
    rows: list[dict[str, object]] = document["listed"]  # type: ignore[assignment]
    lines += [f"{' AND '.join(what).upper()}   {document['matching']:,} cases"]
    lines += aligned(
        [["case", "arrears", "stands"], *([str(cell) for cell in row.values()] for row in rows)], "><<"
    )
    if rows:
        first_case = int(str(rows[0]["case_id"]))
        following = f"{trace_command(order, found.design, first_case)}   (the first of them, step by step)"
    else:
        following = f"{cases_command(order, found.design)}   (what happened to anybody)"
    return "\n".join([*lines, *told, replay, f"next:   {following}"]) + "\n"


def _check(what: Sequence[str], found: Cases) -> None:
    known = {tag for tag, _ in found.tags}
    unknown = [words for words in what if words not in known]
    if unknown:
        raise BadInput(
            [f"--what {words}: happened to nobody; allowed: {', '.join(sorted(known))}" for words in unknown]
        )
