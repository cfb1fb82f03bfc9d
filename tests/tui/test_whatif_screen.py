"""The What-if screen: editing, refusing, undoing, looking, saving."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import Key
from textual.widgets import Input, OptionList

from sandbox.errors import BadInput
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Comparison
from scenarios.whatif import Parameter, WhatIf
from tests.tui.canned import comparison
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import WIDE, Stage, drive
from tui.cli.orders import Order
from tui.messages import RunRequested
from tui.screens.whatif import WhatIfScreen
from tui.session import Session
from tui.whatif_reading import change_lines, rows, simulated_lines
from tui.work import CompareWork, QuickWork

pytestmark = pytest.mark.wide


async def typed(stage: Stage, text: str) -> None:
    """Replace what stands in the line being edited, key by key."""
    line = stage.app.screen.query_one("AskLine Input", Input)
    line.value = ""
    await stage.press(*text)


def theory(stage: Stage) -> str:
    """The line of the first design in the preview."""
    return next(line for line in stage.text().splitlines() if "● sms-to-call" in line)


def test_the_preview_follows_every_keystroke() -> None:
    """Before Enter the lines are reckoned anew; Enter takes the value, and the command says it."""

    async def script(stage: Stage) -> None:
        await stage.press("2")
        before = theory(stage)
        await stage.press("enter")
        assert "campaign.messages (messages) = 200000" in stage.text()
        await typed(stage, "50000")
        assert theory(stage) != before
        assert "▼" in theory(stage)
        assert stage.app.session.settings == ()
        await stage.press("enter")
        assert stage.app.session.settings == ("campaign.messages=50000",)
        assert "campaign.messages: 200000 → 50000" in stage.text()
        assert "$ sandbox compare canned-bank --set campaign.messages=50000" in stage.text()
        assert "1 changed" in stage.text()

    drive(script, WorldRunner())


def test_a_value_that_is_not_allowed_is_refused_with_what_is() -> None:
    """While it is typed and on Enter; nothing is changed, and Escape leaves the line."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "enter")
        await typed(stage, "many")
        assert "allowed:" in stage.text()
        await stage.press("enter")
        assert stage.app.session.settings == ()
        assert stage.app.screen.query_one("AskLine Input", Input).value == "many"
        await stage.press("escape")
        assert isinstance(stage.app.focused, OptionList)
        assert "● sms-to-call" in stage.text()

    drive(script, WorldRunner())


def test_keys_typed_faster_than_they_are_taken_keep_their_order() -> None:
    """Six times Backspace, a number and Enter, all there before the first is looked at."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "enter")
        keys = [*["backspace"] * 6, *"45000", "enter"]
        for key in keys:
            stage.app.post_message(Key(key, key if len(key) == 1 else None))
        await stage.settle()
        await stage.settle()
        assert stage.app.session.settings == ("campaign.messages=45000",)

    drive(script, WorldRunner())


def test_undo_goes_back_one_by_one_and_clear_all_at_once() -> None:
    """Z after three steps, then c and z again; back at the base nothing is called a change."""

    async def script(stage: Stage) -> None:
        def now() -> tuple[str, ...]:
            return stage.app.session.settings

        await stage.press("2", "plus", "plus", "minus")
        assert now() == ("campaign.messages=210000",)
        await stage.press("z")
        assert now() == ("campaign.messages=220000",)
        await stage.press("c")
        assert now() == ()
        await stage.press("z", "z", "minus")
        assert now() == ()
        assert "nothing is changed" in stage.text()

    drive(script, WorldRunner())


def test_a_parameter_is_found_by_word_and_shows_where_it_comes_from() -> None:
    """/ narrows the list to what holds the words; unit, range, source and note stand beside it."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "slash", *"patience", "space", *"campaign", "enter")
        listed = stage.app.screen.query_one("#parameters", OptionList)
        assert listed.option_count < 10
        text = stage.text()
        assert "call_centre.patience_s_mean.campaign" in text
        assert "fitted-to-case" in text
        assert "133 to 247" in text

    drive(script, WorldRunner(), WIDE)


