"""One visit: a customer acting on one message, from engagement until they leave or are done."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox import facts
from sandbox.bundle import IDENTITY_FAILED, MISSING_DATA
from sandbox.effects import Answer, CallResult
from sandbox.evidence import Evidence, canonical
from sandbox.identity.assurance import Method, raised
from sandbox.identity.codes import CodeDesk
from sandbox.identity.facts_check import FactsDesk
from sandbox.identity.links import LinkSigner, LinkUses, token_id
from sandbox.journey.table import MOVES, CaseEvent, CaseState, advance
from sandbox.model import MS_PER_DAY, AccountFacts, AssuranceLevel, Choice, record_of
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Decision
from sandbox.ports import CodeSource, CorePort, FactSource, PostCommand
from sandbox.writeback.desk import WritebackDesk


def _proof(have: AssuranceLevel, method: Method, *, weak: bool) -> tuple[AssuranceLevel, int, str, Evidence]:
    """What a passed check makes of a level: the new one, how facts say it and the method, and what is recorded."""
    level = max(have, AssuranceLevel.LINK) if weak else raised(have, method)
    return level, int(level), method.value, canonical({"method": method.value, "level": int(level)})


# Enum members are bound once, here and in the steps: reading one from its class costs as much as ten look-ups.
_PROVEN = CaseEvent.PROVEN
_PROOFS = {
    (have, method, weak): _proof(have, method, weak=weak)
    for have in AssuranceLevel
    for method in Method
    for weak in (False, True)
}


class CaseBook:
    """What we must remember of every case between visits, in flat columns.

    A live generator is never the truth: whatever outlasts a visit is here or in the case store.

    Attributes:
        state, decisions, visiting: where each case stands, decisions taken on it, whether somebody is visiting.
        due_minor: what was due when the message left, minor units: the links of a case are signed for it. Noted only
            under a policy that has link terms.
    """

    def __init__(self, cases: int) -> None:
        """Start every case as triggered, with no decision taken and nobody visiting."""
        self.cases = cases
        self.state = bytearray(cases)
        self.decisions = bytearray(cases)
        self.visiting = bytearray(cases)
        self.due_minor = array("q", bytes(8 * cases))
        # The table as a row of small integers for each event: asked a million times a run, it must cost one index.
        self._after = [[int(MOVES.get((state, event), -1)) for state in CaseState] for event in CaseEvent]

    def move(self, case_id: int, event: CaseEvent) -> None:
        """Move a case along the state table; RuleBroken leaves it where it was."""
        states = self.state
        try:
            states[case_id] = self._after[event][states[case_id]]
        except ValueError:  # no byte is below 0: the move is not in the table
            states[case_id] = advance(CaseState(states[case_id]), event)

    def close(self) -> None:
        """The campaign's window ended: move every case that may be closed, all at once."""
        ends = bytearray(range(256))
        for state, target in enumerate(self._after[CaseEvent.CLOSED]):
            if target >= 0:
                ends[state] = target
        self.state[:] = self.state.translate(ends)

    def next_decision(self, case_id: int) -> int:
        """Number the next decision of a case, from 1; the idempotency key is built on it."""
        self.decisions[case_id] += 1
        return self.decisions[case_id]


