from __future__ import annotations

import pickle

import pytest

from sandbox.errors import BadInput
from scenarios.files.reader import read_yaml
from scenarios.world.library import scenario_path, shipped
from scenarios.world.spec import Scenario, check, load_scenario

BASE = "extends: retail-bank-200k\nscenario: my\n"


def refused(path: str) -> list[str]:
    """Return what is said of a scenario that must be refused."""
    with pytest.raises(BadInput) as raised:
        load_scenario(path)
    return raised.value.problems


@pytest.fixture(scope="module")
def shipped_scenario() -> Scenario:
    """Return the headline scenario, loaded once."""
    return load_scenario("retail-bank-200k")


@pytest.mark.parametrize("name", shipped("scenario"))
def test_shipped_scenarios_are_sound(name: str):
    """What comes with the product loads without a complaint and can be sent to a worker."""
    report = check(name)
    assert report.problems == []
    scenario = load_scenario(name)
    assert scenario.name == name
    assert list(scenario.designs) == list(scenario.document.designs)
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301 - our own bytes


def test_the_document_has_the_attributes_of_the_file(shipped_scenario: Scenario):
    """Names in code are the keys of the YAML, and parsed times stand beside them."""
    document = shipped_scenario.document
    raw = read_yaml(scenario_path("retail-bank-200k")).data
    assert document.campaign.messages == raw["campaign"]["messages"]["value"]
    assert (
        document.call_centre.patience_s_mean.campaign
        == raw["call_centre"]["patience_s_mean"]["campaign"]["value"]
    )
    assert document.core.faults.lost_ack_rate == raw["core"]["faults"]["lost_ack_rate"]["value"]
    assert document.customers.arrears_bands == raw["customers"]["arrears_bands"]["value"]
    assert document.calendar.half_hours == len(document.agents_per_half_hour) == 20
    assert (document.calendar.open_minute, document.calendar.close_minute) == (480, 1_080)
    assert (document.campaign.send_from_minute, document.campaign.send_until_minute) == (510, 930)
    assert document.calendar.start_date.isoformat() == "2026-03-02"
    assert document.outreach.windows.sunday is None


def test_settings_are_flat_and_hold_no_prose(shipped_scenario: Scenario):
    """Every block's values have one dotted path; words, designs and expectations have none."""
    settings = shipped_scenario.settings
    assert settings["campaign.messages"] == 200_000
    assert settings["call_centre.agents"] == shipped_scenario.document.call_centre.agents
    assert settings["customers.wishes.dispute"] == shipped_scenario.document.customers.wishes["dispute"]
    assert not {"title", "story", "designs", "expect", "scenario", "extends"} & settings.keys()


def test_provenance_covers_designs_and_policy(shipped_scenario: Scenario):
    """Numbers of designs are told by step id, those of the policy under policy."""
    by_path = {origin.path: origin for origin in shipped_scenario.provenance}
    assert by_path["designs.in-message.unproven.takes_call_rate"].range is not None
    assert by_path["policy.actions.promise_to_pay.due_days.max"].source == "assumption"
    assert by_path["customers.response_rate"].source == "fitted-to-case"
    assert tuple(by_path["call_centre.agents"].value) == shipped_scenario.document.call_centre.agents
    assert not {"seed", "replications"} & by_path.keys()


@pytest.mark.parametrize("name", shipped("scenario"))
def test_every_shipped_number_carries_its_source(name: str):
    """An assumption that ships has a range or says why there is none; what an action writes is none."""
    bare = [
        origin.path
        for origin in load_scenario(name).provenance
        if origin.source == "assumption" and origin.range is None and not origin.note
        if ".writeback.set." not in origin.path
    ]
    assert bare == []


