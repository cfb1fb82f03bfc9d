"""What `sandbox staff` found, as text: agents by half hour beside theory's and today's, and how to try them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scenarios.percent import in_percent
from tui.chartmath import bar
from tui.cli.limit_text import interval
from tui.cli.numbers import NONE, figure, number, rule_words, signed
from tui.cli.orders import Order
from tui.cli.panels import verdict_words
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.tables import fits, headed, laid, wrapped

if TYPE_CHECKING:
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.result import HalfHour, Metric

_BAR, _BAR_NARROW = 16, 8
_HALF_HOURS = (
    "HALF HOURS   agents; calls and abandonment as simulated, a mean day, with today's agents and with these"
)

HOW_SURE = (
    (
        "The order of staffings gives each further agent to the half hour where theory says it saves most (marginal "
        "allocation, Fox 1966), for the calls one simulated run offered by half hour. The simulation then searches "
        "along it on a few replications and confirms on fresh ones, from more agents to fewer, each condition at "
        "97.5 % one-sided; in at most 5 of 100 answers the agents named break a condition. Two staffings are run "
        "side by side, and one whose turn does not come claims nothing. Fewest means along this order: another "
        "spread of as many agents is not ruled out."
    ),
    (
        "Erlang-A preview: every half hour a queue in its long-run state (SIPP), callers who leave at once and "
        "redials on the same day included."
    ),
)
"""What the answer rests on, a paragraph each."""


def staff_text(found: StaffFound, order: Order, replayed: tuple[str, str | None], width: int) -> str:
    """Return the whole report, ending with a line break.

    Args:
        found: the answer.
        order: what was asked for.
        replayed: the command that does the same again, and the scenario file that was written or None.
        width: columns.
    """
    replay, written = replayed
    runs = "replication" if found.replications == 1 else "replications"
    lines = [
        f"Fewest agents for {found.design}",
        *wrapped(
            f"keep {_keep(found)}: confirmed with {100 * found.confidence:.0f} % confidence, one-sided", width
        ),
        *wrapped(
            f"{found.scenario}, seed {found.seed}, {found.search_replications} to search and for today's agents, "
            f"{found.replications} fresh {runs} to confirm, "
            f"{order.settings_words()}",
            width,
        ),
        *warning(found.notes),
        "",
        "AGENT HOURS   a day, scheduled"
        + (f" ({in_percent(found.shrinkage, 0)} of them lost)" if found.shrinkage else ""),
        *too_narrow(found.notes, width),
        *_hours(found, width),
        *_remarks(found, width),
        "",
        *headed(_HALF_HOURS, width),
        *_half_hours(found, width),
        "",
        "HOW SURE",
        *[line for text in HOW_SURE for line in wrapped(text, width)],
    ]
    if found.settings:
        lines += [
            "",
            *wrapped(f"settings: {' '.join(f'--set {one!r}' for one in found.settings)}", width, "    "),
        ]
    lines += ["", *remarks(found.notes, width)] if found.notes else []
    command, purpose = next_command(found, order, written)
    return "\n".join([*lines, "", f"replay: {replay}", f"next:   {command}   ({purpose})"]) + "\n"


def _keep(found: StaffFound) -> str:
    return " and ".join(
        f"{found.definitions[one.metric].title} {rule_words(f'{one.comparator} {one.threshold:g}', metric.unit)}"
        for one, metric in zip(found.keep, found.at_today, strict=True)
    )


def _hours(found: StaffFound, width: int) -> list[str]:
    """Agent hours beside what keeps the conditions; several conditions below each other on a narrow window."""
    places = range(len(found.keep))
    lines = _hours_with(found, places, width)
    if fits(lines, width) or len(places) == 1:
        return lines
    tables = [_hours_with(found, [place], width) for place in places]
    return [line for table in tables for line in ("", *table)][1:]


def _hours_with(found: StaffFound, places: Sequence[int], width: int) -> list[str]:
    titles = [found.definitions[found.keep[place].metric].title for place in places]
    sides: list[tuple[str, Sequence[float] | None, Sequence[Metric]]] = [
        ("today", found.today, found.at_today),
        ("Erlang-A preview", found.theory, ()),
        ("simulation", found.agents, found.confirmed),
    ]
    rows = [["", "agent hours", "against today", *(cell for title in titles for cell in (title, ""))]]
    today = found.hours(found.today) or 0.0
    for name, agents, metrics in sides:
        hours = found.hours(agents)
        against = NONE if hours is None else signed(hours - today, 1)
        cells = [
            cell
            for place in places
            for cell in (
                (interval(metrics[place]), verdict_words(metrics[place].verdict or "unsure"))
                if metrics
                else ("", "")
            )
        ]
        rows.append(
            [name, NONE if hours is None else f"{hours:,.1f}", "" if name == "today" else against, *cells]
        )
    return laid(rows, "<>>" + "<<" * len(titles), width)


def _remarks(found: StaffFound, width: int) -> list[str]:
    said = {
        "beyond": "even the leanest staffing tried, one agent in each half hour, keeps the conditions",
        "broken": "not kept even where theory says hardly a call is lost: agents alone do not do it",
        "unconfirmed": "looked kept with many agents, but these replications could not confirm it; try more of them",
        "does not apply": "a metric of the conditions has no value in this design",
    }
    texts = [said[found.kind]] if found.kind in said else []
    if found.leaner:
        worse = ", ".join(interval(metric) for metric in found.leaner)
        fewer = (
            "one agent less for half an hour" if found.step == 1 else f"{found.step} agent half hours less"
        )
        texts.append(f"with {fewer}: {worse}, not confirmed")
    theory = [
        f"{found.definitions[one.metric].title} {figure(value, metric.unit)}"
        for one, value, metric in zip(found.keep, found.theory_metrics, found.confirmed, strict=False)
        if value is not None
    ]
    if theory:
        texts.append(
            f"with these agents the Erlang-A preview says {', '.join(theory)}; it leaves out: "
            f"{'; '.join(found.left_out)}"
        )
    return [line for text in texts for line in wrapped(text, width, hanging="    ")]


def _half_hours(found: StaffFound, width: int) -> list[str]:
    lines = _half_hours_with(found, _BAR, width)
    return lines if fits(lines, width) else _half_hours_with(found, _BAR_NARROW, width)


def _half_hours_with(found: StaffFound, bar_cells: int, width: int) -> list[str]:
    top = max([*found.today, *(found.agents or ()), *(found.theory or ())])
    rows = [["from", "today", "preview", "simulation", "", "calls", "abandoned today", "abandoned"]]
    for place, start in enumerate(found.starts):
        now = found.half_hours_today[place]
        then = found.half_hours[place] if found.half_hours else None
        agents = None if found.agents is None else found.agents[place]
        rows.append(
            [
                start,
                number(round(found.today[place], 1)),
                number(None if found.theory is None else found.theory[place]),
                number(agents),
                bar(agents or 0.0, top, bar_cells),
                f"{(then or now).offered:.1f}",
                _lost(now),
                NONE if then is None else _lost(then),
            ]
        )
    return laid(rows, "<>>><>>>", width)


def _lost(half_hour: HalfHour) -> str:
    return figure(half_hour.abandoned / half_hour.offered, "rate") if half_hour.offered else NONE


def next_command(found: StaffFound, order: Order, written: str | None) -> tuple[str, str]:
    """Return the command worth running next: the whole scorecard with these agents, or more replications."""
    if found.agents is None:
        keep = [("--keep", f"{one.metric}{one.comparator}{one.threshold:g}") for one in found.keep]
        again = [("--design", found.design), *keep, ("--replications", 2 * found.replications)]
        return order.follow("staff", again), "narrower intervals confirm more"
    if written is not None and order.calls is None:  # a report of calls would put its own agents there
        return replace(order, scenario=written).follow("compare"), "the whole scorecard with these agents"
    settings = [("--set", one) for one in found.settings]
    return order.follow("compare", settings), "the whole scorecard with them"


def fragment(found: StaffFound, extends: str, replay: str) -> str:
    """Return a scenario file: the same world with these agents and no expectations of its own."""
    assert found.agents is not None  # noqa: S101 - the caller looked
    conditions = " and ".join(f"{one.metric} {one.comparator} {one.threshold:g}" for one in found.keep)
    lines = [
        f"# Fewest agents for {found.design} to keep {conditions}, with {100 * found.confidence:.0f} % confidence.",
        f"# Made by: {replay}",
        f"extends: {extends}",
        "call_centre:",
        *(["  shifts: null"] if any(one.startswith("call_centre.shifts") for one in found.settings) else []),
        "  agents:",
        f"    value: [{', '.join(map(str, found.agents))}]",
        "    source: assumption",
        f'    note: "scheduled agents per half hour, found for {found.design} on {found.scenario}"',
        "expect: []",
    ]
    return "\n".join(lines) + "\n"
