"""Post the outcome to the core through the one path for a posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.bundle import REFUSAL_TRIGGERS
from sandbox.effects import Ask
from sandbox.errors import RuleBroken
from sandbox.journey.posting import command_for
from sandbox.journey.steps.base import Kept, Rate, Step, Walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit
from sandbox.model import Choice
from sandbox.writeback.blind import post_blindly
from sandbox.writeback.desk import PostingFlow, PostingResult, PostingState
from sandbox.writeback.workflow import post

# A member asked of its enum costs ten times a name of the module, and every case that acts comes through here.
_RECORDED, _STALE = PostingState.RECORDED, PostingState.STALE
_COMPLETED, _POSTED = CaseEvent.COMPLETED, CaseEvent.POSTED

STALE_TRIES = 3
"""New decisions taken on a moved account before the customer is told it did not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack(Step):
    """Idempotent writeback with retries, breaker and durable outbox; or, to see what that is worth, without.

    Outcomes besides done (it stands in the core): "queued" (the outbox keeps it; it will land later), "refused"
    (the core's business refusal; the customer may choose again) and "lost" (without idempotency only: no answer,
    and nobody tries again).

    Attributes:
        idempotent: false makes every submission a call of its own: a new key, no precondition, no outbox. A lost
            answer becomes a second effect in the core when somebody submits again, a lost request a miss when not.
        submits_again_rate: without idempotency, share of customers and agents who submit again after an error or no
            answer; 0.5 is an assumption, range 0.2 to 0.8.
        evidence: "trail", or "scattered" where what proves an outcome lies in several systems and notes.
        reconciles_rate: with scattered evidence, share of recorded outcomes that somebody has to reconcile by hand
            because no trail proves them; 0.05 is an assumption, range 0.01 to 0.15.
    """

    kind: Literal["write_back"] = "write_back"
    outcomes: ClassVar[tuple[str, ...]] = ("queued", "refused", "lost")
    posts: ClassVar[bool] = True
    completes: ClassVar[bool] = True
    refuses: ClassVar[tuple[str, ...]] = ("refused",)
    idempotent: bool = True
    submits_again_rate: Rate = 0.5
    evidence: Kept = "trail"
    reconciles_rate: Rate = 0.05

    def run(self, visit: Visit) -> Walk:
        """Complete the action and post it."""
        choice = visit.choice
        if choice is None:
            message = f"write_back reached without a choice in case {visit.case_id}"
            raise RuleBroken(message)
        if not visit.with_agent and not self._acts(visit, choice):
            return "refused"
        if self.idempotent:
            result = yield from self._post_once(visit, choice)
        else:
            result = yield from self._post_blindly(visit)
        if result.state is _RECORDED:
            visit.move(_POSTED)
            if self.evidence == "scattered" and visit.hear((yield Ask("ask_proof", self.reconciles_rate, 0))):
                visit.tell(facts.ReconciliationItem, ("evidence_scattered",))
            return "done"
        if result.state is PostingState.QUEUED:
            visit.link_waits()
            return "queued"
        if result.state is PostingState.LOST:
            return "lost"
        if result.state is _STALE:  # a key's refusal is told by whoever heard it, this one is ours
            visit.tell(facts.PostingRefused, ("account_changed",))
        visit.move(CaseEvent.REFUSED)
        visit.give_link_back()
        visit.refused.append(str(choice.action))
        if result.reason in REFUSAL_TRIGGERS:
            visit.fail(REFUSAL_TRIGGERS[result.reason], str(choice.action), result.reason)
        visit.kinds.append("posting_refused" if result.state is PostingState.REFUSED else "posting_stale")
        return "refused"

    @staticmethod
    def _acts(visit: Visit, choice: Choice) -> bool:
        """The customer acts, by the one act of their link; False, with the reason on the trail, if it may not."""
        fault = visit.against_link(choice)
        if not fault and visit.claim_link():
            visit.move(_COMPLETED)
            visit.tell(facts.ActionCompleted, (str(choice.action), False))
            return True
        visit.link_refused(str(choice.action), fault or "used")
        visit.refused.append(str(choice.action))
        return False

    def _post_once(self, visit: Visit, choice: Choice) -> PostingFlow:
        """Post so that it takes effect once; a stale version is a new decision with a new key."""
        for _ in range(STALE_TRIES):
            command = command_for(visit, "agent" if visit.with_agent else "customer")
            result: PostingResult = yield from post(command, visit.desk.writeback, visit.link)
            visit.at_ms = result.at_ms
            if result.state is not _STALE or not self._decided_again(visit, choice):
                break
        return result

    def _post_blindly(self, visit: Visit) -> PostingFlow:
        """Post without idempotency; what the core holds afterwards says how often it took effect."""
        core, source = visit.desk.core, "agent" if visit.with_agent else "customer"
        before = visit.read_account()
        if before is None:
            return PostingResult(PostingState.REFUSED, None, 0, "unknown_account", visit.at_ms)
        result: PostingResult = yield from post_blindly(
            lambda: command_for(visit, source), visit.desk.writeback, self.submits_again_rate
        )
        visit.at_ms = result.at_ms
        after = core.read_account(visit.case_id)
        wanted = 0 if before.complete else 1
        for _ in range(after.version - before.version - wanted):
            visit.tell(facts.DuplicateEffect)
        if result.state is PostingState.LOST and after.complete:
            visit.tell(facts.ReconciliationItem, ("unacknowledged",))
        return result

    @staticmethod
    def _decided_again(visit: Visit, choice: Choice) -> bool:
        """The account moved on: read it again and ask policy again; an agent's outcome is the agent's to judge."""
        account = visit.account = visit.read_account()
        if account is None:
            return False
        policy = visit.desk.policy
        return visit.with_agent or not policy.check_choice(
            policy.decide(account), choice, visit.level, visit.desk.today(visit.at_ms)
        )
