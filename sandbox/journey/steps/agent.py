"""Talk to an agent, who asks who is calling and takes the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.bundle import MISSING_DATA
from sandbox.effects import Ask, Wait
from sandbox.identity.assurance import Method
from sandbox.journey.filling import fill_in
from sandbox.journey.handover import hand_over
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Step):
    """An agent identifies the caller by known facts and agrees an outcome.

    The outcome is routine work when policy would have let this customer do it alone; why they called instead is told
    by the exception, not by this.

    A caller whose outcome is already on its way (or posted) is told so: the call is a repeat contact that costs
    agent time and changes nothing. An account the core does not know goes on, as missing data, to whoever keeps it.
    """

    kind: Literal["agent"] = "agent"
    outcomes: ClassVar[tuple[str, ...]] = ("identity_failed", "nothing")
    asks_identity: ClassVar[bool] = True
    proof: ClassVar[Method | None] = Method.KNOWN_FACTS
    on_the_line: ClassVar[bool] = True
    agrees: ClassVar[tuple[str, ...]] = ("done",)

    def run(self, visit: Visit) -> Walk:
        """Return "done" with a choice taken, "identity_failed", or "nothing" agreed."""
        if visit.call is not None:
            visit.hear((yield Wait(visit.call.talk_ms)))
        if not visit.hear((yield Ask("answer_agent", None, 0))):
            visit.not_proven(Method.KNOWN_FACTS, "not_known", self.id)
            return "identity_failed"
        visit.proven(Method.KNOWN_FACTS)
        if visit.desk.book.state[visit.case_id] in (CaseState.ACTED, CaseState.RECORDED):
            return "nothing"
        account = visit.read_account()
        if account is None:
            hand_over(visit, MISSING_DATA, whole=visit.desk.writeback.whole_bundles)
            return "nothing"
        choice = visit.hear((yield Ask("tell_agent", account, 0)))
        if not isinstance(choice, Choice):
            return "nothing"
        policy = visit.desk.policy
        if choice.action in policy.forms:  # the agent fills it in with the customer
            filled = yield from fill_in(visit, choice, policy.forms[choice.action], 0)
            if filled is None:
                return "nothing"
            choice = filled
        visit.account, visit.choice = account, choice
        decision = policy.decide(account)
        offers = decision.allowed
        visit.routine = any(offer.routine for offer in offers if offer.action == choice.action)
        visit.tell(facts.Chosen, (str(choice.action), choice.amount_minor, visit.routine))
        visit.move(CaseEvent.COMPLETED)
        visit.tell(facts.ActionCompleted, (str(choice.action), True))
        # What policy said stands beside what the agent agreed: whoever looks later sees whether the two agree.
        visit.evidence(
            "outcome_agreed",
            action=str(choice.action),
            amount_minor=choice.amount_minor,
            due_day_offset=choice.due_day_offset,
            policy_version=decision.policy_version,
            account_version=decision.account_version,
            blocked_by=next((item.rule for item in decision.blocked if item.action == choice.action), ""),
            offered=[offer.action for offer in offers],
            **({"inputs": policy.masked_inputs(choice)} if choice.inputs else {}),
        )
        return "done"
