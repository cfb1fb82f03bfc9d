"""What `sandbox limit` found, as text: the answer first, then the curve, then every value that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui.cli.limit_next import next_command
from tui.cli.limit_words import where
from tui.cli.numbers import NONE, figure, number, rule_words
from tui.cli.orders import Order
from tui.cli.panels import verdict_words
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.shape_text import shape_lines
from tui.cli.tables import INDENT, aligned, fits, headed, wrapped
from tui.library import metric_words
from tui.linechart import MARGIN, ROWS, RULE, Dot, Line, Scale, by_ratio, line_chart
from tui.readings import shape

if TYPE_CHECKING:
    from scenarios.limits.knee import Knee
    from scenarios.limits.limit import DesignLimit, LimitPoint, Limits, TheoryLimit
    from scenarios.limits.send_shapes import ShapeCheck
    from scenarios.result import Metric


HOW_SURE = (
    (
        "Nothing is claimed from the search, however often it looks. A limit is confirmed on replications with other "
        "seeds, value after value from the safe side, each condition at 97.5 % one-sided, until one is refused; "
        "if the first fails, safer ones are tried at levels that add up to the other 2.5 %. So in at most 5 of 100 "
        "answers the value named breaks a condition. All values face the same customers and luck within a stage."
    ),
    (
        "A value before the limit that was not confirmed itself stands on the search and on a curve that does not "
        "turn back; the report says where it clearly does."
    ),
    (
        "The knee is the value run from which the first condition's metric turns worse steeply, whichever way the "
        "curve goes: furthest on the good side of the line from the end with most room to the end of the steepest "
        "stretch (Kneedle, Satopää and others 2011), in the search's curve. Its range is that of 95 of 100 curves "
        "from the search's days drawn again, out to the next value run; ≈ where noise may have made it."
    ),
    (
        "The preview takes every half hour as an Erlang-A queue in its long-run state (SIPP), callers who leave at "
        "once and redials on the same day included."
    ),
)
"""What the answer rests on, a paragraph each."""


def limits_text(found: Limits, shapes: Sequence[ShapeCheck], order: Order, replay: str, width: int) -> str:
    """Return the whole report, ending with a line break."""
    lines = [
        f"How far {found.vary} may go",
        *wrapped(
            f"keep {keep_words(found)}: confirmed with {100 * found.confidence:.0f} % confidence, one-sided",
            width,
        ),
        *wrapped(run_words(found, order), width),
        *warning(found.notes),
        "",
        f"LIMITS   {found.vary}, on the grid {number(found.values[0])} to {number(found.values[-1])}",
        *too_narrow(found.notes, width),
        *_answers(found, width),
        *(line for one in found.designs.values() for line in _remarks(found, one, width)),
    ]
    for place, condition in enumerate(found.keep):
        plot = _plot(found, place, width)
        if plot:
            title = found.definitions[condition.metric].title
            heading = f"CURVE   {title} over {found.vary}; whiskers are 95 % intervals"
            lines += ["", *headed(heading, width), *plot]
    if any(one.kind != "does not apply" for one in found.designs.values()):
        lines += [
            "",
            "RUNS   every value run; search: few replications, confirm: fresh ones",
            *_runs(found, width),
        ]
    for check in shapes:
        lines += ["", *shape_lines(check, found, metric_words(), width)]
    lines += ["", "HOW SURE", *[line for text in HOW_SURE for line in wrapped(text, width)]]
    lines += ["", *remarks(found.notes, width)] if found.notes else []
    command, purpose = next_command(found, order)
    return "\n".join([*lines, "", f"replay: {replay}", f"next:   {command}   ({purpose})"]) + "\n"


def keep_words(found: Limits) -> str:
    """Return the conditions in the units people use, with their metrics' names."""
    rules = [
        rule_words(f"{one.comparator} {one.threshold:g}", _unit(found, place))
        for place, one in enumerate(found.keep)
    ]
    titles = [found.definitions[one.metric].title for one in found.keep]
    return " and ".join(f"{title} {rule}" for title, rule in zip(titles, rules, strict=True))


def run_words(found: Limits, order: Order) -> str:
    """Return what was run."""
    fresh = f"{found.replications} fresh replication{'' if found.replications == 1 else 's'} to confirm"
    current = number(found.current) if isinstance(found.current, int | float) else "its own list"
    return (
        f"{found.scenario}, seed {found.seed}, {found.search_replications} to search and {fresh}, "
        f"{order.settings_words()}; {found.vary} is {current} there"
    )


def theory_words(theory: Mapping[str, TheoryLimit]) -> str:
    """Return what the preview says, in one line."""
    return ", ".join(
        f"{name} {where(limit.kind, limit.value, limit.rising)}" for name, limit in theory.items()
    )


