"""Shifts, shrinkage, skills, shapes and hazards in scenario files: what they come to, and what is refused."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from sandbox.scorecard.tally import Fanout
from sandbox.simulation.call_queue import CallQueue
from sandbox.simulation.callers import patience_of, talk_times
from sandbox.simulation.events import Clockwork
from sandbox.simulation.hazard import PiecewiseHazard
from sandbox.simulation.skilled_queue import SkilledQueue, lines_of
from scenarios.blocks.shifts import Shift, scheduled
from scenarios.run import CompareRequest, compare
from scenarios.wiring.centre import centre_of
from scenarios.world.spec import check, load_scenario
from tests.scenarios.recorded import run

NAME, EXAMPLE = "retail-bank-200k", "retail-bank-shifts"
BASE = "extends: retail-bank-200k\nscenario: my\n"
NO_AGENTS = "call_centre.agents=null"
EARLY = '{start: "08:00", end: "16:00", agents: 10, breaks: [["12:00", "12:30"]]}'
LATE = '{start: "10:00", end: "18:00", agents: 6.5, breaks: [["12:15", "12:30"], ["14:50", "15:10"]]}'
SHIFTS = f"call_centre.shifts=[{EARLY}, {LATE}]"
ALL_ROUND = "{group: a, share: 0.5, takes: [routine, judgement, other]}"
HAZARD = "[{until_s: 20, per_1000_s: 3.5}, {per_1000_s: 2.0}]"


def centre(*settings: str):
    """The call centre of the headline scenario with settings."""
    return centre_of(load_scenario(NAME, settings).document)


def refused(*settings: str) -> list[str]:
    """What is said of settings that must be refused."""
    with pytest.raises(BadInput) as raised:
        load_scenario(NAME, settings)
    return raised.value.problems


def test_shifts_add_up_half_hour_by_half_hour():
    """By hand: two shifts, a common half hour off, a quarter of an hour off, and one that straddles 15:00."""
    ten, both = [10.0] * 4, 16.5
    expected = [
        *ten,  # 08:00-10:00
        *[both] * 4,  # 10:00-12:00
        6.5 * 0.5,  # 12:00-12:30: the early shift is away, the late one for half of it
        *[both] * 4,  # 12:30-14:30
        10 + 6.5 * (20 / 30),  # 14:30-15:00: the last ten minutes are a break
        10 + 6.5 * (20 / 30),  # 15:00-15:30: so are the first ten of this half hour
        both,  # 15:30-16:00
        *[6.5] * 4,  # 16:00-18:00
    ]
    assert centre(NO_AGENTS, SHIFTS).agents == pytest.approx(expected)


def test_shrinkage_takes_its_share_of_shifts_and_of_agents():
    """Three tenths lost leave seven tenths of every half hour; nothing lost leaves the numbers as they are."""
    net, gross = centre(NO_AGENTS, SHIFTS, "call_centre.shrinkage=0.3"), centre(NO_AGENTS, SHIFTS)
    assert net.agents == pytest.approx([0.7 * heads for heads in gross.agents])
    assert centre("call_centre.agents=10", "call_centre.shrinkage=0.3").agents == pytest.approx([7.0] * 20)
    assert centre("call_centre.agents=10").agents == (10,) * 20


def test_a_shift_outside_opening_hours_is_not_on_the_lines():
    """Who starts at 07:00 answers from 08:00 on."""
    early = Shift(start="07:00", end="09:00", agents=3.0)
    assert scheduled((early,), 8 * 60, 4) == (3.0, 3.0, 0.0, 0.0)


def test_a_fraction_is_one_more_agent_on_that_share_of_days():
    """Shifts that leave 4.55 agents are 4 or 5 on the lines, 4.55 on average, and occupancy counts those."""
    shift = '[{start: "08:00", end: "18:00", agents: 6.5}]'
    staffed = run(
        "portal", (NO_AGENTS, f"call_centre.shifts={shift}", "call_centre.shrinkage=0.3"), seed=2
    ).staffed
    assert set(staffed) == {4, 5}
    n = len(staffed)
    assert sum(staffed) / n == pytest.approx(4.55, abs=3.9 * (0.55 * 0.45 / n) ** 0.5)


def test_shifts_that_say_the_same_as_agents_are_the_same_run():
    """Six heads all day as one shift or as a number: equal to the last byte."""
    by_number = run("sms-to-call", ("call_centre.agents=6",))
    by_shift = run(
        "sms-to-call", (NO_AGENTS, 'call_centre.shifts=[{start: "08:00", end: "18:00", agents: 6}]')
    )
    assert by_number.digest == by_shift.digest


def test_agents_and_shifts_are_refused_together_and_apart(write):
    """One of them, with the file and line of what is too much or the block that lacks both."""
    allowed = "allowed: one of agents (effective, per half hour) or shifts (scheduled heads)"
    both = write("my.yaml", BASE + f"call_centre:\n  shrinkage: 0.3\n  shifts: [{EARLY}]\n")
    beside = (
        f"my.yaml:5: call_centre.shifts: found beside agents; {allowed}, "
        "the other null (such as --set call_centre.shifts=null) or left out"
    )
    assert check(both).problems == [beside]
    neither = write("neither.yaml", BASE + "call_centre:\n  agents: null\n")
    assert check(neither).problems == [f"neither.yaml:4: call_centre.agents: missing; {allowed}"]
    alone = write("alone.yaml", BASE + f"call_centre:\n  agents: null\n  shifts: [{EARLY}]\n")
    assert check(alone).ok


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        (
            '{start: "08:15", end: "16:00", agents: 1}',
            "shifts.0.start: found '08:15'; allowed: a whole half hour",
        ),
        (
            '{start: "16:00", end: "08:00", agents: 1}',
            "shifts.0.end: found '08:00'; allowed: later than start (16:00)",
        ),
        ('{start: "08:00", end: "16:00", agents: -1}', "shifts.0.agents: found -1; allowed: a number from 0"),
        ('{start: "08:00", end: "16:00"}', "shifts.0.agents: missing"),
        (
            '{start: "08:00", end: "16:00", agents: 1, brakes: []}',
            "shifts.0.brakes: unknown key; did you mean 'breaks'?",
        ),
        (
            '{start: "08:00", end: "16:00", agents: 1, breaks: [["15:45", "16:15"]]}',
            "shifts.0.breaks.0: found 15:45 to 16:15; allowed: between 08:00 and 16:00, breaks in order",
        ),
        (
            '{start: "08:00", end: "16:00", agents: 1, breaks: [["12:00", "12:30"], ["12:15", "12:45"]]}',
            "shifts.0.breaks.1: found 12:15 to 12:45; allowed: between 12:30 and 16:00, breaks in order",
        ),
        (
            '{start: "18:00", end: "20:00", agents: 5}',
            "shifts: found nobody on the lines; allowed: shifts that cover",
        ),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused(shift: str, told: str):
    """Where, what was found, what is allowed."""
    problems = refused(NO_AGENTS, f"call_centre.shifts=[{shift}]")
    assert len(problems) == 1
    assert f": call_centre.{told}" in problems[0], problems


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            ["call_centre.skills=[{group: a, share: 0.5, takes: [routine, judgement, other]}]"],
            "skills: found shares that sum to 0.5; allowed: shares that sum to 1",
        ),
        (
            ["call_centre.skills=[{group: a, share: 1, takes: [routine, other]}]"],
            "skills: nobody takes judgement; allowed: every kind of call in at least one group",
        ),
        (
            [
                f"call_centre.skills=[{ALL_ROUND}, {{group: a, share: 0.5, takes: [other]}}]",
            ],
            "skills.1.group: found 'a' again; allowed: each group once",
        ),
        (
            ["call_centre.skills=[{group: a, share: 1, takes: [routne]}]"],
            "skills.0.takes: found 'routne'; allowed: routine, judgement, other; did you mean 'routine'?",
        ),
        (
            ["call_centre.priority.judgement=first"],
            "priority.judgement: found 'first'; allowed: a number from",
        ),
        (
            ["call_centre.handling_shape.other=exponential"],
            "handling_cv.other: found 1.24; allowed: null, since handling_shape.other has a spread of its own",
        ),
        (
            ["call_centre.handling_cv.other=null"],
            "handling_cv.other: found nothing; allowed: a number, for a shape that is lognormal",
        ),
        (
            ["call_centre.handling_s_mean.other=null"],
            "handling_s_mean.other: found nothing; allowed: seconds above 0, for a shape that is lognormal",
        ),
        (
            ["call_centre.handling_shape.other=normal"],
            "handling_shape.other: found 'normal'; allowed: lognormal, exp",
        ),
        (
            ["call_centre.handling_cv.other=null", "call_centre.handling_shape.other={observed_s: [10, -1]}"],
            "handling_shape.other: found -1; allowed: a list of 1 to 10,000 seconds",
        ),
        (
            [
                "call_centre.handling_cv.other=null",
                "call_centre.handling_shape.other={quantiles_s: [[0, 5], [0.5, 90], [0.9, 80], [1, 900]]}",
            ],
            "handling_shape.other: found '0.9: 80 s'; allowed: a list of [share, seconds], rising in both",
        ),
        (
            [f"call_centre.patience_hazard.campaign={HAZARD}"],
            "patience_s_mean.campaign: found 190; allowed: null, since patience_hazard.campaign has a mean of its",
        ),
        (
            ["call_centre.patience_s_mean.campaign=null"],
            "patience_s_mean.campaign: found nothing; allowed: seconds above 0, or a hazard under",
        ),
        (
            [
                "call_centre.patience_s_mean.other=null",
                "call_centre.patience_hazard.other=[{until_s: 20, per_1000_s: 3}, {until_s: 9, per_1000_s: 0}]",
            ],
            "patience_hazard.other: piece 2: found until_s 9; allowed: the last piece has no until_s",
        ),
        (
            ["call_centre.other_traffic.weekday_factors=[1, 1]"],
            "weekday_factors: found a list of 2; allowed: a list of 5",
        ),
        (
            ["call_centre.redial.next_day_rate=2"],
            "redial.next_day_rate: found 2; allowed: a number from 0 to 1",
        ),
        (["call_centre.shrinkage=1.1"], "shrinkage: found 1.1; allowed: a number from 0 to 1"),
    ],
)
def test_what_would_change_nothing_or_leave_callers_alone_is_refused(settings: list[str], told: str):
    """A number nobody would look at is told, not passed over."""
    assert told in "\n".join(refused(*settings))


def test_a_hazard_and_shapes_reach_the_callers():
    """Each kind of call has its own distributions; an intent without a patience has the campaign's."""
    found = centre(
        f"call_centre.patience_hazard.campaign={HAZARD}",
        "call_centre.patience_s_mean.campaign=null",
        "call_centre.patience_s_mean.judgement=600",
        "call_centre.handling_shape.other={observed_s: [60, 120, 420]}",
        "call_centre.handling_cv.other=null",
        "call_centre.handling_s_mean.other=null",
        "call_centre.handling_shape.routine=exponential",
        "call_centre.handling_cv.routine=null",
    )
    patience, talk = patience_of(found), talk_times(found)
    assert patience["routine"].mean_s == pytest.approx(
        (1 - 2.718281828**-0.07) / 0.0035 + 2.718281828**-0.07 / 0.002
    )
    assert (patience["judgement"].mean_s, patience["other"].mean_s) == (600, 369)
    assert [talk["other"].ms(z) for z in (-2.0, 0.0, 2.0)] == [60_000, 120_000, 420_000]
    assert talk["routine"].ms(0.0) == round(240_000 * 0.6931471805599453)


