"""The audit chain: what a pass over the trail finds, and what only the outside head can show."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.audit.chain import (
    GENESIS,
    AuditChain,
    AuditTrail,
    Head,
    head_from_text,
    head_of,
    head_to_text,
    verify,
)
from sandbox.errors import BadInput, RuleBroken
from sandbox.evidence import canonical
from sandbox.model import Action, AssuranceLevel
from sandbox.ports import AuditRow, AuditSink

plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def trail(length: int = 6) -> tuple[list[AuditRow], Head]:
    """A sound trail and its head."""
    chain = AuditChain()
    rows = [
        chain.append(n % 3, 1_000 * n, "code_checked", {"accepted": n > 2, "nth": n}) for n in range(length)
    ]
    return rows, chain.head


@dataclasses.dataclass
class ListStore:
    """The methods of a case store that a trail uses; refuses rows on request."""

    rows: list[AuditRow] = dataclasses.field(default_factory=list)
    full: bool = False
    gather: Callable[[], None] = lambda: None

    def append_audit(self, rows: Sequence[AuditRow]) -> None:
        """Keep rows, or fail as a full disk does."""
        if self.full:
            raise OSError("disk full")
        self.rows.extend(rows)

    def before_flush(self, callback: Callable[[], None]) -> None:
        """Remember who gathers rows."""
        self.gather = callback

    def commit(self) -> None:
        """Let the rows gathered come in, as a store does before it writes."""
        self.gather()

    def audit_rows(self, case_id: int | None = None) -> Iterator[AuditRow]:
        """Rows in order."""
        return (row for row in self.rows if case_id in (None, row.case_id))


def test_a_digest_is_the_published_formula() -> None:
    """A second implementation, written from the module's description, gets the same digest."""
    row = AuditChain(Head(41, b"\x07" * 32)).append(5, 99, "sent", {"b": 1, "a": "é"})
    assert row.body == '{"a":"\\u00e9","b":1}'
    text = b'42|5|99|4|sent|{"a":"\\u00e9","b":1}'
    assert row == (42, 5, 99, "sent", row.body, hashlib.sha256(b"\x07" * 32 + text).digest())


@given(st.dictionaries(st.text(), plain_json, max_size=4))
def test_evidence_comes_back_and_its_spelling_does_not_depend_on_order(evidence: dict[str, object]) -> None:
    """The body is ASCII, reads back as the evidence, and has one spelling whatever the order of keys."""
    body = AuditChain().append(1, 2, "k", evidence).body
    assert body.isascii()
    assert json.loads(body) == evidence
    assert AuditChain().append(1, 2, "k", dict(reversed(evidence.items()))).body == body


def test_enumerations_are_written_as_their_values() -> None:
    """The model's own words and levels can be used as evidence."""
    row = AuditChain().append(1, 2, "k", {"action": Action.PAY_NOW, "level": AssuranceLevel.CODE})
    assert row.body == '{"action":"pay_now","level":2}'


@pytest.mark.parametrize(
    "evidence",
    [{"a": b"x"}, {"a": {1, 2}}, {"a": float("nan")}, {"a": float("inf")}, {1: "a", "1": "b"}, {(1,): 2}],
)
def test_evidence_that_is_not_plain_json_is_our_bug(evidence: dict[str, object]) -> None:
    """Such evidence is refused, and the chain stands where it stood."""
    chain = AuditChain()
    with pytest.raises(RuleBroken, match="not plain JSON"):
        chain.append(1, 2, "k", evidence)
    assert chain.head == GENESIS


def test_a_refusal_does_not_repeat_the_evidence() -> None:
    """An error text may end in a log, so it holds nothing of what was to be recorded."""
    with pytest.raises(RuleBroken) as caught:
        AuditChain().append(1, 2, "k", {"name": "Okafor", "raw": b"Okafor"})
    assert "Okafor" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("length", [0, 1, 6])
def test_a_sound_trail_passes(length: int) -> None:
    """Rows and head of an untouched trail are found in order, an empty one included."""
    rows, head = trail(length)
    assert verify(rows, head) == (True, length, "", 0, True)
    assert head == head_of(rows)


