"""Go, hold or stop on the Compare screen: at once by metrics, for good by a diagnosis, as the command has it."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes

from __future__ import annotations

import re
import threading

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from sandbox.errors import BadInput, Cancelled
from scenarios.explain.diagnosis import Diagnosis
from scenarios.outputs.as_json import json_text
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.result import Comparison
from scenarios.rulebook import titles
from tests.tui.canned import CannedRunner, comparison
from tests.tui.canned_worlds import WorldRunner, diagnosis
from tests.tui.driving import SMALL, WIDE, Stage, drive, tour
from tui.cli.decision_words import by_diagnosis, by_metrics, decision_lines, headline, why
from tui.cli.diagnosis_json import diagnosis_document
from tui.cli.diagnosis_text import diagnosis_text
from tui.cli.main import app as command_line
from tui.cli.orders import Order
from tui.messages import RunFailed, RunFinished, RunProgressed, RunRequested, RunStopped
from tui.runner import LibraryRunner, prepare_process_pools
from tui.screens.compare import CompareScreen
from tui.screens.page import PageScreen
from tui.widgets.decision import DecisionPanel, decision_text

COMPARED = "sandbox compare canned-bank --seed 42 --replications 4"
DIAGNOSED = "sandbox diagnose canned-bank --seed 42 --replications 4"
TINY = ("campaign.messages=800", "call_centre.other_traffic.calls_per_day=40", "replications=1")


class PatientDiagnoser(CannedRunner):
    """Compares at once and diagnoses until it is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.running = threading.Event()

    def diagnose(
        self,
        order: Order,
        comparison: Comparison,
        on_progress: OnProgress,
        should_stop: ShouldStop,
    ) -> Diagnosis:
        """Look at the flag between small pieces."""
        on_progress(TaskProgress("portal (facts)", 0, 11, 22, 11, 22, done=False))
        self.running.set()
        pause = threading.Event()
        while not should_stop():
            pause.wait(0.005)
        raise Cancelled("stopped on request")


class RefusingDiagnoser(CannedRunner):
    """Finds that the scenario has changed."""

    def diagnose(
        self,
        order: Order,
        comparison: Comparison,
        on_progress: OnProgress,
        should_stop: ShouldStop,
    ) -> Diagnosis:
        """Refuse."""
        raise BadInput(["design portal is not any more what was compared"])


def test_what_an_unclear_answer_leads_to_is_said_beside_the_decision() -> None:
    """The sentences of the command's questions, and the weight the rules give them; none of it before a diagnosis."""
    result = comparison()
    found = diagnosis(result)
    said = " ".join(diagnosis_text(found, Order("diagnose", "canned-bank"), None, titles(), 80).split())
    panel = " ".join(decision_text(result, found).plain.split())
    weight = "unclear is not yes; 2 or more not answered yes: stop"
    assert weight in said
    assert weight in panel
    unclear = re.findall(r"\? unclear [^?]+\?", said)
    assert len(unclear) == 4
    assert all(sentence in panel for sentence in unclear)
    assert "unclear" not in decision_text(result).plain


def test_the_words_of_a_decision_are_the_same_wherever_they_stand() -> None:
    """Panel, report and diagnosis wrap what one function says; none has words of its own."""
    result = comparison()
    for decided, panel in (
        ([by_metrics(one) for one in result.designs.values()], decision_text(result).plain),
        (
            [by_diagnosis(one) for one in diagnosis(result).designs],
            decision_text(result, diagnosis(result)).plain,
        ),
    ):
        for one in decided:
            assert f"{headline(one)} {one.design}\n" in panel
            assert f"why: {why(one)}\n" in panel
            report = " ".join(" ".join(decision_lines(one, 4_000)).split())
            assert report == " ".join(f"{headline(one)} {one.design}: {one.title} why: {why(one)}".split())


