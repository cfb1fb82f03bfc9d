"""Which proof reaches which level, and what a level unlocks."""

from __future__ import annotations

import itertools

import pytest

from sandbox.identity.assurance import Method, proves, raised, reached, sufficient
from sandbox.model import AssuranceLevel


def test_every_method_proves_something() -> None:
    """No method is forgotten and none proves nothing; facts alone are worth no more than the link."""
    assert len({proves(method) for method in Method}) == len(Method) - 1
    assert AssuranceLevel.NONE not in {proves(method) for method in Method}


@pytest.mark.parametrize(
    ("method", "level"),
    [
        (Method.SIGNED_LINK, AssuranceLevel.LINK),
        (Method.ONE_TIME_CODE, AssuranceLevel.CODE),
        (Method.PORTAL_LOGIN, AssuranceLevel.LOGIN),
        (Method.FACTS_IN_MESSAGE, AssuranceLevel.LINK),
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


LINK, CODE, FACTS = Method.SIGNED_LINK, Method.ONE_TIME_CODE, Method.FACTS_IN_MESSAGE


@pytest.mark.parametrize(
    ("methods", "level"),
    [
        ([LINK, FACTS], AssuranceLevel.LINK),
        ([FACTS], AssuranceLevel.LINK),
        ([LINK, CODE, FACTS], AssuranceLevel.CODE_AND_FACTS),
        ([LINK, FACTS, CODE], AssuranceLevel.CODE),
        ([Method.PORTAL_LOGIN, FACTS], AssuranceLevel.LOGIN),
        ([CODE, FACTS, FACTS], AssuranceLevel.CODE_AND_FACTS),
        ([CODE, FACTS, CODE], AssuranceLevel.CODE_AND_FACTS),
        ([CODE, FACTS, Method.KNOWN_FACTS], AssuranceLevel.KNOWN_FACTS),
    ],
)
def test_facts_in_the_message_count_after_a_code_only(methods: list[Method], level: AssuranceLevel) -> None:
    """Facts add to a code and to nothing else: not to a link, not to a password, not to a code still to come."""
    assert reached(methods) is level


def test_no_other_pair_of_proofs_adds_up() -> None:
    """Of all levels and methods, a code with facts is the only pair worth more than its stronger half."""
    more = {
        (have, method)
        for have, method in itertools.product(AssuranceLevel, Method)
        if raised(have, method) > max(have, proves(method))
    }
    assert more == {(AssuranceLevel.CODE, FACTS)}


def test_a_further_proof_never_lowers_a_level() -> None:
    """Whatever is passed later, what was proven stays proven."""
    assert all(raised(have, method) >= have for have, method in itertools.product(AssuranceLevel, Method))


def test_the_levels_stand_in_the_order_policies_rely_on() -> None:
    """Link, code, login, code with facts, an agent's questions: the order, and the numbers on audit trails."""
    assert [(level.name, int(level)) for level in AssuranceLevel] == [
        ("NONE", 0),
        ("LINK", 1),
        ("CODE", 2),
        ("LOGIN", 3),
        ("CODE_AND_FACTS", 4),
        ("KNOWN_FACTS", 5),
    ]
