"""Impostors in whole runs: who is let in, why others are not, and metrics that are null where nobody tried."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from sandbox import facts
from sandbox.model import AccountFacts
from sandbox.scorecard.outcome import RunOutcome
from sandbox.simulation.impostors import KINDS
from scenarios.cuts import WHOLE
from scenarios.result import Metric
from scenarios.run import CompareRequest, prepare
from scenarios.summarise import measured
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.library import metrics_document
from tests.scenarios.recorded import SMALL

FORWARDED, REPLAYED, GUESSED, PREFETCH, TAMPERED, RETIRED, RECYCLED = KINDS
NEVER_MS = 2**62


@dataclass
class Attacked:
    """What one run left behind.

    Attributes:
        outcome: what the product counted.
        metrics: as a comparison shows them.
        tried: every attempt of an impostor.
        recorded: when the customer's own outcome first stood in the core, by case.
        accounts: the core's accounts at the end.
    """

    outcome: RunOutcome
    metrics: dict[str, Metric]
    tried: list[facts.ImpostorTried] = field(default_factory=list)
    recorded: dict[int, int] = field(default_factory=dict)
    accounts: list[AccountFacts] = field(default_factory=list)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Let in and tried, by kind."""
        tried = Counter(one.kind for one in self.tried)
        accepted = Counter(one.kind for one in self.tried if one.accepted)
        return {kind: (accepted[kind], tried[kind]) for kind in tried}


@cache
def attacked(name: str, design: str, *settings: str) -> Attacked:
    """Run one design once."""
    scenario, _ = prepare(CompareRequest(name, settings, (design,)))
    heard: list[Any] = []
    accounts: list[AccountFacts] = []

    def remember(wired: Wired) -> None:
        accounts.extend(wired.core.read_accounts(0, wired.world.plan.cases))

    task = Task(scenario, design, 0, busy_hours(scenario.document))
    outcome = run_task(task, lambda _: None, lambda: False, heard.append, remember)
    metrics = measured(scenario, [outcome], metrics_document().metrics, WHOLE)
    tried = [one for one in heard if isinstance(one, facts.ImpostorTried)]
    recorded = {one.case_id: one.at_ms for one in reversed(heard) if isinstance(one, facts.Recorded)}
    return Attacked(outcome, metrics, tried, recorded, accounts)


ATTACKS = ("campaign.messages=6000", "call_centre.other_traffic.calls_per_day=60")


def test_false_accepts_are_null_where_nobody_attacks() -> None:
    """Nobody tried is not the same as nobody got in."""
    quiet = attacked("retail-bank-200k", "in-message", *SMALL)
    assert quiet.tried == []
    assert quiet.metrics["false_accept_rate"].value is None
    assert quiet.metrics["false_accept_rate"].note == "does not apply: nothing in its base"
    rejects = quiet.metrics["false_reject_rate"].value
    assert rejects is not None
    assert 0 < rejects < 1


def test_false_rejects_are_null_where_nobody_was_asked() -> None:
    """A campaign nobody answers asks nobody for a proof; impostors try all the same, and are no customers."""
    silent = (
        "customers.response_rate=0",
        "outreach.letter.address_rate=0",
        "attacks.recycled_number_rate=0.2",
    )
    unanswered = attacked("retail-bank-200k", "in-message", *SMALL, *silent)
    assert unanswered.metrics["false_reject_rate"].value is None
    assert unanswered.metrics["false_accept_rate"].value is not None


@pytest.mark.parametrize("design", ["in-message-link", "in-message", "in-message-facts"])
def test_links_that_are_not_the_customers_open_nothing(design: str) -> None:
    """Rewritten links, links of a retired key and scanners: tried often, accepted never."""
    counts = attacked("retail-bank-attacks", design, *ATTACKS).counts()
    assert set(counts) == set(KINDS)
    for kind in (PREFETCH, TAMPERED, RETIRED):
        assert counts[kind][0] == 0
        assert counts[kind][1] > 20


def test_false_accepts_are_the_attempts_let_in_over_all_attempts() -> None:
    """The metric is the facts, counted."""
    found = attacked("retail-bank-attacks", "in-message", *ATTACKS)
    accepted = sum(one.accepted for one in found.tried)
    assert found.metrics["false_accept_rate"].value == pytest.approx(accepted / len(found.tried))
    assert found.metrics["false_accept_rate"].n == len(found.tried)


def test_a_link_as_the_only_proof_lets_in_whoever_policy_offers_anything() -> None:
    """Who holds a live link is let in, but for accounts done with or a person's: there is no page to open."""
    found = attacked("retail-bank-attacks", "in-message-link", *ATTACKS)
    live = [one for one in found.tried if one.kind in (FORWARDED, REPLAYED, GUESSED, RECYCLED)]
    shut = {one.case_id for one in live if not one.accepted}
    tried_ms = {one.case_id: one.at_ms for one in live}
    vulnerable = {case for case in shut if found.accounts[case].vulnerable}
    assert len(live) - len(shut) > 100
    assert vulnerable
    assert shut - vulnerable
    assert all(found.recorded.get(case, NEVER_MS) <= tried_ms[case] for case in shut - vulnerable)
    assert not any(found.accounts[one.case_id].vulnerable for one in live if one.accepted)


# -- a change behind a form --------------------------------------------------------------------------------------


RECYCLE = ("campaign.messages=3000", "attacks.recycled_number_rate=0.1")


@pytest.mark.parametrize(
    ("design", "settings", "accepted"),
    [
        ("in-message-facts", (), "none"),
        ("in-message-facts", ("attacks.knows_facts_rate=1",), "most"),
        ("portal", ("attacks.knows_facts_rate=1", "attacks.reads_code_rate=1"), "none"),
        ("portal", ("attacks.knows_password_rate=1",), "most"),
    ],
)
def test_only_facts_or_a_password_stop_the_new_owner_of_a_number_from_changing_an_address(
    design: str, settings: tuple[str, ...], accepted: str
) -> None:
    """Link and code reach them: the second proof decides, and who has it fills in the form of the change."""
    found = attacked("address-update", design, *RECYCLE, *settings)
    let_in, tried = found.counts()[RECYCLED]
    assert tried > 50
    assert let_in == 0 if accepted == "none" else let_in > 0.6 * tried
    actions = {one.action for one in found.tried if one.accepted}
    assert actions == (set() if accepted == "none" else {"change_address", "change_email"})


def test_an_impostor_let_in_changes_nobodys_record() -> None:
    """With everybody a victim the core holds what it holds without attacks: an attempt is a fact and no act."""
    attacks = ("attacks.forwarded_link_rate=1", "attacks.knows_password_rate=1")
    calm = attacked("address-update", "portal", "campaign.messages=3000")
    stormy = attacked("address-update", "portal", "campaign.messages=3000", *attacks)
    assert sum(one.accepted for one in stormy.tried) > 1_000
    assert stormy.accounts == calm.accounts
    assert stormy.recorded == calm.recorded
