"""Command lines as they are printed: each setting once, as it took effect."""

from __future__ import annotations

import shlex

import pytest

from scenarios.setting_texts import in_effect
from scenarios.settings import parse_settings
from tui.cli.orders import Order, command_line


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (("a=1", "b=2", "a=3"), ("b=2", "a=3")),
        (("a=1", "a=1"), ("a=1",)),
        ((" a =1", "a=2"), ("a=2",)),
        (("a=1", "a*=2", "a*=3"), ("a=1", "a*=3")),
        (("a*=2", "a=1"), ("a=1",)),
        (("a*=2", "a=1", "a*=2"), ("a=1", "a*=2")),
        (("a=[1, 2]", "a.0=5"), ("a=[1, 2]", "a.0=5")),
    ],
)
def test_a_command_names_each_setting_once(given: tuple[str, ...], left: tuple[str, ...]) -> None:
    """Of a path set twice the last value stays, a factor before it goes; what is read is the same."""
    printed = shlex.split(command_line("compare", "x", [("--set", one) for one in given]))
    assert printed == ["sandbox", "compare", "x", *(word for one in left for word in ("--set", one))]
    assert in_effect(given) == left
    assert [one[:2] for one in parse_settings(left)] == [one[:2] for one in parse_settings(given)]
    assert Order("compare", "x", given).settings_words() == f"changed: {', '.join(left)}"
