"""What a simulation of a workflow says beside its owner's figures: repeat contact, clear policy, exceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sandbox.draws import Draws
from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.intervals import ratio_interval
from sandbox.policy.compile import compile_policy
from sandbox.policy.remembering import Decisions, remembering
from sandbox.scorecard.case_sums import Series
from sandbox.scorecard.judgement import Held, Reading, hold
from sandbox.scorecard.outcome import RunOutcome
from sandbox.scorecard.rules import PilotRule
from sandbox.simulation.population import accounts
from scenarios.calls import CallsReport
from scenarios.executor import Jobs, run_all, workers_held
from scenarios.history import has_history
from scenarios.pilot.portfolio import Placing, Workflow
from scenarios.progress import OnProgress, ShouldStop, until_stopped
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.summarise import pooled
from scenarios.task import Task, replication_seed
from scenarios.wiring.kept import DECISIONS_MAX, forget
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import busy_hours, plan_of
from scenarios.world.spec import Scenario, load_scenario

NO_SCENARIO = "names no scenario that simulates it (measured_by)"
"""Why a workflow is not measured."""

Agreement = Literal["inside", "outside", "unsure"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A workflow's figures as simulated.

    Attributes:
        scenario, today, pilot, settings, seed, replications: what was run, so many times in each design.
        readings: repeat contact of today's design, clear policy by the real policy, exceptions of the pilot's, each
            with its 95 % interval.
        notes: what has to be said of the result; first a history that is not reproduced.
    """

    scenario: str
    today: str
    pilot: str
    settings: tuple[str, ...]
    seed: int
    replications: int
    readings: dict[str, Reading]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A workflow that is about to be simulated.

    Attributes:
        workflow: its name.
        today, pilot: its designs.
        asked: the request.
        world: what the request leads to.
        hours: clock hours called busy.
    """

    workflow: str
    today: str
    pilot: str
    asked: CompareRequest
    world: tuple[Scenario, CallsReport | None]
    hours: frozenset[int]

    @property
    def runs(self) -> int:
        """How many runs it takes, those that are held against a history included."""
        worlds = len({self.today, self.pilot}) + has_history(*self.world)
        return worlds * self.world[0].document.replications


def planned(
    workflows: Sequence[Workflow],
    seed: int | None = None,
    replications: int | None = None,
    *,
    despite_history: bool = False,
) -> tuple[Planned, ...]:
    """Read the scenario of every workflow that names one, before any is run.

    Args:
        workflows: of a portfolio.
        seed: instead of each scenario's.
        replications: runs of each design instead of each scenario's.
        despite_history: run although a scenario does not reproduce its history.

    Raises:
        BadInput: wrong scenario, setting or design; every problem names its workflow.
    """
    found, problems = [], []
    for workflow in workflows:
        by = workflow.measured_by
        if by is None:
            continue
        designs = tuple(dict.fromkeys([by.today, by.pilot]))
        asked = CompareRequest(
            by.scenario, by.settings, designs, seed, replications, despite_history=despite_history
        )
        try:
            world = prepare(asked)
            chosen_designs(world[0], designs)
            hours = busy_hours(load_scenario(by.scenario).document)
        except BadInput as refused:
            problems += [f"workflow {workflow.workflow}: {problem}" for problem in refused.problems]
            continue
        found.append(Planned(workflow.workflow, by.today, by.pilot, asked, world, hours))
    if problems:
        raise BadInput(problems)
    return tuple(found)


def measure(
    plans: Sequence[Planned], jobs: Jobs | None, on_progress: OnProgress, should_stop: ShouldStop
) -> dict[str, Measured]:
    """Simulate workflows, each under today's design and under the design to be piloted.

    Args:
        plans: as `planned` gives them.
        jobs: worker processes, or who else runs it; None uses all cores. No figure depends on it.
        on_progress: told as the runs go on.
        should_stop: polled; True ends the run with Cancelled.

    Raises:
        NotReproduced: a call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    with workers_held(jobs) as workers:
        return {plan.workflow: _measured(plan, workers, on_progress, should_stop) for plan in plans}