def test_a_file_lays_its_keys_over_the_one_it_extends(write):
    """Blocks merge, quantities and lists are replaced whole, bare values replace quantities."""
    path = write(
        "my.yaml",
        BASE + "campaign:\n  messages: 60000\n  send_weights: [1, 2]\n"
        "customers:\n  response_rate: {value: 0.1, source: measured, range: [0.05, 0.2]}\n"
        "  wishes: {pay_now: 0.5, promise_to_pay: 0.5, dispute: 0, person: 0, nothing: 0}\n",
    )
    scenario = load_scenario(path)
    by_path = {origin.path: origin for origin in scenario.provenance}
    assert scenario.name == "my"
    assert scenario.title == load_scenario("retail-bank-200k").title
    assert scenario.document.campaign.messages == 60_000
    assert scenario.document.campaign.touch_gap_days == by_path["campaign.touch_gap_days"].value
    assert by_path["campaign.touch_gap_days"].range is not None
    assert scenario.document.campaign.send_weights == (1, 2)
    assert scenario.document.customers.wishes["person"] == 0
    assert (by_path["campaign.messages"].source, by_path["campaign.messages"].range) == ("assumption", None)
    assert by_path["customers.response_rate"].source == "measured"
    assert scenario.overrides == {}


def test_a_file_without_a_name_is_named_after_itself(write):
    """A copy never passes for the scenario it extends."""
    assert load_scenario(write("other.yaml", "extends: retail-bank-200k\n")).name == "other"


def test_a_chain_of_files_lets_the_last_word_win(write):
    """Each file lies over the next, by paths relative to itself."""
    write("deep/a.yaml", BASE + "seed: 1\nreplications: 2\n")
    write("deep/b.yaml", "extends: ./a.yaml\nseed: 3\n")
    path = write("c.yaml", "extends: deep/b.yaml\ntitle: mine\n")
    document = load_scenario(path).document
    assert (document.seed, document.replications, document.title) == (3, 2, "mine")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "scenario: x\nextends: retail-bank-20k\n",
            "my.yaml:2: extends: found 'retail-bank-20k'; did you mean",
        ),
        ("extends: ./none.yaml\n", "my.yaml:1: extends: found './none.yaml', but there is no file none.yaml"),
        ("extends: 3\n", "my.yaml:1: extends: found 3; allowed: the name or path of a scenario"),
        (
            "extends: ./my.yaml\n",
            "my.yaml:1: extends: found a circle: my.yaml -> my.yaml; allowed: a chain that ends",
        ),
    ],
)
def test_what_cannot_be_extended_is_told_at_its_line(write, text: str, told: str):
    """The line of `extends` is where the fault is."""
    assert refused(write("my.yaml", text))[0].startswith(told)


def test_a_circle_over_several_files_is_told_with_its_way(write):
    """The message shows the round trip."""
    write("a.yaml", "extends: ./b.yaml\n")
    path = write("b.yaml", "\nextends: ./a.yaml\n")
    assert refused(path) == [
        "a.yaml:1: extends: found a circle: b.yaml -> a.yaml -> b.yaml; allowed: a chain that ends"
    ]


