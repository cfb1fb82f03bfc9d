"""Regions of the fact space: which tests together leave nobody, and where one value is still left over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.policy import boxes
from sandbox.policy.boxes import Cells, TooManyPiecesError
from sandbox.policy.vocabulary import FactRule, FactTest

DECLARED = {
    "days": FactRule(kind="number", at_least=1, at_most=4, default=2),
    "debt": FactRule(kind="money", at_most=9),
    "card": FactRule(kind="word", one_of=("ok", "old", "lost"), default="ok"),
    "told": FactRule(kind="flag"),
}


def left(fact: str, *tests: Mapping[str, Any], known: bool = True) -> bool:
    """Whether anybody is left of all accounts (or those of which the core knows the fact) after these tests."""
    parsed = [FactTest.model_validate(test) for test in tests]
    cells = Cells([(fact, test) for test in parsed], DECLARED)
    region = [cells.known() if known else {}]
    for test in parsed:
        region = cells.without(region, cells.box({fact: test}))
    return bool(region)


def overlap(fact: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some account passes both tests."""
    first, second = FactTest.model_validate(one), FactTest.model_validate(other)
    cells = Cells([(fact, first), (fact, second)], DECLARED)
    return bool(cells.within([cells.box({fact: first})], cells.box({fact: second})))


@pytest.mark.parametrize(
    ("fact", "tests", "somebody"),
    [
        # below the least number a rule names there are accounts: a credit is a negative sum
        ("overdue_minor", [{"at_least": 0}], True),
        ("overdue_minor", [{"at_most": 0}, {"at_least": 1}], False),
        ("overdue_minor", [{"at_most": 0}, {"at_least": 2}], True),
        ("overdue_minor", [{"at_most": 4}, {"at_least": 6}, {"equals": 5}], False),
        ("overdue_minor", [{"at_most": 4}, {"at_least": 7}, {"equals": 5}], True),
        ("overdue_minor", [{"at_most": 4}, {"at_least": 7}, {"one_of": [5, 6]}], False),
        ("overdue_minor", [{"at_most": 4}, {"at_least": 5, "at_most": 6}, {"at_least": 7}], False),
        ("overdue_minor", [{"equals": 5}], True),
        # a fact of the workflow ends at its own bounds
        ("days", [{"at_least": 1}], False),
        ("days", [{"at_least": 2}], True),
        ("days", [{"at_least": 2}, {"equals": 1}], False),
        ("days", [{"at_most": 4}], False),
        ("days", [{"at_most": 3}], True),
        ("days", [{"one_of": [1, 2, 3, 4]}], False),
        ("days", [{"one_of": [1, 2, 4]}], True),
        ("debt", [{"at_least": 1}, {"equals": 0}], False),
        ("debt", [{"at_least": 1}], True),
        # words and flags
        ("vulnerable", [{"equals": True}], True),
        ("vulnerable", [{"equals": False}], True),
        ("vulnerable", [{"equals": True}, {"equals": False}], False),
        ("told", [{"equals": True}, {"equals": False}], False),
        ("told", [{"equals": True}], True),
        ("status", [{"one_of": ["open"]}], True),
        ("arrears_band", [{"one_of": ["1m", "2m"]}, {"one_of": ["3m", "4m+"]}], False),
        ("arrears_band", [{"one_of": ["1m", "2m"]}, {"equals": "4m+"}], True),
        ("card", [{"one_of": ["ok", "old"]}, {"equals": "lost"}], False),
        ("card", [{"one_of": ["ok", "old"]}], True),
    ],
)
def test_tests_that_leave_nobody_and_tests_that_leave_one_value(
    fact: str, tests: list[Mapping[str, Any]], somebody: bool
) -> None:
    """Every kind of fact, covered to the last value and with one value missing."""
    assert left(fact, *tests) is somebody


@pytest.mark.parametrize(
    ("fact", "tests", "may_lack"),
    [
        ("told", [{"equals": True}, {"equals": False}], True),
        ("debt", [{"at_least": 0}], True),
        ("days", [{"at_least": 1}], False),
        ("card", [{"one_of": ["ok", "old", "lost"]}], False),
        ("vulnerable", [{"equals": True}, {"equals": False}], False),
    ],
)
def test_an_account_of_which_the_core_lacks_a_fact_passes_no_test_of_it(
    fact: str, tests: list[Mapping[str, Any]], may_lack: bool
) -> None:
    """Without a default such accounts are left over, and only they: those known are all covered."""
    assert left(fact, *tests, known=False) is may_lack
    assert not left(fact, *tests)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"at_most": 2}, {"at_least": 3}, False),
        ({"at_most": 3}, {"at_least": 3}, True),
        ({"at_least": 1, "at_most": 2}, {"equals": 2}, True),
        ({"at_least": 1, "at_most": 2}, {"equals": 3}, False),
        ({"at_least": 2, "at_most": 3}, {"equals": 1}, False),
        ({"one_of": [1, 4]}, {"at_least": 2, "at_most": 3}, False),
        ({"one_of": [1, 4]}, {"at_least": 4}, True),
    ],
)
def test_two_tests_of_one_number_touch_or_share_a_value(
    one: Mapping[str, Any], other: Mapping[str, Any], both: bool
) -> None:
    """Neighbours share nobody, a common end is somebody; the order does not matter."""
    assert overlap("broken_promises", one, other) is both
    assert overlap("broken_promises", other, one) is both
    assert overlap("days", one, other) is both


def test_a_box_of_two_facts_is_taken_out_as_a_whole_and_no_more() -> None:
    """Who passes one of the two tests only is left, in boxes that share nobody."""
    poor, frail = FactTest(at_least=1), FactTest(equals=True)
    cells = Cells([("overdue_minor", poor), ("vulnerable", frail)], {})
    taken = cells.box({"overdue_minor": poor, "vulnerable": frail})
    rest = cells.without([{}], taken)
    assert len(rest) == 2
    assert cells.within([rest[0]], rest[1]) == []
    assert cells.within(rest, taken) == []
    for when in ({"overdue_minor": poor}, {"vulnerable": frail}):
        assert cells.within(rest, cells.box(when))
    assert cells.without(rest, cells.box({"overdue_minor": poor})) == cells.without(
        [{}], cells.box({"overdue_minor": poor})
    )
    assert cells.without([taken], {}) == []
    assert cells.without([], taken) == []


@pytest.mark.parametrize(("most", "settled"), [(2, True), (1, False)])
def test_the_bound_on_pieces_is_the_last_that_is_taken_on(
    monkeypatch: pytest.MonkeyPatch, most: int, settled: bool
) -> None:
    """Two pieces are worked on with a bound of two and given up with a bound of one."""
    monkeypatch.setattr(boxes, "PIECES_MAX", most)
    poor, frail = FactTest(at_least=1), FactTest(equals=True)
    cells = Cells([("overdue_minor", poor), ("vulnerable", frail)], {})
    taken = cells.box({"overdue_minor": poor, "vulnerable": frail})
    if settled:
        assert len(cells.without([{}], taken)) == 2
    else:
        with pytest.raises(TooManyPiecesError):
            cells.without([{}], taken)