def test_a_new_intent_joins_with_a_talk_time_of_its_own():
    """Whoever adds a kind of call gives it a mean; its callers are as patient as the campaign's."""
    from dataclasses import replace

    known = centre()
    mean, cv = {**known.handling_s_mean, "chase": 120.0}, {**known.handling_cv, "chase": 0.0}
    found = replace(known, handling_s_mean=mean, handling_cv=cv)
    assert talk_times(found)["chase"].ms(0.0) == 120_000
    assert patience_of(found)["chase"].mean_s == 190


def test_lines_without_skills_and_priorities_are_the_plain_queue():
    """Nobody pays for what is not used: equal priorities and no groups are today's queue."""

    def lines(*settings: str) -> CallQueue:
        return lines_of(Clockwork(), Fanout(()), centre(*settings))

    assert type(lines()) is CallQueue
    assert (
        type(
            lines(
                "call_centre.priority.routine=3",
                "call_centre.priority.judgement=3",
                "call_centre.priority.other=3",
            )
        )
        is CallQueue
    )
    assert type(lines("call_centre.priority.judgement=1")) is SkilledQueue


ALL = f"[{ALL_ROUND}, {{group: b, share: 0.5, takes: [judgement, other, routine]}}]"


def test_groups_that_take_everything_change_no_byte_of_a_run():
    """A whole campaign with two all-round groups comes to the digest of one without."""
    assert run("portal", (f"call_centre.skills={ALL}",)).digest == run("portal", ()).digest


