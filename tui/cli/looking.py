"""Commands that look without comparing: `sandbox check` and `sandbox trace`."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.authoring import run_line
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import plain
from tui.cli.orders import Order, command_line, map_command, next_step, trace_command
from tui.cli.progress import ProgressLine
from tui.cli.refusals import refuse
from tui.cli.remarks import remarks, warning
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import GAP, aligned
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.evidence.trace import CaseTrace
    from scenarios.world.spec import CheckReport

SCHEMA = 1

CaseId = Annotated[
    int,
    typer.Option("--case", min=0, metavar="ID", help="The case to follow.", rich_help_panel=options.WORLD),
]
TracedDesign = Annotated[
    str,
    typer.Option(
        "--design", metavar="D", help="The design to follow it through.", rich_help_panel=options.WORLD
    ),
]
ListSettings = Annotated[
    bool,
    typer.Option(
        "--settings",
        help="List every setting with its value, as --set takes it.",
        rich_help_panel=options.OUTPUT,
    ),
]


def check(
    scenario: options.Scenario,
    settings: options.Settings = None,
    list_settings: ListSettings = False,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Read a file of a scenario, design, policy, core profile or pack and say all that is wrong; runs nothing."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # reading a few files ends sooner than anybody can ask
        destination = Destination.checked(out, (scenario,))
        from scenarios.world.spec import check as examine

        report = examine(scenario, tuple(settings or ()))
        document: dict[str, object] = {
            "schema": SCHEMA,
            "kind": report.kind,
            "ok": report.ok,
            "problems": list(report.problems),
            "sources": _sorted(report.sources),
            "settings": _sorted(report.settings),
            "notes": list(report.notes),
        }
        if report.ok or as_json:
            text = settings_text if list_settings else check_text
            deliver(destination, document, lambda: text(scenario, report), as_json=as_json)
        if report.ok:
            return ExitCode.OK
        refuse(report.problems, next_step(scenario, report.problems), replay)
        return ExitCode.BAD_INPUT

    replay = command_line("check", scenario, [("--set", setting) for setting in settings or ()])
    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def trace(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: TracedDesign,
    case: CaseId,
    settings: options.Settings = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Follow one customer from trigger to final record: what policy, identity and core answered."""
    order = Order(
        verb="trace",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        calls=calls,
        despite_history=despite_history,
        as_json=as_json,
        out=out,
    )
    replay = trace_command(order, design, case)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with ProgressLine(sys.stderr, monotonic_s) as line:
            line.say(f"following case {case} through {design}")
            from scenarios.evidence.trace import trace_case

            found = trace_case(order.request(), design, case, should_stop)
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(
            destination,
            trace_document(found, replay),
            lambda: trace_text(found, order, replay, width),
            as_json=as_json,
        )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def check_text(scenario: str, report: CheckReport) -> str:
    """Return that a file is sound, and where its numbers come from."""
    sources = ", ".join(f"{count} {source}" for source, count in sorted(report.sources.items()))
    lines = [f"{scenario}: no problems found"]
    lines += [f"  numbers by source: {sources}"] if sources else []
    lines += [f"  note: {note}" for note in report.notes]
    lines += [f"next: {run_line(report.kind, scenario)}"]
    return "\n".join(lines) + "\n"


def settings_text(scenario: str, report: CheckReport) -> str:
    """Return every setting and its value, one per line, in the form `--set` takes."""
    del scenario
    return "".join(f"{path}={plain(value)}\n" for path, value in _sorted(report.settings).items())


def trace_document(found: CaseTrace, replay: str) -> dict[str, object]:
    """Return the JSON form of one case; `replay` is the command line that gives the same again."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "case_id": found.case_id,
        "customer": found.customer,
        "lines": [{"clock": line.clock, "kind": line.kind, "text": line.text} for line in found.lines],
        "final_state": found.final_state,
        "notes": list(found.notes),
        "replay": replay,
    }


def trace_text(found: CaseTrace, order: Order, replay: str, width: int) -> str:
    """Return one case as a timeline; long evidence is wrapped below where it starts."""
    head = (
        f"{found.scenario}, {found.design}, case {found.case_id}, seed {found.seed}, {order.settings_words()}"
    )
    starts = aligned([[line.clock, line.kind, ""] for line in found.lines], "<<<") if found.lines else []
    hanging = " " * (max(map(len, starts), default=0) + len(GAP))
    lines = [
        *textwrap.wrap(head, width, subsequent_indent="  "),
        *warning(found.notes),
        f"  customer: {found.customer}",
        "",
    ]
    for start, line in zip(starts, found.lines, strict=True):
        lines += textwrap.wrap(
            line.text, width, initial_indent=start.ljust(len(hanging)), subsequent_indent=hanging
        )
    lines.append("")
    lines += textwrap.wrap(f"final state: {found.final_state}", width, subsequent_indent="  ")
    lines += ["", *remarks(found.notes, width), ""] if found.notes else []
    following = f"{map_command(order, found.design)}   (how many go this way)"
    return "\n".join([*lines, f"replay: {replay}", f"next:   {following}"]) + "\n"


def _sorted(mapping: Mapping[str, object]) -> dict[str, object]:
    return {key: mapping[key] for key in sorted(mapping)}
