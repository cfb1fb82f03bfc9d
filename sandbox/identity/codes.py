"""One-time codes as values: an account's state is an immutable record, and every move makes the next record.

Rules, each held by `issue` and `check`:

- a code works once, in its own session, within its lifetime;
- a resend replaces the old code and keeps the count of failures (NIST SP 800-63B-4 section 3.1.3.2): the
  count starts again only after a success or once the code has run out;
- failures count per account, whatever session they come from, so guessing in parallel gains nothing;
- a code is kept only as a digest keyed with a pepper: with a million possible codes an unkeyed digest hides
  nothing.

Clock zero may be anywhere; days are UTC days. A clock set back never gives failures or sends back.
"""

from __future__ import annotations

import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.pepper import peppered
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, record_of

_SWEEP_FROM = 1_024
"""Fewest states worth sweeping: about half a megabyte."""


@dataclass(frozen=True, slots=True)
class CodeRules:
    """Limits on one-time codes; defaults after NIST SP 800-63B-4, PSD2 RTS article 4 and common services.

    Attributes:
        digits: length of a code; 6 is NIST's least.
        lifetime_ms: a code is dead from this age on; NIST allows at most 10 minutes.
        failures_per_code: failed checks after which a code, with its resends, is locked until it runs out
            (PSD2: 5).
        failures_per_account_day: failed checks of an account in one UTC day, over all codes and sessions.
            With a million codes, 10 tries on each of 200,000 accounts let about 2 in.
        sends_per_hour: codes sent to one account in any hour.
        resend_gap_ms: least time between two sends to one account.

    Raises:
        BadInput: a limit that makes no sense; all of them are listed.
    """

    digits: int = 6
    lifetime_ms: int = 600_000
    failures_per_code: int = 5
    failures_per_account_day: int = 10
    sends_per_hour: int = 3
    resend_gap_ms: int = 30_000

    def __post_init__(self) -> None:
        """Refuse limits below 1 (below 0 for the gap) and codes outside 4 to 12 digits."""
        problems = [
            f"one-time codes: {name} is {getattr(self, name)}, at least {least} is needed"
            for name, least in _LEAST.items()
            if getattr(self, name) < least
        ]
        if self.digits > _MOST_DIGITS:
            problems.append(f"one-time codes: digits is {self.digits}, at most {_MOST_DIGITS} is allowed")
        if problems:
            raise BadInput(problems)


_LEAST = {
    "digits": 4,
    "lifetime_ms": 1,
    "failures_per_code": 1,
    "failures_per_account_day": 1,
    "sends_per_hour": 1,
    "resend_gap_ms": 0,
}
_MOST_DIGITS = 12  # OWASP: 6 to 12; 4 stays possible so that a weak design can be tried


class ThrottleReason(StrEnum):
    """Why no code was sent."""

    SENDS_PER_HOUR = "sends_per_hour"
    RESEND_GAP = "resend_gap"
    LOCKED_CODE = "locked_code"
    LOCKED_ACCOUNT = "locked_account"


class CodeReason(StrEnum):
    """How a check ended; for the audit trail, the customer is told only that the code did not work."""

    OK = "ok"
    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used"
    NO_CODE = "no_code"  # never sent, or so long ago that it is forgotten
    OTHER_SESSION = "other_session"
    LOCKED_CODE = "locked_code"
    LOCKED_ACCOUNT = "locked_account"


class Issued(NamedTuple):
    """A code is live from now until `expires_at_ms` (not included)."""

    expires_at_ms: int


class Throttled(NamedTuple):
    """No code was sent; nothing changed. `retry_at_ms` is the first time this reason no longer holds."""

    reason: ThrottleReason
    retry_at_ms: int


class CodeResult(NamedTuple):
    """The outcome of one check."""

    accepted: bool
    reason: CodeReason


