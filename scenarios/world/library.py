"""What is shipped, and how a name or a path becomes a file: scenarios, designs, policies and packs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from sandbox.errors import BadInput
from scenarios.files.faults import validated
from scenarios.files.places import Place, Tree, instead_of
from scenarios.files.reader import read_yaml

if TYPE_CHECKING:
    from sandbox.scorecard.definitions import MetricsDocument

Written = Literal["scenario", "design", "policy"]
"""Kinds of file a world is described in."""

Checked = Written | Literal["core", "pack"]
"""Kinds of file `sandbox check` reads: those, a core profile and an outreach pack."""

Kind = Checked | Literal["portfolio"]

IN_WORDS: dict[Checked, str] = {
    "scenario": "a scenario",
    "design": "a design",
    "policy": "a policy",
    "core": "a core profile",
    "pack": "an outreach pack",
}
"""What each is called in a sentence."""

_FOLDERS: dict[Kind, str] = {
    "scenario": ".",
    "design": "designs",
    "policy": "policies",
    "portfolio": "portfolios",
    "core": "cores",
    "pack": "packs",
}
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ScenarioEntry:
    """One shipped scenario as a list shows it; `title` and `story` come from the file."""

    name: str
    title: str
    story: str
    path: Path


class Found(NamedTuple):
    """A file to read, and how messages name it: shipped files without the folder they are installed in."""

    path: Path
    source: str


def list_scenarios() -> list[ScenarioEntry]:
    """Return the shipped scenarios, those that stand on their own first, then those that extend another.

    A scenario without a story of its own has an empty one.

    Raises:
        BadInput: a shipped file cannot be read.
    """
    entries: list[ScenarioEntry] = []
    derived: list[ScenarioEntry] = []
    for name in shipped("scenario"):
        path, source = find("scenario", name)
        data = read_yaml(path, source).data
        title, story = (str(data.get(key) or "") for key in ("title", "story"))
        entry = ScenarioEntry(name, title, " ".join(story.split()), path)
        (derived if "extends" in data else entries).append(entry)
    return entries + derived


def scenario_path(name_or_path: str) -> Path:
    """Return the file of a shipped name, or the path itself when it has a YAML suffix or a slash.

    Raises:
        BadInput: no shipped scenario has this name; names the closest one and all there are.
    """
    return find("scenario", name_or_path).path


def shipped(kind: Kind) -> list[str]:
    """Return the shipped names of a kind, sorted."""
    return sorted(path.stem for path in _folder(kind).glob("*.yaml"))


def find(kind: Kind, name_or_path: str, folder: Path | None = None) -> Found:
    """Find a file by its shipped name or by a path, which starts from `folder` (the current one if None).

    Raises:
        BadInput: a name nothing shipped has. A path is not looked at: reading it tells what is wrong.
    """
    if is_path(name_or_path):
        path = Path(name_or_path)
        path = path if folder is None else folder / path
        return Found(path, str(path))
    names = shipped(kind)
    if name_or_path not in names:
        raise BadInput([unknown_name(kind, name_or_path, names)])
    path = _folder(kind) / f"{name_or_path}.yaml"
    return Found(path, (Path("catalogue") / _FOLDERS[kind] / path.name).as_posix())


def is_path(name_or_path: str) -> bool:
    """Say whether a text is a path: it has a YAML suffix or a slash."""
    separators = {"/", os.sep}
    return name_or_path.endswith(_SUFFIXES) or any(mark in name_or_path for mark in separators)


def kind_of(data: Mapping[str, object]) -> Checked:
    """Tell what a file is from its top-level keys; one that is nothing else is read as a scenario."""
    signs: dict[str, Checked] = {"steps": "design", "actions": "policy", "profile": "core", "pack": "pack"}
    return next((kind for key, kind in signs.items() if key in data), "scenario")


def unknown_name(kind: Kind, name: str, names: Sequence[str]) -> str:
    """Tell that no shipped file of a kind has a name, with the closest and all there are."""
    allowed = f"a shipped {kind} ({', '.join(names)}) or a path such as ./my.yaml"
    if kind == "core":
        allowed = f"a core profile: {', '.join(names)}"
    return f"found {name!r}{instead_of(name, names, allowed)}"


def rates() -> frozenset[str]:
    """Return the metrics that are shares, written as 0..1."""
    return frozenset(name for name, one in metrics_document().metrics.items() if one.unit == "rate")


def metrics_document() -> MetricsDocument:
    """Return the definitions of all metrics: the scorecard owns the file, this layer reads it.

    Raises:
        BadInput: the file is not what its schema says.
    """
    from sandbox.scorecard.definitions import MetricsDocument

    path = Path(str(resources.files("sandbox.scorecard"))) / "metrics.yaml"
    document = read_yaml(path, path.name)
    places = {at: Place(document.source, line) for at, line in document.lines.items()}
    return validated(MetricsDocument, Tree(document.data, places))


def _folder(kind: Kind) -> Path:
    return Path(str(resources.files("scenarios"))) / "catalogue" / _FOLDERS[kind]
