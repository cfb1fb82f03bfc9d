"""The documents a scenario names: its designs and its policy, found, set, validated and compiled once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import BadInput
from scenarios.files.faults import gather, validated
from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree, found, instead_of, join
from scenarios.files.quantities import Quantity, collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance
from scenarios.world.library import Found, Kind, find
from scenarios.world.settings import Setting, change

if TYPE_CHECKING:
    from sandbox.journey.schema import DesignDocument
    from sandbox.policy.document import PolicyDocument

_DESIGNS_ALLOWED = "a list of design names or paths, or a block of name to design"
_NOT_SET_IN_A_STEP = frozenset({"id", "kind", "on"})
_WORDS_OF_A_POLICY = frozenset({"policy", "version", "title", "trigger", "completion", "rule", "reason"})
_CHOICES_OF_A_POLICY = frozenset({"identity", "maximum", "equals"})
"""Keys of a policy whose words decide something."""

_STEP_NAMED = re.compile(r"step '([^']+)'")


def read_designs(world: Tree, further: Sequence[str] = ()) -> tuple[list[tuple[str, Tree]], list[str]]:
    """Read every design a scenario names, in its order.

    `designs` is a list of shipped names and paths, or a block of name to design: the design itself, a name or
    path (the design then runs under the new name, so one design can be compared with itself), or null for the shipped
    one of that name.

    Args:
        world: the scenario's tree.
        further: shipped names to read too, unless the scenario names them itself.

    Returns:
        Name and quantified tree of each design that could be read, and the problems of the others.
    """
    designs: list[tuple[str, Tree]] = []
    problems: list[str] = []
    entries = design_entries(world.data.get("designs"))
    own = {node if key is None else key for key, node, _ in entries if isinstance(key or node, str)}
    entries += [(None, name, "designs") for name in further if name not in own]
    for key, node, path in entries:
        try:
            tree = _design(world, key, node, path)
        except BadInput as refused:
            problems.extend(refused.problems)
            continue
        tree, faults = quantify(tree)
        problems.extend(faults)
        designs.append((str(tree.data.get("design", key)), tree))
    return designs, problems


def set_in_design(designs: dict[str, Tree], setting: Setting) -> dict[str, Tree]:
    """Return the designs with one step's parameter changed: "designs.NAME.STEP.PARAMETER".

    Raises:
        BadInput: no such design, step or parameter.
    """
    _, _, rest = setting.path.partition(".")
    name, _, inner = rest.partition(".")
    if name not in designs:
        text = f"unknown design {name!r}{instead_of(name, designs)}"
        raise BadInput([f"{setting.label}: {setting.path}: {text}"])
    tree = designs[name]
    step, _, parameter = inner.partition(".")
    ids = step_ids(tree)
    if step in ids and parameter:
        changed = change(tree, setting, f"steps.{ids.index(step)}.{parameter}", may_add=True)
    elif step in tree.data and step not in {"steps", "design"} and not parameter:
        changed = change(tree, setting, step)
    else:
        allowed = f"designs.{name}.STEP.PARAMETER with STEP one of {', '.join(ids)}"
        text = f"no parameter of a step{instead_of(step, ids, allowed)}"
        raise BadInput([f"{setting.label}: {setting.path}: {text}"])
    return {**designs, name: changed}


def design_document(name: str, tree: Tree) -> tuple[DesignDocument, list[Provenance]]:
    """Validate and compile one design; where its numbers come from is told by step id.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    from sandbox.journey.design import compile_design
    from sandbox.journey.schema import DesignDocument

    prefix, ids = f"designs.{name}", step_ids(tree)

    def by_id(path: str) -> str:
        return re.sub(r"^steps\.(\d+)", lambda match: _id_at(ids, int(match[1])), path)

    data, origins = collapse(tree)
    document = validated(DesignDocument, Tree(data, tree.places), prefix, by_id)
    try:
        compile_design(document)
    except BadInput as refused:
        raise BadInput([_placed(tree, ids, text) for text in refused.problems]) from None
    named = [
        Provenance(join(prefix, by_id(it.path)), it.value, it.source, it.range, it.note) for it in origins
    ]
    return document, named


def identity_problems(tree: Tree, document: DesignDocument, policy: PolicyDocument) -> list[str]:
    """Return where a design lets a customer choose on a weaker proof of identity than its policy wants."""
    from sandbox.journey.design import compile_design, weak_identity
    from sandbox.model import AssuranceLevel

    needed = {action: AssuranceLevel[rule.identity.upper()] for action, rule in policy.actions.items()}
    return [_placed(tree, step_ids(tree), text) for text in weak_identity(compile_design(document), needed)]


