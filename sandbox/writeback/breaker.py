"""A circuit breaker: stop calling a core that keeps failing, and find out gently when it is back.

    closed ──(enough calls, too many failures)──▶ open ──(open time over)──▶ half-open
      ▲                                             ▲                           │
      └──────────(every probe answered)─────────────┼───────────────────────────┤
                                                    └────(one probe failed)─────┘   the open time doubles

Only a core that does not answer counts as failing. A refusal, a reused key, a stale version or "still
running" is the core at work. Calls are counted in slices of the window, so memory is fixed whatever the load.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.errors import BadInput
from sandbox.ports import WINDOW_CLOSED, CoreOutcome, CoreReply

_SILENT = frozenset({CoreOutcome.UNAVAILABLE, CoreOutcome.TIMED_OUT})
_SLICES = 30  # the window moves in steps of a thirtieth; finer steps buy nothing a bank would notice


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


_CLOSED, _OPEN, _HALF_OPEN = BreakerState  # a member asked of its class costs ten times a name of the module


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a breaker opens and how it closes again.

    Attributes:
        window_ms: how far back calls are counted, milliseconds.
        calls_min: fewer calls in the window never open it.
        failure_share: share of failed calls that opens it, in (0, 1].
        open_ms: first open time, milliseconds; doubles with every failed probe.
        open_ms_max: longest open time, milliseconds.
        probes: calls let through while half-open, all of which must be answered.

    Raises:
        BadInput: a bound is not positive or the limits contradict each other.
    """

    window_ms: int = 30_000
    calls_min: int = 20
    failure_share: float = 0.5
    open_ms: int = 15_000
    open_ms_max: int = 120_000
    probes: int = 3

    def __post_init__(self) -> None:
        problems = [
            f"breaker.{name}: {value} is not at least {least}"
            for name, value, least in (
                ("window_ms", self.window_ms, _SLICES),
                ("calls_min", self.calls_min, 1),
                ("open_ms", self.open_ms, 1),
                ("open_ms_max", self.open_ms_max, self.open_ms),
                ("probes", self.probes, 1),
            )
            if value < least
        ]
        if not 0.0 < self.failure_share <= 1.0:
            problems.append(f"breaker.failure_share: {self.failure_share} is not in (0, 1]")
        if problems:
            raise BadInput(problems)


def answered(reply: CoreReply) -> bool:
    """Return whether a reply shows a working core, i.e. what `Breaker.record` wants as `ok`."""
    outcome = reply.outcome
    return outcome not in _SILENT or (outcome is not CoreOutcome.TIMED_OUT and reply.reason == WINDOW_CLOSED)


class Breaker:
    """One breaker in front of one core.

    Time is passed in and may repeat; a time before the latest one seen is taken as the latest, so a clock
    that steps back can neither reopen a window nor hold the breaker open.

    Args:
        rules: see BreakerRules.
        moved: told the new state and the time of every change, milliseconds; nobody if None. It begins closed.
    """

    __slots__ = (
        "_answered",
        "_issued",
        "_moved",
        "_now_ms",
        "_open_for_ms",
        "_rules",
        "_slice_ms",
        "_state",
        "_total_calls",
        "_total_failures",
        "_until_ms",
        "_window",
    )

    def __init__(self, rules: BreakerRules, moved: Callable[[BreakerState, int], None] | None = None) -> None:
        self._rules = rules
        self._moved = moved
        self._slice_ms = rules.window_ms // _SLICES
        self._now_ms = 0
        self._state = _CLOSED
        self._open_for_ms = rules.open_ms
        self._until_ms = 0  # open: when half-open begins; half-open: when unanswered probes are given up
        self._issued = 0
        self._answered = 0
        self._forget()

    def state(self, now_ms: int) -> BreakerState:
        """Return where the breaker stands at this time."""
        self._advance(now_ms)
        return self._state

    def allow(self, now_ms: int) -> bool:
        """Say whether a call may go out now; while half-open a yes spends one probe.

        Ask only when the call follows at once, and `record` its outcome.
        """
        self._advance(now_ms)
        if self._state is _CLOSED:
            return True
        if self._state is _OPEN or self._issued >= self._rules.probes:
            return False
        self._issued += 1
        return True

    def record(self, now_ms: int, ok: bool) -> None:
        """Count the outcome of an allowed call.

        Args:
            now_ms: when the outcome was known.
            ok: False only for a core that gave no answer; see `answered`.
        """
        self._advance(now_ms)
        if self._state is _CLOSED:
            self._count(ok)
        elif self._state is _HALF_OPEN and self._answered < self._issued:
            self._count_probe(ok)
        # While open an outcome is of a call made before: it was asked too early to say anything new.

    def _count(self, ok: bool) -> None:
        window, current = self._window, self._now_ms // self._slice_ms
        if not window or window[-1][0] != current:
            self._slide(current)
            window.append([current, 0, 0])
        window[-1][1] += 1
        self._total_calls += 1
        if ok:
            return
        window[-1][2] += 1
        self._total_failures += 1
        rules = self._rules
        enough = self._total_calls >= rules.calls_min
        if enough and self._total_failures >= rules.failure_share * self._total_calls:
            self._open(rules.open_ms)

    def _count_probe(self, ok: bool) -> None:
        if not ok:
            self._open(min(2 * self._open_for_ms, self._rules.open_ms_max))
            return
        self._answered += 1
        if self._answered == self._rules.probes:
            self._move(_CLOSED)
            self._forget()

    def _open(self, for_ms: int) -> None:
        self._move(_OPEN)
        self._open_for_ms = for_ms
        self._until_ms = self._now_ms + for_ms

    def _move(self, state: BreakerState) -> None:
        before, self._state = self._state, state
        if self._moved is not None and state is not before:
            self._moved(state, self._now_ms)

    def _advance(self, now_ms: int) -> None:
        if now_ms > self._now_ms:
            self._now_ms = now_ms
        # Closed, time alone moves nothing: old slices leave the window when the next call is counted.
        if self._state is not _CLOSED and self._now_ms >= self._until_ms:
            # Also from half-open: a probe whose caller died must not keep the breaker half-open for ever.
            self._move(_HALF_OPEN)
            self._issued = self._answered = 0
            self._until_ms = self._now_ms + self._open_for_ms

    def _slide(self, current: int) -> None:
        window = self._window
        while window and window[0][0] <= current - _SLICES:
            _, calls, failures = window.popleft()
            self._total_calls -= calls
            self._total_failures -= failures

    def _forget(self) -> None:
        # (slice, calls, failures) of every slice with calls, oldest first: at most _SLICES entries.
        self._window: deque[list[int]] = deque()
        self._total_calls = 0
        self._total_failures = 0
