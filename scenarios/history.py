"""The gate before a comparison: the call centre without the campaign has to reproduce its own history.

A simulation that cannot give back what a call centre reported has no say in what a campaign would do to it. The world
that is about to run is run without the campaign and held against the history given, by an interval report (`--calls`)
or by the scenario's `history` block. Where settings on top of the scenario keep it from reproducing, the scenario as
written may: then those settings are a what-if, and the result says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sandbox.errors import NotReproduced
from sandbox.scorecard.outcome import RunOutcome
from scenarios.blocks.history import Tolerances
from scenarios.executor import Jobs, default_jobs, run_all
from scenarios.notes import NOT_REPRODUCED
from scenarios.percent import in_percent
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import BaselineCheck, MeasureCheck
from scenarios.summarise import pooled
from scenarios.task import Task
from scenarios.world.spec import Scenario

if TYPE_CHECKING:
    from scenarios.calls import CallsReport

OPTION = "--despite-history"
"""What a user says to run although history is not reproduced."""

LABEL = "history"
"""What progress calls the runs without the campaign."""

_WORDS = {
    "offered_per_day": "calls a working day",
    "abandonment_rate": "abandonment",
    "mean_wait_s": "mean wait of all callers",
    "asa_s": "mean wait of answered callers (ASA)",
    "aht_s": "handling time (AHT)",
}


class Gate(NamedTuple):
    """What the gate needs to know of a comparison.

    Attributes:
        scenario, calls: the world that is about to run, and its report.
        design: the design without whose campaign it is run; only its name, nobody goes through it.
        busy_hours: clock hours that count as busy.
        jobs: worker processes; None uses all cores.
        overridden: run although history is not reproduced.
        what_ifs: settings on top of the scenario, but for the tolerances.
        as_written: loads the world without them.
    """

    scenario: Scenario
    calls: CallsReport | None
    design: str
    busy_hours: frozenset[int]
    jobs: Jobs | None
    overridden: bool
    what_ifs: tuple[str, ...]
    as_written: Callable[[], tuple[Scenario, CallsReport | None]]


class Passed(NamedTuple):
    """How a comparison came through the gate: the call centre beside its history, and what every output says."""

    check: BaselineCheck | None
    notes: list[str]


def has_history(scenario: Scenario, calls: CallsReport | None) -> bool:
    """Say whether there is anything a baseline has to reproduce."""
    return calls is not None or scenario.document.history.is_given


def pass_gate(gate: Gate, on_progress: OnProgress, should_stop: ShouldStop) -> Passed:
    """Run the call centre without the campaign and hold it against its history; there has to be one.

    Raises:
        NotReproduced: it does not come back inside the tolerances, and nobody said to run all the same.
        Cancelled: stopped on request.
    """
    check = _checked(gate, gate.scenario, gate.calls, on_progress, should_stop)
    missed = [measure for measure in check.measures if not measure.reproduced]
    if not missed:
        return Passed(check, [])
    if gate.what_ifs:
        written = _checked(gate, *gate.as_written(), on_progress, should_stop)
        if all(measure.reproduced for measure in written.measures):
            return Passed(check, [_what_if(missed, gate.what_ifs)])
    if not gate.overridden:
        raise NotReproduced([*map(words, missed), _what_to_do(gate)])
    told = "; ".join(map(words, missed))
    return Passed(replace(check, overridden=True), [f"{NOT_REPRODUCED}: {told}"])


def reproduced(
    reported: dict[str, float | None], simulated: dict[str, float | None], tolerances: Tolerances
) -> list[MeasureCheck]:
    """Hold simulated figures against reported ones; what was not reported is left out."""
    checks = []
    for name, value in reported.items():
        if value is None:
            continue
        slack = _slack(name, value, tolerances)
        found = simulated.get(name)
        inside = found is not None and value - slack <= found <= value + slack
        checks.append(MeasureCheck(name, value, found, max(0.0, value - slack), value + slack, inside))
    return checks


def words(measure: MeasureCheck) -> str:
    """Say how one figure came out: simulated, reported, and what would have been close enough."""
    simulated, reported, low, high = (
        _written(measure.name, value)
        for value in (measure.simulated, measure.reported, measure.low, measure.high)
    )
    return (
        f"history: {_WORDS[measure.name]}: simulated {simulated}, reported {reported}; allowed: {low} to {high} "
        f"(history.tolerances.{_tolerance_of(measure.name)})"
    )


def _checked(
    gate: Gate,
    scenario: Scenario,
    calls: CallsReport | None,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> BaselineCheck:
    tasks = [
        Task(scenario, gate.design, replication, gate.busy_hours, campaign_runs=False, label=LABEL)
        for replication in range(scenario.document.replications)
    ]
    idle = run_all(tasks, gate.jobs or default_jobs(), on_progress, should_stop)
    block = scenario.document.history
    reported = block.figures if calls is None else calls.estimate.figures
    lines = (
        [f"Reported figures are those of {scenario.source} under history."] if calls is None else calls.lines
    )
    simulated = without_campaign(idle)
    return BaselineCheck(lines, reported, simulated, reproduced(reported, simulated, block.tolerances))


def without_campaign(idle: Sequence[RunOutcome]) -> dict[str, float | None]:
    """The figures of a call centre's own report, from runs without the campaign."""
    days = sum(len(outcome.calls["offered"]) for outcome in idle)

    def share(name: str, scale: float = 1.0) -> float | None:
        numerators, denominators = pooled(idle, name)
        return sum(numerators) / sum(denominators) * scale if sum(denominators) else None

    answered = sum(sum(outcome.calls["answered"]) for outcome in idle)
    busy_ms = sum(sum(outcome.calls["busy_ms"]) for outcome in idle)
    return {
        "offered_per_day": sum(sum(outcome.calls["offered"]) for outcome in idle) / days,
        "abandonment_rate": share("call_abandonment_rate"),
        "mean_wait_s": share("call_wait_all_s", 1e-3),
        "asa_s": share("call_wait_answered_s", 1e-3),
        "aht_s": busy_ms / answered / 1000.0 if answered else None,
    }