def test_priority_helps_whom_it_is_given_to():
    """With judgement calls first the campaign's judgement callers leave less often, and the others more often."""
    few = (
        "call_centre.agents=2",
        "campaign.messages=4000",
        "customers.wishes.dispute=0.26",
        "customers.wishes.pay_now=0.2",
    )
    plain = run("sms-to-call", few)
    first = run("sms-to-call", (*few, "call_centre.priority.routine=1", "call_centre.priority.judgement=1"))
    assert sum(first.calls["campaign_abandoned"]) < sum(plain.calls["campaign_abandoned"])
    assert sum(first.calls["abandoned"]) - sum(first.calls["campaign_abandoned"]) > sum(
        plain.calls["abandoned"]
    ) - sum(plain.calls["campaign_abandoned"])


def test_every_new_setting_is_listed_and_can_be_set():
    """`sandbox check --settings` lists what may be left out of a file too, and each of those can be set."""
    settings = check(NAME).settings
    for path in (
        "shifts",
        "shrinkage",
        "skills",
        "priority.judgement",
        "patience_hazard.other",
        "handling_shape.routine",
        "patience_s_mean.routine",
        "redial.next_day_rate",
        "other_traffic.weekday_factors",
    ):
        assert f"call_centre.{path}" in settings
    scenario = load_scenario(
        NAME, ["call_centre.priority.judgement=2", "call_centre.patience_s_mean.routine=100"]
    )
    assert scenario.settings["call_centre.priority.judgement"] == 2
    sources = {origin.path: origin.source for origin in scenario.provenance}
    assert sources["call_centre.patience_s_mean.routine"] == "set by user"


