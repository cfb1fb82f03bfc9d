"""Editable copies: a scenario, design or policy written out whole, with its comments, sources and ranges.

A scenario's copy stands alone: what it extended is laid together, and its designs are written in it, so that a
designer edits steps and numbers in one file. The text is the source's own; only what must differ is changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sandbox.errors import BadInput, RuleBroken
from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree, instead_of
from scenarios.files.quantities import is_quantity
from scenarios.files.reader import parse_yaml, read_yaml
from scenarios.world.core_profiles import over_profile, profile_document
from scenarios.world.layers import read_layers
from scenarios.world.library import IN_WORDS, Found, Written, find, is_path, kind_of, shipped
from scenarios.world.packs import rules_of_pack, with_default_pack, with_pack
from scenarios.world.parts import check_design, check_policy, design_entries
from scenarios.world.spec import load_scenario

_KINDS: tuple[Written, ...] = ("scenario", "design", "policy")
_NAMES = {
    "scenario": (re.compile(r"[a-z0-9][a-z0-9_-]{0,63}"), "lower-case letters, digits, - and _"),
    "design": (re.compile(r"[a-z0-9][a-z0-9-]{0,63}"), "lower-case letters, digits and -"),
    "policy": (re.compile(r"[a-z][a-z0-9-]{0,63}"), "lower-case letters, digits and -, a letter first"),
}
COPY_OF = "an editable copy of the"
"""What the comment a copy begins with says of it, so that the next copy can leave that comment out."""

_DESIGNS_HERE = "designs-stand-here"
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Copy:
    """A file to be written.

    Attributes:
        kind: what it is.
        text: the whole of it, without a header of its own.
        designs: names of the designs written in it; empty unless a scenario.
    """

    kind: Written
    text: str
    designs: tuple[str, ...] = ()


def copied(source: str, target: Path, designs: Sequence[str] = ()) -> Copy:
    """Return the text of a copy.

    Args:
        source: a shipped name of a scenario, design or policy, or the path of one's file.
        target: where the copy is going to be; its name is the copy's, relative paths in it start there.
        designs: designs a scenario's copy is to hold, of the scenario or shipped; all of the scenario's if empty.

    Raises:
        BadInput: no such source, a source with faults, a file name that is no name, designs for what has none.
    """
    kind, found = _source(source)
    _check_name(kind, target)
    if kind == "scenario":
        return _scenario(source, found, target, designs)
    if designs:
        raise BadInput([f"--design: {source} is a {kind}; allowed: only with a scenario"])
    (check_design if kind == "design" else check_policy)(found)
    data = _load(found)
    data[kind] = target.stem
    return Copy(kind, f"{_header(found)}{_dumped(data)}")


def _source(name_or_path: str) -> tuple[Written, Found]:
    if is_path(name_or_path):
        found = find("scenario", name_or_path)
        what = kind_of(read_yaml(found.path, found.source).data)
        if what == "core" or what == "pack":
            allowed = "a scenario, a design or a policy"
            raise BadInput([f"--from {name_or_path}: found {IN_WORDS[what]}; allowed: {allowed}"])
        return what, found
    for kind in _KINDS:
        if name_or_path in shipped(kind):
            return kind, find(kind, name_or_path)
    known = [name for kind in _KINDS for name in shipped(kind)]
    listed = "; ".join(
        f"{kind}s {', '.join(shipped(kind))}".replace("policys", "policies") for kind in _KINDS
    )
    raise BadInput(
        [
            f"--from {name_or_path}: found no such name{instead_of(name_or_path, known, f'{listed}; or a path')}"
        ]
    )


def _check_name(kind: Written, target: Path) -> None:
    pattern, allowed = _NAMES[kind]
    if target.suffix not in {".yaml", ".yml"} or not pattern.fullmatch(target.stem):
        text = f"the file's name is the {kind}'s; allowed: {allowed}, then .yaml"
        raise BadInput([f"{target}: found {target.name!r}, and {text}"])


# -- a scenario --------------------------------------------------------------------------------------------------


def _scenario(source: str, found: Found, target: Path, designs: Sequence[str]) -> Copy:
    further = tuple(name for name in designs if name in shipped("design"))
    known = load_scenario(source, further_designs=further).designs  # a source with faults is refused here
    if unknown := [name for name in designs if name not in known]:
        raise BadInput(
            [f"--design {name}: found no such design{instead_of(name, known)}" for name in unknown]
        )
    chosen = [name for name in known if name in designs] if designs else list(known)
    layers = list(_layers(found))
    tree = read_layers(found, over_profile)
    data = _load(layers[-1])
    for layer in reversed(layers[:-1]):
        above = _load(layer)
        for key in rules_of_pack(as_tree(read_yaml(layer.path, layer.source), layer.path.parent)):
            data["outreach"].pop(key, None)  # a pack lies over what the files below say
        _clear_for_profile(data, above)
        _lay(data, above)
    data.pop("extends", None)
    written = dict(_designs(tree, chosen, data))
    _adapt(data, tree, target, chosen)
    there = "\n" + "".join(written[name] for name in (*chosen, "")).rstrip("\n")
    text = _dumped(data).replace(f" {_DESIGNS_HERE}", there, 1)
    copy = Copy("scenario", f"{''.join(map(_header, layers))}{text}", tuple(chosen))
    _compare(copy, tree, target)
    return copy


def _layers(found: Found) -> Iterator[Found]:
    """Yield a file and those it extends, the nearest first; `read_layers` has bounded the chain."""
    here: Found | None = found
    while here is not None:
        yield here
        name = read_yaml(here.path, here.source).data.get("extends")
        here = None if name is None else find("scenario", name, here.path.parent)


def _clear_for_profile(base: CommentedMap, over: CommentedMap) -> None:
    """Take out what a core profile named on top brings along: stated in one file with it, it would count."""
    core = over.get("core")
    name = core.get("profile") if isinstance(core, dict) else None
    if name is not None:
        for key in profile_document(str(name)).core:
            base["core"].pop(key, None)


def _lay(base: CommentedMap, over: CommentedMap) -> None:
    """Lay one file over another as `layers.merge` does, comments of what is replaced included."""
    for key, value in over.items():
        below = base.get(key)
        if all(isinstance(block, dict) and not is_quantity(block) for block in (below, value)):
            _lay(below, value)
            continue
        base[key] = value
        if key in over.ca.items:
            base.ca.items[key] = over.ca.items[key]


def _adapt(data: CommentedMap, tree: Tree, target: Path, chosen: list[str]) -> None:
    """Change what a copy in another file, with other designs, must say differently."""
    if "scenario" not in data:
        data.insert(0, "scenario", "")
    data["scenario"] = target.stem
    data["designs"] = _DESIGNS_HERE
    data["policy"] = _moved(str(data["policy"]), tree.place("policy").folder, target)
    if isinstance(pack := data.get("outreach", {}).get("pack"), str):
        data["outreach"]["pack"] = _moved(pack, tree.place("outreach.pack").folder, target)
    _move_population(data, tree, target)
    if data["baseline"] not in chosen:
        data["baseline"] = chosen[0]
    expected = data.get("expect") or []
    for index in reversed(range(len(expected))):
        if expected[index]["design"] not in chosen:
            del expected[index]


def _move_population(data: CommentedMap, tree: Tree, target: Path) -> None:
    """Let a copy read the same case file, and key, as its source."""
    said = data.get("population")
    block = {"file": said} if isinstance(said, str) else dict(said or {})
    for key in {"file", "seal_key"} & set(block):
        inner = f"population.{key}"
        folder = tree.place(inner if inner in tree.places else "population").folder or Path()
        block[key] = os.path.relpath(folder / str(block[key]), target.parent)
    if block:
        data["population"] = block["file"] if isinstance(said, str) else block


def _moved(name_or_path: str, folder: Path | None, target: Path) -> str:
    """Return a name, or a path as it is written from the folder of the copy."""
    if not is_path(name_or_path) or Path(name_or_path).is_absolute():
        return name_or_path
    return os.path.relpath((folder or Path()) / name_or_path, target.parent)


def _designs(tree: Tree, chosen: Sequence[str], data: CommentedMap) -> Iterator[tuple[str, str]]:
    """Yield name and text of each design wanted, indented to stand in the scenario under its name.

    What is said above a design goes with it, though the reader hangs it on whatever stands before. What is said
    below the last one comes last, under an empty name.
    """
    seen = set()
    above = _above_designs(data)
    for key, node, path in design_entries(tree.data["designs"]):
        where, _, last = path.rpartition(".")
        lines, below = _in_place(_at(data, where), last) if where else ([], [])
        if isinstance(node, dict):
            name, text = str(key), _text(lines)
        else:
            found = find("design", str(key if node is None else node), tree.place(path).folder)
            design, header = _load(found), _header(found)
            name = str(design["design"] if key is None else key)
            text = _inline(name, design, header)
        seen.add(name)
        yield name, _text(f"{_INDENT}{line.strip()}" for line in above) + text
        above = below
    for name in chosen:
        if name not in seen:
            found = find("design", name)
            yield name, _inline(name, _load(found), _header(found))
    yield "", _text(above)


def _above_designs(data: CommentedMap) -> list[str]:
    """Take out what stands between `designs:` and the first of them."""
    node = data["designs"]
    if not isinstance(node, CommentedMap | CommentedSeq) or node.fa.flow_style():
        return []  # a comment after what is written on one line is about what follows
    _, _, behind, before = data.ca.items.pop("designs", [None] * 4)
    tokens = [*([behind] if behind else []), *(before or [])]
    return [line for token in tokens for line in token.value.splitlines()]


def _in_place(block: Any, place: str) -> tuple[list[str], list[str]]:
    """Return the lines of what a scenario says in one place of its designs, and the comment on what comes next.

    It is written as deep as it will stand: the writer leaves a comment in the column it was read from.
    """
    key: Any = int(place) if isinstance(block, list) else place
    alone: Any = CommentedSeq([block[key]]) if isinstance(block, list) else CommentedMap({key: block[key]})
    if key in block.ca.items:
        alone.ca.items[0 if isinstance(block, list) else key] = block.ca.items[key]
    lines = _dumped(CommentedMap({"designs": alone})).splitlines()[1:]
    column = (block.lc.data or {}).get(key, (0, len(_INDENT)))[1]
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > column
    ):
        end += 1
    return lines[:end], lines[end:]


def _at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data[int(key)] if isinstance(data, list) else data[key]
    return data


def _inline(name: str, design: CommentedMap, header: str) -> str:
    design.pop("design", None)  # the key it stands under is its name
    lines = [*header.splitlines(), f"{name}:", *(f"{_INDENT}{line}" for line in _dumped(design).splitlines())]
    return _text(f"{_INDENT}{line}" for line in lines)


def _text(lines: Iterable[str]) -> str:
    return "".join(line.rstrip() + "\n" for line in lines)


def _unnamed(outreach: dict[str, Any]) -> dict[str, Any]:
    """Return contact rules without their pack's name: a path is written anew, what is in the pack is compared."""
    return {key: value for key, value in outreach.items() if key != "pack"}


