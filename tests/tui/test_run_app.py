import subprocess
import sys

import pytest

import tui.app
from tests.tui.canned import progress
from tui.progress_board import RunProgress
from tui.widgets.run_strip import progress_words


def test_process_pools_are_prepared_before_the_app_takes_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once the app runs, standard error is no longer a file a pool could use."""
    order = []
    monkeypatch.setattr(tui.app, "prepare_process_pools", lambda: order.append("prepare"))
    monkeypatch.setattr(tui.app.SandboxApp, "run", lambda _: order.append("run"))
    tui.app.run_app("retail-bank-200k")
    assert order == ["prepare", "run"]


def test_the_first_frame_loads_no_engine() -> None:
    """Importing the screens brings neither the engine nor the numbers it needs."""
    program = "import sys, tui.app; print({'simpy', 'numpy', 'scipy', 'sqlmodel', 'ruamel.yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_progress_says_what_is_left_once_the_pace_is_known() -> None:
    """Share, runs, simulated day; the time left only when enough is done to tell."""
    half = RunProgress(3, 12, 0.25, 60.0, progress(day=11))
    assert progress_words(half) == (
        "▶ running ▕████            ▏ 25 % · about 1 min left · 3 of 12 runs · sms-to-call day 11 of 22"
    )
    assert "left" not in progress_words(RunProgress(0, 12, 0.01, None, progress(day=1)))
