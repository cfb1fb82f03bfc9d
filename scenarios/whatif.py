"""What-if: every parameter of a scenario with where it comes from, and what a change of some does at a glance.

A look at changed settings validates them and previews the lines by theory in some hundredths of a second, so that it
can follow every keystroke. Changes inside a design or the policy need the files again, which takes longer the first
time they are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.errors import BadInput
from scenarios.lines.preview import Preview, left_out_by, preview
from scenarios.result import Provenance
from scenarios.world.document import ScenarioDocument
from scenarios.world.quick_settings import with_settings
from scenarios.world.settings import Setting, parse_settings
from scenarios.world.spec import Scenario, load_scenario

FEW_DAYS = 5
"""Working days of a first simulated look: a week, whose first and last day are partly filled."""

_INNER = ("designs.", "policy.")
_READ_AGAIN = ("designs", "policy", "core.profile", "outreach.pack", "workflow")
"""Settings that name other files: the scenario must be read again to see what they do."""

_LABELS = re.compile(r"^(?:--set|setting) \S+: ")
"""Where a value came from, in front of a problem: here it is always what was just typed."""

_UNITS: tuple[tuple[str, str], ...] = (
    (r"_per_day$|per_day_max$", "a day"),
    (r"_per_s(_max)?$", "a second"),
    (r"_per_hour(_max)?$", "an hour"),
    (r"_per_min$", "a minute"),
    (r"_per_month(\.|$)", "money a month"),
    (r"_minor(_|$)", "cents"),
    (r"(^|_)ms(_|$)", "ms"),
    (r"(^|_)s(_|$)", "s"),
    (r"(^|_)min(_|$)", "min"),
    (r"(^|_)h(_|$)", "h"),
    (r"(^|_)d(_|$)|_days(_|$)", "days"),
    (r"_rate(_|$)|_share(_|$)|limit$|_decay$", "share"),
    (r"_percent(_|$)", "%"),
    (r"_factor(s|$|_)", "times"),
    (r"_(cv|sigma)$", "spread"),
    (r"messages$", "messages"),
    (r"(^|_)(agents|clerks)$", "people"),
    (r"weights$", "weights"),
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or choice of a scenario.

    Attributes:
        path: as `--set` takes it.
        group: what it belongs to: a block of the scenario, a design or the policy.
        label: the path within the group.
        value: as the scenario has it.
        unit: in a word, or empty.
        source: where the number comes from; empty for a choice.
        range: plausible low and high, or None.
        note: what else to know.
    """

    path: str
    group: str
    label: str
    value: object
    unit: str
    source: str = ""
    range: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Changed settings at a glance.

    Attributes:
        settings: what was changed.
        problems: why it cannot be run, each with what is allowed; empty if it can.
        preview: the lines of every design by theory, None with problems.
        limits: what the designer allows, by metric; wait in seconds, abandonment as a share.
        left_out: what the preview knows nothing of, a phrase each, over all designs.
        few: settings that, beside these, run a week; see `few_days`.
    """

    settings: tuple[str, ...]
    problems: tuple[str, ...] = ()
    preview: Preview | None = None
    limits: Mapping[str, float] | None = None
    few: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class WhatIf:
    """A scenario to ask questions of.

    Args:
        name_or_path: shipped name or path.

    Raises:
        BadInput: the scenario has faults.
    """

    def __init__(self, name_or_path: str) -> None:
        """Read the scenario once."""
        self._name = name_or_path
        self.base = load_scenario(name_or_path)
        self.parameters = parameters(self.base)
        self._read: tuple[tuple[str, ...], Scenario] = ((), self.base)

    def look(self, settings: Sequence[str]) -> Look:
        """Validate settings and preview the lines of every design under them."""
        wanted = tuple(settings)
        try:
            parsed = parse_settings(wanted)
            scenario, quick = self._scenario(parsed)
            document = with_settings(scenario, quick)
            seen = preview(scenario, quick)
        except BadInput as refused:
            return Look(wanted, tuple(_LABELS.sub("", problem) for problem in refused.problems))
        centre = document.call_centre
        limits = {
            "call_abandonment_rate": float(centre.abandonment_limit),
            "call_wait_busy_s": float(centre.wait_limit_s),
        }
        left_out = dict.fromkeys(
            phrase for design in scenario.designs.values() for phrase in left_out_by(document, design)
        )
        return Look(wanted, (), seen, limits, few_days(document), tuple(left_out))

    def _scenario(self, parsed: Sequence[Setting]) -> tuple[Scenario, dict[str, object]]:
        """Return the scenario to lay quick settings over, and these; what names files or steps is read with them."""
        known = self.base.settings
        slow = [
            one
            for one in parsed
            if one.path.startswith(_INNER) or one.path in _READ_AGAIN or one.path not in known
        ]
        quick: dict[str, object] = {one.key: one.value for one in parsed if one not in slow}
        texts = tuple(one.label.removeprefix("--set ") for one in slow)
        if texts != self._read[0]:
            self._read = texts, load_scenario(self._name, texts)
        return self._read[1], quick


def parameters(scenario: Scenario) -> tuple[Parameter, ...]:
    """Return everything that can be set in a scenario, group by group, with where it comes from."""
    origins = {origin.path: origin for origin in scenario.provenance}
    found = [_parameter(path, value, origins) for path, value in (scenario.settings | scenario.inner).items()]
    groups = list(dict.fromkeys(one.group for one in found))
    return tuple(sorted(found, key=lambda one: groups.index(one.group)))


def unit_of(path: str) -> str:
    """Return the unit a path's name says, or failing that its block's, in a word; empty where neither says one."""
    for name in reversed(path.split(".")[-2:]):
        for pattern, unit in _UNITS:
            if re.search(pattern, name):
                return unit
    return ""


def few_days(document: ScenarioDocument) -> tuple[str, ...]:
    """Return settings that run a week at the same sends a day, for a first simulated look.

    Touches follow each other day by day, so that every kind of send occurs within the week.
    """
    days = document.calendar.working_days
    if days <= FEW_DAYS:
        return ()
    campaign = document.campaign
    gap = max(1, (FEW_DAYS - 1) // max(1, campaign.touches_per_case))
    return (
        f"calendar.working_days={FEW_DAYS}",
        f"campaign.messages={max(campaign.touches_per_case, round(campaign.messages * FEW_DAYS / days))}",
        f"campaign.touch_gap_days={min(gap, campaign.touch_gap_days)}",
    )


def _parameter(path: str, value: object, origins: Mapping[str, Provenance]) -> Parameter:
    parts = path.split(".")
    depth = 2 if parts[0] == "designs" and len(parts) > 2 else 1
    group, label = (
        (".".join(parts[:depth]), ".".join(parts[depth:])) if len(parts) > depth else ("scenario", path)
    )
    origin = _origin(path, origins)
    unit = (
        unit_of(path) if isinstance(value, int | float | list | tuple) and not isinstance(value, bool) else ""
    )
    if origin is None:
        return Parameter(path, group, label, value, unit)
    return Parameter(path, group, label, value, unit, origin.source, origin.range, origin.note)


def _origin(path: str, origins: Mapping[str, Provenance]) -> Provenance | None:
    """A number inside a quantity that is a block comes from where the block comes from."""
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition(".")[0]
    return None
