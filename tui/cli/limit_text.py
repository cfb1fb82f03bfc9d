"""What `sandbox limit` found, as text: the answer first, then the curve, then every value that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, figure, rule_words
from tui.cli.orders import Order, command_line
from tui.cli.panels import verdict_words
from tui.cli.remarks import remarks, warning
from tui.cli.shape_text import shape_lines
from tui.cli.tables import INDENT, aligned, fits, headed, wrapped
from tui.library import metric_words
from tui.linechart import MARGIN, ROWS, RULE, Dot, Line, Scale, by_ratio, line_chart
from tui.readings import shape

if TYPE_CHECKING:
    from sandbox.experiment.limits import Kind
    from scenarios.limits import DesignLimit, LimitPoint, Limits, TheoryLimit
    from scenarios.result import Metric
    from scenarios.send_shapes import ShapeCheck


HOW_SURE = (
    (
        "Nothing is claimed from the search, however often it looks. A limit is confirmed on replications with other "
        "seeds, value after value from the safe side, each condition at 97.5 % one-sided, until one is refused; "
        "if the first fails, safer ones are tried at levels that add up to the other 2.5 %. So in at most 5 of 100 "
        "answers the value named breaks a condition. All values face the same customers and luck within a stage."
    ),
    (
        "The knee is the value run that lies furthest below the line from the first value to the end of the steepest "
        "rise (Kneedle, Satopää and others 2011), in the search's curve of the first condition."
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


def number(value: float | None) -> str:
    """Write a value of a setting: whole ones with thousands parted by commas, others as typed."""
    if value is None:
        return NONE
    return f"{value:,}" if isinstance(value, int) or float(value).is_integer() else f"{value:g}"


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


def where(kind: Kind, value: float | None, rising: bool | None) -> str:
    """Return a limit in a table's cell.

    Args:
        kind: where it lies.
        value: the furthest value that keeps the conditions.
        rising: whether they break above it; None where nothing tells.
    """
    match kind:
        case "within":
            return number(value)
        case "beyond" if rising is None:
            return "kept throughout"
        case "beyond":
            return f"{'beyond' if rising else 'below'} {number(value)}"
        case "broken":
            return "broken all along"
        case _:
            return kind


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
                where(one.kind, one.value, one.direction),
                NONE if one.theory is None else where(one.theory.kind, one.theory.value, one.theory.rising),
                number(one.knee),
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
        "beyond": f"never breaks {way} to {number(one.value)}, the end of the range; --between looks further",
        "broken": "already broken at the end of the range where it has most room; --between looks elsewhere",
        "unconfirmed": "looked kept somewhere, but these replications could not confirm it; --replications with more",
        "does not apply": "a metric of the conditions has no value in this design",
    }
    if one.direction is None:
        said["beyond"] = f"kept at both ends of the range, confirmed at {number(one.value)}"
        said["broken"] = "broken at both ends of the range; --between looks elsewhere"
    texts = [said[one.kind]] if one.kind in said else []
    if one.kind == "within" and one.refused is None:
        further = "further up" if one.rising else "further down"
        texts.append(
            "the last value confirmed was still kept; the next was not tried, so the limit may lie "
            f"{'further' if one.direction is None else further}"
        )
    texts += _direction(found, one)
    texts += _differences(found, one)
    texts += [
        f"not monotone: between {number(left)} and {number(right)} it clearly turns back; the limit holds for the "
        "values confirmed, not for all before them"
        for left, right in one.bends
    ]
    return [line for text in texts for line in wrapped(f"{one.name}: {text}", width, hanging="    ")]


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


def next_command(found: Limits, order: Order) -> tuple[str, str]:
    """Return the command worth running next.

    More agents where today's value is beyond a limit of the lines; a closer look where no limit was found; else the
    whole scorecard at the limit.
    """
    changed = [("--set", setting) for setting in order.settings]
    world: list[tuple[str, object]] = [("--seed", order.seed), *order.history()]
    short = next((one for one in found.designs.values() if _is_short(found, one)), None)
    if short is not None and not found.vary.startswith("call_centre.agents"):
        keep = [("--keep", f"{each.metric}{each.comparator}{each.threshold:g}") for each in found.keep]
        command = command_line("staff", order.scenario, [("--design", short.name), *keep, *changed, *world])
        return command, f"the agents {short.name} would need at {number(_current(found))}"
    furthest = next((one for one in found.designs.values() if one.value is not None), None)
    if furthest is not None and furthest.value is not None:
        if _too_many(found, furthest.value):
            command = command_line("compare", order.scenario, [*changed, *world])
            return command, "the whole scorecard of the cases given"
        setting = ("--set", f"{found.vary}={furthest.value}")
        command = command_line("compare", order.scenario, [*changed, setting, *world])
        place = f"the limit of {furthest.name}" if furthest.kind == "within" else number(furthest.value)
        return command, f"the whole scorecard at {place}"
    broken = next((one for one in found.designs.values() if one.kind in ("broken", "unconfirmed")), None)
    if broken is not None:
        options = [("--designs", broken.name), *changed, *world]
        return command_line("diagnose", order.scenario, options), f"why {broken.name} does not keep it"
    return command_line("compare", order.scenario, [*changed, *world]), "what these designs do have"


def _current(found: Limits) -> float | None:
    return found.current if isinstance(found.current, int | float) else None


def _is_short(found: Limits, one: DesignLimit) -> bool:
    """Whether a design breaks at today's value what more agents could mend."""
    from scenarios.preview import PREVIEWED

    current = _current(found)
    if current is None or not all(condition.metric in PREVIEWED for condition in found.keep):
        return False
    if one.kind == "broken":
        nearest = found.values[0] if one.rising else found.values[-1]
        return current == nearest or (current > nearest) == one.rising
    if one.kind != "within" or one.value is None or one.direction is None:
        return False
    return current != one.value and (current > one.value) == one.rising


def _too_many(found: Limits, furthest: float) -> bool:
    """Say whether the limit asks for more messages than a case file has cases for; a factor above 1 may."""
    path, star, _ = found.vary.partition("*")
    most = 1 if star else found.messages_most
    return (
        found.messages_most is not None
        and path == "campaign.messages"
        and most is not None
        and furthest > most
    )


def limits_document(found: Limits, shapes: Sequence[ShapeCheck], replay: str) -> dict[str, object]:
    """Return the JSON form."""
    from tui.cli.limit_json import limits_json

    return limits_json(found, shapes, replay)
