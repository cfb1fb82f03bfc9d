"""The assumptions of a scenario, the worlds at both ends of their ranges, and a short campaign to screen them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.scorecard.definitions import MetricDefinition
from scenarios.files.places import instead_of
from scenarios.files.quantities import is_number
from scenarios.result import Provenance
from scenarios.run import CompareRequest, prepare
from scenarios.world.exports import Export, export_for, uses
from scenarios.world.spec import Scenario

SOURCES = ("assumption", "analogue", "fitted-to-case")
"""Sources whose numbers a bank's own data would replace; measured and published ones stand."""

SCREENING_DAYS = 6
"""Working days of the short campaign: a week and the Monday after it, so that every weekday and the busiest twice."""

_LENGTH = frozenset(
    {"calendar.working_days", "campaign.messages", "campaign.touches_per_case", "campaign.touch_gap_days"}
)
"""Settings that say how long the campaign is and how much it sends; the short campaign sets them itself."""

END_NAMES = ("low", "high")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption that is varied.

    Attributes:
        origin: path, value, source, range and note.
        export: what would measure it, or None.
        used_by: which of the designs that are run use it.
    """

    origin: Provenance
    export: Export | None
    used_by: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it stands in the scenario."""
        return self.origin.path

    @property
    def changes_length(self) -> bool:
        """Whether it says how long the campaign is or how much it sends."""
        return self.path in _LENGTH

    def ends(self) -> dict[str, float]:
        """The ends of the range by name; an end that is the value itself is left out."""
        bounds = self.origin.range or (0.0, 0.0)
        return {name: end for name, end in zip(END_NAMES, bounds, strict=True) if end != self.origin.value}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An assumption that is not varied, and why not."""

    path: str
    reason: str


def assumptions_of(
    scenario: Scenario, designs: Sequence[str], metric: MetricDefinition, only: Sequence[str]
) -> tuple[tuple[Assumption, ...], tuple[LeftOut, ...]]:
    """Return what is varied and what is not, in the order of the file.

    Args:
        scenario: the world.
        designs: the designs that are run.
        metric: what is asked for.
        only: paths, or blocks of them, to vary and nothing else; empty for all.

    Raises:
        BadInput: a path of `only` is no assumption with a range.
    """
    ranged = [one for one in scenario.provenance if one.source in SOURCES and one.range is not None]
    known = [one.path for one in ranged]
    problems = [
        f"--only {path}: found no assumption with a range there"
        f"{instead_of(path, known, 'a path, or a block of paths, from `sandbox check NAME --settings`')}"
        for path in only
        if not any(_within(one, path) for one in known)
    ]
    if problems:
        raise BadInput(problems)
    taken, left = [], []
    for origin in ranged:
        if only and not any(_within(origin.path, path) for path in only):
            continue
        used_by = tuple(name for name in designs if uses(scenario.designs[name], origin.path, metric))
        if not is_number(origin.value):
            left.append(LeftOut(origin.path, "holds no single number"))
        elif not used_by:
            left.append(LeftOut(origin.path, "no step, channel or price that the metric rests on uses it"))
        else:
            taken.append(Assumption(origin, export_for(origin.path), used_by))
    return tuple(taken), tuple(left)


def world_at(world: CompareRequest, path: str, value: float, further: Sequence[str] = ()) -> Scenario:
    """Return the scenario with an assumption at a value.

    Args:
        world: scenario and settings.
        path: the assumption's.
        value: in its own unit.
        further: settings on top, such as those of the short campaign.

    Raises:
        BadInput: the scenario does not hold together with it.
    """
    return prepare(replace(world, settings=(*world.settings, *further, f"{path}={value!r}")))[0]


def short_campaign(scenario: Scenario, world: CompareRequest) -> tuple[str, ...]:
    """Return settings for a campaign of fewer days with the same load a day; none where it would not be shorter.

    Fewer messages would leave the lines idle and hide what congestion does; fewer days do not. Touches come sooner
    after one another, in proportion, and as many cases as before begin each day.
    """
    document = scenario.document
    days, touches = document.calendar.working_days, document.campaign.touches_per_case
    gap = max(1, round(document.campaign.touch_gap_days * SCREENING_DAYS / days))
    cohort = SCREENING_DAYS - (touches - 1) * gap
    if days <= 2 * SCREENING_DAYS or cohort < 1:
        return ()
    messages = max(touches, round(document.campaign.messages * cohort / document.cohort_days))
    settings = (
        f"calendar.working_days={SCREENING_DAYS}",
        f"campaign.messages={messages}",
        f"campaign.touch_gap_days={gap}",
    )
    try:
        prepare(replace(world, settings=(*world.settings, *settings)))
    except BadInput:  # a sequence of messages may need more days than that
        return ()
    return settings


def _within(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(f"{wanted.rstrip('.')}.")
