"""Which proof reaches which level, and what a level unlocks."""

from __future__ import annotations

import itertools

import pytest

from sandbox.identity.assurance import Method, proves, reached, sufficient
from sandbox.model import AssuranceLevel


def test_every_method_proves_a_level_of_its_own() -> None:
    """No method is forgotten, none proves nothing, and no two are the same."""
    assert len({proves(method) for method in Method}) == len(Method)
    assert AssuranceLevel.NONE not in {proves(method) for method in Method}


@pytest.mark.parametrize(
    ("method", "level"),
    [
        (Method.SIGNED_LINK, AssuranceLevel.LINK),
        (Method.ONE_TIME_CODE, AssuranceLevel.CODE),
        (Method.PORTAL_LOGIN, AssuranceLevel.LOGIN),
        (Method.KNOWN_FACTS, AssuranceLevel.KNOWN_FACTS),
    ],
)
def test_a_method_proves_its_level(method: Method, level: AssuranceLevel) -> None:
    """The table reads as the model names the levels."""
    assert proves(method) is level


def test_a_level_unlocks_itself_and_what_is_below() -> None:
    """Sufficiency is the order of the levels, on every pair."""
    for have, need in itertools.product(AssuranceLevel, repeat=2):
        assert sufficient(have, need) == (int(have) >= int(need))


def test_weak_proofs_do_not_add_up() -> None:
    """Several passed methods reach the level of the strongest, and none of them reaches NONE."""
    assert reached([]) is AssuranceLevel.NONE
    assert reached([Method.ONE_TIME_CODE, Method.SIGNED_LINK, Method.SIGNED_LINK]) is AssuranceLevel.CODE
