"""Small runs of the headline scenario, with every fact kept and the books read before they close."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from fake_core.rows import CoreTotals
from sandbox.audit.chain import ChainCheck, verify
from sandbox.model import AccountFacts
from sandbox.ports import AuditRow, OutboxRow
from sandbox.scorecard.outcome import RunOutcome
from sandbox.scorecard.tally import Layout
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.spec import Scenario

DESIGNS = ("sms-to-call", "portal", "in-message")
ALL_DESIGNS = (*DESIGNS, "portal-app", "bot", "hybrid", "in-message-sequence")
"""Every shipped design but the one with the failure modes; the first three are those of the headline scenario."""
WITH_ALL_MODES = "message-first"
SMALL = ("campaign.messages=2400", "call_centre.other_traffic.calls_per_day=60")
STORMY = tuple(
    f"core.faults.{name}=0.12"
    for name in ("unavailable_rate", "unavailable_after_commit_rate", "lost_ack_rate", "lost_request_rate")
)
"""Nearly half of all core calls go wrong, in every way there is."""

FOREVER_MS = 2**62

_Fact = TypeVar("_Fact")


@dataclass(frozen=True)
class Recorded:
    """One run and everything it left behind.

    Attributes:
        scenario, design: what was run.
        layout: days and half hours.
        outcome: what the product counted.
        facts: what happened, in order.
        accounts: the core's accounts at the end, by case.
        before: the same accounts before the run.
        totals: the core's sums.
        postings: the number of postings per case that has any.
        trail: our audit rows, with the check of the chain against its head.
        chain: that check.
        unfinished: outbox rows that never came to an end.
    """

    scenario: Scenario
    design: str
    layout: Layout
    outcome: RunOutcome
    facts: list[Any]
    accounts: list[AccountFacts]
    before: list[AccountFacts]
    totals: CoreTotals
    postings: dict[int, int]
    trail: list[AuditRow]
    chain: ChainCheck
    unfinished: list[OutboxRow]

    def of(self, kind: type[_Fact]) -> list[_Fact]:
        """The facts of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def by_case(self, kind: type[_Fact]) -> dict[int, list[_Fact]]:
        """The facts of one kind, case by case."""
        found: dict[int, list[_Fact]] = defaultdict(list)
        for fact in self.of(kind):
            found[fact.case_id].append(fact)  # type: ignore[attr-defined]  # every fact has its case
        return found

    def cases(self, kind: type[_Fact]) -> set[int]:
        """The cases a kind of fact happened to."""
        return set(self.by_case(kind))


@cache
def scenario_with(settings: tuple[str, ...] = (), seed: int = 1) -> Scenario:
    """The small scenario with further settings."""
    every = (*ALL_DESIGNS, WITH_ALL_MODES)
    return prepare(CompareRequest("retail-bank-200k", (*SMALL, *settings), every, seed=seed))[0]


@cache
def record(design: str, settings: tuple[str, ...] = (), seed: int = 1) -> Recorded:
    """Run one design once and keep everything; the same run is made only once per process."""
    scenario = scenario_with(settings, seed)
    heard: list[Any] = []
    books: dict[str, Any] = {}

    def remember(wired: Wired) -> None:
        """Read everything while it is open; the population is drawn again for what stood there before."""
        from sandbox.simulation.population import accounts

        core, world = wired.core, wired.world
        count = world.plan.cases
        trail = list(wired.store.audit_rows())
        every = core.read_accounts(0, count)
        postings = {case: len(rows) for case in range(count) if (rows := core.postings_for(case))}
        books.update(
            layout=wired.layout,
            accounts=every,
            before=list(accounts(world.people, world.draws, count)),
            totals=core.totals(),
            postings=postings,
            trail=trail,
            chain=verify(trail, world.audit.head),
            unfinished=wired.store.due_intents(FOREVER_MS, 10_000),
        )

    task = Task(scenario, design, 0, busy_hours(scenario.document))
    outcome = run_task(task, lambda _: None, lambda: False, heard.append, remember)
    return Recorded(scenario=scenario, design=design, outcome=outcome, facts=heard, **books)


def named_runs(
    designs: tuple[str, ...], **weather: tuple[str, ...]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Arguments of `record` by the name of the run, to be the ids of a parameter `run`.

    Tests with one of them go to the worker that has made it, whatever their module (`tests/scheduling.py`).
    """
    return {
        f"{design}-{name}": (design, settings) for design in designs for name, settings in weather.items()
    }


def run(design: str, settings: tuple[str, ...] = (), seed: int = 1) -> RunOutcome:
    """Run one design once and keep only what the product counted."""
    scenario = scenario_with(settings, seed)
    task = Task(scenario, design, 0, busy_hours(scenario.document))
    return run_task(task, lambda _: None, lambda: False)


def rate(outcome: RunOutcome, metric: str) -> float:
    """A ratio over all days of a run."""
    above, below = outcome.ratios[metric]
    return sum(above) / sum(below)
