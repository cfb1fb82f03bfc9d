"""Known facts: every limit on both sides of its boundary, one neutral outcome, and the work behind it."""

from __future__ import annotations

import hashlib
import hmac
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.facts_check import (
    ANSWER_CHARS_MAX,
    AccountFactsCheck,
    FactRules,
    FactsDesk,
    FactsReason,
    normalised,
)
from sandbox.model import MS_PER_DAY

PEPPER = hashlib.sha256(b"pepper").digest()
RULES = FactRules()
LIFETIME = RULES.lifetime_ms
ON_FILE = (("date_of_birth", "1980-03-12"), ("postcode", "SW1A 1AA"), ("account_ending", "0042"))
RIGHT = dict(ON_FILE)
WRONG = {**RIGHT, "postcode": "SW1A 1AB"}


def desk(rules: FactRules = RULES, **options: object) -> FactsDesk:
    """A desk with no memory."""
    return FactsDesk(rules, PEPPER, **options)  # type: ignore[arg-type]


def ask(at: FactsDesk, now_ms: int = 0, visit: str = "v", account: int = 1) -> FactsReason | None:
    """Ask an account for all facts on file."""
    return at.open(account, visit, at.enrol(account, ON_FILE), now_ms)


def fail(at: FactsDesk, times: int, now_ms: int, visit: str = "v") -> None:
    """Answer wrongly, each time against a live challenge."""
    for _ in range(times):
        assert at.check(1, visit, WRONG, now_ms) == (False, FactsReason.NOT_KNOWN)


def test_the_right_facts_are_accepted_once() -> None:
    """A replayed set of answers is refused as used, however soon it comes."""
    at = desk()
    assert ask(at) is None
    assert at.check(1, "v", RIGHT, 5) == (True, FactsReason.OK)
    assert at.check(1, "v", RIGHT, 5) == (False, FactsReason.USED)


@given(wrong=st.sets(st.sampled_from(sorted(RIGHT)), min_size=1), missing=st.booleans())
def test_which_facts_were_wrong_cannot_be_told(wrong: set[str], missing: bool) -> None:
    """Any wrong or missing fact gives one and the same answer, and leaves one and the same state."""
    at, states = desk(), {}
    at = desk(states=states)
    ask(at)
    given_answers = {
        name: ("" if missing else "wrong") if name in wrong else answer for name, answer in RIGHT.items()
    }
    assert at.check(1, "v", given_answers, 7) == (False, FactsReason.NOT_KNOWN)
    assert states[1][1:] == ("v", LIFETIME, 1, False, 0, 1)


@given(wrong=st.sets(st.sampled_from(sorted(RIGHT))))
def test_every_answer_is_compared_whatever_the_others_are(wrong: set[str]) -> None:
    """The work is the same for no, one and all wrong facts: three comparisons in constant time."""
    at = desk()
    ask(at)
    answers = {name: "wrong" if name in wrong else answer for name, answer in RIGHT.items()}
    with patch(
        "sandbox.identity.facts_check.hmac.compare_digest", side_effect=hmac.compare_digest
    ) as compared:
        assert at.check(1, "v", answers, 0).accepted is (not wrong)
    assert compared.call_count == len(ON_FILE)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("sw1a1aa", True),
        (" SW1A-1AA ", True),
        ("SW1A 1A", False),
        ("", False),
        ("SW1A 1AA" + " " * 99, False),
    ],
)
def test_spelling_does_not_matter_and_length_does(typed: str, accepted: bool) -> None:
    """Case, spaces and dashes are forgiven; nothing typed, and more than anybody would type, is wrong."""
    at = desk()
    ask(at)
    assert at.check(1, "v", {**RIGHT, "postcode": typed}, 0).accepted is accepted


@pytest.mark.parametrize(
    ("blanks", "accepted"), [(ANSWER_CHARS_MAX - 8, True), (ANSWER_CHARS_MAX - 7, False)]
)
def test_an_answer_is_read_up_to_its_longest(blanks: int, accepted: bool) -> None:
    """64 characters are read, 65 are wrong unread."""
    at = desk()
    ask(at)
    assert at.check(1, "v", {**RIGHT, "postcode": "SW1A 1AA" + " " * blanks}, 0).accepted is accepted


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(answer: str) -> None:
    """What is kept is one spelling: letters and digits only, the same however often it is put through."""
    once = normalised(answer)
    assert normalised(once) == once
    assert not once or once.isalnum()


@pytest.mark.parametrize(
    ("now_ms", "reason"),
    [
        (0, "ok"),
        (LIFETIME - 1, "ok"),
        (LIFETIME, "expired"),
        (LIFETIME + MS_PER_DAY - 1, "expired"),
        (LIFETIME + MS_PER_DAY, "no_challenge"),
    ],
)
def test_a_challenge_lives_up_to_its_lifetime(now_ms: int, reason: str) -> None:
    """The last millisecond of the five minutes is accepted, the next is not; a day later it is forgotten."""
    at = desk()
    ask(at)
    assert at.check(1, "v", RIGHT, now_ms).reason == reason


