from dataclasses import replace

from scenarios.result import Comparison, DesignResult, ExpectationResult, FunnelStage
from tests.tui.canned import NAMES, comparison, read
from tui.library import MetricWords
from tui.readings import (
    Tally,
    best_challenger,
    day_of,
    expectation_text,
    funnel_steps,
    funnel_top,
    leader,
    metric_groups,
    most_lost,
    score_groups,
    score_rows,
    shape_of,
    stages_shown,
    tally,
)


def changed(result: Comparison, name: str, **fields: object) -> Comparison:
    """The result with some fields of one design replaced."""
    design = replace(result.designs[name], **fields)
    return replace(result, designs={**result.designs, name: design})


def without_rules(result: Comparison, *metrics: str) -> Comparison:
    """The result with the rules of some call metrics taken away."""

    def strip(design: DesignResult) -> DesignResult:
        calls = {
            name: replace(metric, rule="") if name in metrics else metric
            for name, metric in design.calls.items()
        }
        return replace(design, calls=calls)

    return replace(result, designs={name: strip(design) for name, design in result.designs.items()})


def test_a_tally_counts_the_rules_of_the_decision() -> None:
    """The counts of a design are those its decision was made by; what does not apply is in no count."""
    assert [tally(design) for design in comparison().designs.values()] == [
        Tally(1, 7, 0),
        Tally(8, 0, 3),
        Tally(11, 0, 0),
    ]


def test_a_result_saved_without_a_decision_is_counted_by_its_metrics() -> None:
    """Metrics without a rule and rules not judged are in no count."""
    designs = [replace(design, decision=None) for design in comparison().designs.values()]
    assert [tally(design) for design in designs] == [
        Tally(1, 6, 0),
        Tally(4, 1, 3),
        Tally(8, 0, 0),
    ]


def test_a_metric_reported_twice_is_counted_once() -> None:
    """The call centre's metrics may stand among the metrics and among the calls."""
    result = comparison()
    portal = result.designs["portal"]
    doubled = changed(result, "portal", metrics={**portal.metrics, **portal.calls})
    assert tally(doubled.designs["portal"]) == tally(portal)
    assert len(score_rows(doubled, {})) == len(score_rows(result, {}))


def test_in_front_is_go_before_hold_before_stop() -> None:
    """What is decided weighs first, and a diagnosis that decides otherwise is heard."""
    result = comparison()
    assert [design.decision.decide for design in result.designs.values()] == ["stop", "hold", "go"]
    assert leader(result) == "in-message"
    assert leader(result, {"in-message": "stop"}) == "portal"


def test_in_front_is_the_design_with_fewest_failed_rules() -> None:
    """Among equal decisions a design that completes more but fails more is not in front."""
    whole = comparison()
    result = replace(
        whole, designs={name: replace(one, decision=None) for name, one in whole.designs.items()}
    )
    assert leader(result) == best_challenger(result) == "in-message"
    portal, ahead = result.designs["portal"], result.designs["in-message"]
    worse = {**ahead.metrics, "exception_rate": replace(ahead.metrics["exception_rate"], verdict="fail")}
    worse["completion_gap"] = replace(worse["completion_gap"], verdict="fail")
    assert tally(portal).failed == 1
    assert leader(changed(result, "in-message", metrics=worse)) == "portal"


def test_among_equals_the_most_completed_is_in_front() -> None:
    """With no rule failed anywhere, completion decides."""
    result = comparison()
    clean = {
        name: replace(design, calls={}, metrics={"completion_rate": design.metrics["completion_rate"]})
        for name, design in result.designs.items()
    }
    assert leader(replace(result, designs=clean)) == "in-message"


def test_the_baseline_can_lead_but_not_challenge_itself() -> None:
    """The difference column always holds another design against the baseline."""
    result = replace(comparison(), baseline="in-message")
    assert leader(result) == "in-message"
    assert best_challenger(result) == "portal"
    alone = replace(result, designs={"in-message": result.designs["in-message"]})
    assert best_challenger(alone) is None
    assert {row.difference for row in score_rows(alone, {})} == {""}


