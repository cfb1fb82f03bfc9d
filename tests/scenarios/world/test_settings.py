from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from scenarios.files.quantities import SET_BY_USER
from scenarios.result import Provenance
from scenarios.world.spec import Scenario, load_scenario

NAME = "retail-bank-200k"


def refused(*settings: str) -> list[str]:
    """Return what is said of settings that must be refused."""
    with pytest.raises(BadInput) as raised:
        load_scenario(NAME, settings)
    return raised.value.problems


def origin(scenario: Scenario, path: str) -> Provenance:
    """Return where one number of a scenario comes from."""
    return next(item for item in scenario.provenance if item.path == path)


def test_a_setting_changes_the_value_and_its_source_and_remembers_the_file():
    """A reader of the result sees who said the number and what the file said."""
    scenario = load_scenario(NAME, ["campaign.messages=50000"])
    told = origin(scenario, "campaign.messages")
    assert scenario.document.campaign.messages == 50_000
    assert scenario.settings["campaign.messages"] == 50_000
    assert scenario.overrides == {"campaign.messages": 50_000}
    assert (told.value, told.source) == (50_000, SET_BY_USER)
    assert told.note.startswith("the file says 200000 (published)")


def test_a_setting_may_leave_the_range_the_file_gives():
    """The range says what is plausible, not what a user may try."""
    before = origin(load_scenario(NAME), "campaign.messages")
    after = origin(load_scenario(NAME, ["campaign.messages=9000000"]), "campaign.messages")
    assert before.range is not None
    assert before.range == after.range
    assert after.value > before.range[1]


def test_one_entry_of_a_list_is_set_by_its_index():
    """The rest of the list stays; the list counts as set by the user."""
    before = load_scenario(NAME).document.call_centre.agents
    scenario = load_scenario(NAME, ["call_centre.agents.3=10.5"])
    assert isinstance(before, tuple)
    assert scenario.document.call_centre.agents == (*before[:3], 10.5, *before[4:])
    assert origin(scenario, "call_centre.agents").source == SET_BY_USER


def test_a_number_replaces_a_list_and_a_list_a_number():
    """Staffing is one number or a list, whichever the user says last."""
    level = load_scenario(NAME, ["call_centre.agents=12"]).document
    assert level.call_centre.agents == 12
    assert level.agents_per_half_hour == (12,) * 20
    text = f"call_centre.agents={[1] * 20}"
    assert load_scenario(NAME, ["call_centre.agents=12", text]).document.call_centre.agents == (1,) * 20


def test_a_share_inside_a_distribution_is_set_by_its_key():
    """The distribution must still sum to 1, and the error names the setting that broke it."""
    wishes = load_scenario(NAME).document.customers.wishes
    both = [
        f"customers.wishes.pay_now={wishes['pay_now'] + wishes['nothing']}",
        "customers.wishes.nothing=0",
    ]
    assert load_scenario(NAME, both).document.customers.wishes["nothing"] == 0
    assert refused("customers.wishes.nothing=1")[0].startswith(
        "--set customers.wishes.nothing=1: customers.wishes: found 1."
    )


def test_bare_values_and_null_can_be_set():
    """Numbers without an origin, times, lists and null are set alike; only numbers have provenance."""
    scenario = load_scenario(
        NAME,
        ["seed=7", 'outreach.windows.sunday=["10:00", "12:00"]', 'campaign.send_from="09:00"', "title=mine"],
    )
    assert scenario.document.seed == 7
    assert scenario.document.outreach.windows.sunday == ("10:00", "12:00")
    assert scenario.document.campaign.send_from_minute == 540
    assert scenario.title == "mine"
    assert not [item for item in scenario.provenance if item.source == SET_BY_USER]


