"""`sandbox sweep`: designs over a range of one setting, or a grid of two."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.errors import Cancelled
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver, laid_out
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.sweeps.sweeping import Sweep


def sweep(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    over: options.Over,
    metrics: options.Metrics = None,
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
    """Run designs over a range of one setting or a grid of two, and say where they cross their rules."""
    order = Order(
        verb="sweep",
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
    named = options.metric_names(metrics)
    replay = command_line(
        "sweep",
        scenario,
        [
            *(("--over", text) for text in over),
            ("--metrics", ",".join(named) if named else None),
            ("--designs", ",".join(order.designs) if order.designs else None),
            *(("--set", setting) for setting in order.settings),
            ("--seed", seed),
            ("--replications", replications),
            *order.history(),
        ],
    )

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            run.begin()
            asked = replace(order, workers=run.workers(jobs, cluster))
            found = _found(asked, tuple(over), named, should_stop)
            from tui.cli.sweep_json import sweep_document

            deliver(
                destination,
                sweep_document(found, replay),
                lambda: _text(found, order, replay),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: _next_step(scenario, problems))


def _found(
    order: Order, over: tuple[str, ...], metrics: tuple[str, ...] | None, should_stop: ShouldStop
) -> Sweep:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario at every point")
        from scenarios.sweeps.sweeping import METRICS_DEFAULT, SweepRequest, planned
        from scenarios.sweeps.sweeping import sweep as engine

        plan = planned(SweepRequest(order.request(), over, metrics or METRICS_DEFAULT))
        gate = order.history_worlds(plan.base.document) * plan.base.document.replications
        found = engine(plan, line.follow(plan.runs + gate), should_stop)
    if should_stop():
        raise Cancelled("stopped before the result was written")
    return found


def _text(found: Sweep, order: Order, replay: str) -> str:
    from tui.cli.sweep_text import sweep_text
    from tui.library import metric_words

    words = metric_words()
    return laid_out(
        lambda width: sweep_text(found, order, words, replay, width), to_file=order.out is not None
    )


def _next_step(scenario: str, problems: list[str]) -> str:
    if any(problem.startswith("--over") for problem in problems):
        listing = command_line("check", scenario, [])
        return f"`{listing} --settings` lists every setting and its value"
    if any(problem.startswith("metric ") for problem in problems):
        return "`sandbox metrics` lists every metric"
    return next_step(scenario, problems)
