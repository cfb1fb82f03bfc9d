"""Which sequence of messages fits a design: the candidates run on the same customers, best completion first.

Where completions cannot be told apart the sequence that needs the fewest touches for a completion comes first: the
best sequence is the best completion in the fewest touches, not the most opened one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.experiment.intervals import Estimate, paired_ratio_difference
from sandbox.journey.steps.message import Message, PlannedTouch
from sandbox.scorecard.outcome import SCALES, RunOutcome
from scenarios.blocks import Touch
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Metric
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.summarise import pooled, ratio_metric
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.cadence import too_long
from scenarios.world.spec import Scenario, load_scenario

COMPLETION = "completion_rate"
TOUCHES = "touches_per_completion"
COST = "cost_per_resolution"
PREFERRED_DESIGN = "in-message"

RULE = (
    "Ranked by completion (recorded out of triggered). Sequences whose completion differs from the highest of those "
    "left by a paired 95 % interval over days that contains nought are level: among them the fewest touches per "
    "completion come first."
)


@dataclass(frozen=True, slots=True)
class SequenceFit:
    """How one sequence came out.

    Attributes:
        name: as the scenario calls it.
        touches: (channel, working days since the touch before) of each planned touch.
        level: sequences with the same number cannot be told apart by completion; 1 is the best.
        completion: recorded out of triggered.
        touches_per_completion: messages sent per recorded case.
        cost_per_resolution: all costs of the campaign per recorded case.
        messages: touches sent by channel, mean of a replication.
        against_best: completion minus that of the first-ranked sequence, paired over days.
    """

    name: str
    touches: tuple[tuple[str, int], ...]
    level: int
    completion: Metric
    touches_per_completion: Metric
    cost_per_resolution: Metric
    messages: dict[str, float]
    against_best: Estimate


@dataclass(frozen=True, slots=True)
class SequenceRanking:
    """The sequences of a scenario, best first.

    Attributes:
        scenario, design, seed, replications: what was run.
        step: id of the design's message.
        rule: how the ranking is made.
        ranked: best first.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    design: str
    seed: int
    replications: int
    step: str
    rule: str
    ranked: tuple[SequenceFit, ...]
    notes: tuple[str, ...] = ()


def fit_sequences(
    request: CompareRequest, on_progress: OnProgress, should_stop: ShouldStop
) -> SequenceRanking:
    """Run every candidate sequence of a scenario on one design and rank them.

    Args:
        request: scenario, settings, seed, replications; the last of its designs is the one tried, by default
            in-message, else the scenario's last.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong scenario, setting or design; no sequences to try.
        NotReproduced: the baseline does not come back to the history given.
        Cancelled: stopped on request.
    """
    scenario, calls = prepare(request)
    variants = sequence_variants(scenario, design_to_fit(scenario, request.designs))
    document = scenario.document
    passed = through_gate(request, (scenario, calls), variants[0].design, on_progress, should_stop)
    how = VariantRun(
        busy_hours(load_scenario(request.scenario).document), document.replications, request.jobs
    )
    outcomes = run_variants(variants, how, on_progress, should_stop)
    design = variants[0].design
    return SequenceRanking(
        scenario.name,
        design,
        document.seed,
        document.replications,
        scenario.designs[design].steps[0].id,
        RULE,
        _ranked(scenario, outcomes),
        (*passed.notes, *scenario.notes),
    )


def design_to_fit(scenario: Scenario, names: tuple[str, ...] | None) -> str:
    """Return the design whose sequence is looked for.

    Raises:
        BadInput: a design the scenario does not have.
    """
    if names:
        chosen_designs(scenario, names)
        return names[-1]
    return PREFERRED_DESIGN if PREFERRED_DESIGN in scenario.designs else list(scenario.designs)[-1]


