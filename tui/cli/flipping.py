"""`sandbox flips`: whose case ends better, whose worse, when one design takes the place of another."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.percent import in_percent
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import figure
from tui.cli.orders import Order, command_line, next_step, trace_command
from tui.cli.progress import ProgressLine
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import aligned, headed, in_blocks, laid, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.explain.flips import Flip, Flips
    from scenarios.totals import Figure

SCHEMA = 1
EXAMPLES_DEFAULT = 3

From = Annotated[
    str,
    typer.Option("--from", metavar="D", help="The design customers have now.", rich_help_panel=options.WORLD),
]
To = Annotated[
    str,
    typer.Option("--to", metavar="D", help="The design they would get.", rich_help_panel=options.WORLD),
]
Examples = Annotated[
    int,
    typer.Option(
        "--examples", min=0, max=50, metavar="N", help="Cases named per flip.", rich_help_panel=options.OUTPUT
    ),
]


def flips(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    before: From,
    after: To,
    settings: options.Settings = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    seed: options.Seed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    examples: Examples = EXAMPLES_DEFAULT,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Follow the same customers from one design to another: who gets worse, who better, who stays."""
    order = Order(
        verb="flips",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        replications=replications,
        jobs=jobs,
        cluster=cluster,
        calls=calls,
        despite_history=despite_history,
        as_json=as_json,
        out=out,
        db=db,
    )
    replay = command_line(
        "flips",
        scenario,
        [
            ("--from", before),
            ("--to", after),
            *(("--set", setting) for setting in order.settings),
            ("--seed", seed),
            ("--replications", replications),
            ("--examples", examples if examples != EXAMPLES_DEFAULT else None),
            *order.history(),
        ],
    )

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        if before == after:  # true, and worth nothing: every case is unchanged
            raise BadInput([f"--from and --to: found {after} twice; allowed: two different designs"])
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.explain.flips import find_flips, flip_replications

                runs = (2 + order.history_worlds()) * flip_replications(order.request())
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                found = find_flips(request, before, after, examples, line.follow(runs), should_stop)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                flips_document(found),
                lambda: flips_text(found, order, replay, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def flips_document(found: Flips) -> dict[str, object]:
    """Return the JSON form."""
    from sandbox.scorecard.standing import WORDS

    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "seed": found.seed,
        "replications": found.replications,
        "from": found.before,
        "to": found.after,
        "cases": found.cases,
        "notes": list(found.notes),
        "worse": _json(found.worse),
        "better": _json(found.better),
        "unchanged": _json(found.same),
        "elsewhere": _json(found.sideways),
        "flips": [
            {
                "from": WORDS[flip.before],
                "to": WORDS[flip.after],
                "becomes": _becomes(flip),
                "cases": _json(flip.cases),
                "examples": list(flip.examples),
            }
            for flip in found.flips
        ],
        "segments": [
            {
                "segment": part.segment,
                "cases": _json(part.cases),
                "worse": _json(part.worse),
                "better": _json(part.better),
                "unchanged": _json(part.unchanged),
            }
            for part in found.segments
        ],
    }


def flips_text(found: Flips, order: Order, replay: str, width: int) -> str:
    """Return who gets worse first, then who gets better, who stays, the segments, and how to follow one case."""
    run = f"{found.scenario}, seed {found.seed}, {found.replications} replications, {order.settings_words()}"
    lines = [
        f"From {found.before} to {found.after}",
        *wrapped(run, width),
        *warning(found.notes),
        *wrapped(
            f"The same {found.cases:,} customers with the same luck in both designs. Cases are means per replication "
            "with 95 % intervals. Better is, in this order: resolved alone, resolved with a person's help, in "
            "somebody's hands (exception open; acted, not recorded), unresolved.",
            width,
        ),
    ]
    groups = (
        ("WORSE", "worse", found.worse),
        ("BETTER", "better", found.better),
        ("ELSEWHERE", "elsewhere", found.sideways),
        ("UNCHANGED", "unchanged", found.same),
    )
    for head, becomes, cases in groups:
        rows = [flip for flip in found.flips if _becomes(flip) == becomes]
        words = "   they stand elsewhere, no better and no worse" if becomes == "elsewhere" else ""
        lines += ["", *headed(f"{head}   {_cases(cases)} of {found.cases:,}{words}", width)]
        lines += too_narrow(found.notes, width) if becomes == "worse" else []
        lines += laid(list(_rows(rows)), "<<<>", width, [3, 0, 1]) if rows else ["  nobody"]
    lines += ["", "BY SEGMENT   triggered cases", *_segments(found, width)]
    lines += ["", *remarks(found.notes, width)] if found.notes else []
    lines += ["", *_follow(found, order), f"replay: {replay}", f"next:   {_next(found, order)}"]
    return "\n".join(lines) + "\n"


def _rows(flips: Sequence[Flip]) -> Iterator[list[str]]:
    from sandbox.scorecard.standing import WORDS

    yield ["was", "becomes", "cases", "such as case"]
    for flip in flips:
        named = ", ".join(map(str, flip.examples))
        yield [WORDS[flip.before], WORDS[flip.after], _cases(flip.cases), named]


def _segments(found: Flips, width: int) -> list[str]:
    """Worse, better and unchanged by segment, below each other when the table would be too wide."""

    def build(heads: Sequence[str]) -> list[str]:
        rows = [["", "cases", *heads]]
        for part in found.segments:
            whole = part.cases.value or 1.0
            each = {"worse": part.worse, "better": part.better, "unchanged": part.unchanged}
            shares = [
                f"{_cases(each[head])} ({in_percent((each[head].value or 0.0) / whole, 1)})" for head in heads
            ]
            rows.append([part.segment, f"{part.cases.value or 0:,.0f}", *shares])
        return aligned(rows, "<>" + ">" * len(heads))

    return in_blocks(("worse", "better", "unchanged"), width, build)


def _follow(found: Flips, order: Order) -> Iterator[str]:
    """The commands that show one case in both designs: the first that got worse, else the first that changed."""
    for flip in found.flips:
        if flip.examples and flip.before is not flip.after:
            for design in (found.before, found.after):
                yield f"follow: {trace_command(order, design, flip.examples[0])}"
            return


def _next(found: Flips, order: Order) -> str:
    return order.follow("compare", [("--designs", f"{found.before},{found.after}")])


def _becomes(flip: Flip) -> str:
    if flip.before is flip.after:
        return "unchanged"
    return "worse" if flip.change < 0 else "better" if flip.change > 0 else "elsewhere"


def _cases(cases: Figure) -> str:
    return figure(cases.value, "count", cases.low, cases.high)


def _json(cases: Figure) -> dict[str, float | None]:
    return cases._asdict()
