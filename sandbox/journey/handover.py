"""Hand a case from its path to a person: the fact that counts it, and the bundle that goes with it."""

from __future__ import annotations

from sandbox import facts
from sandbox.bundle import Bundle, bundle_from_trail, next_action
from sandbox.journey.visit import Desk, Visit
from sandbox.model import AssuranceLevel


def hand_over(visit: Visit, reason: str, *, whole: bool = True) -> None:
    """Write the bundle of a visit's case and tell that it was handed over; the visit's trouble is taken up by it.

    Where evidence is scattered nobody can put the bundle together (`whole` is False): the reason alone goes along.
    """
    bundle = bundle_of(visit, reason) if whole else Bundle("", (), "", "", reason, "", (), "", ())
    visit.tell(facts.ExceptionRaised, reason, bundle.complete)
    visit.evidence("exception_bundle", **bundle.as_evidence())
    visit.trouble = ""


def bundle_of(visit: Visit, reason: str) -> Bundle:
    """Put together what a visit knows of its case."""
    desk = visit.desk
    sent = {*desk.earlier_sends(visit.case_id), visit.sent_at_ms}
    attempted = visit.attempted or (visit.choice.action.value if visit.choice else "reach_a_person")
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


def hand_over_later(desk: Desk, case_id: int, at_ms: int, reason: str, failure: str) -> None:
    """Hand over a case no visit of which is left; what is known of it stands on its audit trail."""
    bundle = bundle_from_trail(desk.writeback.store.audit_rows(case_id), reason, failure)
    desk.record(case_id, at_ms, "exception_bundle", bundle.as_evidence())
    desk.writeback.store.commit()
    desk.emit(facts.ExceptionRaised(case_id, at_ms, reason, bundle.complete))