def test_a_parameter_of_a_step_is_set_by_design_and_step_id():
    """Designs are settable like the world they stand in; other designs keep theirs."""
    scenario = load_scenario(NAME, ["designs.in-message.unproven.takes_call_rate=0.4"])
    steps = {step.id: step for step in scenario.designs["in-message"].steps}
    assert steps["unproven"].takes_call_rate == 0.4
    path = "designs.in-message.unproven.takes_call_rate"
    assert (origin(scenario, path).value, origin(scenario, path).source) == (0.4, SET_BY_USER)
    assert scenario.overrides == {path: 0.4}


def test_routes_and_titles_of_a_design_can_be_set():
    """A step's route is a parameter too, also one the file leaves at its default."""
    scenario = load_scenario(
        NAME,
        [
            "designs.in-message.open_link.on.refused=end",
            "designs.in-message.open_link.next=verify",
            "designs.in-message.verify.on.failed=unproven",
            "designs.in-message.title=mine",
        ],
    )
    steps = {step.id: step for step in scenario.designs["in-message"].steps}
    assert steps["open_link"].on == {"refused": "end"}
    assert scenario.designs["in-message"].title == "mine"


def test_a_limit_of_the_policy_can_be_set():
    """Policy numbers are settable and remember their origin."""
    scenario = load_scenario(NAME, ["policy.actions.promise_to_pay.due_days.max=30"])
    path = "policy.actions.promise_to_pay.due_days.max"
    assert scenario.policy.actions["promise_to_pay"].due_days.max == 30
    assert origin(scenario, path).source == SET_BY_USER


def test_other_designs_can_be_chosen_before_their_steps_are_set():
    """The order of settings does not matter: which designs there are comes first."""
    scenario = load_scenario(
        NAME, ["designs.portal.call_instead.takes_call_rate=0.1", "designs=[portal]", "baseline=portal"]
    )
    assert list(scenario.designs) == ["portal"]
    assert origin(scenario, "designs.portal.call_instead.takes_call_rate").value == 0.1


def test_data_settings_follow_texts_and_the_last_one_wins():
    """A sweep sets values over what the command line said."""
    scenario = load_scenario(
        NAME,
        ["campaign.messages=1000", "campaign.messages=2000", "seed=3"],
        settings_data={"campaign.messages": 3_000, "call_centre.agents": (5,) * 20},
    )
    assert scenario.overrides == {"campaign.messages": 3_000, "seed": 3, "call_centre.agents": [5] * 20}
    assert scenario.document.campaign.messages == 3_000


def test_a_repeated_setting_takes_effect_where_it_is_said_last():
    """A whole list said after one of its entries replaces the entry too."""
    ones, twos = (f"call_centre.agents={[number] * 20}" for number in (1, 2))
    scenario = load_scenario(NAME, [ones, "call_centre.agents.3=10", twos])
    assert scenario.document.call_centre.agents == (2,) * 20


