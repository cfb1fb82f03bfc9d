"""`sandbox compare` and `sandbox run`: exit codes, streams and what the engine is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from sandbox.errors import BadInput, Cancelled, NotReproduced, RuleBroken
from scenarios.result import Comparison, Verdict
from tests.cli import canned, stand_ins
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})


@pytest.mark.parametrize(
    ("verdicts", "options", "code"),
    [
        (("pass",), (), 0),
        (("pass", "fail"), (), 1),
        (("unsure",), (), 0),
        (("unsure",), ("--strict",), 1),
        (("not judged",), ("--strict",), 0),
        (("fail", "unsure", "not judged"), (), 1),
    ],
)
def test_exit_code_follows_the_expectations(
    monkeypatch: pytest.MonkeyPatch, verdicts: tuple[Verdict, ...], options: tuple[str, ...], code: int
) -> None:
    """A failed expectation is 1, an unsure one 0 unless --strict, a not-judged one 0 always."""
    stand_ins.install(monkeypatch, stand_ins.returns(canned.comparison(*verdicts)))
    result = RUNNER.invoke(app, ["compare", "invented-bank", *options])
    assert result.exit_code == code
    assert result.stdout.startswith("An invented bank")


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (
            BadInput(["my.yaml:3: agents: found -1", "my.yaml:9: seed: found x"]),
            2,
            "my.yaml:9: seed: found x\n",
        ),
        (NotReproduced(["history: abandonment: simulated 20%", "do this"]), 1, "simulated 20%\ndo this\n"),
        (Cancelled("stopped"), 130, "interrupted: nothing was written"),
        (KeyboardInterrupt(), 130, "interrupted: nothing was written"),
        (RuleBroken("offered 10, accounted for 9"), 3, "RuleBroken: offered 10, accounted for 9"),
        (ZeroDivisionError("division by zero"), 3, "replay: sandbox compare invented-bank --seed 7"),
    ],
)
def test_exit_code_says_whose_fault_it_was(
    monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int, words: str
) -> None:
    """Wrong input is 2, a history missed 1, a stop 130, anything else 3; standard output stays empty."""
    stand_ins.install(monkeypatch, stand_ins.raises(fault))
    result = RUNNER.invoke(app, ["compare", "invented-bank", "--seed", "7"])
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_wrong_input_ends_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Problems stand one to a line, followed by what to do about them."""
    stand_ins.install(monkeypatch, stand_ins.raises(BadInput(["--set campaign.mesages=1: unknown path"])))
    result = RUNNER.invoke(app, ["compare", "invented-bank"])
    assert result.stderr.splitlines() == [
        "--set campaign.mesages=1: unknown path",
        "Next: `sandbox check invented-bank --settings` lists every setting and its value",
    ]


def test_traceback_is_shown_on_request_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """SANDBOX_TRACEBACK=1 adds the traceback of our own faults."""
    stand_ins.install(monkeypatch, stand_ins.raises(RuleBroken("broken")))
    result = RUNNER.invoke(app, ["compare", "invented-bank"], env={"SANDBOX_TRACEBACK": "1"})
    assert "Traceback (most recent call last)" in result.stderr


def test_what_workers_break_while_stopping_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure after the user asked to stop counts as the stop it is."""
    import signal

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        signal.raise_signal(signal.SIGINT)
        raise RuntimeError("a worker died")

    stand_ins.install(monkeypatch, engine)
    assert RUNNER.invoke(app, ["compare", "invented-bank"]).exit_code == 130


def test_a_stop_after_the_run_still_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before the result is out means no result, even when the run had just finished."""
    import signal

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        signal.raise_signal(signal.SIGINT)
        return canned.comparison()

    stand_ins.install(monkeypatch, engine)
    result = RUNNER.invoke(app, ["compare", "invented-bank"])
    assert (result.exit_code, result.stdout) == (130, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare"],
        ["compare", "x", "--replications", "0"],
        ["compare", "x", "--jobs", "none"],
        ["compare", "x", "--designs", " , "],
        ["run", "x", "--design", "a,b"],
        ["compare", "x", "--no-such-option"],
        ["no-such-command"],
    ],
)
def test_a_wrong_command_line_is_bad_input(arguments: list[str]) -> None:
    """What the parser refuses leaves with the code of bad input."""
    assert RUNNER.invoke(app, arguments).exit_code == 2


def test_every_option_reaches_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user typed is what the engine is asked, and nothing is lost on the way."""
    asked: list[stand_ins.Request] = []

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        asked.append(request)
        return canned.comparison()

    stand_ins.install(monkeypatch, engine)
    worlds = [
        "--set",
        "a.b=1",
        "--set",
        "c=2",
        "--designs",
        "x,y",
        "--calls",
        "r.csv",
        "--core-db",
        "sqlite:///c.db",
        "--despite-history",
    ]
    efforts = ["--seed", "3", "--replications", "5", "--jobs", "2"]
    result = RUNNER.invoke(app, ["compare", "w.yaml", *worlds, *efforts, "--no-save"])
    assert result.exit_code == 0
    assert asked == [
        stand_ins.Request("w.yaml", ("a.b=1", "c=2"), ("x", "y"), 3, 5, 2, "r.csv", "sqlite:///c.db", True),
    ]


@pytest.mark.parametrize(("options", "design"), [([], "sms-to-call"), (["--design", "portal"], "portal")])
def test_run_takes_one_design(monkeypatch: pytest.MonkeyPatch, options: list[str], design: str) -> None:
    """`run` runs the design it is told, or the scenario's baseline."""
    asked: list[tuple[str, ...] | None] = []

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        asked.append(request.designs)
        return canned.comparison(designs=(design,))

    stand_ins.install(monkeypatch, engine)
    result = RUNNER.invoke(app, ["run", "invented-bank", *options])
    assert (result.exit_code, asked) == (0, [(design,)])


def test_json_stands_alone_on_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json standard output is one JSON document; remarks go to standard error."""
    stand_ins.install(monkeypatch, stand_ins.returns(canned.comparison("fail", "unsure", "not judged")))
    result = RUNNER.invoke(app, ["compare", "invented-bank", "--json", "--no-save"])
    assert json.loads(result.stdout)["schema"] == 1
    assert result.stderr.splitlines() == [
        "fail: sms-to-call: expected call_abandonment_rate > 0.60, found 52.3 % [50.4, 54.2]",
        "unsure: sms-to-call: expected call_abandonment_rate > 0.53, found 52.3 % [50.4, 54.2]",
        "1 of 3 expectations unsure: the interval holds the threshold",
        "1 of 3 expectations not judged: not these settings",
    ]


def test_standard_error_is_silent_when_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """No progress, no remark: a pipeline sees an empty standard error."""

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        from scenarios.progress import TaskProgress

        on_progress(TaskProgress("portal", 0, 3, 22, 10, 100, False))
        return canned.comparison("pass")

    stand_ins.install(monkeypatch, engine)
    assert RUNNER.invoke(app, ["compare", "invented-bank", "--no-save"]).stderr == ""