@pytest.mark.parametrize(("failures", "reason"), [(1, "ok"), (2, "locked_visit")])
def test_a_visit_is_locked_after_its_failures(failures: int, reason: str) -> None:
    """One slip may be mended; after the second even the right facts are refused, also when asked again."""
    at = desk()
    ask(at)
    fail(at, failures, 0)
    again = ask(at, 1)
    assert again == (None if reason == "ok" else FactsReason.LOCKED_VISIT)
    assert at.check(1, "v", RIGHT, 1).reason == reason


@pytest.mark.parametrize(("last", "reason"), [(0, "ok"), (1, "locked_account")])
def test_an_account_is_locked_for_the_day_whatever_the_visit(last: int, reason: str) -> None:
    """Failures of three visits count together: four leave the account open, the fifth closes it."""
    at = desk()
    for visit in ("a", "b"):
        assert ask(at, 0, visit) is None
        fail(at, 2, 0, visit)
    assert ask(at, 0, "c") is None
    fail(at, last, 0, "c")
    assert at.check(1, "c", RIGHT, 1).reason == reason
    assert ask(at, 1, "d") == (None if reason == "ok" else FactsReason.LOCKED_ACCOUNT)


@pytest.mark.parametrize(("now_ms", "refused"), [(MS_PER_DAY - 1, "locked_account"), (MS_PER_DAY, None)])
def test_the_lock_of_an_account_ends_with_its_day(now_ms: int, refused: str | None) -> None:
    """At midnight UTC, and not a millisecond before, the account may be asked again."""
    at = desk(FactRules(failures_per_visit=9))
    ask(at)
    fail(at, 5, 0)
    assert ask(at, now_ms, "w") == refused


def test_days_begin_at_midnight_utc_and_not_at_clock_zero() -> None:
    """A clock that starts at eleven at night has its first midnight an hour later."""
    at = desk(FactRules(failures_per_visit=9), utc_ms_at_zero=MS_PER_DAY - 3_600_000)
    ask(at)
    fail(at, 5, 0)
    assert ask(at, 3_599_999, "w") is FactsReason.LOCKED_ACCOUNT
    assert ask(at, 3_600_000, "w") is None


def test_a_clock_set_back_gives_no_guess_back() -> None:
    """Failures of a later day still count on an earlier one."""
    at = desk(FactRules(failures_per_visit=9))
    ask(at, MS_PER_DAY)
    fail(at, 5, MS_PER_DAY)
    assert ask(at, 0, "w") is FactsReason.LOCKED_ACCOUNT


def test_facts_work_in_their_own_visit_only() -> None:
    """Right answers from another visit are refused, and count as a guess."""
    states: dict[int, AccountFactsCheck] = {}
    at = desk(states=states)
    ask(at)
    assert at.check(1, "w", RIGHT, 0) == (False, FactsReason.OTHER_VISIT)
    assert (states[1].failures, states[1].day_failures) == (1, 1)


def test_nothing_is_counted_where_nothing_can_be_guessed() -> None:
    """Checks without a live challenge leave no failure behind."""
    states: dict[int, AccountFactsCheck] = {}
    at = desk(states=states)
    assert at.check(1, "v", WRONG, 0).reason is FactsReason.NO_CHALLENGE
    assert not states
    ask(at)
    assert at.check(1, "v", WRONG, LIFETIME).reason is FactsReason.EXPIRED
    assert states[1].day_failures == 0


def test_the_same_answer_of_two_accounts_is_kept_differently() -> None:
    """Whoever reads the states cannot see who shares a postcode; and another pepper gives other digests."""
    first, second = desk().enrol(1, ON_FILE), desk().enrol(2, ON_FILE)
    other = FactsDesk(RULES, hashlib.sha256(b"other").digest()).enrol(1, ON_FILE)
    digests = [fact.digest for fact in (*first, *second, *other)]
    assert len(set(digests)) == len(digests) == 9
    assert {len(digest) for digest in digests} == {32}


@pytest.mark.parametrize(
    "answers",
    [
        [("postcode", " - ")],
        [("postcode", "")],
        [("postcode", "x" * (ANSWER_CHARS_MAX + 1))],
        [("Postcode", "x")],
        [("a|b", "x")],
        [("a", "x"), ("a", "y")],
    ],
)
def test_facts_nobody_could_be_asked_for_are_refused(answers: list[tuple[str, str]]) -> None:
    """A blank on file would let blanks in; it is refused before it can."""
    with pytest.raises(RuleBroken):
        desk().enrol(1, answers)


