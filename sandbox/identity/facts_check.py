"""Known facts as values: questions only the customer can answer, asked in the message after a one-time code.

Rules, each held by `open` and `check`:

- all facts asked are judged together and the answer is one word: nobody learns which one was wrong, neither from
  what is said nor from how long it took;
- an answer is kept only as a digest keyed with a pepper, of its letters and digits alone: a date of birth has some
  forty thousand values, and an unkeyed digest hides none of them;
- failures count per visit and, over all visits, per account and UTC day, so asking again in another visit buys
  no more guesses than the day allows;
- a challenge works once, in its own visit, within its lifetime.

Clock zero may be anywhere. A clock set back never gives failures back.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.pepper import peppered
from sandbox.model import MS_PER_DAY

ANSWER_CHARS_MAX = 64
"""Longer answers are wrong unread: typed text of any length must not cost more than an answer."""

_SWEEP_FROM = 1_024
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class FactRules:
    """Limits on known facts.

    Attributes:
        lifetime_ms: a challenge is dead from this age on; PSD2 RTS article 4 ends a session after 5 idle minutes.
        failures_per_visit: failed checks after which a visit is locked; one slip may be mended.
        failures_per_account_day: failed checks of an account in one UTC day, over all visits; PSD2 allows 5 in a row.

    Raises:
        BadInput: a limit below 1; all of them are listed.
    """

    lifetime_ms: int = 300_000
    failures_per_visit: int = 2
    failures_per_account_day: int = 5

    def __post_init__(self) -> None:
        """Refuse limits below 1."""
        names = ("lifetime_ms", "failures_per_visit", "failures_per_account_day")
        problems = [
            f"known facts: {name} is {getattr(self, name)}, at least 1 is needed"
            for name in names
            if getattr(self, name) < 1
        ]
        if problems:
            raise BadInput(problems)


class FactsReason(StrEnum):
    """How a check ended; for the audit trail, the customer is told only that it did not work."""

    OK = "ok"
    NOT_KNOWN = "not_known"  # one answer or more was wrong; which one is not kept anywhere
    EXPIRED = "expired"
    USED = "used"
    NO_CHALLENGE = "no_challenge"  # never asked, or so long ago that it is forgotten
    OTHER_VISIT = "other_visit"
    LOCKED_VISIT = "locked_visit"
    LOCKED_ACCOUNT = "locked_account"


class FactsResult(NamedTuple):
    """The outcome of one check."""

    accepted: bool
    reason: FactsReason


class Enrolled(NamedTuple):
    """One fact as it is kept: its name, and the keyed digest of the answer."""

    name: str
    digest: bytes


class AccountFactsCheck(NamedTuple):
    """All that is remembered of one account.

    Attributes:
        asked: the facts of the newest challenge.
        visit: the visit the challenge belongs to.
        expires_at_ms: first millisecond at which it is dead.
        failures: failed checks in this visit.
        used: the challenge was passed.
        day: UTC day of the last failed check.
        day_failures: failed checks on that day.
    """

    asked: tuple[Enrolled, ...]
    visit: str
    expires_at_ms: int
    failures: int
    used: bool
    day: int
    day_failures: int


_RESULTS = {reason: FactsResult(reason is FactsReason.OK, reason) for reason in FactsReason}


def normalised(answer: str) -> str:
    """Return an answer's letters and digits, in one case and one spelling: "SW1A 1AA" and "sw1a1aa" are the same."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", answer).casefold())
    return "".join(char for char in plain if char.isalnum())


