"""One-time codes: every limit on both sides of its boundary, and the attacks they are there for."""

from __future__ import annotations

import hashlib

import pytest

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.codes import AccountCodes, CodeDesk, CodeReason, CodeRules, Issued, Throttled
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE

PEPPER = hashlib.sha256(b"pepper").digest()
RULES = CodeRules()
RIGHT, WRONG = "314159", "271828"
LIFETIME = RULES.lifetime_ms
EASY = CodeRules(sends_per_hour=10_000, resend_gap_ms=0)


def desk(rules: CodeRules = RULES, **options: object) -> CodeDesk:
    """A desk with no memory."""
    return CodeDesk(rules, PEPPER, **options)


def fail(at: CodeDesk, times: int, now_ms: int, session: str = "s") -> None:
    """Enter a wrong code, each time against a live one."""
    for _ in range(times):
        assert at.check(1, session, WRONG, now_ms).reason is CodeReason.WRONG


def test_the_right_code_is_accepted_once() -> None:
    """A replayed code is refused as used, however soon it comes."""
    at = desk()
    assert at.issue(1, "s", RIGHT, 0) == Issued(LIFETIME)
    assert at.check(1, "s", RIGHT, 5) == (True, CodeReason.OK)
    assert at.check(1, "s", RIGHT, 5) == (False, CodeReason.USED)


@pytest.mark.parametrize(
    ("now_ms", "reason"),
    [(0, "ok"), (LIFETIME - 1, "ok"), (LIFETIME, "expired"), (LIFETIME + MS_PER_HOUR - 1, "expired")],
)
def test_a_code_lives_up_to_its_lifetime(now_ms: int, reason: str) -> None:
    """The last millisecond of the ten minutes is accepted, the next is not."""
    at = desk()
    at.issue(1, "s", RIGHT, 0)
    assert at.check(1, "s", RIGHT, now_ms).reason == reason


def test_an_account_without_a_code_has_none() -> None:
    """Checks before any code, for another account, or long after are answered alike."""
    at = desk()
    assert at.check(1, "s", RIGHT, 0).reason is CodeReason.NO_CODE
    at.issue(1, "s", RIGHT, 0)
    assert at.check(2, "s", RIGHT, 0).reason is CodeReason.NO_CODE
    assert at.check(1, "s", RIGHT, LIFETIME + MS_PER_HOUR).reason is CodeReason.NO_CODE


def test_a_code_works_only_in_its_session() -> None:
    """The right digits from another session are refused like wrong ones, and the own session still works."""
    at = desk()
    at.issue(1, "mine", RIGHT, 0)
    assert at.check(1, "other", RIGHT, 1).reason is CodeReason.OTHER_SESSION
    assert at.check(1, "other", WRONG, 1).reason is CodeReason.OTHER_SESSION
    assert at.check(1, "mine", RIGHT, 1).accepted


def test_a_resend_replaces_the_code() -> None:
    """After a resend the old digits fail and the new ones pass, in the new session only."""
    at = desk()
    at.issue(1, "s", WRONG, 0)
    at.issue(1, "t", RIGHT, 30_000)
    assert at.check(1, "t", WRONG, 30_001).reason is CodeReason.WRONG
    assert at.check(1, "s", RIGHT, 30_001).reason is CodeReason.OTHER_SESSION
    assert at.check(1, "t", RIGHT, 30_001).accepted


def test_the_fifth_failure_locks_a_code() -> None:
    """After four failures the right code passes, after five it does not."""
    four, five = desk(), desk()
    for at, times in ((four, 4), (five, 5)):
        at.issue(1, "s", RIGHT, 0)
        fail(at, times, 1)
    assert four.check(1, "s", RIGHT, 2).accepted
    assert five.check(1, "s", RIGHT, 2).reason is CodeReason.LOCKED_CODE


