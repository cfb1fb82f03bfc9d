"""What both desks remember and when they forget it: memory follows the living, and no answer depends on a sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.identity.facts_check import Enrolled, FactRules, FactsDesk
from sandbox.model import MS_PER_DAY, MS_PER_HOUR

PEPPER = bytes(range(32))
FACT = Enrolled("postcode", bytes(32))


class Kind(NamedTuple):
    """One kind of desk: how it is built, how an account enters, and how long one that did nothing more is kept."""

    build: Callable[[dict[int, Any]], Any]
    enter: Callable[[Any, int, int], object]
    kept_ms: int


KINDS = {
    "codes": Kind(
        lambda states: CodeDesk(CodeRules(), PEPPER, states=states),
        lambda desk, account, now_ms: desk.issue(account, "s", "123456", now_ms),
        CodeRules().lifetime_ms + MS_PER_HOUR,
    ),
    "facts": Kind(
        lambda states: FactsDesk(FactRules(), PEPPER, states=states),
        lambda desk, account, now_ms: desk.open(account, "v", (FACT,), now_ms),
        FactRules().lifetime_ms + MS_PER_DAY,
    ),
}
both = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def enter(kind: Kind, desk: Any, accounts: range, now_ms: int) -> None:
    """Let accounts in, one after the other."""
    for account in accounts:
        kind.enter(desk, account, now_ms)


@both
def test_the_first_sweep_comes_with_the_1025th_account(kind: Kind) -> None:
    """The 1024th leaves the dead where they are, the next frees them, in the first millisecond they are dead."""
    desk = kind.build({})
    enter(kind, desk, range(1_023), 0)
    enter(kind, desk, range(1_023, 1_024), kind.kept_ms)
    assert len(desk) == 1_024
    enter(kind, desk, range(1_024, 1_025), kind.kept_ms)
    assert len(desk) == 2


@both
def test_the_next_sweep_waits_until_the_living_have_doubled(kind: Kind) -> None:
    """1500 left by a sweep put the next one at 3000: sweeping costs no more than entering."""
    desk, later = kind.build({}), kind.kept_ms - 1
    enter(kind, desk, range(548), 0)
    enter(kind, desk, range(548, 2_048), later)  # swept at 1024 with nobody dead: next at 2048
    enter(kind, desk, range(2_048, 2_049), kind.kept_ms)
    assert len(desk) == 1_501
    enter(kind, desk, range(2_049, 3_547), kind.kept_ms)
    assert len(desk) == 2_999
    enter(kind, desk, range(3_547, 3_548), later + kind.kept_ms)
    assert len(desk) == 3_000
    enter(kind, desk, range(3_548, 3_549), later + kind.kept_ms)
    assert len(desk) == 1_501


@both
@pytest.mark.parametrize(("stored", "swept_from"), [(0, 1_024), (512, 1_024), (513, 1_026), (1_000, 2_000)])
def test_a_restart_over_stored_states_waits_until_they_have_doubled(
    kind: Kind, stored: int, swept_from: int
) -> None:
    """A desk over a durable mapping does not sweep the whole of it for its first customer."""
    states: dict[int, Any] = {}
    enter(kind, kind.build(states), range(stored), 0)
    desk = kind.build(states)
    assert len(desk) == stored
    enter(kind, desk, range(stored, swept_from), 0)
    assert len(desk) == swept_from
    enter(kind, desk, range(swept_from, swept_from + 1), kind.kept_ms)
    assert len(desk) == len(states) == 1


@both
def test_an_account_that_comes_back_sets_off_no_sweep(kind: Kind) -> None:
    """Only a new account makes the memory grow, so only a new one pays for a sweep."""
    desk = kind.build({})
    enter(kind, desk, range(1_024), 0)
    again = kind.kept_ms - 1
    enter(kind, desk, range(1), again)
    assert len(desk) == 1_024
