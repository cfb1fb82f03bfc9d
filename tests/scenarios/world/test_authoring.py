"""Copies that load, say what their source says, and can be edited in one file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import BadInput
from scenarios.files.reader import read_yaml
from scenarios.run import CompareRequest, compare
from scenarios.world.authoring import copied
from scenarios.world.library import find, list_scenarios, shipped
from scenarios.world.spec import Scenario, check, load_scenario

HEADLINE = "retail-bank-200k"
SMALL = ("campaign.messages=1200", "call_centre.other_traffic.calls_per_day=40")


def copy_of(source: str, target: str, *designs: str) -> str:
    """Write a copy into the current folder and return its text."""
    text = copied(source, Path(target), designs).text
    Path(target).write_text(text, encoding="utf-8")
    return text


def but_for_its_name(scenario: Scenario, name: str) -> Scenario:
    """A scenario as it would be under another name and file."""
    document = scenario.document.model_copy(update={"scenario": name})
    return replace(scenario, name=name, source="", document=document)


@pytest.mark.parametrize("name", [entry.name for entry in list_scenarios()])
def test_a_copy_of_a_scenario_is_the_scenario(name: str, write: Any) -> None:
    """Settings, designs, policy, sources, ranges, notes and expectations are equal; only the name is new."""
    del write  # it moves the test into a folder of its own
    text = copy_of(name, "mine.yaml")
    mine = load_scenario("./mine.yaml")
    assert but_for_its_name(mine, "mine") == but_for_its_name(load_scenario(name), "mine")
    assert "extends" not in read_yaml("mine.yaml").data
    assert text.startswith("# ")


def test_a_copy_runs_to_the_same_digests(write: Any) -> None:
    """The same seed gives the same facts, design by design, from the copy as from its source."""
    del write
    copy_of(HEADLINE, "mine.yaml")
    ends = [
        compare(CompareRequest(name, SMALL, replications=1, jobs=1), lambda _: None, lambda: False)
        for name in (HEADLINE, "./mine.yaml")
    ]
    digests = [{name: design.digest for name, design in end.designs.items()} for end in ends]
    assert len(digests[0]) == 3
    assert digests[0] == digests[1]


def test_a_copy_keeps_every_comment_and_how_numbers_are_written(write: Any) -> None:
    """Line by line: nothing of the source's text is lost but its name and its list of designs."""
    del write
    source = find("scenario", HEADLINE).path.read_text(encoding="utf-8").splitlines()
    copy = copy_of(HEADLINE, "mine.yaml").splitlines()
    assert [line for line in source if line not in copy] == [
        f"scenario: {HEADLINE}",
        "designs: [sms-to-call, portal, in-message]",
    ]
    for name in ("sms-to-call", "portal", "in-message"):
        for line in find("design", name).path.read_text(encoding="utf-8").splitlines():
            indent = "  " if line.startswith("#") else "    "
            assert f"{indent}{line}" in copy or line == f"design: {name}"


def test_a_step_is_edited_in_the_copy(write: Any) -> None:
    """A designer changes one word of a step in the one file, and only that design changes."""
    del write
    text = copy_of(HEADLINE, "mine.yaml")
    route = "on: {failed: unproven, dropped: end}"
    assert text.count(route) == 1
    Path("mine.yaml").write_text(text.replace(route, "on: {failed: unproven, dropped: unproven}"))
    mine, shipped_one = load_scenario("./mine.yaml"), load_scenario(HEADLINE)
    assert [name for name in mine.designs if mine.designs[name] != shipped_one.designs[name]] == [
        "in-message"
    ]


def test_designs_may_be_chosen_and_the_rest_follows(write: Any) -> None:
    """Shipped designs can be added; a baseline left behind is replaced, expectations on what is left out go."""
    del write
    copy_of(HEADLINE, "mine.yaml", "hybrid", "in-message")
    mine = load_scenario("./mine.yaml")
    assert list(mine.designs) == ["in-message", "hybrid"]
    assert mine.document.baseline == "in-message"
    assert {item.design for item in mine.expectations} == {"in-message"}
    assert len(mine.expectations) == 3


