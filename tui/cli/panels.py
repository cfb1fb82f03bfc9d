"""The sections of a report that set designs side by side. Each is a pure function from a result to lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from scenarios.result import Comparison, DesignResult, Metric, PairedDifference, Verdict
from tui.chartmath import bar, column_rows, spread
from tui.cli.numbers import (
    NONE,
    change,
    difference,
    difference_unit_words,
    estimate,
    fixed,
    rule_words,
    unit_words,
)
from tui.cli.tables import INDENT, Footnotes, aligned, column, fits, headed, in_blocks, laid, ragged, wrapped
from tui.figures import duration
from tui.library import Words
from tui.readings import (
    GLYPHS,
    Band,
    Day,
    day_of,
    funnel_steps,
    funnel_top,
    metric_groups,
    most_lost,
    title_of,
)

_LEGEND = "  ".join(f"{GLYPHS[verdict]} {verdict}" for verdict in ("pass", "fail", "unsure"))
_BAR_CELLS = 8
_COUNT_PLACES = 3
"""Digits after the point of a funnel's counts, tried from none up; means of replications are seldom whole."""

_CELLS_PER_HALF_HOUR = 2


def verdict_words(verdict: Verdict | None) -> str:
    """Write a verdict as glyph and word; nothing when there is no rule."""
    return "" if verdict is None else f"{GLYPHS[verdict]} {verdict}"


def scorecard(comparison: Comparison, words: Words, width: int, *, everything: bool) -> list[str]:
    """Return the scorecard: metrics with rule, estimate and verdict in every design, family by family.

    Args:
        comparison: the result.
        words: names and families of metrics.
        width: columns.
        everything: all metrics; else the main ones, and whatever else failed or is unsure.
    """
    table = {name: design.metrics for name, design in comparison.designs.items()}
    names = metrics_shown(table, words, everything=everything)
    lines = ["SCORECARD   estimate ±half-width or [low, high], 95 % interval"]
    lines += metric_table(table, names, words, width)
    hidden = len(_names_of(table)) - len(names)
    if hidden > 0:
        lines += wrapped(
            f"{hidden} further metrics: --all shows them, --by segment, week or route cuts them", width
        )
    return lines


def metrics_shown(table: Mapping[str, Mapping[str, Metric]], words: Words, *, everything: bool) -> list[str]:
    """Return which metrics of a table are shown: all, or the main ones with whatever failed or is unsure."""
    telling = {
        name
        for metrics in table.values()
        for name, metric in metrics.items()
        if metric.verdict in ("fail", "unsure") and metric.value is not None
    }
    return [
        name
        for name in _names_of(table)
        if everything or name not in words or words[name].main or name in telling
    ]


def buckets(comparison: Comparison, words: Words, width: int) -> list[str]:
    """Return the three buckets every engaged customer ends in."""
    table = {name: design.buckets for name, design in comparison.designs.items()}
    if not any(table.values()):
        return []
    return ["BUCKETS   where engaged customers end", *metric_table(table, None, words, width)]


def calls(comparison: Comparison, words: Words, width: int) -> list[str]:
    """Return the call figures that the scorecard does not already hold."""
    table = {
        name: {key: metric for key, metric in design.calls.items() if key not in design.metrics}
        for name, design in comparison.designs.items()
    }
    if not any(table.values()):
        return []
    return ["CALLS   attempts of all traffic unless said otherwise", *metric_table(table, None, words, width)]


def funnel(comparison: Comparison, width: int) -> list[str]:
    """Return the funnels with bars, counts, the change to the stage before, and where most are lost."""
    designs = comparison.designs
    if not any(design.funnel for design in designs.values()):
        return []
    stages: dict[str, str] = {}
    for design in designs.values():
        stages.update({stage.stage: stage.title for stage in design.funnel})
    top = funnel_top(designs.values())

    def build(names: Sequence[str]) -> list[str]:
        columns = [_funnel_column(designs[name], stages, top) for name in names]
        rows = [["", *names]]
        rows += [[title, *cells] for title, *cells in zip(stages.values(), *columns, strict=True)]
        rows.append(["most lost", *(_most_lost_words(designs[name]) for name in names)])
        return aligned(rows, "<" * (len(names) + 1))

    head = "FUNNEL   cases, mean of a replication; change to the stage before; where most are lost"
    return headed(head, width) + in_blocks(list(designs), width, build)