def test_a_resend_does_not_give_failures_back() -> None:
    """Three failures, a resend, two more: locked, and no further code is sent until it runs out."""
    at = desk()
    at.issue(1, "s", RIGHT, 0)
    fail(at, 3, 1)
    at.issue(1, "s", RIGHT, 40_000)
    fail(at, 2, 40_001)
    assert at.check(1, "s", RIGHT, 40_002).reason is CodeReason.LOCKED_CODE
    assert at.issue(1, "s", RIGHT, 100_000) == Throttled("locked_code", 40_000 + LIFETIME)
    assert at.issue(1, "s", RIGHT, 40_000 + LIFETIME - 1) == Throttled("locked_code", 40_000 + LIFETIME)
    assert isinstance(at.issue(1, "s", RIGHT, 40_000 + LIFETIME), Issued)


def test_the_count_of_a_code_starts_again_after_a_success_or_once_it_ran_out() -> None:
    """A finished code leaves nothing behind but the day's count."""
    used, expired = desk(EASY), desk(EASY)
    for at in (used, expired):
        at.issue(1, "s", RIGHT, 0)
        fail(at, 4, 1)
    used.check(1, "s", RIGHT, 2)
    used.issue(1, "s", RIGHT, 3)
    expired.issue(1, "s", RIGHT, LIFETIME)
    for at, now_ms in ((used, 4), (expired, LIFETIME)):
        fail(at, 4, now_ms)
        assert at.check(1, "s", RIGHT, now_ms).accepted


def test_the_tenth_failure_of_a_day_locks_the_account_until_midnight() -> None:
    """Ten failures over several codes stop checks and sends up to the last millisecond of the UTC day."""
    at = desk(EASY)
    for start in (0, LIFETIME):
        at.issue(1, "s", RIGHT, start)
        fail(at, 5, start)
    assert at.check(1, "s", RIGHT, LIFETIME).reason is CodeReason.LOCKED_ACCOUNT
    assert at.issue(1, "s", RIGHT, 2 * LIFETIME) == Throttled("locked_account", MS_PER_DAY)
    assert at.issue(1, "s", RIGHT, MS_PER_DAY - 1) == Throttled("locked_account", MS_PER_DAY)
    assert isinstance(at.issue(1, "s", RIGHT, MS_PER_DAY), Issued)
    assert at.check(1, "s", RIGHT, MS_PER_DAY).accepted


def test_nine_failures_of_a_day_do_not_lock_the_account() -> None:
    """The day's count is judged on the near side of its boundary too."""
    at = desk(EASY)
    at.issue(1, "s", RIGHT, 0)
    fail(at, 5, 0)
    at.issue(1, "s", RIGHT, LIFETIME)
    fail(at, 4, LIFETIME)
    assert at.check(1, "s", RIGHT, LIFETIME).accepted


def test_a_locked_account_opens_at_midnight_with_its_code_still_locked() -> None:
    """A new UTC day clears the account's count, not the count of a code that is still alive."""
    at = desk(EASY)
    start = MS_PER_DAY - 2 * MS_PER_MINUTE
    at.issue(1, "s", RIGHT, start - LIFETIME)
    fail(at, 5, start - LIFETIME)
    at.issue(1, "s", RIGHT, start)
    fail(at, 5, start)
    assert at.check(1, "s", RIGHT, MS_PER_DAY - 1).reason is CodeReason.LOCKED_ACCOUNT
    assert at.check(1, "s", RIGHT, MS_PER_DAY).reason is CodeReason.LOCKED_CODE


def test_days_are_utc_days_wherever_the_clock_starts() -> None:
    """With clock zero at 23:00 UTC, the account's day ends an hour later."""
    at = desk(CodeRules(failures_per_account_day=1), utc_ms_at_zero=23 * MS_PER_HOUR)
    at.issue(1, "s", RIGHT, 0)
    fail(at, 1, 0)
    assert at.issue(1, "s", RIGHT, MS_PER_HOUR - 1) == Throttled("locked_account", MS_PER_HOUR)
    assert isinstance(at.issue(1, "s", RIGHT, MS_PER_HOUR), Issued)


