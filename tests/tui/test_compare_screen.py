import pytest
from textual._callback import invoke
from textual.binding import Binding
from textual.widgets import OptionList
from textual.worker import get_current_worker

from sandbox.errors import BadInput, RuleBroken
from tests.tui.canned import SCENARIOS, CannedRunner, FailingRunner, PatientRunner, comparison, read
from tests.tui.driving import SMALL, Stage, drive
from tui.app import PARTS, SCREENS, SandboxApp
from tui.clock import monotonic_s
from tui.keys import keys_of
from tui.library import Library
from tui.messages import (
    CancelRequested,
    LibraryFailed,
    LibraryLoaded,
    RunFailed,
    RunFinished,
    RunProgressed,
    RunRequested,
    RunStarted,
    RunStopped,
)
from tui.screens.base import ModeScreen
from tui.screens.compare import CompareScreen
from tui.screens.help import HelpScreen, help_text
from tui.widgets.decision import DecisionPanel
from tui.widgets.funnel import FunnelPanel
from tui.widgets.panel import Panel
from tui.widgets.queue_chart import QueuePanel
from tui.widgets.scorecard import ScorecardPanel

COMMAND = "sandbox compare canned-bank --seed 42 --replications 4"


def test_the_first_frame_stands_before_anything_is_read() -> None:
    """The library is read by a worker once the picker is on the screen."""
    seen = []

    def reading() -> Library:
        screen = get_current_worker().node.app.screen
        seen.append((type(screen), screen.is_mounted))
        return Library(SCENARIOS, {})

    async def script(stage: Stage) -> None:
        assert stage.heard(LibraryLoaded) == 1

    drive(script, library=reading)
    assert seen == [(CompareScreen, True)]


def test_run_asks_reports_and_shows_the_result() -> None:
    """r: a request goes up, progress and the result come back, and the decision has the keyboard."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("r")
        counts = [stage.heard(kind) for kind in (RunRequested, RunProgressed, RunFinished, RunFailed)]
        assert counts == [1, 1, 1, 0]
        assert isinstance(stage.app.focused, DecisionPanel)
        assert "In front: ■ in-message" in stage.text()
        assert "✔ done · seed 42 · 4 replications" in stage.line(1)
        assert f"$ {COMMAND}" in stage.line(2)

    drive(script, runner)
    assert [order.scenario for order in runner.asked] == ["canned-bank"]


def test_the_arrows_choose_and_enter_runs() -> None:
    """The picker is worked by keyboard alone; the command follows the highlight."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        assert "sandbox compare canned-bank" in stage.text()
        await stage.press("down")
        assert "Nobody calls, and nothing breaks." in stage.text()
        assert "sandbox compare canned-quiet" in stage.text()
        await stage.press("enter")

    drive(script, runner)
    assert [order.scenario for order in runner.asked] == ["canned-quiet"]


@pytest.mark.parametrize(
    ("named", "highlighted"), [("canned-quiet", "canned-quiet"), ("mine.yaml", "mine.yaml")]
)
def test_the_scenario_named_at_the_start_is_highlighted(named: str, highlighted: str) -> None:
    """A library scenario or a file of the user's own: r runs it."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("r")

    drive(script, runner, scenario=named)
    assert [order.scenario for order in runner.asked] == [highlighted]


def test_progress_is_shown_while_the_screen_stays_alive() -> None:
    """During a run the bar moves, help opens, and only cancel is on offer."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.start_and_wait(runner.running)
        assert "running" in stage.text()
        assert "sms-to-call day 11 of 22" in stage.text()
        assert "x Cancel" in stage.line(-1)
        assert "r Run" not in stage.line(-1)
        await stage.pilot.press("question_mark")
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.pilot.press("question_mark", "x")

    drive(script, runner)


def test_cancel_ends_the_run_within_a_second() -> None:
    """x: the run is told, winds down and can be started again."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.start_and_wait(runner.running)
        began_s = monotonic_s()
        await stage.press("x")
        assert monotonic_s() - began_s < 1.0
        assert [stage.heard(kind) for kind in (CancelRequested, RunStopped, RunFinished)] == [1, 1, 0]
        assert "■ stopped" in stage.text()
        assert "r Run" in stage.line(-1)

    drive(script, runner)


def test_a_second_run_waits_for_the_first() -> None:
    """Enter during a run starts nothing."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.start_and_wait(runner.running)
        await stage.pilot.press("enter")
        await stage.pilot.pause()
        await stage.press("x")
        assert runner.runs == 1

    drive(script, runner)


@pytest.mark.parametrize("way", ["q", "ctrl+q"])
def test_the_app_quits_during_a_run_within_two_seconds(way: str) -> None:
    """Leaving tells the run to stop and does not wait for its result."""
    runner = PatientRunner()
    left_s = []

    async def script(stage: Stage) -> None:
        await stage.start_and_wait(runner.running)
        left_s.append(monotonic_s())
        await stage.pilot.press(way)

    drive(script, runner)
    assert monotonic_s() - left_s[0] < 2.0


def test_a_failed_run_shows_message_seed_and_command_and_the_app_lives_on() -> None:
    """The error panel says how to see it again; the next run is one key away."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        assert stage.heard(RunFailed) == 1
        text = stage.text()
        assert "✘ The run failed" in text
        assert "RuleBroken: two cases were lost" in text
        assert "scenario canned-bank · seed the scenario's own" in text
        assert "repeat with: sandbox compare canned-bank" in text
        await stage.press("r")
        assert stage.heard(RunStarted) == 0
        assert stage.heard(RunFailed) == 2

    drive(script, FailingRunner(RuleBroken("two cases were lost")))


def test_wrong_input_lists_every_problem() -> None:
    """All problems stand in the panel, whatever markup they look like."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        assert "line 3: [bold] is not a design" in stage.text()
        assert "line 9: unknown key" in stage.text()

    drive(script, FailingRunner(BadInput(["line 3: [bold] is not a design", "line 9: unknown key"])))


