from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import parse_yaml
from scenarios.result import Provenance


def tree(text: str) -> Tree:
    """Return a text as a tree with places."""
    return as_tree(parse_yaml(text, "my.yaml"), Path())


def test_quantities_collapse_to_values_with_their_origin():
    """Validation sees plain values; the report sees where each came from."""
    quantified, problems = quantify(
        tree('a: {value: 5, source: published, range: [1, 9], note: why}\nb: {c: "x"}')
    )
    assert problems == []
    assert collapse(quantified) == (
        {"a": 5, "b": {"c": "x"}},
        [Provenance("a", 5, "published", (1, 9), "why")],
    )


def test_a_bare_number_is_an_assumption_without_a_range():
    """Nothing is presented as better founded than it is; lists of numbers count once, text not at all."""
    quantified, _ = quantify(
        tree("a: 1\nb: [1, 2.5]\nc: word\nd: [x, y]\ne: true\nseed: 7\nexpect: [{when: {a: 1}}]")
    )
    _, origins = collapse(quantified, "top")
    assert origins == [
        Provenance("top.a", 1, "assumption", None, ""),
        Provenance("top.b", [1, 2.5], "assumption", None, ""),
    ]


def test_a_value_stands_where_it_is_written_not_where_its_block_begins():
    """Errors about a quantity point into it."""
    quantified, _ = quantify(tree("a:\n  note: why\n  value:\n    x: 1\n    y: 2\n"))
    assert str(quantified.place("a")) == "my.yaml:3"
    assert str(quantified.place("a.y")) == "my.yaml:5"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a: {value: 1, sauce: x}",
            "my.yaml:1: a.sauce: unknown key; did you mean 'source'? allowed: value, source",
        ),
        (
            "a:\n  value: 1\n  source: guess",
            "my.yaml:3: a.source: found 'guess'; allowed: measured, published, analogue, fitted-to-case, assumption",
        ),
        ("a: {value: 1,\n  range: [3, 2]}", "my.yaml:2: a.range: found a list of 2; allowed: [low, high]"),
        ("a: {value: 1, range: 3}", "my.yaml:1: a.range: found 3; allowed: [low, high] with low <= high"),
        ("a: {value: 1, range: [1, 2, 3]}", "my.yaml:1: a.range: found a list of 3"),
        ("a: {value: 1, range: [x, 2]}", "my.yaml:1: a.range: found a list of 2"),
        ("a: {value: 4, range: [1, 3]}", "my.yaml:1: a.value: found 4; allowed: 1 to 3, its own range"),
        ("a: {value: 1, note: 5}", "my.yaml:1: a.note: found 5; allowed: text"),
        ("a: {value: 1, owner: [x]}", "my.yaml:1: a.owner: found a list of 1; allowed: text"),
    ],
)
def test_a_quantity_that_says_too_much_or_wrong_is_refused(text: str, told: str):
    """Each key of a quantity is checked at its own line."""
    _, problems = quantify(tree(text))
    assert len(problems) == 1
    assert problems[0].startswith(told)


def test_the_ends_of_a_range_belong_to_it():
    """A value may be as low or as high as its range."""
    assert quantify(tree("a: {value: 1, range: [1, 3]}\nb: {value: 3, range: [1, 3]}"))[1] == []


def test_quantities_in_lists_are_found():
    """The steps of a design are a list, and their parameters are quantities."""
    quantified, _ = quantify(tree("steps:\n- {id: x, rate: {value: 0.5, source: assumption}}"))
    data, origins = collapse(quantified)
    assert data == {"steps": [{"id": "x", "rate": 0.5}]}
    assert [origin.path for origin in origins] == ["steps.0.rate"]
