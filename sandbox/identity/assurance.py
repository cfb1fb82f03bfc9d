"""Which proof of identity reaches which assurance level.

The order is the product's, not a standard's: NIST SP 800-63B calls a code by text message a restricted factor
and does not accept one by email at all, so policy decides per action what is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sandbox.model import AssuranceLevel


class Method(StrEnum):
    """How a person can prove who they are; the word used in facts and in the audit trail."""

    SIGNED_LINK = "signed_link"
    ONE_TIME_CODE = "one_time_code"
    PORTAL_LOGIN = "portal_login"
    FACTS_IN_MESSAGE = "facts_in_message"
    KNOWN_FACTS = "known_facts"


_PROVES = {
    Method.SIGNED_LINK: AssuranceLevel.LINK,
    Method.ONE_TIME_CODE: AssuranceLevel.CODE,
    Method.PORTAL_LOGIN: AssuranceLevel.LOGIN,
    # Whoever reads the message may know the family's dates of birth: by themselves facts add nothing to the link.
    Method.FACTS_IN_MESSAGE: AssuranceLevel.LINK,
    Method.KNOWN_FACTS: AssuranceLevel.KNOWN_FACTS,
}


def proves(method: Method) -> AssuranceLevel:
    """Return the level a passed check by this method reaches by itself."""
    return _PROVES[method]


def raised(have: AssuranceLevel, method: Method) -> AssuranceLevel:
    """Return the level of somebody who has reached one level and now passes a check by this method.

    Proofs do not add up, with one exception: facts answered after a code, by somebody at code level, prove two
    different things. Facts answered before the code count for nothing more: they were asked of whoever holds the
    link.
    """
    if have is AssuranceLevel.CODE and method is Method.FACTS_IN_MESSAGE:
        return AssuranceLevel.CODE_AND_FACTS
    level = _PROVES[method]
    return level if level > have else have


def reached(methods: Iterable[Method]) -> AssuranceLevel:
    """Return the level reached by methods passed in this order, NONE without any."""
    level = AssuranceLevel.NONE
    for method in methods:
        level = raised(level, method)
    return level


def sufficient(have: AssuranceLevel, need: AssuranceLevel) -> bool:
    """Say whether the level reached unlocks what needs `need`."""
    return have >= need
