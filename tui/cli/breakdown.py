"""The scorecard of each part of a design's runs: by segment, week or route. Pure functions to lines."""

from __future__ import annotations

from scenarios.result import Comparison, DesignResult
from tui.cli import panels
from tui.cli.numbers import figure
from tui.cli.tables import headed, wrapped
from tui.library import Words

_WHOLE = "all"
_HEADS = {
    "segment": "by arrears band; cases only, calls cannot be told apart by it",
    "week": "by five working days; cases by their first planned touch, calls by the day offered",
    "route": "people who serve themselves, and those who take the route to a person",
}
_EXCEPTIONS = "exception_rate"


def parts(
    comparison: Comparison, dimension: str | None, words: Words, width: int, *, everything: bool
) -> list[list[str]]:
    """Return one section per design: its parts side by side, the whole first; nothing without a dimension.

    Args:
        comparison: the result.
        dimension: segment, week or route, or None.
        words: names and families of metrics.
        width: columns.
        everything: all metrics, not the main ones only.
    """
    if dimension is None:
        return []
    return [
        _section(design, dimension, words, width, everything=everything)
        for design in comparison.designs.values()
        if dimension in design.segments
    ]


def _section(
    design: DesignResult, dimension: str, words: Words, width: int, *, everything: bool
) -> list[str]:
    cut = design.segments[dimension]
    known = {name for metrics in cut.values() for name in metrics}
    whole = {name: metric for name, metric in design.metrics.items() if name in known}
    table = {_WHOLE: whole, **{_title(dimension, value): metrics for value, metrics in cut.items()}}
    names = panels.metrics_shown(table, words, everything=everything)
    head = f"{dimension.upper()} OF {design.name.upper()}   {_HEADS.get(dimension, '')}".rstrip()
    lines = [*headed(head, width), *panels.metric_table(table, names, words, width)]
    return lines + [line for spike in spikes(design, dimension) for line in wrapped(spike, width)]


def spikes(design: DesignResult, dimension: str) -> list[str]:
    """Return one sentence for each part whose exceptions stand out: its whole interval above that of the design."""
    whole = design.metrics.get(_EXCEPTIONS)
    found = []
    for value, metrics in design.segments[dimension].items():
        part = metrics.get(_EXCEPTIONS)
        if whole is None or part is None or whole.high is None or part.low is None or part.low <= whole.high:
            continue
        rates = f"{figure(part.value, 'rate')} beside {figure(whole.value, 'rate')} of all"
        found.append(
            f"exceptions spike in {_title(dimension, value)}: {rates}; the policy is too broad there"
        )
    return found


def _title(dimension: str, value: str) -> str:
    return f"week {value}" if dimension == "week" else value.replace("_", "-")
