"""Diagnoses of real runs: where every shipped design stands, and that the judgement rests on the run."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox.scorecard.tally import Mark
from scenarios.diagnosis import DesignDiagnosis, Diagnosis, biggest_drop, diagnose
from scenarios.examining import later_rise, worst_segment
from scenarios.result import FunnelStage
from scenarios.run import CompareRequest
from tests.scenarios.conftest import Write
from tests.scenarios.recorded import ALL_DESIGNS, DESIGNS, SMALL, record


@cache
def diagnosis(*designs: str) -> Diagnosis:
    """Some shipped designs at small size, judged once per process."""
    request = CompareRequest("retail-bank-200k", SMALL, designs, seed=1, replications=2, jobs=1)
    return diagnose(request, None, lambda _: None, lambda: False)


def of(name: str, among: tuple[str, ...] = (*DESIGNS, "portal-app")) -> DesignDiagnosis:
    """One design's part."""
    return next(one for one in diagnosis(*among).designs if one.design == name)


@pytest.mark.parametrize(
    ("design", "service", "stage", "closed"),
    [
        ("sms-to-call", "assisted", 1, False),
        ("bot", "assisted", 1, False),
        ("portal", "self_service", 2, True),
        ("portal-app", "self_service", 2, False),
        ("in-message", "self_service", 4, True),
        ("hybrid", "self_service", 4, True),
    ],
)
@pytest.mark.wide
def test_every_shipped_design_stands_where_its_facts_put_it(
    design: str, service: str, stage: int, closed: bool
) -> None:
    """Kind of service, maturity stage and closed-workflow test of each design."""
    found = of(design, ALL_DESIGNS)
    assert (found.service, found.maturity.stage, found.closed.closed) == (service, stage, closed)
    assert (found.assisted is not None) == (service == "assisted")
    assert all(one.held.verdict == "pass" for one in found.maturity.findings)


@pytest.mark.parametrize(
    ("design", "replies"),
    [
        ("sms-to-call", ("no", "yes", "no", "no", "yes")),
        ("portal", ("unclear", "yes", "yes", "unclear", "yes")),
        ("portal-app", ("no", "yes", "yes", "unclear", "yes")),
    ],
)
def test_questions_are_answered_from_the_run(design: str, replies: tuple[str, ...]) -> None:
    """Agents agree more than policy allows, and the trail shows it; a portal still has exceptions rekeyed."""
    found = of(design)
    assert tuple(one.reply for one in found.answers)[:2] == replies[:2]
    # What the agents agreed outside policy is a handful of cases at this size: "no" or, straddling, "unclear".
    assert (found.answers[2].reply == "yes") == (replies[2] == "yes")
    assert tuple(one.reply for one in found.answers)[3:] == replies[3:]
    assert found.decision.decide == "stop"


def test_the_remedy_answers_the_first_four_with_yes() -> None:
    """In the message: same journey, identity first, eligible only, no rekeying; nobody was asked for an opinion."""
    found = of("in-message")
    assert [one.reply for one in found.answers][:4] == ["yes"] * 4
    assert found.readings["same_journey_rate"].n == found.readings["rekeyed_rate"].n > 200


def test_readings_agree_with_a_recount_of_the_facts() -> None:
    """The same replication with every fact kept: rekeyed, in the same journey and proven, counted the slow way."""
    from sandbox import facts as f

    books = record("portal")
    recorded = books.of(f.Recorded)
    manual = sum(fact.manual for fact in recorded)
    found = of("portal").readings
    assert found["rekeyed_rate"].value == pytest.approx(manual / len(recorded))
    kinds: dict[int, set[str]] = {}
    for row in books.trail:
        kinds.setdefault(row.case_id, set()).add(row.kind)
    needed = [
        {"message_sent", "letter_sent"},
        {"identity_proven", "link_opened"},
        {"choice_submitted", "person_required", "outcome_agreed"},
        {"choice_submitted", "outcome_agreed"},
        {"posting_recorded"},
    ]
    proven = sum(all(kinds[fact.case_id] & any_of for any_of in needed) for fact in recorded)
    assert found["proven_rate"].value == pytest.approx(proven / len(recorded))
    assert found["trail_breaks"].value == 0
    assert found["trail_breaks"].n == len(books.trail)
    acted = books.cases(f.ActionCompleted)
    engaged = books.cases(f.Engaged)
    assert found["acted_of_engaged_rate"].value == pytest.approx(len(acted) / len(engaged), abs=0.02)
    assert found["identified_of_engaged_rate"].n == len(engaged)


def test_agreements_outside_policy_agree_with_a_recount() -> None:
    """Calls of the normal path whose outcome the real policy blocks for that account, persons' work left out."""
    from sandbox import facts as f
    from sandbox.policy.compile import compile_policy

    books = record("sms-to-call")
    policy = compile_policy(books.scenario.policy)
    base, outside, routed = 0, 0, books.cases(f.RoutedToPerson)
    for case, chosen in books.by_case(f.Chosen).items():
        decision = policy.decide(books.before[case])
        if decision.person_reason or case in routed:
            continue
        base += 1
        outside += any(one.action not in {offer.action for offer in decision.allowed} for one in chosen)
    found = of("sms-to-call").readings["outside_policy_rate"]
    assert outside > 0
    assert (found.n, found.value) == (base, pytest.approx(outside / base))


