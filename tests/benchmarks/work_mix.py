"""Count the work the closed-loop benchmark does: run it once with a listener and write the counts as JSON.

python -m tests.benchmarks.work_mix CASES
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass

from sandbox import facts
from scenarios.run import CompareRequest, prepare
from scenarios.summarise import design_result
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.library import metrics_document
from scenarios.world.spec import load_scenario

SCENARIO = "benchmark-200k"
DESIGN = "in-message"


@dataclass(frozen=True, slots=True)
class WorkMix:
    """Work of one run, in whole counts.

    Attributes:
        cases: cases of the campaign.
        postings: postings that stand in the core's own table.
        audit_rows: rows of our audit chain.
        links_opened: customers' taps, as the flow told them.
        links_verified: signed links the real code checked.
        links_evidenced: accepted links as the stored audit trail has them.
        codes_checked: one-time codes the real code checked.
        digest: of the run as a comparison reports it, audit head included; equal digests mean equal work.
    """

    cases: int
    postings: int
    audit_rows: int
    links_opened: int
    links_verified: int
    links_evidenced: int
    codes_checked: int
    digest: str


def count(cases: int) -> WorkMix:
    """Run the benchmark's scenario with so many cases and count.

    Raises:
        BadInput: the scenario is not as this benchmark needs it.
        RuleBroken: an invariant failed.
    """
    request = CompareRequest(SCENARIO, (f"campaign.messages={cases}",), (DESIGN,), replications=1)
    scenario, _ = prepare(request)
    told: Counter[type] = Counter()
    kinds: Counter[str] = Counter()
    stored: dict[str, int] = {}

    def listen(fact: tuple[object, ...]) -> None:
        told[type(fact)] += 1

    def look(wired: Wired) -> None:
        kinds.update(row.kind for row in wired.store.audit_rows())
        stored["postings"] = wired.core.totals().postings

    task = Task(scenario, DESIGN, 0, busy_hours(load_scenario(SCENARIO).document))
    outcome = run_task(task, lambda _: None, lambda: False, listen, look)
    return WorkMix(
        cases=cases,
        postings=stored["postings"],
        audit_rows=kinds.total(),
        links_opened=told[facts.Engaged],
        links_verified=told[facts.LinkChecked],
        links_evidenced=kinds["link_opened"] + kinds["link_refused"],
        codes_checked=told[facts.CodeChecked],
        digest=design_result(scenario, DESIGN, [outcome], metrics_document().metrics).digest,
    )


def main() -> None:
    """Count and write."""
    sys.stdout.write(json.dumps(asdict(count(int(sys.argv[1])))) + "\n")


if __name__ == "__main__":
    main()
