"""`sandbox pilot-plan`: how large and how long a pilot must be, when to stop it, and what it cannot see."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.pilot_plan_text import plan_text
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.pilot.plan import MetricPlan, PilotPlan
    from scenarios.pilot.ramp import StepWorld
    from scenarios.pilot.sights import Sight

SCHEMA = 1
PILOT = "What the pilot is"

Piloted = Annotated[
    str,
    typer.Option("--design", metavar="D", help="The design to pilot.", rich_help_panel=PILOT),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="D",
        help="The design of everybody else. Default: the scenario's baseline.",
        rich_help_panel=PILOT,
    ),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="M",
        help="What is to differ; may be repeated, the first one decides. Default: completion_rate.",
        rich_help_panel=PILOT,
    ),
]
Effect = Annotated[
    float | None,
    typer.Option(
        "--effect",
        metavar="SIZE",
        help="Smallest difference worth seeing, 0.02 for two points. Default: the simulated difference.",
        rich_help_panel=PILOT,
    ),
]
Share = Annotated[
    float,
    typer.Option("--share", metavar="S", help="Share of the customers in the pilot.", rich_help_panel=PILOT),
]
Power = Annotated[
    float,
    typer.Option("--power", metavar="P", help="Chance to see the effect.", rich_help_panel=PILOT),
]
Alpha = Annotated[
    float,
    typer.Option(
        "--alpha",
        metavar="A",
        help="Chance to see an effect that is not there, two-sided.",
        rich_help_panel=PILOT,
    ),
]


def pilot_plan(  # noqa: PLR0913 - one parameter an option
    scenario: options.Scenario,
    design: Piloted = "in-message",
    against: Against = None,
    metrics: Metrics = None,
    effect: Effect = None,
    share: Share = 0.10,
    power: Power = 0.80,
    alpha: Alpha = 0.05,
    settings: options.Settings = None,
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
    """Plan a pilot from simulated variance: cases, days, looks, holdout, stop rules, ramp, and what it cannot see."""
    order = Order(
        verb="pilot-plan",
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
    given: list[tuple[str, object]] = [
        ("--design", design),
        ("--against", against),
        *(("--metric", metric) for metric in metrics or ()),
        ("--effect", effect),
        ("--share", share),
        ("--power", power),
        ("--alpha", alpha),
        *(("--set", setting) for setting in order.settings),
        ("--seed", seed),
        ("--replications", replications),
        *order.history(),
    ]
    replay = command_line("pilot-plan", scenario, given)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            named = tuple(dict.fromkeys(metrics or ("completion_rate",)))
            plan = _planned(order, (design, against, named, effect, share, power, alpha), run, should_stop)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                plan_document(plan, replay),
                lambda: plan_text(plan, order, replay, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def _planned(
    order: Order,
    aimed: tuple[str, str | None, tuple[str, ...], float | None, float, float, float],
    run: Saving,
    should_stop: ShouldStop,
) -> PilotPlan:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.pilot.plan import REPLICATIONS_DEFAULT, PilotAim, plan_pilot, steps_run
        from scenarios.pilot.ramp import runs_in

        aim = PilotAim(*aimed)
        each = order.replications or REPLICATIONS_DEFAULT
        runs = runs_in(steps_run(aim), each) + order.history_worlds() * each
        run.begin()
        request = order.request(run.workers(order.jobs, order.cluster))
        return plan_pilot(request, aim, line.follow(runs), should_stop)


def plan_document(plan: PilotPlan, replay: str) -> dict[str, object]:
    """Return the JSON form of a plan; rates are shares, keys of tables are texts."""
    return {
        "schema": SCHEMA,
        "scenario": plan.scenario,
        "seed": plan.seed,
        "replications": plan.replications,
        "design": plan.aim.design,
        "against": plan.against,
        "share": plan.aim.share,
        "power": plan.aim.power,
        "alpha": plan.aim.alpha,
        "cases_per_day": plan.cases_per_day,
        "sends_per_day": plan.sends_per_day,
        "campaign_days": plan.campaign_days,
        "enrolment": {"days_needed": plan.days_needed, "days": plan.days, "wait_days": plan.wait_days},
        "metrics": {one.metric: _metric(one) for one in plan.metrics},
        "looks": [
            {
                "day": one.day,
                **one.look._asdict(),
                "nominal_p": one.look.nominal_p,
                "difference": one.difference,
            }
            for one in plan.looks
        ],
        "power_table": _table(plan.power),
        "days_table": _table(plan.days_for),
        "holdout_share": plan.holdout,
        "guardrails": [asdict(one) for one in plan.guardrails],
        "can_see": {one.metric: _sight(one) for one in plan.sights},
        "cannot_see": {one.metric: _sight(one) for one in plan.blind},
        "ramp": [_step(step) for step in plan.steps],
        "not_mixed": list(plan.not_mixed),
        "notes": list(plan.notes),
        "replay": replay,
    }


def _table(cells: dict[float, dict[float, float]]) -> dict[str, dict[str, float]]:
    return {
        f"{effect:g}": {f"{share:g}": cell for share, cell in row.items()} for effect, row in cells.items()
    }


def _metric(one: MetricPlan) -> dict[str, object]:
    return {
        "control": asdict(one.control),
        "pilot": asdict(one.pilot),
        "difference": one.difference._asdict(),
        "difference_when_all_move": one.total._asdict(),
        "effect": one.effect,
        "arms": one.arms._asdict(),
        "design_effect": one.design_effect,
        "days": one.days,
        "control_cases": one.control_cases,
        "pilot_cases": one.pilot_cases,
        "visible_effect": one.visible,
        "simulated_worse": one.worse,
        "between_day_sd": one.day_sd,
    }


def _sight(one: Sight) -> dict[str, object]:
    return {
        "cases": one.cases,
        "half_width": one.half_width,
        "in_pilot": asdict(one.in_pilot),
        "at_full": asdict(one.at_full),
        "shift": one.shift._asdict(),
    }


def _step(step: StepWorld) -> dict[str, object]:
    return {
        "share": step.share,
        "pilot": None if step.pilot is None else asdict(step.pilot),
        "control": None if step.control is None else asdict(step.control),
        "difference": None if step.difference is None else step.difference._asdict(),
        "difference_less_move": None if step.beyond is None else step.beyond._asdict(),
        "lines_shift": step.lines._asdict(),
        "queue": {name: asdict(metric) for name, metric in step.queue.items()},
        "abandonment_of_a_week": step.abandonment._asdict(),
        "calls_per_day": step.calls_per_day,
        "calls_per_day_low": step.calls.low,
        "calls_per_day_high": step.calls.high,
    }
