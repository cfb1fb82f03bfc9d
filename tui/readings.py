"""What a comparison says, as plain rows a widget only has to draw. Pure functions over the result object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from scenarios.result import Comparison, DesignResult, ExpectationResult, HalfHour, Metric, PairedDifference
from tui.figures import (
    Rule,
    breach_text,
    difference,
    duration,
    estimate,
    number,
    read_rule,
    rule_text,
    scale_of,
    with_unit,
)
from tui.library import Words

SHAPES = "●▲■◆○△□◇"
"""One shape per design, in order: told apart without colour."""

GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?", "not judged": "·"}
"""One glyph per verdict."""

_DECISIONS = ("go", "hold", "stop")
_UNIT_ENDINGS = ("_s", "_min", "_h")
_HALF_HOUR_S = 1_800
_WAIT_LIMITS = ("call_wait_worst_half_hour_s", "call_wait_busy_s", "call_wait_answered_s")
_ABANDONMENT_LIMIT = "call_abandonment_rate"


class Tally(NamedTuple):
    """How many rules of a design came out each way."""

    passed: int
    failed: int
    unsure: int


class Cell(NamedTuple):
    """One estimate: the verdict's glyph (blank without a rule), the verdict in words, and the figure."""

    glyph: str
    verdict: str
    text: str


class ScoreRow(NamedTuple):
    """One metric across the designs.

    Attributes:
        metric: its name in the result.
        label: its title, or its name for people; call counts say that they count calls.
        rule: the decision rule in the row's unit, or the unit alone when it has no rule.
        cells: one per design, in the result's order.
        difference: best design minus baseline on the same customers; "≈" when its interval holds nought.
    """

    metric: str
    label: str
    rule: str
    cells: tuple[Cell, ...]
    difference: str


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One stage: cases that reached it and the change against the stage before, as a share of that stage.

    `count` is None where the stage cannot be observed; `change` is None there, at the first stage and beside the way.
    """

    title: str
    count: float | None
    change: float | None


class Band(NamedTuple):
    """One design's queue over the day on the shared axis.

    Attributes:
        waiting: mean number waiting per half hour; None where the design has no such half hour.
        over: half hours that break the limit.
        peak: the highest of `waiting`, or None when the design takes no calls.
        peak_at: when that half hour starts.
        over_s: how long the limit was broken, seconds.
    """

    waiting: tuple[float | None, ...]
    over: tuple[bool, ...]
    peak: float | None
    peak_at: str
    over_s: int


class Day(NamedTuple):
    """All designs on one time axis and one scale.

    Attributes:
        starts: the half hours, "HH:MM", of all designs together.
        top: the highest queue of any design.
        limit: what counts as over the limit, in words; empty when no rule gives one.
        bands: one per design, in the result's order.
    """

    starts: tuple[str, ...]
    top: float
    limit: str
    bands: tuple[Band, ...]


def shape(index: int) -> str:
    """Return the shape of the design at `index`; shapes repeat after eight."""
    return SHAPES[index % len(SHAPES)]


def shape_of(comparison: Comparison, design: str) -> str:
    """Return the shape of a design by name; a bullet when the comparison does not hold it."""
    names = list(comparison.designs)
    return shape(names.index(design)) if design in names else "•"


def metrics_of(design: DesignResult) -> dict[str, Metric]:
    """Return every metric of a design, resolution first, then the call centre."""
    return {**design.metrics, **design.calls}


def title_of(name: str, words: Words) -> str:
    """Return a metric's title, or its name for people when there are no words for it."""
    found = words.get(name)
    return found.title if found else metric_label(name)


def metric_label(name: str) -> str:
    """Write a metric's name for people: `call_wait_busy_s` becomes `Call wait busy`."""
    for ending in _UNIT_ENDINGS:
        name = name.removesuffix(ending)
    return name.replace("_", " ").capitalize()


def tally(design: DesignResult) -> Tally:
    """Count how the decision rules of a design came out; those that do not apply are left out.

    A result saved without a decision is counted by the verdicts of its metrics.
    """
    rules = [rule.verdict for rule in design.decision.rules] if design.decision is not None else []
    return count_verdicts(rules or [metric.verdict for metric in metrics_of(design).values()])


def count_verdicts(verdicts: Sequence[str | None]) -> Tally:
    """Count how rules came out."""
    return Tally(verdicts.count("pass"), verdicts.count("fail"), verdicts.count("unsure"))


def best_challenger(comparison: Comparison) -> str | None:
    """Return the design to hold against the baseline, in the order of `leader`.

    None when the baseline stands alone.
    """
    names = [name for name in comparison.designs if name != comparison.baseline]
    if not names:
        return None
    return min(names, key=lambda name: _rank(comparison.designs[name]))