def test_a_trail_can_be_checked_in_parts() -> None:
    """A pass may start from a head that was verified before."""
    rows, head = trail()
    middle = Head(rows[2].seq, rows[2].digest)
    assert verify(rows[3:], head, start=middle) == (True, 3, "", 0, True)
    assert not verify(rows[2:], head, start=middle).ok


def test_flipping_any_byte_of_any_row_is_found_at_that_row() -> None:
    """Every field of every row, every character of its text and every byte of its digest is covered."""
    rows, _ = trail(3)
    for index, row in enumerate(rows):
        changed = [row._replace(**{name: getattr(row, name) ^ 1}) for name in ("case_id", "at_ms")]
        for name in ("kind", "body"):
            text = getattr(row, name)
            changed += [
                row._replace(**{name: text[:at] + chr(ord(character) ^ 1) + text[at + 1 :]})
                for at, character in enumerate(text)
            ]
        changed += [
            row._replace(digest=row.digest[:at] + bytes([byte ^ 1]) + row.digest[at + 1 :])
            for at, byte in enumerate(row.digest)
        ]
        for bad in changed:
            check = verify([*rows[:index], bad, *rows[index + 1 :]], None)
            assert (check.ok, check.at_seq, check.rows) == (False, index + 1, index)


def test_text_cannot_move_between_kind_and_body() -> None:
    """Two rows that would spell the same characters have different digests."""
    one = AuditRow(1, 1, 1, "a|2", "{}", b"")
    two = AuditRow(1, 1, 1, "a", "2|{}", b"")
    digest = AuditChain().append(1, 1, "a|2", {}).digest
    assert verify([one._replace(digest=digest)], None).ok
    assert not verify([two._replace(digest=digest)], None).ok


def test_swapping_deleting_inserting_and_repeating_rows_is_found() -> None:
    """No rearrangement of the rows passes, renumbered or not."""
    rows, head = trail()
    foreign = AuditChain(Head(2, rows[1].digest)).append(9, 9, "forged", {})
    arrangements = [
        [rows[1], rows[0], *rows[2:]],
        [rows[1]._replace(seq=1), rows[0]._replace(seq=2), *rows[2:]],
        rows[1:],
        [*rows[:2], *rows[3:]],
        [*rows[:2], *(row._replace(seq=row.seq - 1) for row in rows[3:])],
        [*rows[:2], foreign, *rows[2:]],
        [*rows[:2], foreign, *rows[3:]],
        [*rows[:2], foreign, *(row._replace(seq=row.seq + 1) for row in rows[2:])],
        [*rows[:3], rows[2], *rows[3:]],
    ]
    for bad in arrangements:
        check = verify(bad, None)
        assert not check.ok
        assert check.problem
        assert 1 <= check.at_seq <= 4
        assert not verify(bad, head).ok


@pytest.mark.parametrize("seq", [0, 1, 2, 4, -3])
def test_a_forger_cannot_number_rows_as_they_like(seq: int) -> None:
    """A row whose digest was recomputed to fit is still refused unless its number is the next."""
    rows, _ = trail(2)
    forged = AuditChain(Head(seq - 1, rows[-1].digest)).append(1, 1, "forged", {})
    check = verify([*rows, forged], None)
    assert (check.ok, check.at_seq) == (False, 3)
    assert f"row {seq} found" in check.problem


@pytest.mark.parametrize("kept", [0, 1, 5])
def test_a_cut_tail_is_found_only_with_the_outside_head(kept: int) -> None:
    """Without the head the cut passes and the result says what it could not see."""
    rows, head = trail()
    blind = verify(rows[:kept], None)
    assert blind == (True, kept, "", 0, False)
    assert "no outside head" in blind.note
    seeing = verify(rows[:kept], head)
    assert (seeing.ok, seeing.at_seq, seeing.note) == (False, kept, "")
    assert "cut" in seeing.problem


def test_rows_after_the_outside_head_are_not_vouched_for() -> None:
    """A trail longer than its head says is refused: anybody can go on writing an unkeyed chain."""
    rows, head = trail()
    chain = AuditChain(head)
    check = verify([*rows, chain.append(1, 1, "later", {})], head)
    assert not check.ok
    assert "vouches only for rows up to 6" in check.problem


