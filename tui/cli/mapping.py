"""`sandbox map`: a design's path, its handoffs, and what is lost at each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.percent import in_percent
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.ablating import fixed_handoffs, fixes_document, fixes_lines
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.remarks import remarks, warning
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import laid, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.explain.journey_map import JourneyMap

SCHEMA = 1


Fixed = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="Also fix each handoff in turn, for the same customers, and rank them by what that buys.",
        rich_help_panel=options.EFFORT,
    ),
]


def draw(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: options.Design = None,
    settings: options.Settings = None,
    fix: Fixed = False,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    seed: options.Seed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Draw a design's path from trigger to writeback: every handoff and what is lost at each."""
    order = Order(
        verb="map",
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

    with_fixes = [("--replications", replications), ("--fix", fix or None)]
    replay = command_line("map", scenario, [("--design", design), *order.same_world(), *with_fixes])

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(fix and not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.explain.journey_map import map_design

                if not fix and any(given is not None for given in (replications, jobs, cluster)):
                    only = "--replications, --jobs and --cluster"
                    raise BadInput([f"{only}: a map is drawn from one run; allowed: with --fix"])
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                # The fixes first: they refuse what they cannot do before anything is run.
                fixed = fixed_handoffs(request, design, line, should_stop) if fix else None
                follow = line.follow(1 if fix else order.runs_of_a_look())
                found = map_design(order.request(), design, follow, should_stop, gated=not fix)
            width = WIDTH_DEFAULT if out is not None else text_width()

            def text() -> str:
                further = [] if fixed is None else ["", *fixes_lines(fixed, width)]
                notes = found.notes if fixed is None else fixed.notes
                return map_text(replace(found, notes=notes), order, replay, width, further)

            document = map_document(found, replay) | ({} if fixed is None else fixes_document(fixed))
            deliver(destination, document, text, as_json=as_json, run=run)
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def map_document(found: JourneyMap, replay: str) -> dict[str, object]:
    """Return the JSON form of a map; `replay` is the command line that gives the same again."""
    test = found.closed
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "cases": found.cases,
        "engaged": found.engaged,
        "steps": [asdict(step) for step in found.steps],
        "endings": [ending._asdict() for ending in found.endings],
        "closed_workflow": {**asdict(test), "closed": test.closed, "faults": list(test.faults)},
        "notes": list(found.notes),
        "replay": replay,
    }


def map_text(found: JourneyMap, order: Order, replay: str, width: int, further: Sequence[str] = ()) -> str:
    """Return the path with its traffic, the ledger of all cases, and the closed-workflow test.

    Args:
        found: the map.
        order: what was asked for; its settings and seed stand in the head and in the next command.
        replay: the command line that gives the same again.
        width: columns available.
        further: lines to stand at its end.
    """
    run = f"{found.scenario}, seed {found.seed}, one replication, {order.settings_words()}"
    lines = [f"{found.design}: {found.title}", *wrapped(run, width), *warning(found.notes), ""]
    lines += ["PATH   ● normal path  ○ other ways  ⇢ handoff", *_path(found, width), ""]
    lines += ["ROUTES   step → when done; other ends → where", *_routes(found, width), ""]
    lines += [f"WHERE EVERY CASE ENDED   {found.cases:,} cases, each once", *_endings(found, width), ""]
    lines += ["CLOSED-WORKFLOW TEST   on the normal path", *_closed(found, width), *further, ""]
    lines += [*remarks(found.notes, width), ""] if found.notes else []
    following = order.follow("diagnose", [("--designs", found.design)])
    lines += [f"replay: {replay}", f"next:   {following}   (is what it loses a reason to stop?)"]
    return "\n".join(lines) + "\n"


def _path(found: JourneyMap, width: int) -> list[str]:
    rows = [["", "step", "visits", "ended here", "cases lost", "of engaged", "mean min", "max/h"]]
    for step in found.steps:
        if step.handoff:
            rows.append(["⇢", f"({step.handoff})", "", "", "", "", "", ""])
        rows.append(
            [
                "●" if step.on_normal_path else "○",
                step.step if step.step == step.kind else f"{step.step} ({step.kind})",
                "" if step.entered is None else f"{step.entered:,}",
                f"{step.left:,}" if step.left else "",
                f"{step.lost:,}" if step.lost else "",
                in_percent(step.lost_share, 1) if step.lost else "",
                "" if step.minutes is None else f"{step.minutes:,.1f}",
                "" if step.capacity_per_h is None else f"{step.capacity_per_h:,.0f}",
            ]
        )
    return laid(rows, "<<>>>>>>", width, [1])


def _routes(found: JourneyMap, width: int) -> list[str]:
    lines = []
    for step in found.steps:
        others = [f"{outcome} → {target}" for outcome, target in step.routes.items() if outcome != "done"]
        lines += wrapped(f"{step.step} → {'; '.join([step.routes['done'], *others])}", width, hanging="    ")
    return lines


def _endings(found: JourneyMap, width: int) -> list[str]:
    rows = [
        [
            f"lost at {ending.step}: {ending.reason}" if ending.step else ending.reason,
            f"{ending.cases:,}",
            in_percent(ending.cases / found.cases, 1),
        ]
        for ending in found.endings
    ]
    return laid(rows, "<>>", width, [0], titled=False)


def _closed(found: JourneyMap, width: int) -> list[str]:
    test = found.closed
    counted = (
        ("channel changes", test.channel_changes),
        ("identity details asked at", test.identity_checks),
        ("waits for a person at", test.person_waits),
    )
    rows = [[words, str(len(steps)), ", ".join(steps) or "none"] for words, steps in counted]
    verdict = "closed" if test.closed else f"not closed: {'; '.join(test.faults)}"
    return [*laid(rows, "<><", width, [2], titled=False), *wrapped(verdict, width)]
