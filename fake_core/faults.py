"""What goes wrong with a call: a pure function of (seed, stream, key, nth call), a plan and not dice.

Every fault has its own word of one digest. Taking one fault out of a plan therefore moves no other draw,
which is what lets a failing plan be shrunk fault by fault.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import blake2b
from math import exp, log
from statistics import NormalDist
from struct import Struct
from typing import NamedTuple

from fake_core.profiles import CoreProfile
from sandbox.errors import BadInput
from sandbox.model import record_of
from sandbox.ports import WINDOW_CLOSED, CoreOutcome

POST, READ = "post", "read"
"""The two kinds of call; each has draws of its own."""

_WORDS = Struct("<7I")  # one per fault, the last for latency
_WORD_VALUES = 2**32
_INVERSE_NORMAL = NormalDist().inv_cdf


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Rates of faults per call, and planned outages. The default plan has no faults.

    A command applied although the client never hears of it is the case idempotency exists for:
    `lost_ack_rate` and `unavailable_after_commit_rate`. Latency beyond the profile's timeout has the same
    effect.

    Attributes:
        lost_ack_rate: applied, then no answer.
        unavailable_rate: not applied, 5xx.
        unavailable_after_commit_rate: applied, then 5xx.
        slow_rate: latency multiplied by `slow_factor`.
        slow_factor: at least 1.
        lost_request_rate: not applied, no answer.
        in_progress_rate: not applied now, 409: an earlier copy is said to be still running.
        seed: of every draw.
        outages: (from_ms, to_ms) spans in which every call is unavailable.

    Raises:
        BadInput: a rate is outside [0, 1], the factor below 1, or an outage ends before it begins.
    """

    lost_ack_rate: float = 0.0
    unavailable_rate: float = 0.0
    unavailable_after_commit_rate: float = 0.0
    slow_rate: float = 0.0
    slow_factor: float = 10.0
    lost_request_rate: float = 0.0
    in_progress_rate: float = 0.0
    seed: int = 0
    outages: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        rates = {f.name: getattr(self, f.name) for f in fields(self) if f.name.endswith("_rate")}
        problems = [
            f"faults.{name}: {rate} is not in 0..1" for name, rate in rates.items() if not 0 <= rate <= 1
        ]
        if self.slow_factor < 1:
            problems.append(f"faults.slow_factor: {self.slow_factor} is not at least 1")
        problems += [
            f"faults.outages: {start}..{end} is empty" for start, end in self.outages if end <= start
        ]
        if problems:
            raise BadInput(problems)


TYPICAL_FAULTS = FaultPlan(
    unavailable_rate=0.006,  # 0.61 % of UK open-banking calls failed in October 2025 (published)
    lost_ack_rate=0.001,  # assumption: one call in a thousand is applied but not acknowledged
)
"""An ordinary month of a core, without outages."""


class Fate(NamedTuple):
    """What becomes of one call.

    Attributes:
        latency_ms: from call to answer, or the client's timeout.
        reaches_core: whether the command is carried out.
        instead: what the client hears instead of the core's answer, or None.
        reason: goes with `instead`.
        drawn: whether a draw decided it (an outage or a batch window is a matter of time alone).
    """

    latency_ms: int
    reaches_core: bool
    instead: CoreOutcome | None
    reason: str
    drawn: bool


class Fates:
    """Draws the fate of calls to one core.

    Args:
        plan: rates and outages.
        profile: latency, timeout and batch window.
    """

    __slots__ = (
        "_begun",
        "_log_median",
        "_may_be_down",
        "_outages",
        "_plan",
        "_profile",
        "_sigma",
        "_thresholds",
        "_timeout",
    )

    def __init__(self, plan: FaultPlan, profile: CoreProfile) -> None:
        self._plan = plan
        self._profile = profile
        self._outages = plan.outages
        self._begun = {
            stream: blake2b(f"{plan.seed}|{stream}|".encode(), digest_size=_WORDS.size)
            for stream in (POST, READ)
        }
        self._may_be_down = bool(plan.outages) or profile.closes
        self._log_median = log(profile.latency_ms_median)
        self._sigma = profile.latency_sigma
        self._timeout = profile.timeout_ms
        self._thresholds = tuple(
            round(rate * _WORD_VALUES)
            for rate in (
                plan.slow_rate,
                plan.lost_request_rate,
                plan.unavailable_rate,
                plan.in_progress_rate,
                plan.lost_ack_rate,
                plan.unavailable_after_commit_rate,
            )
        )

    def draw(self, stream: str, key: str, nth: int, at_ms: int) -> Fate:
        """Return what becomes of a call.

        Args:
            stream: POST or READ.
            key: the idempotency key.
            nth: earlier calls of this key on this stream that a draw went wrong for.
            at_ms: time of the call; decides outages and batch windows, never a draw.
        """
        digest = self._begun[stream].copy()
        digest.update(f"{nth}|{key}".encode())
        words = _WORDS.unpack(digest.digest())
        slow, lost_request, unavailable, in_progress, lost_ack, after_commit, latency_word = words
        limits = self._thresholds
        z = _INVERSE_NORMAL((latency_word + 0.5) / _WORD_VALUES)
        latency = exp(self._log_median + self._sigma * z)
        if slow < limits[0]:
            latency *= self._plan.slow_factor
        timeout_ms = self._timeout
        latency_ms = round(latency)
        if latency_ms > timeout_ms:
            latency_ms = timeout_ms
        planned = self._planned(stream, at_ms) if self._may_be_down else ""
        if planned:
            return Fate(latency_ms, False, CoreOutcome.UNAVAILABLE, planned, False)
        if lost_request < limits[1]:
            return Fate(timeout_ms, False, CoreOutcome.TIMED_OUT, "lost_request", True)
        if unavailable < limits[2]:
            return Fate(latency_ms, False, CoreOutcome.UNAVAILABLE, "unavailable", True)
        if in_progress < limits[3]:
            return Fate(latency_ms, False, CoreOutcome.IN_PROGRESS, "in_progress", True)
        return self._after_commit(latency_ms, lost_ack < limits[4], after_commit < limits[5])

    def _after_commit(self, latency_ms: int, lost_ack: bool, unavailable: bool) -> Fate:
        timeout_ms = self._timeout
        if lost_ack:
            return Fate(timeout_ms, True, CoreOutcome.TIMED_OUT, "lost_ack", True)
        if unavailable:
            return Fate(latency_ms, True, CoreOutcome.UNAVAILABLE, "unavailable_after_commit", True)
        if latency_ms >= timeout_ms:
            return Fate(timeout_ms, True, CoreOutcome.TIMED_OUT, "too_slow", True)
        return record_of(Fate, (latency_ms, True, None, "", True))

    def _planned(self, stream: str, at_ms: int) -> str:
        """Return why the core is down by plan at this time, or an empty string."""
        if stream == POST and self._profile.is_closed(at_ms):
            return WINDOW_CLOSED
        for start, end in self._outages:
            if start <= at_ms < end:
                return "outage"
        return ""