def _measured(plan: Planned, workers: Jobs, on_progress: OnProgress, should_stop: ShouldStop) -> Measured:
    scenario = plan.world[0]
    asked = replace(plan.asked, jobs=workers)
    passed = through_gate(asked, plan.world, plan.today, on_progress, should_stop)
    document, designs = scenario.document, dict.fromkeys([plan.today, plan.pilot])
    tasks = [
        Task(
            scenario,
            design,
            replication,
            plan.hours,
            label=f"{plan.workflow} {design}",
            contacts=design == plan.today,
            shares=True,
        )
        for replication in range(document.replications)
        for design in designs
    ]
    outcomes: dict[str, list[RunOutcome]] = {design: [] for design in designs}
    try:
        found = run_all(tasks, workers, on_progress, should_stop)
    finally:
        forget()  # with one worker it was this process that kept something
    for task, outcome in zip(tasks, found, strict=True):
        outcomes[task.design].append(outcome)
    readings = {
        "repeat_contact_rate": _repeats(outcomes[plan.today]),
        "clear_policy_share": clear_policy(scenario, should_stop),
        "exception_share": _rate(pooled(outcomes[plan.pilot], "exception_rate"), "engaged cases"),
    }
    return Measured(
        scenario.name,
        plan.today,
        plan.pilot,
        tuple(plan.asked.settings),
        document.seed,
        document.replications,
        readings,
        (*passed.notes, *scenario.notes),
    )


def agreement(stated: Reading, found: Reading) -> Agreement:
    """Say whether a measured figure lies in the stated range: all of its interval, none of it, or a part."""
    ends = stated.low, stated.high, found.low, found.high
    if None in ends:
        return "unsure"
    low, high, found_low, found_high = (end or 0.0 for end in ends)
    if low <= found_low and found_high <= high:
        return "inside"
    return "outside" if found_high < low or high < found_low else "unsure"


def rules_on(placing: Placing, readings: Mapping[str, Reading]) -> tuple[tuple[PilotRule, Held], ...]:
    """Return the pilot rules on these quantities with how they come out on what was measured."""
    return tuple(
        (rule, hold(rule.passes, readings[rule.quantity], {}))
        for rule, _ in placing.held
        if rule.quantity in readings
    )


def clear_policy(scenario: Scenario, should_stop: ShouldStop = lambda: False) -> Reading:
    """Return the share of the customers whose decision needs no person, by the real policy.

    Of the cases policy lets in, those it sends to nobody and allows at least one routine action. The unit is a day's
    cases: other customers drawn from the same book would give another share, which is what the interval is about.
    Customers of a case file are the same in every replication and counted once.

    Args:
        scenario: its policy, its customers, and how many replications of them.
        should_stop: polled; True ends the count with Cancelled.
    """
    document = scenario.document
    policy = remembering(compile_policy(scenario.policy), Decisions(DECISIONS_MAX))
    people, cases, days = (
        people_of(document, scenario.population),
        plan_of(document).cases,
        document.cohort_days,
    )
    clear: list[int] = []
    admitted: list[int] = []
    for replication in range(document.replications if scenario.population is None else 1):
        drawn = accounts(people, Draws(replication_seed(document.seed, replication)), cases)
        clear_then, admitted_then = [0] * days, [0] * days
        for case, account in enumerate(until_stopped(drawn, should_stop)):
            if not policy.admit(account).admitted:
                continue
            decision, day = policy.decide(account), case * days // cases
            admitted_then[day] += 1
            clear_then[day] += not decision.person_reason and any(offer.routine for offer in decision.allowed)
        clear += clear_then
        admitted += admitted_then
    return _rate((clear, admitted), "cases policy lets in")


def _repeats(outcomes: Sequence[RunOutcome]) -> Reading:
    above: list[int] = []
    below: list[int] = []
    for outcome in outcomes:
        if outcome.contacts is None:
            raise RuleBroken("a run that was to count contacts did not")
        above += outcome.contacts[0]
        below += outcome.contacts[1]
    return _rate((above, below), "cases that made contact")


def _rate(series: Series, base: str) -> Reading:
    estimate = ratio_interval(*series, share=True)
    note = "" if estimate.value is not None else "does not apply: nothing in its base"
    return Reading(estimate.value, estimate.low, estimate.high, sum(series[1]), "rate", base, note)
