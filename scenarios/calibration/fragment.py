"""A calibration as a scenario file: what it measured laid over a scenario it extends, each number with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scenarios.blocks.history import FIGURES
from scenarios.world.library import is_path
from scenarios.world.spec import Scenario, load_scenario

MEASURED, FITTED, SET_ASIDE = "measured", "fitted-to-case", "set aside"
"""What was counted or timed; what was chosen so that the model gives back what was; and what the data cannot tell, so
that the scenario is made to say nothing of it."""

_ASSUMED = "assumption"
"""How a scenario file calls what was set aside: nobody measured it."""

_INDENT = "  "
_DIGITS = 6


class Found(NamedTuple):
    """One setting a calibration found.

    Attributes:
        path: of the scenario.
        value: plain data; None makes the scenario say nothing there.
        note: how it was found.
        source: MEASURED, FITTED or SET_ASIDE.
        range: its 95 % interval, or None.
    """

    path: str
    value: object
    note: str
    source: str = MEASURED
    range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Fragment:
    """Settings over a scenario.

    Attributes:
        base: the scenario they change, by name or path.
        settings: in the order they are told.
        history: figures a simulation has to come back to, by name; empty where the data hold none.
        origin: what the data are, one sentence.
    """

    base: str
    settings: tuple[Found, ...]
    history: Mapping[str, float | None]
    origin: str

    def check(self) -> Scenario:
        """Return the scenario as the fragment makes it.

        Raises:
            BadInput: the scenario they change does not take what was found.
        """
        data: dict[str, object] = {one.path: plain(one.value) for one in self.settings}
        data |= {f"history.{name}": value for name, value in self.reported.items()}
        return load_scenario(self.base, settings_data=data)

    @property
    def reported(self) -> dict[str, float]:
        """The history's figures that are known, rounded."""
        known = ((name, self.history.get(name)) for name in FIGURES)
        return {name: rounded(value) for name, value in known if value is not None}

    def to_yaml(self, name: str) -> str:
        """Return the file's text.

        Args:
            name: the scenario's; lower-case letters, digits, - and _.
        """
        lines = [
            f"# {self.origin}",
            "# Laid over the scenario it extends; what the data do not show stays as it is there.",
            f"scenario: {name}",
            f"extends: {self.base if not is_path(self.base) else json.dumps(self.base)}",
            "expect: []   # what its author expects of the scenario above was said of other numbers",
        ]
        tree: dict[str, Any] = {}
        for one in self.settings:
            *blocks, key = one.path.split(".")
            node = tree
            for block in blocks:
                node = node.setdefault(block, {})
            node[key] = one
        for figure, value in self.reported.items():
            note = "of the working days, before any campaign"
            tree.setdefault("history", {})[figure] = Found(figure, value, note)
        return "\n".join([*lines, *_written(tree, "")]) + "\n"


def rounded(value: float) -> float:
    """Keep six significant digits: more than any of these figures carries."""
    return float(f"{value:.{_DIGITS}g}")


def plain(value: object) -> object:
    """Return data with its numbers rounded as the file has them."""
    if isinstance(value, float):
        number = rounded(value)
        return int(number) if number.is_integer() and abs(number) < 10**_DIGITS else number
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _written(node: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, inner in node.items():
        if isinstance(inner, Found):
            lines.append(f"{indent}{key}: {_value(inner)}")
        else:
            lines += [f"{indent}{key}:", *_written(inner, indent + _INDENT)]
    return lines


def _value(one: Found) -> str:
    if one.value is None or isinstance(one.value, str):
        return f"{json.dumps(one.value)}   # {one.note}"
    aside = one.source == SET_ASIDE
    parts = [f"value: {_flow(plain(one.value))}", f"source: {_ASSUMED if aside else one.source}"]
    if one.range is not None:
        parts.append(f"range: {_flow(plain(_holding(one.range, plain(one.value))))}")
    note = f"{SET_ASIDE}: {one.note}" if aside else one.note
    parts.append(f"note: {json.dumps(note, ensure_ascii=False)}")
    return f"{{{', '.join(parts)}}}"


def _holding(ends: tuple[float, float], value: object) -> Sequence[float]:
    """The range, wide enough to hold the value once both are rounded."""
    low, high = (rounded(end) for end in ends)
    return [min(low, value), max(high, value)] if isinstance(value, int | float) else [low, high]


def _flow(value: object) -> str:
    """Plain data on one line, as YAML and JSON both read it."""
    return json.dumps(value, ensure_ascii=False)
