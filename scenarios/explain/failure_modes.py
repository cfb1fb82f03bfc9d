"""The seven failure modes as switches: a design with any of them on, made from data.

Each mode is defined once, in catalogue/changes/failure-modes.yaml. `with_modes` puts a design into the state in which
exactly the wanted modes are on, whatever it had before; so the same definition switches a mode on in one design and
off in another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.errors import BadInput
from sandbox.journey.design import compile_design
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from scenarios.result import Provenance
from scenarios.world.changes import read_changes

_Steps = list[dict[str, Any]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stretch(_Part):
    """Steps of the normal path that stand there with the mode and without it; `before` follows an empty one."""

    before: str
    with_mode: list[dict[str, Any]] = Field(alias="with")
    without: list[dict[str, Any]]

    def steps(self, wanted: bool) -> _Steps:
        """The steps of the wanted state."""
        return self.with_mode if wanted else self.without


class Switch(_Part):
    """A parameter's value with the mode and without it."""

    with_mode: Any = Field(alias="with")
    without: Any


class FailureMode(_Part):
    """One failure mode.

    Attributes:
        title: as the brief names it.
        how: what is switched, in words.
        stretch: steps of the normal path that change, if any.
        beside: steps off the normal path that only exist with the mode.
        switches: parameters by kind of step, with the mode and without it.
        numbers: parameters by kind of step that only matter with the mode.
        rests_on: settings of the scenario that decide how much the mode costs.
    """

    title: str
    how: str
    stretch: Stretch | None = None
    beside: list[dict[str, Any]] = []
    switches: dict[str, dict[str, Switch]] = {}
    numbers: dict[str, dict[str, Any]] = {}
    rests_on: list[str] = []


class _Document(_Part):
    without: str
    with_all: str = Field(alias="with")
    modes: dict[str, FailureMode]


@dataclass(frozen=True, slots=True)
class FailureModes:
    """All failure modes.

    Attributes:
        without, with_all: the shipped designs that have none of them and all of them.
        modes: by name, in the order of the brief.
        provenance: where the modes' own numbers come from; paths begin with the mode's name.
    """

    without: str
    with_all: str
    modes: dict[str, FailureMode]
    provenance: list[Provenance]


def failure_modes() -> FailureModes:
    """Read the shipped failure modes.

    Raises:
        BadInput: the file is not what its schema says.
    """
    document, origins = read_changes("failure-modes", _Document)
    named = [
        Provenance(origin.path.removeprefix("modes."), origin.value, origin.source, origin.range, origin.note)
        for origin in origins
    ]
    return FailureModes(document.without, document.with_all, document.modes, named)


def with_modes(
    design: DesignDocument,
    wanted: Collection[str],
    known: Mapping[str, FailureMode],
    given: Mapping[tuple[str, str], object] | None = None,
) -> DesignDocument:
    """Return a design in which exactly the wanted modes are on.

    Args:
        design: a design that has, of every mode, the steps it stands on with the mode or without it.
        wanted: names of the modes to be on; all others are off.
        known: every mode by name.
        given: numbers a user has set, by (step id, parameter); they win over those of the modes.

    Raises:
        BadInput: an unknown mode, or a design a mode does not fit.
    """
    if unknown := [name for name in wanted if name not in known]:
        raise BadInput([f"unknown failure mode {name!r}; allowed: {', '.join(known)}" for name in unknown])
    steps: _Steps = [asdict(step) for step in design.steps]
    for name, mode in known.items():
        steps = _laid(steps, mode, name in wanted, design.design)
    for name, mode in known.items():
        steps = [_switched(step, mode, name in wanted) for step in steps]
    steps = [_set(step, given or {}) for step in steps]
    changed = DesignDocument.model_validate({**design.model_dump(exclude={"steps"}), "steps": steps})
    compile_design(changed)
    return changed


def _laid(steps: _Steps, mode: FailureMode, wanted: bool, design: str) -> _Steps:
    """Lay a mode's stretch and the steps beside it, unless they stand there already."""
    if mode.stretch is not None:
        new, old = mode.stretch.steps(wanted), mode.stretch.steps(not wanted)
        present = {step["id"] for step in steps}
        # An empty stretch is there when the other one is not.
        stands = bool(new) and new[0]["id"] in present
        gone = bool(old) and old[0]["id"] in present
        if gone:
            steps = _replaced(steps, old, new, design)
        elif not stands and new:
            steps = _inserted(steps, new, mode.stretch.before, design)
    beside = {step["id"] for step in mode.beside}
    others = [step for step in steps if step["id"] not in beside]
    kept = {step["id"]: step for step in steps if step["id"] in beside}
    return others + ([kept.get(step["id"], dict(step)) for step in mode.beside] if wanted else [])


def _replaced(steps: _Steps, old: _Steps, new: _Steps, design: str) -> _Steps:
    """Put a stretch in the place of another; whoever came to the first step of the old comes to that of the new."""
    place = next(at for at, step in enumerate(steps) if step["id"] == old[0]["id"])
    found = steps[place : place + len(old)]
    if [step["id"] for step in found] != [step["id"] for step in old]:
        names = ", ".join(step["id"] for step in old)
        raise BadInput([f"design {design}: its steps {names} do not stand one after the other"])
    after = found[-1]["next"]
    first = new[0]["id"] if new else after
    rest = [*steps[:place], *steps[place + len(old) :]]
    led = [_rerouted(step, found[0]["id"], first) for step in rest]
    return [*led[:place], *_chained(new, after), *led[place:]]


def _inserted(steps: _Steps, new: _Steps, before: str, design: str) -> _Steps:
    """Put a stretch before a step of the normal path; only who comes there by `next` passes through it."""
    place = next((at for at, step in enumerate(steps) if step["id"] == before), None)
    if place is None:
        raise BadInput([f"design {design}: it has no step {before} before which {new[0]['id']} could stand"])
    led = [{**step, "next": new[0]["id"]} if step["next"] == before else step for step in steps]
    return [*led[:place], *_chained(new, before), *led[place:]]


def _chained(stretch: _Steps, after: str) -> _Steps:
    following = [*(step["id"] for step in stretch), after][1:]
    return [{**step, "next": target} for step, target in zip(stretch, following, strict=True)]


def _rerouted(step: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    on = {outcome: new if target == old else target for outcome, target in step["on"].items()}
    return {**step, "next": new if step["next"] == old else step["next"], "on": on}


def _switched(step: dict[str, Any], mode: FailureMode, wanted: bool) -> dict[str, Any]:
    kind = step["kind"]
    changed = dict(step)
    for name, switch in mode.switches.get(kind, {}).items():
        changed[name] = switch.with_mode if wanted else switch.without
    for name, value in mode.numbers.get(kind, {}).items():
        changed[name] = value if wanted else _default(kind, name)
    return changed


def _default(kind: str, name: str) -> object:
    """What a parameter is when a design says nothing."""
    (found,) = (field for field in fields(STEP_KINDS[kind]) if field.name == name)
    return None if found.default is MISSING else found.default


def _set(step: dict[str, Any], given: Mapping[tuple[str, str], object]) -> dict[str, Any]:
    return {**step, **{name: value for (of, name), value in given.items() if of == step["id"]}}
