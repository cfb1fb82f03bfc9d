"""An exported trail: every way of tampering with it is seen, at its row; what cannot be seen is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.audit.chain import AuditChain, Head
from scenarios.evidence.trail_file import TrailCheck, check_trail, row_line, rows_in
from scenarios.files.sealing import SealKey, seal, unseal

ROWS = 6
KEY = SealKey(bytes(range(32)))


@cache
def exported() -> tuple[bytes, Head]:
    """Six rows of three cases, as a file, and the head."""
    chain = AuditChain()
    bodies: list[dict[str, object]] = [
        {"policy": "collections", "version": 1},
        {"channel": "sms", "consent": True, "touch": 1},
        {"note": 'says "é"\n', "parts": [1, {"a": None}]},
        {},
        {"amount_minor": 900},
        {"amount_minor": 901},
    ]
    rows = [chain.append(n // 2, 10 * n, f"kind_{n}", body) for n, body in enumerate(bodies)]
    return "".join(row_line(row) + "\n" for row in rows).encode(), chain.head


def check(data: bytes, head: Head | None = None) -> TrailCheck:
    """Check a file that comes in pieces of seven bytes."""
    return check_trail([data[at : at + 7] for at in range(0, len(data), 7)], head)


def test_an_untouched_export_stands() -> None:
    """Rows and cases are counted; with the head nothing is left unseen, without it that is said."""
    data, head = exported()
    assert check(data, head) == TrailCheck(ROWS, 3, "", 0, True, "")
    without = check(data)
    assert (without.ok, without.rows, without.head_checked) == (True, ROWS, False)
    assert without.note == "no outside head was given: rows missing from the end cannot be seen"


def test_a_row_is_read_as_it_was_written() -> None:
    """Each line is JSON that other programs read, with the body as an object; the row comes back whole."""
    data, head = exported()
    rows = list(rows_in([data]))
    assert "".join(row_line(row) + "\n" for row in rows).encode() == data
    assert (rows[-1].seq, rows[-1].digest) == head
    lines = [json.loads(line) for line in data.splitlines()]
    assert list(lines[2]) == ["seq", "case_id", "at_ms", "kind", "body", "digest"]
    assert lines[2]["body"] == {"note": 'says "é"\n', "parts": [1, {"a": None}]}


@given(place=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_seen_at_its_row(place: int, flip: int) -> None:
    """One byte, anywhere, line breaks and blanks included: seen without the head, at its row or the one after."""
    data, _ = exported()
    place %= len(data)
    changed = bytearray(data)
    changed[place] ^= flip
    found = check(bytes(changed))
    row = data.count(b"\n", 0, place) + 1
    assert not found.ok
    assert found.at_row in (row, row + 1)


def lines_of(data: bytes) -> list[bytes]:
    """The lines of a file, line breaks kept."""
    return data.splitlines(keepends=True)


@pytest.mark.parametrize("first", range(ROWS))
def test_two_rows_that_changed_places_are_seen(first: int) -> None:
    """Any two rows: the first of them is where it shows."""
    data, _ = exported()
    for second in range(first + 1, ROWS):
        lines = lines_of(data)
        lines[first], lines[second] = lines[second], lines[first]
        found = check(b"".join(lines))
        assert (found.ok, found.at_row, found.rows) == (False, first + 1, first)


@pytest.mark.parametrize("gone", range(ROWS - 1))
def test_a_deleted_row_is_seen_unless_it_was_the_last(gone: int) -> None:
    """The row that should stand there is named."""
    data, _ = exported()
    lines = lines_of(data)
    del lines[gone]
    found = check(b"".join(lines))
    assert (found.ok, found.at_row, found.rows) == (False, gone + 1, gone)
    assert f"row {gone + 1} expected, row {gone + 2} found" in found.problem


@pytest.mark.parametrize("kept", range(1, ROWS))
def test_a_cut_tail_is_seen_with_the_head_alone(kept: int) -> None:
    """Without the head a shorter trail is a good trail, and the check says that it cannot tell."""
    data, head = exported()
    cut = b"".join(lines_of(data)[:kept])
    without = check(cut)
    assert (without.ok, without.rows) == (True, kept)
    assert without.note
    found = check(cut, head)
    assert (found.ok, found.at_row, found.rows) == (False, kept, kept)
    assert "the tail was cut" in found.problem


def test_a_trail_cut_down_to_nothing_is_never_good() -> None:
    """An empty file stands only for a head that says so."""
    _, head = exported()
    assert "no row" in check(b"").problem
    assert "the tail was cut" in check(b"", head).problem
    assert check(b"", Head(0, bytes(32))).ok


def test_a_row_added_or_repeated_is_seen() -> None:
    """At the end a repeated row is out of order; a well-made further row needs the head to be seen."""
    data, head = exported()
    assert check(data + lines_of(data)[-1]).at_row == ROWS + 1
    chain = AuditChain(head)
    longer = data + (row_line(chain.append(9, 99, "forged", {})) + "\n").encode()
    assert check(longer).ok
    assert "vouches only for rows up to 6" in check(longer, head).problem


def test_a_history_written_anew_is_seen_with_the_head() -> None:
    """Who recomputes the whole chain makes a good trail, but not this one."""
    _, head = exported()
    chain = AuditChain()
    data = "".join(row_line(chain.append(0, n, "forged", {})) + "\n" for n in range(ROWS)).encode()
    assert check(data).ok
    assert "rewritten" in check(data, head).problem


@pytest.mark.parametrize(
    "spelling",
    [
        lambda line: line.replace(b'"seq":1', b'"seq": 1'),
        lambda line: line.replace(b'"seq":1', b'"seq":true'),
        lambda line: line.replace(b'"seq":1', b'"seq":1.0'),
        lambda line: line.replace(b'"seq":1,', b'"seq":1,"seq":1,'),
        lambda line: line.replace(b'"version":1', b'"version":NaN'),
        lambda line: line.replace(b"}\n", b',"more":1}\n'),
        lambda line: line.replace(b"\n", b"\r\n"),
        lambda line: line.replace(b'"case_id":0,', b""),
        lambda line: line.upper(),
        lambda _line: b"[1]\n",
        lambda _line: b"null\n",
        lambda _line: b"[" * 100_000 + b"\n",
        lambda line: b"\n" + line,
        lambda line: b"\xef\xbb\xbf" + line,
    ],
)
def test_a_row_spelt_another_way_is_a_changed_row(spelling: Callable[[bytes], bytes]) -> None:
    """There is one spelling: what means the same but is written otherwise was not written by an export."""
    first, *others = lines_of(exported()[0])
    assert spelling(first) != first
    found = check(b"".join([spelling(first), *others]))
    assert (found.at_row, found.rows) == (1, 0)
    assert "it was changed" in found.problem


def test_a_last_line_that_does_not_end_is_cut_short() -> None:
    """The line break belongs to the row."""
    data, _ = exported()
    found = check(data[:-1])
    assert (found.at_row, found.rows) == (ROWS, ROWS - 1)
    assert "cut short" in found.problem


@pytest.mark.parametrize(("length", "words"), [(1_000_000, "cut short"), (1_000_001, "longer than any row")])
def test_an_endless_line_is_not_gathered(length: int, words: str) -> None:
    """A million bytes without a line break may still become a row; one more is given up on."""
    found = check_trail([b"x" * length], None)
    assert (found.at_row, words in found.problem) == (1, True)


def test_a_sealed_trail_that_was_cut_is_a_fault_at_its_row() -> None:
    """The rows of whole chunks stand; the next one is where the seal breaks."""
    data, head = exported()
    shut = b"".join(seal([data], KEY, bytes(32)))
    assert check_trail(unseal([shut], KEY), head).ok
    found = check_trail(unseal([shut[:-1]], KEY), head)
    assert (found.ok, found.at_row, found.rows) == (False, 1, 0)
    assert "does not open" in found.problem


def test_no_message_repeats_what_a_row_says() -> None:
    """A changed row may name a person: the problem gives its number, not its text."""
    data, _ = exported()
    found = check(data.replace(b'"amount_minor":901', b'"name":"Margaret Okafor"'))
    assert not found.ok
    assert "Okafor" not in found.problem