class FactsDesk:
    """Asks for known facts and checks the answers, one live challenge per account.

    Calls for one account must not overlap: a pilot takes the account's row lock around `open` and `check`.

    Args:
        rules: the limits.
        pepper: key of the digests, at least `pepper.MIN_PEPPER_BYTES` bytes, kept apart from the digests.
        utc_ms_at_zero: UTC time of day, in milliseconds, when the caller's clock reads 0.
        states: where accounts are remembered; an own dict unless the caller brings a durable mapping.

    Raises:
        BadInput: the pepper is too short.
    """

    def __init__(
        self,
        rules: FactRules,
        pepper: bytes,
        utc_ms_at_zero: int = 0,
        states: MutableMapping[int, AccountFactsCheck] | None = None,
    ) -> None:
        """Keep the rules and start with the states given."""
        self._rules = rules
        self._peppered = peppered(pepper, "known facts")
        self._utc_ms_at_zero = utc_ms_at_zero
        self._states: MutableMapping[int, AccountFactsCheck] = {} if states is None else states
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._states))

    def __len__(self) -> int:
        return len(self._states)

    def enrol(self, account_id: int, answers: Iterable[tuple[str, str]]) -> tuple[Enrolled, ...]:
        """Return facts as they are kept, from (name, answer) pairs in the order they are to be asked.

        Raises:
            RuleBroken: a name out of its alphabet or given twice, or an answer nobody could give: no letter or digit
                in it, or longer than `ANSWER_CHARS_MAX`.
        """
        enrolled: list[Enrolled] = []
        for name, answer in answers:
            plain = normalised(answer)
            if not _NAME.fullmatch(name) or any(name == fact.name for fact in enrolled):
                raise RuleBroken(f"known fact {name!r}: a name of its own, of a-z, 0-9 and '_', is needed")
            if not plain or len(answer) > ANSWER_CHARS_MAX:
                raise RuleBroken(f"known fact {name!r}: the answer on file cannot be asked for")
            enrolled.append(Enrolled(name, self._digest(account_id, name, plain)))
        return tuple(enrolled)

    def open(self, account_id: int, visit: str, asked: Sequence[Enrolled], now_ms: int) -> FactsReason | None:
        """Open a challenge, in place of any other; return why it may not be opened, or None.

        Args:
            account_id: whose facts they are.
            visit: the only visit the challenge works in; its failures stay when it is asked again.
            asked: what is asked, from `enrol`.
            now_ms: the caller's clock.

        Raises:
            RuleBroken: nothing is asked.
        """
        if not asked:
            raise RuleBroken("known facts: nothing is asked")
        old = self._remembered(account_id, now_ms)
        failures, day, day_failures = 0, 0, 0
        if old is not None:
            failures = old.failures if old.visit == visit else 0
            day, day_failures = old.day, old.day_failures
            locked = self._locked(old._replace(failures=failures), now_ms)
            if locked is not None:
                return locked
        elif len(self._states) >= self._sweep_at:
            self._sweep(now_ms)
        expires_at_ms = now_ms + self._rules.lifetime_ms
        self._states[account_id] = AccountFactsCheck(
            tuple(asked), visit, expires_at_ms, failures, False, day, day_failures
        )
        return None

    def check(self, account_id: int, visit: str, answers: Mapping[str, str], now_ms: int) -> FactsResult:
        """Judge all answers together, as typed; accepted at most once, and counted when it fails.

        Checks that meet no live challenge (none, used, expired, locked) cannot guess anything and are not counted.
        """
        state = self._remembered(account_id, now_ms)
        if state is None:
            return _RESULTS[FactsReason.NO_CHALLENGE]
        refusal = self._locked(state, now_ms)
        if refusal is None and state.used:
            refusal = FactsReason.USED
        elif refusal is None and now_ms >= state.expires_at_ms:
            refusal = FactsReason.EXPIRED
        if refusal is not None:
            return _RESULTS[refusal]
        if visit != state.visit:
            reason = FactsReason.OTHER_VISIT  # the same answer for right and wrong facts
        elif self._all_known(state, account_id, answers):
            reason = FactsReason.OK
        else:
            reason = FactsReason.NOT_KNOWN
        if reason is FactsReason.OK:
            self._states[account_id] = state._replace(used=True)
        else:
            day = max(self._day(now_ms), state.day)
            self._states[account_id] = state._replace(
                failures=state.failures + 1, day=day, day_failures=self._failures_on(state, day) + 1
            )
        return _RESULTS[reason]

    def _all_known(self, state: AccountFactsCheck, account_id: int, answers: Mapping[str, str]) -> bool:
        known = True
        for name, digest in state.asked:
            given = answers.get(name, "")
            plain = normalised(given) if len(given) <= ANSWER_CHARS_MAX else ""
            # Every answer is digested and compared, also after a wrong one and where nothing was typed.
            known &= hmac.compare_digest(digest, self._digest(account_id, name, plain))
        return known

    def _digest(self, account_id: int, name: str, plain: str) -> bytes:
        # Unambiguous: neither an account, a name nor a normalised answer has a bar in it (nor half a character).
        return self._peppered(f"{account_id}|{name}|{plain}".encode())

    def _locked(self, state: AccountFactsCheck, now_ms: int) -> FactsReason | None:
        rules = self._rules
        if self._failures_on(state, self._day(now_ms)) >= rules.failures_per_account_day:
            return FactsReason.LOCKED_ACCOUNT
        if state.failures >= rules.failures_per_visit:
            return FactsReason.LOCKED_VISIT
        return None

    def _day(self, now_ms: int) -> int:
        return (now_ms + self._utc_ms_at_zero) // MS_PER_DAY

    @staticmethod
    def _failures_on(state: AccountFactsCheck, day: int) -> int:
        return state.day_failures if day <= state.day else 0

    def _remembered(self, account_id: int, now_ms: int) -> AccountFactsCheck | None:
        # Judged by the clock, not by whether a sweep came by: no answer may depend on when memory was freed.
        state = self._states.get(account_id)
        return None if state is None or now_ms >= self._forget_at_ms(state) else state

    def _forget_at_ms(self, state: AccountFactsCheck) -> int:
        """A day after it ran out: until then a visit that was locked stays so."""
        settled_at_ms = state.expires_at_ms + MS_PER_DAY
        day_end_ms = (state.day + 1) * MS_PER_DAY - self._utc_ms_at_zero
        return max(settled_at_ms, day_end_ms) if state.day_failures else settled_at_ms

    def _sweep(self, now_ms: int) -> None:
        # Doubling the mark keeps a sweep's cost at a constant share of the challenges between two sweeps.
        dead = [
            account_id for account_id, state in self._states.items() if now_ms >= self._forget_at_ms(state)
        ]
        for account_id in dead:
            del self._states[account_id]
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._states))