def test_five_extends_are_followed_and_a_sixth_refused(write):
    """Depth is bounded: beyond it nobody can say what a value is."""
    write("f1.yaml", "extends: retail-bank-200k\n")
    for index in range(2, 7):
        write(f"f{index}.yaml", f"extends: ./f{index - 1}.yaml\n")
    assert load_scenario("./f5.yaml").name == "f5"
    assert refused("./f6.yaml") == [
        "f1.yaml:1: extends: found a chain of more than 5 files; allowed: at most 5",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "customers:\n  response_rate: 1.3\n",
            "my.yaml:4: customers.response_rate: found 1.3; allowed: a number from 0 to 1",
        ),
        (
            "customers:\n  response_rate:\n    source: measured\n    value: 1.3\n",
            "my.yaml:6: customers.response_rate: found 1.3; allowed: a number from 0 to 1",
        ),
        (
            "campaign:\n  mesages: 5\n",
            (
                "my.yaml:4: campaign.mesages: unknown key; did you mean 'messages'? "
                "allowed: messages, touches_per_case, touch_gap_days, send_from, send_weights"
            ),
        ),
        (
            "campagn: {messages: 5}\n",
            "my.yaml:3: campagn: unknown key; did you mean 'campaign'? allowed: scenario, ",
        ),
        (
            "campaign: {messages: 0}\n",
            "my.yaml:3: campaign.messages: found 0; allowed: a whole number from 1 to 10,0",
        ),
        (
            "campaign: {messages: 10000001}\n",
            "my.yaml:3: campaign.messages: found 10000001; allowed: a whole number",
        ),
        (
            "campaign: {messages: 1, touches_per_case: 2}\n",
            "my.yaml:3: campaign.messages: found 1; allowed: at least touches_per_case (2)",
        ),
        (
            "campaign: {messages: '5'}\n",
            "my.yaml:3: campaign.messages: found '5'; allowed: a whole number from 1 to",
        ),
        (
            "campaign: {touches_per_case: 11}\n",
            "my.yaml:3: campaign.touches_per_case: found 11; allowed: a whole numb",
        ),
        (
            "campaign: {touches_per_case: 6, touch_gap_days: 5}\n",
            "my.yaml:3: campaign.touch_gap_days: found 5; allowed: so that 6 touches start and end within",
        ),
        ("campaign: 5\n", "my.yaml:3: campaign: found 5; allowed: a block of keys"),
        ("campaign:\n", "my.yaml:3: campaign: found nothing; allowed: a block of keys"),
        (
            "campaign: {send_from: '8:30'}\n",
            "my.yaml:3: campaign.send_from: found '8:30'; allowed: a time 'HH:MM'",
        ),
        (
            "campaign: {send_from: '07:30'}\n",
            "my.yaml:3: campaign.send_from: found '07:30'; allowed: from 08:00, when",
        ),
        (
            "campaign:\n  send_weights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n",
            "my.yaml:4: campaign.send_weights: found sends until 20:30; allowed: until 20:00, when the contact win",
        ),
        (
            "campaign: {send_weights: [0, 0]}\n",
            "my.yaml:3: campaign.send_weights: found a list of 2; allowed: a list",
        ),
        (
            "campaign: {send_weights: [1, -1]}\n",
            "my.yaml:3: campaign.send_weights: found -1; allowed: a list of 1 to",
        ),
        (
            "campaign: {send_weights: []}\n",
            "my.yaml:3: campaign.send_weights: found a list of 0; allowed: a list of",
        ),
        (
            "replications: 1001\n",
            "my.yaml:3: replications: found 1001; allowed: a whole number from 1 to 1,000",
        ),
        (
            "replications: true\n",
            "my.yaml:3: replications: found true; allowed: a whole number from 1 to 1,000",
        ),
        (
            "calendar: {start: '2026-02-30'}\n",
            "my.yaml:3: calendar.start: found '2026-02-30'; allowed: a date 'YYYY-",
        ),
        (
            "calendar: {time_zone: Europe/Lundon}\n",
            "my.yaml:3: calendar.time_zone: found 'Europe/Lundon'; allowed: an IANA time zone, such as Europe/London",
        ),
        (
            "calendar: {time_zone: ../etc/passwd}\n",
            "my.yaml:3: calendar.time_zone: found '../etc/passwd'; allowed: ",
        ),
        (
            "calendar: {open: '08:15'}\n",
            "my.yaml:3: calendar.open: found '08:15'; allowed: a whole half hour",
        ),
        (
            "calendar: {close: '08:00'}\n",
            "my.yaml:3: calendar.close: found '08:00'; allowed: later than open (08:00)",
        ),
        (
            "call_centre: {agents: [1, 2]}\n",
            "my.yaml:3: call_centre.agents: found a list of 2; allowed: a number, or ",
        ),
        (
            "call_centre: {agents: -1}\n",
            "my.yaml:3: call_centre.agents: found -1; allowed: a number from 0 to 10,000",
        ),
        (
            "call_centre:\n  other_traffic:\n    half_hour_weights: [1, 1]\n",
            "my.yaml:5: call_centre.other_traffic.half_hour_weights: found a list of 2; allowed: 20, one a half hour",
        ),
        (
            "customers:\n  wishes: {pay_now: 1, promise_to_pay: 0.1, dispute: 0, person: 0, nothing: 0}\n",
            "my.yaml:4: customers.wishes: found 1.1; allowed: shares that sum to 1",
        ),
        (
            "customers: {wishes: {pay_now: 1}}\n",
            "my.yaml:3: customers.wishes: found a block; allowed: a block with a",
        ),
        (
            "customers: {arrears_bands: {5m: 1}}\n",
            "my.yaml:3: customers.arrears_bands: found '5m'; allowed: 1m, 2m",
        ),
        (
            "outreach: {windows: {weekday: ['20:00', '08:00']}}\n",
            "my.yaml:3: outreach.windows.weekday: found '20:00 to 08:00'; allowed: [open, close], two times",
        ),
        (
            "outreach: {windows: {weekday: null}}\n",
            "my.yaml:3: outreach.windows.weekday: found nothing; allowed: [op",
        ),
        (
            "outreach: {holidays: ['2026-13-01']}\n",
            "my.yaml:3: outreach.holidays: found '2026-13-01'; allowed: a date",
        ),
        (
            "outreach: {messages_per_day_max: 9}\n",
            "my.yaml:3: outreach.messages_per_day_max: found 9; allowed: at most",
        ),
        (
            "channels: {sms: {receipt_lost_rate: 0.99}}\n",
            "my.yaml:3: channels.sms.receipt_lost_rate: found a sum of",
        ),
        (
            "core: {faults: {slow_factor: 0.5}}\n",
            "my.yaml:3: core.faults.slow_factor: found 0.5; allowed: a number",
        ),
        (
            "writeback: {backoff_cap_ms: 10}\n",
            "my.yaml:3: writeback.backoff_cap_ms: found 10; allowed: at least backo",
        ),
        (
            "costs: {agent_hour: -1}\n",
            "my.yaml:3: costs.agent_hour: found -1; allowed: a number from 0 to 1,000,000",
        ),
        (
            "costs: {currency: pounds}\n",
            "my.yaml:3: costs.currency: found 'pounds'; allowed: a currency code",
        ),
        (
            "baseline: portl\n",
            "my.yaml:3: baseline: found 'portl'; allowed: one of the designs: sms-to-call, portal",
        ),
        (
            "policy: collections-promise\n",
            "my.yaml:3: policy: found 'collections-promise'; did you mean 'collections-promise-to-pay'?",
        ),
        ("policy: ./none.yaml\n", "my.yaml:3: policy: found './none.yaml', but there is no file none.yaml"),
        ("policy: 5\n", "my.yaml:3: policy: found 5; allowed: the name or path of a policy"),
        (
            "designs: [sms-to-cal]\n",
            "my.yaml:3: designs.0: found 'sms-to-cal'; did you mean 'sms-to-call'? allowed: ",
        ),
        (
            "designs: 5\n",
            "my.yaml:3: designs: found 5; allowed: a list of design names or paths, or a block of name",
        ),
        (
            "designs: []\n",
            "my.yaml:3: designs: found a list of 0; allowed: a list of 1 to 20 names, each once",
        ),
        (
            "designs: [sms-to-call, sms-to-call]\n",
            "my.yaml:3: designs: found 'sms-to-call'; allowed: a list of 1 to",
        ),
        (
            "customers: {response_rate: {value: 0.5, range: [0, 0.1]}}\n",
            "my.yaml:3: customers.response_rate.value: ",
        ),
    ],
)
def test_a_wrong_value_is_told_at_its_line_with_what_is_allowed(write, text: str, told: str):
    """Every refusal names file, line, path, what was found and what is allowed."""
    problems = refused(write("my.yaml", BASE + text))
    assert problems[0].startswith(told), problems


