"""`sandbox compare NAME --sequences`: which sequence of messages fits a design."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.errors import BadInput, Cancelled
from scenarios.progress import ShouldStop
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import NONE, difference, estimate, plain
from tui.cli.orders import Order, next_step
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import aligned, fits, laid, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.result import Metric
    from scenarios.sweeps.sequences import SequenceFit, SequenceRanking

SCHEMA = 1


def fit(order: Order, how: SaveOptions) -> None:
    """Rank the scenario's sequences on one design; deliver and save the ranking."""
    conduct(
        lambda should_stop: perform(order, how, should_stop),
        replay=f"{order.command()} --sequences",
        next_step=lambda problems: next_step(order.scenario, problems),
    )


def perform(order: Order, how: SaveOptions, should_stop: ShouldStop) -> ExitCode:
    """Run an order, deliver and save its result; nothing is delivered unless every run came through.

    Raises:
        BadInput: the order or the scenario is wrong.
        Cancelled: the user asked to stop.
    """
    _refuse_misfits(order)
    destination = Destination.checked(order.out, (order.scenario, order.calls))
    with Saving(f"{order.command()} --sequences", how) as run:
        with ProgressLine(sys.stderr, monotonic_s) as line:
            line.say("reading the scenario")
            from scenarios.world.spec import load_scenario

            world = load_scenario(order.scenario, order.settings).document
            runs = (len(world.sequences) + order.history_worlds(world)) * (
                order.replications or world.replications
            )
            from scenarios.sweeps.sequences import fit_sequences

            run.begin()
            workers = run.workers(order.jobs, order.cluster)
            found = fit_sequences(order.request(workers), line.follow(runs), should_stop)
        if should_stop():
            raise Cancelled("stopped before the result was written")
        width = WIDTH_DEFAULT if order.out is not None else text_width()
        document = ranking_document(found, order)
        deliver(
            destination, document, lambda: ranking_text(found, order, width), as_json=order.as_json, run=run
        )
    return ExitCode.OK


def _refuse_misfits(order: Order) -> None:
    given = {"--core-db": order.core_db is not None, "--strict": order.strict}
    given["--replications auto"] = order.until is not None
    problems = [
        f"{option}: cannot go with --sequences, which ranks many runs and judges none"
        for option, there in given.items()
        if there
    ]
    if problems:
        raise BadInput(problems)


def ranking_document(found: SequenceRanking, order: Order) -> dict[str, object]:
    """Return the JSON form of a ranking."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "replications": found.replications,
        "changed": list(order.settings),
        "rule": found.rule,
        "notes": list(found.notes),
        "sequences": [_entry(place, one) for place, one in enumerate(found.ranked, 1)],
        "next": next_command(found, order),
    }


def _entry(place: int, one: SequenceFit) -> dict[str, object]:
    against = one.against_best
    return {
        "rank": place,
        "level": one.level,
        "name": one.name,
        "touches": [{"channel": channel, "wait_days": days} for channel, days in one.touches],
        "completion_rate": _figures(one.completion),
        "touches_per_completion": _figures(one.touches_per_completion),
        "cost_per_resolution": _figures(one.cost_per_resolution),
        "messages": dict(one.messages),
        "completion_against_best": {"value": against.value, "low": against.low, "high": against.high},
    }


def _figures(metric: Metric) -> dict[str, object]:
    return {
        "value": metric.value,
        "unit": metric.unit,
        "n": metric.n,
        "n_unit": metric.n_unit,
        "low": metric.low,
        "high": metric.high,
        "base": metric.base,
    }


def ranking_text(found: SequenceRanking, order: Order, width: int) -> str:
    """Return the ranking as a table, how it is made, what each sequence is, and the command to go on with."""
    runs = "replication" if found.replications == 1 else "replications"
    what = f"{found.scenario}, seed {found.seed}, {found.replications} {runs}"
    run = f"{what}, {order.settings_words()}; the same cases in every row"
    lines = [f"SEQUENCES for {found.design}", *wrapped(run, width), ""]
    lines += [*_table(found, width), "", *wrapped(found.rule, width), ""]
    lines += [line for note in found.notes for line in wrapped(f"- {note}", width, hanging="  ")]
    lines += [""] if found.notes else []
    lines += ["WHAT THEY ARE   channel, then working days until the next", *_sequences(found, width), ""]
    return "\n".join([*lines, f"next: {next_command(found, order)}"]) + "\n"


def _table(found: SequenceRanking, width: int) -> list[str]:
    unit = found.ranked[0].cost_per_resolution.unit
    channels = [
        channel
        for channel in ("sms", "whatsapp", "email")
        if any(channel in one.messages for one in found.ranked)
    ]
    titles = ["completion %", "against first, pp", "touches each", f"{unit} each"]
    rows = [["", "level", "sequence", *titles, *channels]]
    for place, one in enumerate(found.ranked, 1):
        against = one.against_best
        rows.append(
            [
                f"{place}",
                f"{one.level}",
                one.name,
                estimate(one.completion),
                "" if place == 1 else _difference(against.value, against.low, against.high),
                estimate(one.touches_per_completion),
                estimate(one.cost_per_resolution),
                *(f"{one.messages.get(channel, 0):,.0f}" for channel in channels),
            ]
        )
    sides = ">><<<<<" + ">" * len(channels)
    lines = aligned(rows, sides)
    if fits(lines, width):
        return lines
    head = len(sides) - len(channels)
    sent = [[row[0], row[2], *row[head:]] for row in rows]
    sent[0][1] = "messages sent"
    table = laid([row[:head] for row in rows], sides[:head], width, [4, 2])
    return [*table, "", *laid(sent, "><" + sides[head:], width)]


def _difference(value: float | None, low: float | None, high: float | None) -> str:
    return NONE if value is None else difference(value, low, high, "rate")


def _sequences(found: SequenceRanking, width: int) -> list[str]:
    rows = []
    for one in found.ranked:
        words = [channel if not days else f"{days} → {channel}" for channel, days in one.touches]
        rows.append([one.name, " ".join(words)])
    return laid(rows, "<<", width, [1], titled=False)


def next_command(found: SequenceRanking, order: Order) -> str:
    """Return the command that runs the design with the first-ranked sequence beside the scenario's baseline."""
    best = found.ranked[0]
    touches = [{"channel": channel, "wait_days": days} for channel, days in best.touches]
    setting = ("--set", f"designs.{found.design}.{found.step}.sequence={plain(touches)}")
    ran = ("--designs", found.design if order.designs else None)
    return replace(order, db=None).follow(
        "compare", [ran, setting]
    )  # the JSON has it: of the run, not its keeping