def test_g_diagnoses_off_the_screen_and_decides_for_good() -> None:
    """A request goes up, the diagnosis comes back, the panel shows it, and y copies the command for it."""
    runner = WorldRunner()

    async def script(stage: Stage) -> None:
        await stage.press("g")
        assert stage.heard(RunRequested) == 0
        assert "Run a comparison first" in stage.notices()
        await stage.press("r")
        assert "▲ HOLD at best portal" in stage.text()
        await stage.press("g")
        assert [stage.heard(kind) for kind in (RunRequested, RunFinished, RunFailed)] == [2, 2, 0]
        assert isinstance(stage.app.focused, DecisionPanel)
        assert "▲ STOP portal" in stage.text()
        assert "at best" not in stage.text()
        assert f"$ {DIAGNOSED}" in stage.line(2)
        await stage.press("y")
        assert stage.app.clipboard == DIAGNOSED
        await stage.press("g")
        assert isinstance(stage.app.screen, PageScreen)
        assert "DECISION   go, hold or stop, and what decided" in stage.text()
        assert stage.heard(RunRequested) == 2
        runner.result = comparison(seed=43)
        await stage.press("escape", "r")
        assert isinstance(stage.app.screen, CompareScreen)
        assert "▲ HOLD at best portal" in stage.text()
        assert f"$ {COMPARED.replace('42', '43')}" in stage.line(2)

    drive(script, runner)


def test_a_diagnosis_shows_how_far_it_is_and_stops_at_x() -> None:
    """The bar names the design whose facts are looked at; stopped, the comparison and its command stand as before."""
    runner = PatientDiagnoser()

    async def script(stage: Stage) -> None:
        await stage.press("r")
        await stage.pilot.press("g")
        assert runner.running.wait(10.0)
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert stage.heard(RunProgressed) == 2
        assert "portal (facts) day 11 of 22" in stage.text()
        assert f"$ {DIAGNOSED}" in stage.line(2)
        await stage.press("x")
        assert stage.heard(RunStopped) == 1
        assert "▲ HOLD at best portal" in stage.text()
        assert f"$ {COMPARED}" in stage.line(2)

    drive(script, runner)


def test_a_diagnosis_that_is_refused_says_why_and_how_to_see_it_again() -> None:
    """The error panel names the command; the decision by metrics stays."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "g")
        assert "design portal is not any more what was compared" in stage.text()
        assert f"repeat with: {DIAGNOSED}" in stage.text()
        assert "▲ HOLD at best portal" in stage.text()

    drive(script, RefusingDiagnoser())


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_what_a_diagnosis_shows(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """The panel, then the whole diagnosis over it."""
    shown = tour(size, "r g", "g", runner=WorldRunner())
    assert shown["r g"][0] == snapshot
    assert shown["g"][0] == snapshot


@pytest.mark.wide
def test_the_screen_decides_what_the_command_decides_byte_for_byte() -> None:
    """The diagnosis behind the panel, as JSON, is what the copied command prints with --json; the words too."""
    prepare_process_pools()
    found = []

    async def script(stage: Stage) -> None:
        stage.app.session.settings = TINY
        await stage.press("r", "g", "y")
        assert stage.heard(RunFailed) == 0
        panel = str(stage.app.screen.query_one("#decision-text").render())
        found.append((stage.app.clipboard, stage.app.session.diagnosis, panel))

    drive(script, LibraryRunner(), scenario="retail-bank-200k")
    command, ours, panel = found[0]
    asked = command.split()[1:]
    theirs = CliRunner().invoke(command_line, [*asked, "--json", "--no-save"])
    assert theirs.stdout == json_text(diagnosis_document(ours))
    text = CliRunner().invoke(command_line, [*asked, "--no-save"]).stdout
    told = "".join(text.split())  # wrapped
    for one in ours.designs:
        head, reason = f"{one.decision.decide.upper()} {one.design}", f"why: {why(by_diagnosis(one))}"
        assert f"{head}\n" in panel
        assert f"{reason}\n" in panel
        assert "".join(f"{head}: {one.title} {reason}".split()) in told
