import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def probe(*arguments: str) -> str:
    """Run the probe in a fresh interpreter and return the screen it ends with."""
    command = [sys.executable, "-m", "tests.tui.pool_probe", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.wide
def test_a_process_pool_starts_inside_the_running_app() -> None:
    """A run may spread over processes although the app has replaced standard error."""
    assert "done · seed 7" in probe()


@pytest.mark.wide
def test_without_preparation_the_pool_would_not_start() -> None:
    """The trap is real: the day this fails, the preparation can go."""
    assert "fds_to_keep" in probe("--unprepared")
