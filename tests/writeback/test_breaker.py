"""The breaker opens on a core that does not answer, probes gently, and never forgets its bounds."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sandbox.errors import BadInput
from sandbox.ports import CoreOutcome, CoreReply
from sandbox.writeback import Breaker, BreakerRules, BreakerState, answered

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


def call(breaker: Breaker, now_ms: int, ok: bool, times: int = 1) -> None:
    """Make calls that are answered at once."""
    for _ in range(times):
        assert breaker.allow(now_ms)
        breaker.record(now_ms, ok)


def opened(rules: BreakerRules | None = None) -> Breaker:
    """Return a breaker that opened at time 0."""
    breaker = Breaker(rules or BreakerRules())
    call(breaker, 0, ok=False, times=20)
    assert breaker.state(0) is OPEN
    return breaker


def test_opens_at_the_share_and_not_below() -> None:
    """Half of twenty calls failing opens it; one failure fewer does not."""
    breaker = Breaker(BreakerRules())
    call(breaker, 0, ok=True, times=11)
    call(breaker, 0, ok=False, times=9)
    assert breaker.state(0) is CLOSED
    breaker = Breaker(BreakerRules())
    call(breaker, 0, ok=True, times=10)
    call(breaker, 0, ok=False, times=10)
    assert breaker.state(0) is OPEN


def test_few_calls_never_open_it() -> None:
    """Nineteen failures in a row leave it closed, the twentieth opens it."""
    breaker = Breaker(BreakerRules())
    call(breaker, 0, ok=False, times=19)
    assert breaker.state(0) is CLOSED
    call(breaker, 0, ok=False)
    assert breaker.state(0) is OPEN


def test_failures_outside_the_window_are_forgotten() -> None:
    """Failures count through the window's last slice and not a moment after it."""
    inside, outside = Breaker(BreakerRules()), Breaker(BreakerRules())
    for breaker, last_ms in ((inside, 29_999), (outside, 30_000)):
        call(breaker, 0, ok=False, times=19)
        call(breaker, last_ms, ok=False)
    assert inside.state(29_999) is OPEN
    assert outside.state(30_000) is CLOSED


def test_stays_open_for_its_time_then_lets_probes_through() -> None:
    """No call passes before 15 s are over; then exactly three probes do."""
    breaker = opened()
    assert not breaker.allow(14_999)
    assert [breaker.allow(15_000) for _ in range(5)] == [True, True, True, False, False]
    assert breaker.state(15_000) is HALF_OPEN


def test_closes_when_every_probe_is_answered() -> None:
    """Two answered probes keep it half-open, the third closes it with an empty window."""
    breaker = opened()
    call(breaker, 15_000, ok=True, times=2)
    assert breaker.state(15_000) is HALF_OPEN
    call(breaker, 15_000, ok=True)
    assert breaker.state(15_000) is CLOSED
    call(breaker, 15_001, ok=False, times=19)
    assert breaker.state(15_001) is CLOSED


def test_open_time_doubles_to_its_maximum_and_starts_over() -> None:
    """Failed probes double the open time up to two minutes; after a recovery it is 15 s again."""
    breaker, now_ms = opened(), 0
    for open_ms in (15_000, 30_000, 60_000, 120_000, 120_000):
        assert not breaker.allow(now_ms + open_ms - 1)
        now_ms += open_ms
        call(breaker, now_ms, ok=False)
        assert breaker.state(now_ms) is OPEN
    now_ms += 120_000
    call(breaker, now_ms, ok=True, times=3)
    call(breaker, now_ms, ok=False, times=20)
    assert breaker.state(now_ms + 14_999) is OPEN
    assert breaker.state(now_ms + 15_000) is HALF_OPEN


def test_lost_probes_do_not_block_for_ever() -> None:
    """Probes whose callers died are replaced by new ones after another open time."""
    breaker = opened()
    assert [breaker.allow(15_000) for _ in range(4)] == [True, True, True, False]
    assert not breaker.allow(29_999)
    assert breaker.allow(30_000)


def test_outcome_of_an_earlier_call_says_nothing_while_open() -> None:
    """A late success or failure of a call made before neither closes nor prolongs an open breaker."""
    breaker = opened()
    breaker.record(5_000, True)
    breaker.record(6_000, False)
    assert breaker.state(14_999) is OPEN
    assert breaker.state(15_000) is HALF_OPEN


def test_a_clock_that_steps_back_changes_nothing() -> None:
    """A time before the latest one seen is taken as the latest."""
    breaker = opened()
    assert breaker.allow(15_000)
    assert breaker.state(0) is HALF_OPEN


@pytest.mark.parametrize("outcome", list(CoreOutcome))
def test_only_silence_is_failure(outcome: CoreOutcome) -> None:
    """Refused, reused, stale, still running and the like show a working core; 5xx and timeouts do not."""
    silent = {CoreOutcome.UNAVAILABLE, CoreOutcome.TIMED_OUT}
    assert answered(CoreReply(outcome, 1, None, "", 0)) == (outcome not in silent)


