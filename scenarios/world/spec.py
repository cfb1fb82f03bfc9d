"""Loads a scenario: one file with what it extends, its designs and policy, settings applied, everything validated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from sandbox.errors import BadInput
from scenarios.files.faults import gather, validated
from scenarios.files.places import Tree
from scenarios.files.quantities import Quantity, collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.files.values import flat
from scenarios.result import Provenance
from scenarios.world.cadence import unfit_sequence
from scenarios.world.core_profiles import PROFILE, check_profile, over_profile, under_profile
from scenarios.world.document import ScenarioDocument
from scenarios.world.expectations import ExpectationSpec, expectations
from scenarios.world.layers import read_layers
from scenarios.world.library import IN_WORDS, Checked, Found, find, kind_of, metrics_document, shipped
from scenarios.world.packs import check_pack, set_pack
from scenarios.world.parts import (
    check_design,
    check_policy,
    design_document,
    design_settings,
    identity_problems,
    policy_document,
    policy_settings,
    read_designs,
    read_policy,
    set_in_design,
)
from scenarios.world.population import told_by_file, with_population
from scenarios.world.settings import (
    Setting,
    add,
    change,
    exists,
    may_be_left_out,
    overridden,
    parse_settings,
    setting_paths,
    unknown_setting,
)
from scenarios.world.workflow_fit import fitted

if TYPE_CHECKING:
    from sandbox.journey.schema import DesignDocument
    from sandbox.policy.document import PolicyDocument
    from sandbox.simulation.given import GivenPeople

_PROSE = frozenset({"scenario", "title", "story", "designs", "expect"})
"""Top-level keys that are no settings: words, and what is listed apart."""

_PACK = "outreach.pack"
"""The one setting that brings values of its own; settings of single rules come on top of it."""

_AGENTS = "call_centre.agents"

_PARTS = ("designs.", "policy.")
"""Settings that change a document the scenario names, not the scenario itself."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a run needs, validated; it can be pickled and sent to a worker.

    Attributes:
        name: its name.
        title: one line for tables.
        story: what is told, for readers.
        document: all blocks.
        policy: the policy document.
        designs: design documents by name, in the order of the file.
        settings: flat path to plain value of all blocks; prose, designs and expectations are not in it.
        inner: path to plain value of what can be set inside the designs and the policy.
        overrides: path to value of what was set from outside.
        provenance: where every number comes from, designs and policy included.
        expectations: what the author expects.
        source: the file as messages name it.
        population: customers of a case file; None for synthetic ones.
        notes: what every result has to say of this scenario.
    """

    name: str
    title: str
    story: str
    document: ScenarioDocument
    policy: PolicyDocument
    designs: dict[str, DesignDocument]
    settings: dict[str, object]
    inner: dict[str, object]
    overrides: dict[str, object]
    provenance: list[Provenance]
    expectations: list[ExpectationSpec]
    source: str
    population: GivenPeople | None = None
    notes: tuple[str, ...] = ()

    @property
    def told_settings(self) -> dict[str, object]:
        """What a result says it was run with: all settings, and what was set inside designs and policy."""
        return self.settings | {
            path: value for path, value in self.overrides.items() if path.startswith(_PARTS)
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What reading a scenario found.

    Attributes:
        ok: it can be run.
        problems: every fault found, empty when ok.
        sources: how many numbers come from each source, empty unless ok.
        settings: flat path to value, designs and policy included, empty unless ok.
        provenance: where every number comes from, empty unless ok.
        kind: what the file is.
        notes: what is no fault and should be known, one sentence each.
    """

    ok: bool
    problems: list[str]
    sources: dict[str, int] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    provenance: list[Provenance] = field(default_factory=list)
    kind: Checked = "scenario"
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Parts:
    """A scenario before validation: quantified trees with all settings applied, and what was wrong so far."""

    world: Tree
    designs: list[tuple[str, Tree]]
    policy: Tree | None
    problems: list[str]


def check(name_or_path: str, settings: Sequence[str] = ()) -> CheckReport:
    """Read and validate a file without running it; whatever is wrong is in the report, not raised.

    A path may also lead to the file of a design, a policy, a core profile or an outreach pack, to which no settings
    can be applied.
    """
    try:
        report = _examined(name_or_path, settings)
    except BadInput as refused:
        return CheckReport(ok=False, problems=refused.problems)
    return replace(report, sources=dict(Counter(origin.source for origin in report.provenance).most_common()))