def _answers(found: Limits, width: int) -> list[str]:
    """One table, or on a narrow window the limits first and then what was measured at them."""
    rising = {one.direction for one in found.designs.values() if one.kind != "does not apply"}
    head = "largest" if rising == {True} else "smallest" if rising == {False} else "furthest"
    rows = [["design", f"{head}, simulated", "Erlang-A preview", "knee", "simulated there", "one step on"]]
    for one in found.designs.values():
        at, on = one.confirmed(one.value), one.refused
        rows.append(
            [
                one.name,
                _reach(found, one),
                NONE if one.theory is None else where(one.theory.kind, one.theory.value, one.theory.rising),
                _knee(one.knee),
                NONE if at is None else _figures(at),
                NONE if on is None else f"{number(on.value)}: {_figures(on)}",
            ]
        )
    lines = aligned(rows, "<>>><<")
    if fits(lines, width):
        return lines
    measured = aligned([[row[0], *row[4:]] for row in rows], "<<<")
    if not fits(measured, width):
        measured = _measured_apart(found)
    return [*aligned([row[:4] for row in rows], "<>>>"), "", *measured]


def _reach(found: Limits, one: DesignLimit) -> str:
    """A design's limit; where nothing tells which way it breaks, the ends that were confirmed and no others."""
    if one.kind != "beyond" or one.direction is not None:
        return where(one.kind, one.value, one.direction)
    return "kept at both ends" if found.at_both_ends(one) else f"kept at {number(one.value)}"


def _knee(knee: Knee | None) -> str:
    if knee is None:
        return NONE
    if knee.low is None:
        return f"≈{number(knee.at)}"
    return f"{number(knee.at)} [{number(knee.low)}, {number(knee.high)}]"


def _measured_apart(found: Limits) -> list[str]:
    """What was measured at the limits and one step on, a row for each condition."""
    rows = [["design", "", "simulated there", "one step on"]]
    for one in found.designs.values():
        at, on = one.confirmed(one.value), one.refused
        for place, condition in enumerate(found.keep):
            rows.append(
                [
                    "" if place else one.name,
                    found.definitions[condition.metric].title,
                    NONE if at is None else interval(at.metrics[place]),
                    NONE if on is None else f"{number(on.value)}: {interval(on.metrics[place])}",
                ]
            )
    return aligned(rows, "<<<<")


def _figures(point: LimitPoint) -> str:
    return ", ".join(interval(metric) for metric in point.metrics)


def interval(metric: Metric) -> str:
    """Write a metric with unit and interval."""
    return figure(metric.value, metric.unit, metric.low, metric.high)


def _remarks(found: Limits, one: DesignLimit, width: int) -> list[str]:
    """What must be said of one design: a limit off the grid, where theory differs, a curve that turns."""
    way = "up" if one.rising else "down"
    said = {
        "beyond": f"kept {way} to {number(one.value)}, the end of the range, where it is confirmed; "
        "--between looks further",
        "broken": "already broken at the end of the range where it has most room; --between looks elsewhere",
        "unconfirmed": "looked kept somewhere, but these replications could not confirm it; --replications with more",
        "does not apply": f"{_lacking(found, one)} has no value in this design",
    }
    if one.direction is None:
        said["beyond"] = _at_the_ends(found, one)
        said["broken"] = "broken at both ends of the range; --between looks elsewhere"
    texts = [said[one.kind]] if one.kind in said else []
    if one.kind == "within" and one.refused is None:
        further = "further up" if one.rising else "further down"
        texts.append(
            "the last value confirmed was still kept; the next was not tried, so the limit may lie "
            f"{'further' if one.direction is None else further}"
        )
    texts += _direction(found, one)
    texts += _knee_words(found, one.knee)
    texts += _differences(found, one)
    texts += [
        f"not monotone: between {number(left)} and {number(right)} it clearly turns back; the limit holds for the "
        "values confirmed, not for all before them"
        for left, right in one.bends
    ]
    return [line for text in texts for line in wrapped(f"{one.name}: {text}", width, hanging="    ")]


def _lacking(found: Limits, one: DesignLimit) -> str:
    """The conditions' metrics that a design does not have."""
    lacks = [
        found.definitions[condition.metric].title
        for place, condition in enumerate(found.keep)
        if one.lacks(place)
    ]
    return " and ".join(lacks)


def _knee_words(found: Limits, knee: Knee | None) -> list[str]:
    """Which way the curve turns worse at its knee, and how sure that is."""
    if knee is None:
        return []
    title, worse = found.definitions[found.keep[0].metric].title, found.keep[0].comparator in ("<", "<=")
    way = f"{'below' if knee.falling else 'above'} it {title} {'rises' if worse else 'falls'} steeply"
    if knee.low is not None:
        range_ = f"95 % range {number(knee.low)} to {number(knee.high)}"
        return [f"knee at {number(knee.at)}: {way}; {range_}"]
    unsure = (
        "noise may have made it" if knee.share is not None else "this metric has no days to draw a range from"
    )
    return [f"knee ≈ {number(knee.at)}: {way}; no range: {unsure}"]


