"""The Limits screen: theory at once, then what the commands say, word for word."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes
from __future__ import annotations

import asyncio
import threading

import pytest

from sandbox.errors import BadInput, Cancelled
from scenarios.limits.limit import TheoryLimit
from scenarios.limits.staffing_search import StaffFound
from scenarios.lines.agents_by_theory import TheoryAgents
from scenarios.progress import ShouldStop
from tests.tui.canned_worlds import WorldRunner, limits, staffed
from tests.tui.driving import SMALL, Stage, drive
from tui.cli.limit_text import limits_text
from tui.cli.orders import Order
from tui.cli.staff_text import staff_text
from tui.messages import RunRequested
from tui.ports import Told, Varied
from tui.screens.limits import theory_lines

pytestmark = pytest.mark.wide


def shown(stage: Stage) -> str:
    """The answer's panel as it would be with all its lines in sight."""
    panel = stage.app.screen.query_one("#answer")
    return "\n".join(line.plain for line in panel.lines(panel.content_size.width, None)) + "\n"


def test_theory_answers_before_anything_is_simulated() -> None:
    """How far each design goes, the command, and nothing asked of the engine."""

    async def script(stage: Stage) -> None:
        await stage.press("5")
        text = stage.text()
        assert "● sms-to-call" in text
        assert "■ in-message" in text
        assert "exact Erlang-A" in text
        assert "3.5 (now 5)" in text
        assert (
            "$ sandbox limit canned-bank --keep 'call_abandonment_rate<0.10' --vary campaign.messages" in text
        )
        assert stage.heard(RunRequested) == 0

    drive(script, WorldRunner())


def test_the_answer_is_the_commands_own_text() -> None:
    """R and g show what `sandbox limit` and `sandbox staff` print."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "r")
        width = stage.app.screen.query_one("#answer").content_size.width
        order = Order("limit", "canned-bank")
        command = "sandbox limit canned-bank --keep 'call_abandonment_rate<0.10' --vary campaign.messages"
        assert shown(stage) == limits_text(limits(), [], order, command, width)
        assert f"$ {command}" in stage.line(2)
        await stage.press("d", "g")
        asked = Order("staff", "canned-bank", designs=("portal",))
        command = "sandbox staff canned-bank --keep 'call_abandonment_rate<0.10' --design portal"
        assert shown(stage) == staff_text(staffed(), asked, (command, None), width)
        assert f"$ {command}" in stage.line(2)

    drive(script, WorldRunner())


def test_an_answer_has_the_room_of_its_question_in_few_rows() -> None:
    """At 80 by 24 the question goes when it is answered, and is there again when another is asked."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "r")
        assert "The question" not in stage.text()
        assert "exact Erlang-A" not in stage.text()
        assert stage.app.screen.query_one("#answer-scroll").size.height >= 14
        await stage.press("d")
        assert "design  portal" in stage.text()

    drive(script, WorldRunner(), SMALL)


def test_one_design_is_searched_alone() -> None:
    """O takes the design in hand, d the next; the command says so and theory still tells of all."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "o")
        assert "--designs sms-to-call" in stage.text()
        await stage.press("d")
        assert "r seeks this design alone" in stage.text()
        assert "● sms-to-call" in stage.text()
        await stage.press("r", "o")
        assert "--designs" not in stage.line(2)
        (work,) = {
            id(heard): heard.work for heard in stage.messages if isinstance(heard, RunRequested)
        }.values()
        assert work.order.designs == ("portal",)

    drive(script, WorldRunner())


def test_the_command_is_that_of_what_runs() -> None:
    """From its start: the fewest agents are those of `sandbox staff`."""
    running = threading.Event()

    class Patient(WorldRunner):
        def staff(
            self, order: Order, keep: str, design: str, told: Told, should_stop: ShouldStop
        ) -> StaffFound:
            running.set()
            while not should_stop():
                threading.Event().wait(0.005)
            raise Cancelled("stopped on request")

    async def script(stage: Stage) -> None:
        await stage.press("5")
        await stage.pilot.press("g")
        assert await asyncio.to_thread(running.wait, 10.0)
        await stage.pilot.pause()
        assert "$ sandbox staff canned-bank" in stage.line(2)
        await stage.pilot.press("r")
        await stage.pilot.pause()
        assert "A run is under way; x stops it." in stage.notices()
        await stage.press("x")
        stage.app.clear_notifications()
        await stage.press("x")
        assert "Nothing runs" in stage.notices()

    drive(script, Patient())


def test_condition_and_setting_can_be_changed() -> None:
    """K and v open a line; theory is asked anew, and a wrong one is told what is allowed."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "v")
        line = stage.app.screen.query_one("AskLine Input")
        line.value = "call_centre.patience_s_mean.campaign"
        await stage.press("enter")
        assert "--vary call_centre.patience_s_mean.campaign" in " ".join(stage.text().split())
        await stage.press("k")
        line.value = "no_such_metric<1"
        await stage.press("enter")
        assert "✘" in stage.text()
        await stage.press("k", "escape", "g", "d", "o", "r")
        assert stage.heard(RunRequested) == 0

    drive(script, WorldRunner())


