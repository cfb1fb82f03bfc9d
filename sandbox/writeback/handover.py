"""Hand over a case no visit of which is left: what goes along is what its audit trail knows."""

from __future__ import annotations

from sandbox.bundle import bundle_from_trail, reason_alone
from sandbox.facts import ExceptionRaised
from sandbox.writeback.desk import WritebackDesk


def hand_over_later(desk: WritebackDesk, case_id: int, at_ms: int, reason: str, failure: str) -> None:
    """Write the bundle of a case and tell that it was handed over.

    Args:
        desk: whose trail it is; where evidence is scattered there is none to read, and the reason alone goes along.
        case_id: whose case.
        at_ms: when.
        reason: the exception trigger, as policies name it.
        failure: what exactly went wrong, in the words of whoever said no.
    """
    rows = desk.store.audit_rows(case_id)
    bundle = bundle_from_trail(rows, reason, failure) if desk.whole_bundles else reason_alone(reason)
    desk.audit.record(case_id, at_ms, "exception_bundle", bundle.as_evidence())
    desk.store.commit()
    desk.facts.emit(ExceptionRaised(case_id, at_ms, reason, bundle.complete))
