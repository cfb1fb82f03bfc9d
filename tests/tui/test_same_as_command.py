"""The screens and the command line give the same bytes, and the screen stays alive while a run works."""

from __future__ import annotations

import asyncio

import pytest
from typer.testing import CliRunner

from scenarios.outputs.as_json import comparison_json
from tests.tui.canned import read
from tests.tui.driving import Stage, drive
from tui.app import SandboxApp
from tui.cli.main import app as command_line
from tui.clock import monotonic_s
from tui.runner import LibraryRunner, prepare_process_pools

TINY = ("campaign.messages=800", "call_centre.other_traffic.calls_per_day=40", "replications=1")


@pytest.mark.wide
def test_the_screen_runs_what_the_command_runs_byte_for_byte() -> None:
    """The result behind the Compare screen, written as JSON, is what `sandbox compare --json` prints."""
    prepare_process_pools()
    found = []

    async def script(stage: Stage) -> None:
        stage.app.session.settings = TINY
        await stage.press("r")
        order, comparison = stage.app.session.compared
        found.append((order, comparison_json(comparison)))

    drive(script, LibraryRunner(), scenario="retail-bank-200k")
    order, ours = found[0]
    given = [part for setting in order.settings for part in ("--set", setting)]
    theirs = CliRunner().invoke(command_line, ["compare", order.scenario, *given, "--json"])
    assert theirs.stdout == ours


@pytest.mark.slow
def test_frames_keep_coming_while_a_run_works() -> None:
    """A run of 200,000 messages beside it: 95 of 100 gaps between ticks stay under a tenth of a second."""
    gaps: list[float] = []

    async def watch() -> None:
        app = SandboxApp(LibraryRunner(), read, "retail-bank-200k")
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.press("3", "r")
            last = monotonic_s()
            until = last + 12.0
            while last < until:
                await asyncio.sleep(1 / 30)
                now = monotonic_s()
                gaps.append(now - last)
                last = now
            began = monotonic_s()
            await pilot.press("x")
            await app.workers.wait_for_complete()
            assert monotonic_s() - began < 1.0

    asyncio.run(watch())
    gaps.sort()
    assert gaps[int(len(gaps) * 0.95)] < 0.1
