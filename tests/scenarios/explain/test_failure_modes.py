"""Seven modes, each defined once: they lead to and fro between two shipped designs, and each does its harm."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from sandbox import facts
from sandbox.errors import BadInput
from sandbox.journey.design import compile_design
from sandbox.journey.schema import DesignDocument
from sandbox.journey.shape import closed_workflow
from sandbox.scorecard.ledger import EXCLUDED, RECORDED, Ledger
from scenarios.explain.failure_modes import failure_modes, with_modes
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.changes import read_changes
from scenarios.world.spec import Scenario
from tests.scenarios.recorded import SMALL, record, run

KNOWN = failure_modes()
MODES = KNOWN.modes
ALL = set(MODES)


@cache
def scenario(*settings: str) -> Scenario:
    """The small scenario with both designs."""
    request = CompareRequest("retail-bank-200k", (*SMALL, *settings), (KNOWN.without, KNOWN.with_all))
    return prepare(request)[0]


def design(name: str) -> DesignDocument:
    """A shipped design."""
    return scenario().designs[name]


@cache
def harmed(mode: str, *settings: str) -> tuple[list, object]:
    """Every fact of in-message with one mode on, and what the product counted."""
    world = scenario(*settings)
    changed = with_modes(world.designs[KNOWN.without], {mode}, MODES)
    heard: list = []
    task = Task(
        replace(world, designs={KNOWN.without: changed}), KNOWN.without, 0, busy_hours(world.document)
    )
    outcome = run_task(task, lambda _: None, lambda: False, heard.append)
    return heard, outcome


# -- the definitions -----------------------------------------------------------------------------------------


def test_there_are_the_seven_of_the_brief() -> None:
    """In the order they are usually told."""
    assert list(MODES) == [
        "portal_login",
        "bot_escalates",
        "weak_identity",
        "no_idempotency",
        "rigid_timing",
        "generic_content",
        "scattered_evidence",
    ]


def test_on_and_off_lead_from_one_shipped_design_to_the_other() -> None:
    """All on in in-message is message-first, all off in message-first is in-message, to the last number."""
    good, bad = design(KNOWN.without), design(KNOWN.with_all)
    assert with_modes(good, ALL, MODES).steps == bad.steps
    assert with_modes(bad, set(), MODES).steps == good.steps


@pytest.mark.parametrize("name", [KNOWN.without, KNOWN.with_all])
def test_the_shipped_designs_are_what_they_say(name: str) -> None:
    """Putting a design into the state it is in already changes nothing."""
    assert with_modes(design(name), ALL if name == KNOWN.with_all else set(), MODES) == design(name)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_on_and_off_again_is_no_change(mode: str) -> None:
    """From either side, in any company."""
    good, bad = design(KNOWN.without), design(KNOWN.with_all)
    on = with_modes(good, {mode}, MODES)
    assert on != good
    assert with_modes(on, set(), MODES) == good
    off = with_modes(bad, ALL - {mode}, MODES)
    assert off != bad
    assert with_modes(off, ALL, MODES) == bad


def test_the_two_designs_stand_apart_in_the_closed_workflow_test() -> None:
    """in-message closes the case; message-first leaves the message once on its path, for the portal."""
    good = closed_workflow(compile_design(design(KNOWN.without)))
    bad = closed_workflow(compile_design(design(KNOWN.with_all)))
    assert (good.channel_changes, bad.channel_changes) == ((), ("login",))


def test_every_number_of_a_mode_has_its_origin() -> None:
    """What is an assumption has a range; what the costs rest on are settings that exist."""
    for origin in KNOWN.provenance:
        assert origin.source in {"published", "analogue", "measured", "assumption"}
        assert origin.source != "assumption" or origin.range is not None, origin.path
    paths = {origin.path for origin in scenario().provenance}
    assert {path for mode in MODES.values() for path in mode.rests_on} <= paths


def test_a_users_number_wins_over_that_of_a_mode() -> None:
    """By step and parameter; a step the design has not got is no matter."""
    given = {("message", "generic_response_factor"): 0.5, ("bot", "leaves_rate"): 0.3}
    changed = with_modes(design(KNOWN.without), {"generic_content"}, MODES, given)
    (message,) = (step for step in changed.steps if step.id == "message")
    assert message.generic_response_factor == 0.5  # type: ignore[union-attr]


def test_a_design_a_mode_does_not_fit_is_refused() -> None:
    """A stretch whose steps do not follow one another cannot be replaced as one."""
    good = design(KNOWN.without)
    torn = good.model_copy(
        update={"steps": [good.steps[0], good.steps[1], good.steps[3], good.steps[2], *good.steps[4:]]}
    )
    with pytest.raises(BadInput, match="do not stand one after the other"):
        with_modes(torn, {"portal_login"}, MODES)
    with pytest.raises(BadInput, match="sms-to-call: it has no step choose"):
        with_modes(design("sms-to-call"), {"rigid_timing"}, MODES)
    with pytest.raises(BadInput, match="allowed: portal_login"):
        with_modes(good, {"portal"}, MODES)


def test_a_file_of_changes_with_a_wrong_key_is_refused() -> None:
    """Read against another schema the shipped file is refused with its place."""
    from scenarios.explain.ablation import Fix

    with pytest.raises(BadInput, match=r"catalogue/changes/failure-modes\.yaml:\d+"):
        read_changes("failure-modes", Fix)


# -- what they do --------------------------------------------------------------------------------------------


def test_without_any_mode_message_first_runs_as_in_message() -> None:
    """Not only the same steps: the same facts to the last byte of the audit trail."""
    world = scenario()
    plain = with_modes(world.designs[KNOWN.with_all], set(), MODES)
    task = Task(replace(world, designs={"in-message": plain}), "in-message", 0, busy_hours(world.document))
    assert run_task(task, lambda _: None, lambda: False).digest == run("in-message").digest


def kinds(heard: list) -> Counter[type]:
    """How many facts of each kind."""
    return Counter(map(type, heard))


def test_in_message_does_none_of_the_harm() -> None:
    """The baseline every mode is held against has no duplicate, no breach, nothing to reconcile."""
    found = record("in-message")
    harm = (facts.DuplicateEffect, facts.ContactBreach, facts.ReconciliationItem, facts.DiscoveryDone)
    assert not any(found.of(kind) for kind in harm)
    assert not any(
        map(sum, (found.outcome.totals["duplicate_effects"], found.outcome.totals["contact_breaches"]))
    )


def test_a_portal_login_changes_the_channel_of_everybody_who_engages() -> None:
    """And some never get in."""
    heard, outcome = harmed("portal_login")
    counted = kinds(heard)
    assert counted[facts.LinkChecked] == counted[facts.CodeChecked] == 0
    clicked = sum(fact.via == "click" for fact in heard if type(fact) is facts.Engaged)
    assert sum(fact.step == "login" for fact in heard if type(fact) is facts.ChannelChanged) == clicked
    assert outcome.ends["recorded"] < run("in-message").ends["recorded"]


def test_no_transaction_passes_a_bot_that_escalates() -> None:
    """Nobody sees the action page; who wants something done is an exception, or gone."""
    heard, _ = harmed("bot_escalates")
    steps = Counter(fact.step for fact in heard if type(fact) is facts.StepEntered)
    assert steps["bot"] > 0
    assert steps["choose"] == steps["write_back"] == 0
    assert {fact.reason for fact in heard if type(fact) is facts.ExceptionRaised} >= {"bot_escalated"}
    assert all(fact.with_agent for fact in heard if type(fact) is facts.ActionCompleted)


def test_weak_identity_refuses_every_payment_in_self_service() -> None:
    """The real policy does it: options are shown, none above the link's level is taken without an agent."""
    heard, _ = harmed("weak_identity")
    assert {
        fact.level for fact in heard if type(fact) is facts.IdentityProven and fact.method != "known_facts"
    } == {1}
    alone = [fact for fact in heard if type(fact) is facts.ActionCompleted and not fact.with_agent]
    assert alone == []
    reasons = Counter(fact.reason for fact in heard if type(fact) is facts.ExceptionRaised)
    assert reasons["identity_failed"] > reasons["needs_person"] > 0


