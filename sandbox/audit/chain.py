"""The audit trail as a hash chain: every row's digest covers the row before it.

    digest(n) = SHA-256( digest(n - 1) + "seq|case_id|at_ms|length of kind|kind|body" )

Changing, swapping, deleting or inserting a row breaks every digest after it. Cutting rows off the end breaks
nothing inside the trail: only a head kept somewhere else shows it. The chain has no key, so whoever can write
both the whole trail and the outside head can write another history; keep the two apart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import NamedTuple

from sandbox.audit.sealed import DIGEST_BYTES, SealedRows, spelling
from sandbox.errors import BadInput, RuleBroken
from sandbox.evidence import CanonicalEvidence, Evidence, canonical
from sandbox.ports import AuditRow, CaseStore

_ROWS_GATHERED = 1_000
"""Rows gathered before they are sealed and handed to the store: some 200 kB."""


class Head(NamedTuple):
    """The end of a trail: how many rows it has and the digest of the last one."""

    seq: int
    digest: bytes


GENESIS = Head(0, bytes(DIGEST_BYTES))
"""The head of an empty trail."""


class ChainCheck(NamedTuple):
    """What a pass over a trail found.

    Attributes:
        ok: nothing wrong was found; see head_checked for what could not be seen.
        rows: rows that stand in order with the right digest, from the first.
        problem: the first thing wrong, in words, or empty.
        at_seq: the position it shows at, or 0.
        head_checked: an outside head was compared; without one a cut tail cannot be seen.
    """

    ok: bool
    rows: int
    problem: str
    at_seq: int
    head_checked: bool

    @property
    def note(self) -> str:
        """What this check cannot tell, in words, or empty."""
        return (
            "" if self.head_checked else "no outside head was given: rows missing from the end cannot be seen"
        )


class AuditChain:
    """Links pieces of evidence, from the head given.

    Args:
        head: where the trail stands; `GENESIS` for a new one, `head_of` its rows for a stored one.
    """

    __slots__ = ("_digest", "_seq")

    def __init__(self, head: Head = GENESIS) -> None:
        """Continue from a head."""
        self._seq, self._digest = head

    @property
    def head(self) -> Head:
        """The trail's head; copy it outside the trail (`head_to_text`)."""
        return Head(self._seq, self._digest)

    def append(self, case_id: int, at_ms: int, kind: str, evidence: Evidence) -> AuditRow:
        """Make the next row and move the head to it.

        Raises:
            RuleBroken: the evidence is not plain JSON (the message does not repeat it: it may name a person).
        """
        return self.seal([spelling(self._seq + 1, case_id, at_ms, kind, _body(kind, evidence))])[0]

    def seal(self, texts: list[str]) -> SealedRows:
        """Make the next rows of their spellings, at least one, and move the head to the last.

        Raises:
            RuleBroken: the spellings are not numbered on from the head.
        """
        first, last, digest = self._seq + 1, self._seq + len(texts), self._digest
        if not (texts[0].startswith(f"{first}|") and texts[-1].startswith(f"{last}|")):
            raise RuleBroken(f"audit: rows {first} to {last} expected, others are to be sealed")
        digests: list[bytes] = []
        sha256, append = hashlib.sha256, digests.append
        # Five rows a case come through this loop: it is `_digest` spelt out.
        for text in texts:
            digest = sha256(digest + text.encode()).digest()
            append(digest)
        self._seq, self._digest = last, digest
        return SealedRows(first, texts, b"".join(digests))

    def back_to(self, head: Head) -> None:
        """Take back rows that no store has: the chain stands at `head` again."""
        self._seq, self._digest = head


class _Measured(dict[str, str]):
    """Kinds of evidence behind their lengths, spelt once each: a program writes a few dozen, five rows a case."""

    def __missing__(self, kind: str) -> str:
        spelt = self[kind] = f"{len(kind)}|{kind}"
        return spelt


class AuditTrail:
    """The chain written to a store; a `ports.AuditSink`.

    Evidence is gathered and sealed into the chain just before the store writes or reads anything, so that a group
    of a thousand rows costs one loop. A group the store refuses stays gathered, and the chain has not moved.

    Args:
        store: where rows go; it commits them with what they prove.
        chain: standing at the store's last row.
    """

    __slots__ = ("_chain", "_gathered", "_kinds", "_seq", "_store")

    def __init__(self, store: CaseStore, chain: AuditChain) -> None:
        """Join a store and a chain."""
        self._store = store
        self._chain = chain
        self._seq = chain.head.seq
        self._kinds = _Measured()
        self._gathered: list[str] = []
        store.before_flush(self._seal)

    @classmethod
    def resume(cls, store: CaseStore) -> AuditTrail:
        """Continue a stored trail, after a restart or a rolled-back transaction."""
        return cls(store, AuditChain(head_of(store.audit_rows())))

    @property
    def head(self) -> Head:
        """The trail's head; copy it outside the store."""
        self._seal()
        return self._chain.head

    def record(self, case_id: int, at_ms: int, kind: str, evidence: Evidence) -> None:
        """Add one piece of evidence.

        Raises:
            RuleBroken: the evidence is not plain JSON.
        """
        gathered = self._gathered
        body = evidence[0] if type(evidence) is CanonicalEvidence else _body(kind, evidence)
        self._seq = seq = self._seq + 1
        gathered.append(f"{seq}|{case_id}|{at_ms}|{self._kinds[kind]}|{body}")  # `spelling`, without its call
        if len(gathered) >= _ROWS_GATHERED:
            self._seal()

    def _seal(self) -> None:
        if not self._gathered:
            return
        before = self._chain.head
        try:
            self._store.append_audit(self._chain.seal(self._gathered))
        except BaseException:
            self._chain.back_to(before)
            raise
        self._gathered = []  # the old one belongs to the rows sealed from it


