"""Diagnoses of real runs: where every shipped design stands, and that the judgement rests on the run."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import BadInput
from sandbox.scorecard.judgement import Answer, Held, RuleVerdict, decide
from sandbox.scorecard.rules import Line
from sandbox.scorecard.tally import Mark
from scenarios.examining import later_rise, worst_segment
from scenarios.explain.diagnosis import DesignDiagnosis, Diagnosis, biggest_drop, diagnose, diagnose_compared
from scenarios.metric_decisions import metric_decision, rule_outcome
from scenarios.outputs.as_json import json_text, rule_json
from scenarios.result import Comparison, FunnelStage
from scenarios.rulebook import read_rules
from scenarios.run import CompareRequest, compare
from tests.scenarios.conftest import Write
from tests.scenarios.recorded import ALL_DESIGNS, SMALL, record

REQUEST = CompareRequest("retail-bank-200k", SMALL, ALL_DESIGNS, seed=1, replications=2, jobs=1)


@cache
def compared() -> Comparison:
    """All shipped designs at small size, run once per process."""
    return compare(REQUEST, lambda _: None, lambda: False)


@cache
def diagnosis() -> Diagnosis:
    """The same, judged once per process."""
    return diagnose_compared(REQUEST, compared(), None, lambda _: None, lambda: False)


def of(name: str) -> DesignDiagnosis:
    """One design's part."""
    return next(one for one in diagnosis().designs if one.design == name)


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
    found = of(design)
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
    weightiest = diagnosis().weightiest
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
        "campaign.messages=4800",  # half of them leave the policy's share of 94 % unproven against its 90 %
        "outreach.letter.address_rate=0",  # whoever calls because of a letter meets no policy page
    )
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
    assert found.note == "large: 25.0 % against 10.0 % of all others"
    assert worst_segment({"small": small}).value is None


def test_a_rise_of_disputes_is_late_minus_early() -> None:
    """A tenth in the first half, three tenths in the second: a rise of a fifth; one day has no halves."""
    found = later_rise(([10, 10, 30, 30], [100, 100, 100, 100]))
    assert found.value == pytest.approx(0.2)
    assert found.low is not None
    assert found.low > 0
    few = later_rise(([1, 1, 3, 3], [10, 10, 10, 10]))
    assert few.value == pytest.approx(0.2)
    assert few.low is not None
    assert few.low < 0  # two of twenty against six of twenty prove nothing, however alike their days
    assert later_rise(([1], [10])).value is None


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_a_rule_comes_out_the_same_in_the_comparison_and_in_its_diagnosis(design: str) -> None:
    """Byte for byte, and in the same order; what the comparison does not answer it names."""
    decision, judged = compared().designs[design].decision, of(design)
    answered = {rule.rule for rule in decision.rules}
    whole = [rule_outcome(one) for one in judged.verdicts]
    theirs = [rule_json(one) for one in whole if one.rule in answered]
    assert json_text([rule_json(one) for one in decision.rules]) == json_text(theirs)
    left = [one.rule for one in whole if one.rule not in answered and one.verdict != "does not apply"]
    questions = [one.question.question for one in judged.answers]
    assert list(decision.unanswered) == [*left, *questions]


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_a_diagnosis_never_decides_better_than_the_metrics_did(design: str) -> None:
    """What metrics decide is the best there is: a stop stays one, and its grounds stay grounds."""
    decision, final = compared().designs[design].decision, of(design).decision
    order = ("stop", "hold", "go")
    assert order.index(final.decide) <= order.index(decision.decide)
    if final.decide == decision.decide:
        assert set(decision.grounds) <= set(final.grounds)


@given(st.data())
def test_further_verdicts_and_answers_only_ever_make_a_decision_worse(data: st.DataObject) -> None:
    """For any verdicts and replies: deciding by a part of the rules never comes out worse than by all of them."""
    document = read_rules()[0].document
    order = [clause.decide for clause in document.decisions]
    words = st.sampled_from(["pass", "fail", "unsure", "does not apply"])
    line = Line("<=", 0.0)
    verdicts = [
        RuleVerdict(rule, line, Held(data.draw(words), 0.0, None, None, ""), None) for rule in document.rules
    ]
    replies = st.sampled_from(["yes", "no", "unclear"])
    answers = [Answer(question, data.draw(replies), ()) for question in document.questions]
    known = {rule.metric for rule in document.rules if data.draw(st.booleans())}
    part = [one for one in verdicts if one.rule.metric in known]
    best = metric_decision(document, part, known).decide
    assert order.index(decide(document.decisions, verdicts, answers).decide) <= order.index(best)


def test_a_world_that_has_changed_since_is_not_diagnosed() -> None:
    """The facts have to be those of the run that was compared: otherwise somebody is told to compare again."""
    other = replace(REQUEST, settings=(*SMALL, "customers.response_rate=0.9"), designs=("portal",))
    result = replace(compared(), designs={"portal": compared().designs["portal"]})
    with pytest.raises(BadInput) as refused:
        diagnose_compared(other, result, None, lambda _: None, lambda: False)
    assert "design portal is not any more what was compared" in refused.value.problems[0]
    gone = replace(result, designs={"nowhere": result.designs["portal"]})
    with pytest.raises(BadInput):
        diagnose_compared(REQUEST, gone, None, lambda _: None, lambda: False)
