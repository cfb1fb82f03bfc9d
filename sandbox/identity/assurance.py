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
    KNOWN_FACTS = "known_facts"


_PROVES = {
    Method.SIGNED_LINK: AssuranceLevel.LINK,
    Method.ONE_TIME_CODE: AssuranceLevel.CODE,
    Method.PORTAL_LOGIN: AssuranceLevel.LOGIN,
    Method.KNOWN_FACTS: AssuranceLevel.KNOWN_FACTS,
}


def proves(method: Method) -> AssuranceLevel:
    """Return the level a passed check by this method reaches."""
    return _PROVES[method]


def reached(methods: Iterable[Method]) -> AssuranceLevel:
    """Return the highest level among passed methods, NONE without any; weak proofs do not add up."""
    return max((_PROVES[method] for method in methods), default=AssuranceLevel.NONE)


def sufficient(have: AssuranceLevel, need: AssuranceLevel) -> bool:
    """Say whether the level reached unlocks what needs `need`."""
    return have >= need