def test_guessing_in_parallel_sessions_shares_one_count() -> None:
    """However many sessions guess, a code meets no more than the allowed number of tries."""
    at = desk()
    at.issue(1, "victim", RIGHT, 0)
    reasons = [at.check(1, f"bot{i}", f"{i:06d}", i).reason for i in range(1_000)]
    assert reasons.count(CodeReason.OTHER_SESSION) == RULES.failures_per_code
    assert set(reasons[RULES.failures_per_code :]) == {CodeReason.LOCKED_CODE}


def test_a_patient_attacker_gets_ten_guesses_a_day() -> None:
    """Asking for codes and guessing all day long, one account gives away ten counted tries."""
    at = desk()
    counted = 0
    for now_ms in range(0, MS_PER_DAY, MS_PER_MINUTE):
        at.issue(1, "bot", RIGHT, now_ms)
        counted += sum(at.check(1, "bot", WRONG, now_ms).reason is CodeReason.WRONG for _ in range(20))
    assert counted == RULES.failures_per_account_day


def test_checks_that_cannot_guess_are_not_counted() -> None:
    """Replaying a used or an expired code many times locks nobody out."""
    at = desk(EASY)
    at.issue(1, "s", RIGHT, 0)
    at.check(1, "s", RIGHT, 0)
    for now_ms in (1, LIFETIME):
        for _ in range(20):
            at.check(1, "s", WRONG, now_ms)
    at.issue(1, "s", RIGHT, LIFETIME)
    for _ in range(20):
        at.check(1, "s", WRONG, 2 * LIFETIME)
    at.issue(1, "s", RIGHT, 2 * LIFETIME)
    assert at.check(1, "s", RIGHT, 2 * LIFETIME).accepted


def test_sends_are_limited_to_three_in_any_hour() -> None:
    """The fourth send waits until the first is an hour old; refused sends do not count."""
    at = desk()
    for now_ms in (0, 600_000, 1_200_000):
        assert isinstance(at.issue(1, "s", RIGHT, now_ms), Issued)
    for now_ms in (1_800_000, MS_PER_HOUR - 1):
        assert at.issue(1, "s", RIGHT, now_ms) == Throttled("sends_per_hour", MS_PER_HOUR)
    assert isinstance(at.issue(1, "s", RIGHT, MS_PER_HOUR), Issued)
    assert at.issue(1, "s", RIGHT, MS_PER_HOUR + 60_000) == Throttled("sends_per_hour", MS_PER_HOUR + 600_000)


def test_two_sends_keep_their_gap() -> None:
    """A resend before 30 s is refused and leaves the old code alive; at 30 s it goes out."""
    at = desk()
    at.issue(1, "s", RIGHT, 0)
    assert at.issue(1, "s", WRONG, 29_999) == Throttled("resend_gap", 30_000)
    assert at.check(1, "s", RIGHT, 29_999).accepted
    assert isinstance(at.issue(1, "s", WRONG, 30_000), Issued)


def test_a_gap_longer_than_the_memory_of_a_code_still_holds() -> None:
    """A state is not forgotten while its last send forbids the next."""
    gap = 5 * MS_PER_HOUR
    at = desk(CodeRules(resend_gap_ms=gap))
    at.issue(1, "s", RIGHT, 0)
    assert at.issue(1, "s", RIGHT, gap - 1) == Throttled("resend_gap", gap)
    assert isinstance(at.issue(1, "s", RIGHT, gap), Issued)


def test_a_clock_set_back_gives_no_failures_and_no_sends_back() -> None:
    """Counts made at a later time still hold at an earlier one."""
    at = desk(CodeRules(failures_per_account_day=2, sends_per_hour=1))
    at.issue(1, "s", RIGHT, 3 * MS_PER_DAY)
    assert at.issue(1, "s", RIGHT, MS_PER_DAY).reason == "sends_per_hour"
    fail(at, 1, 3 * MS_PER_DAY)
    fail(at, 1, MS_PER_DAY)
    assert at.check(1, "s", RIGHT, 0).reason is CodeReason.LOCKED_ACCOUNT


