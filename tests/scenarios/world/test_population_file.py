"""A bank's own case file: read by row, refused by row, sealed at rest, and the same bytes whoever runs it."""

from __future__ import annotations

import pickle
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.errors import BadInput
from sandbox.model import Channel
from scenarios.files.sealing import SALT_BYTES, SealKey, seal
from scenarios.limits.limit import LimitRequest, find_limits, plan_limits
from scenarios.outputs.as_json import comparison_json
from scenarios.rehearsal.phone import Phone
from scenarios.run import CompareRequest, compare
from scenarios.sweeps import sweeping
from scenarios.sweeps.sweeping import SweepRequest
from scenarios.task import Task
from scenarios.worker import run_task
from scenarios.world.authoring import copied
from scenarios.world.spec import check, load_scenario
from tui.cli.orders import Order
from tui.cli.report import next_command

HEADER = "ref,segment,balance,overdue,vulnerable,sms_consent,name"
ROWS = [
    f"r{n},{1 + n % 3}m,{100 + n}.50,{10 + n % 5},{'yes' if n % 9 == 0 else 'no'},1,Jo Roe{n}"
    for n in range(40)
]
SCENARIO = "extends: retail-bank-200k\nscenario: my\npopulation: cases.csv\n"


@pytest.fixture
def scenario(write) -> str:
    """A scenario that runs forty cases of a file beside it."""
    write("cases.csv", "\n".join([HEADER, *ROWS]) + "\n")
    return write("my.yaml", SCENARIO)


def test_a_file_stands_in_for_synthetic_customers(scenario: str):
    """Its rows are the cases, the messages follow from them, and what it lacks is named as drawn."""
    found = load_scenario(scenario)
    people = found.population
    assert people is not None
    assert people.rows == 40
    assert people.columns["balance"].tolist()[:2] == [10_050, 10_150]
    assert people.columns["arrears_band"].tolist()[:4] == [0, 1, 2, 0]
    assert people.consent[Channel.SMS].all()
    assert found.document.campaign.messages == 80
    assert found.settings["campaign.messages"] == 80
    assert "drawn as for synthetic customers: status, broken_promises" in found.notes[0]
    assert any("not sealed" in note for note in found.notes)
    sources = {origin.path: origin.source for origin in found.provenance}
    assert sources["customers.balance_sigma"] == "measured"
    assert sources["customers.whatsapp_opt_in_rate"] == "assumption"


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (None, None),
        (80, None),
        (81, None),
        (20, "10 of the 40 cases are run, spread over all of cases.csv"),
        (
            90,
            "cases.csv holds 40 cases and 45 are run: each case about 1.1 times, with luck of its own; intervals",
        ),
        (8_000, "cases.csv holds 40 cases and 4,000 are run: each case about 100 times"),
    ],
)
def test_a_volume_set_outside_wins_over_the_rows_and_says_what_it_does_to_them(
    scenario: str, messages: int | None, told: str | None
):
    """A what-if on the volume takes part of the rows, or rows again; every result then says how often."""
    found = load_scenario(scenario, [] if messages is None else [f"campaign.messages={messages}"])
    assert found.document.campaign.messages == (messages or 80)
    said = [note for note in found.notes if "are run" in note]
    assert said == [] if told is None else said[0].startswith(told)
    assert any("read them as too narrow" in note for note in said) is ((messages or 0) > 81)


SHORT = "calendar: {working_days: 3, follow_up_days: 1}\ncampaign: {touch_gap_days: 1}\n"


def test_a_grid_says_it_of_its_fullest_world(write, scenario: str):
    """A sweep and a limit go through volumes: the notes are those of the one that takes the rows most often."""
    small = write("small.yaml", SCENARIO + SHORT)
    world = CompareRequest(small, (), ("in-message",), replications=1, jobs=1)
    plan = sweeping.planned(SweepRequest(world, ("campaign.messages=40,80,400",)))
    notes = sweeping.sweep(plan, lambda _: None, lambda: False).notes
    assert [note for note in notes if "about 5.0 times" in note]
    assert not [note for note in notes if "20 of the 40" in note]
    request = LimitRequest(world, ("call_abandonment_rate<0.5",), "campaign.messages", "80:240", 80)
    limits = find_limits(plan_limits(request), lambda _: None, lambda: False)
    assert limits.messages_most == 80
    assert [note for note in limits.notes if "about 3.0 times" in note]