def test_a_rule_between_two_files_is_told_where_the_value_that_breaks_it_stands(write):
    """Shorter hours in one file make the staffing list of the other too long, and the list is what must change."""
    lines = scenario_path("retail-bank-200k").read_text(encoding="utf-8").splitlines()
    agents = next(number for number, line in enumerate(lines, start=1) if line.startswith("  agents:")) + 1
    assert refused(write("my.yaml", BASE + "calendar:\n  close: '17:00'\n"))[0] == (
        f"catalogue/retail-bank-200k.yaml:{agents}: call_centre.agents: found a list of 20; "
        "allowed: a number, or 18, one a half hour from 08:00 to 17:00"
    )


def test_all_problems_are_told_at_once(write):
    """One reading is enough to repair a file: blocks, quantities, designs and policy are all looked at."""
    path = write(
        "my.yaml",
        BASE + "policy: nothing\ndesigns: [nowhere, portal]\ncampaign: {messages: 0, mesages: 1}\n"
        "customers: {response_rate: {value: 2, source: hearsay}}\n",
    )
    told = [problem.split(": ")[1] for problem in refused(path)]
    assert sorted(told) == [
        "campaign.mesages",
        "campaign.messages",
        "customers.response_rate",
        "customers.response_rate.source",
        "designs.0",
        "policy",
    ]


