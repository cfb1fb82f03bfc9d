"""`sandbox limit`: how far a setting may go before a design breaks a condition."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.limits.limit import Limits
    from scenarios.limits.send_shapes import ShapeCheck

Keep = Annotated[
    list[str],
    typer.Option(
        "--keep",
        metavar="CONDITION",
        help='What must hold, for example "call_abandonment_rate<0.10" (as under `expect:` of a scenario). May be '
        "repeated: all of them.",
        rich_help_panel=options.WORLD,
    ),
]

Vary = Annotated[
    str,
    typer.Option(
        "--vary",
        metavar="PATH",
        help="The setting that is varied; any that is a number, in whichever direction helps. 'PATH*' varies a "
        "factor on it, or on a whole profile.",
        rich_help_panel=options.WORLD,
    ),
]

Between = Annotated[
    str | None,
    typer.Option(
        "--between",
        metavar="LOW:HIGH",
        help="Search between these values. Default: the setting's own range; large counts a twentieth to twice.",
        rich_help_panel=options.WORLD,
    ),
]

Step = Annotated[
    float | None,
    typer.Option(
        "--step",
        metavar="N",
        help="Distance of neighbouring values. Default: round values at most 5 % apart.",
        rich_help_panel=options.EFFORT,
    ),
]

SendShape = Annotated[
    bool,
    typer.Option(
        "--send-shape",
        help="Also look for the hours of sending that load the lines least, and the limit under them.",
        rich_help_panel=options.OUTPUT,
    ),
]


def limit(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    keep: Keep,
    vary: Vary = "campaign.messages",
    between: Between = None,
    step: Step = None,
    send_shape: SendShape = False,
    settings: options.Settings = None,
    designs: options.Designs = None,
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
    """Find how far a setting may go before each design breaks a condition: by theory, then by simulation."""
    order = Order(
        verb="limit",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=options.design_names(designs),
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
    given = [
        *(("--keep", one) for one in keep),
        ("--vary", vary),
        ("--between", between),
        ("--step", None if step is None else f"{step:g}"),
    ]
    replay = command_line("limit", scenario, [*given, *world_options(order)])
    replay += " --send-shape" if send_shape else ""

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            run.begin()
            asked = replace(order, workers=run.workers(jobs, cluster))
            found, shapes = _found(asked, tuple(keep), (vary, between, step), should_stop, shaped=send_shape)
            from tui.cli.limit_text import limits_document, limits_text

            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                limits_document(found, shapes, replay),
                lambda: limits_text(found, shapes, order, replay, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def world_options(order: Order) -> list[tuple[str, object]]:
    """The options that say which world is run, for a command that does the same again."""
    return [
        *(("--set", setting) for setting in order.settings),
        ("--designs", ",".join(order.designs) if order.designs else None),
        ("--seed", order.seed),
        ("--replications", order.replications),
        *order.history(),
    ]


def _found(
    order: Order,
    keep: tuple[str, ...],
    varied: tuple[str, str | None, float | None],
    should_stop: ShouldStop,
    *,
    shaped: bool,
) -> tuple[Limits, list[ShapeCheck]]:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.limits.limit import LimitRequest, TheoryLimit, find_limits, plan_limits

        plan = plan_limits(LimitRequest(order.request(), keep, *varied))

        def told(theory: dict[str, TheoryLimit]) -> None:
            from tui.cli.limit_text import theory_words

            if theory:
                line.say(f"Erlang-A preview: {theory_words(theory)}; now the simulation")

        on_progress, on_ahead = line.follow_search()
        found = find_limits(plan, on_progress, should_stop, told, on_ahead)
        if not shaped:
            return found, []
        from scenarios.limits.send_shapes import check_shapes, shape_runs

        line.say("looking for the hours of sending")
        return found, check_shapes(plan, found.designs, line.follow(shape_runs(plan)), should_stop)