def differences(comparison: Comparison, words: Words, width: int, *, everything: bool) -> list[str]:
    """Return each design minus the baseline on the same customers, of the main metrics or of all."""
    found = {(item.metric, item.design): item for item in comparison.comparisons}
    names = [name for name in comparison.designs if any(design == name for _, design in found)]
    if not names:
        return []
    compared = dict.fromkeys(item.metric for item in comparison.comparisons)
    metrics = [name for name in compared if everything or name not in words or words[name].main]
    notes = Footnotes()

    def build(chosen: Sequence[str]) -> list[str]:
        rows = [["", "unit", *chosen]]
        for metric in metrics:
            items = [found.get((metric, name)) for name in chosen]
            rows.append([title_of(metric, words), *_difference_row(items, notes)])
        return aligned(rows, "<" * (len(chosen) + 2))

    baseline = comparison.baseline.upper()
    head = f"DIFFERENCE TO {baseline}   same customers, paired 95 % interval; ≈ holds nought"
    return [*headed(head, width), *in_blocks(names, width, build), *notes.lines(width)]


def queue(comparison: Comparison, width: int) -> list[str]:
    """Return one line per design: people waiting over the day, on one scale; narrower on a narrow window."""
    day = day_of(comparison)
    if not day.starts or day.top <= 0:
        return []
    head = f"QUEUE OVER THE DAY   people waiting, mean of each half hour; full height = {fixed(day.top, 1)}"
    drawn = [_queue_lines(comparison, day, cells) for cells in (_CELLS_PER_HALF_HOUR, 1)]
    lines = next((one for one in drawn if fits(one, width)), drawn[-1])
    return [*headed(head, width), *(piece for line in lines for piece in _folded(line, width))]


def _queue_lines(comparison: Comparison, day: Day, per_half_hour: int) -> list[str]:
    cells = len(day.starts) * per_half_hour
    rows = []
    for name, band in zip(comparison.designs, day.bands, strict=True):
        line = column_rows(spread(band.waiting, cells), day.top, 1)[0]
        rows.append([name, f"│{line}│", _band_words(band)])
    first, last = day.starts[0], day.starts[-1]
    rows.append(["", f" {first}{last.rjust(cells - len(first))}", f"over = {day.limit}" if day.limit else ""])
    return aligned(rows, "<<<")


def _folded(line: str, width: int) -> list[str]:
    """A line of the queue that fits, or what is said of it below it."""
    if fits([line], width):
        return [line]
    drawn, _, said = line.rpartition("│  ")
    return [f"{drawn}│", *wrapped(said, width - len(INDENT), INDENT)] if drawn else wrapped(said, width)


def _most_lost_words(design: DesignResult) -> str:
    loss = most_lost(design)
    return NONE if loss is None else f"{fixed(loss[2], 0)} before {loss[1]}"


def _band_words(band: Band) -> str:
    if band.peak is None:
        return "takes no calls"
    peak = f"peak {fixed(band.peak, 1)} at {band.peak_at}"
    return f"{peak}, over for {duration(band.over_s)}" if band.over_s else peak