def _slack(name: str, reported: float, tolerances: Tolerances) -> float:
    if name == "abandonment_rate":
        return tolerances.abandonment_points
    if name in {"mean_wait_s", "asa_s"}:
        return max(tolerances.wait_s_least, tolerances.wait_share * reported)
    share = tolerances.offered_share if name == "offered_per_day" else tolerances.aht_share
    return share * reported


def _tolerance_of(name: str) -> str:
    return {
        "offered_per_day": "offered_share",
        "abandonment_rate": "abandonment_points",
        "aht_s": "aht_share",
    }.get(name, "wait_share")


def _written(name: str, value: float | None) -> str:
    if value is None:
        return "nothing"
    if name == "abandonment_rate":
        return in_percent(value, 1)
    return f"{value:,.1f} s" if name.endswith("_s") else f"{value:,.0f}"


def _what_if(missed: Sequence[MeasureCheck], settings: Sequence[str]) -> str:
    changed = ", ".join(settings)
    names = ", ".join(_WORDS[measure.name] for measure in missed)
    return (
        f"history is reproduced by the scenario as written; with what was set on top ({changed}) it is not "
        f"({names}): this is a what-if that history does not vouch for"
    )


def _what_to_do(gate: Gate) -> str:
    staff = "call_centre.agents and the patience under call_centre.patience_s_mean or patience_hazard"
    more = f"run more days (--replications above {gate.scenario.document.replications})"
    return (
        "the baseline does not reproduce the history given, so nothing was compared; allowed: correct what differs "
        f"(mostly {staff}), {more} where a figure is close, widen history.tolerances with a reason, or say {OPTION}: "
        "every output then says that history is not reproduced"
    )