def test_a_rewritten_trail_of_the_same_length_is_found_by_the_outside_head() -> None:
    """A whole new history is sound in itself and still not the one the head was taken at."""
    _, head = trail()
    chain = AuditChain()
    forged = [chain.append(1, n, "forged", {}) for n in range(6)]
    assert verify(forged, None).ok
    check = verify(forged, head)
    assert not check.ok
    assert "rewritten" in check.problem


def test_tampered_text_that_is_no_unicode_is_a_finding_and_no_crash() -> None:
    """A lone surrogate in a stored row breaks its digest, not the check."""
    rows, _ = trail(1)
    assert not verify([rows[0]._replace(body="\ud800")], None).ok


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_a_head_survives_its_text(seq: int, digest: bytes) -> None:
    """What is written outside the trail reads back as the same head, from one line."""
    text = head_to_text(Head(seq, digest))
    assert head_from_text(text) == (seq, digest)
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", 1),
        ("[" * 100_000, 1),
        ("[]", 1),
        ("{}", 3),
        ('{"algorithm":"md5","digest":"00","seq":-1}', 3),
        ('{"algorithm":"sha256","digest":"' + "00" * 32 + '","seq":true}', 1),
        ('{"algorithm":"sha256","digest":"' + "0g" * 32 + '","seq":1}', 1),
        ('{"algorithm":"sha256","digest":"' + "0 " * 32 + '","seq":1}', 1),
    ],
)
def test_a_text_that_is_no_head_is_refused_with_every_fault(text: str, faults: int) -> None:
    """A head from outside is checked before it is believed."""
    with pytest.raises(BadInput) as caught:
        head_from_text(text)
    assert len(caught.value.problems) == faults


def test_a_trail_writes_its_rows_to_the_store() -> None:
    """Recorded evidence stands in the store as a sound chain whose head the trail knows."""
    store = ListStore()
    log = AuditTrail(store, AuditChain())
    sink: AuditSink = log
    for n in range(4):
        sink.record(n, n, "sent", {"touch": n})
    head = log.head
    assert verify(store.rows, head) == (True, 4, "", 0, True)


def test_a_row_the_store_refuses_leaves_no_gap() -> None:
    """After a failed write nothing gathered is lost, and the next rows follow the last one stored."""
    store = ListStore()
    log = AuditTrail(store, AuditChain())
    log.record(1, 1, "sent", {})
    store.commit()
    store.full = True
    log.record(1, 2, "sent", {})
    with pytest.raises(OSError, match="disk full"):
        store.commit()
    store.full = False
    log.record(1, 3, "sent", {})
    assert [row.at_ms for row in store.rows] == [1]
    assert verify(store.rows, log.head).ok
    assert [row.at_ms for row in store.rows] == [1, 2, 3]


def test_a_trail_hands_rows_over_before_too_many_are_gathered() -> None:
    """Memory is bounded even if nobody commits: rows reach the store a thousand at a time."""
    store = ListStore()
    log = AuditTrail(store, AuditChain())
    for n in range(999):
        log.record(1, n, "sent", {})
    assert not store.rows
    log.record(1, 999, "sent", {})
    assert len(store.rows) == 1_000


def test_prepared_evidence_makes_the_same_row() -> None:
    """Evidence in canonical form is hashed and stored as the plain evidence would be."""
    evidence = {"b": 1, "a": "é"}
    assert AuditChain().append(1, 2, "k", canonical(evidence)) == AuditChain().append(1, 2, "k", evidence)


def test_a_trail_resumes_from_what_the_store_kept() -> None:
    """After a restart or a rolled-back group the chain goes on from the stored rows."""
    store = ListStore()
    log = AuditTrail(store, AuditChain())
    for n in range(3):
        log.record(1, n, "sent", {})
    store.commit()
    store.rows.pop()
    again = AuditTrail.resume(store)
    again.record(1, 9, "sent", {})
    head = again.head
    assert verify(store.rows, head) == (True, 3, "", 0, True)