def _at_the_ends(found: Limits, one: DesignLimit) -> str:
    """What stands behind an answer where nothing tells which way the conditions break."""
    ends = [(end, one.confirmed(end)) for end in (found.values[0], found.values[-1])]
    measured = [f"{number(end)}: {_figures(at)}" for end, at in ends if at is not None]
    between = [one_ for one_ in one.searched if one_ not in (found.values[0], found.values[-1])]
    looked = "the value looked at between stands"
    if len(between) > 1:
        looked = f"the {len(between)} values looked at between stand"
    rest = f"; {looked} on the search alone" if between else ""
    if found.at_both_ends(one):
        return f"kept at both ends of the range, each confirmed on fresh replications ({'; '.join(measured)}){rest}"
    other = next(end for end, _ in ends if end != one.value)
    return (
        f"kept at {number(one.value)}, where it is confirmed; at {number(other)} these replications could not "
        f"confirm it ({'; '.join(measured)}){rest}"
    )


def _direction(found: Limits, one: DesignLimit) -> list[str]:
    """What has to be said where the runs do not tell which way the conditions break."""
    if one.told_by not in ("theory", "nothing") or one.kind == "does not apply":
        return []
    same = f"at {number(found.values[0])} and {number(found.values[-1])} the intervals overlap"
    if one.told_by == "theory":
        way = "up" if one.rising else "down"
        return [
            f"{same}, so these runs cannot tell which way it breaks; that it breaks {way}wards is theory's"
        ]
    return [f"cannot tell which way it breaks: {same}, and theory does not say; --replications with more"]


def _differences(found: Limits, one: DesignLimit) -> list[str]:
    if one.theory is None:
        return ["no Erlang-A preview: it knows the lines' own metrics and settings of the scenario's blocks"]
    at = one.confirmed(one.value)
    if at is None or one.value is None:
        return []
    pairs = zip(found.keep, at.metrics, one.theory.curve.get(one.value, ()), strict=False)
    texts = [
        f"{found.definitions[condition.metric].title} {figure(theory, metric.unit)}, simulation: {interval(metric)}"
        for condition, metric, theory in pairs
        if theory is not None
    ]
    if not texts:
        return []
    return [
        f"at {number(one.value)} Erlang-A preview: {'; '.join(texts)}. It leaves out: {'; '.join(one.left_out)}"
    ]


def _plot(found: Limits, place: int, width: int) -> list[str]:
    """The chart, and below it which mark is whose; the axis goes by ratios from ten times the first value on."""
    rule, unit = found.keep[place].threshold, _unit(found, place)
    lines = {
        name: Line(shape(nth), dots)
        for nth, (name, one) in enumerate(found.designs.items())
        if (dots := _dots(one, place))
    }
    if not lines:
        return []
    wide = by_ratio([dot.at for line in lines.values() for dot in line.dots])
    layout = Scale(width - MARGIN, ROWS, wide, rule, lambda value: figure(value, unit), number)
    marks = "   ".join(f"{line.mark} {name}" for name, line in lines.items())
    legend = f"{marks}   {RULE}{RULE} {figure(rule, unit)}"
    return [f"{INDENT}{row}" for row in (*line_chart(list(lines.values()), layout), legend)]


def _dots(one: DesignLimit, place: int) -> tuple[Dot, ...]:
    """One point a value: the confirmation where there was one, for it rests on more."""
    by_value = {point.value: point.metrics[place] for point in one.points}
    return tuple(
        Dot(value, metric.value, metric.low, metric.high)
        for value, metric in sorted(by_value.items())
        if metric.value is not None
    )


def _runs(found: Limits, width: int) -> list[str]:
    """Every value that was run, condition beside condition, or below each other on a narrow window."""
    places = range(len(found.keep))
    lines = _run_table(found, places, found.vary)
    if fits(lines, width):
        return lines
    tables = [_run_table(found, [place], found.vary) for place in places]
    if not all(
        fits(table, width) for table in tables
    ):  # the heading of the report says of what it is a value
        tables = [_run_table(found, [place], "value") for place in places]
    return [line for table in tables for line in ("", *table)][1:]


def _run_table(found: Limits, places: Sequence[int], varied: str) -> list[str]:
    titles = [found.definitions[found.keep[place].metric].title for place in places]
    rows = [["design", varied, "stage", *(cell for title in titles for cell in ("preview", title, ""))]]
    for one in found.designs.values():
        for point in () if one.kind == "does not apply" else one.points:
            theory = () if one.theory is None else one.theory.curve.get(point.value, ())
            cells: list[str] = []
            for place in places:
                metric = point.metrics[place]
                expected = theory[place] if place < len(theory) else None
                verdict = verdict_words(metric.verdict) if metric.verdict else NONE
                cells += [figure(expected, metric.unit), interval(metric), verdict]
            rows.append([one.name, number(point.value), point.stage, *cells])
    return aligned(rows, "<><" + "><<" * len(titles))


def _unit(found: Limits, place: int) -> str:
    """The unit of a condition's metric, currencies as the runs have them."""
    for one in found.designs.values():
        for point in one.points:
            return point.metrics[place].unit
    unit: str = found.definitions[found.keep[place].metric].unit
    return unit


def limits_document(found: Limits, shapes: Sequence[ShapeCheck], replay: str) -> dict[str, object]:
    """Return the JSON form."""
    from tui.cli.limit_json import limits_json

    return limits_json(found, shapes, replay)
