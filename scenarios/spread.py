"""What the estimates were made from: each metric day by day and replication by replication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.scorecard.outcome import SCALES, RunOutcome, Series
from scenarios.result import Spread


def spreads(outcomes: Sequence[RunOutcome], metrics: Iterable[str]) -> dict[str, Spread]:
    """Return the spread of each metric that has a value a day; quantiles and the worst half hour have none.

    A day's value is that of the cases first messaged on it, or of the calls offered on it: the units of independence
    the intervals rest on, too.

    Args:
        outcomes: the replications of one design.
        metrics: names, in the order wanted.
    """
    found = {name: _spread([(one.ratios, one.totals) for one in outcomes], name) for name in metrics}
    return {name: spread for name, spread in found.items() if spread is not None}


def _spread(runs: Sequence[tuple[Mapping[str, Series], Mapping[str, list[int]]]], name: str) -> Spread | None:
    scale = SCALES.get(name, 1.0)
    if all(name in ratios for ratios, _ in runs):
        series = [ratios[name] for ratios, _ in runs]
        days = [
            _ratio(top, base, scale) for tops, bases in series for top, base in zip(tops, bases, strict=True)
        ]
        return Spread(tuple(days), tuple(_ratio(sum(tops), sum(bases), scale) for tops, bases in series))
    if all(name in totals for _, totals in runs):
        each = [totals[name] for _, totals in runs]
        return Spread(
            tuple(value * scale for values in each for value in values),
            tuple(sum(values) * scale for values in each),
        )
    return None


def _ratio(top: float, base: float, scale: float) -> float | None:
    return top / base * scale if base else None