def test_a_scheduled_closure_is_no_failure() -> None:
    """A core closed for its batch window is not ill."""
    assert answered(CoreReply(CoreOutcome.UNAVAILABLE, 1, None, "window_closed", 0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_ms", 29),
        ("calls_min", 0),
        ("failure_share", 0.0),
        ("failure_share", 1.01),
        ("open_ms", 0),
        ("open_ms_max", 14_999),
        ("probes", 0),
    ],
)
def test_impossible_rules_are_refused(name: str, value: float) -> None:
    """Rules that cannot work are refused by name."""
    with pytest.raises(BadInput, match=name):
        BreakerRules(**{name: value})


def test_every_change_is_told_once_and_nothing_else() -> None:
    """Opened, half-open at the first question after the open time, opened again, given-up probes, closed."""
    told: list[tuple[BreakerState, int]] = []
    breaker = Breaker(BreakerRules(probes=1), lambda state, at_ms: told.append((state, at_ms)))
    call(breaker, 0, ok=True, times=5)
    assert told == []
    call(breaker, 7, ok=False, times=15)
    assert told == [(OPEN, 7)]
    assert not breaker.allow(15_006)
    breaker.record(15_006, ok=False)  # of a call made before it opened
    assert breaker.allow(16_000)
    breaker.record(16_100, ok=False)
    assert told[1:] == [(HALF_OPEN, 16_000), (OPEN, 16_100)]
    assert breaker.allow(50_000)
    assert breaker.allow(90_000)  # nobody heard of the first probe again; it was half-open all the time
    breaker.record(90_500, ok=True)
    assert told[3:] == [(HALF_OPEN, 50_000), (CLOSED, 90_500)]


RULES = BreakerRules(window_ms=300, calls_min=4, failure_share=0.5, open_ms=100, open_ms_max=400, probes=2)
SLICE_MS = 10


class BreakerMachine(RuleBasedStateMachine):
    """Any event in any state, beside a second implementation that keeps every call and recounts."""

    def __init__(self) -> None:
        """Start both at time 0."""
        super().__init__()
        self.breaker = Breaker(RULES)
        self.now_ms = 0
        self.in_flight = 0
        self.state = CLOSED
        self.calls: list[tuple[int, bool]] = []
        self.until_ms = 0
        self.open_ms = 0
        self.issued = 0
        self.answered = 0

    def _open(self, open_ms: int) -> None:
        self.state, self.open_ms, self.until_ms = OPEN, open_ms, self.now_ms + open_ms

    def _clock(self) -> None:
        if self.state is not CLOSED and self.now_ms >= self.until_ms:
            self.state, self.issued, self.answered = HALF_OPEN, 0, 0
            self.until_ms = self.now_ms + self.open_ms

    @rule(ms=st.one_of(st.integers(0, 20), st.integers(80, 450)))
    def pass_time(self, ms: int) -> None:
        """Let time pass."""
        self.now_ms += ms

    @rule()
    def ask(self) -> None:
        """Ask for a call."""
        self._clock()
        expected = self.state is CLOSED or (self.state is HALF_OPEN and self.issued < RULES.probes)
        assert self.breaker.allow(self.now_ms) == expected
        self.issued += expected and self.state is HALF_OPEN
        self.in_flight += expected

    @precondition(lambda self: self.in_flight)
    @rule(ok=st.booleans())
    def hear(self, ok: bool) -> None:
        """Hear the outcome of a call in flight."""
        self._clock()
        self.in_flight -= 1
        self.breaker.record(self.now_ms, ok)
        if self.state is CLOSED:
            self._count(ok)
        elif self.state is HALF_OPEN and self.answered < self.issued:
            self.answered += 1
            if not ok:
                self._open(min(2 * self.open_ms, RULES.open_ms_max))
            elif self.answered == RULES.probes:
                self.state, self.calls = CLOSED, []

    def _count(self, ok: bool) -> None:
        self.calls.append((self.now_ms // SLICE_MS, ok))
        oldest = self.now_ms // SLICE_MS - RULES.window_ms // SLICE_MS
        recent = [fine for at, fine in self.calls if at > oldest]
        failed = recent.count(False)
        if not ok and len(recent) >= RULES.calls_min and failed >= RULES.failure_share * len(recent):
            self._open(RULES.open_ms)

    @invariant()
    def agree(self) -> None:
        """Both are always in the same state, and memory does not grow."""
        self._clock()
        assert self.breaker.state(self.now_ms) is self.state
        window = self.breaker._window
        assert len(window) <= 30
        assert self.breaker._total_calls == sum(calls for _, calls, _ in window)
        assert self.breaker._total_failures == sum(failures for _, _, failures in window)


BreakerMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
TestBreakerMachine = BreakerMachine.TestCase