def test_ruled_metrics_come_first_and_keep_their_order() -> None:
    """Those with a rule lead; within both groups the order is the result's."""
    names = [row.metric for row in score_rows(comparison(), {})]
    assert names[:3] == ["completion_of_engaged_rate", "time_to_resolution_p90_min", "writeback_success_rate"]
    assert names[8] == "completion_rate"
    assert len(names) == 18


def test_a_row_holds_one_cell_per_design_and_the_paired_difference() -> None:
    """Verdict glyph, figure and the challenger minus the baseline; ≈ when the interval holds nought."""
    rows = {row.metric: row for row in score_rows(comparison(), read().words)}
    abandonment = rows["call_abandonment_rate"]
    assert [cell.glyph for cell in abandonment.cells] == ["✘", "?", "✔"]
    assert abandonment.cells[0].text == "52.3 ±1.9"
    assert abandonment.difference == "\N{MINUS SIGN}50.4"
    assert rows["exception_rate"].label == "Exceptions"
    assert rows["exception_rate"].difference == "≈+1.6"
    assert rows["time_to_resolution_p90_min"].cells[0] == ("·", "not judged", "n/a")
    assert rows["time_to_resolution_p90_min"].difference == "n/a"


def test_counts_of_calls_say_that_they_count_calls() -> None:
    """`offered` alone would not say what was offered."""
    result = comparison()
    first = result.designs[NAMES[0]]
    counted = replace(first.calls["call_wait_busy_s"], unit="count", rule="", verdict=None)
    labels = {
        row.metric: row.label
        for row in score_rows(changed(result, NAMES[0], calls={"campaign_offered": counted}), {})
    }
    assert labels["campaign_offered"] == "Calls: campaign offered"


def test_a_funnel_step_is_measured_against_the_stage_before() -> None:
    """The first stage and one after an empty stage have nothing to be measured against."""
    design = replace(
        comparison().designs["portal"],
        funnel=[FunnelStage("a", "A", 200), FunnelStage("b", "B", 0), FunnelStage("c", "C", 0)],
    )
    assert [step.change for step in funnel_steps(design)] == [None, -1.0, None]


def test_the_biggest_loss_is_counted_in_cases() -> None:
    """Ninety of a hundred matter less than a thousand of ten thousand."""
    stages = [("A", 10_000), ("B", 9_000), ("C", 100), ("D", 10)]
    design = replace(comparison().designs["portal"], funnel=[FunnelStage(t.lower(), t, n) for t, n in stages])
    assert most_lost(design) == ("B", "C", 8_900)
    assert most_lost(replace(design, funnel=design.funnel[:1])) is None
    level = [FunnelStage("a", "A", 5), FunnelStage("b", "B", 5)]
    assert most_lost(replace(design, funnel=level)) is None


def test_all_queues_share_one_scale_and_one_clock() -> None:
    """The top is the highest queue of any design; missing half hours stay blank."""
    result = comparison()
    late = result.designs["portal"].half_hours[2:]
    day = day_of(changed(result, "portal", half_hours=late))
    assert day.top == 64.0
    assert (day.starts[0], day.starts[-1], len(day.starts)) == ("08:00", "17:30", 20)
    assert day.bands[1].waiting[:3] == (None, None, late[0].mean_queue)
    assert (day.bands[0].peak, day.bands[0].peak_at) == (64.0, "11:30")


def test_the_limit_comes_from_the_wait_rule() -> None:
    """A half hour is over when its mean wait breaks the scorecard's wait rule."""
    day = day_of(comparison())
    assert day.limit == "mean wait ≥ 60 s"
    halves = comparison().designs[NAMES[0]].half_hours
    assert day.bands[0].over == tuple((half.mean_wait_s or 0) >= 60 for half in halves)
    assert day.bands[0].over_s == 9 * 1_800
    assert not any(day.bands[2].over)


def test_without_a_wait_rule_abandonment_sets_the_limit() -> None:
    """No wait rule: more gone than the rule allows is over. No rule at all: nothing is."""
    result = without_rules(comparison(), "call_wait_busy_s")
    day = day_of(result)
    assert day.limit == "abandonment ≥ 10 %"
    assert all(day.bands[0].over)
    bare = day_of(without_rules(result, "call_abandonment_rate"))
    assert bare.limit == ""
    assert not any(bare.bands[0].over)


