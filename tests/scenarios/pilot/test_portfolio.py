"""Pilot choice: the shipped portfolio, the three lines at, above and below, the ranking, and what is measured."""

from __future__ import annotations

import pytest

from sandbox import facts as f
from sandbox.errors import BadInput
from sandbox.policy.compile import compile_policy
from sandbox.scorecard.judgement import Reading
from scenarios.pilot.measure import Measured, agreement, clear_policy, measure, planned
from scenarios.pilot.portfolio import MeasuredBy, Placing, Workflow, chosen, expanding, rank, read_portfolio
from scenarios.rulebook import read_rules
from tests.scenarios.conftest import Write
from tests.scenarios.recorded import SMALL, record, scenario_with

PILOT = read_rules()[0].document.pilot

ROW = """
  - workflow: {name}
    title: {name}
    complete_when: it is done
    identity: code
    volume_per_month: {volume}
    repeat_contact_rate: {repeat}
    clear_policy_share: {clear}
    judgement_share: {judgement}
    exception_share: {exceptions}
"""


def portfolio(*rows: dict[str, object]) -> str:
    """A portfolio file; every row has figures that hold each line unless it says otherwise."""
    usual = {"volume": 1000, "repeat": 0.2, "clear": 0.9, "judgement": 0.0, "exceptions": 0.1}
    return "portfolio: mine\ntitle: Mine\nworkflows:" + "".join(
        ROW.format(**{**usual, **row}) for row in rows
    )


def ranked(write: Write, *rows: dict[str, object]) -> dict[str, Placing]:
    """The placing of each workflow of a file, by name."""
    found = rank(read_portfolio(write("mine.yaml", portfolio(*rows))), PILOT)
    return {one.workflow.workflow: one for one in found}


def test_the_shipped_portfolio_has_the_eight_workflows_and_their_sources() -> None:
    """Eight policy-bound workflows; each assumption has a range, and every number a source."""
    read = read_portfolio()
    assert len(read.document.workflows) == 8
    assert len(read.provenance) == 8 * 5
    assert [one.path for one in read.provenance if one.source == "assumption" and one.range is None] == []


def test_the_shipped_choice_is_the_case_of_the_product() -> None:
    """Promise to pay ranks first; a dispute has more repeat contact and is judgement work, so it is out."""
    found = rank(read_portfolio(), PILOT)
    first = chosen(found)
    assert first is not None
    assert first.workflow.workflow == "promise-to-pay"
    dispute = next(one for one in found if one.workflow.workflow == "dispute")
    assert dispute.status == "out"
    assert dispute.readings["repeat_contact_rate"].value > first.readings["repeat_contact_rate"].value  # type: ignore[operator]
    assert [one.rank for one in found] == list(range(1, 9))


@pytest.mark.parametrize(
    ("figure", "at", "good", "bad"),
    [("clear", 0.80, 0.81, 0.79), ("exceptions", 0.15, 0.14, 0.16), ("volume", 1000, 1100, 990)],
)
def test_each_line_at_above_and_below(write: Write, figure: str, at: float, good: float, bad: float) -> None:
    """Ten per cent of volume (1,000 beside 9,000), eighty per cent clear policy, fifteen per cent exceptions."""
    rest = {"name": "rest", "volume": 9000}

    def status(value: float) -> str:
        return ranked(write, {"name": "one", figure: value}, rest)["one"].status

    assert [status(value) for value in (at, good, bad)] == ["candidate", "candidate", "out"]


def test_a_range_that_straddles_a_line_is_unsure(write: Write) -> None:
    """The figure holds the line, its stated range does not: a candidate as long as the figure holds."""
    clear = "{value: 0.85, source: assumption, range: [0.75, 0.95]}"
    found = ranked(write, {"name": "one", "clear": clear})["one"]
    assert found.status == "candidate, unsure"
    assert [held.verdict for _, held in found.held] == ["pass", "unsure", "pass"]
    assert {rule.rule: held.margin for rule, held in found.held}["clear-policy"] == pytest.approx(0.05)


