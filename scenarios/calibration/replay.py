"""A call log replayed day by day: staffing inferred on odd days, abandonment predicted and scored on even days.

The log has no log-in times, so who was on duty has to be inferred, and from the odd days of the month alone:

1. the shape over the day: Erlang-A's effective agents of each half hour, over the odd days of a kind (working days
   together, every other weekday apart);
2. each odd day's level: the factor on that shape with which the replay gives back that day's own abandonment;
3. what an even day gets: how levels followed the day's calls over the odd days (staff is planned to a forecast), and
   how far the neighbouring odd days lay from that.

Patience and handling times are those of the odd days too. Of an even day the replay takes only who called when.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from sandbox.draws import generator
from sandbox.errors import BadInput, Cancelled
from sandbox.experiment.fits import Elasticity, elasticity, spread_beyond_poisson
from sandbox.experiment.patience import hazard_bands
from sandbox.experiment.staffing import Demand, day_multipliers, effective_agents, pool_thin
from sandbox.experiment.survival import exponential_mean_censored
from sandbox.simulation.hazard import Piece, PiecewiseHazard
from sandbox.simulation.replay import SLOTS_PER_DAY, DayOutcome, ReplayedCall, replay_day, totals
from scenarios.calibration.acd_profile import working_day
from scenarios.calibration.acd_statements import weekday_names
from scenarios.calibration.call_arrivals import as_report, slot_of
from scenarios.calibration.call_log import CallLog, LoggedCall
from scenarios.progress import ShouldStop

REPETITIONS = 20
"""Replays of each scored day; their mean then has under a quarter of the luck of one."""

_LEVEL_REPETITIONS = 4
_LEVEL_STEPS = 7
_LEVEL_LEAST, _LEVEL_MOST = 0.5, 1.8
"""Levels looked for; seven halvings of that range on a log scale leave 1 %."""

_RANK_LEAVERS = 60
"""Fewest leavers on odd days for a kind of caller to have patience and handling times of its own."""

_THIN_CALLS = 60
_WORKING = "working day"
_HALF_A_CALL = 0.5
_MS = 1000


class DayScore(NamedTuple):
    """One even day.

    Attributes:
        day: ISO date.
        kind: of day.
        offered: its calls.
        actual: abandoned / offered in the log, 0..1.
        predicted: the same, mean of the replays.
        low, high: the least and the most of the replays.
        staff_level: factor on the staffing of its kind of day.
    """

    day: str
    kind: str
    offered: int
    actual: float
    predicted: float
    low: float
    high: float
    staff_level: float

    @property
    def error(self) -> float:
        """Predicted less actual, 0..1."""
        return self.predicted - self.actual


@dataclass(frozen=True, slots=True)
class Replay:
    """How well odd days predict even ones.

    Attributes:
        days: scored days in order.
        fitted: odd days, ISO.
        unscored: even days of a kind no odd day was of, each with the reason.
        elasticity: how staffing followed a day's calls on the odd working days.
        agents: by kind of day, effective agents of each half hour at level 1.
        ranks: kinds of caller with patience and handling times of their own; empty where all are pooled.
        carried_over: mean absolute error of saying that an even day loses what odd days of its kind lost.
        repetitions, seed: of the replays.
    """

    days: list[DayScore]
    fitted: list[str]
    unscored: list[tuple[str, str]]
    elasticity: Elasticity
    agents: dict[str, list[float]]
    ranks: list[str]
    carried_over: float
    repetitions: int
    seed: int

    @property
    def mean_absolute_error(self) -> float:
        """Of daily abandonment, 0..1."""
        return math.fsum(abs(day.error) for day in self.days) / len(self.days)

    @property
    def working_error(self) -> float | None:
        """The same over working days alone; None without any."""
        errors = [abs(day.error) for day in self.days if day.kind == _WORKING]
        return math.fsum(errors) / len(errors) if errors else None

    @property
    def bias(self) -> float:
        """Mean error, 0..1; above 0 too much abandonment was predicted."""
        return math.fsum(day.error for day in self.days) / len(self.days)

    @property
    def worst(self) -> DayScore:
        """The day missed by most."""
        return max(self.days, key=lambda day: abs(day.error))

    @property
    def missed(self) -> list[str]:
        """Days whose abandonment lies outside everything the replays of that day gave."""
        return [day.day for day in self.days if not day.low <= day.actual <= day.high]

    @property
    def pooled(self) -> tuple[float, float]:
        """Predicted and actual abandonment of all scored days together, weighted by calls."""
        offered = sum(day.offered for day in self.days)
        predicted = math.fsum(day.predicted * day.offered for day in self.days) / offered
        return predicted, math.fsum(day.actual * day.offered for day in self.days) / offered


class _Caller(NamedTuple):
    """Patience and handling times callers of one kind are drawn from."""

    patience: PiecewiseHazard
    talk_ms: np.ndarray


class _Lines:
    """Everything replays of one log share: its days, what callers are drawn from, head starts, luck."""

    def __init__(
        self, log: CallLog, head_start_s: Mapping[str, float], seed: int, should_stop: ShouldStop
    ) -> None:
        self.by_day: dict[date, list[LoggedCall]] = defaultdict(list)
        for call in log.calls:
            self.by_day[call.arrived_at.date()].append(call)
        weekdays = working_day(as_report(log)).weekdays
        self.kinds = {
            day: _WORKING if day.weekday() in weekdays else weekday_names([day.weekday()])[0]
            for day in self.by_day
        }
        self.odd = [day for day in self.by_day if day.day % 2]
        self.even = [day for day in self.by_day if not day.day % 2]
        self._head_start_s, self._seed, self._should_stop = head_start_s, seed, should_stop
        self.callers = _callers([call for day in self.odd for call in self.by_day[day]])

    def actual(self, day: date) -> float:
        """Abandonment of a day in the log."""
        calls = self.by_day[day]
        return sum(not call.answered for call in calls) / len(calls)

    def replays(self, day: date, agents: Sequence[float], repetitions: int) -> list[DayOutcome]:
        """Replay a day some times, each with luck of its own; fractions of agents are spread over them."""
        outcomes = []
        for repetition in range(repetitions):
            if self._should_stop():
                raise Cancelled("the replay was stopped")
            calls = self._drawn(day, repetition)
            outcomes.append(replay_day(calls, agents, (repetition + 0.5) / repetitions, self._head_start_s))
        return outcomes

    def _drawn(self, day: date, repetition: int) -> list[ReplayedCall]:
        calls = self.by_day[day]
        luck = generator(self._seed, "log_replay", repetition, day.toordinal()).random((len(calls), 2))
        drawn = []
        for call, (wait, talk) in zip(calls, luck.tolist(), strict=True):
            caller = self.callers.get(call.priority) or self.callers[""]
            at = call.arrived_at
            at_ms = ((at.hour * 60 + at.minute) * 60 + at.second) * _MS + at.microsecond // _MS
            talk_ms = int(caller.talk_ms[int(talk * len(caller.talk_ms))])
            drawn.append(ReplayedCall(at_ms, call.priority, caller.patience.ms(wait), talk_ms))
        return drawn


def replay_log(
    log: CallLog,
    seed: int,
    head_start_s: Mapping[str, float],
    say: Callable[[str], None],
    should_stop: ShouldStop,
    repetitions: int = REPETITIONS,
) -> Replay:
    """Infer staffing on odd days and score the replay on even days.

    Args:
        log: as read.
        seed: of the luck of patience and handling.
        head_start_s: by priority, how much longer than they have callers count as having waited.
        say: told what is being done.
        should_stop: polled before every replay of a day.
        repetitions: replays of each scored day.

    Raises:
        BadInput: no odd or no even day, or odd days on which nobody left or nobody was answered.
        Cancelled: stopped on request.
    """
    lines = _Lines(log, head_start_s, seed, should_stop)
    _refuse_unusable(log, lines, head_start_s)
    shapes = {kind: _shape(lines, kind) for kind in dict.fromkeys(lines.kinds[day] for day in lines.odd)}
    levels = {}
    for number, day in enumerate(lines.odd, start=1):
        say(f"fitting staff to odd days: {number} of {len(lines.odd)}")
        levels[day] = _level(lines, day, shapes[lines.kinds[day]])
    usual = {
        kind: _mean([len(lines.by_day[day]) for day in _of_kind(lines, lines.odd, kind)]) for kind in shapes
    }
    follows = {
        kind: elasticity(
            [len(lines.by_day[day]) / usual[kind] for day in _of_kind(lines, lines.odd, kind)],
            [levels[day] for day in _of_kind(lines, lines.odd, kind)],
        )
        for kind in shapes
    }
    scored: list[DayScore] = []
    unscored: list[tuple[str, str]] = []
    for number, day in enumerate(lines.even, start=1):
        say(f"replaying even days: {number} of {len(lines.even)}")
        kind = lines.kinds[day]
        if kind not in shapes:
            unscored.append((day.isoformat(), f"no odd {kind} to infer its staffing from"))
            continue
        level = _expected_level(lines, day, levels, follows[kind], usual[kind])
        scored.append(_score(lines, day, shapes[kind], level, repetitions))
    if not scored:
        raise BadInput(
            [f"{log.name}: no even day has an odd day of its kind; allowed: a log of two weeks or more"]
        )
    return Replay(
        scored,
        [day.isoformat() for day in lines.odd],
        unscored,
        follows.get(_WORKING) or next(iter(follows.values())),
        shapes,
        sorted(rank for rank in lines.callers if rank),
        _carried_over(lines, shapes),
        repetitions,
        seed,
    )


def _refuse_unusable(log: CallLog, lines: _Lines, head_start_s: Mapping[str, float]) -> None:
    problems = []
    if not lines.odd or not lines.even:
        problems.append(
            f"{log.name}: found no {'even' if lines.odd else 'odd'} day; allowed: a log with both"
        )
    priorities = {call.priority for call in log.calls}
    known = ", ".join(sorted(priorities - {""}))
    problems += [
        f"--head-start {rank}: no call has priority {rank!r}; allowed: {known or 'none'}"
        for rank in head_start_s
        if rank not in priorities
    ]
    if problems:
        raise BadInput(problems)


def _callers(calls: Sequence[LoggedCall]) -> dict[str, _Caller]:
    """What callers are drawn from: all together under "", and each priority with enough leavers of its own."""
    by_rank: dict[str, list[LoggedCall]] = defaultdict(list)
    for call in calls:
        by_rank[call.priority].append(call)
    callers = {"": _caller(calls)}
    for rank, members in by_rank.items():
        if rank and sum(not call.answered for call in members) >= _RANK_LEAVERS:
            callers[rank] = _caller(members)
    return callers


def _caller(calls: Sequence[LoggedCall]) -> _Caller:
    left = [call.wait_s for call in calls if not call.answered]
    bands = hazard_bands(left, [call.wait_s for call in calls if call.answered])
    talk = [round(call.handling_s * _MS) for call in calls if call.answered]
    if not bands or not bands[-1].leavers or not any(talk):
        raise BadInput(
            ["odd days: nobody left after a wait, or nobody was answered; allowed: a log with both"]
        )
    pieces = [Piece(band.until_s, band.per_1000_s) for band in bands]
    return _Caller(PiecewiseHazard(pieces), np.array(talk, dtype=np.int64))


def _of_kind(lines: _Lines, days: Sequence[date], kind: str) -> list[date]:
    return [day for day in days if lines.kinds[day] == kind]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _shape(lines: _Lines, kind: str) -> list[float]:
    """Effective agents of each half hour over the odd days of a kind."""
    days = _of_kind(lines, lines.odd, kind)
    offered, left = [0] * SLOTS_PER_DAY, [0] * SLOTS_PER_DAY
    for day in days:
        for call in lines.by_day[day]:
            slot = slot_of(call.arrived_at)
            offered[slot] += 1
            left[slot] += not call.answered
    everybody = [call for day in lines.odd for call in lines.by_day[day]]
    waited = math.fsum(call.wait_s for call in everybody)
    patience = exponential_mean_censored(waited, sum(not call.answered for call in everybody))
    handling = _mean([call.handling_s for call in everybody if call.answered])
    counts = [len(lines.by_day[day]) for day in days]
    spread = spread_beyond_poisson(counts, [_mean(counts)] * len(counts))
    demand = Demand(handling, patience or handling, day_multipliers(spread))
    slots = [slot for slot in range(SLOTS_PER_DAY) if offered[slot]]
    agents = [0.0] * SLOTS_PER_DAY
    for group in pool_thin(
        slots, [offered[slot] for slot in slots], _THIN_CALLS if kind != _WORKING else 200
    ):
        members = [slots[place] for place in group]
        calls = math.fsum(offered[slot] for slot in members)
        rate = min(max(math.fsum(left[slot] for slot in members), _HALF_A_CALL) / calls, 0.99)
        found = effective_agents([2.0 * offered[slot] / len(days) for slot in members], demand, rate)
        for slot in members:
            agents[slot] = found
    return agents


def _level(lines: _Lines, day: date, shape: Sequence[float]) -> float:
    """The factor on the shape with which the replay gives back an odd day's own abandonment."""
    wanted = max(lines.actual(day), _HALF_A_CALL / len(lines.by_day[day]))
    low, high = _LEVEL_LEAST, _LEVEL_MOST
    for _ in range(_LEVEL_STEPS):
        middle = math.sqrt(low * high)
        whole = totals(lines.replays(day, [agents * middle for agents in shape], _LEVEL_REPETITIONS))
        if sum(whole.abandoned) > wanted * sum(whole.offered):
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def _expected_level(
    lines: _Lines, day: date, levels: Mapping[date, float], follows: Elasticity, usual: float
) -> float:
    """What an even day gets: by its calls, and by how far the odd days around it lay from that."""
    around = _of_kind(lines, lines.odd, lines.kinds[day])
    weights = [1.0 / abs((other - day).days) for other in around]
    apart = [math.log(levels[other] / follows.at(len(lines.by_day[other]) / usual)) for other in around]
    drift = math.fsum(weight * one for weight, one in zip(weights, apart, strict=True)) / math.fsum(weights)
    return follows.at(len(lines.by_day[day]) / usual) * math.exp(drift)


def _score(lines: _Lines, day: date, shape: Sequence[float], level: float, repetitions: int) -> DayScore:
    outcomes = lines.replays(day, [agents * level for agents in shape], repetitions)
    rates = [sum(outcome.abandoned) / sum(outcome.offered) for outcome in outcomes]
    kind, offered = lines.kinds[day], len(lines.by_day[day])
    return DayScore(
        day.isoformat(), kind, offered, lines.actual(day), _mean(rates), min(rates), max(rates), level
    )


def _carried_over(lines: _Lines, shapes: Mapping[str, object]) -> float:
    """Mean absolute error of no model at all: an even day loses what the odd days of its kind lost together."""
    errors = []
    for day in lines.even:
        if lines.kinds[day] in shapes:
            calls = [
                call for odd in _of_kind(lines, lines.odd, lines.kinds[day]) for call in lines.by_day[odd]
            ]
            errors.append(abs(sum(not call.answered for call in calls) / len(calls) - lines.actual(day)))
    return _mean(errors)
