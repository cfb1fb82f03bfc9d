"""The strip: a command with its hint in one piece, and progress that tells no noughts of noughts."""

from __future__ import annotations

import pytest

from scenarios.limits.grid import place_words
from scenarios.limits.limit import LimitRequest, find_limits, plan_limits
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.result import Comparison
from tests.tui.canned import PatientRunner
from tests.tui.driving import Stage, drive
from tui.cli.orders import Order
from tui.progress_board import RunProgress
from tui.widgets.run_strip import command_lines, progress_words


@pytest.mark.parametrize("width", range(20, 60))
def test_the_hint_is_never_broken(width: int) -> None:
    """It stands whole on the last line, however wide the screen is; no line is wider."""
    lines = command_lines("sandbox compare retail-bank-200k --set campaign.messages=20000", width)
    assert lines[-1].endswith("(y copies)")
    assert len(lines) <= 3
    assert max(map(len, lines)) <= width


class Announcing(PatientRunner):
    """Announces a run, then waits until it is told to stop."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """Nothing is known of the run yet."""
        on_progress(TaskProgress("portal", 0, 0, 0, 0, 0, done=False))
        return super().compare(order, lambda _: None, should_stop)


def test_before_the_first_word_of_a_run_nothing_is_counted() -> None:
    """The strip says that it is being prepared, and counts neither runs nor days that nobody knows."""
    runner = Announcing()

    async def script(stage: Stage) -> None:
        await stage.start_and_wait(runner.running)
        assert "▶ comparing canned-bank: preparing …" in stage.text()
        assert "0 of" not in stage.text()
        await stage.press("x")

    drive(script, runner)


def test_days_nobody_knows_are_left_out() -> None:
    """A run of which only the name is known is named."""
    known = TaskProgress("portal", 0, 3, 32, 10, 100, done=False)
    unknown = TaskProgress("facts of portal", 0, 0, 0, 0, 0, done=False)
    assert progress_words(RunProgress(1, 3, 0.4, 2.0, known)).endswith("1 of 3 runs · portal day 3 of 32")
    assert progress_words(RunProgress(1, 3, 0.4, 2.0, unknown)).endswith("1 of 3 runs · facts of portal")


@pytest.mark.wide
def test_a_search_says_in_words_what_it_runs() -> None:
    """Its setting by the last name, the value, and whether it searches or confirms; what varies by a factor too."""
    told: list[str] = []
    order = Order("limit", "retail-bank-200k", ("calendar.working_days=3", "campaign.touch_gap_days=1"))
    request = LimitRequest(order.request(1), ("call_abandonment_rate<0.99",), "campaign.messages", "200:400")
    find_limits(plan_limits(request), lambda task: told.append(task.design), lambda: False)
    assert "portal, messages 400, searching" in told
    assert "portal, messages 400, confirming" in told
    assert place_words("call_centre.agents_per_half_hour*", 1.2) == "agents_per_half_hour × 1.2"  # noqa: RUF001 - as shown
