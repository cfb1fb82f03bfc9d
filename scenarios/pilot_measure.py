"""What a simulation of a workflow says beside its owner's figures: repeat contact, clear policy, exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import facts
from sandbox.draws import Draws
from sandbox.experiment.intervals import ratio_interval
from sandbox.policy.compile import compile_policy
from sandbox.scorecard.judgement import Reading
from sandbox.scorecard.outcome import RunOutcome
from sandbox.simulation.population import accounts
from scenarios.portfolio import MeasuredBy
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.spec import Scenario, load_scenario
from scenarios.task import run_task
from scenarios.wire import Task, replication_seed
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import busy_hours, calendar_of, layout_of, plan_of


@dataclass(frozen=True, slots=True)
class Measured:
    """A workflow's figures as simulated.

    Attributes:
        scenario, today, pilot, settings, seed: what was run, one replication of each design.
        readings: repeat contact of today's design, clear policy by the real policy, exceptions of the pilot's.
        notes: what has to be said of the result; first a history that is not reproduced.
    """

    scenario: str
    today: str
    pilot: str
    settings: tuple[str, ...]
    seed: int
    readings: dict[str, Reading]
    notes: tuple[str, ...] = ()


def measure(
    by: MeasuredBy,
    seed: int | None,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    *,
    despite_history: bool = False,
) -> Measured:
    """Simulate a workflow under today's design and under the design to be piloted.

    Args:
        by: scenario, designs and settings.
        seed: instead of the scenario's.
        on_progress: told as the runs go on.
        should_stop: polled; True ends the run with Cancelled.
        despite_history: run although the scenario does not reproduce its history.

    Raises:
        BadInput: wrong scenario, setting or design.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    designs = tuple(dict.fromkeys([by.today, by.pilot]))
    asked = CompareRequest(
        by.scenario, by.settings, designs, seed=seed, jobs=1, despite_history=despite_history
    )
    world = prepare(asked)
    scenario = world[0]
    chosen_designs(scenario, designs)
    passed = through_gate(asked, world, by.today, on_progress, should_stop)
    hours = busy_hours(load_scenario(by.scenario).document)
    contacts = _Contacts(*_plan(scenario, hours))
    run_task(Task(scenario, by.today, 0, hours), on_progress, should_stop, contacts.emit)
    outcome = run_task(Task(scenario, by.pilot, 0, hours), on_progress, should_stop)
    readings = {
        "repeat_contact_rate": contacts.reading(),
        "clear_policy_share": clear_policy(scenario),
        "exception_share": _exceptions(outcome),
    }
    seeded, told = scenario.document.seed, (*passed.notes, *scenario.notes)
    return Measured(scenario.name, by.today, by.pilot, tuple(by.settings), seeded, readings, told)


def clear_policy(scenario: Scenario) -> Reading:
    """Return the share of the synthetic customers whose decision needs no person, by the real policy.

    Of the cases policy lets in, those it sends to nobody and allows at least one routine action.
    """
    document = scenario.document
    policy, cases = compile_policy(scenario.policy), plan_of(document).cases
    draws = Draws(replication_seed(document.seed, 0))
    admitted, clear = 0, 0
    for account in accounts(people_of(document, scenario.population), draws, cases):
        if not policy.admit(account).admitted:
            continue
        admitted += 1
        decision = policy.decide(account)
        clear += not decision.person_reason and any(offer.routine for offer in decision.allowed)
    share = clear / admitted if admitted else None
    # Every customer was asked: a count, not an estimate of these customers.
    return Reading(share, share, share, admitted, "rate", "cases policy lets in")


class _Contacts:
    """Counts, per cohort day, cases that made contact and those that did so again."""

    def __init__(self, cases: int, cohort_days: int) -> None:
        self._cases, self._days = cases, cohort_days
        self._times = bytearray(cases)

    def emit(self, fact: tuple[object, ...]) -> None:
        """A visit is a contact, and so is every further call within one."""
        again = isinstance(fact, facts.CallOffered) and fact.attempt > 1 and fact.case_id >= 0
        if isinstance(fact, facts.Engaged) or again:
            case_id: int = fact.case_id  # type: ignore[attr-defined]  # both kinds have a case
            self._times[case_id] = min(self._times[case_id] + 1, 255)

    def reading(self) -> Reading:
        """Return the share of cases with more than one contact."""
        once, more = [0] * self._days, [0] * self._days
        for case, times in enumerate(self._times):
            day = case * self._days // self._cases
            once[day] += times > 0
            more[day] += times > 1
        return _rate(more, once, "cases that made contact")


def _exceptions(outcome: RunOutcome) -> Reading:
    return _rate(*outcome.ratios["exception_rate"], "engaged cases")


def _rate(above: list[int], below: list[int], base: str) -> Reading:
    estimate = ratio_interval(above, below, share=True)
    note = "" if estimate.value is not None else "does not apply: nothing in its base"
    return Reading(estimate.value, estimate.low, estimate.high, sum(below), "rate", base, note)


def _plan(scenario: Scenario, hours: frozenset[int]) -> tuple[int, int]:
    layout = layout_of(scenario.document, calendar_of(scenario.document), hours)
    return layout.cases, layout.cohort_days
