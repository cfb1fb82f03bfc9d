"""The Limits screen: theory at once, then what the commands say, word for word."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from scenarios.limits import TheoryLimit
from tests.tui.canned_worlds import WorldRunner, limits, staffed
from tests.tui.driving import Stage, drive
from tui.cli.limit_text import limits_text
from tui.cli.orders import Order
from tui.cli.staff_text import staff_text
from tui.messages import RunRequested

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
        await stage.press("k", "escape", "g", "d")
        assert stage.heard(RunRequested) == 0

    drive(script, WorldRunner())


def test_a_scenario_with_faults_says_them() -> None:
    """Where theory would stand."""

    class Faulty(WorldRunner):
        def theory(self, order: Order, keep: str, vary: str) -> dict[str, TheoryLimit]:  # noqa: ARG002
            raise BadInput(["line 3: unknown key"])

    async def script(stage: Stage) -> None:
        await stage.press("5")
        assert "✘ line 3: unknown key" in stage.text()

    drive(script, Faulty())
