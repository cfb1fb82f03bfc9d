"""`sandbox actuals`: what a pilot reported beside what was predicted, and which assumption broke."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.actuals_text import report_text
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.pilot_planning import PILOT
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from sandbox.experiment.attribution import Attribution
    from scenarios.pilot.actuals import Report
    from scenarios.pilot.actuals_held import Held
    from scenarios.pilot.actuals_levers import Advice

SCHEMA = 1

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE.csv",
        help="What was seen: metric,value[,n][,day], or a funnel by day with a column per stage.",
    ),
]
Share = Annotated[
    float,
    typer.Option(
        "--share",
        metavar="S",
        help="Share of the customers in the pilot, on the same lines as the rest. Default: everybody.",
        rich_help_panel=PILOT,
    ),
]
Piloted = Annotated[
    str | None,
    typer.Option(
        "--design",
        metavar="D",
        help="The design that was piloted; to be named with --share. Default: the scenario's baseline.",
        rich_help_panel=PILOT,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="D",
        help="With --share, the design of everybody else. Default: the scenario's baseline.",
        rich_help_panel=PILOT,
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=1,
        metavar="N",
        help="Runs of the pilot. More runs, narrower intervals. Default: 3.",
        rich_help_panel=options.EFFORT,
    ),
]


def actuals(  # noqa: PLR0913 - one parameter an option
    scenario: options.Scenario,
    file: File,
    design: Piloted = None,
    share: Share = 1.0,
    against: Against = None,
    settings: options.Settings = None,
    seed: options.Seed = None,
    replications: Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Hold what a pilot reported against its prediction; exit 1 if a prediction is broken, and say where."""
    order = Order(
        verb="actuals",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        replications=replications,
        jobs=jobs,
        cluster=cluster,
        as_json=as_json,
        out=out,
        db=db,
    )
    given: list[tuple[str, object]] = [
        ("--design", design),
        ("--share", share if share != 1.0 else None),
        ("--against", against),
        *(("--set", setting) for setting in order.settings),
        ("--seed", seed),
        ("--replications", replications),
    ]
    replay = _with_file(command_line("actuals", scenario, given), scenario, file)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, file))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.pilot.actuals import REPLICATIONS_DEFAULT, World, hold_against

                follow = line.follow(replications or REPLICATIONS_DEFAULT)
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                report = hold_against(request, World(design, against, share), file, follow, should_stop)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                report_document(report, replay),
                lambda: report_text(report, order, replay, width),
                as_json=as_json,
                run=run,
            )
        if report.broken:
            write_err(f"{len(names := _outside(report))} outside the prediction: {', '.join(names)}")
        return ExitCode.EXPECTATION_FAILED if report.broken else ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def _outside(report: Report) -> list[str]:
    whole = report.whole is not None and report.whole.inside is False
    return [*report.ranking, *(["the whole funnel"] if whole else [])]


def _with_file(line: str, scenario: str, file: str) -> str:
    """Put the file behind the scenario, where the command takes it."""
    import shlex

    words = shlex.split(line)
    place = words.index(scenario) + 1
    return shlex.join([*words[:place], file, *words[place:]])


def report_document(report: Report, replay: str) -> dict[str, object]:
    """Return the JSON form; rates are shares."""
    return {
        "schema": SCHEMA,
        "scenario": report.scenario,
        "design": report.design,
        "share": report.share,
        "seed": report.seed,
        "replications": report.replications,
        "days": report.days,
        "level_each": report.level,
        "held": [_held(one) for one in report.held],
        "broken": list(report.ranking),
        "joint": {
            "figures": len(report.figures),
            "p": report.joint_p,
            "broken": report.broken,
            "family_wise_error": round(1.0 - report.together, 10),
            "method": "Bonferroni",
        },
        "gap": None if report.gap is None else _gap_document(report, report.gap),
        "advice": None if report.advice is None else _advice_document(report.advice),
        "rows": report.rows,
        "dirty": list(report.dirty),
        "not_held": list(report.not_held),
        "notes": list(report.notes),
        "replay": replay,
    }


def _held(one: Held) -> dict[str, object]:
    return asdict(one) | {"prediction": one.prediction._asdict(), "difference": one.difference._asdict()}


def _gap_document(report: Report, gap: Attribution) -> dict[str, object]:
    end = report.end
    return {
        "of": report.gap_of,
        **gap._asdict(),
        "value": gap.gap,
        "low": end.difference.low,
        "high": end.difference.high,
        "prediction": end.prediction._asdict(),
        "inside": end.inside,
        "p": end.p,
        "p_joint": end.p_joint,
    }


def _advice_document(advice: Advice) -> dict[str, object]:
    gives, primary = advice.gives, advice.primary
    return asdict(advice) | {
        "gives": gives.value,
        "gives_low": gives.low,
        "gives_high": gives.high,
        "primary": primary.value,
        "primary_low": primary.low,
        "primary_high": primary.high,
        "set": advice.setting,
    }
