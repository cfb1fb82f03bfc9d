"""What the documents say is true of the tree: commands, options, settings, scenarios, files, versions, the gate."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from scenarios.outputs.as_json import SCHEMA, comparison_json
from scenarios.world.library import list_scenarios
from scenarios.world.spec import load_scenario
from tests.cli import canned
from tests.repository import PACKAGES, ROOT, project
from tui.cli.exit_codes import ExitCode
from tui.cli.main import app
from tui.cli.orders import START_WITH

SETUP = "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e {} && .venv/bin/{}"
RUN_LINE = SETUP.format(".", f"sandbox compare {START_WITH}")
TEST_LINE = SETUP.format("'.[dev]'", "pytest")

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t).+$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:^|[\s/|>])sandbox ([a-z][a-z-]*)(?![\w-])([^`|]*)")
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
FILE_NAME = re.compile(r"(?:[\w.*-]+/)+[\w.*-]*")
PLACEHOLDER = re.compile(r"@@\w+@@")
"""Where a figure is still to be put into a document."""

DOCUMENTS = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md")
ROOT_GROUP: Any = typer.main.get_command(app)
TOP: dict[str, Any] = {
    name: ROOT_GROUP.get_command(None, name) for name in [*ROOT_GROUP.list_commands(None), *ROOT_GROUP.later]
}
GROUPS = {
    name: {inner: command.get_command(None, inner) for inner in command.list_commands(None)}
    for name, command in TOP.items()
    if hasattr(command, "commands")
}
"""Nouns, each with the commands it holds; every one of those has a name on top as well, hidden or not."""

COMMANDS = {name: command for name, command in TOP.items() if name not in GROUPS}


def options_of(command: Any) -> set[str]:
    """The long options a command takes."""
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")}


OPTIONS = {name: options_of(command) for name, command in COMMANDS.items()}


def text(name: str) -> str:
    """A document as it stands; skips the test when there is none."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    return path.read_text(encoding="utf-8")


def code(document: str) -> list[str]:
    """What a document sets as code: fenced and indented lines, then spans inside running text."""
    fenced = [line for block in FENCED.findall(document) for line in block.splitlines()[1:-1]]
    rest = FENCED.sub("", document)
    indented = INDENTED.findall(rest)
    return [*fenced, *indented, *SPAN.findall(INDENTED.sub("", rest))]


def calls(document: str) -> Iterator[tuple[str, str]]:
    """Every `sandbox COMMAND …` a document shows: the command and the rest of its line."""
    for line in code(document):
        yield from CALL.findall(line)


@pytest.fixture
def readme() -> str:
    """The README."""
    return text("README.md")


def test_the_readme_gives_both_command_lines(readme: str) -> None:
    """Set-up with the main job, and set-up with the tests, are one line each, ready to be copied."""
    lines = [line.strip() for line in code(readme)]
    assert RUN_LINE in lines
    assert TEST_LINE in lines


def test_the_gate_runs_the_readme_command() -> None:
    """The gate installs and tests with the very line the README gives, before everything else it runs."""
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert TEST_LINE in gate.splitlines()
    later = gate[gate.index(TEST_LINE) :]
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest -m slow", "--smoke"):
        assert tool in later
    assert "://" not in gate


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_readme(readme: str, command: str) -> None:
    """Each command is shown, and each of its options is named, where a newcomer looks first."""
    assert command in {name for name, _ in calls(readme)}, f"show `sandbox {command}` in the README"
    shown = set(re.findall(r"--[a-z][a-z-]*", readme))
    assert OPTIONS[command] <= shown, f"name these options of {command} in the README"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_call_in_a_document_would_be_understood(document: str) -> None:
    """Each command line shown names a command that exists and only options that command takes."""
    wrong = []
    for name, rest in calls(text(document)):
        inner = rest.split()[0] if name in GROUPS and rest.split() else ""
        command = GROUPS[name].get(inner) if inner else TOP.get(name)
        if command is None:
            wrong.append(f"sandbox {name} {inner}: no such command")
            continue
        options = set(re.findall(r"(?<!\S)\[?(--[a-z][a-z-]*)", rest.partition("#")[0]))
        wrong += [f"sandbox {name}: no option {option}" for option in sorted(options - options_of(command))]
    assert wrong == []