def test_a_setting_with_a_default_can_still_be_misspelt():
    """Only keys the schema knows may be added to what the file says."""
    assert refused("call_centre.priority.judgment=1")[0].startswith(
        "--set call_centre.priority.judgment=1: call_centre.priority.judgment: unknown setting"
    )
    assert "unknown setting" in refused("call_centre.shift=1")[0]


def test_the_shipped_example_has_the_measured_patience():
    """Its hazard gives back the bank's survival at six waits and a median between those of its months."""
    patience = centre_of(load_scenario(EXAMPLE).document).patience_shapes["other"]
    assert isinstance(patience, PiecewiseHazard)
    measured = {30: 0.91, 60: 0.83, 120: 0.73, 180: 0.64, 300: 0.52, 600: 0.31}
    assert {wait: round(patience.survival(wait), 2) for wait in measured} == measured
    assert 280 < patience.ms(0.5) / 1_000 < 361


@pytest.mark.wide
def test_the_shipped_example_runs_alike_on_any_number_of_workers():
    """Shifts, shrinkage, skills, priority and hazard at once, small: the same figures on one worker and on two."""
    small = (
        "campaign.messages=2400",
        "calendar.working_days=12",
        "call_centre.other_traffic.calls_per_day=60",
    )
    one, two = (
        compare(CompareRequest(EXAMPLE, small, ("sms-to-call",), 1, 2, jobs), lambda _: None, lambda: False)
        for jobs in (1, 2)
    )
    assert one.designs == two.designs
    assert load_scenario(EXAMPLE).document.agents_per_half_hour[:4] == (4.9, 4.9, 7.0, 7.0)