def test_duplicates_are_what_the_core_holds_too_often() -> None:
    """In a storm the extra postings in the core's own tables are the duplicates told, case by case."""
    storm = ("core.faults.lost_ack_rate=0.2", "core.faults.unavailable_rate=0.1")
    world = scenario(*storm)
    changed = with_modes(world.designs[KNOWN.without], {"no_idempotency"}, MODES)
    heard: list = []
    postings: dict[int, int] = {}

    def inspect(wired) -> None:
        """Count what stands in the core."""
        for case in range(wired.world.plan.cases):
            postings[case] = len(wired.core.postings_for(case))

    task = Task(replace(world, designs={"x": changed}), "x", 0, busy_hours(world.document))
    outcome = run_task(task, lambda _: None, lambda: False, heard.append, inspect)
    told = Counter(fact.case_id for fact in heard if type(fact) is facts.DuplicateEffect)
    assert told == Counter({case: count - 1 for case, count in postings.items() if count > 1})
    assert sum(outcome.totals["duplicate_effects"]) == told.total() > 10
    missed = {fact.case_id for fact in heard if type(fact) is facts.ActionCompleted}
    missed -= {fact.case_id for fact in heard if type(fact) is facts.Recorded}
    assert any(not postings[case] for case in missed)


def test_rigid_timing_sends_at_its_hour_and_breaks_the_rules_it_was_told() -> None:
    """At seven nobody may be contacted: every message is a breach, within the hour, consent or not."""
    heard, outcome = harmed("rigid_timing")
    sent = [fact for fact in heard if type(fact) is facts.Sent]
    breaches = [fact for fact in heard if type(fact) is facts.ContactBreach]
    assert {fact.at_ms // 3_600_000 % 24 for fact in sent} <= {6, 7}  # summer time begins within the campaign
    assert len(breaches) == len(sent)
    assert {fact.rule for fact in breaches} >= {"quiet_hours", "no_consent"}
    skipped = {fact.reason for fact in heard if type(fact) is facts.TouchSkipped}
    assert skipped <= {"opted_out", "complete"}
    before = sum(
        count for reason, count in run("in-message").reasons["skipped"].items() if reason == "opted_out"
    )
    assert outcome.reasons["skipped"]["opted_out"] > before


def test_rigid_timing_at_an_allowed_hour_breaks_consent_alone() -> None:
    """The rules are really asked: at noon what is left are the customers who never consented."""
    world = scenario()
    changed = with_modes(
        world.designs[KNOWN.without], {"rigid_timing"}, MODES, {("message", "rigid_hour"): 12}
    )
    noon: list = []
    task = Task(replace(world, designs={"x": changed}), "x", 0, busy_hours(world.document))
    run_task(task, lambda _: None, lambda: False, noon.append)
    assert {fact.rule for fact in noon if type(fact) is facts.ContactBreach} == {"no_consent"}


def test_rigid_timing_says_on_the_trail_who_never_consented() -> None:
    """By every channel of a sequence: consent stands as given where it was, and a provider's refusal is told."""
    request = CompareRequest("retail-bank-200k", SMALL, ("in-message-sequence",))
    world, name = prepare(request)[0], "in-message-sequence"
    changed = with_modes(world.designs[name], {"rigid_timing"}, MODES)
    heard: list = []
    sent: list[tuple[int, bool]] = []

    def inspect(wired) -> None:
        """Read what the trail says of every message."""
        rows = (row for row in wired.store.audit_rows() if row.kind == "message_sent")
        sent.extend((row.case_id, json.loads(row.body)["consent"]) for row in rows)

    task = Task(replace(world, designs={name: changed}), name, 0, busy_hours(world.document))
    run_task(task, lambda _: None, lambda: False, heard.append, inspect)
    against = {case for case, consent in sent if not consent}
    unwilling = {f.case_id for f in heard if type(f) is facts.ContactBreach and f.rule == "no_consent"}
    assert unwilling
    assert unwilling <= against
    refused = {(f.case_id, f.touch, f.reason) for f in heard if type(f) is facts.SendRefused}
    assert {reason for _, _, reason in refused} == {"not_opted_in"}
    assert refused == {
        (f.case_id, f.touch, f.reason)
        for f in heard
        if type(f) is facts.TouchSkipped and f.reason == "not_opted_in"
    }


def test_generic_content_reaches_fewer_of_the_same_people() -> None:
    """Who responds to the first touch of a generic message would have responded to a specific one."""
    heard, _ = harmed("generic_content")
    plain = record("in-message")

    def first(every: list) -> set[int]:
        """Cases that engaged by the first touch."""
        return {fact.case_id for fact in every if type(fact) is facts.Engaged and fact.touch == 1}

    generic, specific = first(heard), first(plain.facts)
    assert generic < specific
    assert len(generic) / len(specific) == pytest.approx(0.75, abs=0.1)
    asks = Counter(fact.reason for fact in heard if type(fact) is facts.ExceptionRaised)["needs_person"]
    usual = Counter(fact.reason for fact in plain.of(facts.ExceptionRaised))["needs_person"]
    assert asks / len(generic) > usual / len(specific)


def test_scattered_evidence_costs_the_agents_time_and_proof_by_hand() -> None:
    """Every handed-over case lacks its bundle; what discovery takes is exactly what talk grows by, call by call."""
    heard, outcome = harmed("scattered_evidence")
    plain = record("in-message")
    raised = [fact for fact in heard if type(fact) is facts.ExceptionRaised]
    assert raised
    assert not any(fact.bundle_complete for fact in raised)
    spent = Counter()
    for fact in heard:
        if type(fact) is facts.DiscoveryDone:
            spent[fact.case_id] += fact.spent_ms
    talk, usual = _first_talk(heard), _first_talk(plain.facts)
    grown = {case: talk[case] - usual[case] for case in spent if case in usual and case in talk}
    assert len(grown) > 10
    assert all(
        grown[case] == spent[case] for case in grown if _calls(heard, case) == _calls(plain.facts, case) == 1
    )
    assert sum(outcome.ratios["discovery_min_per_handover"][0]) == spent.total()
    items = sum(type(fact) is facts.ReconciliationItem for fact in heard)
    recorded = sum(type(fact) is facts.Recorded for fact in heard)
    assert items / recorded == pytest.approx(0.05, abs=0.03)


def _first_talk(every: list) -> dict[int, int]:
    found: dict[int, int] = {}
    for fact in every:
        if type(fact) is facts.CallHandled and fact.campaign:
            found.setdefault(fact.case_id, fact.talk_ms)
    return found


def _calls(every: list, case_id: int) -> int:
    return sum(type(fact) is facts.CallHandled and fact.case_id == case_id for fact in every)


def test_message_first_conserves_its_cases_and_calls() -> None:
    """With everything wrong at once every case still ends in exactly one way, and so does every call."""
    world = scenario()
    heard: list = []
    task = Task(world, KNOWN.with_all, 0, busy_hours(world.document))
    outcome = run_task(task, lambda _: None, lambda: False, heard.append)
    counted = kinds(heard)
    assert sum(outcome.ends.values()) == counted[facts.Triggered] + counted[facts.Excluded]
    assert counted[facts.CallOffered] == counted[facts.CallAnswered] + counted[facts.CallAbandoned]
    assert outcome.ends["recorded"] == len({f.case_id for f in heard if type(f) is facts.Recorded})
    assert outcome.ends["recorded"] < run("in-message").ends["recorded"] / 2


@pytest.mark.parametrize("mode", MODES)
def test_every_case_ends_once_in_the_ledger_whatever_goes_wrong(mode: str) -> None:
    """The ledger's last words are all cases, and it calls as many recorded and excluded as the state table does."""
    heard, outcome = harmed(mode)
    ledger = Ledger(sum(outcome.ends.values()))
    for fact in heard:
        ledger.emit(fact)
    ends = Counter()
    for ending in ledger.endings():
        ends["" if ending.step else ending.reason] += ending.cases
    assert ends.total() == sum(outcome.ends.values())
    assert (ends[RECORDED], ends[EXCLUDED]) == (outcome.ends["recorded"], outcome.ends["excluded"])
    assert ends["never triggered"] == 0