def test_settings_do_not_leak_into_the_next_load():
    """Files are parsed once and shared; a change belongs to one scenario only."""
    before = load_scenario(NAME)
    load_scenario(
        NAME, ["call_centre.agents.0=99", "designs.portal.call_instead.takes_call_rate=1", "seed=9"]
    )
    assert load_scenario(NAME) == before


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "campaign.messages=abc",
            (
                "--set campaign.messages=abc: campaign.messages: found 'abc'; "
                "allowed: a whole number from 1 to 10,000,000"
            ),
        ),
        (
            "campaign.messages=",
            "--set campaign.messages=: campaign.messages: found nothing; allowed: a whole number",
        ),
        ("campaign.messages=[1", "--set campaign.messages=[1: column 3: not valid YAML"),
        ("campaign.messages=*x", "--set campaign.messages=*x: found the alias *x; allowed: the value itself"),
        (
            "campaign.messages",
            "--set campaign.messages: found 'campaign.messages'; allowed: PATH=VALUE, such as",
        ),
        ("=5", "--set =5: found '=5'; allowed: PATH=VALUE"),
        ("a..b=5", "--set a..b=5: found 'a..b=5'; allowed: PATH=VALUE"),
        (
            "campaign.mesages=5",
            (
                "--set campaign.mesages=5: campaign.mesages: unknown setting; did you mean 'campaign.messages'? "
                "list all with: sandbox check retail-bank-200k --settings"
            ),
        ),
        (
            "campaign.message=5",
            "--set campaign.message=5: campaign.message: unknown setting; did you mean 'campaign.messages'?",
        ),
        (
            "costs.messages=5",
            "--set costs.messages=5: costs.messages: unknown setting; did you mean 'costs.message'?",
        ),
        ("designs=1", "--set designs=1: designs: found 1; allowed: a list of design names or paths"),
        ("policy=1", "--set policy=1: policy: found 1; allowed: the name or path of a policy"),
        ("messages=5", "--set messages=5: messages: unknown setting; did you mean 'campaign.messages'?"),
        (
            "zzz=5",
            "--set zzz=5: zzz: unknown setting; list all with: sandbox check retail-bank-200k --settings",
        ),
        (
            "campaign.messages.value=5",
            "--set campaign.messages.value=5: campaign.messages.value: unknown setting",
        ),
        ("extends=x", "--set extends=x: extends: unknown setting"),
        (
            "campaign=5",
            "--set campaign=5: campaign: found 5 for a block; allowed: set one of its keys: messages, touches",
        ),
        (
            "call_centre.agents.20=1",
            "--set call_centre.agents.20=1: call_centre.agents.20: there is no entry '20'",
        ),
        ("call_centre.agents.x=1", "--set call_centre.agents.x=1: call_centre.agents.x: unknown setting"),
        (
            "call_centre.agents.2=-1",
            "--set call_centre.agents.2=-1: call_centre.agents: found -1; allowed: a number",
        ),
        (
            "call_centre.agents=[1]",
            "--set call_centre.agents=[1]: call_centre.agents: found a list of 1; allowed: a",
        ),
        (
            "designs.portl.login.next=end",
            "--set designs.portl.login.next=end: designs.portl.login.next: unknown design",
        ),
        (
            "designs.portal.logn.next=end",
            (
                "--set designs.portal.logn.next=end: designs.portal.logn.next: no parameter of a step; "
                "did you mean 'login'? allowed: designs.portal.STEP.PARAMETER with STEP one of message, login"
            ),
        ),
        (
            "designs.portal=end",
            "--set designs.portal=end: designs.portal: no parameter of a step; allowed: designs.p",
        ),
        (
            "designs.portal.login=end",
            "--set designs.portal.login=end: designs.portal.login: no parameter of a step",
        ),
        (
            "designs.portal.call_instead.takes_cal_rate=1",
            (
                "--set designs.portal.call_instead.takes_cal_rate=1: designs.portal.call_instead.takes_cal_rate: "
                "unknown key; did you mean 'takes_call_rate'? allowed: "
            ),
        ),
        (
            "designs.portal.call_instead.takes_call_rate=2",
            "--set designs.portal.call_instead.takes_call_rate=2: designs.portal.call_instead.takes_call_rate: ",
        ),
        (
            "designs.portal.login.next=nowhere",
            "--set designs.portal.login.next=nowhere: design portal: step 'login' goes to unknown step 'nowhere'",
        ),
        ("policy=nothing", "--set policy=nothing: policy: found 'nothing'; allowed: a shipped policy"),
        ("policy.actons=1", "--set policy.actons=1: policy.actons: unknown setting"),
        ("designs=[portl]", "--set designs=[portl]: designs.0: found 'portl'; did you mean 'portal'?"),
    ],
)
def test_a_setting_that_cannot_be_applied_is_told_by_the_setting(setting: str, told: str):
    """The message begins with the option as it was typed."""
    problems = refused(setting)
    assert problems[0].startswith(told), problems


