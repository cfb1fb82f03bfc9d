"""Hand a case from its path to a person: the fact that counts it, and the bundle that goes with it."""

from __future__ import annotations

from collections.abc import Collection

from sandbox import facts
from sandbox.bundle import Bundle, next_action, reason_alone
from sandbox.journey.visit import Visit
from sandbox.model import AssuranceLevel


def hand_over(
    visit: Visit, reason: str, *, whole: bool = True, leaves_out: Collection[str] = ()
) -> tuple[str, ...]:
    """Write the bundle of a visit's case and tell that it was handed over; the visit's trouble is taken up by it.

    Where evidence is scattered nobody can put the bundle together (`whole` is False): the reason alone goes along.

    Returns:
        The parts that are missing: left out by the design, or not known.
    """
    bundle = bundle_of(visit, reason).without(leaves_out) if whole else reason_alone(reason)
    visit.tell(facts.ExceptionRaised, (reason, bundle.complete))
    visit.evidence("exception_bundle", **bundle.as_evidence())
    visit.trouble = ""
    return bundle.missing


def bundle_of(visit: Visit, reason: str) -> Bundle:
    """Put together what a visit knows of its case."""
    desk = visit.desk
    sent = {*desk.earlier_sends(visit.case_id), visit.sent_at_ms}
    attempted = visit.attempted or (str(visit.choice.action) if visit.choice else "reach_a_person")
    proven = visit.level is not AssuranceLevel.NONE
    return Bundle(
        trigger=desk.policy.trigger or desk.policy.name,
        messages_sent_at_ms=tuple(sorted(sent)),
        attempted=attempted,
        identity=f"{visit.level.name.lower()} proven" if proven else "not proven",
        reason=reason,
        failure=visit.failure or reason,
        evidence=tuple(dict.fromkeys(visit.kinds)),
        next_action=next_action(reason),
        refused=tuple(visit.refused),
    )