def test_a_copy_of_a_users_own_file_finds_its_files_from_a_new_folder(write: Any) -> None:
    """Relative paths are written anew; designs given by path, under a new name and inline are all written in."""
    write("work/policies/own.yaml", copied("collections-promise-to-pay", Path("own.yaml")).text)
    write("work/designs/calls.yaml", copied("sms-to-call", Path("calls.yaml")).text)
    steps = "[{id: message, kind: message, next: login}, {id: login, kind: login, next: choose},"
    steps += " {id: choose, kind: choose, next: post, on: {dispute: post}}, {id: post, kind: write_back}]"
    write(
        "work/world.yaml",
        f"# mine\nextends: {HEADLINE}\nbaseline: calls\nexpect: []\npolicy: policies/own.yaml\n"
        "seed: 5  # of the day\ndesigns:\n  calls: ./designs/calls.yaml\n  twin: in-message\n"
        "  own:\n    # by hand\n    title: t\n"
        f"    normal_path: self_service\n    steps: {steps}\n",
    )
    Path("other").mkdir()
    text = copy_of("./work/world.yaml", "other/mine.yaml")
    mine, source = load_scenario("./other/mine.yaml"), load_scenario("./work/world.yaml")
    assert read_yaml("other/mine.yaml").data["policy"] == "../work/policies/own.yaml"
    assert (mine.designs, mine.policy, mine.settings["seed"]) == (source.designs, source.policy, 5)
    for comment in ("# mine\n", "seed: 5  # of the day\n", "# by hand\n"):
        assert comment in text


@pytest.mark.parametrize("name", shipped("design"))
def test_a_copy_of_a_design_runs_beside_the_shipped_one(name: str, write: Any) -> None:
    """It has its file's name, passes the check on its own, and is a design any scenario may name."""
    write(
        "world.yaml",
        f"extends: {HEADLINE}\nexpect: []\npolicy: collections-any-proof\n"  # any shipped design may run
        f"baseline: {name}\ndesigns: [{name}, ./mine.yaml]\n",
    )
    copy_of(name, "mine.yaml")
    assert check("./mine.yaml").ok
    designs = load_scenario("./world.yaml").designs
    assert designs["mine"].steps == designs[name].steps


def test_a_copy_of_a_policy_is_the_policy_under_its_own_name(write: Any) -> None:
    """Limits and rules are equal, and a scenario may name the file."""
    del write
    copy_of("collections-promise-to-pay", "mine.yaml")
    report = check("./mine.yaml")
    assert (report.ok, report.kind) == (True, "policy")
    policy = load_scenario(HEADLINE, ["policy=./mine.yaml"]).policy
    assert policy == load_scenario(HEADLINE).policy.model_copy(update={"policy": "mine"})


def test_a_copy_of_a_copy_does_not_pile_up_headers(write: Any) -> None:
    """What a copy says of itself in its first lines is not what the next one says of itself."""
    first = copied("bot", Path("a.yaml")).text
    head = "# yaml-language-server: $schema=design.schema.json\n# a.yaml: an editable copy of the design bot.\n#\n"
    write("a.yaml", head + first)
    assert copied("./a.yaml", Path("b.yaml")).text == first.replace("design: a", "design: b")


def test_a_copy_of_a_copy_is_the_copy(write: Any) -> None:
    """Comments above, within and below designs stay where they are, however often a file is copied."""
    write("a.yaml", _commented(copied(HEADLINE, Path("a.yaml")).text))
    first = copy_of("./a.yaml", "b.yaml")
    assert first == Path("a.yaml").read_text(encoding="utf-8").replace("scenario: a", "scenario: b")
    assert copy_of("./b.yaml", "c.yaml") == first.replace("scenario: b", "scenario: c")