def leader(comparison: Comparison, decided: Mapping[str, str] | None = None) -> str:
    """Return the best of all designs, the baseline included: go before hold before stop.

    Among equals come the fewest failed rules, then the most cases completed; ties go to the design listed first.

    Args:
        comparison: the result.
        decided: go, hold or stop by design, where more than the metrics was asked.
    """
    known = decided or {}
    return min(comparison.designs, key=lambda name: _rank(comparison.designs[name], known.get(name)))


def metric_groups(names: Iterable[str], words: Words) -> dict[str, list[str]]:
    """Part metrics by family, so that no table mixes two without saying so.

    The main metrics come first, then the further ones, each in the families' own order; what has no words counts
    calls and comes last. Without families everything is one group without a title.
    """
    known = list(names)
    if not any(word.family for word in words.values()):
        return {"": known}
    families = list(dict.fromkeys(word.family for word in words.values()))
    groups: dict[str, list[str]] = {}
    for main in (True, False):
        for family in families:
            if members := [name for name in known if name in words and words[name][3:] == (family, main)]:
                groups[family if family not in groups else f"{family}, further"] = members
    if counts := [name for name in known if name not in words]:
        groups["Counts of calls"] = counts
    return groups


def score_groups(comparison: Comparison, words: Words) -> dict[str, list[ScoreRow]]:
    """Return the scorecard by the title of each group; in a group metrics with a rule come first."""
    names: dict[str, None] = {}
    for design in comparison.designs.values():
        names.update(dict.fromkeys(metrics_of(design)))
    ruled = {name for name in names if any(_rule(design, name) for design in comparison.designs.values())}
    return {
        title: [
            _score_row(comparison, name, words) for name in sorted(group, key=lambda name: name not in ruled)
        ]
        for title, group in metric_groups(names, words).items()
    }


def score_rows(comparison: Comparison, words: Words) -> list[ScoreRow]:
    """Return the rows of the scorecard, group after group."""
    return [row for rows in score_groups(comparison, words).values() for row in rows]


def funnel_steps(design: DesignResult) -> list[FunnelStep]:
    """Return the stages, each with its change against the last one observed before it (None for the first)."""
    steps: list[FunnelStep] = []
    before: float | None = None
    for stage in design.funnel:
        change = None
        if stage.count is not None and not stage.beside:
            change = (stage.count - before) / before if before else None
            before = stage.count
        steps.append(FunnelStep(stage.title, stage.count, change))
    return steps


def stages_shown(designs: Sequence[DesignResult]) -> list[str]:
    """Return the titles of the stages that say something side by side, in order.

    Left out is what stands beside the way, what no design can observe, and what in every design is the stage before.
    """
    shown: list[str] = []
    before: list[float | None] = []
    for stages in zip(*(design.funnel for design in designs), strict=True):
        counts = [stage.count for stage in stages]
        if stages[0].beside or all(count is None for count in counts) or counts == before:
            continue
        shown.append(stages[0].title)
        before = counts
    return shown


def funnel_top(designs: Iterable[DesignResult]) -> float:
    """Return the highest count of any stage of any design, for one scale; nought without one."""
    counts = [stage.count for design in designs for stage in design.funnel if stage.count is not None]
    return max(counts, default=0.0)


def most_lost(design: DesignResult) -> tuple[str, str, float] | None:
    """Return (from title, to title, cases) of the biggest loss between two stages; None without a loss."""
    way = [(one.title, one.count) for one in design.funnel if one.count is not None and not one.beside]
    losses = [(before, after, had - has) for (before, had), (after, has) in pairwise(way)]
    worst = max(losses, key=lambda loss: loss[2], default=None)
    return worst if worst is not None and worst[2] > 0 else None


def expectation_text(comparison: Comparison, item: ExpectationResult) -> str:
    """Write one expectation and how it came out, in the metric's unit; the reason when it was not judged."""
    head = f"{GLYPHS[item.verdict]} {item.verdict}: {item.design}, {item.that}"
    if item.verdict == "not judged":
        return f"{head} ({item.reason})" if item.reason else head
    design = comparison.designs.get(item.design)
    metric = metrics_of(design).get(item.that.split(" ", 1)[0]) if design else None
    if item.value is None or metric is None:
        return f"{head}; {item.reason}" if item.reason else head
    text = f"{head}; measured {with_unit(item.value, metric.unit)}"
    if item.low is not None and item.high is not None:
        text += f" ({with_unit(item.low, metric.unit)} to {with_unit(item.high, metric.unit)})"
    return text


