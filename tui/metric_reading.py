"""One metric of a comparison explained: what it means, what it rests on, and how it spreads over days and runs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from scenarios.result import Comparison, Metric, PairedDifference, Spread
from tui.chartmath import column_rows, fit
from tui.figures import base_size, difference, number, rule_text, scale_of, with_unit
from tui.library import Words
from tui.readings import GLYPHS, metrics_of, shape, title_of

_BINS_MOST = 48
_ROWS = 3
_SIDE = 20
_DIM = "$foreground-muted"


def metric_title(name: str, words: Words) -> str:
    """Return the heading of a metric's page."""
    return f"{title_of(name, words)}  ({name})"


def metric_lines(comparison: Comparison, name: str, words: Words, width: int) -> list[Content]:
    """Return the page of one metric.

    Args:
        comparison: the result it stands in.
        name: the metric.
        words: the metrics in words.
        width: columns.
    """
    found = {
        design.name: metrics_of(design)[name]
        for design in comparison.designs.values()
        if name in metrics_of(design)
    }
    if not found:
        return [Content(f"no design has a metric {name!r}")]
    first, said = next(iter(found.values())), words.get(name)
    lines = [Content(said.definition)] if said else []
    lines += [
        Content(f"base    {first.base}"),
        Content(f"unit    {scale_of(first.unit, None).unit or first.unit}"),
        Content(f"rule    {rule_text(first.rule, first.unit) if first.rule else 'none'}"),
        Content(f"source  {_source(comparison)}"),
    ]
    lines += [Content(f"if it fails, inspect {said.inspect}")] if said and said.inspect else []
    lines += [Content(""), Content.styled("Designs", "bold")]
    for design, metric in found.items():
        lines += _design_lines(comparison, design, metric, width)
    lines += [_difference_line(row) for row in comparison.comparisons if row.metric == name]
    return [*lines, Content(""), *_spread_lines(comparison, name, first.unit, width)]


def spread_bins(values: Sequence[float], low: float, high: float, bins: int) -> list[int]:
    """Count values in equal bins between low and high; the last bin holds `high` itself."""
    counts = [0] * bins
    for value in values:
        place = int((value - low) / (high - low) * bins) if high > low else 0
        counts[min(bins - 1, max(0, place))] += 1
    return counts


def _source(comparison: Comparison) -> str:
    runs = "replication" if comparison.replications == 1 else "replications"
    return (
        f"counted from what happened in {comparison.replications} {runs}, seed {comparison.seed}; "
        "where the numbers that go in come from stands in What-if, key 2"
    )


def _design_lines(comparison: Comparison, design: str, metric: Metric, width: int) -> list[Content]:
    """One line; two where one does not hold the interval."""
    mark = shape(list(comparison.designs).index(design))
    verdict = f"  {GLYPHS[metric.verdict]} {metric.verdict}" if metric.verdict else ""
    low, high = (
        "not reached" if end is None else with_unit(end, metric.unit) for end in (metric.low, metric.high)
    )
    ends = f"95 % interval {low} to {high}  " if metric.low is not None else ""
    note = f"  ({metric.note})" if metric.note else ""
    head, tail = (
        f"{fit(f'{mark} {design}', _SIDE)} {fit(with_unit(metric.value, metric.unit), 14)}",
        f"n = {base_size(metric.n, metric.n_unit)}{verdict}{note}",
    )
    whole = f"{head}  {ends}{tail}"
    if len(whole) <= width or not ends:
        return [Content(whole)]
    return [Content(f"{head}  {tail}"), Content(f"  {ends}".rstrip())]


def _difference_line(row: PairedDifference) -> Content:
    if row.value is None:
        return Content(f"{row.design} minus {row.baseline}: {row.note or 'n/a'}")
    text = f"{row.design} minus {row.baseline}, same customers: {difference(row.value, row.unit)}"
    if row.low is None or row.high is None:
        return Content(text)
    ends = f" ({difference(row.low, row.unit)} to {difference(row.high, row.unit)})"
    return Content(text + ends + ("; the interval holds nought" if row.low <= 0.0 <= row.high else ""))


def _spread_lines(comparison: Comparison, name: str, unit: str, width: int) -> list[Content]:
    spreads = {
        design.name: design.spread[name] for design in comparison.designs.values() if name in design.spread
    }
    days = [value for spread in spreads.values() for value in spread.days if value is not None]
    if not days:
        return [Content.styled("It has no value of a single day, so there is no spread to show.", _DIM)]
    low, high = min(days), max(days)
    bins = max(8, min(_BINS_MOST, width - _SIDE - 4))
    counts = {
        design: spread_bins([value for value in spread.days if value is not None], low, high, bins)
        for design, spread in spreads.items()
    }
    top = max(max(each) for each in counts.values())
    lines = [Content.styled("Spread: days by their value, all designs on one scale", "bold")]
    for design, spread in spreads.items():
        lines += _histogram(comparison, design, spread, counts[design], top, unit)
    ends = f"{with_unit(low, unit)}".ljust(bins - len(with_unit(high, unit))) + with_unit(high, unit)
    lines += [Content(f"{' ' * _SIDE} └{'─' * bins}"), Content(f"{' ' * _SIDE}  {ends}")]
    return lines


def _histogram(
    comparison: Comparison, design: str, spread: Spread, counts: list[int], top: int, unit: str
) -> list[Content]:
    scale = scale_of(unit, None)
    runs = [value * scale.factor for value in spread.replications if value is not None]
    side = [f"{shape(list(comparison.designs).index(design))} {design}", f"  {sum(counts)} days"]
    rows = column_rows([float(count) for count in counts], float(top), _ROWS)
    lines = [
        Content.assemble(fit(side[at] if at < len(side) else "", _SIDE), " │", (row, "$primary"))
        for at, row in enumerate(rows)
    ]
    each = ", ".join(number(value, scale.decimals) for value in runs)
    return [*lines, Content.styled(fit("", _SIDE) + f"  by replication: {each}", _DIM)]
