"""Prove identity with a one-time code sent to the number on file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from sandbox import facts
from sandbox.bundle import IDENTITY_FAILED
from sandbox.effects import Ask, Send
from sandbox.identity.assurance import Method
from sandbox.identity.codes import Throttled
from sandbox.journey.steps.base import Accepted, Step, Walk
from sandbox.journey.visit import Visit
from sandbox.model import Channel, record_of
from sandbox.ports import Message

CODES_BOUND = 8
"""Codes of one visit that stay apart in a draw key; above every `codes_max`."""

TRIES_BOUND = 10
"""Tries one screen takes before it stops asking; above every limit of the code desk."""

_SMS, _CODE = Channel.SMS, Method.ONE_TIME_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Step):
    """Send a one-time code and check what the customer types.

    Attributes:
        codes_max: codes sent in one visit before the step fails (the code desk limits the hour and the day).
        accepted_as: "full" where risk accepts a code for what it proves; "link" where it is too weak a proof for
            anything the signed link alone does not open.
    """

    kind: Literal["verify"] = "verify"
    outcomes: ClassVar[tuple[str, ...]] = ("failed", "dropped")
    asks_identity: ClassVar[bool] = True
    proof: ClassVar[Method | None] = Method.ONE_TIME_CODE
    codes_max: Annotated[int, Ge(1), Le(5)] = 2
    accepted_as: Accepted = "full"

    def run(self, visit: Visit) -> Walk:
        """Return "done" at code level, "failed" when codes or tries run out, "dropped" when they leave."""
        desk, case_id, session = visit.desk, visit.case_id, str(visit.touch)
        for nth in range(self.codes_max):
            send = visit.touch * CODES_BOUND + nth
            digits = desk.code_source.digits(case_id, send)
            issued = desk.codes.issue(case_id, session, digits, visit.at_ms)
            if isinstance(issued, Throttled):
                visit.fail(IDENTITY_FAILED, self.id, f"one_time_code {issued.reason}")
                visit.tell(facts.IdentityRefused, (_CODE.value,))
                visit.evidence("code_throttled", reason=issued.reason)
                return "failed"
            visit.tell(facts.ServiceMessageSent, ("code",))
            message = record_of(Message, (case_id, send, _SMS, "code", case_id))
            text = f"Your code is {digits}. It is valid for 10 minutes."
            visit.hear((yield record_of(Send, (message, text))))
            for attempt in range(TRIES_BOUND):
                typed = visit.hear((yield record_of(Ask, ("enter_code", digits, attempt))))
                if typed is None:
                    return "dropped"
                if typed == "":
                    break  # they ask for a new code
                accepted, reason = desk.codes.check(case_id, session, typed, visit.at_ms)
                visit.tell(facts.CodeChecked, (accepted, reason))
                if accepted:
                    visit.proven(_CODE, weak=self.accepted_as == "link")
                    return "done"
            else:
                break  # no tries are left, also not on a new code
        visit.not_proven(_CODE, "not_entered", self.id)
        return "failed"
