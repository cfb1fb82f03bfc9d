"""What policy says, as records: admitted or not, allowed, blocked, and why."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.model import AssuranceLevel


class Admission(NamedTuple):
    """Whether a case comes in; `reason` and `rule` are empty when it does."""

    admitted: bool
    reason: str
    rule: str


class Offer(NamedTuple):
    """An action this customer may take now, and the inputs it accepts (all ends included).

    `asked_minor` is what the page asks for: what is overdue, within the limits. A change has no amount: 0 throughout.
    `effect` is what the core's ledger does.
    """

    action: str
    identity_level: AssuranceLevel
    amount_min_minor: int
    amount_max_minor: int
    due_days_min: int
    due_days_max: int
    routine: bool
    asked_minor: int
    effect: str


class Blocked(NamedTuple):
    """An action this customer may not take now: the first rule that forbids it, and its reason code."""

    action: str
    rule: str
    reason: str


class Decision(NamedTuple):
    """Everything policy says to one account. Every action of the policy is either allowed or blocked.

    Attributes:
        allowed: what may be shown.
        blocked: what may not, and why.
        person_reason: not empty when this customer goes to a person; then nothing is allowed.
        policy_version: version of the policy that decided.
        account_version: version of the account the decision rests on.
        segment: the customer's segment; empty in a policy without segments, and where no action was looked at.
    """

    allowed: tuple[Offer, ...]
    blocked: tuple[Blocked, ...]
    person_reason: str
    policy_version: int
    account_version: int
    segment: str = ""