@pytest.mark.parametrize("typed", ["", "31415", "3141590", "٣١٤١٥٩", "31415\ud800", "9" * 10_000, "314159 "])
def test_text_that_is_no_code_is_a_wrong_code(typed: str) -> None:
    """Whatever is typed is answered, counted and refused."""
    at = desk()
    at.issue(1, "s", RIGHT, 0)
    assert at.check(1, "s", typed, 1).reason is CodeReason.WRONG


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345a", "12345\uff16"])
def test_a_code_source_that_gives_no_code_is_our_bug(digits: str) -> None:
    """Only decimal ASCII digits of the set length become a code."""
    with pytest.raises(RuleBroken):
        desk().issue(1, "s", digits, 0)


def test_leading_zeros_are_part_of_a_code() -> None:
    """A code is text: 000007 is not 7."""
    at = desk()
    at.issue(1, "s", "000007", 0)
    assert not at.check(1, "s", "7", 0).accepted
    assert at.check(1, "s", "000007", 0).accepted


def test_the_code_itself_is_not_kept() -> None:
    """What is remembered neither holds the digits nor repeats between accounts, sessions or peppers."""
    states: dict[int, AccountCodes] = {}
    at = desk(states=states)
    for account_id, session in ((1, "s"), (2, "s"), (3, "t")):
        at.issue(account_id, session, RIGHT, 0)
    other: dict[int, AccountCodes] = {}
    CodeDesk(RULES, hashlib.sha256(b"other").digest(), states=other).issue(1, "s", RIGHT, 0)
    digests = {state.digest for state in [*states.values(), *other.values()]}
    assert len(digests) == 4
    assert RIGHT not in repr(states)
    assert hashlib.sha256(RIGHT.encode()).digest() not in digests


def test_a_desk_over_the_same_states_continues_where_the_last_one_stopped() -> None:
    """With a durable mapping a restart gives no tries back."""
    states: dict[int, AccountCodes] = {}
    before = desk(states=states)
    before.issue(1, "s", RIGHT, 0)
    fail(before, 5, 1)
    assert desk(states=states).check(1, "s", RIGHT, 2).reason is CodeReason.LOCKED_CODE


def test_memory_follows_the_active_accounts() -> None:
    """Thirty thousand accounts one after the other never hold more than about twice the active ones."""
    at = desk()
    most = 0
    for account_id in range(30_000):
        now_ms = account_id * 30_000
        at.issue(account_id, "s", RIGHT, now_ms)
        at.check(account_id, "s", RIGHT if account_id % 2 else WRONG, now_ms)
        most = max(most, len(at))
    active = (LIFETIME + MS_PER_HOUR + MS_PER_DAY) // 30_000
    assert most <= 2 * active + 1_024


def test_freeing_memory_changes_no_answer() -> None:
    """An account swept away and one merely forgotten are answered alike."""
    swept, kept = desk(), desk()
    for at in (swept, kept):
        at.issue(0, "s", RIGHT, 0)
    later = LIFETIME + MS_PER_HOUR
    for account_id in range(1, 3_000):
        swept.issue(account_id, "s", RIGHT, later)
    assert len(swept) == 2_999
    assert swept.check(0, "s", RIGHT, later) == kept.check(0, "s", RIGHT, later)


def test_all_limits_that_make_no_sense_are_listed() -> None:
    """A rule set is refused with every fault at once, and a short pepper is refused."""
    with pytest.raises(BadInput) as caught:
        CodeRules(3, 0, 0, 0, 0, -1)
    assert len(caught.value.problems) == 6
    with pytest.raises(BadInput, match="at most 12"):
        CodeRules(digits=13)
    with pytest.raises(BadInput, match="31 bytes"):
        CodeDesk(RULES, PEPPER[:-1])


@pytest.mark.parametrize("utc_ms_at_zero", [0, MS_PER_HOUR])
def test_an_account_that_failed_is_remembered_until_its_utc_day_ends(utc_ms_at_zero: int) -> None:
    """Nine failures in the morning still count in the last millisecond of the day, and are forgotten in the next."""
    end_ms = MS_PER_DAY - utc_ms_at_zero
    for now_ms, reasons in ((end_ms - 1, ["wrong", "locked_account"]), (end_ms, ["wrong", "wrong"])):
        at = desk(EASY, utc_ms_at_zero=utc_ms_at_zero)
        at.issue(1, "s", RIGHT, 0)
        fail(at, 5, 0)
        at.issue(1, "s", RIGHT, LIFETIME)
        fail(at, 4, LIFETIME)
        at.issue(1, "s", RIGHT, now_ms)
        assert [at.check(1, "s", WRONG, now_ms).reason for _ in range(2)] == reasons


