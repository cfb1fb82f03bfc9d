"""The evidence of whole runs: every case of every shipped design proves what its ending needs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from sandbox import facts
from sandbox.audit.evidence_bundle import EvidenceBundle, evidence_bundle
from sandbox.bundle import FOUND_OUT, Bundle
from sandbox.ports import AuditRow
from tests.scenarios.recorded import ALL_DESIGNS, STORMY, WITH_ALL_MODES, Recorded, named_runs, record


def bundles_of(run: Recorded) -> dict[int, EvidenceBundle]:
    """The evidence of every case of a run."""
    rows: dict[int, list[AuditRow]] = defaultdict(list)
    for row in run.trail:
        rows[row.case_id].append(row)
    return {case: evidence_bundle(case, of_case) for case, of_case in rows.items()}


RUNS = named_runs(ALL_DESIGNS, calm=(), stormy=STORMY)


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def run(request: pytest.FixtureRequest) -> Recorded:
    """Every sound design with the shipped faults and in a storm."""
    return record(*request.param)


def test_every_case_of_a_sound_design_proves_its_ending(run: Recorded) -> None:
    """With the shipped faults and in a storm: nothing is missing, and what is recorded is what the core holds."""
    bundles = bundles_of(run)
    assert {case: one.missing for case, one in bundles.items() if one.missing} == {}
    assert set(bundles) == set(range(run.layout.cases))
    recorded = {case for case, one in bundles.items() if one.final_state == "recorded"}
    assert recorded == run.cases(facts.Recorded)
    excluded = {case for case, one in bundles.items() if one.final_state == "excluded"}
    assert excluded == run.cases(facts.Excluded)
    sent = Counter({case: len(one.sent) for case, one in bundles.items() if one.sent})
    told = run.by_case(facts.Sent)
    letters = run.cases(facts.LetterSent)
    assert sent == Counter({case: len(told[case]) + (case in letters) for case in set(told) | letters})


def test_scattered_evidence_and_blind_postings_are_named_case_by_case() -> None:
    """The design with all failure modes: its records have no receipt and its hand-overs no next action."""
    bundles = bundles_of(record(WITH_ALL_MODES))
    missing = Counter((one.final_state, one.missing) for one in bundles.values() if one.missing)
    assert set(missing) == {("recorded", ("receipt",)), ("with a person", ("next_action",))}
    assert min(missing.values()) > 10


def handed_over(run: Recorded) -> list[Bundle]:
    """What went along with each case handed to a person."""
    found = []
    for row in run.trail:
        if row.kind == "exception_bundle":
            body = json.loads(row.body)
            found.append(
                Bundle(*(tuple(v) if isinstance(v, list) else v for v in map(body.get, Bundle._fields)))
            )
    return found


def test_a_bundle_that_lacks_a_part_costs_its_share_of_the_discovery() -> None:
    """The same customers and luck: two of seven parts left out are two sevenths of the minutes, call by call."""
    every = "designs.in-message.person"
    whole = record("in-message")
    assert [one.missing for one in handed_over(whole) if one.missing] == []
    assert whole.of(facts.DiscoveryDone) == []
    poorer = record("in-message", (f'{every}.leaves_out=["identity","next_action"]',))
    lacking = [one for one in handed_over(poorer) if one.missing]
    assert {one.missing for one in lacking} == {("identity", "next_action")}
    alone = record("in-message", (f"{every}.leaves_out={json.dumps(FOUND_OUT)}",))
    minutes = {fact.case_id: fact.spent_ms for fact in alone.of(facts.DiscoveryDone)}
    shares = {fact.case_id: fact.spent_ms for fact in poorer.of(facts.DiscoveryDone)}
    both = minutes.keys() & shares.keys()
    assert len(both) > 10
    assert {round(shares[case] / minutes[case], 2) for case in both} == {round(2 / 7, 2)}
