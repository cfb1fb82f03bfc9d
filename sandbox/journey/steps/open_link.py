"""Open the signed link in the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.bundle import IDENTITY_FAILED
from sandbox.evidence import canonical
from sandbox.identity.assurance import Method, proves
from sandbox.identity.links import LinkClaims, LinkExpectation, payment_terms
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit
from sandbox.model import TOUCHES_MAX, record_of

PURPOSE = "resolve"
_LEVEL = proves(Method.SIGNED_LINK)
_OPENED = [canonical({"touch": touch}) for touch in range(TOUCHES_MAX + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink(Step):
    """The customer taps the signed link; it is verified before anything is shown.

    The link is signed for those who open one, unless the visit brings the token it came by: the token is a pure
    function of the message, so signing late gives the same bytes as signing every message. Reading a link never acts.
    Where the policy has link terms, the link is signed for what was due when the message left, and for the payee; one
    signed for anything else opens the page too, but no payment on it.

    Attributes:
        is_proof: risk takes whoever holds the link for the customer, the weakest proof there is; false where it only
            opens the page on which another proof is asked for.
    """

    kind: Literal["open_link"] = "open_link"
    outcomes: ClassVar[tuple[str, ...]] = ("refused",)
    proof: ClassVar[Method | None] = Method.SIGNED_LINK
    is_proof: bool = False

    @property
    def identifies(self) -> bool:
        """Whether the link is all the proof the design asks for."""
        return self.is_proof

    def run(self, visit: Visit) -> Walk:
        """Verify the link; "refused" when it is expired or otherwise not acceptable."""
        desk, case_id, token = visit.desk, visit.case_id, visit.token
        due_minor, terms = _signed_for(visit)
        if not token:
            sent_ms = visit.sent_at_ms
            fields = case_id, case_id, PURPOSE, sent_ms, sent_ms + desk.link_lifetime_ms, terms
            token = visit.token = desk.links.sign(record_of(LinkClaims, fields))
        expected = record_of(LinkExpectation, (case_id, PURPOSE, None, None))
        accepted, reason, claims = desk.links.verify(token, visit.at_ms, expected)
        visit.tell(facts.LinkChecked, (accepted, reason))
        if not accepted:
            visit.fail(IDENTITY_FAILED, self.id, f"signed_link {reason}")
            visit.tell(facts.IdentityRefused, (Method.SIGNED_LINK.value,))
            visit.evidence("link_refused", reason=reason)
            visit.token = ""  # whoever goes on from here does not act by it
            return "refused"
        if claims is not None:
            visit.link_ends_ms = claims.expires_at_ms
            visit.signed_minor = due_minor if claims.terms == terms else 0
        yield from ()  # reading takes no time of its own: the page's time is the next step's
        if self.is_proof:
            visit.proven(Method.SIGNED_LINK)
        visit.level = _LEVEL
        visit.record("link_opened", _OPENED[visit.touch])
        return "done"


def _signed_for(visit: Visit) -> tuple[int, str]:
    """Return what a link of this case is good for, by our own record of what was sent, and its digest."""
    desk = visit.desk
    terms = desk.policy.link_terms
    due_minor = desk.book.due_minor[visit.case_id] if terms is not None else 0
    if terms is None or due_minor < 1:
        return 0, ""
    return due_minor, payment_terms(due_minor, terms.payee)
