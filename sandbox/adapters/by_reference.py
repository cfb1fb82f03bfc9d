"""A core that knows no idempotency keys, behind the port that promises them: look up, write, look up again.

    find by reference ──▶ there      ──▶ its stored record is the answer (replayed, or refused: another payload)
          │               silence    ──▶ unknown; nothing was written by this call
          ▼ not there
    account checked   ──▶ moved on, complete or too much ──▶ refused, nothing written
          ▼
    write ──▶ answered ──▶ that is the answer
          ▼ silence
    find by reference ──▶ there: applied;  not there or silence: unknown, to be tried again with the same key

The reference is a function of the key alone, so every try of one decision looks for the same record.

What this cannot close, because looking and writing are two calls:

- two writers of one key at the same time both find nothing and both write. Only one worker may have a key at a time:
  the lease of our outbox row (`WritebackDesk.outbox_retry_ms`) sees to that.
- a write the core carries out after it was looked for in vain is written again by the next try. The pause between
  two tries must outlast the core's slowest write; a lease of minutes does, a backoff of seconds does where the core's
  timeout is what bounds its writes.
- somebody else may change the account between the check of its version and the write.
"""

from __future__ import annotations

import json
from typing import NamedTuple, Protocol

from sandbox.adapters.mapping import DoesNotFit, RecordMapping, reference_of
from sandbox.model import LEDGER_EFFECTS, AccountFacts, LedgerEffect
from sandbox.ports import AT_FACE_VALUE, WINDOW_CLOSED, CoreOutcome, CoreReply, PostCommand, Receipt

MISFILED = "misfiled"
"""Reason of an answer that holds another reference's record: no answer at all."""

_SILENCE = frozenset({CoreOutcome.TIMED_OUT, CoreOutcome.UNAVAILABLE})


class Entry(NamedTuple):
    """One record as a core without keys keeps it.

    Attributes:
        number: the core's own number of it.
        record: the text as it was written.
        status: what became of the account.
        version: the account's version after it.
        booked_at_ms: when it was booked.
    """

    number: int
    record: str
    status: str
    version: int
    booked_at_ms: int


class KeylessReply(NamedTuple):
    """What such a core answers.

    Attributes:
        outcome: APPLIED (written, or found), NOT_FOUND, REFUSED, IN_PROGRESS (found, being booked), KEY_EXPIRED
            (found in the archive, without its details), UNAVAILABLE or TIMED_OUT.
        latency_ms: from call to answer.
        entry: the record, when applied.
        reason: goes with the outcome, or empty.
    """

    outcome: CoreOutcome
    latency_ms: int
    entry: Entry | None
    reason: str


