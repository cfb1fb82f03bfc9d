"""`sandbox verify`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.cli import stand_ins
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})
POINT = ["--calls-per-hour", "100", "--aht", "180", "--patience", "360", "--agents", "5"]
KEYS = ("abandonment_rate", "mean_wait_s", "wait_probability", "occupancy")


@dataclass(frozen=True)
class Simulated:
    """An estimate."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """One point of the table."""

    name: str
    given: dict[str, float]
    exact: dict[str, float]
    simulated: dict[str, Simulated]
    calls: int
    inside: bool
    interval: str = "95 %"
    unmet: tuple[str, ...] = ()


def _point(*, inside: bool) -> Point:
    exact = dict.fromkeys(KEYS, 0.5)
    return Point(
        "n5", {"agents": 5.0}, exact, {key: Simulated(0.51, 0.49, 0.53) for key in KEYS}, 300_000, inside
    )


def _install(patch: pytest.MonkeyPatch, *points: Point) -> list[tuple[object, ...]]:
    asked: list[tuple[object, ...]] = []

    def engine(
        calls: Any, aht: Any, patience: Any, agents: Any, seed: int, on_progress: Any, should_stop: Any
    ) -> list[Point]:
        on_progress("batch 1")
        asked.append((calls, aht, patience, agents, seed))
        return list(points)

    patch.setitem(
        sys.modules,
        "scenarios.lines.verification",
        stand_ins.module("scenarios.lines.verification", verify=engine),
    )
    return asked


def test_one_point_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """A point is one object with exact and simulated figures under the agreed keys."""
    asked = _install(monkeypatch, _point(inside=True))
    result = RUNNER.invoke(app, ["verify", *POINT, "--json"])
    document = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert asked == [(100.0, 180.0, 360.0, 5, 1)]
    assert set(document["exact"]) == set(KEYS)
    assert document["simulated"]["occupancy"] == {"value": 0.51, "low": 0.49, "high": 0.53}


def test_the_table_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a point the result is a list of points."""
    asked = _install(monkeypatch, _point(inside=True), _point(inside=True))
    document = json.loads(RUNNER.invoke(app, ["verify", "--seed", "9", "--json"]).stdout)
    assert document["schema"] == 1
    assert len(document["points"]) == 2
    assert asked == [(None, None, None, None, 9)]


def test_a_point_outside_theory_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point outside makes the exit code 1 and is named on standard error."""
    _install(monkeypatch, _point(inside=True), _point(inside=False))
    result = RUNNER.invoke(app, ["verify"])
    assert (result.exit_code, result.stderr) == (1, "outside theory: n5\n")
    assert "abandonment_rate  0.5000     0.5100  [0.4900, 0.5300]" in result.stdout
    assert "1 of 2 points inside" in result.stdout


def test_what_the_brackets_stand_for_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The heading names the interval of these very points; a figure short of its precision is named."""
    point = replace(_point(inside=True), interval="99.9 % together", unmet=("occupancy",))
    _install(monkeypatch, point)
    result = RUNNER.invoke(app, ["verify"])
    assert "simulated [99.9 % together]" in result.stdout
    assert "occupancy: not as precise as promised" in result.stdout


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (POINT[:6], "--agents: missing; one point needs --calls-per-hour, --aht, --patience, --agents"),
        ([*POINT[:6], "--agents", "0"], "--agents: found 0; allowed: a number above 0"),
        ([*POINT, "--aht", "nan"], "--aht: found nan; allowed: a number above 0"),
        ([*POINT, "--patience", "-5"], "--patience: found -5.0; allowed: a number above 0"),
    ],
)
def test_half_a_point_is_refused(monkeypatch: pytest.MonkeyPatch, options: list[str], problem: str) -> None:
    """A point that is incomplete or impossible is bad input, before anything runs."""
    asked = _install(monkeypatch, _point(inside=True))
    result = RUNNER.invoke(app, ["verify", *options])
    assert (result.exit_code, asked) == (2, [])
    assert result.stderr.splitlines()[0] == problem
