"""The code desk under any sequence of events, beside a model that keeps the whole history."""

from __future__ import annotations

import hashlib

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.identity.codes import CodeDesk, CodeReason, CodeRules, Issued
from sandbox.model import MS_PER_DAY, MS_PER_HOUR

RULES = CodeRules(
    lifetime_ms=1_000, failures_per_code=2, failures_per_account_day=5, sends_per_hour=3, resend_gap_ms=10
)
ACCOUNTS = st.sampled_from([1, 1, 1, 2])  # mostly one, so that its limits are reached
SESSIONS = st.sampled_from(["a", "b"])
DIGITS = st.sampled_from(["111111", "222222", "333333"])
STEPS_MS = st.sampled_from([1, 10, 500, 999, 1_000, MS_PER_HOUR, 2 * MS_PER_HOUR, MS_PER_DAY])
COUNTED = (CodeReason.WRONG, CodeReason.OTHER_SESSION)


class CodeDeskMachine(RuleBasedStateMachine):
    """Issues and checks in any order at any pace; the model is a plain log of what was sent and answered."""

    def __init__(self) -> None:
        """Start a desk, a clock and an empty log."""
        super().__init__()
        self.desk = CodeDesk(RULES, hashlib.sha256(b"p").digest())
        self.now_ms = 0
        self.sent: dict[int, list[tuple[int, str, str]]] = {1: [], 2: []}
        self.accepted: set[tuple[int, int]] = set()
        self.failures: list[tuple[int, int, int]] = []  # account, day, how many sends before it

    @initialize(start_ms=st.sampled_from([0, MS_PER_DAY - 1_500]))
    def begin(self, start_ms: int) -> None:
        """Begin with a whole day ahead, or shortly before its end."""
        self.now_ms = start_ms

    @rule(step_ms=STEPS_MS)
    def time_passes(self, step_ms: int) -> None:
        """Move the clock on, often exactly to a boundary."""
        self.now_ms += step_ms

    @rule(account=ACCOUNTS, session=SESSIONS, digits=DIGITS)
    def issue(self, account: int, session: str, digits: str) -> None:
        """Ask for a code; a refusal names a later time, and what is sent keeps the limits."""
        answer = self.desk.issue(account, session, digits, self.now_ms)
        if isinstance(answer, Issued):
            self.sent[account].append((self.now_ms, session, digits))
            times = [at_ms for at_ms, _, _ in self.sent[account]]
            assert sum(self.now_ms - at_ms < MS_PER_HOUR for at_ms in times) <= RULES.sends_per_hour
            assert len(times) == 1 or times[-1] - times[-2] >= RULES.resend_gap_ms
        else:
            assert answer.retry_at_ms > self.now_ms

    @rule(account=ACCOUNTS, early_ms=st.sampled_from([0, 0, 1]))
    def resend(self, account: int, early_ms: int) -> None:
        """Ask for another code as soon as the gap allows, or a millisecond before."""
        if self.sent[account]:
            self.now_ms = max(self.now_ms, self.sent[account][-1][0] + RULES.resend_gap_ms - early_ms)
        self.issue(account, "a", "444444")

    @rule(account=ACCOUNTS, early_ms=st.sampled_from([0, 1]))
    def send_when_the_hour_is_over(self, account: int, early_ms: int) -> None:
        """Ask again when the oldest send that counts leaves the hour, or a millisecond before."""
        if len(self.sent[account]) >= RULES.sends_per_hour:
            oldest_ms = self.sent[account][-RULES.sends_per_hour][0]
            self.now_ms = max(self.now_ms, oldest_ms + MS_PER_HOUR - early_ms)
        self.issue(account, "a", "444444")

    @rule(account=ACCOUNTS, session=SESSIONS, times=st.integers(1, 4))
    def guess(self, account: int, session: str, times: int) -> None:
        """Enter digits that are never sent, several times: the way to the limits."""
        for _ in range(times):
            self.check(account, session, "999999")

    @rule(account=ACCOUNTS)
    def enter_what_was_sent(self, account: int) -> None:
        """Enter the newest code in its session, as a customer does."""
        if self.sent[account]:
            self.check(account, *self.sent[account][-1][1:])

    @rule(account=ACCOUNTS, session=SESSIONS, digits=DIGITS)
    def check(self, account: int, session: str, digits: str) -> None:
        """Try a code: accepted if and only if newest, alive, unused, of this session and with tries left."""
        result = self.desk.check(account, session, digits, self.now_ms)
        assert result.accepted == (result.reason is CodeReason.OK)
        count = len(self.sent[account])
        if result.reason in COUNTED:
            self.failures.append((account, self.now_ms // MS_PER_DAY, count))
        may_pass = (
            count > 0
            and self.sent[account][-1][1:] == (session, digits)
            and self.now_ms < self.sent[account][-1][0] + RULES.lifetime_ms
            and (account, count) not in self.accepted
            and self._failures_today(account) < RULES.failures_per_account_day
            and self._failures_of_code(account) < RULES.failures_per_code
        )
        assert result.accepted == may_pass
        if result.accepted:
            self.accepted.add((account, count))

    def _failures_today(self, account: int) -> int:
        return sum(who == account and day == self.now_ms // MS_PER_DAY for who, day, _ in self.failures)

    def _failures_of_code(self, account: int) -> int:
        """Failures against the newest code and every code it replaced while that one was still alive."""
        sent = self.sent[account]
        first = len(sent)
        while first > 1:
            replaced_alive = sent[first - 1][0] < sent[first - 2][0] + RULES.lifetime_ms
            if not replaced_alive or (account, first - 1) in self.accepted:
                break
            first -= 1
        return sum(who == account and count >= first for who, _, count in self.failures)

    @invariant()
    def failures_stay_within_the_limits(self) -> None:
        """No account is ever tried more often than its code and its day allow."""
        for account in (1, 2):
            assert self._failures_today(account) <= RULES.failures_per_account_day
            assert self._failures_of_code(account) <= RULES.failures_per_code


CodeDeskMachine.TestCase.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
TestCodeDesk = CodeDeskMachine.TestCase
TestCodeDesk.__doc__ = "No order of events accepts a code twice, late, elsewhere or beyond the limits."