def metric_table(
    table: Mapping[str, Mapping[str, Metric]], names: Sequence[str] | None, words: Words, width: int
) -> list[str]:
    """One row per metric under the title of its family; per column the estimate and the verdict on its rule.

    Args:
        table: metrics by column: a design, or a part of one.
        names: the metrics shown; None shows all there are, in one group.
        words: names and families of metrics.
        width: columns available.
    """
    groups = {"": _names_of(table)} if names is None else metric_groups(names, words)
    shown = [name for members in groups.values() for name in members]
    metrics = {name: [one[name] for one in table.values() if name in one] for name in shown}
    rules = {name: _rule_or_unit(found) for name, found in metrics.items()}
    notes = Footnotes()

    def build(
        chosen: Sequence[str],
        say: Callable[[Verdict | None], str] = verdict_words,
        *,
        broken: bool = False,
    ) -> list[str]:
        put = ragged if broken else column
        columns = [put([_cell(table[one].get(name), say, notes) for name in shown]) for one in chosen]
        cells = {name: row for name, *row in zip(shown, *columns, strict=True)}
        rows = [["", "rule, unit" if any(rules.values()) else "", *chosen]]
        for title, members in groups.items():
            rows += [[title.upper(), *[""] * (len(chosen) + 1)]] if title else []
            rows += [[title_of(name, words), rules[name], *cells[name]] for name in members]
        return laid(rows, "<" * len(rows[0]), width, [0]) if broken else aligned(rows, "<" * len(rows[0]))

    lines = build(list(table))
    if not fits(lines, width):
        lines = [INDENT + _LEGEND, *build(list(table), _verdict_glyph)]
    if not fits(lines, width):
        blocks = in_blocks(list(table), width, lambda chosen: build(chosen, _verdict_glyph))
        if not fits(blocks, width):
            blocks = in_blocks(list(table), width, lambda chosen: build(chosen, _verdict_glyph, broken=True))
        lines = [INDENT + _LEGEND, *blocks]
    return lines + notes.lines(width)


def _names_of(table: Mapping[str, Mapping[str, Metric]]) -> list[str]:
    return list(dict.fromkeys(name for metrics in table.values() for name in metrics))


def _verdict_glyph(verdict: Verdict | None) -> str:
    return "" if verdict is None else GLYPHS[verdict]


def _rule_or_unit(metrics: Sequence[Metric]) -> str:
    unit = metrics[0].unit
    rule = next((metric.rule for metric in metrics if metric.rule), "")
    return rule_words(rule, unit) if rule else unit_words(unit)


def _cell(metric: Metric | None, words: Callable[[Verdict | None], str], notes: Footnotes) -> tuple[str, str]:
    if metric is None:
        return NONE, ""
    verdict = None if metric.value is None else metric.verdict  # nothing to judge; the footnote says why
    return estimate(metric) + notes.mark(metric.note), words(verdict)


def _funnel_column(design: DesignResult, stages: Iterable[str], top: float) -> list[str]:
    steps = {stage.stage: step for stage, step in zip(design.funnel, funnel_steps(design), strict=True)}
    write = counting([(step.count, step.change) for step in steps.values()])
    width = max((len(write(step.count)) for step in steps.values() if step.count is not None), default=0)
    cells = []
    for stage in stages:
        step = steps.get(stage)
        if step is None or step.count is None:
            cells.append(NONE)
            continue
        told = "" if step.change is None else f"{change(step.change * 100, 1)} %"
        cells.append(f"{bar(step.count, top, _BAR_CELLS)} {write(step.count):>{width}} {told:>8}")
    return cells


def counting(steps: Sequence[tuple[float | None, float | None]]) -> Callable[[float], str]:
    """Return how a funnel's counts are written: whole, or where a change would read as none with more digits.

    Args:
        steps: each stage's count, and its change against the one before it as a share; None where there is none.
    """

    def written(places: int) -> Callable[[float], str]:
        return lambda count: f"{count:,.{places}f}"

    def tells(places: int) -> bool:
        write = written(places)
        changed = [(count, count / (1 + moved)) for count, moved in steps if count and moved]
        return all(write(count) != write(before) for count, before in changed)

    return written(next((places for places in range(_COUNT_PLACES) if tells(places)), 0))


def _difference_row(items: Sequence[PairedDifference | None], notes: Footnotes) -> list[str]:
    unit = next((item.unit for item in items if item is not None), "count")
    return [difference_unit_words(unit), *(_difference_cell(item, notes) for item in items)]


def _difference_cell(item: PairedDifference | None, notes: Footnotes) -> str:
    if item is None:
        return NONE
    text = NONE if item.value is None else difference(item.value, item.low, item.high, item.unit)
    return text + notes.mark(item.note)