def test_routine_volume_leaves_judgement_out(write: Write) -> None:
    """Half of 2,000 cases is judgement: 1,000 of 10,000 routine cases, which is the line."""
    found = ranked(write, {"name": "one", "volume": 2000, "judgement": 0.5}, {"name": "rest", "volume": 9000})
    assert found["one"].readings["routine_volume_share"].value == pytest.approx(0.10)


def test_the_ranking_is_by_repeat_contact_then_judgement(write: Write) -> None:
    """Most repeat contact first; among equals the least judgement; what is out comes last however it repeats."""
    found = ranked(
        write,
        {"name": "less", "repeat": 0.1},
        {"name": "judged", "repeat": 0.3, "judgement": 0.1},
        {"name": "plain", "repeat": 0.3, "judgement": 0.05},
        {"name": "vague", "repeat": 0.9, "clear": 0.5},
    )
    assert sorted(found, key=lambda name: found[name].rank) == ["plain", "judged", "less", "vague"]
    assert chosen(tuple(found[name] for name in ("vague",))) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("identity: code", "identity: voice", r"mine\.yaml:\d+: workflows\.0\.identity: found 'voice'"),
        ("title: one", "titel: one", r"workflows\.0\.titel: unknown key; did you mean 'title'"),
        ("clear_policy_share: 0.9", "clear_policy_share: 90", r"workflows\.0\.clear_policy_share: found 90"),
        (
            "clear_policy_share: 0.9",
            "clear_policy_share: {value: 0.9, source: guess}",
            r"workflows\.0\.clear_policy_share\.source: found 'guess'",
        ),
        ("volume_per_month: 1000", "volume_per_month: 0", r"workflows\.0\.volume_per_month: found 0"),
        (
            "    identity: code\n",
            "    identity: code\n    measured_by: {scenario: retail-bank, today: bot, pilot: bot}\n",
            r"measured_by\.scenario: found 'retail-bank'; did you mean 'retail-bank-200k'",
        ),
        (
            "    identity: code\n",
            "    identity: code\n    measured_by: {scenario: retail-bank-200k, today: bots, pilot: bot}\n",
            r"measured_by\.today: found 'bots'; did you mean 'bot'",
        ),
    ],
)
def test_a_fault_names_file_line_and_key(write: Write, old: str, new: str, told: str) -> None:
    """What a bank's own file may get wrong is refused where it stands."""
    text = portfolio({"name": "one"})
    assert old in text
    with pytest.raises(BadInput, match=told):
        read_portfolio(write("mine.yaml", text.replace(old, new, 1)))


def test_a_workflow_is_named_once(write: Write) -> None:
    """Two workflows of one name would be ranked as if they were two."""
    with pytest.raises(BadInput, match="workflow named twice: one"):
        read_portfolio(write("mine.yaml", portfolio({"name": "one"}, {"name": "one"})))


def test_clear_policy_is_counted_over_every_customer() -> None:
    """The same share, counted the slow way over the accounts of the run."""
    books = record("in-message")
    policy = compile_policy(books.scenario.policy)
    admitted = [account for account in books.before if policy.admit(account).admitted]
    clear = [
        account
        for account in admitted
        if not account.vulnerable and any(offer.routine for offer in policy.decide(account).allowed)
    ]
    found = clear_policy(scenario_with(("replications=1",)))
    assert found.n == len(admitted)
    assert found.value == pytest.approx(len(clear) / len(admitted))
    assert 0.9 < len(clear) / len(admitted) < 1.0


def test_what_is_measured_agrees_with_the_facts() -> None:
    """Repeat contact of today's calls, redials included, and exceptions of the pilot, recounted."""
    found = measured("sms-to-call", 1).readings
    books = record("sms-to-call")
    contacts = {case: len(visits) for case, visits in books.by_case(f.Engaged).items()}
    for call in books.of(f.CallOffered):
        if call.case_id >= 0 and call.attempt > 1:
            contacts[call.case_id] += 1
    repeated = sum(times > 1 for times in contacts.values())
    assert found["repeat_contact_rate"].value == pytest.approx(repeated / len(contacts))
    pilot = record("in-message")
    exceptions = pilot.cases(f.ExceptionRaised)
    engaged = pilot.cases(f.Engaged)
    person_route = {fact.case_id for fact in pilot.of(f.Triggered) if fact.vulnerable}
    person_route |= pilot.cases(f.RoutedToPerson)
    assert found["exception_share"].value == pytest.approx(
        len((exceptions & engaged) - person_route) / len(engaged - person_route)
    )


