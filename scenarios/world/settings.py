"""`--set path=value`: changes one value of a scenario before it is validated; `--set path*=factor` multiplies it.

A path that leads into a quantity changes its value and its source ("set by user"), and keeps what the file said of
it. A path must exist: a misspelt setting that silently changed nothing would be the worst of answers. A factor
multiplies a number, or every number of a list, as the file and the settings before it leave it; a value after it
replaces what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import BaseModel

from sandbox.errors import BadInput
from scenarios.files.overlay import merge
from scenarios.files.places import Place, Tree, did_you_mean, found, instead_of, join
from scenarios.files.quantities import SET_BY_USER, Quantity, is_number
from scenarios.files.reader import parse_value
from scenarios.world.setting_texts import FACTOR, key_of, path_of

_SHAPE = "PATH=VALUE, such as campaign.messages=50000, or PATH*=FACTOR, such as call_centre.agents*=1.2"
_SLIP = 0.9
"""A known path so like the one typed is a letter or two off: meant, whatever else ends the same."""

_DIGITS = 12
"""Significant digits of a product: what was meant, not the last bits of a multiplication."""


class Setting(NamedTuple):
    """One wanted change.

    Attributes:
        path: dotted path from the top of the scenario; list entries by index, steps of a design by id.
        value: plain data; of a factor, the number.
        label: how messages name it, such as "--set campaign.messages=abc".
        factor: whether what stands at the path is multiplied by the value instead of replaced.
    """

    path: str
    value: object
    label: str
    factor: bool = False

    @property
    def key(self) -> str:
        """The path, with its star if it is multiplied."""
        return f"{self.path}{FACTOR}" if self.factor else self.path


def parse_settings(texts: Iterable[str], data: Mapping[str, object] | None = None) -> list[Setting]:
    """Read settings from command line texts and from data, in this order; the last one for a path wins.

    Args:
        texts: "path=value" each, the value as in YAML (`12`, `"08:00"`, `[1, 2]`), or "path*=factor".
        data: path, with a star where it is a factor, to value, already plain.

    Returns:
        In the order they take effect; a factor of the texts still multiplies what data put in its place.

    Raises:
        BadInput: a text without a path or "=", a value that is not YAML or a factor that is none; all are told.
    """
    wanted: dict[str, Setting] = {}
    problems: list[str] = []
    for text in texts:
        _, equals, value = text.partition("=")
        key, label = key_of(text), f"--set {text}"
        if not equals or not all(path_of(key).split(".")):
            problems.append(f"{label}: found {text!r}; allowed: {_SHAPE}")
            continue
        wanted.pop(key, None)  # the later one also takes effect later
        wanted.pop(f"{key}{FACTOR}", None)
        try:
            wanted[key] = _setting(key, parse_value(value, label), label)
        except BadInput as refused:
            problems.extend(refused.problems)
    if problems:
        raise BadInput(problems)
    for key, given in (data or {}).items():
        wanted.pop(key, None)
        wanted[key] = _setting(key, _plain(given), f"--set {key}={given}")
        if (factor := wanted.pop(f"{key}{FACTOR}", None)) is not None:
            wanted[factor.key] = factor
    return list(wanted.values())


def _setting(key: str, value: object, label: str) -> Setting:
    if not key.endswith(FACTOR):
        return Setting(key, value, label)
    if not is_number(value) or float(str(value)) < 0:
        allowed = f"{path_of(key)}*=FACTOR with a number from 0 on, such as 1.2"
        raise BadInput([f"{label}: found {found(value)} as a factor; allowed: {allowed}"])
    return Setting(path_of(key), value, label, factor=True)


def multiplied(value: object, factor: object) -> object:
    """Return a number, or every number of a list, times a factor; whole numbers stay whole where the product is.

    Raises:
        BadInput: it is neither.
    """
    if is_number(value):
        product = float(f"{float(str(value)) * float(str(factor)):.{_DIGITS}g}")
        return int(product) if isinstance(value, int) and product.is_integer() else product
    if isinstance(value, list | tuple) and value and all(map(is_number, value)):
        return [multiplied(one, factor) for one in value]
    allowed = "a setting that is a number or a list of numbers"
    raise BadInput([f"found {found(value)}; allowed with a factor: {allowed}"])


def overridden(wanted: Sequence[Setting], values: Mapping[str, object]) -> dict[str, object]:
    """Return what was set from outside by path, factors as what came of them among all values."""

    def came_of(path: str) -> object:
        listed, _, index = path.rpartition(".")
        inside = values.get(listed)
        return inside[int(index)] if isinstance(inside, tuple) and path not in values else values.get(path)

    return {one.path: came_of(one.path) if one.factor else one.value for one in wanted}


def change(tree: Tree, setting: Setting, inner: str, *, may_add: bool = False) -> Tree:
    """Return a quantified tree with one value changed.

    Args:
        tree: as `quantify` returns it.
        setting: what to change.
        inner: the setting's path within this tree.
        may_add: whether the last key may be new; validation then says whether it is known at all.

    Raises:
        BadInput: there is nothing at the path, or a block that has to be set key by key.
    """
    parts, value = inner.split("."), setting.value
    try:
        if setting.factor:
            value, may_add = multiplied(_value_at(tree.data, parts), value), False
        data = _set(tree.data, parts, value, may_add=may_add)
    except BadInput as refused:
        raise BadInput([f"{setting.label}: {setting.path}: {text}" for text in refused.problems]) from None
    below = f"{inner}."
    places = {path: place for path, place in tree.places.items() if not path.startswith(below)}
    return Tree(data, {**places, **dict.fromkeys(_touched(tree.data, parts), Place(setting.label))})


def add(tree: Tree, setting: Setting, inner: str) -> Tree:
    """Return a quantified tree with a value the file leaves out, and the blocks around it."""
    node = Quantity(setting.value, SET_BY_USER) if _is_numeric(setting.value) else setting.value
    data: dict[str, Any] = {}
    for key in reversed(inner.split(".")):
        data, node = {key: node}, {key: node}
    return merge(tree, Tree(data, {inner: Place(setting.label)}))


def may_be_left_out(model: type[BaseModel], inner: str) -> bool:
    """Say whether a path leads to a key that has a default, so that it can be set where the file is silent."""
    block, *rest = inner.split(".")
    field = model.model_fields.get(block)
    if field is None:
        return False
    if not rest:
        return not field.is_required()
    kind: object = field.annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel) and may_be_left_out(kind, ".".join(rest))


def setting_paths(tree: Tree) -> list[str]:
    """Return every path that can be set in a quantified tree, in the order of the file; lists as a whole."""
    return [path for key, node in tree.data.items() for path in _leaves(node, key)]


def unknown_setting(setting: Setting, known: Sequence[str], scenario: str) -> str:
    """Tell that nothing can be set at a path, with the closest that can and how to list them all."""
    last = setting.path.rpartition(".")[2]
    same = [path for path in known if path.rpartition(".")[2] == last]  # the block may be wrong or forgotten
    guess = did_you_mean(setting.path, known, _SLIP) or did_you_mean(setting.path, same or known)
    guess = guess or (f"; did you mean {same[0]!r}?" if same else "")
    listing = f"list all with: sandbox check {scenario} --settings"
    return f"{setting.label}: {setting.path}: unknown setting{guess}{'' if guess else ';'} {listing}"


def exists(tree: Tree, inner: str) -> bool:
    """Say whether a path leads to something in a quantified tree."""
    node: Any = tree.data
    for part in inner.split("."):
        node = node.value if isinstance(node, Quantity) else node
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdecimal():
            node = node[int(part)] if int(part) < len(node) else None
        else:
            return False
    return True


def _value_at(node: Any, parts: list[str]) -> object:
    """What stands in a quantified tree, plain."""
    node = node.value if isinstance(node, Quantity) else node
    if not parts:
        return [_value_at(item, []) for item in node] if isinstance(node, list) else node
    part, rest = parts[0], parts[1:]
    if isinstance(node, dict) and part in node:
        return _value_at(node[part], rest)
    if isinstance(node, list):
        return _value_at(node[_index(node, part)], rest)
    raise BadInput(
        [f"there is no {part!r} in the file; allowed with a factor: what the file gives a value for"]
    )


def _set(node: Any, parts: list[str], value: object, *, may_add: bool) -> Any:
    if isinstance(node, Quantity):
        was = f"the file says {_short(node.value)} ({node.source})"
        note = f"{was}; {node.note}" if node.note else was
        inside = _put(node.value, parts, value)
        return replace(
            node, value=inside, source=SET_BY_USER, note=note if node.source != SET_BY_USER else node.note
        )
    if not parts:
        if isinstance(node, dict):
            raise BadInput(
                [f"found {found(value)} for a block; allowed: set one of its keys: {', '.join(node)}"]
            )
        return Quantity(value, SET_BY_USER) if _is_numeric(value) else value
    part, rest = parts[0], parts[1:]
    if isinstance(node, dict) and (part in node or (may_add and not rest)):
        return {**node, part: _set(node.get(part), rest, value, may_add=may_add)}
    if isinstance(node, list):
        place = _index(node, part)
        return [
            _set(item, rest, value, may_add=may_add) if at == place else item for at, item in enumerate(node)
        ]
    raise BadInput([f"there is no {part!r} in {found(node)}"])


def _put(node: Any, parts: list[str], value: object) -> Any:
    """Replace a value inside plain data."""
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if isinstance(node, dict) and part in node:
        return {**node, part: _put(node[part], rest, value)}
    if isinstance(node, dict):
        raise BadInput([f"there is no {part!r}{instead_of(part, node)}"])
    if isinstance(node, list):
        place = _index(node, part)
        return [_put(item, rest, value) if at == place else item for at, item in enumerate(node)]
    raise BadInput([f"there is no {part!r} in {found(node)}; allowed: set the value itself"])


def _index(node: list[Any], part: str) -> int:
    if not part.isdecimal() or int(part) >= len(node):
        raise BadInput([f"there is no entry {part!r}; allowed: 0 to {len(node) - 1}"])
    return int(part)


def _touched(data: Any, parts: list[str]) -> list[str]:
    """Return the paths a setting answers for: its own, and the list or quantity it changes from within."""
    paths: list[str] = []
    node, path = data, ""
    for part in parts:
        if isinstance(node, Quantity | list) or paths:
            paths.append(path)
        path = join(path, part)
        inside = node.value if isinstance(node, Quantity) else node
        if isinstance(inside, dict):
            node = inside.get(part)
        else:
            node = inside[int(part)] if isinstance(inside, list) else None
    return [*paths, path]


def _leaves(node: Any, path: str) -> list[str]:
    if isinstance(node, Quantity) and isinstance(node.value, dict):
        return [join(path, key) for key in node.value]
    if isinstance(node, dict):
        return [leaf for key, inner in node.items() for leaf in _leaves(inner, join(path, key))]
    return [path]


def _is_numeric(value: object) -> bool:
    return is_number(value) or (isinstance(value, list) and bool(value) and all(map(is_number, value)))


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _short(value: object) -> str:
    return str(value) if is_number(value) else found(value)