def test_designs_come_from_the_scenario_where_theory_has_no_answer() -> None:
    """Of a condition theory knows nothing of, d and g have every design; the whole question stays in sight."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "k")
        stage.app.screen.query_one("AskLine Input").value = "completion_rate>0.1"
        await stage.press("enter")
        text = stage.text()
        assert "theory knows nothing of this condition" in text
        for words in ("keep    completion_rate>0.1", "vary    campaign.messages", "design  sms-to-call"):
            assert words in text
        await stage.press("d", "g")
        assert "--keep 'completion_rate>0.1' --design portal" in stage.line(2)

    drive(script, WorldRunner())


def test_a_fault_in_the_condition_is_said_by_the_keys_that_need_a_design() -> None:
    """D and g do nothing, and say so."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "k")
        stage.app.screen.query_one("AskLine Input").value = "no_such_metric<1"
        await stage.press("enter", "g")
        assert "No design is known yet" in stage.notices()

    drive(script, WorldRunner())


def test_the_range_can_be_said() -> None:
    """A setting without one of its own asks for it; b says it in the command's words, another setting forgets it."""

    async def script(stage: Stage) -> None:
        await stage.press("5", "v")
        line = stage.app.screen.query_one("AskLine Input")
        line.value = "call_centre.agents"
        await stage.press("enter")
        text = " ".join(stage.text().replace("┃", " ").split())
        assert "--between LOW:HIGH" in text
        assert "b says the range" in text
        await stage.press("b")
        line.value = "20:200"
        await stage.press("enter")
        text = " ".join(stage.text().split())
        assert "--vary call_centre.agents --between 20:200" in text
        assert "✘" not in text
        assert "● sms-to-call" in text
        await stage.press("v")
        line.value = "campaign.messages"
        await stage.press("enter")
        assert "--between" not in stage.text()

    drive(script, WorldRunner())


def test_columns_of_theory_never_touch() -> None:
    """The longest answer still has a gap behind it."""
    needed = TheoryAgents(("09:00",), (247,), (100.0,), 0.08, 0.1)
    lines = theory_lines({"portal": TheoryLimit(None, "broken", {})}, {"portal": needed}, 80)
    assert "broken all along  123.5 (now 50)" in lines[1].plain


def test_a_scenario_with_faults_says_them() -> None:
    """Where theory would stand."""

    class Faulty(WorldRunner):
        def theory(self, order: Order, keep: str, vary: Varied) -> dict[str, TheoryLimit]:
            raise BadInput(["line 3: unknown key"])

    async def script(stage: Stage) -> None:
        await stage.press("5")
        assert "✘ line 3: unknown key" in stage.text()

    drive(script, Faulty())


@pytest.mark.parametrize("run", ["r", "g"])
def test_an_answer_says_when_the_question_was_changed(run: str) -> None:
    """Its title does, from the change on until the question is the same again."""

    async def script(stage: Stage) -> None:
        await stage.press("5", run)
        assert "of another question" not in stage.text()
        await stage.press("k", "end", "backspace", "1", "enter")
        assert "By simulation, of another question" in stage.text()
        await stage.press("k", "end", "backspace", "0", "enter")
        assert "of another question" not in stage.text()

    drive(script, WorldRunner())