def test_f_asks_for_a_week_and_r_for_everything() -> None:
    """Both with the changes; the week at the same sends a day and one replication."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "f", "r")
        asked = {id(m): m.work for m in stage.messages if isinstance(m, RunRequested)}
        quick, full = asked.values()
        assert isinstance(quick, QuickWork)
        assert "calendar.working_days=5" in quick.order.settings
        assert "campaign.messages=47727" in quick.order.settings
        assert quick.order.replications == 1
        assert type(full) is CompareWork
        assert full.order.settings == ("campaign.messages=210000",)
        assert await stage.shows("calendar.working_days=5")

    drive(script, WorldRunner())


def test_saving_takes_the_new_scenario_in_hand() -> None:
    """W asks for a file's name; the copy is written with the changes and is then what everything is about."""
    runner = WorldRunner()

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "w")
        assert "sandbox new my-what-if.yaml --from canned-bank --set campaign.messages=210000" in stage.text()
        await typed(stage, "mine.yaml")
        await stage.press("enter")
        assert (stage.app.session.scenario, stage.app.session.settings) == ("mine.yaml", ())

    drive(script, runner)
    assert runner.saved == [("canned-bank", "mine.yaml", ("campaign.messages=210000",))]


def test_what_cannot_be_saved_says_why() -> None:
    """The changes stay, and so does the scenario."""

    class Refusing(WorldRunner):
        def save(self, source: str, target: str, settings: tuple[str, ...]) -> None:  # noqa: ARG002
            raise BadInput([f"{target}: exists already"])

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "w", "enter")
        assert "exists already" in stage.notices()
        assert stage.app.screen.query_one("AskLine Input", Input).has_focus
        assert stage.app.session.settings == ("campaign.messages=210000",)

    drive(script, Refusing())


def test_a_scenario_with_faults_says_them() -> None:
    """Nothing can be edited, and nothing breaks."""

    class Faulty(WorldRunner):
        def study(self, scenario: str) -> WhatIf:
            raise BadInput([f"{scenario}: line 3: unknown key"])

    async def script(stage: Stage) -> None:
        await stage.press("2", "enter", "plus", "f")
        assert "line 3: unknown key" in stage.text()
        assert isinstance(stage.app.screen, WhatIfScreen)

    drive(script, Faulty())


def test_a_comparison_run_from_here_says_where_it_is_shown() -> None:
    """The numbers are on another screen."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "r")
        assert "1 Compare shows it" in stage.text()

    drive(script, WorldRunner())


def test_compare_runs_what_was_changed() -> None:
    """A change made in What-if counts in Compare, and shows there."""
    runner = WorldRunner()

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "1", "r")
        assert "--set campaign.messages=210000" in stage.text()

    drive(script, runner)
    assert [order.settings for order in runner.asked] == [("campaign.messages=210000",)]


@pytest.mark.parametrize(
    ("keys", "changed"), [(("1", "down"), ()), (("1", "down", "up"), ("campaign.messages=210000",))]
)
def test_changes_belong_to_the_scenario_they_were_made_in(keys: tuple[str, ...], changed: tuple[str]) -> None:
    """Another scenario begins without any; whoever comes back finds theirs."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", *keys)
        assert stage.app.session.settings == changed

    drive(script, WorldRunner())


