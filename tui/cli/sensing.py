"""`sandbox sensitivity`: which assumption could change the decision, and what would measure it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.errors import Cancelled
from scenarios.progress import OnProgress, ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver, laid_out
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import write_err
from tui.cli.timetable import Timetable
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.sweeps.sensitivity import SensitivityRequest
    from scenarios.sweeps.tornado import Round, Sensitivity

LIMIT_DEFAULT = 8
"""As in `scenarios.sweeps.sensitivity`, which is imported late; a test holds the two together."""


def sensitivity(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    metric: options.Metric = None,
    design: options.Design = None,
    against: options.Against = None,
    only: options.Only = None,
    limit: options.Limit = LIMIT_DEFAULT,
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
    """Run both ends of every assumption's range: which could change the decision, and what would measure it."""
    names = options.one_design(design)
    order = Order(
        verb="sensitivity",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=names,
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
        "sensitivity",
        scenario,
        [
            ("--metric", metric),
            ("--design", names[0] if names else None),
            ("--against", against),
            *(("--only", path) for path in only or ()),
            ("--limit", None if limit == LIMIT_DEFAULT else limit),
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
            found = _found(_request(asked, metric, against, tuple(only or ()), limit), order, should_stop)
            from tui.cli.sensitivity_json import sensitivity_document

            deliver(
                destination,
                sensitivity_document(found, replay),
                lambda: _text(found, order, replay),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: _next_step(scenario, problems))


def _request(
    order: Order, metric: str | None, against: str | None, only: tuple[str, ...], limit: int
) -> SensitivityRequest:
    from scenarios.sweeps.sensitivity import METRIC_DEFAULT, SensitivityRequest

    design = order.designs[0] if order.designs else None
    world = replace(order, designs=None).request()
    return SensitivityRequest(world, metric or METRIC_DEFAULT, design, against, only, limit)


def _found(request: SensitivityRequest, order: Order, should_stop: ShouldStop) -> Sensitivity:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.executor import default_jobs
        from scenarios.sweeps.sensitivity import planned
        from scenarios.sweeps.sensitivity import sensitivity as engine

        plan = planned(request)
        timetable = Timetable(monotonic_s, None if order.cluster else order.jobs or default_jobs())

        def on_round(round_: Round) -> OnProgress:
            told = timetable.before(round_)
            if told:
                line.say("")
                write_err(f"\r{told}")
            return timetable.listening(line.follow(round_.runs))

        found = engine(plan, on_round, should_stop)
    if should_stop():
        raise Cancelled("stopped before the result was written")
    return found


def _text(found: Sensitivity, order: Order, replay: str) -> str:
    from tui.cli.sensitivity_text import sensitivity_text
    from tui.library import metric_words

    words = metric_words()
    return laid_out(
        lambda width: sensitivity_text(found, order, words, replay, width), to_file=order.out is not None
    )


def _next_step(scenario: str, problems: list[str]) -> str:
    if any(problem.startswith("metric ") for problem in problems):
        return "`sandbox metrics` lists every metric with its kind"
    if any(problem.startswith("--only ") for problem in problems):
        listing = command_line("check", scenario, [])
        return f"`{listing} --settings` lists every setting and its value"
    return next_step(scenario, problems)