def head_of(rows: Iterable[AuditRow]) -> Head:
    """Return the head after the last of these rows, unverified; `GENESIS` without rows."""
    last: AuditRow | None = None
    for row in rows:
        last = row
    return GENESIS if last is None else Head(last.seq, last.digest)


def verify(rows: Iterable[AuditRow], head: Head | None, start: Head = GENESIS) -> ChainCheck:
    """Recompute a trail in one pass.

    Args:
        rows: the trail in order of sequence.
        head: the head kept outside the trail, or None when there is none to compare.
        start: the head the rows continue from.
    """
    at = start
    checked = head is not None
    for row in rows:
        if row.seq != at.seq + 1:
            problem = (
                f"row {at.seq + 1} expected, row {row.seq} found: rows are missing, added or out of order"
            )
            return ChainCheck(False, at.seq - start.seq, problem, at.seq + 1, checked)
        if not _fits(row, at):
            problem = f"row {row.seq} or the row before it was changed: its digest does not fit"
            return ChainCheck(False, at.seq - start.seq, problem, row.seq, checked)
        at = Head(row.seq, row.digest)
    problem = "" if head is None else _head_problem(at, head)
    return ChainCheck(not problem, at.seq - start.seq, problem, at.seq if problem else 0, checked)


def head_to_text(head: Head) -> str:
    """Return a head as one line of JSON, to be kept outside the trail."""
    return canonical({"algorithm": "sha256", "digest": head.digest.hex(), "seq": head.seq}).text


def head_from_text(text: str) -> Head:
    """Read a head written by `head_to_text`.

    Raises:
        BadInput: the text is not such a head; every fault is listed.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(
            ["audit head: not JSON; expected the line that the audit trail's head was saved as"]
        ) from None
    if not isinstance(data, dict):
        raise BadInput(["audit head: expected a JSON object with algorithm, digest and seq"])
    seq, digest = data.get("seq"), _hex_digest(data.get("digest"))
    problems = []
    if data.get("algorithm") != "sha256":
        problems.append("audit head: algorithm must be 'sha256'")
    if type(seq) is not int or seq < 0:
        problems.append("audit head: seq must be a whole number from 0")
    if digest is None:
        problems.append(f"audit head: digest must be {2 * DIGEST_BYTES} hexadecimal digits")
    if problems or type(seq) is not int or digest is None:
        raise BadInput(problems)
    return Head(seq, digest)


def _body(kind: str, evidence: Evidence) -> str:
    try:
        return evidence.text if isinstance(evidence, CanonicalEvidence) else canonical(evidence).text
    except (TypeError, ValueError) as error:
        raise RuleBroken(
            f"audit evidence of kind {kind!r} is not plain JSON ({type(error).__name__})"
        ) from None


def _digest(previous: bytes, seq: int, case_id: int, at_ms: int, kind: str, body: str) -> bytes:
    # Surrogates pass, so that tampered text is a mismatch and not a crash.
    row = spelling(seq, case_id, at_ms, kind, body)
    return hashlib.sha256(previous + row.encode("utf-8", "surrogatepass")).digest()


def _fits(row: AuditRow, head: Head) -> bool:
    expected = _digest(head.digest, row.seq, row.case_id, row.at_ms, row.kind, row.body)
    return hmac.compare_digest(expected, row.digest)


def _head_problem(at: Head, head: Head) -> str:
    if at.seq < head.seq:
        return f"the trail ends at row {at.seq}, the outside head stands at row {head.seq}: the tail was cut"
    if at.seq > head.seq:
        return f"the trail ends at row {at.seq}, the outside head vouches only for rows up to {head.seq}"
    if at.digest != head.digest:
        return f"row {at.seq} is not the row the outside head was taken at: the trail was rewritten"
    return ""


def _hex_digest(value: object) -> bytes | None:
    if not isinstance(value, str) or len(value) != 2 * DIGEST_BYTES:
        return None
    try:
        digest = bytes.fromhex(value)
    except ValueError:
        return None
    return digest if len(digest) == DIGEST_BYTES else None
