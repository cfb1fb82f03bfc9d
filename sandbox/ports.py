"""The small interfaces the rules need from the outside, owned by this side. Implementations live elsewhere.

Fakes return latency and faults as data and never wait; only the driver lets time pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

from sandbox.evidence import Evidence
from sandbox.model import AccountFacts, Channel

BY_HAND = "back_office"
"""The source of a posting that a person rekeyed."""

AT_FACE_VALUE = -1
"""As `expected_version`: no precondition. The core neither looks at the version nor at what it recorded before, as a
core does that is called without a condition; every such call that reaches it has its effect."""

WINDOW_CLOSED = "window_closed"
"""As a reason: the core takes no postings now by plan, and is not ill. A definite no: nothing was written."""


class PostCommand(NamedTuple):
    """One change asked of the core.

    Attributes:
        key: idempotency key; the same decision always carries the same key.
        fingerprint: digest of the canonical payload; the same key with another fingerprint is refused.
        case_id, account_id: what the change belongs to.
        action: what was decided, as the policy names it.
        amount_minor: minor units.
        due_day_offset: days until the promised payment; 0 for other actions.
        expected_version: account version the decision was made on, or AT_FACE_VALUE.
        note: what the record will say.
        source: customer, agent or back_office.
        inputs: canonical JSON of the submitted form fields; empty where there are none.
        effect: canonical JSON of what to write; empty where the core does it by the action's name.
    """

    key: str
    fingerprint: str
    case_id: int
    account_id: int
    action: str
    amount_minor: int
    due_day_offset: int
    expected_version: int
    note: str
    source: str
    inputs: str = ""
    effect: str = ""


class CoreOutcome(StrEnum):
    """What a core call came back with. The last three leave the truth unknown to the caller."""

    APPLIED = "applied"
    REPLAYED = "replayed"  # same key, same fingerprint: the stored answer, no new effect
    KEY_REUSED = "key_reused"  # 422: same key, other payload
    IN_PROGRESS = "in_progress"  # 409
    STALE = "stale"  # 412: the account has moved on
    REFUSED = "refused"  # business refusal: declined, closed, already complete; key stays free
    KEY_EXPIRED = "key_expired"  # 410
    NOT_FOUND = "not_found"  # read by key: never applied
    UNAVAILABLE = "unavailable"  # 5xx
    TIMED_OUT = "timed_out"  # no answer in time; may have been applied


class Receipt(NamedTuple):
    """The core's stored answer to an applied command."""

    posting_id: int
    key: str
    fingerprint: str
    status: str
    version: int
    posted_at_ms: int
    note: str


class CoreReply(NamedTuple):
    """A core call's answer and how long it took.

    Attributes:
        outcome: see CoreOutcome.
        latency_ms: time from call to answer (the client's timeout when it timed out).
        receipt: set when applied, replayed or found by key.
        reason: refusal reason, or empty.
        version: current account version when stale, else 0.
    """

    outcome: CoreOutcome
    latency_ms: int
    receipt: Receipt | None
    reason: str
    version: int


class CorePort(Protocol):
    """The system of record."""

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account as the core has it now; KeyError if unknown."""
        ...

    def is_complete(self, account_id: int) -> bool:
        """Say whether the record calls the account's case complete, as it is now; KeyError if unknown."""
        ...

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts numbered first to first + count - 1 that exist, in order, as they are now."""
        ...

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Apply one command at most once per key."""
        ...

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Say whether a key was applied: APPLIED with its receipt, NOT_FOUND, or an unavailable outcome."""
        ...


class Message(NamedTuple):
    """One outgoing message. `draw_index` makes the channel's draws a pure function of the message."""

    case_id: int
    touch: int
    channel: Channel
    purpose: str  # "campaign", "code", "confirmation", "outcome" or "opt_out"
    draw_index: int


RECEIPT_STATUSES = ("delivered", "failed", "read")
"""What a provider's report may say; who keeps read receipts off is never reported as having read."""


class DeliveryReceipt(NamedTuple):
    """A provider's report that arrives `after_ms` after the send; `status` is one of RECEIPT_STATUSES."""

    after_ms: int
    status: str


class Delivery(NamedTuple):
    """What happened to a message.

    Attributes:
        delivered_after_ms: when it reaches the handset or mailbox; None = never.
        receipts: the provider's reports that follow.
        seen_delay_ms: how long it then waits until the customer sees it; None = never seen.
        charged: whether the provider takes money for it.
        refused: why the provider did not take the message at all, or empty; nothing was sent then.
    """

    delivered_after_ms: int | None
    receipts: tuple[DeliveryReceipt, ...]
    seen_delay_ms: int | None = 0
    charged: bool = True
    refused: str = ""


class ChannelPort(Protocol):
    """A messaging provider."""

    def send(self, message: Message, at_ms: int) -> Delivery:
        """Say what becomes of a message, or why it is not taken."""
        ...


