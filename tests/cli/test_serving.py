"""`sandbox serve-core` as a process of its own: stopped by Ctrl-C at any moment, and started again on its file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.adapters.http_core import HttpCore
from sandbox.ports import CoreOutcome
from tests.repository import ROOT
from tests.writeback.bench import account, command
from tui.cli.main import app

BEARER = "of-this-test"
NOW_MS = 1_000
STOPS_WITHIN_S = 30.0


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], HttpCore]]:
    """The command as a user starts it, and a client of it; killed at the end if nobody stopped it."""
    token = folder / "token"
    token.write_text(f"{BEARER}\n", encoding="ascii")
    order = [
        sys.executable,
        "-m",
        "tui.cli.main",
        "serve-core",
        "retail-bank-200k",
        "--token-file",
        str(token),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*order, *words], cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("serving http://127.0.0.1:"), first
            yield process, HttpCore(first.split()[1], BEARER, 10_000, lambda: NOW_MS)
        finally:
            process.kill()


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C; the exit code, and what was said on the error stream."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=STOPS_WITHIN_S)
    return process.returncode, said


@pytest.mark.wide
def test_what_was_posted_before_ctrl_c_stands_after_a_new_start(tmp_path: Path) -> None:
    """One posting, Ctrl-C, the same file again: the record is there, its key is answered as before, not once more."""
    wanted = command()
    with serving(tmp_path, "--db", "core.db", "--set", "core.faults.lost_ack_rate=0") as (process, core):
        core.load_accounts([account()])
        first = core.post(wanted, NOW_MS)
        assert first.outcome is CoreOutcome.APPLIED
        code, said = interrupted(process)
        assert (code, "Traceback" in said) == (0, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["core.db", "token"]
    with serving(tmp_path, "--db", "core.db") as (process, core):
        assert core.read_account(1).version == 2
        again = core.post(wanted, NOW_MS)
        assert (again.outcome, again.receipt) == (CoreOutcome.REPLAYED, first.receipt)
        assert core.read_account(1).version == 2
        assert interrupted(process)[0] == 0


@pytest.mark.wide
def test_ctrl_c_before_any_call_leaves_nothing_behind(tmp_path: Path) -> None:
    """In memory nothing is written to the folder, and stopping is how the command ends well."""
    with serving(tmp_path) as (process, _):
        code, said = interrupted(process)
    assert code == 0  # the one way such a service ends is no failure
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


@pytest.mark.parametrize("host", ["::", "192.0.2.1"])
def test_an_address_others_can_reach_is_refused(host: str) -> None:
    """Loopback only, told before a port is bound."""
    refused = CliRunner(env={"SANDBOX_CORE_TOKEN": "any"}).invoke(app, ["serve-core", "--host", host])
    assert (refused.exit_code, host in refused.stderr) == (2, True)
