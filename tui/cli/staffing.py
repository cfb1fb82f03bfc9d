"""`sandbox staff`: the fewest agents per half hour that keep a condition."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.limiting import Keep, world_options
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.limits.staffing_search import StaffFound

FRAGMENT_ENDINGS = (".yaml", ".yml")

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the result to FILE. A FILE.yaml is a scenario of the same world with these agents, ready for "
        "`sandbox compare FILE.yaml`; the report then still goes to standard output.",
        rich_help_panel=options.OUTPUT,
    ),
]


def staff(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    keep: Keep,
    design: options.Design = None,
    settings: options.Settings = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    seed: options.Seed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Find the fewest agents per half hour that keep a condition: by theory, then by simulation."""
    order = Order(
        verb="staff",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=options.one_design(design),
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
    named = [
        ("--design" if option == "--designs" else option, value) for option, value in world_options(order)
    ]
    replay = command_line("staff", scenario, [*(("--keep", one) for one in keep), *named])
    as_fragment = out is not None and out.endswith(FRAGMENT_ENDINGS)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            run.begin()
            asked = replace(order, workers=run.workers(jobs, cluster))
            found = _found(asked, tuple(keep), should_stop)
            from tui.cli.limit_json import staff_json
            from tui.cli.staff_text import fragment, staff_text

            if as_fragment and found.agents is not None:
                destination.write(fragment(found, _extended(scenario, destination.path), replay))
            report = Destination(None) if as_fragment else destination
            width = WIDTH_DEFAULT if report.path is not None else text_width()
            written = out if as_fragment else None
            deliver(
                report,
                staff_json(found, replay),
                lambda: staff_text(found, order, (replay, written), width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def _extended(scenario: str, fragment: Path | None) -> str:
    """What a fragment says it extends: a shipped name, or the way from its folder to the scenario's file."""
    if fragment is None or not Path(scenario).is_file():
        return scenario
    way = os.path.relpath(Path(scenario).resolve(), fragment.parent)
    return way if way.startswith(".") else f"./{way}"


def _found(order: Order, keep: tuple[str, ...], should_stop: ShouldStop) -> StaffFound:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.limits.staffing_plan import StaffRequest, plan_staffing
        from scenarios.limits.staffing_search import find_staffing

        plan = plan_staffing(StaffRequest(order.request(), keep))
        on_progress, on_ahead = line.follow_search()
        return find_staffing(plan, on_progress, should_stop, on_ahead)
