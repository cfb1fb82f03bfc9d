"""`sandbox compare` and `sandbox run`: order, engine, report, verdict."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from sandbox.errors import Cancelled
from scenarios.progress import ShouldStop
from tui.cli import options, sequencing
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import figure, unit_by_name
from tui.cli.orders import Order, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, coloured, text_width, wants_colour, write_err
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.result import Comparison, ExpectationResult


def compare(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    settings: options.Settings = None,
    designs: options.Designs = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    core_db: options.CoreDb = None,
    seed: options.Seed = None,
    replications: options.ReplicationsOrAuto = None,
    half_widths: options.HalfWidths = None,
    replications_max: options.ReplicationsMax = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    strict: options.Strict = False,
    by: options.By = None,
    everything: options.Everything = False,
    sequences: options.Sequences = False,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Run designs on the same customers and set them side by side; or rank sequences of messages on one design."""
    number, until = options.replications(replications, half_widths, replications_max)
    order = Order(
        verb="compare",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=options.design_names(designs),
        seed=seed,
        replications=number,
        until=until,
        jobs=jobs,
        cluster=cluster,
        calls=calls,
        despite_history=despite_history,
        core_db=core_db,
        as_json=as_json,
        out=out,
        db=db,
        strict=strict,
        by=by,
        everything=everything,
    )
    (sequencing.fit if sequences else _conduct)(order, SaveOptions(not no_save, db))


def run(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: options.Design = None,
    settings: options.Settings = None,
    calls: options.Calls = None,
    despite_history: options.DespiteHistory = False,
    core_db: options.CoreDb = None,
    seed: options.Seed = None,
    replications: options.ReplicationsOrAuto = None,
    half_widths: options.HalfWidths = None,
    replications_max: options.ReplicationsMax = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    strict: options.Strict = False,
    by: options.By = None,
    everything: options.Everything = False,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Run one design; the same output as compare."""
    number, until = options.replications(replications, half_widths, replications_max)
    order = Order(
        verb="run",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=options.one_design(design),
        seed=seed,
        replications=number,
        until=until,
        jobs=jobs,
        cluster=cluster,
        calls=calls,
        despite_history=despite_history,
        core_db=core_db,
        as_json=as_json,
        out=out,
        db=db,
        strict=strict,
        by=by,
        everything=everything,
    )
    _conduct(order, SaveOptions(not no_save, db))


def perform(order: Order, how: SaveOptions, should_stop: ShouldStop) -> ExitCode:
    """Run an order, deliver and save its result; nothing is delivered unless the whole run came through.

    Raises:
        BadInput: the order, the scenario or a report is wrong.
        Cancelled: the user asked to stop.
        RuleBroken: the run broke one of our own invariants.
    """
    destination = Destination.checked(order.out, (order.scenario, order.calls))
    with Saving(order.command(), how) as run:
        with ProgressLine(sys.stderr, monotonic_s) as line:
            line.say("reading the scenario")
            from scenarios.world.spec import load_scenario

            scenario = load_scenario(
                order.scenario, order.settings
            )  # refuses wrong input before the engine is loaded
            from scenarios.run import compare as engine

            if order.verb == "run" and order.designs is None:
                order = replace(order, designs=(scenario.document.baseline,))
            run.begin()
            designs = order.designs or tuple(scenario.designs)
            worlds = len(designs) + order.history_worlds(scenario.document)
            runs = worlds * (order.replications or scenario.document.replications)
            workers = run.workers(order.jobs, order.cluster)
            comparison = engine(order.request(workers), line.follow(runs), should_stop)
        if should_stop():
            raise Cancelled("stopped before the result was written")
        text = _document(comparison) if order.as_json else report(comparison, scenario.story, order)
        destination.write(text)
        run.finish(
            lambda: text if order.as_json else _document(comparison),
            about=lambda: shown_again(comparison, scenario.story, order),
        )
    return judge(comparison.expectations, strict=order.strict)


def judge(expectations: Sequence[ExpectationResult], *, strict: bool) -> ExitCode:
    """Return the exit code the expectations call for; say on standard error which did not pass, and why not.

    Args:
        expectations: as they came out.
        strict: whether unsure counts as failed.
    """
    counts = Counter(item.verdict for item in expectations)
    for item in expectations:
        if item.verdict in {"fail", "unsure"}:
            found = figure(item.value, unit_by_name(item.that.split(" ", 1)[0]), item.low, item.high)
            write_err(f"{item.verdict}: {item.design}: expected {item.that}, found {found}")
    if counts["unsure"]:
        write_err(
            f"{counts['unsure']} of {len(expectations)} expectations unsure: the interval holds the threshold"
        )
    if counts["not judged"]:
        write_err(
            f"{counts['not judged']} of {len(expectations)} expectations not judged: not these settings"
        )
    failed = counts["fail"] or (strict and counts["unsure"])
    return ExitCode.EXPECTATION_FAILED if failed else ExitCode.OK


def _conduct(order: Order, how: SaveOptions) -> None:
    conduct(
        lambda should_stop: perform(order, how, should_stop),
        replay=order.command(),
        next_step=lambda problems: next_step(order.scenario, problems),
    )


def shown_again(comparison: Comparison, story: str, order: Order) -> dict[str, object]:
    """Return what `sandbox show` needs beside the document to print the report again."""
    from scenarios.outputs.again import plain

    return {"order": asdict(order), "story": story, "comparison": plain(comparison)}


def report(comparison: Comparison, story: str, order: Order) -> str:
    """Return the report for people, in the width and colours of where it goes."""
    from tui.cli.report import render
    from tui.library import metric_words

    to_file = order.out is not None  # what stands in a file does not depend on the window it was made from
    text = render(comparison, story, metric_words(), order, WIDTH_DEFAULT if to_file else text_width())
    if to_file:
        return text
    return coloured(text) if wants_colour(sys.stdout) else text


def _document(comparison: Comparison) -> str:
    from scenarios.outputs.as_json import comparison_json

    return comparison_json(comparison)