def _examined(name_or_path: str, settings: Sequence[str]) -> CheckReport:
    found = find("scenario", name_or_path)
    kind = kind_of(read_yaml(found.path, found.source).data)
    if kind == "scenario":
        scenario = load_scenario(name_or_path, settings)
        from scenarios.world.person_route import without_person_route

        notes = [*scenario.notes, *without_person_route(scenario.designs)]
        return _sound(kind, scenario.settings | scenario.inner, scenario.provenance, notes)
    if settings:
        text = f"{found.source} is {IN_WORDS[kind]}; allowed: settings of a scenario that names it"
        raise BadInput([f"--set {setting}: {text}" for setting in settings])
    if kind == "pack":
        return _sound(kind, *check_pack(found))
    if kind == "core":
        return _sound(kind, *check_profile(found), _unnamed(found))
    if kind == "policy":
        tree, origins = check_policy(found)
        return _sound(kind, policy_settings(tree), origins)
    document, origins = check_design(found)
    return _sound(kind, design_settings(document.design, document), origins)


def _unnamed(profile: Found) -> list[str]:
    """Say so where a core profile stands apart from those a scenario can name."""
    names = shipped("core")
    name = profile.path.stem
    if name in names and find("core", name).path.samefile(profile.path):
        return []
    return [
        f"a scenario names a core profile that stands in catalogue/cores ({', '.join(names)}); not this one"
    ]


def _sound(
    kind: Checked, values: dict[str, object], origins: list[Provenance], notes: Sequence[str] = ()
) -> CheckReport:
    return CheckReport(True, [], settings=values, provenance=origins, kind=kind, notes=list(notes))


def load_scenario(
    name_or_path: str,
    settings: Sequence[str] = (),
    *,
    settings_data: Mapping[str, object] | None = None,
    known_metrics: Collection[str] | None = None,
    further_designs: Sequence[str] = (),
) -> Scenario:
    """Load a scenario by shipped name or path.

    Args:
        name_or_path: such as "retail-bank-200k" or "./my.yaml".
        settings: "path=value" texts, as given to `--set`.
        settings_data: path to plain value, applied after `settings`.
        further_designs: shipped designs to have beside the scenario's own; those it has already are not doubled.
        known_metrics: metric names expectations may use; those of the scorecard unless given.

    Raises:
        BadInput: every fault found, with file and line, what was found and what is allowed.
    """
    wanted = parse_settings(settings, settings_data)
    target = find("scenario", name_or_path)
    parts = _assembled(read_layers(target, over_profile), wanted, name_or_path, further_designs)
    problems = parts.problems
    names = [name for name, _ in parts.designs]
    listed = parts.world.data.get("designs")
    listed = listed.value if isinstance(listed, Quantity) else listed  # a number set from outside
    bare = {
        key: value for key, value in parts.world.data.items() if key != "designs"
    }  # told with the designs
    data, origins = collapse(Tree(bare, parts.world.places))
    plain = Tree({**data, "designs": names or listed}, parts.world.places)
    document = gather(problems, lambda: validated(ScenarioDocument, plain))
    designs = _designs(parts, origins)
    policy = _policy(parts, origins)
    if policy is not None:
        for name, tree in parts.designs:
            if name in designs:
                problems += identity_problems(tree, designs[name], policy)
    problems += _unfit_sequences(parts, document, designs)
    if document is None or policy is None:
        raise BadInput(problems)
    document, unfit = fitted(document, policy, plain)
    problems += [*unfit, *_idle_factors(wanted, document)]
    set_outside = {setting.path for setting in wanted}
    document, people, notes = with_population(document, policy, plain, set_outside, problems)
    origins = told_by_file(people, origins)
    values = {
        path: value for path, value in flat(document.model_dump()).items() if _is_told(path, document, wanted)
    }
    inner = _inner(parts, designs)
    expected = gather(problems, lambda: _expected(document, values, plain, known_metrics))
    if problems or expected is None:
        raise BadInput(problems)
    return Scenario(
        name=document.scenario,
        title=document.title,
        story=" ".join(document.story.split()),
        document=document,
        policy=policy,
        designs=designs,
        settings=values,
        inner=inner,
        overrides=overridden(wanted, values | inner),
        provenance=origins,
        expectations=expected,
        source=target.source,
        population=people,
        notes=tuple(notes),
    )


def _is_told(path: str, document: ScenarioDocument, wanted: Sequence[Setting]) -> bool:
    """Whether a path is among the settings: prose is not, nor are tolerances of a history nobody gave."""
    if path == "population":  # nothing is told of what is not there
        return False
    if path.startswith("history."):
        return document.history.is_given or any(setting.path == path for setting in wanted)
    return path not in _PROSE