def test_missing_keys_are_told_with_the_line_of_their_block(write):
    """A file that extends nothing must have everything, and is told all that it lacks."""
    problems = refused(write("my.yaml", "title: x\n\ncampaign:\n  messages: 5\n"))
    assert "my.yaml:3: campaign.touches_per_case: missing; the block 'campaign' must have it" in problems
    assert "my.yaml:1: calendar: missing" in problems


def test_designs_may_be_paths_inline_or_shipped_under_a_new_name(write):
    """A block keeps its order, and one design can be compared with a variant of itself."""
    steps = (
        "[{id: message, kind: message, channel: sms, engages_by: call, next: call_queue},"
        " {id: call_queue, kind: call_queue, next: agent}, {id: agent, kind: agent, next: back_office},"
        " {id: back_office, kind: back_office, next: keyed}, {id: keyed, kind: manual_writeback}]"
    )
    write("designs/mine.yaml", f"design: mine\ntitle: t\nnormal_path: person\nsteps: {steps}\n")
    path = write(
        "my.yaml",
        BASE
        + "baseline: portal\nexpect: []\ndesigns:\n  portal:\n  lenient: in-message\n  filed: designs/mine.yaml\n"
        f"  inline:\n    title: t\n    normal_path: person\n    steps: {steps}\n",
    )
    scenario = load_scenario(path)
    assert list(scenario.designs) == ["portal", "lenient", "filed", "inline"]
    assert [document.design for document in scenario.designs.values()] == [
        "portal",
        "lenient",
        "filed",
        "inline",
    ]
    mixed = write(
        "mixed.yaml",
        BASE + "baseline: portal\nexpect: []\ndesigns: [portal, ./designs/mine.yaml, {b: portal}]\n",
    )
    assert list(load_scenario(mixed).designs) == ["portal", "mine", "b"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            (
                "- {id: message, kind: message, channel: sms, engages_by: call, next: nowhere}\n"
                "- {id: agent, kind: agent, next: end}\n"
            ),
            "mine.yaml:5: design mine: step 'message' goes to unknown step 'nowhere'",
        ),
        (
            (
                "- {id: message, kind: message, channel: sms, engages_by: call, next: agent}\n"
                "- {id: agent, kind: agnt, next: end}\n"
            ),
            "mine.yaml:6: designs.mine.agent.kind: found 'agnt'; did you mean 'agent'? allowed: message, ",
        ),
        (
            (
                "- {id: message, kind: message, channel: sms, engages_by: call, nxt: agent}\n"
                "- {id: agent, kind: agent, next: end}\n"
            ),
            "mine.yaml:5: designs.mine.message.nxt: unknown key; did you mean 'next'? allowed: ",
        ),
    ],
)
def test_a_broken_design_is_told_in_its_own_file(write, steps: str, told: str):
    """Faults of a step point at the step, in the file it is written in."""
    write("mine.yaml", f"design: mine\ntitle: t\nnormal_path: person\nsteps:\n{steps}")
    problems = refused(write("my.yaml", BASE + "baseline: mine\nexpect: []\ndesigns: [./mine.yaml]\n"))
    assert problems[0].startswith(told), problems


