"""Every report keeps to a window of 80 columns: each command is run small and no line may be longer.

A command without an example here fails, so a new one brings its own. What is meant to be copied may be longer:
command lines, settings, a trail's head.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from scenarios.result import Verdict
from tests.cli import canned
from tests.scenarios.call_logs import HEADER, call_log
from tui.cli.main import FIRST_PAGE, GROUPS, app
from tui.cli.orders import Order
from tui.cli.report import render
from tui.library import metric_words

WIDTH = 80
HEADLINE = "retail-bank-200k"
SMALL = (
    "campaign.messages=300",
    "call_centre.other_traffic.calls_per_day=60",
    "call_centre.agents=2",
)
WORLD = (HEADLINE, *(word for setting in SMALL for word in ("--set", setting)))
ONCE = (*WORLD, "--replications", "1", "--jobs", "1")
TWICE = (*WORLD, "--replications", "2", "--jobs", "1")

_COPIED = re.compile(r"(replay|next|follow): |\s+(sandbox |head    )|[a-z_][\w.+-]*=")
"""Lines that are copied whole: commands, settings, the head of a trail."""


Words = tuple[str, ...]

EXAMPLES: dict[str, tuple[Words, ...]] = {
    "compare": (
        ONCE,
        (*ONCE, "--all", "--by", "week"),
        (*ONCE, "--all", "--by", "segment", "--designs", "portal,in-message-sequence"),
        (*ONCE, "--sequences"),
    ),
    "limit": (
        (
            *ONCE,
            "--keep",
            "call_abandonment_rate<0.2",
            "--between",
            "100:300",
            "--step",
            "100",
            "--send-shape",
        ),
        (
            *ONCE,
            "--keep",
            "call_abandonment_rate<0.2",
            "--keep",
            "completion_rate>0.01",
            "--between",
            "100:200",
        ),
    ),
    "staff": (
        (
            *ONCE,
            "--design",
            "in-message",
            "--keep",
            "call_abandonment_rate<0.3",
            "--keep",
            "completion_rate>0.01",
        ),
    ),
    "sweep": (
        (*ONCE, "--over", "call_centre.agents=1,2,3"),
        (*ONCE, "--over", "call_centre.agents=1,2,3", "--over", "campaign.messages=100,300"),
    ),
    "sensitivity": ((*TWICE, "--only", "call_centre.redial", "--limit", "1"),),
    "diagnose": (ONCE,),
    "trace": ((*WORLD, "--design", "in-message", "--case", "3"),),
    "calibrate": (("calls.csv",), ("calls.csv", "--replay")),
    "new": (("mine.yaml",),),
    "check": ((HEADLINE,), (HEADLINE, "--settings")),
    "verify": (("--calls-per-hour", "60", "--aht", "300", "--patience", "190", "--agents", "6"),),
    "design run": (ONCE,),
    "design map": (WORLD, (*TWICE, "--fix"), (*TWICE, "--design", "portal", "--fix")),
    "design flips": ((*TWICE, "--from", "sms-to-call", "--to", "in-message"),),
    "design cases": ((*WORLD, "--design", "portal"),),
    "design pitfalls": (TWICE,),
    "runs list": ((),),
    "runs show": (("last", "--all", "--by", "route"),),
    "runs rerun": (("1",),),
    "runs remove": (("2",),),
    "catalogue scenarios": ((),),
    "catalogue steps": ((),),
    "catalogue metrics": ((),),
    "core test": ((),),
    "pilot prelaunch": ((HEADLINE,),),
    "pilot phone": ((HEADLINE,), (HEADLINE, "--design", "portal", "--customer", "3")),
    "pilot choice": ((),),
    "pilot plan": (TWICE,),
    "pilot actuals": ((*TWICE, "pilot.csv"),),
    "audit export": ((*WORLD, "--out", "trail2"),),
    "audit verify": (("trail",), ("trail", "--head", "head")),
    "audit key": (("--out", "key2"),),
    "audit seal": (("trail", "--seal-key", "key", "--out", "sealed2"),),
    "audit unseal": (("sealed", "--seal-key", "key", "--out", "trail3"),),
    "policy show": (("collections-promise-to-pay",),),
    "policy explain": (("collections-promise-to-pay", "--customer", "customer.json"),),
    "policy diff": (("collections-promise-to-pay", "collections-promise-to-pay", "--scenario", *TWICE),),
}
"""What each command is run with, in a folder of its own with the files named here."""

NO_REPORT = {
    "tui": "screens",
    "catalogue schema": "a document for editors",
    "core serve": "a service that answers over the network until it is stopped",
}


FACTS = {
    "status": "open",
    "arrears_band": "2m",
    "balance_minor": 100_000,
    "overdue_minor": 40_000,
    "broken_promises": 3,
    "vulnerable": False,
    "disputed": False,
    "payment_method_ok": True,
}


def overlong(text: str) -> list[str]:
    """The lines of a report that do not fit the window, except those to be copied."""
    return [line for line in text.splitlines() if cell_len(line) > WIDTH and not _COPIED.match(line)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files the examples name and two saved runs, and the current one."""
    made = tmp_path_factory.mktemp("width")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        patch.setenv("SANDBOX_DATA", str(made / "data"))
        patch.setenv("COLUMNS", str(WIDTH))
        (made / "calls.csv").write_text(
            "\n".join([HEADER, *call_log(10, 160, 2, 240.0)]) + "\n", encoding="utf-8"
        )
        (made / "customer.json").write_text(json.dumps(FACTS), encoding="utf-8")
        (made / "pilot.csv").write_text(
            "metric,value,n,day\ncompletion_rate,0.2,300,1\ncall_abandonment_rate,0.3,300,1\n",
            encoding="utf-8",
        )
        for words in (
            ("compare", *ONCE),
            ("run", *ONCE),
            ("audit", "export", *WORLD, "--out", "trail", "--head", "head"),
            ("audit", "key", "--out", "key"),
            ("audit", "seal", "trail", "--seal-key", "key", "--out", "sealed"),
        ):
            _report(*words)
        yield made


