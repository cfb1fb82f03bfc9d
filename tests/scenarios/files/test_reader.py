from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import BadInput
from scenarios.files.reader import FILE_BYTES_MAX, parse_value, parse_yaml, read_yaml


def problems(text: str) -> list[str]:
    """Return what the reader says of a text it must refuse."""
    with pytest.raises(BadInput) as refused:
        parse_yaml(text, "my.yaml")
    return refused.value.problems


def file_problems(path: Path) -> list[str]:
    """Return what the reader says of a file it must refuse."""
    with pytest.raises(BadInput) as refused:
        read_yaml(path, "my.yaml")
    return refused.value.problems


def test_a_mapping_becomes_plain_data_with_the_line_of_every_value():
    """Values keep YAML 1.2 types, and each dotted path knows its line."""
    document = parse_yaml("a:\n  b: 1\n  c: [x, 2.5]\nd: true\ne:\n", "my.yaml")
    assert document.data == {"a": {"b": 1, "c": ["x", 2.5]}, "d": True, "e": None}
    assert document.lines == {"": 1, "a": 1, "a.b": 2, "a.c": 3, "a.c.0": 3, "a.c.1": 3, "d": 4, "e": 5}


def test_a_scalar_on_a_line_of_its_own_is_told_at_that_line_and_a_block_at_its_key():
    """A wrong value is pointed at where it stands, a wrong block where it is named."""
    lines = parse_yaml("a:\n\n  5\nb:\n\n  c: 1\n", "my.yaml").lines
    assert (lines["a"], lines["b"], lines["b.c"]) == (3, 4, 6)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("+7", 7),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("1_000", "1_000"),
        ("yes", "yes"),
        ("on", "on"),
        ("08:30", "08:30"),
        ("2026-03-02", "2026-03-02"),
        ("4m+", "4m+"),
        ("~", None),
        ("Null", None),
        ("FALSE", False),
        ('"12"', "12"),
        ("'true'", "true"),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object):
    """Times, dates, yes and on are text; quoted scalars are always text."""
    read = parse_yaml(f"a: {text}", "my.yaml").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_text_as_written():
    """A key that looks like a number stays the text of the file."""
    assert parse_yaml('0: a\n"1": b\n1m: c\ntrue: d', "my.yaml").data == {
        "0": "a",
        "1": "b",
        "1m": "c",
        "true": "d",
    }


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path):
    """Files saved by editors that mark their encoding read like any other."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path).data == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "my.yaml: found no content; allowed: a mapping of keys to values"),
        (b"# only words\n", "my.yaml: found no content; allowed: a mapping of keys to values"),
        (b"a: 1\nb: \x00\n", "my.yaml:2: found a NUL byte; allowed: UTF-8 text"),
        (b"a: 1\n\nb: \xff\n", "my.yaml:3: found byte 0xff; allowed: UTF-8 text"),
        (b"a: 1\nb: \x07\n", "my.yaml:2: found the character 0x07; allowed: text"),
    ],
)
def test_a_file_that_is_not_text_is_refused_at_its_line(tmp_path: Path, raw: bytes, told: str):
    """Empty and binary files are refused before anything is parsed."""
    path = tmp_path / "my.yaml"
    path.write_bytes(raw)
    assert file_problems(path) == [told]


def test_a_missing_file_is_told_as_missing(tmp_path: Path):
    """The message names the file, not an error number."""
    assert file_problems(tmp_path / "none.yaml") == ["my.yaml: file not found"]


def test_a_directory_is_refused(tmp_path: Path):
    """A folder is not a scenario."""
    assert file_problems(tmp_path) == ["my.yaml: found a directory; allowed: a YAML file"]


def test_a_device_is_refused_without_reading_it():
    """An endless file must not be waited for."""
    assert file_problems(Path("/dev/zero")) == [
        "my.yaml: found something that is not a regular file; allowed: a YAML file"
    ]


def test_a_path_with_a_nul_is_refused():
    """A path the system cannot even ask for is bad input, not a crash."""
    assert len(file_problems(Path("a\0b.yaml"))) == 1


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path):
    """One byte over the bound is too much, the bound itself is not."""
    path = tmp_path / "big.yaml"
    comment = b"a: 1\n#" + b"x" * (FILE_BYTES_MAX - 6)
    path.write_bytes(comment)
    assert read_yaml(path).data == {"a": 1}
    path.write_bytes(comment + b"x")
    assert file_problems(path) == ["my.yaml: found more than 1,000,000 bytes; allowed: at most that many"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n- 1\n- 2", "my.yaml:2: found a list of 2 at top level; allowed: a mapping of keys to values"),
        ("word", "my.yaml:1: found 'word' at top level; allowed: a mapping of keys to values"),
        ("a: 1\nb: 2\na: 3", "my.yaml:3: a: found the key again (first on line 1); allowed: once"),
        ("a: {b: 1,\n b: 2}", "my.yaml:2: a.b: found the key again (first on line 1); allowed: once"),
        ("a: 1\n---\nb: 2", "my.yaml:2: found a second document; allowed: one document a file"),
        (
            "a: 1\nb: [1,",
            "my.yaml:2: column 7: not valid YAML: expected the node content, but found '<stream end>'",
        ),
        (
            "a:\n\t- b",
            "my.yaml:2: column 1: not valid YAML: found character '\\t' that cannot start any token",
        ),
        ("a: 1\nb: c: d", "my.yaml:2: column 5: not valid YAML: mapping values are not allowed here"),
        ("? [a]\n: 1", "my.yaml:1: found a key that is not a word; allowed: text keys"),
        ("a: .nan", "my.yaml:1: a: found .nan; allowed: a finite number"),
        ("a: -.inf", "my.yaml:1: a: found -.inf; allowed: a finite number"),
        (
            "a: 1e999",
            "my.yaml:1: a: found the number 1e999...; allowed: a finite number in at most 32 characters",
        ),
        (
            "a: 1\nb: !!python/name:os.system x",
            "my.yaml:2: b: found the tag tag:yaml.org,2002:python/name:os.system",
        ),
    ],
)
def test_what_is_not_one_plain_mapping_is_refused_at_its_line(text: str, told: str):
    """Each refusal names file, line, what was found and what is allowed."""
    assert problems(text)[0].startswith(told)


def test_aliases_are_refused_before_they_can_multiply():
    """A bomb of aliases to aliases ends at its first anchor, and every later alias is told too."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert problems(bomb) == [
        "my.yaml:1: a: found the anchor &a; allowed: values without anchors",
        "my.yaml:2: b: found the anchor &b; allowed: values without anchors",
        "my.yaml:2: b.0: found the alias *a; allowed: the value itself",
        "my.yaml:2: b.1: found the alias *a; allowed: the value itself",
        "my.yaml:3: c.0: found the alias *b; allowed: the value itself",
        "my.yaml:3: c.1: found the alias *b; allowed: the value itself",
    ]