def test_a_value_outside_its_range_is_marked_and_is_the_users_own() -> None:
    """Glyph and word in the list, beside it and among the changes; the file's source stands beside its own number."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "enter")
        await typed(stage, "500000")
        await stage.press("enter")
        text = stage.text()
        assert stage.app.session.settings == ("campaign.messages=500000",)
        assert "△ out of range, 50,000 to 400,000" in text
        assert "out of range" in stage.notices()
        (row,) = [line for line in text.splitlines() if "△ messages" in line]
        assert "500000 messages △ out of range" in row
        assert "source  set by you" in text
        assert "source of the base: published" in text
        await stage.press("z")
        assert "out of range" not in stage.text().replace(stage.notices(), "")
        assert "source  published" in stage.text()

    drive(script, WorldRunner())


def test_keys_that_cannot_act_say_why() -> None:
    """Nothing to take back, nothing changed, nothing found to edit or to move."""

    async def script(stage: Stage) -> None:
        for keys, words in [
            (("2", "z"), "no change to take back"),
            (("c",), "Nothing is changed"),
            (("slash", *"zzzz", "enter", "enter"), "No parameter is listed"),
            (("plus",), "No parameter is listed"),
        ]:
            stage.app.clear_notifications()
            await stage.press(*keys)
            assert words in stage.notices()

    drive(script, WorldRunner())


def test_a_few_days_have_intervals_and_say_how_many() -> None:
    """Each figure with its margin; one whose interval holds the limit is unsure; days and replications are told."""
    found = comparison()
    found.settings["calendar.working_days"] = 5
    portal = found.designs["portal"]
    unsure = replace(portal.calls["call_abandonment_rate"], value=0.09, low=0.07, high=0.11)
    found.designs["portal"] = replace(portal, calls={**portal.calls, "call_abandonment_rate": unsure})
    limits = {"call_abandonment_rate": 0.1}
    lines = [line.plain.rstrip() for line in simulated_lines(found, limits, "sandbox compare x", 49)]
    assert lines[:2] == [
        "5 working days, 4 replications, seed 42; ± or",
        "[low, high]: the 95 % interval, day by day",
    ]
    assert lines[2].split() == ["of", "engaged", "%", "abandoned", "%", "busy", "wait", "s"]
    assert [line.strip() for line in lines[3:9:2]] == ["● sms-to-call", "▲ portal", "■ in-message"]
    assert lines[4].split()[-5:-3] == ["✘", "52.3"]
    assert "? 9.0 ±2.0 " in lines[6]
    wide = [line.plain for line in simulated_lines(found, limits, "sandbox compare x", 76)]
    assert any(line.startswith("▲ portal ") and "? 9.0 ±2.0 " in line for line in wide)
    assert "…" not in "".join(lines)


def test_what_is_changed_is_told_to_its_end() -> None:
    """A long list, a long path and the words for no change are wrapped, not cut."""
    for settings in ((), ("call_centre.agents=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]",)):
        lines = [line.plain.rstrip() for line in change_lines({}, settings, 30)]
        assert max(map(len, lines)) <= 30
        assert "…" not in "".join(lines)
        assert lines[-1].endswith("12]" if settings else "it")


@pytest.mark.parametrize("width", [60, 75, 118])
def test_a_parameter_keeps_its_value_unit_and_source_at_every_width(width: int) -> None:
    """The range goes first where there is little room; no line is wider than the list."""
    one = Parameter(
        "campaign.messages", "campaign", "messages", 200000, "messages", "fitted-to-case", (50000.0, 400000.0)
    )
    (_, row) = rows([one], (), "")
    (line,) = row.lines(width)
    assert len(line) <= width
    assert "200000 messages" in line
    assert line.endswith("fitted-to-case")
    assert ("50,000–400,000" in line) == (width >= 75)  # noqa: RUF001 - a range
    (_, other) = rows([one], ("campaign.messages=7",), "")
    (line,) = other.lines(width)
    assert line.startswith("△ messages")
    assert line.endswith("△ out of range")


def test_esc_in_the_find_line_lists_everything_again_and_enter_keeps_what_was_found() -> None:
    """The line is left either way."""

    async def script(stage: Stage) -> None:
        await stage.press("2")
        listed = stage.app.screen.query_one("#parameters")
        everything = listed.option_count
        await stage.press("slash", *"agents", "enter")
        found = listed.option_count
        assert 0 < found < everything
        assert stage.app.focused is listed
        await stage.press("slash", "escape")
        assert listed.option_count == everything
        assert stage.app.focused is listed

    drive(script, WorldRunner())


def test_words_that_nothing_holds_are_named() -> None:
    """The list says so and nothing is told of the parameter that stood there; other words bring both back."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "slash", *"zzq")
        assert "nothing holds “zzq”" in stage.text()
        assert "plausible" not in stage.text()
        await stage.press("backspace", "backspace", "backspace", "escape")
        assert "nothing holds" not in stage.text()
        assert "plausible" in stage.text()

    drive(script, WorldRunner(), WIDE)


def test_a_few_days_are_those_of_what_is_in_hand() -> None:
    """They are taken away when another scenario is taken in hand, and kept while only the screen changes."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "f")
        assert "95 % interval" in stage.text()
        await stage.press("1", "2")
        assert "95 % interval" in stage.text()
        await stage.press("1", "s", "down", "2")
        assert stage.app.session.scenario != "canned-bank"
        assert "95 % interval" not in stage.text()
        assert "f simulates a week" in stage.text()

    drive(script, WorldRunner(), WIDE)


def test_a_few_days_of_what_was_changed_meanwhile_are_not_shown() -> None:
    """They are of other settings than those in sight; the run is kept, and f simulates anew."""

    class Slow(WorldRunner):
        session: Session

        def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
            self.session.settings = ("campaign.messages=50000",)
            return super().compare(order, on_progress, should_stop)

    runner = Slow()

    async def script(stage: Stage) -> None:
        runner.session = stage.app.session
        await stage.press("2", "f")
        assert "not what is in hand now" in stage.text()
        assert "95 % interval" not in stage.text()

    drive(script, runner)
