"""Wrong values of options: what was found and what is allowed, in the words of every other refusal."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.cli.wording import as_said, refusal_lines
from tui.cli.main import app
from tui.cli.refusals import WIDTH, within


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sweep x --over a=1,2 --replications auto", "found 'auto'; allowed: a whole number from 1"),
        ("sensitivity x --limit 0", "found '0'; allowed: a whole number from 1"),
        ("flips x --from a --to b --examples 99", "found '99'; allowed: a whole number from 0 to 50"),
        ("design flips x --from a --to b --examples 99", "found '99'; allowed: a whole number from 0 to 50"),
        ("limit x --keep a<1 --step q", "found 'q'; allowed: a number"),
        ("trace x --design a --case 1.5", "found '1.5'; allowed: a whole number from 0"),
        ("compare x --by y", "found 'y'; allowed: segment, week, route"),
        ("compare x --designs a,b,a", "names 'a' twice; allowed: each design once"),
        ("sweep x --over a=1,2 --metrics m,m", "names 'm' twice; allowed: each metric once"),
        ("compare x --replications none", "found 'none'; allowed: a whole number from 1, or auto"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(line: str, told: str) -> None:
    """Exit code 2, no validator's words, and where to read more."""
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, line.split())
    words = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert told in words
    assert "Input should" not in words
    assert "--help' for help" in words


def test_what_is_missing_is_told_with_a_command_that_has_it() -> None:
    """The option's meaning, and a whole command with what the user gave; it can be run as it stands."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["limit", "my-bank.yaml"])
    words = as_said(result.stderr.replace("│", " "))
    assert result.exit_code == 2
    assert "Missing option '--keep'. Allowed: CONDITION. What must hold, for example" in words
    assert "For example: sandbox limit my-bank.yaml --keep 'call_abandonment_rate<0.10'" in words
    words = as_said(CliRunner(env={"COLUMNS": "200"}).invoke(app, ["sweep"]).stderr.replace("│", " "))
    assert "For example: sandbox sweep retail-bank-200k --over campaign.messages=50000:400000:8" in words


def leaves(group: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every command by its words."""
    found = []
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        inside = hasattr(command, "list_commands")
        found += leaves(command, (*path, name)) if inside else [((*path, name), command)]
    return found


@pytest.mark.parametrize(
    "words",
    [words for words, command in leaves(get_command(app)) if any(one.required for one in command.params)],
)
def test_no_command_lacks_an_example_of_what_it_needs(words: tuple[str, ...]) -> None:
    """Called with nothing, each says what is missing and shows a command with all that is."""
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, list(words))
    said = as_said(result.stderr.replace("│", " "))
    assert result.exit_code == 2
    example = shlex.split(said.partition("For example: ")[2].rpartition("╰")[0])
    assert example[: 1 + len(words)] == ["sandbox", *words]
    assert len(example) > 1 + len(words)


@pytest.mark.parametrize(
    ("line", "told", "step"),
    [
        (
            "limit B --keep K --between 9:1",
            "--between 9:1: found '9:1'; allowed: LOW:HIGH",
            "give LOW:HIGH, such as",
        ),
        ("limit B --keep K --between 1:5", "--between 1:5: campaign.messages at 1: ", "give LOW:HIGH"),
        ("limit B --keep K --step 0", "--step 0: allowed: a number above 0", "leave --step out"),
        ("limit B --keep m<10%", "unknown metric", "`sandbox metrics` lists every metric"),
        (
            "limit B --keep completion_rate<9%",
            "write 0.09",
            'write it as in --keep "call_abandonment_rate<0.10"',
        ),
        ("limit B --keep K --designs prtal", "did you mean 'portal'?", "name one of these"),
        ("limit B --keep K --out nowhere/x", "does not exist", "name a file in a folder"),
        ("sensitivity B --design portal --against portal", "found the design itself", "name another design"),
        (
            "limit B --keep K --calls none.csv",
            "allowed is a CSV file",
            "`sandbox limit --help` says what each",
        ),
        ("limit nobody --keep K", "found 'nobody'", "`sandbox scenarios` lists what can be run"),
        (
            "limit B --keep K --set calendar.working_days=3",
            "allowed: so that 2 touches",
            "--settings` lists every",
        ),
    ],
)
def test_a_refusal_fits_eighty_columns_and_says_what_to_do(line: str, told: str, step: str) -> None:
    """What, where and allowed; the next step is that of the option; no line is wider than any terminal."""
    line = line.replace(" B ", " retail-bank-200k ").replace(" K", " call_abandonment_rate<0.10")
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == 2
    *problems, following = refusal_lines(result.stderr)
    assert any(told in problem for problem in problems)
    assert following.startswith("Next: ")
    assert step in following
    assert max(map(len, result.stderr.splitlines())) <= WIDTH


def test_a_command_in_a_refusal_is_not_broken() -> None:
    """It is copied as a whole; what no line holds breaks where it may, a long path nowhere."""
    command = "`sandbox check retail-bank-200k --settings`"
    text = within(f"--vary campaign.mesages: unknown setting; see what there is: {command} lists them")
    assert any(command in line for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= WIDTH
    path = "x/" * 60
    assert path in within(f"{path}: found nothing there; allowed: a CSV file").splitlines()[0]
