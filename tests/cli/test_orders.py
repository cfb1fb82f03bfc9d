"""Command lines as they are printed: each setting once, as it took effect."""

from __future__ import annotations

import shlex

import pytest
import typer.main

from scenarios.world.setting_texts import in_effect
from scenarios.world.settings import parse_settings
from tui.cli.main import app
from tui.cli.orders import TAKES, Order, command_line

FULL = Order(
    "limit",
    "x",
    ("a=1", "b=2"),
    ("portal",),
    seed=7,
    replications=3,
    calls="calls.csv",
    despite_history=True,
    db="sqlite:///mine",
)
OF_AN_ORDER = {
    word for word in shlex.split(FULL.follow("compare") + FULL.follow("run")) if word.startswith("--")
}


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


def options_of(verb: str) -> set[str]:
    """The options a command really has."""
    command = typer.main.get_command(app).get_command(None, verb)  # type: ignore[attr-defined]  # a group
    return {name for param in command.params for name in param.opts}


@pytest.mark.parametrize("verb", sorted(TAKES))
def test_what_a_command_takes_of_an_order_is_what_it_has(verb: str) -> None:
    """Neither an option the command would refuse, nor one it has and a next line would drop."""
    allowed = options_of(verb) & OF_AN_ORDER
    if verb == "map":  # the others go with --fix only
        allowed -= {"--replications", "--db"}
    if "--designs" in allowed:
        allowed.discard("--design")
    assert set(TAKES[verb]) == allowed


def test_a_following_command_asks_of_the_same_world() -> None:
    """All the order says of the world and its keeping is repeated; own options replace, None leaves out."""
    assert FULL.follow("compare") == (
        "sandbox compare x --set a=1 --set b=2 --designs portal --seed 7 --replications 3 --calls calls.csv "
        "--despite-history --db sqlite:///mine"
    )
    own = [("--design", "bot"), ("--keep", "m<1"), ("--replications", 6), ("--set", "b=5")]
    assert FULL.follow("staff", own) == (
        "sandbox staff x --design bot --keep 'm<1' --replications 6 --set a=1 --set b=5 --seed 7 --calls calls.csv "
        "--despite-history --db sqlite:///mine"
    )
    assert FULL.follow("trace", [("--design", None), ("--case", 0)]) == (
        "sandbox trace x --case 0 --set a=1 --set b=2 --seed 7 --calls calls.csv --despite-history"
    )
    single = Order("sweep", "x", replications=1)
    assert single.follow("sensitivity") == "sandbox sensitivity x"  # which refuses a single one
    assert single.follow("sensitivity", [("--replications", 4)]) == "sandbox sensitivity x --replications 4"
    assert single.follow("limit") == "sandbox limit x --replications 1"
    several = Order("sweep", "x", designs=("a", "b"))
    assert several.follow("sensitivity", [("--design", "b")]) == "sandbox sensitivity x --design b"
    assert several.follow("diagnose") == "sandbox diagnose x --designs a,b"


def test_the_same_again_is_saved_where_it_was_and_the_saved_line_does_not_say_so() -> None:
    """Equal lines are equal runs wherever they are kept; the line to run next keeps to the user's place."""
    order = Order("compare", "x", seed=1, db="sqlite:///mine")
    assert order.command() == "sandbox compare x --seed 1"
    assert order.again() == "sandbox compare x --seed 1 --db sqlite:///mine"
