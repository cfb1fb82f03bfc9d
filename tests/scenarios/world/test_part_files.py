"""A core profile or an outreach pack is checked alone, as a scenario is: every fault with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import BadInput
from scenarios.policies.reading import read_policy_of
from scenarios.world.authoring import copied
from scenarios.world.library import Kind, find, shipped
from scenarios.world.spec import check, load_scenario

HEADLINE = "retail-bank-200k"
CHOSEN_BY: dict[Kind, str] = {"core": "core.profile", "pack": "outreach.pack"}
SHIPPED = [(kind, name) for kind in CHOSEN_BY for name in shipped(kind)]
FILES = {
    kind: {name: find(kind, name).path.read_text(encoding="utf-8") for name in shipped(kind)}
    for kind in CHOSEN_BY
}


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_a_shipped_one_is_sound_and_sets_what_a_scenario_gets(kind: Kind, name: str) -> None:
    """Its settings are those of the headline scenario that chooses it, and its numbers have their sources."""
    report = check(str(find(kind, name).path))
    assert (report.ok, report.kind, report.problems, report.notes) == (True, kind, [], [])
    chosen = load_scenario(HEADLINE, [f"{CHOSEN_BY[kind]}={name}"])
    assert len(report.settings) >= 3
    assert report.settings == {path: chosen.settings[path] for path in report.settings}
    told = {origin.path: origin for origin in chosen.provenance}
    assert report.provenance
    assert all(told[origin.path] == origin for origin in report.provenance)


@pytest.mark.parametrize(
    ("kind", "name", "old", "new", "told"),
    [
        (
            "pack",
            "us",
            "messages_per_week_max: {value: 3",
            "messages_per_week_max: {value: x",
            "mine.yaml:55: outreach.messages_per_week_max: found 'x'; allowed: a whole number from 1 to",
        ),
        (
            "pack",
            "us",
            "messages_per_week_max: {value: 3, source: assumption",
            "messages_per_week_max: {value: 3, source: guess",
            "mine.yaml:55: outreach.messages_per_week_max.source: found 'guess'; allowed: measured, published",
        ),
        (
            "pack",
            "us",
            "messages_per_week_max:",
            "opt_out_rate:",
            "mine.yaml:55: outreach.opt_out_rate: unknown key; did you mean",
        ),
        (
            "pack",
            "us",
            "messages_per_day_max: {value: 1",
            "messages_per_day_max: {value: 9",
            "mine.yaml:54: outreach.messages_per_day_max: found 9; allowed: at most messages_per_week_max (3)",
        ),
        (
            "pack",
            "us",
            '    weekday: ["08:00", "21:00"]',
            '    weekday: ["21:00", "08:00"]',
            "mine.yaml:23: outreach.windows.weekday: found ",
        ),
        (
            "pack",
            "us",
            "Your payment of {amount} as of",
            "Your overdue payment of {amount} as of",
            "outreach.templates.sms.specific: ",
        ),
        (
            "pack",
            "us",
            "scope: >",
            "scop: >",
            "mine.yaml:6: scop: unknown key; did you mean 'scope'? allowed: pack, title, scope",
        ),
        ("pack", "us", "pack: us", "pack: [us]", "mine.yaml:4: pack: found a list of 1; allowed: "),
        (
            "core",
            "legacy-batch",
            "latency_ms_median: {value: 2000",
            "latency_ms_median: {value: 0",
            "mine.yaml:8: core.latency_ms_median: found 0; allowed: ",
        ),
        (
            "core",
            "legacy-batch",
            "closed_for_h:",
            "closed_h:",
            "mine.yaml:12: core.closed_h: unknown key; did you mean 'closed_for_h'? allowed: profile, closed_from_h",
        ),
        (
            "core",
            "legacy-batch",
            "range: [18, 24]",
            "range: [18, 20]",
            "mine.yaml:11: core.closed_from_h.value: found 23; allowed: 18 to 20, its own range",
        ),
        (
            "core",
            "legacy-batch",
            "keys: reference",
            "keys: none",
            "mine.yaml:5: keys: found 'none'; allowed: 'header' or 'reference'",
        ),
        (
            "core",
            "legacy-batch",
            "keys: reference",
            "keys: header",
            "record: found a block; allowed: with keys: reference, and only then",
        ),
        (
            "core",
            "legacy-batch",
            'picture: "9(11)"',
            'picture: "Z(11)"',
            "found 'Z(11)'; allowed: text of the form",
        ),
        (
            "core",
            "legacy-batch",
            "holds: amount_minor",
            "holds: amount",
            "found 'amount'; allowed: 'reference'",
        ),
        ("core", "modern-api", "keys: header", "kees: header", "kees: unknown key; did you mean 'keys'?"),
    ],
)
def test_a_fault_is_told_where_it_stands_with_what_is_allowed(
    kind: Kind, name: str, old: str, new: str, told: str, write: Any
) -> None:
    """One change to a shipped file; no fault of a scenario that would choose it is among what is told."""
    assert old in FILES[kind][name]
    report = check(write("mine.yaml", FILES[kind][name].replace(old, new, 1)))
    assert not report.ok
    assert any(told in problem for problem in report.problems), report.problems
    assert all(problem.startswith("mine.yaml:") for problem in report.problems)
    assert not [
        problem for problem in report.problems if "opt_out_rate: missing" in problem or ".letter" in problem
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pack: mine\ntitle: t\noutreach: 3\n", "outreach: found 3; allowed: a block of contact rules"),
        ("pack: mine\ntitle: t\n", "outreach: found nothing; allowed: a block of contact rules"),
        ("profile: mine\ntitle: t\nkeys: header\ncore: 3\n", "core: found 3; allowed: a block of keys"),
        ("profile: mine\ntitle: t\nkeys: header\n", "core: missing"),
    ],
)
def test_a_file_without_its_block_says_nothing(text: str, told: str, write: Any) -> None:
    """There is nothing to check, and nothing else is told."""
    (problem,) = check(write("mine.yaml", text)).problems
    assert problem.endswith(told)


def test_several_faults_are_told_at_once(write: Any) -> None:
    """As in a scenario: whoever mends a file mends it once."""
    text = "pack: mine\ntitle: t\nfoo: 1\noutreach:\n  messages_per_day_max: 0\n  bar: 2\n  holidays: [x]\n"
    problems = check(write("mine.yaml", text)).problems
    assert [problem.split(":")[1] for problem in sorted(problems)] == ["3", "5", "6", "7"]


def test_a_file_may_say_little(write: Any) -> None:
    """A pack leaves rules to the default one, a profile figures to the scenario: what they say is what is listed."""
    pack = check(write("pack.yaml", "pack: mine\ntitle: t\noutreach: {messages_per_week_max: 7}\n"))
    assert (pack.ok, pack.settings) == (True, {"outreach.messages_per_week_max": 7})
    assert pack.sources == {"assumption": 1}
    core = check(write("mine.yaml", "profile: mine\ntitle: t\nkeys: header\ncore: {timeout_ms: 900}\n"))
    assert (core.ok, core.settings) == (True, {"core.timeout_ms": 900})


def test_a_profile_apart_from_the_shipped_ones_cannot_be_named_and_the_check_says_so(write: Any) -> None:
    """Sound all the same; even under a shipped one's file name."""
    for name in ("mine", "modern-api"):
        report = check(write(f"{name}.yaml", FILES["core"]["modern-api"]))
        assert report.ok
        assert report.notes == [
            "a scenario names a core profile that stands in catalogue/cores (legacy-batch, modern-api); not this one"
        ]


@pytest.mark.parametrize(("kind", "words"), [("core", "a core profile"), ("pack", "an outreach pack")])
def test_what_wants_another_kind_of_file_says_what_this_is(kind: Kind, words: str, write: Any) -> None:
    """Settings, a copy and a look at a policy are for other files."""
    path = write("mine.yaml", next(iter(FILES[kind].values())))
    assert check(path, ["seed=3"]).problems == [
        f"--set seed=3: mine.yaml is {words}; allowed: settings of a scenario that names it"
    ]
    with pytest.raises(
        BadInput, match=f"--from ./mine.yaml: found {words}; allowed: a scenario, a design or a policy"
    ):
        copied(path, Path("copy.yaml"))
    with pytest.raises(BadInput, match=f"is {words}; allowed: a policy, or a scenario that names one"):
        read_policy_of(path)
