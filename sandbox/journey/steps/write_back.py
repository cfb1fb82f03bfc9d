"""Post the outcome to the core through the one path for a posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.bundle import REFUSAL_TRIGGERS
from sandbox.errors import RuleBroken
from sandbox.journey.posting import command_for
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit
from sandbox.model import Choice
from sandbox.writeback.desk import PostingFlow, PostingState
from sandbox.writeback.workflow import post

STALE_TRIES = 3
"""New decisions taken on a moved account before the customer is told it did not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack(Step):
    """Idempotent writeback with retries, breaker and durable outbox.

    Outcomes besides done (it stands in the core): "queued" (the outbox keeps it; it will land later) and
    "refused" (the core's business refusal; the customer may choose again).
    """

    kind: Literal["write_back"] = "write_back"
    outcomes: ClassVar[tuple[str, ...]] = ("queued", "refused")
    posts: ClassVar[bool] = True
    completes: ClassVar[bool] = True
    refuses: ClassVar[tuple[str, ...]] = ("refused",)

    def run(self, visit: Visit) -> Walk:
        """Complete the action and post it; a stale version is a new decision with a new key."""
        choice = visit.choice
        if choice is None:
            message = f"write_back reached without a choice in case {visit.case_id}"
            raise RuleBroken(message)
        if not visit.with_agent:
            visit.move(CaseEvent.COMPLETED)
            visit.tell(facts.ActionCompleted, str(choice.action), False)
        for _ in range(STALE_TRIES):
            result = yield from self._post(visit)
            if result.state is not PostingState.STALE:
                break
            if not self._decided_again(visit, choice):
                break
        if result.state is PostingState.RECORDED:
            visit.move(CaseEvent.POSTED)
            return "done"
        if result.state is PostingState.QUEUED:
            return "queued"
        if (
            result.state is PostingState.STALE
        ):  # a key's refusal is told by whoever heard it, this one is ours
            visit.tell(facts.PostingRefused, "account_changed")
        visit.move(CaseEvent.REFUSED)
        visit.refused.append(str(choice.action))
        if result.reason in REFUSAL_TRIGGERS:
            visit.fail(REFUSAL_TRIGGERS[result.reason], str(choice.action), result.reason)
        visit.kinds.append("posting_refused" if result.state is PostingState.REFUSED else "posting_stale")
        return "refused"

    @staticmethod
    def _decided_again(visit: Visit, choice: Choice) -> bool:
        """The account moved on: read it again and ask policy again; an agent's outcome is the agent's to judge."""
        account = visit.account = visit.read_account()
        if account is None:
            return False
        policy = visit.desk.policy
        return visit.with_agent or not policy.check_choice(policy.decide(account), choice, visit.level)

    @staticmethod
    def _post(visit: Visit) -> PostingFlow:
        command = command_for(visit, "agent" if visit.with_agent else "customer")
        result = yield from post(command, visit.desk.writeback)
        visit.at_ms = result.at_ms
        return result
