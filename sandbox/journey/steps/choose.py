"""Show the actions policy allows this customer now, and take one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.bundle import IDENTITY_FAILED, NO_ACTION_ALLOWED
from sandbox.effects import Ask
from sandbox.evidence import CanonicalEvidence, Evidence, quoted
from sandbox.journey.filling import FORM_TRIES, fill_in
from sandbox.journey.steps.base import REFUSALS_MAX, Step, Walk
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Choice, record_of
from sandbox.policy.decide import TOO_WEAK
from sandbox.policy.decision import Decision, Offer
from sandbox.policy.link_terms import LINK_FAULTS

_ASKS_FOR_THE_FORM = ("", "input_missing")
"""Answers of policy to a choice without inputs after which its form is shown, if it has one."""

_ON_ITS_WAY = CaseState.ACTED, CaseState.RECORDED


def submitted_evidence(
    choice: Choice, level: int, account_version: int, policy_version: int
) -> CanonicalEvidence:
    """Return what the trail says of a choice without inputs, spelt out (see `evidence.quoted`)."""
    text = (
        f'{{"account_version":{account_version:d},"action":{quoted(choice.action)},'
        f'"amount_minor":{choice.amount_minor:d},"due_day_offset":{choice.due_day_offset:d},'
        f'"level":{level:d},"policy_version":{policy_version:d}}}'
    )
    return record_of(CanonicalEvidence, (text,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Step):
    """The action page: only eligible actions, inputs checked by policy before submission.

    Outcomes besides done: "person" (policy or the customer asks for a person, the core does not know the account, or
    nothing routine is left to do alone), "dispute" (any action that policy calls judgement work), "unproven" (what
    is wanted needs a stronger proof of identity than was given), "nothing" (looked and left without wanting an
    action), "dropped" (left the page or its form).
    """

    kind: Literal["choose"] = "choose"
    outcomes: ClassVar[tuple[str, ...]] = ("person", "dispute", "unproven", "nothing", "dropped")
    agrees: ClassVar[tuple[str, ...]] = ("done", "dispute")
    bounded: ClassVar[bool] = True
    held_to_policy: ClassVar[bool] = True

    def run(self, visit: Visit) -> Walk:
        """Decide on the core's facts, show the offers, validate what is submitted."""
        account = visit.read_account()
        if account is None:
            return "person"
        policy = visit.desk.policy
        if account.complete or visit.desk.book.state[visit.case_id] in _ON_ITS_WAY:
            return "nothing"  # on its way to the core or done, even where a read still says otherwise
        decision = policy.decide(account)
        visit.account = account
        offers = self._show(visit, visit.by_its_link(decision))
        if not offers:
            return "person"
        outcome = "dropped"
        for attempt in range(FORM_TRIES):
            asked = "choose", offers, len(visit.refused) * FORM_TRIES + attempt
            answer = visit.hear((yield record_of(Ask, asked)))
            if not isinstance(answer, Choice):
                return str(answer)
            refusal = self._objection(visit, decision, answer)
            if answer.action in policy.forms and refusal in _ASKS_FOR_THE_FORM and not answer.inputs:
                filled = yield from fill_in(visit, answer, policy.forms[answer.action], len(visit.refused))
                if filled is None:
                    break
                answer, refusal = filled, ""
            if not refusal:
                return self._take(visit, answer, account.version)
            self._refuse(visit, str(answer.action), refusal, decision.policy_version)
            if refusal == TOO_WEAK:  # no other input would help: the form is not shown again
                visit.trouble, outcome = IDENTITY_FAILED, "unproven"
                break
        return outcome

    @staticmethod
    def _objection(visit: Visit, decision: Decision, answer: Choice) -> str:
        """Say why policy, or then the link, does not take a choice; nothing, or what a form must add, if they do."""
        today = visit.desk.today(visit.at_ms) if answer.inputs else 0
        refusal = visit.desk.policy.check_choice(decision, answer, visit.level, today)
        return (visit.against_link(answer) or refusal) if refusal in _ASKS_FOR_THE_FORM else refusal

    @staticmethod
    def _refuse(visit: Visit, action: str, reason: str, policy_version: int) -> None:
        visit.attempted, visit.failure = action, reason
        visit.evidence("choice_refused", action=action, reason=reason, policy_version=policy_version)
        if reason in LINK_FAULTS:
            visit.tell(facts.LinkChecked, (False, reason))

    def _show(self, visit: Visit, decision: Decision) -> tuple[Offer, ...]:
        """Return what the customer may do here now; where that is nothing, the trail says why."""
        offers = decision.allowed
        if visit.refused:
            offers = _left_over(offers, visit.refused)
        if facts.OptionsShown in visit.desk.heard:
            shown = tuple(offer.action for offer in offers)
            blocked = tuple((item.action, item.reason) for item in decision.blocked)
            visit.tell(facts.OptionsShown, (shown, blocked))
        if decision.person_reason:
            visit.failure = decision.person_reason
            visit.tell(facts.RoutedToPerson, (decision.person_reason,))
            rule, version = (
                decision.blocked[0].rule,
                decision.policy_version,
            )  # the one rule blocks every action
            visit.evidence(
                "person_required", reason=decision.person_reason, rule=rule, policy_version=version
            )
        elif not offers:
            self._end_self_service(visit, decision)
        return offers

    @staticmethod
    def _end_self_service(visit: Visit, decision: Decision) -> None:
        """Nothing may be done here: after a refusal of the core for its reason, otherwise for policy's."""
        reasons = dict.fromkeys(item.reason for item in decision.blocked)
        if not visit.trouble:
            visit.fail(NO_ACTION_ALLOWED, visit.attempted or "choose", ", ".join(reasons) or "refused")
        visit.evidence(
            "no_action_allowed",
            blocked=list(reasons),
            refused=list(visit.refused),
            rules=list(dict.fromkeys(item.rule for item in decision.blocked)),
            policy_version=decision.policy_version,
        )

    @staticmethod
    def _take(visit: Visit, choice: Choice, account_version: int) -> str:
        visit.choice, policy = choice, visit.desk.policy
        visit.trouble = visit.failure = visit.attempted = ""
        visit.routine = policy.is_routine(choice.action)
        visit.tell(facts.Chosen, (str(choice.action), choice.amount_minor, visit.routine))
        submitted = submitted_evidence(choice, visit.level, account_version, policy.version)
        evidence: Evidence = submitted
        if choice.inputs:
            evidence = {**json.loads(submitted.text), "inputs": policy.masked_inputs(choice)}
        visit.record("choice_submitted", evidence)
        return "done" if visit.routine else "dispute"


def _left_over(offers: tuple[Offer, ...], refused: list[str]) -> tuple[Offer, ...]:
    """Return what is still offered after refusals; nothing when all of it would be judgement work anyway."""
    if len(refused) >= REFUSALS_MAX:
        return ()
    others = tuple(offer for offer in offers if offer.action not in refused)
    return others if any(offer.routine for offer in others) else ()
