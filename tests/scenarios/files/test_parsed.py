"""What is shipped was parsed before, and a value of one word needs no parser: both read as the parser reads them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.errors import BadInput
from scenarios.files.builder import Builder
from scenarios.files.reader import parse_value, parse_yaml, parsed_anew, read_yaml
from tests.parsed_documents import KEPT, ROOT, kept_text, shipped_texts
from tests.test_import_hygiene import loaded_by


def test_what_was_parsed_is_what_the_parser_says() -> None:
    """Every shipped file is in it, and nothing else."""
    kept = KEPT.read_text(encoding="utf-8")
    assert len(json.loads(kept)) == len(shipped_texts())
    # Not compared in the assert: the difference of two lines of 70 kB says less than what to do.
    same = kept == kept_text()
    assert same, "shipped YAML files are not what shipped.json says: run `python tests/parsed_documents.py`"


@pytest.mark.parametrize("path", shipped_texts(), ids=lambda path: path.stem)
def test_a_shipped_document_is_the_parsed_one(path: Path) -> None:
    """Values, their types and order, and the line of each come out letter by letter as from the parser."""
    text = shipped_texts()[path]
    read, anew = parse_yaml.__wrapped__(text, path.name), parsed_anew(text, path.name)
    assert repr(read) == repr(anew)
    assert json.dumps(read.data) == json.dumps(anew.data)


def test_a_changed_copy_of_a_shipped_file_says_what_it_says(tmp_path: Path) -> None:
    """One letter more in a shipped text, and the parser reads it: data and lines are those of the copy."""
    path = next(path for path in shipped_texts() if path.name == "benchmark-200k.yaml")
    copy = tmp_path / path.name
    copy.write_text("# mine\n" + shipped_texts()[path] + "\nseed: 77\n", encoding="utf-8")
    original, read = read_yaml(path, "it"), read_yaml(copy, "it")
    assert "seed" not in original.data
    assert read.data == {**original.data, "seed": 77}
    assert {key: line - 1 for key, line in read.lines.items() if key != "seed"} == original.lines


def test_reading_what_is_shipped_loads_no_parser() -> None:
    """The parser is loaded for a text of somebody's own, not for a catalogue nobody changed."""
    assert "ruamel" not in loaded_by("scenarios.world.spec", "scenarios.world.library")
    program = (
        "import sys; from scenarios.world.spec import load_scenario; "
        "load_scenario('benchmark-200k', ('campaign.messages=100',)); print('ruamel.yaml' in sys.modules)"
    )
    assert loaded_after(program) == "False"


def loaded_after(program: str) -> str:
    """What a program prints that runs in an interpreter of its own."""
    command = [sys.executable, "-c", program]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return finished.stdout.strip()


@given(st.from_regex(r"[-+]?[A-Za-z0-9][A-Za-z0-9_.]{0,40}", fullmatch=True))
@example("12")
@example("-0x1F")
@example("1e5")
@example("1" * 40)
@example("1e999")
@example("True")
@example("null")
@example("-.inf")
@example("+1.")
@example("0o17")
@example("1_000")
@example("-yes")
def test_a_word_is_what_the_parser_says(text: str) -> None:
    """A value of one word comes out the same, type and refusal included, with and without the parser."""

    def outcome(read: object) -> object:
        try:
            return repr(read())  # type: ignore[operator]
        except BadInput as refused:
            return refused.problems

    parser = outcome(lambda: Builder(text, "--set x", with_lines=False).build())
    assert outcome(lambda: parse_value(text, "--set x")) == parser