def days_since_start(at_ms: int) -> int:
    """Return the day of a moment where nobody says which day the first one is: that is day 1."""
    return at_ms // MS_PER_DAY + 1


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything real a visit works with, bound once per run.

    `record` takes evidence, `emit` takes facts of the kinds in `heard`, which says who listens to each;
    `earlier_sends` says when the messages before a visit's own left, oldest first; `today` which day a moment lies
    on, as `date.toordinal` counts.
    """

    policy: Policy
    links: LinkSigner
    link_uses: LinkUses
    link_lifetime_ms: int
    codes: CodeDesk
    code_source: CodeSource
    known_facts: FactsDesk
    fact_source: FactSource
    core: CorePort
    writeback: WritebackDesk
    record: Callable[[int, int, str, Evidence], None]
    emit: Callable[[tuple[object, ...]], None]
    heard: Mapping[type, Callable[[Any], None]]
    book: CaseBook
    earlier_sends: Callable[[int], Sequence[int]] = lambda _case_id: ()
    today: Callable[[int], int] = days_since_start

    def sign_for(self, first: int, accounts: Sequence[AccountFacts]) -> None:
        """Note what the links of the cases from `first` on are signed for, if policy binds them: what is due now."""
        terms = self.policy.link_terms
        if terms is not None:
            self.book.due_minor[first : first + len(accounts)] = array("q", map(terms.due, accounts))

    def listener(self, kind: type[tuple[object, ...]]) -> Callable[[Any], None]:
        """Return who listens to a kind of fact, to be bound by those who tell the same in every case."""
        return self.heard.get(kind, _nobody)


def _nobody(_fact: object) -> None:
    """Where nobody listens."""


@dataclass(slots=True)
class Visit:
    """The state of one visit; steps read and write it, nothing else does.

    Attributes:
        at_ms: time of the last answer heard.
        level: strongest proof of identity so far.
        choice: what the customer submitted.
        account: the core's facts on which that choice was allowed; its version goes with the posting.
        intent: why they would call: "routine" or "judgement".
        with_agent: an agent is on the line.
        discovery_min_mean: mean minutes an agent needs to find out what the case's bundle does not say.
        refused: actions the core refused in this visit.
        goes_on: the step behind the scenes at which the visit ended, or empty.
        note: what is left for a person to post.
        clerk_ms: clerk time spent on the note before it is keyed.
        item: how often a note of this case was left before.
        failed: why the item came to nothing: "lost", "wrong", or empty.
        trouble: the exception trigger, as policies name it, that ended self-service; empty while it goes on.
        failure: what exactly went wrong, in the words of whoever said no.
        attempted: what the customer tried when it did.
        kinds: kinds of evidence this visit has written, in order.
        token: the link as it was opened; empty before, if it was refused, or where the design has none.
        link_ends_ms: first millisecond after the link's life.
        link: the name of the link whose one act is this visit's; empty until it is claimed.
        signed_minor: the payment the link is good for, minor units; 0 for none.
    """

    desk: Desk
    case_id: int
    touch: int
    sent_at_ms: int
    at_ms: int
    level: AssuranceLevel = AssuranceLevel.NONE
    choice: Choice | None = None
    account: AccountFacts | None = None
    routine: bool = True
    intent: str = "routine"
    with_agent: bool = False
    discovery_min_mean: float = 0.0
    call: CallResult | None = None
    refused: list[str] = field(default_factory=list)
    goes_on: str = ""
    note: PostCommand | None = None
    clerk_ms: int = 0
    item: int = 0
    failed: str = ""
    trouble: str = ""
    failure: str = ""
    attempted: str = ""
    kinds: list[str] = field(default_factory=list)
    token: str = ""
    link_ends_ms: int = 0
    link: str = ""
    signed_minor: int = 0

    def hear(self, answer: Answer) -> Any:
        """Take an answer: the visit's time moves on, the value is returned."""
        self.at_ms = answer.at_ms
        return answer.value

    def move(self, event: CaseEvent) -> None:
        """Move the case along the state table."""
        self.desk.book.move(self.case_id, event)

    def tell(self, fact: type[tuple[object, ...]], values: tuple[object, ...] = ()) -> None:
        """Emit a fact of this case, now, if anybody listens to its kind; all of its further values are given."""
        listener = self.desk.heard.get(fact)
        if listener is not None:
            listener(record_of(fact, (self.case_id, self.at_ms) + values))  # noqa: RUF005 - spares a list

    def proven(self, method: Method, *, weak: bool = False) -> None:
        """The customer passed a check by this method and reaches the level it proves.

        A weak check is one that risk does not accept for what it proves: it counts as the signed link alone.
        """
        self.level, level, word, evidence = _PROOFS[self.level, method, weak]
        self.move(_PROVEN)
        self.tell(facts.IdentityProven, (level, word))
        self.record("identity_proven", evidence)

    def not_proven(self, method: Method, failure: str, step: str) -> None:
        """A check by this method was refused; the trail holds the method, never what exactly was wrong."""
        self.fail(IDENTITY_FAILED, step, f"{method} {failure}")
        self.tell(facts.IdentityRefused, (method.value,))
        self.evidence("identity_refused", method=method.value)

    def by_its_link(self, decision: Decision) -> Decision:
        """Return what is left of a decision for whoever came by this visit's link."""
        terms = self.desk.policy.link_terms
        return decision if terms is None or not self.token else terms.held(decision, self.signed_minor)

    def against_link(self, choice: Choice) -> str:
        """Say why the link this visit came by does not cover a choice; nothing where it does, or nothing binds it."""
        terms = self.desk.policy.link_terms
        if terms is None or not self.token or choice.action not in terms.payments:
            return ""
        return terms.fault(choice.amount_minor, self.signed_minor)

    def link_refused(self, action: str, reason: str) -> None:
        """The link does not let its holder do this: counted, and on the trail with its reason."""
        self.fail(IDENTITY_FAILED, action, f"signed_link {reason}")
        self.tell(facts.LinkChecked, (False, reason))
        self.evidence("link_refused", reason=reason)

    def claim_link(self) -> bool:
        """Claim the one act of the link this visit came by; False where somebody has acted by it before.

        A visit that did not come by a link has nothing to claim; one that has claimed may act until it has done so.
        """
        if not self.token or self.link:
            return True
        name = token_id(self.token)
        if not self.desk.link_uses.use(name, self.link_ends_ms, self.at_ms):
            return False
        self.link = name
        return True

    def give_link_back(self) -> None:
        """The core refused what was done by the link: nothing happened, so the link has not acted."""
        if self.link:
            self.desk.link_uses.give_back(self.link)
            self.link = ""

    def link_waits(self) -> None:
        """What was done by the link is kept for later: should it come to nothing, the link has not acted."""
        if self.link:
            self.desk.link_uses.wait_for(self.case_id, self.link)

    def item_failed(self, step: str, reason: str) -> str:
        """The item came to nothing and nobody knows; returns the reason, which is the step's outcome."""
        self.failed = reason
        self.tell(facts.ItemFailed, (step, reason))
        return reason

    def record(self, kind: str, evidence: Evidence) -> None:
        """Write one piece of evidence of this case, now."""
        self.kinds.append(kind)
        self.desk.record(self.case_id, self.at_ms, kind, evidence)

    def evidence(self, kind: str, **details: object) -> None:
        """Write one piece of evidence of this case, now, from its details."""
        self.record(kind, details)

    def fail(self, trigger: str, attempted: str, failure: str) -> None:
        """Note what ended self-service, for the person the design hands the case to."""
        self.trouble, self.attempted, self.failure = trigger, attempted, failure

    def read_account(self) -> AccountFacts | None:
        """Return the account as the core has it now; None, with the failure noted, if the core does not know it."""
        try:
            return self.desk.core.read_account(self.case_id)
        except KeyError:
            self.fail(MISSING_DATA, self.attempted or "read_account", "unknown_account")
            self.evidence("data_missing", what="account")
            return None
