"""What a tornado found: the ends of every assumption's range, what they do to a figure, and what is decided there."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.experiment.intervals import Estimate
from sandbox.experiment.tornado import Ends, swing
from sandbox.scorecard.definitions import MetricDefinition
from scenarios.sweeps.assumptions import END_NAMES, Assumption, LeftOut
from scenarios.sweeps.contrasts import Standing


@dataclass(frozen=True, slots=True)
class End:
    """One end of an assumption's range.

    Attributes:
        value: of the assumption.
        effect: the figure there minus the figure as it is, paired; None where it could not be run.
        standing: the decision there; None where it could not be run.
        refused: why it could not be run, or empty.
    """

    value: float
    effect: Estimate | None
    standing: Standing | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Varied:
    """One assumption and what its range does.

    Attributes:
        assumption: path, range, source, and what would measure it.
        ends: by "low" and "high"; an end that is the value itself is missing.
        screened: only the short campaign was run.
        base: what decides at the value as it is, on the same campaign.
    """

    assumption: Assumption
    ends: dict[str, End]
    screened: bool
    base: Standing

    @property
    def effects(self) -> Ends:
        """What both ends do to the figure."""
        low, high = (self.ends[name].effect if name in self.ends else None for name in END_NAMES)
        return Ends(low, high)

    @property
    def swing(self) -> float:
        """How far the figure moves over the range."""
        return swing(self.effects)

    @property
    def changes(self) -> dict[str, Standing]:
        """The ends at which the decision is another than as it is."""
        return {
            name: end.standing
            for name, end in self.ends.items()
            if end.standing is not None and end.standing.differs(self.base)
        }


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All assumptions, those with the largest swing first; what was run at full length before what was screened.

    Attributes:
        scenario, title, seed, replications: what was run.
        metric, definition, design, against: the figure.
        unit: of the figure and of every effect.
        base: the figure as it is.
        standing: the decision as it is.
        varied: every assumption that was varied.
        left_out: those that were not, and why.
        screening_days: working days of the short campaign; 0 where none was run.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    title: str
    seed: int
    replications: int
    metric: str
    definition: MetricDefinition
    design: str
    against: str | None
    unit: str
    base: Estimate
    standing: Standing
    varied: tuple[Varied, ...]
    left_out: tuple[LeftOut, ...]
    screening_days: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One batch of runs, told before it begins.

    Attributes:
        name: "history", "as it is", "screening" or "at full length".
        runs: how many.
        share: length of one of them, 1 for a full campaign, 0 without a campaign.
        later: full-length runs that follow at most.
    """

    name: str
    runs: int
    share: float
    later: float
