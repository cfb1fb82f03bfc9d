"""`sandbox diagnose`: go, hold or stop for each design, and why."""

from __future__ import annotations

import sys
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
    from scenarios.explain.diagnosis import Diagnosis

Rules = Annotated[
    str | None,
    typer.Option(
        "--rules",
        metavar="FILE",
        help="Judge by these rules instead of the shipped ones (sandbox/scorecard/rules.yaml).",
        rich_help_panel=options.WORLD,
    ),
]


def diagnose(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    settings: options.Settings = None,
    designs: options.Designs = None,
    rules: Rules = None,
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
    """Judge designs by the decision rules: go, hold or stop, where each leaks, and what to look at next."""
    order = Order(
        verb="diagnose",
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

    replay = command_line("diagnose", scenario, [*given(order), ("--rules", rules)])

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, rules, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            found = _found(order, rules, run, should_stop)
            from scenarios.rulebook import titles
            from tui.cli.diagnosis_json import diagnosis_document
            from tui.cli.diagnosis_text import diagnosis_text

            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                diagnosis_document(found),
                lambda: diagnosis_text(found, order, rules, titles(), width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(
        body,
        replay=replay,
        next_step=lambda problems: _next_step(scenario, rules, problems),
    )


def given(order: Order) -> list[tuple[str, object]]:
    """Return the options that say which world was run, for command lines that name it again."""
    return [
        ("--designs", ",".join(order.designs) if order.designs else None),
        *(("--set", setting) for setting in order.settings),
        ("--seed", order.seed),
        ("--replications", order.replications),
        *order.history(),
    ]


def _found(order: Order, rules: str | None, run: Saving, should_stop: ShouldStop) -> Diagnosis:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario and the rules")
        from scenarios.explain.diagnosis import diagnose as engine
        from scenarios.run import chosen_designs, prepare

        request = order.request()
        scenario, _ = prepare(request)
        designs = len(chosen_designs(scenario, order.designs))
        worlds = designs + order.history_worlds()
        runs = worlds * scenario.document.replications + designs  # each is looked at closely once more
        run.begin()
        request = order.request(run.workers(order.jobs, order.cluster))
        return engine(request, rules, line.follow(runs), should_stop)


def _next_step(scenario: str, rules: str | None, problems: list[str]) -> str:
    if any(problem.startswith(("rules.yaml:", f"{rules}:")) for problem in problems):
        return "correct the rules file and run the command again; `sandbox metrics` lists the metrics rules may name"
    return next_step(scenario, problems)
