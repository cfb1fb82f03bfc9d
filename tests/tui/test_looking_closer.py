"""The words and lines of Cases, What-if, Phone and the flip list, without a screen."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scenarios.evidence.trace import CaseTrace, TraceLine
from scenarios.notes import NOT_REPRODUCED
from scenarios.outputs.as_json import comparison_json
from scenarios.rehearsal.parts import Moment
from tests.tui.canned import comparison
from tests.tui.canned_worlds import flips, review, study
from tui.case_reading import happened, page_words, side_by_side, story_lines
from tui.figures import number, with_unit
from tui.flip_reading import flip_rows
from tui.metric_reading import metric_lines, spread_bins
from tui.phone_reading import (
    OPEN,
    SIGNED,
    case_lines,
    moment_lines,
    review_head,
    review_rows,
    sign_off_text,
)
from tui.whatif_reading import (
    change_lines,
    changes_of,
    nudged,
    rows,
    simulated_lines,
    theory_lines,
    with_change,
    written,
)

STORY = CaseTrace(
    "canned-bank", "portal", 42, 7, "***ns",
    (
        TraceLine("2026-03-02 09:00:00", "outreach", "touch 1 sent by sms"),
        TraceLine("2026-03-02 09:00:00", "audit", "#12 message_sent: touch=1"),
        TraceLine("2026-03-03 10:00:00", "core", "posting, try 1: " + "unavailable " * 9),
        TraceLine("2026-04-15 00:00:00", "audit", "1 rows of this case; 12 rows, chain intact"),
    ),
    "the core's record: not complete, no posting",
)  # fmt: skip


def plain(lines: list) -> list[str]:
    """The lines as text."""
    return [line.plain for line in lines]


def test_a_search_holds_every_word_in_any_order() -> None:
    """Nothing typed finds everything."""
    tags = [("core write failed twice", 3), ("promise kept", 9)]
    assert happened(tags, "twice core") == tags[:1]
    assert happened(tags, "") == tags
    assert happened(tags, "kept twice") == []


@pytest.mark.parametrize("width", [34, 48, 100])
def test_a_story_keeps_to_its_width_and_names_each_day_once(width: int) -> None:
    """Evidence is left out unless wanted; the check of the chain always stands."""
    lines = story_lines(STORY, width, evidence=False)
    assert max(line.cell_length for line in lines) <= width
    text = " ".join(" ".join(plain(lines)).split())
    assert "chain intact" in text
    assert "message_sent" not in text
    assert text.count("2026-03-02") == 1
    assert "message_sent" in " ".join(plain(story_lines(STORY, width, evidence=True)))


def test_side_by_side_says_how_each_ended_first() -> None:
    """Then what happened on the way, without evidence."""
    lines = plain(side_by_side([("●", STORY, "engaged and lost"), ("▲", STORY, "recorded untouched")], 80))
    assert lines[0].split() == ["●", "portal", "engaged", "and", "lost"]
    assert lines[1].endswith("recorded untouched")
    assert not any("message_sent" in line for line in lines)
    days = [line.strip("─ ") for line in lines if line.startswith("──")]
    assert days == ["2026-03-02", "2026-03-03"] * 2  # or 17:52 would stand above 08:42


def test_a_page_of_a_list_is_named_by_its_ends() -> None:
    """Counted from one; nothing is said to be nothing."""
    assert page_words(200, 50, 1_234) == "201–250 of 1,234"  # noqa: RUF001
    assert page_words(0, 0, 0) == "no case"


def test_the_base_value_takes_a_change_out() -> None:
    """A path is there once, with the last value."""
    settings = with_change((), "a.b", "5", "3")
    assert settings == ("a.b=5",)
    assert with_change(settings, "a.b", "6", "3") == ("a.b=6",)
    assert with_change(settings, "a.b", "3", "3") == ()
    assert changes_of(("a=1=2",)) == {"a": "1=2"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        ((1, 2), "[1, 2]"),
        ("08:00", '"08:00"'),
        ("strict", "strict"),
    ],
)
def test_values_are_written_as_a_setting_takes_them(value: object, text: str) -> None:
    """What is shown can be typed."""
    assert written(value) == text


@pytest.mark.parametrize(
    ("value", "bounds", "up"),
    [
        (200_000, (50_000, 400_000), 210_000), (5, (1, 10), 6), (0.21, (0.03, 0.25), 0.22),
        (0.005, (0.0004, 0.04), 0.006),
        (190, None, 195), (0.0, None, 1.0),
    ],
)  # fmt: skip
def test_a_nudge_is_a_tidy_step_and_comes_back(
    value: float, bounds: tuple[float, float] | None, up: float
) -> None:
    """1, 2 or 5 times a power of ten, about a twentieth of the range; whole numbers stay whole."""
    assert nudged(value, bounds, 1) == pytest.approx(up)
    if bounds is not None:
        assert nudged(nudged(value, bounds, 1), bounds, -1) == pytest.approx(value)


def test_parameters_are_found_by_path_source_and_note() -> None:
    """Every word must occur; groups without a hit are left out; a change shows its value."""
    found = rows(study().parameters, ("campaign.messages=60000",), "campaign published")
    assert next(row.lines(60) for row in found if row.parameter is None) == ["CAMPAIGN"]
    (messages,) = [row for row in found if row.parameter is not None and row.parameter.label == "messages"]
    assert messages.lines(60)[0].split()[:3] == ["●", "messages", "60000"]
    assert rows(study().parameters, (), "no such words anywhere") == []


def test_changes_say_from_what_to_what() -> None:
    """And that there are none."""
    known = {one.path: one for one in study().parameters}
    told = [line.rstrip() for line in plain(change_lines(known, ("campaign.messages=5",), 60))]
    assert told == ["campaign.messages: 200000 → 5", "  △ out of range, 50,000 to 400,000"]
    assert "nothing is changed" in plain(change_lines(known, (), 60))[0]


def test_theory_marks_what_breaks_a_limit_and_which_way_it_moved() -> None:
    """✘ and ▼ where fewer messages help; problems in place of figures."""
    base, less = study().look(()), study().look(("campaign.messages=100000",))
    (line,) = [line for line in plain(theory_lines(base, less, 54)) if "sms-to-call" in line]
    assert "▼" in line
    assert "✘" in line
    problems = plain(theory_lines(base, study().look(("campaign.messages=x",)), 54))
    assert problems[0].startswith("✘ ")


def test_tries_with_one_answer_are_drawn_together() -> None:
    """The first and the last of a run stand for it; another answer stands alone."""
    answers = ["unavailable"] * 4 + ["applied"]
    moments = [
        Moment(f"2026-03-02 08:3{nth}:00", "system does", f"core: posting, try {nth + 1}: {answer}")
        for nth, answer in enumerate(answers)
    ]
    lines = plain(moment_lines(moments, 80))
    assert len(lines) == 3
    assert "try 1: unavailable … try 4: unavailable" in lines[1]
    assert "try 5: applied" in lines[2]


def test_a_signed_review_says_who_said_what() -> None:
    """Marks in the list, words in the case, a table in the file."""
    found = review("in-message")
    signs = {1: SIGNED}
    rows_ = review_rows(found, signs)
    assert [row.words for row in rows_ if row.number is None] == [
        "CLEAN COMPLETIONS", "FAILURES", "BESIDE THE TEN: FURTHER FAILURES",
    ]  # fmt: skip
    assert [row.number for row in rows_ if row.number is not None] == list(range(1, 13))
    assert rows_[1].head == "[✔] ✔  1. "
    assert review_head(found) == "in-message · 10 cases and 2 beside them"
    kinds = [plain(case_lines(case, OPEN, 80))[1] for case in found.cases]
    assert [kind.split(":")[0] for kind in kinds] == ["one of the ten"] * 10 + ["beside the ten"] * 2
    assert "sign-off: signed off" in plain(case_lines(found.cases[0], SIGNED, 80))
    assert max(line.cell_length for line in case_lines(found.cases[0], OPEN, 60)) <= 60
    text = sign_off_text(found, signs, "sandbox prelaunch canned-bank")
    assert f"1 of {len(found.cases)} cases signed off" in text
    assert text.count("| signed off |") == 1


def test_who_gets_worse_stands_first_in_the_flip_list() -> None:
    """Headings cannot be followed, ways can; who stays is one line."""
    rows_ = flip_rows(flips("sms-to-call", "in-message"))
    assert rows_[0].text.startswith("WORSE  40 ±5 of 1,000")
    assert rows_[1].case_id == 7
    assert "recorded with a person's help → engaged and lost" in rows_[1].text
    assert rows_[-1].text.startswith("UNCHANGED")
    assert [row.case_id for row in rows_ if row.text.strip() == "nobody"] == [None]


def test_bins_hold_every_value_once() -> None:
    """The ends included; values all alike fall into one bin."""
    assert spread_bins([0.0, 1.0, 2.0, 3.0, 4.0], 0.0, 4.0, 4) == [1, 1, 1, 2]
    assert sum(spread_bins([5.0] * 7, 5.0, 5.0, 8)) == 7


def test_a_few_days_despite_history_say_so_first() -> None:
    """The note in full, wrapped; without it the figures come first."""
    told = replace(comparison(), notes=[f"{NOT_REPRODUCED}: abandonment is off"])
    lines = plain(simulated_lines(told, {}, "sandbox compare canned-bank", 54))
    assert "".join("".join(lines).split()).startswith(
        "".join(f"✘ {NOT_REPRODUCED}: abandonment is off".split())
    )
    assert "NOT REPRODUCED" not in plain(simulated_lines(comparison(), {}, "sandbox compare", 54))[0]


def test_a_metric_spreads_on_the_screen_as_it_does_in_the_json() -> None:
    """What the page of a metric counts and lists can be made from `sandbox compare --json` alone."""
    result, name = comparison(), "completion_of_engaged_rate"
    page = plain(metric_lines(result, name, {}, 90))
    designs = json.loads(comparison_json(result))["designs"]
    assert sorted(designs["portal"]["spread"]) == sorted(result.designs["portal"].spread)
    for design in result.designs:
        spread = designs[design]["spread"][name]
        listed = ", ".join(number(100 * value, 1) for value in spread["replications"])
        assert any(line.endswith(f"by replication: {listed}") for line in page)
        assert any(f"  {len(spread['days'])} days" in line for line in page)
    ends = [value for one in designs.values() for value in one["spread"][name]["days"]]
    assert with_unit(min(ends), "rate") in page[-1]
    assert page[-1].endswith(with_unit(max(ends), "rate"))


def test_a_metric_without_days_says_so_and_an_unknown_one_too() -> None:
    """Nothing is drawn from nothing."""
    result = comparison()
    bare = replace(result, designs={name: replace(one, spread={}) for name, one in result.designs.items()})
    assert "no spread to show" in " ".join(plain(metric_lines(bare, "exception_rate", {}, 80)))
    assert "no design has" in plain(metric_lines(result, "no_such", {}, 80))[0]
    page = plain(metric_lines(result, "exception_rate", {}, 90))
    assert any("in-message minus sms-to-call" in line and "holds nought" in line for line in page)
    assert any(line.startswith("base    engaged cases") for line in page)