class AccountCodes(NamedTuple):
    """All that is remembered of one account.

    Attributes:
        digest: keyed digest of the newest code.
        session: session the code belongs to.
        expires_at_ms: first millisecond at which the code is dead.
        failures: failed checks of this code and of the codes it replaced.
        used: the code was accepted.
        day: UTC day of the last failed check.
        day_failures: failed checks on that day.
        sends_at_ms: the latest sends, oldest first, at most `sends_per_hour` of them.
    """

    digest: bytes
    session: str
    expires_at_ms: int
    failures: int
    used: bool
    day: int
    day_failures: int
    sends_at_ms: tuple[int, ...]


_RESULTS = {reason: CodeResult(reason is CodeReason.OK, reason) for reason in CodeReason}
_ACCEPTED, _WRONG = _RESULTS[CodeReason.OK], _RESULTS[CodeReason.WRONG]


class CodeDesk:
    """Issues and checks codes, one live code per account.

    Calls for one account must not overlap: a pilot takes the account's row lock around `issue` and `check`.

    Args:
        rules: the limits.
        pepper: key of the digests, at least `pepper.MIN_PEPPER_BYTES` bytes, kept apart from the states.
        utc_ms_at_zero: UTC time of day, in milliseconds, when the caller's clock reads 0.
        states: where accounts are remembered; an own dict unless the caller brings a durable mapping.

    Raises:
        BadInput: the pepper is too short.
    """

    def __init__(
        self,
        rules: CodeRules,
        pepper: bytes,
        utc_ms_at_zero: int = 0,
        states: MutableMapping[int, AccountCodes] | None = None,
    ) -> None:
        """Keep the rules and start with the states given."""
        self._rules = rules
        self._peppered = peppered(pepper, "one-time codes")
        self._utc_ms_at_zero = utc_ms_at_zero
        self._states: MutableMapping[int, AccountCodes] = {} if states is None else states
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._states))

    def __len__(self) -> int:
        return len(self._states)

    @property
    def digits(self) -> int:
        """Digits a code must have."""
        return self._rules.digits

    def issue(self, account_id: int, session: str, digits: str, now_ms: int) -> Issued | Throttled:
        """Make `digits` the account's code, in place of any other, unless a limit forbids a send.

        Args:
            account_id: whose code it is.
            session: the only session it works in.
            digits: from a `ports.CodeSource`; discarded when throttled.
            now_ms: the caller's clock.

        Raises:
            RuleBroken: `digits` is not `rules.digits` decimal digits.
        """
        rules = self._rules
        if len(digits) != rules.digits or not (digits.isascii() and digits.isdecimal()):
            raise RuleBroken(f"the code source must give {rules.digits} decimal digits")
        old = self._remembered(account_id, now_ms)
        failures, day, day_failures = 0, 0, 0
        sends_at_ms: tuple[int, ...] = (now_ms,)
        if old is not None:
            throttled = self._throttled(old, now_ms)
            if throttled is not None:
                return throttled
            day, day_failures = old.day, old.day_failures
            sends_at_ms = (*old.sends_at_ms, now_ms)[-rules.sends_per_hour :]
            if not old.used and now_ms < old.expires_at_ms:
                failures = old.failures
        elif len(self._states) >= self._sweep_at:
            self._sweep(now_ms)
        digest, expires_at_ms = self._digest(account_id, session, digits), now_ms + rules.lifetime_ms
        fields = digest, session, expires_at_ms, failures, False, day, day_failures, sends_at_ms
        self._states[account_id] = record_of(AccountCodes, fields)
        return record_of(Issued, (expires_at_ms,))

    def check(self, account_id: int, session: str, digits: str, now_ms: int) -> CodeResult:
        """Try a code, as typed; accepted at most once, and counted when it fails against a live code.

        Checks that meet no live code (none, used, expired, locked) cannot guess anything and are not counted.
        """
        state = self._remembered(account_id, now_ms)
        if state is None:
            return _RESULTS[CodeReason.NO_CODE]
        refusal = self._refusal(state, now_ms)
        if refusal is not None:
            return _RESULTS[refusal]
        digest, at, expires_at_ms, failures, _, day, day_failures, sends_at_ms = state
        if session != at:
            result = _RESULTS[CodeReason.OTHER_SESSION]  # the same answer for right and wrong digits
        elif self._matches(state, account_id, digits):
            fields = digest, at, expires_at_ms, failures, True, day, day_failures, sends_at_ms
            self._states[account_id] = record_of(AccountCodes, fields)
            return _ACCEPTED
        else:
            result = _WRONG
        today = max(self._day(now_ms), day)
        self._states[account_id] = state._replace(
            failures=failures + 1, day=today, day_failures=self._failures_on(state, today) + 1
        )
        return result

    def _throttled(self, old: AccountCodes, now_ms: int) -> Throttled | None:
        rules = self._rules
        day = self._day(now_ms)
        if self._failures_on(old, day) >= rules.failures_per_account_day:
            return Throttled(ThrottleReason.LOCKED_ACCOUNT, self._day_end_ms(max(day, old.day)))
        if not old.used and old.failures >= rules.failures_per_code and now_ms < old.expires_at_ms:
            return Throttled(ThrottleReason.LOCKED_CODE, old.expires_at_ms)
        last, oldest = old.sends_at_ms[-1], old.sends_at_ms[0]
        if len(old.sends_at_ms) == rules.sends_per_hour and now_ms < oldest + MS_PER_HOUR:
            return Throttled(ThrottleReason.SENDS_PER_HOUR, oldest + MS_PER_HOUR)
        if now_ms < last + rules.resend_gap_ms:
            return Throttled(ThrottleReason.RESEND_GAP, last + rules.resend_gap_ms)
        return None

    def _refusal(self, state: AccountCodes, now_ms: int) -> CodeReason | None:
        _, _, expires_at_ms, failures, used, _, day_failures, _ = state
        rules = self._rules
        if day_failures and self._failures_on(state, self._day(now_ms)) >= rules.failures_per_account_day:
            return CodeReason.LOCKED_ACCOUNT
        if used:
            return CodeReason.USED
        if now_ms >= expires_at_ms:
            return CodeReason.EXPIRED
        if failures >= rules.failures_per_code:
            return CodeReason.LOCKED_CODE
        return None

    def _matches(self, state: AccountCodes, account_id: int, digits: str) -> bool:
        if len(digits) != self._rules.digits or not digits.isascii():
            return False  # typed text of any length must not cost more than a code
        return hmac.compare_digest(state.digest, self._digest(account_id, state.session, digits))

    def _digest(self, account_id: int, session: str, digits: str) -> bytes:
        # Unambiguous whatever the session holds: an account has no bar in it, the digits have a fixed length.
        return self._peppered(f"{account_id}|{session}|{digits}".encode())

    def _day(self, now_ms: int) -> int:
        return (now_ms + self._utc_ms_at_zero) // MS_PER_DAY

    def _day_end_ms(self, day: int) -> int:
        return (day + 1) * MS_PER_DAY - self._utc_ms_at_zero

    @staticmethod
    def _failures_on(state: AccountCodes, day: int) -> int:
        return state.day_failures if day <= state.day else 0

    def _remembered(self, account_id: int, now_ms: int) -> AccountCodes | None:
        # Judged by the clock, not by whether a sweep came by: no answer may depend on when memory was freed.
        state = self._states.get(account_id)
        if state is None or now_ms < state.expires_at_ms:  # a live code is not forgotten
            return state
        return None if now_ms >= self._forget_at_ms(state) else state

    def _forget_at_ms(self, state: AccountCodes) -> int:
        _, _, expires_at_ms, _, _, day, day_failures, sends_at_ms = state
        settled_at_ms = expires_at_ms + MS_PER_HOUR  # the code has run out and no send counts any more
        resend_at_ms = sends_at_ms[-1] + self._rules.resend_gap_ms
        if resend_at_ms > settled_at_ms:
            settled_at_ms = resend_at_ms
        return max(settled_at_ms, self._day_end_ms(day)) if day_failures else settled_at_ms

    def _sweep(self, now_ms: int) -> None:
        # Doubling the mark keeps a sweep's cost at a constant share of the issues between two sweeps.
        dead = [
            account_id for account_id, state in self._states.items() if now_ms >= self._forget_at_ms(state)
        ]
        for account_id in dead:
            del self._states[account_id]
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._states))
