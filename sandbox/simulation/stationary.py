"""The product's own call queue under a load that never changes, for holding it against exact theory.

Poisson calls, exponential handling and patience, nobody balks, no after-call work: what Erlang-A describes. The
queue is `CallQueue` as every campaign uses it; only who calls is made up here.

The run starts with an empty queue and forgets that start before it counts. Let two queues hear the same calls,
one started empty and one in its long-run state. With one caller more, calls end faster by at least
min(1 / handling, 1 / patience), so the expected difference between the two shrinks at least as fast as
exp(-t / max(handling, patience)). After the warm-up below at most exp(-5) = 0.7 % of it is left, and exp(-20)
where patience is not the longer of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from sandbox.draws import CHUNK, generator
from sandbox.errors import Cancelled
from sandbox.experiment.erlang_a import SECONDS_PER_HOUR
from sandbox.facts import CallAbandoned, CallAnswered, CallHandled, CallOffered
from sandbox.model import MS_PER_SECOND
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.distributions import exponential_ms
from sandbox.simulation.events import Clockwork, after

WARM_UP_HANDLINGS = 20
"""Mean handling times discarded at the start; twice what published call-centre simulations discard, at next to
no cost."""

WARM_UP_PATIENCES = 5
"""Mean patience times discarded at the start: in overload the queue settles at the pace of patience."""

_SLICES_PER_BATCH = 20
"""How often per batch the run looks whether the batch is complete; what it runs too far belongs to the next."""

_WARMING = -1
"""Call number of every call of the warm-up; counted calls are numbered from 0."""


class Load(NamedTuple):
    """A call centre whose load never changes.

    Attributes:
        calls_per_hour: Poisson calls offered per hour, above 0.
        aht_s: mean handling time, exponential, seconds, above 0.
        patience_s: mean patience, exponential, seconds, above 0.
        agents: agents on the lines, at least 1.
    """

    calls_per_hour: float
    aht_s: float
    patience_s: float
    agents: int

    @property
    def calls_per_s(self) -> float:
        """Calls offered per second."""
        return self.calls_per_hour / SECONDS_PER_HOUR

    @property
    def warm_up_s(self) -> float:
        """Time discarded at the start, seconds."""
        return max(WARM_UP_HANDLINGS * self.aht_s, WARM_UP_PATIENCES * self.patience_s)


class BatchSums(NamedTuple):
    """What one batch of consecutive calls came to. Every call counts in the batch it was offered in.

    Attributes:
        offered: calls.
        abandoned: calls that left without an agent.
        waited: calls that found no free agent, whether answered later or not.
        wait_ms: total wait of all calls, abandoned ones until they left.
        busy_ms: agent time spent on calls, from the batch's first call to the next batch's first call.
        agent_ms: agent time there was, over the same span.
    """

    offered: int
    abandoned: int
    waited: int
    wait_ms: int
    busy_ms: int
    agent_ms: int

    def ratios(self) -> dict[str, tuple[float, float]]:
        """Numerator and denominator per figure, named as in `ErlangA`."""
        return {
            "abandonment_rate": (self.abandoned, self.offered),
            "mean_wait_s": (self.wait_ms / MS_PER_SECOND, self.offered),
            "wait_probability": (self.waited, self.offered),
            "occupancy": (self.busy_ms, self.agent_ms),
        }


class StationaryQueue:
    """One endless run, handed out batch by batch; memory does not grow with the calls.

    Args:
        load: who calls and who answers.
        batch_calls: calls per batch.
        seed: the run's seed.
        stream: tells runs of one seed apart; each stream has its own luck.
        should_stop: polled every couple of thousand calls; True ends the run with Cancelled.
    """

    def __init__(
        self, load: Load, batch_calls: int, seed: int, stream: int, should_stop: Callable[[], bool]
    ) -> None:
        """Bind the load; no call is offered before the first batch is asked for."""
        self._env = Clockwork()
        self._meter = _Meter(batch_calls, load.agents)
        self._queue = CallQueue(self._env, self._meter, load.agents)
        self._callers = chain.from_iterable(_callers(load, seed, stream, should_stop))
        self._warm_up_ms = load.warm_up_s * MS_PER_SECOND
        self._slice_ms = max(1, round(batch_calls * _mean_gap_ms(load) / _SLICES_PER_BATCH))
        self._number = _WARMING
        self._next: tuple[int, int, int] | None = None

    def next_batch(self) -> BatchSums:
        """Run until every call of the next batch was answered or has left, and return what the batch came to.

        Raises:
            Cancelled: stopped on request.
            RuleBroken: the queue lost or invented a call.
        """
        env, meter = self._env, self._meter
        if self._next is None:
            self._follow()
        while not meter.complete():
            env.run(until=env.now + self._slice_ms)
        self._queue.check_conserved()
        return meter.take()

    def _follow(self) -> None:
        self._next = following = next(self._callers)
        after(self._env, following[0] - self._env.now, self._arrive, following)

    def _arrive(self, arrival: tuple[int, int, int]) -> None:
        at_ms, talk_ms, patience_ms = arrival
        if self._number != _WARMING or at_ms >= self._warm_up_ms:
            self._number += 1
        self._queue.offer(
            Call(self._number, -1, "other", False, 1, patience_ms, False, talk_ms, 0, _nothing_more)
        )
        self._follow()


def _nothing_more(_call: Call, _answered: bool, _wait_ms: int) -> None:
    """Nobody redials here."""


def _mean_gap_ms(load: Load) -> float:
    return MS_PER_SECOND / load.calls_per_s


def _callers(
    load: Load, seed: int, stream: int, should_stop: Callable[[], bool]
) -> Iterator[Iterator[tuple[int, int, int]]]:
    """Chunks of (arrival, handling, patience), milliseconds, without end.

    Arrivals are sums of exact gaps and each sum is cut to its millisecond, so a gap's lost fraction is made up by
    the next one and the rate stays exact.
    """
    mean_gap_ms = _mean_gap_ms(load)
    passed_ms, number = 0.0, 0
    while True:
        if should_stop():
            message = "stopped on request"
            raise Cancelled(message)
        gaps, talks, patiences = (
            generator(seed, purpose, stream, number).random(CHUNK)
            for purpose in ("stationary_gap", "stationary_talk", "stationary_patience")
        )
        arrivals_ms = passed_ms - mean_gap_ms * np.cumsum(np.log1p(-gaps))
        passed_ms = float(arrivals_ms[-1])
        number += 1
        yield zip(
            arrivals_ms.astype(np.int64).tolist(),
            (exponential_ms(u, load.aht_s) for u in talks.tolist()),
            (exponential_ms(u, load.patience_s) for u in patiences.tolist()),
            strict=True,
        )


class _Batch:
    """A batch some of whose calls have not ended, or whose span has not."""

    __slots__ = ("abandoned", "busy_ms", "ended", "from_ms", "offered", "until_ms", "wait_ms", "waited")

    def __init__(self, from_ms: int, busy_ms_before: int) -> None:
        self.from_ms = self.until_ms = from_ms
        self.busy_ms = -busy_ms_before  # the running total at the end of the span is added then
        self.offered = self.ended = self.abandoned = self.waited = self.wait_ms = 0


class _Meter:
    """Hears the queue's facts and adds them up per batch; the only source of every figure."""

    def __init__(self, batch_calls: int, agents: int) -> None:
        self._batch_calls = batch_calls
        self._agents = agents
        self._batches: dict[int, _Batch] = {}
        self._first = 0  # the batch to be taken next
        self._busy = 0
        self._busy_ms = 0
        self._counted_until_ms = 0
        self._at_the_door = _WARMING  # the call offered last, as long as nothing happened since
        self._hear: dict[type, Callable[[Any], None]] = {
            CallOffered: self._offered,
            CallAnswered: self._answered,
            CallAbandoned: self._abandoned,
            CallHandled: self._handled,
        }

    def emit(self, fact: tuple[object, ...]) -> None:
        """Count one fact."""
        self._hear[type(fact)](fact)

    def complete(self) -> bool:
        """Whether the batch to be taken next is over: its span, and every call of it."""
        batch = self._batches.get(self._first)
        return batch is not None and batch.ended == self._batch_calls and self._first + 1 in self._batches

    def take(self) -> BatchSums:
        """Hand out the next batch and forget it."""
        batch = self._batches.pop(self._first)
        self._first += 1
        return BatchSums(
            offered=batch.offered,
            abandoned=batch.abandoned,
            waited=batch.waited,
            wait_ms=batch.wait_ms,
            busy_ms=batch.busy_ms,
            agent_ms=(batch.until_ms - batch.from_ms) * self._agents,
        )

    def _offered(self, fact: CallOffered) -> None:
        number = fact.call_id
        if number == _WARMING:
            return
        self._at_the_door = number
        index, nth = divmod(number, self._batch_calls)
        if nth == 0:
            self._turn(index, fact.at_ms)
        batch = self._batches[index]
        batch.offered += 1
        batch.waited += 1  # taken back if an agent answers before anything else happens

    def _turn(self, index: int, at_ms: int) -> None:
        """One batch's span ends and the next one's begins."""
        self._count_busy(at_ms)
        self._batches[index] = _Batch(at_ms, self._busy_ms)
        if index > 0:
            ending = self._batches[index - 1]
            ending.until_ms = at_ms
            ending.busy_ms += self._busy_ms

    def _answered(self, fact: CallAnswered) -> None:
        self._count_busy(fact.at_ms)
        self._busy += 1
        number = fact.call_id
        if number != _WARMING:
            batch = self._batches[number // self._batch_calls]
            batch.ended += 1
            batch.wait_ms += fact.wait_ms
            batch.waited -= number == self._at_the_door
        self._at_the_door = _WARMING

    def _abandoned(self, fact: CallAbandoned) -> None:
        self._at_the_door = _WARMING
        if fact.call_id != _WARMING:
            batch = self._batches[fact.call_id // self._batch_calls]
            batch.ended += 1
            batch.wait_ms += fact.wait_ms
            batch.abandoned += 1

    def _handled(self, fact: CallHandled) -> None:
        self._at_the_door = _WARMING
        self._count_busy(fact.at_ms)
        self._busy -= 1

    def _count_busy(self, at_ms: int) -> None:
        self._busy_ms += self._busy * (at_ms - self._counted_until_ms)
        self._counted_until_ms = at_ms