def test_a_design_without_calls_has_no_peak() -> None:
    """Nobody queues where nobody calls."""
    band = day_of(changed(comparison(), "in-message", half_hours=[])).bands[2]
    assert (band.peak, band.over_s, set(band.waiting)) == (None, 0, {None})


def test_an_expectation_is_told_in_the_metrics_unit() -> None:
    """Verdict as glyph and word, the claim, what was measured; the reason when it was not judged."""
    result = comparison()
    texts = [expectation_text(result, item) for item in result.expectations]
    assert texts[1] == ("✔ pass: in-message, call_abandonment_rate < 0.10; measured 1.9 % (1.6 % to 2.2 %)")
    assert texts[2] == (
        "· not judged: sms-to-call, call_abandonment_rate < 0.10 (campaign.messages is 200000)"
    )


def test_an_expectation_about_an_absent_design_still_shows() -> None:
    """A claim about a design that was not run keeps its reason."""
    item = ExpectationResult("gone", "exception_rate < 0.2", {}, "unsure", None, None, None, 0.2, "not run")
    assert expectation_text(comparison(), item) == "? unsure: gone, exception_rate < 0.2; not run"


def test_shapes_follow_the_order_of_the_designs() -> None:
    """The same design has the same shape everywhere."""
    assert [shape_of(comparison(), name) for name in (*NAMES, "gone")] == ["●", "▲", "■", "•"]


def test_groups_keep_families_apart_and_put_the_main_metrics_first():
    """Main metrics by family, then the further ones; a family without main metrics is not called further."""
    words = {
        "deflection_rate": MetricWords("Deflection", "", "", "Resolution"),
        "completion_rate": MetricWords("Completion", "", "", "Resolution", main=False),
        "exception_rate": MetricWords("Exceptions", "", "", "Quality", main=False),
        "call_abandonment_rate": MetricWords("Abandonment", "", "", "Call centre"),
    }
    names = ["completion_rate", "offered", "exception_rate", "call_abandonment_rate", "deflection_rate"]
    assert metric_groups(names, words) == {
        "Resolution": ["deflection_rate"],
        "Call centre": ["call_abandonment_rate"],
        "Resolution, further": ["completion_rate"],
        "Quality": ["exception_rate"],
        "Counts of calls": ["offered"],
    }
    assert metric_groups(names, {}) == {"": names}
    assert list(score_groups(comparison(), words))[:2] == ["Resolution", "Call centre"]


def test_a_stage_that_cannot_be_observed_is_passed_over():
    """The change and the loss are against the last stage observed; a stage beside the way is neither."""
    stages = [
        FunnelStage("a", "A", 100),
        FunnelStage("b", "B", None),
        FunnelStage("c", "C", 40),
        FunnelStage("x", "X", 3, beside=True),
    ]
    design = replace(comparison().designs["portal"], funnel=stages)
    assert [(step.count, step.change) for step in funnel_steps(design)] == [
        (100, None), (None, None), (40, -0.6), (3, None),
    ]  # fmt: skip
    assert most_lost(design) == ("A", "C", 60)
    assert funnel_top([design]) == 100
    assert funnel_top([]) == 0.0


def test_stages_that_say_nothing_side_by_side_are_left_out() -> None:
    """What no design can observe, what stands beside the way, and what changes nothing in any design."""

    def funnel(clicked: float | None, closed: float) -> list[FunnelStage]:
        return [
            FunnelStage("triggered", "Triggered", 9),
            FunnelStage("opened", "Opened", None),
            FunnelStage("clicked", "Clicked", clicked),
            FunnelStage("recorded", "Recorded", 4),
            FunnelStage("closed", "Closed", closed),
            FunnelStage("exceptions", "Exceptions", 2, beside=True),
        ]

    portal = comparison().designs["portal"]
    calls, clicks = replace(portal, funnel=funnel(None, 4)), replace(portal, funnel=funnel(6, 4))
    assert stages_shown([calls, clicks]) == ["Triggered", "Clicked", "Recorded"]
    assert stages_shown([calls]) == ["Triggered", "Recorded"]
    reopened = replace(portal, funnel=funnel(6, 3))
    assert stages_shown([clicks, reopened]) == ["Triggered", "Clicked", "Recorded", "Closed"]
    assert stages_shown([]) == []