def test_all_wrong_settings_are_told_at_once():
    """One try is enough to see every slip."""
    problems = refused("campaign.mesages=5", "seed=x", "designs.portal.logn.next=end", "policy.actons=1")
    assert sorted(problem.split(": ")[0] for problem in problems) == [
        "--set campaign.mesages=5",
        "--set designs.portal.logn.next=end",
        "--set policy.actons=1",
        "--set seed=x",
    ]


def test_a_factor_multiplies_a_whole_profile():
    """Every half hour alike; whole products stay whole, others are effective agents; the source is the user."""
    before = load_scenario(NAME).document.call_centre.agents
    scenario = load_scenario(NAME, ["call_centre.agents*=1.5"])
    assert isinstance(before, tuple)
    after = scenario.document.call_centre.agents
    assert after == pytest.approx([1.5 * agents for agents in before], rel=1e-12)
    assert isinstance(after, tuple)
    assert all(isinstance(agents, int) == (agents == round(agents)) for agents in after)
    assert scenario.overrides == {"call_centre.agents": after}
    assert origin(scenario, "call_centre.agents").source == SET_BY_USER


@pytest.mark.parametrize(
    ("settings", "path", "value"),
    [
        (["campaign.messages*=0.25"], "campaign.messages", 50_000),
        ([" call_centre.balk_rate *= 2"], "call_centre.balk_rate", 0.06),
        (["call_centre.agents=10", "call_centre.agents*=1.2"], "call_centre.agents", 12),
        (["call_centre.agents*=1.2", "call_centre.agents=10"], "call_centre.agents", 10),
        (
            ["call_centre.agents=10", "call_centre.agents*=9", "call_centre.agents*=1.2"],
            "call_centre.agents",
            12,
        ),
        (["call_centre.agents.3*=2"], "call_centre.agents.3", 20),
        (
            ["designs.in-message.unproven.takes_call_rate*=0.5"],
            "designs.in-message.unproven.takes_call_rate",
            0.25,
        ),
        (["policy.actions.promise_to_pay.due_days.max*=2"], "policy.actions.promise_to_pay.due_days.max", 28),
    ],
)
def test_a_factor_multiplies_what_file_and_settings_before_it_leave(
    settings: list[str], path: str, value: float
):
    """Those before it; a value after it replaces both; of two factors the last one counts; in designs too."""
    assert load_scenario(NAME, settings).overrides[path] == value


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "call_centre.agents*=x",
            "found 'x' as a factor; allowed: call_centre.agents*=FACTOR with a number from 0",
        ),
        ("call_centre.agents*=-1", "found -1 as a factor"),
        ("campaign.messages*=1.000001", "found 200000.2; allowed: a whole number"),
        (
            "campaign.send_from*=2",
            "found '08:30'; allowed with a factor: a setting that is a number or a list",
        ),
        ("customers.wishes*=2", "found a block; allowed with a factor"),
        ("call_centre.handling_shape*=2", "leaves it at its default; allowed: the value itself"),
        ("call_centre.agnts*=2", "did you mean 'call_centre.agents'?"),
        ("*=2", "PATH*=FACTOR, such as call_centre.agents*=1.2"),
    ],
)
def test_a_factor_that_makes_no_sense_says_what_does(setting: str, told: str):
    """What was asked for, what was found, what is allowed."""
    (problem,) = refused(setting)
    assert problem.startswith(f"--set {setting}: ")
    assert told in problem


def test_a_factor_on_agents_beside_shifts_would_change_nothing_and_is_refused():
    """Shifts stand for agents; without them the factor counts."""
    with pytest.raises(BadInput, match=r"the agents come from call_centre\.shifts"):
        load_scenario("retail-bank-shifts", ["call_centre.agents*=2"])
    both = ["call_centre.shifts=null", "call_centre.agents=9", "call_centre.agents*=2"]
    assert load_scenario("retail-bank-shifts", both).document.call_centre.agents == 18