def _assembled(
    layers: Tree, wanted: Sequence[Setting], scenario: str, further_designs: Sequence[str]
) -> _Parts:
    """Put the trees together: settings of the world first, for they may name other designs or another policy."""
    world, problems = _named_elsewhere(layers, wanted)
    inner = [setting for setting in wanted if setting.path.startswith(_PARTS)]
    for setting in wanted:
        if setting not in inner:
            world = gather(problems, partial(_changed, world, setting, setting.path, scenario)) or world
    listed, faults = read_designs(world, further_designs)
    problems += faults
    policy = None
    if read := gather(problems, lambda: read_policy(world)):
        policy, faults = read
        problems += faults
    designs = dict(listed)
    for setting in inner:
        if setting.path.startswith("designs."):
            designs = gather(problems, partial(set_in_design, designs, setting)) or designs
        elif policy is not None:
            path = setting.path.partition(".")[2]
            policy = gather(problems, partial(_changed, policy, setting, path, scenario)) or policy
    return _Parts(world, [(name, designs[name]) for name, _ in listed], policy, problems)


def _named_elsewhere(layers: Tree, wanted: Sequence[Setting]) -> tuple[Tree, list[str]]:
    """Lay the pack and the core profile set from outside; what else is set counts beside them."""
    problems: list[str] = []
    for setting in wanted:
        if setting.path == _PACK:
            layers = gather(problems, partial(set_pack, layers, setting.value, setting.label)) or layers
    world, faults = quantify(layers)
    problems += faults
    for setting in wanted:
        if setting.path == PROFILE and (
            laid := gather(problems, partial(under_profile, world, setting.value, setting.label))
        ):
            world, faults = laid
            problems += faults
    return world, problems


def _changed(tree: Tree, setting: Setting, inner: str, scenario: str) -> Tree:
    if not exists(tree, inner):
        if inner == setting.path and may_be_left_out(ScenarioDocument, inner):
            if setting.factor:
                text = "the file leaves it at its default; allowed: the value itself"
                raise BadInput([f"{setting.label}: {setting.path}: {text}, {setting.path}=VALUE"])
            return add(tree, setting, inner)
        block = setting.path.removesuffix(inner)
        known = [f"{block}{path}" for path in setting_paths(tree)]
        raise BadInput([unknown_setting(setting, known, scenario)])
    return change(tree, setting, inner)


def _idle_factors(wanted: Sequence[Setting], document: ScenarioDocument) -> list[str]:
    """Factors that would change nothing: shifts stand for agents where there are any."""
    if document.call_centre.shifts is None:
        return []
    text = (
        "the agents come from call_centre.shifts; allowed: beside call_centre.shifts=null, or another setting"
    )
    return [
        f"{one.label}: {one.path}: {text}" for one in wanted if one.factor and one.path.startswith(_AGENTS)
    ]


def _designs(parts: _Parts, origins: list[Provenance]) -> dict[str, DesignDocument]:
    designs: dict[str, DesignDocument] = {}
    for name, tree in parts.designs:
        if read := gather(parts.problems, partial(design_document, name, tree)):
            designs[name] = read[0]
            origins += read[1]
    return designs


def _unfit_sequences(
    parts: _Parts, document: ScenarioDocument | None, designs: Mapping[str, DesignDocument]
) -> list[str]:
    """What is wrong with the sequences of designs, given how long the scenario is observed."""
    if document is None:
        return []
    return [
        fault
        for name, tree in parts.designs
        if name in designs
        for fault in unfit_sequence(document.days_left, name, designs[name], tree)
    ]


def _policy(parts: _Parts, origins: list[Provenance]) -> PolicyDocument | None:
    if parts.policy is None:
        return None
    tree = parts.policy
    read = gather(parts.problems, lambda: policy_document(tree))
    if read is None:
        return None
    origins += read[1]
    return read[0]


def _inner(parts: _Parts, designs: Mapping[str, DesignDocument]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, design in designs.items():
        values |= design_settings(name, design)
    return values if parts.policy is None else values | policy_settings(parts.policy)


def _expected(
    document: ScenarioDocument, values: Mapping[str, object], tree: Tree, metrics: Collection[str] | None
) -> list[ExpectationSpec]:
    if not document.expect:
        return []
    known = metrics_document().metrics if metrics is None else metrics
    return expectations(document.expect, document.designs, values, known, tree)
