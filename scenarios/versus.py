"""Two saved comparisons side by side: what they were made with otherwise, and by how much each figure differs.

Replication k of two runs meets the same customers with the same luck where scenario, files, rules, code, seed and the
number of replications are the same, whatever was set otherwise. Then a figure is differenced replication by
replication; else the two estimates stand apart, and the interval of their difference is made of both intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from sandbox.experiment.intervals import paired_mean_difference
from scenarios.result import Comparison, DesignResult, Metric

if TYPE_CHECKING:
    from scenarios.saved.runs import SavedRun

PAIRED_FROM = 3
"""Replications from which they are paired: the interval of two differences is six times that of many."""


class Ran(NamedTuple):
    """A saved run and the comparison it gave."""

    saved: SavedRun
    comparison: Comparison


class Change(NamedTuple):
    """One thing two runs were made with otherwise: its name, the first's and the second's."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure of the second run minus that of the first, in the metric's unit, with its 95 % interval.

    Attributes:
        value: None where one of them has none, or their units differ.
        low, high: None where one of the estimates has no interval.
        paired: made replication by replication.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Versus:
    """Two runs held against each other.

    Attributes:
        changes: what they were made with otherwise.
        apart: why they are not paired; empty where they are.
        designs: of every design both have, each metric both have.
        same: of these, the designs that gave the same facts, byte for byte.
    """

    changes: tuple[Change, ...]
    apart: str
    designs: Mapping[str, Mapping[str, Moved]]
    same: frozenset[str]


def held_against(one: Ran, other: Ran) -> Versus:
    """Hold a saved run against another.

    Args:
        one: the first.
        other: the second, from which the first is taken away.
    """
    before, after = one.comparison, other.comparison
    apart = _apart(one, other)
    designs = {
        name: (before.designs[name], after.designs[name]) for name in before.designs if name in after.designs
    }
    return Versus(
        changes=tuple(_changes(one, other)),
        apart=apart,
        designs={name: _moved(*pair, paired=not apart) for name, pair in designs.items()},
        same=frozenset(name for name, (was, now) in designs.items() if was.digest == now.digest),
    )


def _apart(one: Ran, other: Ran) -> str:
    """Say why two runs do not meet the same customers with the same luck, or nothing."""
    ours, theirs = one.comparison, other.comparison
    reasons = {
        "scenarios": ours.scenario != theirs.scenario,
        "files of the scenario": one.saved.files != other.saved.files,
        "shipped rules": one.saved.rules != other.saved.rules,
        "versions of the code": one.saved.code != other.saved.code,
        "seeds": ours.seed != theirs.seed,
        "numbers of replications": ours.replications != theirs.replications,
    }
    differing = [reason for reason, holds in reasons.items() if holds]
    if differing:
        return f"{' and '.join(differing)} differ"
    return "" if ours.replications >= PAIRED_FROM else f"fewer than {PAIRED_FROM} replications are stored"


def _changes(one: Ran, other: Ran) -> list[Change]:
    before, after = one.comparison, other.comparison
    told = {
        "scenario": (before.scenario, after.scenario),
        "seed": (before.seed, after.seed),
        "replications": (before.replications, after.replications),
        "designs": (", ".join(before.designs), ", ".join(after.designs)),
        "code": (one.saved.code[:12], other.saved.code[:12]),
        "rules": (one.saved.rules[:12], other.saved.rules[:12]),
    }
    found = [Change(what, str(was), str(now)) for what, (was, now) in told.items() if was != now]
    for path in sorted({*one.saved.files, *other.saved.files}):
        was, now = one.saved.files.get(path), other.saved.files.get(path)
        if was != now:
            gone = "not read"
            told_now = "changed" if was is not None and now is not None else gone if now is None else "read"
            found.append(Change(f"file {path}", gone if was is None else "read", told_now))
    for path in sorted({*before.settings, *after.settings} - told.keys()):
        values = [
            str(run.settings[path]) if path in run.settings else "as in the file" for run in (before, after)
        ]
        if before.settings.get(path) != after.settings.get(path):
            found.append(Change(path, *values))
    return found


def _moved(was: DesignResult, now: DesignResult, *, paired: bool) -> dict[str, Moved]:
    then, since = {**was.metrics, **was.calls}, {**now.metrics, **now.calls}
    found = {}
    for name, old in then.items():
        if name not in since:
            continue
        new = since[name]
        if was.digest == now.digest and old == new:
            nought = None if old.value is None else 0.0
            found[name] = Moved(nought, nought, nought, paired=True)
        else:
            pairs = _by_replication(was, now, name, old.unit) if paired else None
            found[name] = pairs or _of_both(old, new)
    return found


def _by_replication(was: DesignResult, now: DesignResult, name: str, unit: str) -> Moved | None:
    """The mean of the replications' differences; None where they have no values or all differ alike.

    A few replications that all differ alike, such as by nothing, prove no certainty.
    """
    if name not in was.spread or name not in now.spread:
        return None
    ours, theirs = now.spread[name].replications, was.spread[name].replications
    new, old = (
        [value for value in ours if value is not None],
        [value for value in theirs if value is not None],
    )
    if len(new) != len(ours) or len(old) != len(theirs) or len(new) != len(old):
        return None
    found = paired_mean_difference(new, old)
    if not found.half_width or found.value is None or found.low is None or found.high is None:
        return None
    low, high = (max(-1.0, found.low), min(1.0, found.high)) if unit == "rate" else (found.low, found.high)
    return Moved(found.value, low, high, paired=True)


def _of_both(was: Metric, now: Metric) -> Moved:
    """The difference of two estimates that stand apart: the distances to their ends squared and added.

    For two that are alike for a reason, such as the same customers, it is too wide rather than too narrow.
    """
    if was.value is None or now.value is None or was.unit != now.unit:
        return Moved(None)
    value = now.value - was.value
    if was.low is None or was.high is None or now.low is None or now.high is None:
        return Moved(value)
    below = hypot(now.value - now.low, was.high - was.value)
    above = hypot(now.high - now.value, was.value - was.low)
    return Moved(value, value - below, value + above)