def test_without_a_failure_only_the_code_counts_wherever_the_clock_begins() -> None:
    """On a clock ten days before its zero a code is forgotten an hour after it ran out, not at zero."""
    at, start = desk(), -10 * MS_PER_DAY
    at.issue(1, "s", RIGHT, start)
    forgotten_ms = start + LIFETIME + MS_PER_HOUR
    assert at.check(1, "s", RIGHT, forgotten_ms - 1).reason is CodeReason.EXPIRED
    assert at.check(1, "s", RIGHT, forgotten_ms).reason is CodeReason.NO_CODE


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"digits": 3}, "one-time codes: digits is 3, at least 4 is needed"),
        ({"digits": 13}, "one-time codes: digits is 13, at most 12 is allowed"),
        ({"lifetime_ms": 0}, "one-time codes: lifetime_ms is 0, at least 1 is needed"),
        ({"failures_per_code": 0}, "one-time codes: failures_per_code is 0, at least 1 is needed"),
        (
            {"failures_per_account_day": 0},
            "one-time codes: failures_per_account_day is 0, at least 1 is needed",
        ),
        ({"sends_per_hour": 0}, "one-time codes: sends_per_hour is 0, at least 1 is needed"),
        ({"resend_gap_ms": -1}, "one-time codes: resend_gap_ms is -1, at least 0 is needed"),
    ],
)
def test_a_limit_one_step_outside_is_refused_in_words(limits: dict[str, int], words: str) -> None:
    """Each limit by its name, what it is and what is needed."""
    with pytest.raises(BadInput) as refusal:
        CodeRules(**limits)
    assert refusal.value.problems == [words]


def test_the_smallest_and_the_largest_limits_are_taken() -> None:
    """Four and twelve digits, one failure, one send, no gap."""
    assert CodeRules(4, 1, 1, 1, 1, 0).digits == 4
    assert CodeRules(digits=12).digits == 12


def test_a_desk_says_how_many_digits_it_wants_and_refuses_others_in_words() -> None:
    """The code source is told what to give; what it gave is in no message."""
    at = desk(CodeRules(digits=8))
    assert at.digits == 8
    with pytest.raises(RuleBroken) as refusal:
        at.issue(1, "s", "1234567", 0)
    assert str(refusal.value) == "the code source must give 8 decimal digits"


def test_one_send_an_hour_remembers_one_send() -> None:
    """With the least limit each send forbids the next for an hour, and no longer."""
    at = desk(CodeRules(sends_per_hour=1))
    for hour in range(3):
        assert isinstance(at.issue(1, "s", RIGHT, hour * MS_PER_HOUR), Issued)
        late = (hour + 1) * MS_PER_HOUR
        assert at.issue(1, "s", RIGHT, late - 1) == Throttled("sends_per_hour", late)


def test_a_throttled_account_is_told_the_strictest_reason_first() -> None:
    """Locked account, locked code, hour, gap: the one that lasts longest is not hidden by a shorter one."""
    at = desk(CodeRules(failures_per_code=1, failures_per_account_day=2, sends_per_hour=1))
    at.issue(1, "s", RIGHT, 0)
    assert at.issue(1, "s", RIGHT, 1).reason == "sends_per_hour"
    fail(at, 1, 1)
    assert at.issue(1, "s", RIGHT, 2).reason == "locked_code"
    again = desk(CodeRules(failures_per_code=1, failures_per_account_day=1))
    again.issue(1, "s", RIGHT, 0)
    fail(again, 1, 1)
    assert again.issue(1, "s", RIGHT, 2).reason == "locked_account"
    assert again.check(1, "s", RIGHT, 2).reason is CodeReason.LOCKED_ACCOUNT
