"""What-if: every parameter with its origin, a look at changed settings, and copies with settings written in."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.lines.preview import preview
from scenarios.run import CompareRequest, prepare
from scenarios.whatif import FEW_DAYS, WhatIf, few_days, unit_of
from scenarios.world.authoring import copied
from scenarios.world.saving import saved
from scenarios.world.spec import load_scenario

NAME = "retail-bank-200k"
CHANGES = (
    "campaign.messages=150000",
    "call_centre.patience_s_mean.campaign=200",
    "customers.wishes.dispute=0.10",
    "customers.wishes.pay_now=0.36",
    "designs.in-message.verify.codes_max=3",
    "call_centre.agents.3=12",
    'campaign.send_from="09:00"',
    "customers.vulnerable_rate=0.3",
    "customers.form_errors_rate=0.02",
)


@cache
def study() -> WhatIf:
    """The shipped scenario, to be questioned."""
    return WhatIf(NAME)


def test_every_setting_is_a_parameter_once() -> None:
    """What `sandbox check --settings` lists, grouped, nothing twice and nothing missing."""
    base = study().base
    paths = [one.path for one in study().parameters]
    assert sorted(paths) == sorted(base.settings | base.inner)
    groups = [one.group for one in study().parameters]
    assert sum(before != after for before, after in pairwise(groups)) == len(set(groups)) - 1


def test_a_parameter_says_where_its_number_comes_from() -> None:
    """Source, range and note of the file; a part of a block has those of the block."""
    known = {one.path: one for one in study().parameters}
    messages = known["campaign.messages"]
    assert (messages.value, messages.unit, messages.source) == (200_000, "messages", "published")
    assert messages.range == (50_000, 400_000)
    assert "pay or promise" in known["customers.wishes.dispute"].note
    assert known["baseline"].source == ""


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("campaign.messages", "messages"), ("core.latency_ms_median", "ms"), ("customers.response_rate", "share"),
        ("call_centre.patience_s_mean.campaign", "s"), ("identity.link_lifetime_h", "h"), ("core.timeout_ms", "ms"),
        ("call_centre.other_traffic.calls_per_day", "a day"), ("customers.balance_minor_median", "cents"),
        ("designs.sms-to-call.manual_writeback.delay_h_median", "h"), ("call_centre.wait_limit_s", "s"),
        ("outreach.pack", ""),
    ],
)  # fmt: skip
def test_units_are_read_off_names(path: str, unit: str) -> None:
    """Names carry their units; where the last part has none, none is invented."""
    assert unit_of(path) == unit


def test_a_look_is_the_preview_of_the_scenario_so_changed() -> None:
    """Quick settings laid over the base, and one inside a design, give what loading the whole again gives."""
    settings = ("campaign.messages=120000", "designs.in-message.verify.codes_max=1")
    seen = study().look(settings).preview
    assert seen is not None
    assert seen.designs == preview(load_scenario(NAME, settings)).designs
    assert study().look(()).preview == preview(study().base)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("campaign.messages=many", "allowed"), ("campaign.mesages=5", "unknown setting"),
        ("campaign.touch_gap_days=90000", "allowed: a whole number"),
        ("designs.portal.login.resets_max=99", "allowed"),
        ("campaign.messages", "PATH=VALUE"),
    ],
)  # fmt: skip
def test_what_may_not_be_is_a_problem_and_no_preview(setting: str, words: str) -> None:
    """In the words of the validator, without naming where it was typed twice."""
    look = study().look((setting,))
    assert look.preview is None
    assert words in " ".join(look.problems)
    assert not any(problem.startswith(("--set", "setting ")) for problem in look.problems)


def test_limits_are_the_designers_own() -> None:
    """The preview is held against what the settings say."""
    look = study().look(("call_centre.abandonment_limit=0.07",))
    assert look.limits == {"call_abandonment_rate": 0.07, "call_wait_busy_s": 60.0}


def test_a_few_days_send_as_much_a_day() -> None:
    """A week at the same messages a day; the scenario so changed can be run."""
    base = study().base.document
    small, _ = prepare(CompareRequest(NAME, few_days(base)))
    document = small.document
    assert document.calendar.working_days == FEW_DAYS
    per_day = base.campaign.messages / base.calendar.working_days
    assert document.campaign.messages / FEW_DAYS == pytest.approx(per_day, rel=0.001)
    assert few_days(document) == ()


def test_a_copy_with_settings_says_what_the_settings_say(tmp_path: Path) -> None:
    """Every value of the copy, inside designs too, is that of the source with the settings on top."""
    path = tmp_path / "mine.yaml"
    path.write_text(saved(NAME, path, CHANGES).text, encoding="utf-8")
    ours, meant = load_scenario(str(path)), load_scenario(NAME, CHANGES)
    assert ours.settings == meant.settings
    assert ours.inner == meant.inner


def test_a_copy_keeps_comments_and_changes_only_what_was_set(tmp_path: Path) -> None:
    """Beside the lines of the settings the text is that of a plain copy, and a changed number says what it was."""
    path = tmp_path / "mine.yaml"
    plain, ours = copied(NAME, path).text.splitlines(), saved(NAME, path, CHANGES).text.splitlines()
    kept = [line for line in plain if line in set(ours)]
    assert len(plain) - len(kept) <= 12
    assert [line for line in plain if line.lstrip().startswith("#")] == [
        line for line in ours if line.lstrip().startswith("#")
    ]
    (messages,) = [line for line in ours if line.startswith("  messages:")]
    assert "was 200000 (published)" in messages
    assert "source: assumption" in messages
    (vulnerable,) = [line for line in ours if line.startswith("  vulnerable_rate:")]
    assert "range" in vulnerable
    assert "range:" not in vulnerable


def test_without_settings_a_copy_is_a_plain_copy(tmp_path: Path) -> None:
    """Byte for byte."""
    path = tmp_path / "mine.yaml"
    assert saved(NAME, path, ()) == copied(NAME, path)


@pytest.mark.parametrize(
    ("source", "setting", "words"),
    [
        (NAME, "policy.actions.pay_now.amount.minimum_minor=600", "a copy of the policy"),
        (NAME, "campaign.messages=many", "allowed"),
        ("portal", "campaign.messages=5", "only with a scenario"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, source: str, setting: str, words: str) -> None:
    """Before anything is written."""
    with pytest.raises(BadInput, match=words):
        saved(source, tmp_path / "mine.yaml", (setting,))


def test_a_factor_previews_and_saves_as_what_comes_of_it(tmp_path: Path) -> None:
    """Laid over a loaded scenario, or written into a copy, it is the scenario read with it."""
    settings = ["call_centre.agents*=1.5"]
    wanted = load_scenario(NAME, settings)
    asked = WhatIf(NAME)
    assert asked.look(settings).preview == preview(wanted)
    assert asked.look(settings).preview != asked.look([]).preview
    path = tmp_path / "more.yaml"
    path.write_text(saved(NAME, path, settings).text, encoding="utf-8")
    assert load_scenario(str(path)).document.call_centre.agents == wanted.document.call_centre.agents