def workflow(today: str = "sms-to-call", **changed: object) -> Workflow:
    """The first workflow of the shipped portfolio, simulated small."""
    by = {"scenario": "retail-bank-200k", "today": today, "pilot": "in-message", "settings": SMALL, **changed}
    return read_portfolio().document.workflows[0].model_copy(update={"measured_by": MeasuredBy(**by)})  # type: ignore[arg-type]


def measured(today: str, replications: int, jobs: int = 1) -> Measured:
    """What is measured of it."""
    plans = planned([workflow(today)], seed=1, replications=replications)
    return measure(plans, jobs, lambda _: None, lambda: False)["promise-to-pay"]


@pytest.mark.wide
def test_every_measured_figure_has_an_interval_that_replications_narrow() -> None:
    """Two replications have twice the cases and a narrower interval of each figure; the workers change nothing."""
    once, twice = measured("sms-to-call", 1), measured("sms-to-call", 2)
    assert (once.replications, twice.replications) == (1, 2)
    for name, reading in once.readings.items():
        more = twice.readings[name]
        assert more.n > 1.8 * reading.n
        assert width(more) < width(reading)
        assert width(more) > 0.0
    assert measured("sms-to-call", 2, jobs=2) == twice


def width(reading: Reading) -> float:
    """Of an interval."""
    assert reading.low is not None
    assert reading.high is not None
    return reading.high - reading.low


@pytest.mark.wide
def test_the_interval_of_clear_policy_holds_the_share_of_other_customers() -> None:
    """Of 120 small books from the same mix, nearly all intervals hold the share of a large one, and not all do."""
    settings = ("campaign.messages=600", "replications=1")
    whole = clear_policy(scenario_with(("campaign.messages=60000", "replications=1"), seed=99)).value
    assert whole is not None
    found = [clear_policy(scenario_with(settings, seed=seed)) for seed in range(1, 121)]
    held = sum((one.low or 0.0) <= whole <= (one.high or 0.0) for one in found)
    assert 0.92 * len(found) <= held < len(found)
    assert all(0.005 < width(one) < 0.10 for one in found)


def test_a_workflow_is_planned_only_where_it_names_a_scenario() -> None:
    """All eight that are shipped do; one that names none is left out, and a wrong setting names its workflow."""
    shipped = read_portfolio().document.workflows
    assert [plan.workflow for plan in planned(shipped)] == [one.workflow for one in shipped]
    alone = shipped[0].model_copy(update={"measured_by": None})
    assert planned([alone]) == ()
    with pytest.raises(BadInput, match=r"workflow promise-to-pay: .*campaign\.mesages"):
        planned([workflow(settings=("campaign.mesages=4",))])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.2, 0.3, "inside"), (0.1, 0.2, "unsure"), (0.05, 0.1, "outside"), (None, None, "unsure")],
)
def test_a_measured_figure_is_held_against_the_stated_range(
    low: float | None, high: float | None, said: str
) -> None:
    """All of the interval, a part of it, none of it; without an interval nothing can be said."""
    stated = Reading(0.25, 0.15, 0.4, 0, "rate", "cases of a month")
    assert agreement(stated, Reading(0.2, low, high, 100, "rate", "cases")) == said


def test_questions_before_expanding_name_their_commands() -> None:
    """Four questions; a workflow with a scenario gets the commands filled in, another gets none."""
    first, second, *_ = (one.workflow for one in rank(read_portfolio(), PILOT))
    asked = expanding(PILOT, first)
    assert len(asked) == 4
    assert asked[0][1] == "sandbox map retail-bank-200k --design in-message"
    assert expanding(PILOT, second)[0][1] == "sandbox map failed-payment --design in-message-facts"
    alone = second.model_copy(update={"measured_by": None})
    assert [command for _, command in expanding(PILOT, alone)] == [""] * 4
