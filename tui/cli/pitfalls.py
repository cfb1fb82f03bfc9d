"""`sandbox pitfalls`: what each of the seven failure modes costs, on the same customers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.sums import is_difference, sum_rows, sums_json, unit_of, without_interval
from tui.cli.tables import aligned, in_blocks, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.explain.pitfalls import Pitfall, Pitfalls
    from scenarios.totals import Figure

SCHEMA = 1


def pitfalls(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
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
    """Show what each of the seven failure modes costs: on in in-message, off in message-first, same customers."""
    order = Order(
        verb="pitfalls",
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
    given = [
        *(("--set", setting) for setting in order.settings),
        ("--seed", seed),
        ("--replications", replications),
        *order.history(),
    ]
    replay = command_line("pitfalls", scenario, given)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, calls))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.explain.pitfalls import REPLICATIONS_DEFAULT, find_pitfalls, variant_names

                runs = (len(variant_names()) + order.history_worlds()) * (
                    replications or REPLICATIONS_DEFAULT
                )
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                found = find_pitfalls(request, line.follow(runs), should_stop)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                pitfalls_document(found),
                lambda: pitfalls_text(found, order, replay, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def pitfalls_document(found: Pitfalls) -> dict[str, object]:
    """Return the JSON form."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "seed": found.seed,
        "replications": found.replications,
        "notes": list(found.notes),
        "designs": {name: sums_json(sums, found.currency) for name, sums in (found.without, found.with_all)},
        "ranking": [pitfall.mode for pitfall in found.pitfalls],
        "modes": {
            pitfall.mode: {
                "title": pitfall.title,
                "switched": pitfall.how,
                "switched_on": sums_json(pitfall.switched_on, found.currency),
                "switched_off": sums_json(pitfall.switched_off, found.currency),
                "masked": pitfall.masked,
                "assumptions": [asdict(origin) for origin in pitfall.assumptions],
            }
            for pitfall in found.pitfalls
        },
    }


def pitfalls_text(found: Pitfalls, order: Order, replay: str, width: int) -> str:
    """Return the ranking, then each mode: what was switched, what it costs, what that rests on."""
    good, bad = found.without[0], found.with_all[0]
    lines = [
        "What each failure mode costs",
        *wrapped(
            f"{found.scenario}, seed {found.seed}, {found.replications} replications, {order.settings_words()}",
            width,
        ),
        *warning(found.notes),
        *wrapped(
            f"Each mode alone is switched on in {good} and off in {bad}; every variant faces the same customers with "
            "the same luck. Figures are differences of one campaign with 95 % paired intervals over replications; ≈ "
            "marks an interval that holds nought.",
            width,
        ),
        "",
        "THE TWO DESIGNS   one campaign",
        *aligned(
            sum_rows({good: found.without[1], bad: found.with_all[1]}, found.currency, signed=False), "<<<"
        ),
        "",
        f"RANKING   switched on in {good}; most completions lost first",
        *too_narrow(found.notes, width),
        *_ranking(found, width),
    ]
    for place, pitfall in enumerate(found.pitfalls, 1):
        lines += ["", *mode_lines(place, pitfall, found, width)]
    lines += ["", *remarks(found.notes, width)] if found.notes else []
    lines += ["", f"replay: {replay}", f"next:   {_next(found, order)}"]
    return "\n".join(lines) + "\n"


def _ranking(found: Pitfalls, width: int) -> list[str]:
    from scenarios.totals import MEASURES

    shown = [name for name in MEASURES if any(pitfall.switched_on[name].value for pitfall in found.pitfalls)]
    units = {name: unit_of(name, found.currency) for name in shown}

    def build(names: Sequence[str]) -> list[str]:
        priced = {name: f", {units[name]}" if units[name] == found.currency else "" for name in names}
        rows = [["", "mode", *(f"{MEASURES[name].title}{priced[name]}" for name in names)]]
        for place, pitfall in enumerate(found.pitfalls, 1):
            cells = [without_interval(pitfall.switched_on[name], units[name]) for name in names]
            rows.append([str(place), pitfall.mode, *cells])
        return aligned(rows, "><" + ">" * len(names))

    return in_blocks(shown, width, build)


def mode_lines(place: int, pitfall: Pitfall, found: Pitfalls, width: int) -> Iterator[str]:
    """Say of one mode what was switched, what it costs, and what that rests on.

    Args:
        place: its rank.
        pitfall: the mode.
        found: where it stands.
        width: columns.
    """
    yield f"{place}. {pitfall.title.upper()}"
    yield from wrapped(f"switched: {pitfall.how}", width)
    columns = {
        f"on in {found.without[0]}": pitfall.switched_on,
        f"off in {found.with_all[0]}": pitfall.switched_off,
    }
    yield from aligned(sum_rows(_changed(columns), found.currency, signed=True), "<<<")
    if pitfall.masked:
        text = f"off in {found.with_all[0]}: no difference at all; another mode keeps every customer away from it"
        yield from wrapped(text, width)
    words = [
        f"{origin.path} = {origin.value} ({origin.source}{_range(origin.range)})"
        for origin in pitfall.assumptions
    ]
    yield from wrapped(f"rests on: {'; '.join(words) or 'nothing but the scenario'}", width, hanging="    ")


def _changed(columns: Mapping[str, Mapping[str, Figure]]) -> dict[str, dict[str, Figure]]:
    """Leave out the sums nothing changed in."""
    first = next(iter(columns.values()))
    names = [name for name in first if any(is_difference(sums[name]) for sums in columns.values())]
    return {head: {name: sums[name] for name in names} for head, sums in columns.items()}


def _range(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f", {bounds[0]:g} to {bounds[1]:g}"


def _next(found: Pitfalls, order: Order) -> str:
    return order.follow("flips", [("--from", found.with_all[0]), ("--to", found.without[0])])