def sequence_variants(scenario: Scenario, design: str) -> list[Variant]:
    """Return one variant for each candidate sequence, with it in the design's message.

    Raises:
        BadInput: the scenario names no sequences, or one that outlasts the observation.
    """
    candidates = scenario.document.sequences
    if not candidates:
        allowed = "a block `sequences:` of name to a list of {channel, wait_days}"
        raise BadInput([f"{scenario.source}: sequences: found nothing; allowed: {allowed}"])
    planned = {name: _planned(touches) for name, touches in candidates.items()}
    problems = [
        f"{scenario.source}: sequences.{name}: {fault}"
        for name, touches in planned.items()
        if (fault := too_long([touch.wait_days for touch in touches], scenario.document.days_left))
    ]
    if problems:
        raise BadInput(problems)
    return [
        Variant(name, with_sequence(scenario, design, touches), design) for name, touches in planned.items()
    ]


def with_sequence(scenario: Scenario, design: str, touches: tuple[PlannedTouch, ...]) -> Scenario:
    """Return the scenario with another sequence in one design's message; nothing else is changed."""
    document = scenario.designs[design]
    message, *rest = document.steps
    assert isinstance(message, Message)  # noqa: S101 - a design that was loaded begins with its message
    changed = document.model_copy(update={"steps": [replace(message, sequence=touches), *rest]})
    return replace(scenario, designs={**scenario.designs, design: changed})


def _planned(touches: Sequence[Touch]) -> tuple[PlannedTouch, ...]:
    return tuple(PlannedTouch(touch.channel, touch.wait_days) for touch in touches)


def _ranked(scenario: Scenario, outcomes: dict[str, list[RunOutcome]]) -> tuple[SequenceFit, ...]:
    currency = scenario.document.costs.currency

    def metric(name: str, series: str, unit: str, base: str) -> Metric:
        scale = SCALES.get(series, 1.0)
        return ratio_metric(*pooled(outcomes[name], series), unit=unit, base=base, scale=scale)

    def found(name: str, level: int, best: str) -> SequenceFit:
        replications = outcomes[name]
        channels = dict.fromkeys(channel for one in replications for channel in one.messages)
        return SequenceFit(
            name,
            tuple((touch.channel, touch.wait_days) for touch in scenario.document.sequences[name]),
            level,
            metric(name, COMPLETION, "rate", "triggered cases"),
            metric(name, TOUCHES, "messages", "recorded cases"),
            metric(name, COST, currency, "recorded cases"),
            {
                channel: sum(one.messages.get(channel, 0) for one in replications) / len(replications)
                for channel in channels
            },
            difference(outcomes, name, best),
        )

    levels = levels_of(outcomes)
    best = levels[0][0]
    return tuple(found(name, level, best) for level, names in enumerate(levels, 1) for name in names)


def levels_of(outcomes: dict[str, list[RunOutcome]]) -> list[list[str]]:
    """Return the names in groups that completion cannot tell apart: best group first, in it the fewest touches."""
    left = sorted(outcomes, key=lambda name: -_value(outcomes[name], COMPLETION))
    levels = []
    while left:
        highest = left[0]
        level = [name for name in left if name == highest or _level(difference(outcomes, name, highest))]
        left = [name for name in left if name not in level]
        levels.append(sorted(level, key=lambda name: _value(outcomes[name], TOUCHES)))
    return levels


def difference(outcomes: dict[str, list[RunOutcome]], name: str, other: str) -> Estimate:
    """Completion of one sequence minus that of another, paired over the days of all replications."""
    mine, theirs = pooled(outcomes[name], COMPLETION), pooled(outcomes[other], COMPLETION)
    return paired_ratio_difference(*mine, *theirs, shares=True)


def _level(estimate: Estimate) -> bool:
    """Whether a difference contains nought; a single day cannot tell anything apart."""
    return estimate.low is None or estimate.high is None or estimate.low <= 0.0 <= estimate.high


def _value(outcomes: list[RunOutcome], name: str) -> float:
    """A ratio, or the worst there is where its base is empty."""
    above, below = pooled(outcomes, name)
    if sum(below):
        return sum(above) / sum(below)
    return float("inf") if name == TOUCHES else 0.0