@pytest.mark.parametrize("noun", GROUPS)
def test_every_group_is_in_the_readme_and_adds_no_command(readme: str, noun: str) -> None:
    """A group is shown once, and what it holds is a command under a name of its own: the same function."""
    assert noun in {name for name, _ in calls(readme)}, f"show `sandbox {noun}` in the README"
    alone = {command.callback.__wrapped__ for command in COMMANDS.values()}
    assert {command.callback.__wrapped__ for command in GROUPS[noun].values()} <= alone


def test_every_setting_in_the_readme_exists(readme: str) -> None:
    """Each path shown with --set can be set in the scenario the README is about."""
    shown = set(re.findall(r"--set '?([a-z_]+(?:\.[a-z_0-9]+)+)=", readme))
    known = load_scenario(START_WITH).settings
    assert {path for path in shown if not any(f"{name}.".startswith(f"{path}.") for name in known)} == set()


@pytest.mark.parametrize("name", [entry.name for entry in list_scenarios()])
def test_every_scenario_is_named(name: str) -> None:
    """Each shipped scenario is in the README and in the changelog."""
    for document in ("README.md", "CHANGELOG.md"):
        assert name in text(document), f"say in {document} what {name} is for"


def test_every_room_is_in_the_architecture(readme: str) -> None:
    """The README's picture of the code names each top folder and each package inside `sandbox`."""
    architecture = readme.partition("## Architecture")[2].partition("\n## ")[0]
    rooms = [path.parent.name for path in (ROOT / "sandbox").glob("*/__init__.py")]
    assert len(rooms) > 5
    assert [name for name in sorted({*PACKAGES, *rooms}) if name not in architecture] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_a_document_names_exists(document: str) -> None:
    """Links and file names in code lead somewhere; a star stands for at least one file."""
    content = text(document)
    named = set(LINK.findall(content))
    for word in " ".join(code(content)).split():
        if FILE_NAME.fullmatch(word) and word.partition("/")[0] in {*PACKAGES, "tests", ".ci"}:
            named.add(word)
    lost = sorted(name for name in named if not list(ROOT.glob(name.rstrip("/"))))
    assert lost == [], f"{document} names files that are not there"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_figure_is_missing(document: str) -> None:
    """No placeholder is left where a measured figure or an output belongs."""
    assert PLACEHOLDER.findall(text(document)) == []


def test_the_json_contract_is_documented(readme: str) -> None:
    """The README shows the schema's number and every key of the document's top level."""
    keys = json.loads(comparison_json(canned.comparison("pass")))
    section = readme.partition("## JSON")[2].partition("\n## ")[0]
    assert f'"schema": {SCHEMA}' in section
    assert [key for key in keys if f'"{key}"' not in section] == []


def test_exit_codes_are_documented(readme: str) -> None:
    """One paragraph of the README lists every exit code there is, and no other does."""
    assert readme.count("Exit codes:") == 1
    paragraph = readme.partition("Exit codes:")[2].partition("\n\n")[0]
    assert {int(number) for number in re.findall(r"(?:^|·)\s*(\d+) ", paragraph)} == {*ExitCode}


def test_the_changelog_knows_this_version() -> None:
    """Newest first: what is not released yet, then the version in pyproject.toml with its day and the schema."""
    changelog = text("CHANGELOG.md")
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", changelog, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == project()["project"]["version"]
    assert all(day for _, day in headings[1:])
    assert f"JSON schema {SCHEMA}" in changelog


def test_contributors_find_the_gate() -> None:
    """CONTRIBUTING names the gate, the limits the tidy test holds, and how pins are renewed."""
    content = text("CONTRIBUTING.md")
    for words in (".ci/run", "400 lines", "70", "tests/test_tidy.py", "## Dependencies", "constraints.txt"):
        assert words in content


def test_the_guard_reads_code_in_documents() -> None:
    """Command lines are found in blocks, spans and tables, and prose is left alone."""
    block = "    .venv/bin/sandbox compare a --set x.y=1\n"
    document = f"The sandbox runs here.\n\n{block}\n`sandbox tui`\n| `sandbox pilot-choice FILE` |\n"
    assert list(calls(document)) == [("compare", " a --set x.y=1"), ("tui", ""), ("pilot-choice", " FILE")]