def _report(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def test_every_command_has_an_example() -> None:
    """Those of the first page and of every group, or a word on why it prints no report."""
    commands = {one.name for all_ in FIRST_PAGE.values() for one in all_}
    commands |= {f"{noun} {one.command.name}" for noun, (_, all_) in GROUPS.items() for one in all_}
    assert commands == EXAMPLES.keys() | NO_REPORT.keys()


@pytest.mark.wide
@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param(command, words, id=f"{command} {place}")
        for command, examples in EXAMPLES.items()
        for place, words in enumerate(examples)
    ],
)
def test_no_report_is_wider_than_the_window(folder: Path, command: str, words: Words) -> None:
    """Whatever a command prints fits 80 columns, but for what is copied."""
    assert folder == Path.cwd()
    assert overlong(_report(*command.split(), *words)) == []


@pytest.mark.wide
@pytest.mark.parametrize(("columns", "shown"), [(80, 0), (120, 2)])
def test_a_heading_explains_only_columns_that_are_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, columns: int, shown: int
) -> None:
    """A diagnosis has margins in half widths, and the words on them, where there is room."""
    assert folder == Path.cwd()
    monkeypatch.setenv("COLUMNS", str(columns))
    assert _report("diagnose", *ONCE, "--designs", "portal").count("in ±") == shown


@pytest.mark.parametrize("verdicts", [("pass",), ("fail", "unsure", "not judged")])
def test_no_section_of_a_comparison_is_wider_than_the_window(verdicts: tuple[Verdict, ...]) -> None:
    """A report with everything in it, figures invented: judged expectations, a history, all metrics, parts."""
    order = Order("compare", "invented-bank", everything=True, by="segment")
    text = render(canned.comparison(*verdicts), canned.STORY, metric_words(), order, WIDTH)
    for section in (
        "EXPECTATIONS",
        "QUEUE OVER THE DAY",
        "CALL CENTRE WITHOUT",
        "DIFFERENCE TO",
        "SEGMENT OF",
    ):
        assert section in text
    assert overlong(text) == []


def test_what_is_copied_may_be_longer_and_nothing_else() -> None:
    """Commands, settings and heads; a heading or a row of a table is caught."""
    long = "x" * WIDTH
    for start in (
        "replay: sandbox ",
        "next:   sandbox ",
        "  sandbox compare ",
        "campaign.messages=",
        "  head    {",
    ):
        assert overlong(start + long) == []
    for start in ("FUNNEL   ", "  sms-to-call  ", "(1) "):
        assert overlong(start + long) == [start + long]