def _compare(copy: Copy, tree: Tree, target: Path) -> None:
    """Make sure that a copy says what its source says, but for what was changed on purpose.

    Raises:
        RuleBroken: it does not; nothing has been written.
    """
    changed = {"scenario", "designs", "policy", "baseline", "expect", "extends", "population"}
    written = over_profile(
        with_default_pack(with_pack(as_tree(parse_yaml(copy.text, "copy"), target.parent)))
    )
    said, meant = (
        {
            key: _unnamed(value) if key == "outreach" else value
            for key, value in data.items()
            if key not in changed
        }
        for data in (written.data, tree.data)
    )
    if said != meant:
        message = f"the copy differs in {', '.join(key for key in meant if said.get(key) != meant[key])}"
        raise RuleBroken(message)


# -- text ----------------------------------------------------------------------------------------------------------


def round_trip() -> YAML:
    """Return a reader and writer that keeps comments, quotes and the way numbers are written."""
    yaml = YAML()  # keeps comments, quotes and the way numbers are written
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # a step stands on one line if its author wrote it on one
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), _written_null)
    return yaml


def _written_null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _load(found: Found) -> CommentedMap:
    """Load a file that `read_yaml` has let in, comments included, without those above its first line."""
    data: CommentedMap = round_trip().load(found.path.read_text(encoding="utf-8-sig"))
    data.ca.comment = None
    return data


def _header(found: Found) -> str:
    """Return the comment a file begins with."""
    lines = found.path.read_text(encoding="utf-8-sig").splitlines()
    first = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    kept = [line for line in lines[:first] if not line.startswith("# yaml-language-server:")]
    if kept and COPY_OF in kept[0]:
        kept = kept[kept.index("#") + 1 :] if "#" in kept else []
    return "".join(f"{line}\n" for line in kept)


def _dumped(data: CommentedMap) -> str:
    stream = StringIO()
    round_trip().dump(data, stream)
    return stream.getvalue()