def test_leaks_name_the_drop_and_the_loss() -> None:
    """The app download loses most of the portal-app's customers, and no other step does; reach is told apart."""
    found = of("portal-app")
    assert {leak.leak.leak: leak.presence for leak in found.leaks}["not-the-channel"] == "found"
    assert found.biggest_loss is not None
    assert found.biggest_loss.step == "app_download"
    assert found.resolution_drop is not None
    assert found.resolution_drop.before == "Identified"
    assert found.reach_drop is not None
    assert found.reach_drop.after == "Clicked"
    assert {leak.leak.leak: leak.presence for leak in of("sms-to-call").leaks}["integration"] == "found"


def test_the_weightiest_rule_is_one_that_failed() -> None:
    """What the next command looks at: a failed rule of the highest level, the first of its file."""
    weightiest = diagnosis(*DESIGNS, "portal-app").weightiest
    assert weightiest is not None
    assert (weightiest[1].verdict, weightiest[1].rule.fails) == ("fail", "stop")


def test_an_example_case_is_one_whose_record_is_in_question() -> None:
    """The case offered for a trace acted and is not recorded, or was rekeyed by a person."""
    from sandbox import facts as f

    books, case = record("sms-to-call"), of("sms-to-call").example_case
    acted, recorded = books.cases(f.ActionCompleted), {fact.case_id: fact for fact in books.of(f.Recorded)}
    assert case in acted
    assert case not in recorded or recorded[case].manual
    assert int(Mark.MANUAL)


STEPS = """
extends: retail-bank-200k
designs:
  mended-portal:
    title: A portal whose exceptions an agent posts at once
    normal_path: self_service
    steps:
      - {id: message, kind: message, channel: sms, engages_by: click, next: login}
      - {id: login, kind: login, next: choose, on: {failed: instead, dropped: end}}
      - {id: choose, kind: choose, next: write_back, on: {person: instead, dispute: instead}}
      - {id: write_back, kind: write_back, next: confirm, on: {refused: choose, queued: confirm}}
      - {id: confirm, kind: confirm, next: end}
      - {id: instead, kind: exception, takes_call_rate: 0.5, next: call_queue, on: {dropped: end}}
      - {id: call_queue, kind: call_queue, next: agent, on: {abandoned: end}}
      - {id: agent, kind: agent, next: agent_posts, on: {identity_failed: end, nothing: end}}
      - {id: agent_posts, kind: write_back, next: end, on: {refused: end, queued: end}}
  called-self-service:
    title: A call by another name
    normal_path: self_service
    steps:
      - {id: message, kind: message, channel: sms, engages_by: call, next: call_queue}
      - {id: call_queue, kind: call_queue, next: agent, on: {abandoned: end}}
      - {id: agent, kind: agent, next: back_office, on: {identity_failed: end, nothing: end}}
      - {id: back_office, kind: back_office, next: keyed}
      - {id: keyed, kind: manual_writeback, next: end}
baseline: mended-portal
expect: []
"""


def test_designs_of_ones_own_are_placed_and_named(write: Write) -> None:
    """Shipped steps in a new order: a mended portal is a closed loop; a call named self-service is still assisted."""
    path = write("mine.yaml", STEPS)
    settings = (
        *SMALL,
        "outreach.letter.address_rate=0",
    )  # whoever calls because of a letter meets no policy page
    request = CompareRequest(path, settings, seed=1, replications=1, jobs=1)
    found = {one.design: one for one in diagnose(request, None, lambda _: None, lambda: False).designs}
    assert found["mended-portal"].maturity.stage == 3
    assert [one.condition.quantity for one in found["mended-portal"].maturity.missing] == ["channel_changes"]
    called = found["called-self-service"]
    assert called.service == "assisted"
    assert called.assisted is not None
    assert called.assisted.mislabelled
    assert called.assisted.steps == ("agent", "back_office", "keyed")


def test_the_biggest_drop_is_between_neighbours() -> None:
    """Hundred, eighty, twenty, twenty: sixty are lost in the middle; without a loss there is no drop."""
    stages = [FunnelStage(name, name, count) for name, count in zip("abcd", (100, 80, 20, 20), strict=True)]
    found = biggest_drop(stages)
    assert found is not None
    assert (found.before, found.after, found.lost, found.share) == ("b", "c", 60, 0.75)
    assert biggest_drop(stages[2:]) is None


def test_the_worst_segment_is_large_enough_to_be_one() -> None:
    """A small segment is passed over however bad it looks; the difference is that of the two rates."""
    large = (([20, 30], [100, 100]), ([10, 10], [100, 100]))
    small = (([9, 9], [10, 10]), ([30, 40], [200, 200]))
    found = worst_segment({"large": large, "small": small})
    assert found.value == pytest.approx(0.15)
    assert found.note == "large: 25.0% against 10.0% of all others"
    assert worst_segment({"small": small}).value is None


def test_a_rise_of_disputes_is_late_minus_early() -> None:
    """Two of twenty in the first half, six of twenty in the second: a rise of a fifth; one day has no halves."""
    found = later_rise(([1, 1, 3, 3], [10, 10, 10, 10]))
    assert found.value == pytest.approx(0.2)
    assert found.low is not None
    assert found.low > 0
    assert later_rise(([1], [10])).value is None