class KeylessCore(Protocol):
    """A system of record that takes records and finds them by reference."""

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account as it is now; KeyError if unknown."""
        ...

    def is_complete(self, account_id: int) -> bool:
        """Say whether the account's case is complete; KeyError if unknown."""
        ...

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts numbered first to first + count - 1 that exist, in order."""
        ...

    def submit(self, record: str, at_ms: int) -> KeylessReply:
        """Write one record. Every call that reaches the core has its effect."""
        ...

    def find(self, reference: str, at_ms: int) -> KeylessReply:
        """Look the oldest record with a reference up."""
        ...


class ByReference:
    """`ports.CorePort` over a core without keys; at most one effect per key for one writer at a time.

    Args:
        core: the system of record.
        mapping: how a posting is written there.
    """

    def __init__(self, core: KeylessCore, mapping: RecordMapping) -> None:
        self._core = core
        self._mapping = mapping
        # Reading is theirs entirely, and asked once a case.
        self.read_account = core.read_account
        self.is_complete = core.is_complete
        self.read_accounts = core.read_accounts

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Apply one command at most once per key; latencies of the calls it takes add up.

        A command at face value is written without looking: whoever asks for that wants every call to count.
        """
        try:
            self._mapping.write(command, at_ms)
        except DoesNotFit as unfit:
            return CoreReply(CoreOutcome.REFUSED, 0, None, f"does_not_fit: {unfit}", 0)
        if command.expected_version == AT_FACE_VALUE:
            return self._submitted(command, at_ms, 0)
        before = self._find(command.key, at_ms)
        if before.outcome is CoreOutcome.APPLIED:
            return self._repeat(command, before)
        if before.outcome is not CoreOutcome.NOT_FOUND:
            return before
        return self._objection(command, before.latency_ms) or self._written(command, at_ms, before.latency_ms)

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Say whether a key was applied: APPLIED with its receipt, NOT_FOUND, or why that is not known."""
        return self._find(key, at_ms)

    def _find(self, key: str, at_ms: int) -> CoreReply:
        reply = self._core.find(reference_of(key), at_ms)
        return self._as_reply(key, reply, reply.latency_ms)

    def _submitted(self, command: PostCommand, at_ms: int, spent_ms: int) -> CoreReply:
        begins_ms = at_ms + spent_ms
        reply = self._core.submit(self._mapping.write(command, begins_ms), begins_ms)
        return self._as_reply(command.key, reply, spent_ms + reply.latency_ms)

    def _written(self, command: PostCommand, at_ms: int, spent_ms: int) -> CoreReply:
        """Write what was looked for in vain, and look again if nothing is heard."""
        wrote = self._submitted(command, at_ms, spent_ms)
        if wrote.outcome not in _SILENCE or wrote.reason == WINDOW_CLOSED:
            return wrote
        after = self._find(command.key, at_ms + wrote.latency_ms)
        told = after if after.outcome is CoreOutcome.APPLIED else wrote
        return told._replace(latency_ms=wrote.latency_ms + after.latency_ms)

    def _repeat(self, command: PostCommand, found: CoreReply) -> CoreReply:
        receipt = found.receipt
        if receipt is not None and receipt.fingerprint == command.fingerprint:
            return found._replace(outcome=CoreOutcome.REPLAYED)
        return CoreReply(CoreOutcome.KEY_REUSED, found.latency_ms, None, "key_reused", 0)

    def _objection(self, command: PostCommand, latency_ms: int) -> CoreReply | None:
        """Say what speaks against writing, where the core itself would not look; an unknown account is its own no."""
        try:
            facts = self._core.read_account(command.account_id)
        except KeyError:
            return None
        if facts.version != command.expected_version:
            return CoreReply(CoreOutcome.STALE, latency_ms, None, "stale_version", facts.version)
        reason = ""
        if facts.complete:
            reason = "already_complete"
        elif _is_payment(command) and command.amount_minor > facts.balance_minor:
            reason = "amount_above_balance"
        return CoreReply(CoreOutcome.REFUSED, latency_ms, None, reason, 0) if reason else None

    def _as_reply(self, key: str, reply: KeylessReply, latency_ms: int) -> CoreReply:
        """Say the same in the port's words; a record of another reference is no answer."""
        entry = reply.entry
        if entry is None:
            return CoreReply(reply.outcome, latency_ms, None, reply.reason, 0)
        held = self._mapping.read(entry.record)
        if held["reference"] != reference_of(key):
            return CoreReply(CoreOutcome.UNAVAILABLE, latency_ms, None, MISFILED, 0)
        receipt = Receipt(
            entry.number,
            key,
            held["check"].lower(),
            entry.status,
            entry.version,
            entry.booked_at_ms,
            held["note"],
        )
        return CoreReply(reply.outcome, latency_ms, receipt, "", 0)


def _is_payment(command: PostCommand) -> bool:
    """Say whether a command takes money: its effect says so, or its action's name where it has none."""
    if not command.effect:
        return LEDGER_EFFECTS.get(command.action) == LedgerEffect.PAYMENT
    return bool(json.loads(command.effect).get("kind") == LedgerEffect.PAYMENT)
