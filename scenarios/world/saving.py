"""A scenario saved under a new name with values changed: comments, sources and ranges of the original are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from sandbox.errors import BadInput
from scenarios.files.places import did_you_mean
from scenarios.files.quantities import is_number, is_quantity
from scenarios.world.authoring import Copy, copied, round_trip
from scenarios.world.settings import Setting, parse_settings
from scenarios.world.spec import load_scenario


def saved(source: str, target: Path, settings: Sequence[str], designs: Sequence[str] = ()) -> Copy:
    """Return the text of a copy with settings written into it; see `scenarios.world.authoring.copied`.

    A changed number becomes an assumption that says what it was; a range that leaves it out goes, as the note says.

    Args:
        source: a shipped name or the path of a scenario.
        target: where the copy is going to be; its name is the scenario's.
        settings: "path=value" texts; only a scenario takes any.
        designs: designs a scenario's copy is to hold; all of the scenario's if empty.

    Raises:
        BadInput: no such source, a file name that is no name, or a setting that cannot be written into a scenario.
    """
    copy = copied(source, target, designs)
    if not settings:
        return copy
    if copy.kind != "scenario":
        raise BadInput([f"--set: {source} is a {copy.kind}; allowed: only with a scenario"])
    loaded = load_scenario(source, settings)  # what may not be set is refused before anything is written
    yaml = round_trip()
    data = yaml.load(copy.text)
    head = data.ca.comment
    problems: list[str] = []
    for setting in parse_settings(settings):
        try:
            _write(
                data, setting._replace(value=loaded.overrides[setting.path]) if setting.factor else setting
            )
        except BadInput as refused:
            problems += refused.problems
    if problems:
        raise BadInput(problems)
    data.ca.comment = head
    stream = StringIO()
    yaml.dump(data, stream)
    return replace(copy, text=stream.getvalue())


def _write(data: Any, setting: Setting) -> None:
    parts = setting.path.split(".")
    if parts[0] == "policy" and len(parts) > 1:
        text = "a scenario only names its policy; allowed: a copy of the policy with `sandbox new`, and policy=PATH"
        raise BadInput([f"{setting.label}: {setting.path}: {text}"])
    node, last = data, parts[-1]
    if parts[0] == "designs" and len(parts) > 2:
        node, parts = _design(data, setting, parts)
    for at, part in enumerate(parts[:-1]):
        if is_quantity(node):
            node = _inside(node)
        if isinstance(node, dict) and part not in node and at > 0:
            node[part] = {}
        node = _step(node, part, setting)
    if is_quantity(node):
        node = _inside(node)
    if isinstance(node, list):
        node[int(last)] = setting.value
    elif is_quantity(node.get(last)):
        _change(node[last], setting.value)
    else:
        node[last] = setting.value


def _design(data: Any, setting: Setting, parts: list[str]) -> tuple[Any, list[str]]:
    """Return the step a setting is about, and the rest of its path."""
    design = _step(data["designs"], parts[1], setting)
    for step in design["steps"]:
        if step["id"] == parts[2] and len(parts) > 3:
            return step, parts[3:]
    return design, parts[2:]


def _step(node: Any, part: str, setting: Setting) -> Any:
    if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
        return node[int(part)]
    if isinstance(node, dict) and part in node:
        return node[part]
    known = list(node) if isinstance(node, dict) else []
    raise BadInput([f"{setting.label}: {setting.path}: there is no {part!r}{did_you_mean(part, known)}"])


def _inside(quantity: Any) -> Any:
    """Enter a quantity whose value is a block or a list, and note that it was changed."""
    _note(quantity, "a part of it was changed")
    return quantity["value"]


def _change(quantity: Any, value: object) -> None:
    was = quantity["value"]
    _note(quantity, f"was {_plain(was)} ({quantity.get('source', 'assumption')})")
    quantity["value"] = value
    bounds = quantity.get("range")
    if bounds is not None and is_number(value) and not bounds[0] <= float(str(value)) <= bounds[1]:
        _note(quantity, f"outside the range it had, {bounds[0]} to {bounds[1]}")
        del quantity["range"]


def _note(quantity: Any, text: str) -> None:
    quantity["source"] = "assumption"
    before = str(quantity.get("note") or "")
    if before.startswith(text):
        return
    quantity["note"] = f"{text}; {before}" if before else text


def _plain(value: object) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
