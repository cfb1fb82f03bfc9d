"""Loads a scenario: one file with what it extends, its designs and policy, settings applied, everything validated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.errors import BadInput
from scenarios.document import ScenarioDocument
from scenarios.expectations import ExpectationSpec, expectations
from scenarios.faults import gather, validated
from scenarios.layers import read_layers
from scenarios.library import find, metrics_document
from scenarios.parts import design_document, policy_document, read_designs, read_policy, set_in_design
from scenarios.places import Tree
from scenarios.quantities import collapse, quantify
from scenarios.result import Provenance
from scenarios.settings import Setting, change, exists, parse_settings, setting_paths, unknown_setting
from scenarios.values import flat

if TYPE_CHECKING:
    from sandbox.journey.schema import DesignDocument
    from sandbox.policy.schema import PolicyDocument

_PROSE = frozenset({"scenario", "title", "story", "designs", "expect"})
"""Top-level keys that are no settings: words, and what is listed apart."""


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
        overrides: path to value of what was set from outside.
        provenance: where every number comes from, designs and policy included.
        expectations: what the author expects.
        source: the file as messages name it.
    """

    name: str
    title: str
    story: str
    document: ScenarioDocument
    policy: PolicyDocument
    designs: dict[str, DesignDocument]
    settings: dict[str, object]
    overrides: dict[str, object]
    provenance: list[Provenance]
    expectations: list[ExpectationSpec]
    source: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What reading a scenario found.

    Attributes:
        ok: it can be run.
        problems: every fault found, empty when ok.
        sources: how many numbers come from each source, empty unless ok.
        settings: flat path to value, empty unless ok.
        provenance: where every number comes from, empty unless ok.
    """

    ok: bool
    problems: list[str]
    sources: dict[str, int] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    provenance: list[Provenance] = field(default_factory=list)


@dataclass(slots=True)
class _Parts:
    """The scenario while it is put together: quantified trees, with settings applied as they come."""

    world: Tree
    designs: list[tuple[str, Tree]] = field(default_factory=list)
    policy: Tree | None = None


def check(name_or_path: str, settings: Sequence[str] = ()) -> CheckReport:
    """Read and validate a scenario without running it; whatever is wrong is in the report, not raised."""
    try:
        scenario = load_scenario(name_or_path, settings)
    except BadInput as refused:
        return CheckReport(ok=False, problems=refused.problems)
    sources = Counter(origin.source for origin in scenario.provenance)
    return CheckReport(True, [], dict(sources.most_common()), scenario.settings, scenario.provenance)


def load_scenario(
    name_or_path: str,
    settings: Sequence[str] = (),
    *,
    settings_data: Mapping[str, object] | None = None,
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Load a scenario by shipped name or path.

    Args:
        name_or_path: such as "retail-bank-200k" or "./my.yaml".
        settings: "path=value" texts, as given to `--set`.
        settings_data: path to plain value, applied after `settings`.
        known_metrics: metric names expectations may use; those of the scorecard unless given.

    Raises:
        BadInput: every fault found, with file and line, what was found and what is allowed.
    """
    wanted = parse_settings(settings, settings_data)
    target = find("scenario", name_or_path)
    problems: list[str] = []
    parts = _assembled(read_layers(target), wanted, name_or_path, problems)
    names = [name for name, _ in parts.designs]
    data, origins = collapse(parts.world)
    data["designs"] = names or data.get("designs")
    plain = Tree(data, parts.world.places)
    document = gather(problems, lambda: validated(ScenarioDocument, plain))
    designs = {}
    for name, tree in parts.designs:
        if read := gather(problems, lambda name=name, tree=tree: design_document(name, tree)):
            designs[name], more = read
            origins += more
    policy = _policy(parts, origins, problems)
    if document is None or policy is None:
        raise BadInput(problems)
    values = {path: value for path, value in flat(document.model_dump()).items() if path not in _PROSE}
    metrics = metrics_document().metrics if known_metrics is None and document.expect else known_metrics
    wished = gather(problems, lambda: expectations(document.expect, names, values, metrics or (), plain))
    if problems or wished is None:
        raise BadInput(problems)
    return Scenario(
        name=document.scenario,
        title=document.title,
        story=" ".join(document.story.split()),
        document=document,
        policy=policy,
        designs=designs,
        settings=values,
        overrides={setting.path: setting.value for setting in wanted},
        provenance=origins,
        expectations=wished,
        source=target.source,
    )