@runtime_checkable
class ConversationPort(ChannelPort, Protocol):
    """A messaging provider that treats a message differently for some time after the customer acted."""

    def acted(self, case_id: int, at_ms: int) -> None:
        """Note that a customer replied to or acted on a message of this channel."""
        ...


class Connection(NamedTuple):
    """How a call set up: whether it reached the lines, and how long ringing and the menu took."""

    connected: bool
    latency_ms: int


class VoicePort(Protocol):
    """The telephone network and the voice menu before the queue."""

    def connect(self, case_id: int, attempt: int) -> Connection:
        """Say what becomes of one call attempt."""
        ...


class CodeSource(Protocol):
    """Where one-time code digits come from: seeded in a simulation, a secure generator in a pilot."""

    def digits(self, case_id: int, nth: int) -> str:
        """Return the decimal digits of the nth code of a case, as many as the code desk asks for."""
        ...


FACTS_ON_FILE = ("date_of_birth", "postcode", "last_payment", "account_ending")
"""Facts a core holds that customers know of themselves, in the order they are asked."""


class FactSource(Protocol):
    """Where the answers to known facts come from: seeded in a simulation, the core in a pilot."""

    def answers(self, account_id: int, count: int) -> tuple[tuple[str, str], ...]:
        """Return the first `count` facts on file, (name, answer) in the order they are asked."""
        ...


class OutboxState(StrEnum):
    """Where an intent stands."""

    PENDING = "pending"  # committed before the first call
    UNKNOWN = "unknown"  # tried, truth not known: settled by read-by-key
    DONE = "done"
    REFUSED = "refused"


class OutboxRow(NamedTuple):
    """One intent to change the core, durable before the first call.

    Attributes:
        command: the change.
        state: where it stands.
        attempts: calls made for it.
        created_at_ms: when it was decided.
        next_try_at_ms: from when a sweep may take it.
        link: name of the link whose one act this is, from `identity.links.token_id`; empty where none was used.
    """

    command: PostCommand
    state: OutboxState
    attempts: int
    created_at_ms: int
    next_try_at_ms: int
    link: str = ""


class AuditRow(NamedTuple):
    """One link of the audit chain.

    Attributes:
        seq: position, from 1, without gaps.
        case_id: whose evidence this is.
        at_ms: when it happened.
        kind: what happened.
        body: canonical JSON of the evidence.
        digest: SHA-256 over the previous digest and this row's canonical bytes.
    """

    seq: int
    case_id: int
    at_ms: int
    kind: str
    body: str
    digest: bytes


class CaseStore(Protocol):
    """Our own durable tables: outbox and audit trail, in one transaction where the house law asks for it."""

    def add_intent(self, row: OutboxRow) -> bool:
        """Store an intent; False (and no change) if its key is already there."""
        ...

    def intent(self, key: str) -> OutboxRow | None:
        """Return an intent by key."""
        ...

    def update_intent(self, key: str, state: OutboxState, attempts: int, next_try_at_ms: int) -> None:
        """Move an intent on; the caller appends the audit row in the same group."""
        ...

    def due_intents(self, at_ms: int, limit: int) -> list[OutboxRow]:
        """Unfinished intents whose next try is due, oldest first."""
        ...

    def acts_by_link(self, since_ms: int) -> Iterator[OutboxRow]:
        """Intents since a moment that are the one act of a link, oldest first; those that were refused are none."""
        ...

    def append_audit(self, rows: Sequence[AuditRow]) -> None:
        """Append audit rows, in order."""
        ...

    def before_flush(self, callback: Callable[[], None]) -> None:
        """Call back before anything is written or read: who gathers audit rows hands them in then."""
        ...

    def audit_rows(self, case_id: int | None = None) -> Iterator[AuditRow]:
        """Rows in order of sequence, of one case or of all."""
        ...

    def commit(self) -> None:
        """Make everything since the last commit durable together."""
        ...


class AuditSink(Protocol):
    """Where evidence is written; the chain lives behind it."""

    def record(self, case_id: int, at_ms: int, kind: str, evidence: Evidence) -> None:
        """Append one piece of evidence."""
        ...


class FactSink(Protocol):
    """Where facts go."""

    def emit(self, fact: tuple[object, ...]) -> None:
        """Hand one fact to the listeners."""
        ...


class SelectiveSink(FactSink, Protocol):
    """A fact sink that says which kinds of fact anybody listens to; the others need not be made."""

    @property
    def heard(self) -> Mapping[type, Callable[[Any], None]]:
        """Who listens to each kind of fact; handing a fact to its listener is what `emit` does."""
        ...


class AccountSource(Protocol):
    """Bulk load side of a core: how a population gets in."""

    def load_accounts(self, accounts: Iterable[AccountFacts]) -> int:
        """Insert accounts; returns how many."""
        ...
