"""The nouns of the product, as small immutable records. Money is integer minor units (pence, cents)."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, Literal, NamedTuple

TOUCHES_MAX = 10
"""Touches of one case at most; scenario files are held to it."""

WAIT_DAYS_MAX = 90
"""Working days between two touches at most; scenario files are held to it."""

MS_PER_SECOND = 1_000
MS_PER_MINUTE = 60_000
MS_PER_HOUR = 3_600_000
MS_PER_DAY = 86_400_000

record_of = tuple.__new__
"""Makes a NamedTuple from all of its fields in order: what the constructor ends in, at half the cost.

`record_of(Choice, (action, amount, 0))` is `Choice(action, amount, 0)`, but nobody counts the fields or fills in a
default. For records made in every case of a run only.
"""


class Channel(StrEnum):
    """How a message travels."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    VOICE = "voice"


MessageChannel = Literal["sms", "whatsapp", "email"]
"""The channels a campaign's message may take, as documents name them: a call is a step of its own."""


class Action(StrEnum):
    """The actions a core knows by name; a policy may name any others (lower case, digits and _)."""

    PAY_NOW = "pay_now"
    PROMISE_TO_PAY = "promise_to_pay"
    DISPUTE = "dispute"


class LedgerEffect(StrEnum):
    """What an action does in the core's ledger."""

    PAYMENT = "payment"
    PROMISE = "promise"
    DISPUTE = "dispute"
    CHANGE = "change"


LEDGER_ACTIONS: Final[dict[str, tuple[str, str]]] = {
    Action.PAY_NOW.value: (LedgerEffect.PAYMENT.value, "paid"),
    Action.PROMISE_TO_PAY.value: (LedgerEffect.PROMISE.value, "promised"),
    Action.DISPUTE.value: (LedgerEffect.DISPUTE.value, "disputed"),
}
"""The actions a core knows by name: what its ledger does for each, and the status of the record."""

LEDGER_EFFECTS: Final[dict[str, str]] = {action: effect for action, (effect, _) in LEDGER_ACTIONS.items()}
"""The same without the status."""


class AssuranceLevel(IntEnum):
    """How strongly the person acting has been tied to the customer; higher unlocks more."""

    NONE = 0
    LINK = 1  # holds the signed link we sent
    CODE = 2  # read a one-time code sent to the number on file
    LOGIN = 3  # knows the portal password
    CODE_AND_FACTS = 4  # read a code and answered questions only they can answer
    KNOWN_FACTS = 5  # answered an agent's questions


class ArrearsBand(StrEnum):
    """Months behind, in the bands collections teams report."""

    ONE_MONTH = "1m"
    TWO_MONTHS = "2m"
    THREE_MONTHS = "3m"
    FOUR_PLUS = "4m+"


class AccountStatus(StrEnum):
    """What the core says an account is."""

    OPEN = "open"
    CLOSED = "closed"


NO_DETAILS: Final = "{}"
"""The details of an account of which nothing more is known."""


class AccountFacts(NamedTuple):
    """What the core knows of one account and its open case; the only input of a policy decision.

    Attributes:
        account_id: the core's account number (equals the case id in synthetic populations).
        status: open or closed.
        arrears_band: months behind.
        balance_minor: total owed, minor units.
        overdue_minor: amount past due, minor units.
        broken_promises: promises to pay broken in the last year.
        vulnerable: flagged as needing a person.
        disputed: a dispute is open.
        payment_method_ok: the payment rail would accept a payment now.
        version: rises by one with every accepted write.
        complete: the core's record says the case is complete.
        details: what else this workflow knows of the account, canonical JSON of name to value.
    """

    account_id: int
    status: str
    arrears_band: str
    balance_minor: int
    overdue_minor: int
    broken_promises: int
    vulnerable: bool
    disputed: bool
    payment_method_ok: bool
    version: int
    complete: bool
    details: str = NO_DETAILS


class ContactPreferences(NamedTuple):
    """What outreach must know of one customer at send time.

    Attributes:
        consent: channels the customer consents to.
        opted_out_at_ms: simulated or wall time of an opt-out, or None.
        time_zone: IANA zone of the customer.
        preferred: the channel the customer asked for, or None.
    """

    consent: frozenset[Channel]
    opted_out_at_ms: int | None
    time_zone: str
    preferred: Channel | None = None


class Choice(NamedTuple):
    """What a customer submits on the action form.

    Attributes:
        action: the chosen action.
        amount_minor: amount offered or disputed, minor units.
        due_day_offset: days from today until a promised payment; 0 for others.
        inputs: canonical JSON of the form's other fields; empty where it has none.
    """

    action: str
    amount_minor: int
    due_day_offset: int
    inputs: str = ""