def test_a_new_run_clears_the_error_and_keeps_the_old_result_until_it_ends() -> None:
    """A failure after a success leaves the success in sight."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("r")
        runner.fault = RuleBroken("lost")
        await stage.press("r")
        assert "✘ The run failed" in stage.text()
        assert "In front: ■ in-message" in stage.text()
        runner.fault = None
        await stage.press("r")
        assert "✘ The run failed" not in stage.text()

    drive(script, runner)


def test_a_library_that_cannot_be_read_says_why() -> None:
    """The reason stands where the stories do; running and copying find nothing and do no harm."""

    def broken() -> Library:
        raise BadInput(["catalogue: line 1: not a mapping"])

    async def script(stage: Stage) -> None:
        assert stage.heard(LibraryFailed) == 1
        assert "catalogue: line 1: not a mapping" in stage.text()
        await stage.press("r", "y")
        assert stage.heard(RunRequested) == 0
        assert stage.app.clipboard == ""

    drive(script, library=broken)


def test_y_copies_the_command_that_gives_the_same_numbers() -> None:
    """What is copied is what is shown."""

    async def script(stage: Stage) -> None:
        await stage.press("y")
        assert stage.app.clipboard == "sandbox compare canned-bank"
        await stage.press("r", "y")
        assert stage.app.clipboard == COMMAND

    drive(script)


def test_letters_move_the_keyboard_to_their_panel() -> None:
    """s, d, c, f and u focus a panel and bring it into view, where panels stack and scroll too."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        kinds: dict[str, type] = {
            "u": QueuePanel, "f": FunnelPanel, "c": ScorecardPanel, "d": DecisionPanel, "s": OptionList,
        }  # fmt: skip
        for letter, kind in kinds.items():
            await stage.press(letter)
            assert isinstance(stage.app.focused, kind)
            if isinstance(stage.app.focused, Panel):
                assert f"{letter} {stage.app.focused.TITLE}" in stage.text()

    drive(script, size=SMALL)


def test_letters_before_a_result_stay_with_the_picker() -> None:
    """There is nothing else to look at yet."""

    async def script(stage: Stage) -> None:
        await stage.press("c")
        assert isinstance(stage.app.focused, OptionList)

    drive(script)


def test_help_explains_the_focused_panel_and_closes_with_its_own_key() -> None:
    """? opens what the panel shows, the keys and each number; ? or Escape closes it."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "c")
        for key in ("question_mark", "escape"):
            await stage.press("question_mark")
            assert isinstance(stage.app.screen, HelpScreen)
            assert "Help: c Scorecard" in stage.text()
            await stage.press(key)
            assert isinstance(stage.app.screen, CompareScreen)
            assert isinstance(stage.app.focused, ScorecardPanel)

    drive(script)


def test_help_says_how_each_number_is_computed() -> None:
    """Title, definition, base, unit, size and note of the metrics on show; without a result, the keys alone."""
    text = help_text("What this is.", keys_of(CompareScreen), comparison(), read().words).plain
    assert text.startswith("What this is.")
    assert "y       Copy the command line" in text
    assert "base: engaged cases; unit: rate, rule >= 0.35" in text
    assert "● n = 62,000  ▲ n = 62,000  ■ n = 62,000" in text
    assert "● 90 % were not reached by the end" in text
    assert "Exceptions  exception_rate\n  cases handed over\n" in text
    assert "if it fails, inspect the rules" in text
    assert "How each number" not in help_text("", keys_of(CompareScreen), None, {}).plain


def test_every_key_has_an_id_and_a_sentence() -> None:
    """Keys can be rebound by id, and none is unexplained; no two share an id."""
    owners = [SandboxApp, ModeScreen, *SCREENS, *PARTS]
    bindings = [binding for owner in owners for binding in owner.__dict__["BINDINGS"]]
    assert all(isinstance(binding, Binding) and binding.id and binding.tooltip for binding in bindings)
    assert len({binding.id for binding in bindings}) == len(bindings)


def test_every_key_has_an_entry_in_the_palette() -> None:
    """What a key can do, the palette can do, and no entry is doubled."""

    async def script(stage: Stage) -> None:
        titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
        wanted = {binding.description for owner in (SandboxApp, CompareScreen) for binding in keys_of(owner)}
        assert wanted <= set(titles)
        assert len(titles) == len(set(titles))

    drive(script)


def test_a_palette_entry_does_what_its_key_does() -> None:
    """Run and copy, both by name."""

    async def script(stage: Stage) -> None:
        for title in ("Run", "Copy"):
            commands = {item.title: item for item in stage.app.get_system_commands(stage.app.screen)}
            await invoke(commands[title].callback)
            await stage.settle()
        assert stage.app.clipboard == COMMAND

    drive(script)


@pytest.mark.parametrize("width", [60, 80])
def test_the_footer_puts_help_first_and_loses_no_key(width: int) -> None:
    """At most seven keys, so that all of them fit a narrow terminal."""

    async def script(stage: Stage) -> None:
        footer = stage.line(-1)
        assert footer.startswith(" ? Help")
        assert "q Quit" in footer
        assert footer.endswith("^p palette")

    drive(script, size=(width, 24))


def test_a_result_of_another_scenario_replaces_the_first() -> None:
    """The panels and the command follow the newest result."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("r")
        runner.result = comparison(seed=43, scenario="canned-quiet")
        await stage.press("s", "down", "enter")
        assert "canned-quiet" in stage.line(3)
        assert "sandbox compare canned-quiet --seed 43" in stage.line(2)

    drive(script, runner)
