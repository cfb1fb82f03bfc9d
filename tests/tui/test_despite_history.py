"""A run that is refused because history is not reproduced can be run all the same, with one key and said so."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes
from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from sandbox.errors import NotReproduced
from scenarios.evidence.cases import Cases
from scenarios.explain.flips import Flips
from scenarios.history import Tolerances, reproduced, words
from scenarios.notes import NOT_REPRODUCED
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Comparison
from tests.tui.canned import CannedRunner
from tests.tui.canned_worlds import WorldRunner, flips
from tests.tui.driving import SMALL, WIDE, Stage, drive, tour
from tui.cli.orders import Order
from tui.messages import RunFailed, RunFinished, RunRequested
from tui.screens.flips import FlipsScreen
from tui.widgets.decision import DecisionPanel

pytestmark = pytest.mark.wide


MISSED = [
    words(one) for one in reproduced({"abandonment_rate": 0.10}, {"abandonment_rate": 0.20}, Tolerances())
]
PROBLEMS = [
    *MISSED,
    "the baseline does not reproduce the history given; allowed: correct it, or --despite-history",
]
NOTE = f"{NOT_REPRODUCED}: {MISSED[0]}"
WARNED = "✘ HISTORY NOT REPRODUCED"


class GatedRunner(WorldRunner):
    """Refuses whatever is not asked for despite history, and says so of what is."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """The canned result with the note."""
        result = super().compare(order, on_progress, should_stop)
        self._gate(order)
        return replace(result, notes=[NOTE, *result.notes])

    def flips(
        self, order: Order, before: str, after: str, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Flips:
        """The invented flips with the note."""
        self._gate(order)
        return replace(flips(before, after), notes=(NOTE,))

    def cases(
        self, order: Order, design: str | None, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Cases:
        """The small run's cases, held like a comparison."""
        self._gate(order)
        return super().cases(order, design, on_progress, should_stop)

    def _gate(self, order: Order) -> None:
        if not order.despite_history:
            raise NotReproduced(PROBLEMS)


def test_h_runs_what_was_refused_and_the_command_says_how() -> None:
    """The panel names figure, key, words and command; h runs it, and result and command carry it from there on."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        text = " ".join(stage.text().split())
        assert stage.heard(RunFailed) == 1
        assert "Not run: history is not reproduced" in text
        assert "history: abandonment: simulated 20.0 %, reported 10.0 %" in text
        assert "h runs all the same; every output then says “HISTORY NOT REPRODUCED, run all the same" in text
        assert "by: sandbox compare canned-bank --despite-history" in text
        await stage.press("h")
        assert [stage.heard(kind) for kind in (RunRequested, RunFinished, RunFailed)] == [2, 1, 1]
        assert "Not run" not in stage.text()
        assert isinstance(stage.app.focused, DecisionPanel)
        assert WARNED in stage.text()
        await stage.press("y")
        command = "sandbox compare canned-bank --seed 42 --replications 4 --despite-history"
        assert stage.app.clipboard == command
        await stage.press("l")
        assert isinstance(stage.app.screen, FlipsScreen)
        assert WARNED in stage.text()
        await stage.press("y")
        flips_line = "sandbox flips canned-bank --from sms-to-call --to in-message --despite-history"
        assert stage.app.clipboard == flips_line

    drive(script, GatedRunner())


def test_cases_that_were_refused_are_kept_all_the_same_and_their_command_says_how() -> None:
    """Nothing is listed before h; then the cases are, and the command of the list repeats what was said."""
    runner = GatedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("3", "r")
        assert stage.heard(RunFailed) == 1
        assert "h runs all the same" in " ".join(stage.text().split())
        assert runner.kept == []
        await stage.press("h")
        assert len(runner.kept) == 1
        assert "chose pay_now" in stage.text()
        await stage.press("y")
        assert stage.app.clipboard.endswith(" --despite-history")

    drive(script, runner)


def test_h_is_a_switch_where_nothing_was_refused() -> None:
    """On and off again, said each time; another scenario starts without it."""
    runner = CannedRunner()

    async def script(stage: Stage) -> None:
        await stage.press("h")
        assert NOT_REPRODUCED in stage.notices()
        assert "$ sandbox compare canned-bank --despite-history" in stage.line(2)
        await stage.press("r")
        await stage.press("h")
        assert "refused again" in stage.notices()
        assert not stage.app.session.despite_history
        await stage.press("r", "h", "s", "down")
        assert stage.app.session.scenario == "canned-quiet"
        assert not stage.app.session.despite_history
        await stage.press("h", "8")
        assert "$ sandbox pitfalls canned-quiet --despite-history" in stage.line(2)

    drive(script, runner)
    assert [order.despite_history for order in runner.asked] == [True, False]


def test_what_was_refused_of_another_scenario_is_run_without_turning_the_switch() -> None:
    """The offer stands for what the panel names, not for what has been taken in hand since."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "down", "h")
        assert stage.app.session.compared[0].scenario == "canned-bank"
        assert stage.app.session.scenario == "canned-quiet"
        assert not stage.app.session.despite_history

    drive(script, GatedRunner())


def test_a_failure_of_another_kind_offers_nothing() -> None:
    """Only a history can be overridden."""

    async def script(stage: Stage) -> None:
        await stage.press("8", "r")
        assert stage.heard(RunFailed) == 1
        assert "✘ The run failed" in stage.text()
        assert "runs all the same" not in stage.text()

    drive(script, WorldRunner())


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_what_a_refusal_shows(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """The way out first, then what is off."""
    assert tour(size, "r", runner=GatedRunner())["r"][0] == snapshot