def test_twenty_levels_are_read_and_twenty_one_refused():
    """Nesting is bounded, whatever the parser could take."""
    parse_yaml("a: " + "[" * 19 + "]" * 19, "my.yaml")
    assert "found more than 20 levels; allowed: 20" in problems("a: " + "[" * 20 + "]" * 20)[0]
    assert "found more than 20 levels" in problems("a: " + "[" * 100_000)[0]


def test_a_number_too_long_to_compute_with_is_refused():
    """Thousands of digits are a slip or an attack, and Python would refuse them later and less kindly."""
    assert "allowed: a finite number in at most 32 characters" in problems("a: " + "9" * 5_000)[0]


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_problems(text: str):
    """Whatever is typed, the reader answers with data or with BadInput that says something."""
    try:
        document = parse_yaml(text, "my.yaml")
    except BadInput as refused:
        told = refused.problems
    else:
        assert isinstance(document.data, dict)
        return
    assert told
    assert all(problem.startswith("my.yaml") for problem in told)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?\n \t01.", max_size=40))
def test_any_punctuation_is_read_or_refused_with_problems(text: str):
    """YAML's own marks in any order never escape as another error."""
    told = ["my.yaml"]
    try:
        parse_yaml(text, "my.yaml")
    except BadInput as refused:
        told = refused.problems
    assert all(problem.startswith("my.yaml") for problem in told)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("[1, 2.5]", [1, 2.5]),
        ('"08:00"', "08:00"),
        ("", None),
        ("{a: 1}", {"a": 1}),
        ("null", None),
    ],
)
def test_one_value_is_read_as_in_a_file(text: str, value: object):
    """What follows `--set path=` is YAML too."""
    assert parse_value(text, "--set x=") == value


def test_a_value_that_is_not_yaml_is_told_without_a_line():
    """An option has no lines to point at."""
    with pytest.raises(BadInput, match=r"^--set x=\[1: column 3: not valid YAML"):
        parse_value("[1", "--set x=[1")