def test_no_more_messages_are_recommended_than_there_are_cases(write):
    """The next step of a comparison of a case file is not the volume the scenario it extends was written for."""
    write("cases.csv", "\n".join([HEADER, *ROWS]) + "\n")
    small = write("small.yaml", SCENARIO + SHORT)
    request = CompareRequest(small, (), ("sms-to-call", "in-message"), replications=1, jobs=1)
    result = compare(request, lambda _: None, lambda: False)
    assert result.messages_most == 80
    assert any(item.when.get("campaign.messages") == 200_000 for item in result.expectations)
    assert "campaign.messages" not in next_command(result, Order("compare", small))[0]


@pytest.mark.parametrize(
    ("settings", "asked"), [((), "population"), (("campaign.messages=20",), "campaign.messages")]
)
def test_a_case_file_without_customers_left_asks_for_no_more_messages(
    scenario: str, settings: tuple[str, ...], asked: str
):
    """Who has walked the phone of every customer needs a file with more of them, unless part of it is not run."""

    def everybody() -> None:
        with closing(Phone(CompareRequest(scenario, settings), "in-message")) as phone:
            for _ in range(100):
                phone.next_customer()

    with pytest.raises(BadInput, match=f"{asked}: no further customer"):
        everybody()


def test_it_runs_with_the_same_bytes_wherever_it_is_run(write, scenario: str):
    """A scenario sent to a worker runs as it does here: the JSON is the same, and no name of the file comes out."""
    small = write(
        "small.yaml",
        SCENARIO + "calendar: {working_days: 3, follow_up_days: 1}\ncampaign: {touch_gap_days: 1}\n",
    )
    request = CompareRequest(small, (), ("in-message",), replications=1, jobs=1)
    result = compare(request, lambda _: None, lambda: False)
    told = comparison_json(result)
    assert any("cases of cases.csv" in note for note in result.notes)
    assert result.designs["in-message"].funnel[0].count == 40
    assert "Roe" not in told
    assert "r17" not in told
    loaded = load_scenario(small)
    sent = pickle.loads(pickle.dumps(loaded))  # noqa: S301 - our own bytes
    runs = [
        run_task(Task(one, "in-message", 0, frozenset()), lambda _: None, lambda: False)
        for one in (loaded, sent)
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("r1,zz,100,10,yes,1,x", "arrears_band: no arrears band"),
        ("r1,1m,-5,10,yes,1,x", "balance: no amount"),
        ("r1,1m,100.505,10,yes,1,x", "balance: no amount"),
        ("r1,1m,NaN,10,yes,1,x", "balance: no amount"),
        ("r1,1m,100,500,yes,1,x", "overdue: above the balance"),
        ("r1,1m,100,10,Peter,1,x", "vulnerable: no flag"),
        ("r1,1m,100,10,yes,,x", "consent_sms: no flag"),
        ("r0,1m,100,10,yes,1,x", "case_ref: stands on line 2 already"),
        ("r1,1m,100,10,yes,1", "6 cells found; 7 expected"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_number_and_never_quoted(write, cells: str, reason: str):
    """The fault names line and column and what is allowed; the cell itself, which may be a name, is not shown."""
    write("cases.csv", "\n".join([HEADER, ROWS[0], cells]) + "\n")
    report = check(write("my.yaml", SCENARIO))
    assert not report.ok
    assert f"cases.csv: line 3: {reason}" in report.problems[0]
    assert "Peter" not in "".join(report.problems)
    assert "population.dirty: leave_out" in report.problems[-1]


def test_rows_may_be_left_out_when_said_so_and_every_result_says_it(write):
    """With `dirty: leave_out` the others run, and the note counts and names what was left out."""
    write("cases.csv", "\n".join([HEADER, *ROWS[:5], "r9,zz,1,1,no,1,x"]) + "\n")
    path = write("my.yaml", "extends: retail-bank-200k\npopulation: {file: cases.csv, dirty: leave_out}\n")
    found = load_scenario(path)
    assert found.population is not None
    assert found.population.rows == 5
    assert any("1 rows left out (line 7: arrears_band" in note for note in found.notes)


def test_columns_are_mapped_and_wrong_ones_told(write):
    """A header of one's own is mapped; an unknown column of ours, or a header that is not there, is refused."""
    write("cases.csv", "Owed now,Behind\n120.00,2\n")
    columns = "{overdue: Owed now, arrears_band: behind}"
    path = write(
        "my.yaml", f"extends: retail-bank-200k\npopulation: {{file: cases.csv, columns: {columns}}}\n"
    )
    people = load_scenario(path).population
    assert people is not None
    assert people.columns["overdue"].tolist() == [12_000]
    wrong = write(
        "w.yaml", "extends: retail-bank-200k\npopulation: {file: cases.csv, columns: {owed: Owed now}}\n"
    )
    with pytest.raises(BadInput, match="no column 'owed'"):
        load_scenario(wrong)
    write("cases.csv", "Name,Phone\nJo Roe,123\n")
    with pytest.raises(BadInput, match="no column known here"):
        load_scenario(write("n.yaml", "extends: retail-bank-200k\npopulation: cases.csv\n"))


def test_a_sealed_file_opens_with_its_key_and_not_without(write, monkeypatch: pytest.MonkeyPatch):
    """Key file or environment; without a key it says how, and a changed file is refused."""
    monkeypatch.delenv("SANDBOX_SEAL_KEY", raising=False)
    key = SealKey(bytes(range(32)))
    text = "\n".join([HEADER, *ROWS]).encode()
    sealed = b"".join(seal([text], key, bytes(SALT_BYTES)))
    Path(write("k", key.to_text())).chmod(0o600)
    Path("cases.sealed").write_bytes(sealed)
    with_key = write("a.yaml", "extends: retail-bank-200k\npopulation: {file: cases.sealed, seal_key: k}\n")
    people = load_scenario(with_key).population
    assert people is not None
    assert people.rows == 40
    assert not any("not sealed" in note for note in load_scenario(with_key).notes)
    bare = write("b.yaml", "extends: retail-bank-200k\npopulation: cases.sealed\n")
    with pytest.raises(BadInput, match="is sealed"):
        load_scenario(bare)
    monkeypatch.setenv("SANDBOX_SEAL_KEY", key.to_text())
    assert load_scenario(bare).population is not None
    Path("cases.sealed").write_bytes(sealed[:-1] + b"x")
    with pytest.raises(BadInput, match="does not open"):
        load_scenario(bare)


def test_facts_of_a_workflow_come_from_columns_of_their_name(write):
    """A fact of the policy is a column; its values are held against the policy, an empty cell is unknown."""
    base = load_scenario("kyc-refresh")
    name, rule = next(iter(base.policy.facts.items()))
    value = rule.one_of[0] if rule.one_of else {"flag": "true", "date": "2026-06-01"}.get(rule.kind, "3")
    write("cases.csv", f"balance,{name}\n100,{value}\n200,\n")
    people = load_scenario(write("my.yaml", "extends: kyc-refresh\npopulation: cases.csv\n")).population
    assert people is not None
    assert people.facts[name][1] is None
    assert people.facts[name][0] is not None
    write("cases.csv", f"balance,{name}\n100,@@\n")
    with pytest.raises(BadInput, match=f"line 2: {name}: "):
        load_scenario("./my.yaml")


def test_a_copy_in_another_folder_reads_the_same_file(scenario: str, tmp_path: Path):
    """`sandbox new` writes the path of the case file as it is seen from the copy."""
    (tmp_path / "sub").mkdir()
    target = tmp_path / "sub" / "mine.yaml"
    target.write_text(copied(scenario, target).text, encoding="utf-8")
    people = load_scenario(str(target)).population
    assert people is not None
    assert people.rows == 40