def day_of(comparison: Comparison) -> Day:
    """Put the queues of all designs on one time axis and one scale."""
    designs = list(comparison.designs.values())
    starts = tuple(sorted({half.start for design in designs for half in design.half_hours}))
    limit = next((found for found in map(_limit, designs) if found is not None), None)
    bands = tuple(_band(design, starts, limit) for design in designs)
    top = max((band.peak for band in bands if band.peak is not None), default=0.0)
    words = _limit_words(*limit) if limit else ""
    return Day(starts, top, words, bands)


def band_words(band: Band, limit: str) -> tuple[str, str]:
    """Say a band's peak, and how long it was over the limit (nothing where there is no limit)."""
    if band.peak is None:
        return "takes no calls", ""
    if not limit:
        return f"peak {number(band.peak)} at {band.peak_at}", ""
    over = f"over limit {duration(band.over_s)}" if band.over_s else "within the limit"
    return f"peak {number(band.peak)} at {band.peak_at}", over


def _rank(design: DesignResult, decided: str | None = None) -> tuple[int, int, float]:
    completion = design.metrics.get("completion_rate")
    done = completion.value if completion and completion.value is not None else 0.0
    decide = decided or (design.decision.decide if design.decision is not None else _DECISIONS[0])
    return _DECISIONS.index(decide), tally(design).failed, -done


def _rule(design: DesignResult, name: str) -> str:
    metric = metrics_of(design).get(name)
    return metric.rule if metric else ""


def _score_row(comparison: Comparison, name: str, words: Words) -> ScoreRow:
    found = [metrics_of(design).get(name) for design in comparison.designs.values()]
    metrics = [metric for metric in found if metric is not None]
    unit = metrics[0].unit
    rule = next((metric.rule for metric in metrics if metric.rule), "")
    return ScoreRow(
        metric=name,
        label=_row_label(comparison, name, words),
        rule=rule_text(rule, unit) if rule else unit_words(unit),
        cells=tuple(_cell(metric) for metric in found),
        difference=_difference(comparison, name),
    )


def _row_label(comparison: Comparison, name: str, words: Words) -> str:
    if name in words or any(name in design.metrics for design in comparison.designs.values()):
        return title_of(name, words)
    counted = metric_label(name)
    return counted if counted.startswith("Call") else f"Calls: {counted.lower()}"


def unit_words(unit: str) -> str:
    """Return the unit a column of figures is in; long minutes are written in hours, each with its letter."""
    return "min, h" if unit == "min" else scale_of(unit, None).unit


def _cell(metric: Metric | None) -> Cell:
    if metric is None:
        return Cell(" ", "", "n/a")
    verdict = metric.verdict or ""
    return Cell(GLYPHS.get(verdict, " "), verdict, estimate(metric))


def _difference(comparison: Comparison, name: str) -> str:
    best = best_challenger(comparison)
    for item in comparison.comparisons:
        if (item.metric, item.design, item.baseline) == (name, best, comparison.baseline):
            return _difference_text(item)
    return ""


def _difference_text(item: PairedDifference) -> str:
    if item.value is None:
        return "n/a"
    text = difference(item.value, item.unit)
    straddles = item.low is not None and item.high is not None and item.low <= 0.0 <= item.high
    return f"≈{text}" if straddles else text


def _limit(design: DesignResult) -> tuple[str, Rule] | None:
    """The rule a half hour is held against: the wait limit, or failing that the abandonment limit."""
    for name in (*_WAIT_LIMITS, _ABANDONMENT_LIMIT):
        rule = read_rule(_rule(design, name))
        if rule is not None:
            return name, rule
    return None


def _limit_words(name: str, rule: Rule) -> str:
    if name == _ABANDONMENT_LIMIT:
        return f"abandonment {breach_text(rule, 'rate')}"
    return f"mean wait {breach_text(rule, 's')}"


def _breaks(half: HalfHour, name: str, rule: Rule) -> bool:
    if name == _ABANDONMENT_LIMIT:
        return half.offered > 0 and not rule.holds(half.abandoned / half.offered)
    return half.mean_wait_s is not None and not rule.holds(half.mean_wait_s)


def _band(design: DesignResult, starts: tuple[str, ...], limit: tuple[str, Rule] | None) -> Band:
    halves = {half.start: half for half in design.half_hours}
    over = tuple(limit is not None and start in halves and _breaks(halves[start], *limit) for start in starts)
    waiting = tuple(halves[start].mean_queue if start in halves else None for start in starts)
    busiest = max(design.half_hours, key=lambda half: half.mean_queue, default=None)
    return Band(
        waiting=waiting,
        over=over,
        peak=busiest.mean_queue if busiest else None,
        peak_at=busiest.start if busiest else "",
        over_s=sum(over) * _HALF_HOUR_S,
    )
