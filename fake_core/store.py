"""The fake system of record: real tables, real savepoints, faults and latency as data. It never waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from fake_core import sql
from fake_core.driver import Driver, add_rows, database_at, database_in
from fake_core.faults import POST, READ, Fate, Fates, FaultPlan
from fake_core.new_keys import NewKeys
from fake_core.open_group import OpenGroup
from fake_core.packed_accounts import PackedAccounts
from fake_core.profiles import MODERN_API, CoreProfile
from fake_core.rows import CoreTotals, PostingRow
from fake_core.rules import change, refusal
from sandbox.errors import BadInput, RuleBroken
from sandbox.model import AccountFacts, record_of
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, CoreReply, PostCommand, Receipt

TEMPORARY = ""
"""The URL of a private temporary file that is gone when closed: it spills to disk what memory should not hold."""

_APPLIED = CoreOutcome.APPLIED  # a member asked of its class costs ten times a name of the module
_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL")  # WAL lets others read a file while we write
_TEMPORARY_PRAGMAS = (
    "journal_mode = MEMORY",
    "synchronous = OFF",
    "cache_size = -2048",
)  # KiB, then it spills


class FakeCore:
    """A core behind `ports.CorePort` and `ports.AccountSource`, on SQLite.

    A posting's effect, record, stored response, audit row and event row stand or fall together: they wait in the open
    group, which is read before the tables, and reach the tables in one savepoint before anybody asks these and before
    the group is committed (in a temporary core, whose tables nobody else can ask: a block beside the tables). What a
    caller sees never depends on the grouping.

    Args:
        url: any SQLite URL, or TEMPORARY; in memory by default.
        profile: how the core answers.
        faults: what goes wrong; nothing by default.
        commit_every: postings per durable commit; 1 where the core's process may crash.

    Raises:
        BadInput: the URL is not SQLite's or cannot be opened.
    """

    def __init__(
        self,
        url: str = "sqlite://",
        profile: CoreProfile = MODERN_API,
        faults: FaultPlan | None = None,
        commit_every: int = 500,
    ) -> None:
        temporary = url == TEMPORARY
        database = database_in("") if temporary else database_at(url)
        pragmas = _TEMPORARY_PRAGMAS if temporary else _PRAGMAS
        self._driver = Driver(database, sql.CREATE, pragmas, commit_every)
        self._cursor = self._driver.cursor
        self._profile = profile
        self._fates = Fates(faults or FaultPlan(), profile)
        # Only keys a draw went wrong for are remembered: the faults bound it, not the calls.
        self._faulted: dict[str, dict[str, int]] = {POST: {}, READ: {}}
        self._packed = PackedAccounts() if temporary else None
        self._open = OpenGroup(self._cursor, self._packed, blocks=temporary and profile.honours_keys)
        self._last_id = int(self._cursor.execute(sql.READ_LAST_POSTING).fetchone()[0])
        self._new_keys = None if self._last_id else NewKeys()

    def suffer(self, faults: FaultPlan) -> None:
        """Go by another plan of faults from now on: a storm that begins, or one that is over."""
        self._fates = Fates(faults, self._profile)

    # Accounts

    def load_accounts(self, accounts: Iterable[AccountFacts]) -> int:
        """Insert accounts, all or none; returns how many.

        Raises:
            BadInput: an account number occurs twice.
        """
        cursor, packed = self._cursor, self._packed
        mark = (0, False) if packed is None else packed.mark()
        rest = accounts if packed is None else packed.take(accounts)
        cursor.execute("SAVEPOINT load")
        try:
            loaded = add_rows(cursor, sql.LOAD_ACCOUNT, map(_values, rest))
        except BaseException as error:
            cursor.execute("ROLLBACK TO load")
            if packed is not None:
                packed.back_to(mark)
            if isinstance(error, sqlite3.IntegrityError):
                raise BadInput(
                    [f"accounts: a number occurs twice or a value is missing ({error})"]
                ) from error
            raise
        finally:
            cursor.execute("RELEASE load")
        self._commit()
        return loaded if packed is None else loaded + len(packed) - mark[0]

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account as it stands now.

        Raises:
            KeyError: there is no such account.
        """
        facts = self._account(account_id)
        if facts is None:
            raise KeyError(account_id)
        return facts

    def is_complete(self, account_id: int) -> bool:
        """Say whether the account's case is complete; what every reminder asks before it leaves.

        Raises:
            KeyError: there is no such account.
        """
        changed = self._open.accounts.get(account_id)
        if changed is not None:
            return changed.complete
        packed = None if self._packed is None else self._packed.get(account_id)
        if packed is not None:
            return packed.complete
        row = self._cursor.execute(sql.READ_COMPLETE, (account_id,)).fetchone()
        if row is None:
            raise KeyError(account_id)
        return row[0] == 1  # type: ignore[no-any-return]

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts numbered first to first + count - 1 that exist, in order."""
        changed, end = self._open.accounts, first + count
        packed = [] if self._packed is None else self._packed.between(first, end)
        rows = self._cursor.execute(sql.READ_ACCOUNTS, (first, end)) if len(packed) < count else ()
        found = packed + [_facts(row) for row in rows]
        return [changed.get(facts[0], facts) for facts in found] if changed else found

    # Calls

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Apply one command at most once per key; see `ports.CoreOutcome` for the answers."""
        fate = self._fate(POST, command.key, at_ms)
        latency_ms, reaches_core, instead, _, _ = fate
        if not reaches_core:
            return _instead(fate)
        reply = self._answer(command, at_ms, latency_ms)
        return reply if instead is None else _instead(fate)

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Say whether a key was applied: APPLIED with the stored receipt, or NOT_FOUND, or no answer."""
        fate = self._fate(READ, key, at_ms)
        if fate.instead is not None:
            return _instead(fate)
        stored = self._stored(key)
        if stored is None:
            return CoreReply(CoreOutcome.NOT_FOUND, fate.latency_ms, None, "", 0)
        _, response, stored_at_ms = stored
        without = self._without_answer(stored_at_ms, at_ms, fate.latency_ms)
        return without or CoreReply(CoreOutcome.APPLIED, fate.latency_ms, _receipt(response), "", 0)

    # What checkers and people look at

    def account_count(self) -> int:
        """Return the number of accounts."""
        in_table = int(self._cursor.execute(sql.COUNT_ACCOUNTS).fetchone()[0])
        return in_table if self._packed is None else in_table + len(self._packed)

    def postings_for(self, case_id: int) -> list[PostingRow]:
        """Return what was posted for a case, oldest first."""
        self._open.fill_tables()
        self._cursor.execute(sql.INDEX_POSTINGS)
        return [PostingRow(*row) for row in self._cursor.execute(sql.READ_POSTINGS, (case_id,))]

    def stored_response(self, key: str) -> str | None:
        """Return the stored answer of a key, byte for byte, or None."""
        stored = self._stored(key)
        return None if stored is None else stored[1]

    def totals(self) -> CoreTotals:
        """Return the sums checkers compare with what clients were told."""
        self._open.fill_tables()
        totals = CoreTotals(*self._cursor.execute(sql.READ_TOTALS).fetchone())
        if self._packed is None:
            return totals
        completed, balance_minor = self._packed.sums()
        return totals._replace(
            completed=totals.completed + completed, balance_minor=totals.balance_minor + balance_minor
        )

    def close(self) -> None:
        """Commit and close; closing twice is harmless."""
        self._open.write()
        self._driver.close()

    def abandon(self) -> None:
        """Lose what was not committed and close, as a crash would."""
        self._open.forget()
        self._driver.abandon()

    # Inside a call

    def _fate(self, stream: str, key: str, at_ms: int) -> Fate:
        faulted = self._faulted[stream]
        nth = faulted.get(key, 0)
        fate = self._fates.draw(stream, key, nth, at_ms)
        if fate.instead is not None and fate.drawn:
            faulted[key] = nth + 1
        return fate

    def _stored(self, key: str) -> tuple[str, str, int] | None:
        """Return fingerprint, response and time of a key that was applied."""
        found = self._open.find(key)
        return found or self._cursor.execute(sql.READ_STORED, (key,)).fetchone()

    def _account(self, account_id: int) -> AccountFacts | None:
        """Return an account as it stands now, or None."""
        changed = self._open.accounts.get(account_id)
        if changed is not None:
            return changed
        packed = None if self._packed is None else self._packed.get(account_id)
        if packed is not None:
            return packed
        row = self._cursor.execute(sql.READ_ACCOUNT, (account_id,)).fetchone()
        return None if row is None else _facts(row)

    def _answer(self, command: PostCommand, at_ms: int, latency_ms: int) -> CoreReply:
        """Carry out a command that has reached the core, unless its key says that this was done before."""
        facts = self._account(command.account_id)
        objection = self._objection(facts, command, latency_ms)
        stored = self._stored_before(command.key) if self._profile.honours_keys else None
        if stored is not None:
            return self._repeat(command, stored, at_ms, latency_ms)
        if objection is not None or facts is None:
            return objection or CoreReply(CoreOutcome.REFUSED, latency_ms, None, "unknown_account", 0)
        receipt = self._apply(command, facts, at_ms)
        if self._driver.end_group():
            self._commit()
        return record_of(CoreReply, (_APPLIED, latency_ms, receipt, "", 0))

    def _stored_before(self, key: str) -> tuple[str, str, int] | None:
        """Return what a key has stored; one never asked about was never applied."""
        if self._new_keys is not None and self._new_keys.surely_new(key):
            return None
        return self._stored(key)

    def _objection(
        self, facts: AccountFacts | None, command: PostCommand, latency_ms: int
    ) -> CoreReply | None:
        """Say what the account has against a command never seen before."""
        if facts is None:
            return CoreReply(CoreOutcome.REFUSED, latency_ms, None, "unknown_account", 0)
        looks_back = self._profile.honours_keys and command.expected_version != AT_FACE_VALUE
        if looks_back and facts.version != command.expected_version:
            return CoreReply(CoreOutcome.STALE, latency_ms, None, "stale_version", facts.version)
        reason = refusal(facts, command, looks_back)
        return CoreReply(CoreOutcome.REFUSED, latency_ms, None, reason, 0) if reason else None

    def _repeat(
        self, command: PostCommand, stored: tuple[str, str, int], at_ms: int, latency_ms: int
    ) -> CoreReply:
        """Answer a key that has been applied before."""
        fingerprint, response, stored_at_ms = stored
        without = self._without_answer(stored_at_ms, at_ms, latency_ms)
        if without is not None:
            return without
        if fingerprint == command.fingerprint:
            return CoreReply(CoreOutcome.REPLAYED, latency_ms, _receipt(response), "", 0)
        told = command.key, command.fingerprint, command.case_id, command.account_id
        self._open.add(sql.ADD_AUDIT, (at_ms, "key_reused", *told))
        if self._driver.end_group():
            self._commit()
        return CoreReply(CoreOutcome.KEY_REUSED, latency_ms, None, "key_reused", 0)

    def _without_answer(self, stored_at_ms: int, at_ms: int, latency_ms: int) -> CoreReply | None:
        """Say why a key that was applied gets no stored answer: still being executed, or too old."""
        age_ms = at_ms - stored_at_ms
        if age_ms < self._profile.executes_ms:
            return CoreReply(CoreOutcome.IN_PROGRESS, latency_ms, None, "in_progress", 0)
        if age_ms > self._profile.retention_ms:
            return CoreReply(CoreOutcome.KEY_EXPIRED, latency_ms, None, "key_expired", 0)
        return None

    def _apply(self, command: PostCommand, facts: AccountFacts, at_ms: int) -> Receipt:
        """Take a command in: the effect, its record, the stored response, the audit row and the event."""
        key, mark, case_id, account_id, action, amount, due_day, _, note, source, _, _ = command
        after, status, kind = change(facts, command)
        version, posting_id, group = after.version, self._last_id + 1, self._open
        receipt = record_of(Receipt, (posting_id, key, mark, status, version, at_ms, note))
        response, add = _response(receipt), group.add
        self._last_id = posting_id
        group.change(account_id, facts, after)
        if self._profile.honours_keys:
            known: str | None = key
            group.stored[key] = mark, response, at_ms
            add(sql.ADD_STORED, (posting_id, response, at_ms))
        else:
            known = None
        told = (
            posting_id,
            known,
            mark,
            case_id,
            account_id,
            str(action),
            amount,
            due_day,
            status,
            note,
            source,
            version,
            at_ms,
            kind,
        )
        add(sql.ADD_POSTING, told)
        add(sql.ADD_AUDIT, (at_ms, "applied", key, mark, case_id, account_id))
        add(sql.ADD_EVENT, (account_id, status, response, at_ms))
        return receipt

    def _commit(self) -> None:
        """Make all groups durable, never a posting without its evidence."""
        self._open.write()
        self._driver.commit()


def _instead(fate: Fate) -> CoreReply:
    if fate.instead is None:
        raise RuleBroken("core: a call that went well has no substitute answer")
    return CoreReply(fate.instead, fate.latency_ms, None, fate.reason, 0)


def _values(facts: AccountFacts) -> tuple[Any, ...]:
    # Truth as SQLite keeps it, made an integer by its sign: the driver sends a bool through its adapters, four of
    # them cost as much as the row.
    number, status, band, owed, overdue, broken, frail, disputed, method, version, complete, details = facts
    return (
        number,
        status,
        band,
        owed,
        overdue,
        broken,
        +frail,
        +disputed,
        +method,
        version,
        +complete,
        details,
    )


def _facts(row: tuple[Any, ...]) -> AccountFacts:
    # SQLite keeps truth as 0 and 1.
    number, status, band, owed, overdue, broken, frail, disputed, method, version, complete, details = row
    frail, disputed, method, complete = frail == 1, disputed == 1, method == 1, complete == 1
    return record_of(
        AccountFacts,
        (number, status, band, owed, overdue, broken, frail, disputed, method, version, complete, details),
    )


def _response(receipt: Receipt) -> str:
    # JSON as its encoder writes it; one receipt a posting is worth not setting an encoder up for each.
    posting_id, key, mark, status, version, at_ms, note = receipt
    words = f"{_quoted(key)},{_quoted(mark)},{_quoted(status)}"
    return f"[{posting_id},{words},{version},{at_ms},{_quoted(note)}]"


def _receipt(response: str) -> Receipt:
    return Receipt(*json.loads(response))