def test_a_comment_goes_with_the_design_it_stands_above(write: Any) -> None:
    """In a copy that leaves out the design before it, or the one after it; what comes after designs stays."""
    write("a.yaml", _commented(copied(HEADLINE, Path("a.yaml")).text))
    text = copy_of("./a.yaml", "b.yaml", "portal")
    assert "  # The message carries a portal address; the customer logs in there." in text
    assert "Today's shape" not in text
    assert "The remedy" not in text
    assert "# after the designs\n" in text
    assert copy_of("./b.yaml", "c.yaml") == text.replace("scenario: b", "scenario: c")


def _commented(text: str) -> str:
    """A scenario with further comments where people write them: in a step, at a design's end, after them all."""
    lines, found = [], []
    for line in text.splitlines():
        if found and found[-1] == "designs" and line and line[0] not in " #":
            lines.append("# after the designs")
            found.append("after")
        if line == "designs:":
            found.append("designs")
        if "id: login" in line:
            lines += ["      # before a step", line, "      # after a step"]
            continue
        lines.append(line)
    assert found[-1] == "after"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("source", "target", "designs", "told"),
    [
        ("retail", "mine.yaml", (), "--from retail: found no such name"),
        ("portl", "mine.yaml", (), "--from portl: found no such name; did you mean 'portal'?"),
        ("./none.yaml", "mine.yaml", (), "none.yaml: file not found"),
        (
            HEADLINE,
            "My Bank.yaml",
            (),
            "My Bank.yaml: found 'My Bank.yaml', and the file's name is the scenario's",
        ),
        (HEADLINE, "mine.json", (), "mine.json: found 'mine.json'"),
        ("bot", "my_bot.yaml", (), "my_bot.yaml: found 'my_bot.yaml', and the file's name is the design's"),
        (HEADLINE, "mine.yaml", ("prtal",), "--design prtal: found no such design; did you mean 'portal'?"),
        ("bot", "mine.yaml", ("bot",), "--design: bot is a design; allowed: only with a scenario"),
        ("./broken.yaml", "mine.yaml", (), "broken.yaml:2: campaign.messages: found 0"),
        ("./loop.yaml", "mine.yaml", (), "loop.yaml:6: design loop: step 'login' is in a loop"),
    ],
)
def test_what_cannot_be_copied_is_refused(
    source: str, target: str, designs: tuple[str, ...], told: str, write: Any
) -> None:
    """A name that is none, a file with faults and designs out of place are told with what is allowed."""
    write("broken.yaml", f"extends: {HEADLINE}\ncampaign: {{messages: 0}}\n")
    write(
        "loop.yaml",
        "design: loop\ntitle: t\nnormal_path: person\nsteps:\n"
        "  - {id: message, kind: message, next: login}\n"
        "  - {id: login, kind: login, next: choose, on: {failed: login}}\n"
        "  - {id: choose, kind: choose, next: post, on: {dispute: post}}\n  - {id: post, kind: write_back}\n",
    )
    with pytest.raises(BadInput) as refused:
        copied(source, Path(target), designs)
    assert refused.value.problems[0].startswith(told)


def test_a_copy_of_a_file_that_names_a_core_keeps_that_cores_figures(write: Any) -> None:
    """The profile stays a name: what the file below said of another core is not written beside it."""
    del write
    text = f"extends: {HEADLINE}\ncore:\n  profile: legacy-batch\n  timeout_ms: 8000\n"
    Path("below.yaml").write_text(text, encoding="utf-8")
    copy_of("./below.yaml", "mine.yaml")
    mine, below = (load_scenario(f"./{name}.yaml").document.core for name in ("mine", "below"))
    assert mine == below
    assert (mine.profile, mine.latency_ms_median, mine.timeout_ms) == ("legacy-batch", 2_000, 8_000)
    assert "latency_ms_median" not in read_yaml("mine.yaml").data["core"]
