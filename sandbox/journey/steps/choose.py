"""Show the actions policy allows this customer now, and take one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.effects import Ask
from sandbox.evidence import EvidenceTemplate
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Action, Choice

_INPUTS: dict[str, object] = {"amount_minor": int, "due_day_offset": int, "policy_version": int, "level": int}
_SUBMITTED = {action: EvidenceTemplate({"action": action.value, **_INPUTS}) for action in Action}

FORM_TRIES = 3
"""Submissions of one form before the customer is taken to have left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Step):
    """The action page: only eligible actions, inputs checked by policy before submission.

    Outcomes besides done: "person" (policy or the customer asks for a person), "dispute" (always judgement
    work), "nothing" (looked and left without wanting an action), "dropped" (left the page).
    """

    kind: Literal["choose"] = "choose"
    outcomes: ClassVar[tuple[str, ...]] = ("person", "dispute", "nothing", "dropped")

    def run(self, visit: Visit) -> Walk:
        """Decide on the core's facts, show the offers, validate what is submitted."""
        account = visit.desk.core.read_account(visit.case_id)
        if account.complete or visit.desk.book.state[visit.case_id] == CaseState.ACTED:
            return "nothing"  # already done, or on its way to the core: nothing is left to choose
        decision = visit.desk.policy.decide(account)
        visit.account = account
        offers = decision.allowed
        if visit.refused:
            offers = tuple(offer for offer in offers if offer.action not in visit.refused)
        if facts.OptionsShown in visit.desk.heard:
            shown = tuple(offer.action.value for offer in offers)
            blocked = tuple((item.action.value, item.reason) for item in decision.blocked)
            visit.tell(facts.OptionsShown, shown, blocked)
        if decision.person_reason:
            visit.tell(facts.RoutedToPerson, decision.person_reason)
            visit.evidence("person_required", reason=decision.person_reason)
            return "person"
        for attempt in range(FORM_TRIES):
            answer = visit.hear((yield Ask("choose", offers, len(visit.refused) * FORM_TRIES + attempt)))
            if not isinstance(answer, Choice):
                return str(answer)
            if not visit.desk.policy.check_choice(decision, answer, visit.level):
                return self._take(visit, answer)
        return "dropped"

    @staticmethod
    def _take(visit: Visit, choice: Choice) -> str:
        visit.choice = choice
        visit.routine = visit.desk.policy.is_routine(choice.action)
        visit.tell(facts.Chosen, str(choice.action), choice.amount_minor, visit.routine)
        evidence = _SUBMITTED[choice.action].fill(
            amount_minor=choice.amount_minor,
            due_day_offset=choice.due_day_offset,
            policy_version=visit.desk.policy.version,
            level=visit.level,
        )
        visit.desk.record(visit.case_id, visit.at_ms, "choice_submitted", evidence)
        return "dispute" if choice.action is Action.DISPUTE else "done"
