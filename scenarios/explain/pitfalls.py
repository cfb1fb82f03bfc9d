"""What each of the seven failure modes costs: switched on in in-message, off in message-first, same customers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from scenarios.explain.failure_modes import FailureModes, failure_modes, with_modes
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Provenance
from scenarios.run import CompareRequest, prepare, through_gate
from scenarios.totals import NOTHING, Figure, differences, totals
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.spec import Scenario, load_scenario

REPLICATIONS_DEFAULT = 5
REPLICATIONS_MIN = 2
"""One replication has no spread, and without spread there is no interval."""


@dataclass(frozen=True, slots=True)
class Pitfall:
    """One failure mode and what it costs.

    Attributes:
        mode, title, how: its name, its name for people, and what was switched.
        switched_on: in-message with the mode minus in-message, by measure.
        switched_off: message-first without the mode minus message-first, by measure.
        assumptions: the numbers the difference rests on, with their origin.
    """

    mode: str
    title: str
    how: str
    switched_on: dict[str, Figure]
    switched_off: dict[str, Figure]
    assumptions: tuple[Provenance, ...]

    @property
    def completions_lost(self) -> float:
        """Completions in-message loses when this alone is switched on; what modes are ranked by."""
        return -(self.switched_on["completions"].value or 0.0)

    @property
    def masked(self) -> bool:
        """Whether switching it off in message-first changed nothing: another mode keeps everybody away from it."""
        return all(figure in (NOTHING, Figure(0.0, 0.0, 0.0)) for figure in self.switched_off.values())


@dataclass(frozen=True, slots=True)
class Pitfalls:
    """All failure modes of a scenario, the dearest first.

    Attributes:
        scenario, seed, replications, currency: what was run.
        without, with_all: the two designs, and what each adds up to.
        pitfalls: by completions lost in `without`.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    seed: int
    replications: int
    currency: str
    without: tuple[str, dict[str, Figure]]
    with_all: tuple[str, dict[str, Figure]]
    pitfalls: tuple[Pitfall, ...]
    notes: tuple[str, ...] = ()


def find_pitfalls(request: CompareRequest, on_progress: OnProgress, should_stop: ShouldStop) -> Pitfalls:
    """Run the sixteen variants and rank the failure modes.

    Args:
        request: scenario, settings, seed, replications (5 unless said, at least 2) and workers.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong scenario or setting, or too few replications.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    replications = checked_replications(request.replications)
    known = failure_modes()
    asked = replace(request, designs=(known.without, known.with_all), replications=replications)
    world = prepare(asked)
    scenario = world[0]
    variants = _variants(scenario, known)
    passed = through_gate(asked, world, known.without, on_progress, should_stop)
    how = VariantRun(busy_hours(load_scenario(request.scenario).document), replications, request.jobs)
    found = run_variants(variants, how, on_progress, should_stop)
    good, bad = found[known.without], found[known.with_all]
    pitfalls = [
        Pitfall(
            name,
            mode.title,
            mode.how,
            differences(found[_with(known, name)], good),
            differences(found[_without(known, name)], bad),
            _assumptions(known, name, scenario),
        )
        for name, mode in known.modes.items()
    ]
    document = scenario.document
    return Pitfalls(
        scenario.name,
        document.seed,
        replications,
        document.costs.currency,
        (known.without, totals(good)),
        (known.with_all, totals(bad)),
        tuple(sorted(pitfalls, key=lambda pitfall: -pitfall.completions_lost)),
        (*passed.notes, *scenario.notes),
    )


def checked_replications(asked: int | None, default: int = REPLICATIONS_DEFAULT) -> int:
    """Return how often to run each variant.

    Raises:
        BadInput: fewer than an interval needs.
    """
    if asked is not None and asked < REPLICATIONS_MIN:
        raise BadInput(
            [f"--replications {asked}: found {asked}; allowed: at least {REPLICATIONS_MIN}, for an interval"]
        )
    return default if asked is None else asked


def variant_names() -> list[str]:
    """Return what progress calls the variants, in the order in which they are run."""
    known = failure_modes()
    return [
        known.without,
        known.with_all,
        *(_with(known, mode) for mode in known.modes),
        *(_without(known, mode) for mode in known.modes),
    ]


def _with(known: FailureModes, mode: str) -> str:
    return f"{known.without} + {mode}"


def _without(known: FailureModes, mode: str) -> str:
    return f"{known.with_all} - {mode}"


def _variants(scenario: Scenario, known: FailureModes) -> list[Variant]:
    """Both designs, and each with one mode the other way; a user's own numbers hold in all of them."""
    every, given = set(known.modes), _given(scenario, known)

    def variant(name: str, base: str, wanted: set[str]) -> Variant:
        design = with_modes(scenario.designs[base], wanted, known.modes, given)
        return Variant(name, replace(scenario, designs={base: design}), base)

    return [
        variant(known.without, known.without, set()),
        variant(known.with_all, known.with_all, every),
        *(variant(_with(known, mode), known.without, {mode}) for mode in known.modes),
        *(variant(_without(known, mode), known.with_all, every - {mode}) for mode in known.modes),
    ]


def _given(scenario: Scenario, known: FailureModes) -> dict[tuple[str, str], object]:
    """What was set from outside in either design, by (step, parameter); the modes' own switches are not taken."""
    switches = {name for mode in known.modes.values() for kind in mode.switches.values() for name in kind}
    given: dict[tuple[str, str], object] = {}
    for path, value in scenario.overrides.items():
        part, _, rest = path.partition(".")
        design, _, place = rest.partition(".")
        step, _, parameter = place.partition(".")
        if part == "designs" and design in (known.without, known.with_all) and parameter:
            if parameter in switches:
                raise BadInput(
                    [
                        f"--set {path}: is a switch of a failure mode; allowed: numbers, switches are tried here"
                    ]
                )
            given[step, parameter] = value
    return given


def _assumptions(known: FailureModes, mode: str, scenario: Scenario) -> tuple[Provenance, ...]:
    """The mode's own numbers, as a user set them if so, and the scenario's that decide what it costs."""
    set_by_user = {
        path.rpartition(".")[2]: value for path, value in scenario.overrides.items() if "designs." in path
    }
    own = []
    for origin in known.provenance:
        if origin.path.startswith(f"{mode}."):
            name = origin.path.rpartition(".")[2]
            user = name in set_by_user
            own.append(
                replace(
                    origin,
                    path=name,
                    value=set_by_user.get(name, origin.value),
                    source="set by user" if user else origin.source,
                )
            )
    rests_on = known.modes[mode].rests_on
    return (*own, *(origin for origin in scenario.provenance if origin.path in rests_on))
