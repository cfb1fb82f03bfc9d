"""Prove identity with facts only the customer knows, asked in the message after a one-time code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from sandbox import facts
from sandbox.effects import Ask
from sandbox.identity.assurance import Method
from sandbox.identity.facts_check import FactsReason
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit
from sandbox.ports import FACTS_ON_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFacts(Step):
    """Ask for facts the core holds and judge the answers together: nobody is told which one was wrong.

    After a one-time code they open what a code alone must not; without one they prove no more than the link. How many
    customers know them is theirs: block `identity` of a scenario.

    Attributes:
        facts_asked: facts asked at once; two (a date of birth and a postcode, say) is an assumption.
        tries_max: times the customer may answer in one visit; the desk for known facts limits the visit and the day.
    """

    kind: Literal["known_facts"] = "known_facts"
    outcomes: ClassVar[tuple[str, ...]] = ("failed", "dropped")
    asks_identity: ClassVar[bool] = True
    steps_up: ClassVar[bool] = True
    proof: ClassVar[Method | None] = Method.FACTS_IN_MESSAGE
    facts_asked: Annotated[int, Ge(1), Le(len(FACTS_ON_FILE))] = 2
    tries_max: Annotated[int, Ge(1), Le(5)] = 2

    def run(self, visit: Visit) -> Walk:
        """Return "done" with the facts known, "failed" when they are not, "dropped" when the customer leaves."""
        desk, case_id, name = visit.desk, visit.case_id, str(visit.touch)
        known = desk.fact_source.answers(case_id, self.facts_asked)
        refused = desk.known_facts.open(case_id, name, desk.known_facts.enrol(case_id, known), visit.at_ms)
        for attempt in range(self.tries_max):
            if refused is not None:
                break
            answers = visit.hear((yield Ask("answer_facts", known, attempt)))
            if answers is None:
                return "dropped"
            result = desk.known_facts.check(case_id, name, dict(answers), visit.at_ms)
            visit.tell(facts.FactsChecked, (result.accepted, result.reason))
            if result.accepted:
                visit.proven(Method.FACTS_IN_MESSAGE)
                return "done"
        visit.not_proven(Method.FACTS_IN_MESSAGE, refused or FactsReason.NOT_KNOWN, self.id)
        return "failed"