def test_a_broken_policy_is_told_in_its_own_file(write):
    """The policy's schema speaks with the policy's lines; what does not fit together is told once its parts do."""
    write("p.yaml", "policy: p\nversion: 0\nexclude_when: []\n")
    problems = refused(write("my.yaml", BASE + "policy: ./p.yaml\n"))
    assert "p.yaml:2: policy.version: found 0; allowed: at least 1" in problems
    assert "p.yaml:1: policy.actions: missing" in problems
    write(
        "p.yaml",
        f"{_WHOLE_POLICY}exclude_when:\n- rule: r\n  reason: x\n  when: {{moon: {{equals: full}}}}\n",
    )
    (problem,) = refused(write("my.yaml", BASE + "policy: ./p.yaml\n"))
    assert problem.startswith("p.yaml:12: policy.exclude_when.0.when.moon: unknown fact 'moon'")


_WHOLE_POLICY = """policy: p
version: 1
title: t
trigger: t
completion: {customer_action: a, policy_condition: b, writeback_destination: c, evidence: [d]}
actions:
  pay_now: {identity: code, routine: true, evidence: [d], writeback: {status: paid},
            amount: {minimum_minor: 0, maximum: balance}}
"""


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            "{when: {}, design: portal, that: completion > 1}",
            "my.yaml:4: expect.0.that: condition: unknown metric",
        ),
        (
            "{when: {}, design: portal, that: completion_rate = 1}",
            "my.yaml:4: expect.0.that: condition: found",
        ),
        (
            "{when: {}, design: portl, that: completion_rate > 0.1}",
            "my.yaml:4: expect.0.design: found 'portl'; did you mean 'portal'? allowed: sms-to-call, portal",
        ),
        (
            "{when: {campaign.mesages: 1}, design: portal, that: completion_rate > 0.1}",
            "my.yaml:4: expect.0.when.campaign.mesages: unknown setting; did you mean 'campaign.messages'?",
        ),
        (
            "{when: 5, design: portal, that: completion_rate > 0.1}",
            "my.yaml:4: expect.0.when: found 5; allowed: a",
        ),
        ("{design: portal, that: completion_rate > 0.1}", "my.yaml:4: expect.0.when: missing"),
    ],
)
def test_an_expectation_that_can_never_be_judged_is_refused(write, entry: str, told: str):
    """Metric, design and settings must exist, and the condition must follow its grammar."""
    problems = refused(write("my.yaml", BASE + f"expect:\n- {entry}\n"))
    assert problems[0].startswith(told), problems


def test_expectations_may_nest_their_settings(write):
    """`when` reads the same as dotted paths or as blocks."""
    path = write(
        "my.yaml",
        BASE + "expect:\n- {when: {campaign: {messages: 5}}, design: portal, that: completion_rate > 0.1}\n",
    )
    assert load_scenario(path).expectations[0].when == {"campaign.messages": 5}


def test_inherited_expectations_on_designs_left_out_are_dropped(write):
    """Comparing fewer designs needs no repetition; what remains is still expected."""
    path = write("my.yaml", BASE + "designs: [in-message]\nbaseline: in-message\n")
    assert {item.design for item in load_scenario(path).expectations} == {"in-message"}


def test_a_check_reports_instead_of_raising(write):
    """Whoever checks a file gets its problems, or its sources and settings."""
    bad = check(write("my.yaml", BASE + "seed: x\n"))
    assert (bad.ok, len(bad.problems), bad.settings) == (False, 1, {})
    good = check("retail-bank-200k", ["campaign.messages=50000"])
    assert good.ok
    assert good.sources["set by user"] == 1
    assert sum(good.sources.values()) == len(good.provenance)
    assert good.settings["campaign.messages"] == 50_000
    assert check("no-such").problems[0].startswith("found 'no-such'")
