"""Which handoff, if it were fixed, would buy the most: each switched off in turn, for the same customers.

What fixing a kind of step means stands in catalogue/changes/handoff-fixes.yaml. A fix is a list of settings, so
whatever is shown here can be run by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from sandbox.journey.schema import DesignDocument
from scenarios.explain.pitfalls import checked_replications
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.totals import Figure, differences, totals
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.changes import read_changes
from scenarios.world.spec import Scenario, load_scenario

REPLICATIONS_DEFAULT = 3

AS_IT_IS = "as it is"
"""The variant nothing is fixed in."""


class Fix(BaseModel):
    """What fixing every step of one kind means.

    Attributes:
        what: in words.
        step: parameter to value, for every step of the kind.
        world: setting of the scenario to value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    step: dict[str, Any] = {}
    world: dict[str, Any] = {}


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fixes: dict[str, Fix]


@dataclass(frozen=True, slots=True)
class FixedHandoff:
    """One handoff, and what fixing it would buy.

    Attributes:
        kind: the kind of step.
        steps: the design's steps of that kind.
        what: what is different when it is fixed, in words.
        settings: the same as settings to give by hand.
        gains: with the fix minus without, by measure.
    """

    kind: str
    steps: tuple[str, ...]
    what: str
    settings: tuple[str, ...]
    gains: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Ablation:
    """All handoffs of a design, the one that buys most completions first.

    Attributes:
        scenario, design, seed, replications, currency: what was run.
        now: what the design adds up to as it is.
        fixes: one for each kind of step that can be fixed.
        notes: what has to be said of the result; first a history that is not reproduced.
    """

    scenario: str
    design: str
    seed: int
    replications: int
    currency: str
    now: dict[str, Figure]
    fixes: tuple[FixedHandoff, ...]
    notes: tuple[str, ...] = ()


def known_fixes() -> dict[str, Fix]:
    """Return what fixing each kind of step means.

    Raises:
        BadInput: the file is not what its schema says.
    """
    return read_changes("handoff-fixes", _Document)[0].fixes


def fix_handoffs(
    request: CompareRequest, name: str | None, on_progress: OnProgress, should_stop: ShouldStop
) -> Ablation:
    """Run a design as it is, and once more for each of its handoffs with that handoff fixed.

    Args:
        request: scenario, settings, seed, replications (3 unless said, at least 2) and workers.
        name: the design; the scenario's baseline if None.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong scenario, setting or design, or too few replications.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    replications = checked_replications(request.replications, REPLICATIONS_DEFAULT)
    asked = replace(request, designs=None if name is None else (name,), replications=replications)
    world = prepare(asked)
    scenario = world[0]
    (chosen,) = chosen_designs(scenario, (name or scenario.document.baseline,))
    wanted = _settings(scenario.designs[chosen], known_fixes())
    worlds: dict[str, Scenario] = {AS_IT_IS: scenario}
    for kind, settings in wanted.items():
        worlds[kind] = prepare(replace(asked, settings=(*request.settings, *settings)))[0]
    passed = through_gate(asked, world, chosen, on_progress, should_stop)
    how = VariantRun(busy_hours(load_scenario(request.scenario).document), replications, request.jobs)
    variants = [Variant(variant, world, chosen) for variant, world in worlds.items()]
    found = run_variants(variants, how, on_progress, should_stop)
    fixes = [
        FixedHandoff(
            kind,
            tuple(step.id for step in scenario.designs[chosen].steps if step.kind == kind),
            known_fixes()[kind].what,
            settings,
            differences(found[kind], found[AS_IT_IS]),
        )
        for kind, settings in wanted.items()
    ]
    return Ablation(
        scenario.name,
        chosen,
        scenario.document.seed,
        replications,
        scenario.document.costs.currency,
        totals(found[AS_IT_IS]),
        tuple(sorted(fixes, key=lambda fix: -(fix.gains["completions"].value or 0.0))),
        (*passed.notes, *scenario.notes),
    )


def variants_of(design: DesignDocument) -> int:
    """Return how many variants of a design are run."""
    return 1 + len(_settings(design, known_fixes()))


def _settings(design: DesignDocument, fixes: Mapping[str, Fix]) -> dict[str, tuple[str, ...]]:
    """The settings that fix each kind of step the design has, in the order of the fixes."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, fix in fixes.items():
        steps = [step.id for step in design.steps if step.kind == kind]
        if steps:
            inner = [
                f"designs.{design.design}.{step}.{parameter}={_text(value)}"
                for step in steps
                for parameter, value in fix.step.items()
            ]
            world = [f"{path}={_text(value)}" for path, value in fix.world.items()]
            found[kind] = (*inner, *world)
    return found


def _text(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