def test_the_longest_answer_on_file_is_taken() -> None:
    """64 characters can be asked for."""
    assert len(desk().enrol(1, [("a", "x" * ANSWER_CHARS_MAX)])) == 1


def test_asking_nothing_is_our_mistake() -> None:
    """A challenge without a fact would accept everybody."""
    with pytest.raises(RuleBroken) as refusal:
        desk().open(1, "v", (), 0)
    assert str(refusal.value) == "known facts: nothing is asked"


def test_senseless_limits_and_short_peppers_are_refused() -> None:
    """All limits below one are named at once; a pepper has 32 bytes or more."""
    with pytest.raises(BadInput) as refusal:
        FactRules(0, 0, 0)
    assert len(refusal.value.problems) == 3
    assert FactRules(1, 1, 1).lifetime_ms == 1
    with pytest.raises(BadInput, match="31 bytes"):
        FactsDesk(RULES, bytes(31))
    assert len(FactsDesk(RULES, bytes(range(70)))) == 0


def test_memory_is_freed_and_no_answer_depends_on_it() -> None:
    """Forgotten accounts leave the states once there are enough of them."""
    at = desk()
    for account in range(1_024):
        ask(at, 0, "v", account)
    assert len(at) == 1_024
    ask(at, LIFETIME + MS_PER_DAY, "v", 5_000)
    assert len(at) == 1


@pytest.mark.parametrize(
    ("utc_ms_at_zero", "end_ms"), [(0, 6 * MS_PER_DAY), (3_600_000, 6 * MS_PER_DAY - 3_600_000)]
)
def test_after_a_clock_was_set_back_a_lock_still_lasts_until_its_own_day_ends(
    utc_ms_at_zero: int, end_ms: int
) -> None:
    """Locked on day five with a challenge of day nought: kept until day five ends, not a day after it ran out."""
    at = desk(FactRules(failures_per_visit=9), utc_ms_at_zero=utc_ms_at_zero)
    ask(at, 5 * MS_PER_DAY)
    fail(at, 4, 5 * MS_PER_DAY)
    assert ask(at, 0, "w") is None
    fail(at, 1, 0, "w")
    assert ask(at, LIFETIME + MS_PER_DAY, "x") is FactsReason.LOCKED_ACCOUNT
    assert ask(at, end_ms - 1, "x") is FactsReason.LOCKED_ACCOUNT
    assert at.check(1, "w", RIGHT, end_ms).reason is FactsReason.NO_CHALLENGE
    assert ask(at, end_ms, "x") is None


def test_without_a_failure_only_the_challenge_counts_wherever_the_clock_begins() -> None:
    """On a clock ten days before its zero a challenge is forgotten a day after it ran out, not at zero."""
    at, start = desk(), -10 * MS_PER_DAY
    ask(at, start)
    assert at.check(1, "v", RIGHT, start + LIFETIME + MS_PER_DAY - 1).reason is FactsReason.EXPIRED
    assert at.check(1, "v", RIGHT, start + LIFETIME + MS_PER_DAY).reason is FactsReason.NO_CHALLENGE


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([("Postcode", "x")], "known fact 'Postcode': a name of its own, of a-z, 0-9 and '_', is needed"),
        ([("a", "x"), ("a", "y")], "known fact 'a': a name of its own, of a-z, 0-9 and '_', is needed"),
        ([("a", "-")], "known fact 'a': the answer on file cannot be asked for"),
        ([("a", "secret" * 11)], "known fact 'a': the answer on file cannot be asked for"),
    ],
)
def test_a_refused_fact_is_named_and_its_answer_never(answers: list[tuple[str, str]], words: str) -> None:
    """Whoever mends the data learns which fact it is; what is on file stays out of every message."""
    with pytest.raises(RuleBroken) as refusal:
        desk().enrol(1, answers)
    assert str(refusal.value) == words


def test_the_limits_of_known_facts_are_refused_each_by_its_name() -> None:
    """Zero is refused and one is taken, with the limit's name and what is needed."""
    with pytest.raises(BadInput) as refusal:
        FactRules(lifetime_ms=0, failures_per_visit=1, failures_per_account_day=-2)
    assert refusal.value.problems == [
        "known facts: lifetime_ms is 0, at least 1 is needed",
        "known facts: failures_per_account_day is -2, at least 1 is needed",
    ]


def test_an_answer_nobody_gave_is_wrong_and_counted() -> None:
    """A form that leaves a fact out, or answers something else, has not answered it."""
    states: dict[int, AccountFactsCheck] = {}
    at = desk(states=states)
    ask(at)
    for answers in ({}, {"postcode": RIGHT["postcode"]}):
        assert at.check(1, "v", answers, 0).reason is FactsReason.NOT_KNOWN
    assert states[1].failures == 2