def design_settings(name: str, document: DesignDocument) -> dict[str, object]:
    """Return every value that can be set in a design, "designs.NAME.STEP.PARAMETER", as it is now."""
    prefix = join("designs", name)
    values: dict[str, object] = {join(prefix, "normal_path"): document.normal_path}
    for step in document.steps:
        inner = join(prefix, step.id)
        for part in fields(step):
            if part.name not in _NOT_SET_IN_A_STEP:
                value = getattr(step, part.name)
                values[join(inner, part.name)] = value.value if isinstance(value, Enum) else value
        values |= {join(inner, f"on.{outcome}"): target for outcome, target in step.on.items()}
    return values


def policy_settings(tree: Tree) -> dict[str, object]:
    """Return every limit, level and fact a policy decides by, "policy.…", as it is now; no words for people."""
    data, _ = collapse(tree)
    values: dict[str, object] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict | list):
            for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
                if key not in _WORDS_OF_A_POLICY:
                    walk(inner, join(path, key))
        elif isinstance(node, bool | int | float) or path.rpartition(".")[2] in _CHOICES_OF_A_POLICY:
            values[path] = node

    walk(data, "policy")
    return values


def read_policy(world: Tree) -> tuple[Tree, list[str]]:
    """Read the policy a scenario names: its quantified tree, and what is wrong with its quantities.

    Raises:
        BadInput: unknown or unreadable.
    """
    tree = _read("policy", world, world.data.get("policy"), "policy")
    return quantify(tree)


def policy_document(tree: Tree) -> tuple[PolicyDocument, list[Provenance]]:
    """Validate one policy.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    from sandbox.policy.document import PolicyDocument

    data, origins = collapse(tree, "policy")
    return validated(PolicyDocument, Tree(data, tree.places), "policy"), origins


def check_design(found: Found) -> tuple[DesignDocument, list[Provenance]]:
    """Read and validate a design's own file.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    tree, problems = quantify(_tree(found))
    read = gather(problems, lambda: design_document(str(tree.data.get("design", found.path.stem)), tree))
    if problems or read is None:
        raise BadInput(problems)
    return read


def check_policy(found: Found) -> tuple[Tree, list[Provenance]]:
    """Read and validate a policy's own file; returns its quantified tree and where its numbers come from.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    tree, problems = quantify(_tree(found))
    read = gather(problems, lambda: policy_document(tree))
    if problems or read is None:
        raise BadInput(problems)
    return tree, read[1]


def step_ids(tree: Tree) -> list[str]:
    """Return the ids of a design's steps in order; an empty text where there is none."""
    steps = tree.data.get("steps")
    if not isinstance(steps, list):
        return []
    return [str(step.get("id", "")) if isinstance(step, dict) else "" for step in steps]


def design_entries(node: Any, path: str = "designs") -> list[tuple[str | None, Any, str]]:
    """Return each design a scenario names as (name it is to have or None, what stands there, its path)."""
    if isinstance(node, dict):
        return [(key, value, join(path, key)) for key, value in node.items()]
    if not isinstance(node, list):
        return [(None, node, path)]
    entries: list[tuple[str | None, Any, str]] = []
    for index, item in enumerate(node):
        inner = join(path, index)
        entries += design_entries(item, inner) if isinstance(item, dict) else [(None, item, inner)]
    return entries


def _design(world: Tree, key: str | None, node: Any, path: str) -> Tree:
    if isinstance(node, dict):
        tree = world.under(path)
    else:
        tree = _read("design", world, key if node is None else node, path)
    return tree if key is None else Tree({**tree.data, "design": key}, tree.places)


def _read(kind: Kind, world: Tree, name: object, path: str) -> Tree:
    if not isinstance(name, str):
        name = name.value if isinstance(name, Quantity) else name  # a number set from outside
        allowed = _DESIGNS_ALLOWED if kind == "design" else "the name or path of a policy"
        raise BadInput([world.problem(path, f"found {found(name)}; allowed: {allowed}")])
    try:
        target = find(kind, name, world.place(path).folder)
    except BadInput as unknown:
        raise BadInput([world.problem(path, text) for text in unknown.problems]) from None
    if not target.path.exists():
        raise BadInput([world.problem(path, f"found {name!r}, but there is no file {target.source}")])
    return _tree(target)


def _tree(target: Found) -> Tree:
    folder: Path = target.path.parent
    return as_tree(read_yaml(target.path, target.source), folder)


def _id_at(ids: list[str], index: int) -> str:
    return ids[index] if index < len(ids) and ids[index] else f"steps.{index}"


def _placed(tree: Tree, ids: list[str], text: str) -> str:
    """Put the place of the step a text names in front of it."""
    named = _STEP_NAMED.search(text)
    step = f"steps.{ids.index(named[1])}" if named and named[1] in ids else ""
    if ": person_route " in text:
        step = "person_route"
    return f"{tree.place(step)}: {text}"
