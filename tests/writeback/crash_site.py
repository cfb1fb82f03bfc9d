"""A place to crash at: our store and a core on files, every edge between two steps named, and an oracle of its own.

An edge is a point at which the process may die: before and after each effect a flow asks for, before and after each
durable commit of our store, before and after each durable commit of the core. `Site.play` dies at one of them; the
same flow played without dying lists them all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import LEGACY_BATCH, MODERN_API
from fake_core.store import FakeCore
from sandbox.adapters.by_reference import ByReference
from sandbox.adapters.mapping import RecordMapping
from sandbox.audit.chain import AuditTrail, verify
from sandbox.effects import Answer, Flow, Send
from sandbox.identity.links import LinkUses
from sandbox.journey.aftermath import NOT_RECORDED_TEXT, RECORDED_TEXT
from sandbox.journey.table import CaseState
from sandbox.journey.visit import CaseBook
from sandbox.ports import CorePort, PostCommand
from sandbox.writeback import PostingResult, PostingState, WritebackDesk
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.world.core_profiles import profile_document
from tests.writeback.bench import Facts, account, desk_on, perform

KINDS = ("modern-api", "legacy-batch")
CASES = 2


class Killed(Exception):
    """The process died here."""


class Edges:
    """Counts edges as they are reached and dies at one of them; at None it only lists them."""

    def __init__(self, die_at: int | None = None) -> None:
        """Start before the first edge."""
        self.names: list[str] = []
        self.die_at = die_at

    def reach(self, name: str) -> None:
        """Note an edge; die if it is the one."""
        self.names.append(name)
        if len(self.names) - 1 == self.die_at:
            raise Killed(name)


class Commit(NamedTuple):
    """One effect as the core's file has it."""

    key: str
    case_id: int
    action: str
    amount_minor: int
    version: int
    at_ms: int


class Oracle:
    """The core's commits in order, read from its file through a connection of its own, at every commit."""

    def __init__(self, path: Path) -> None:
        """Watch a file."""
        self._path = path
        self.log: list[Commit] = []

    def look(self) -> None:
        """Read what was committed since; at most one effect per key and versions one by one, at every look."""
        reading = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        rows = reading.execute(
            "SELECT a.key, p.case_id, p.action, p.amount_minor, p.version, p.posted_at_ms FROM posting p "
            "JOIN core_audit a ON a.rowid = p.posting_id ORDER BY p.posting_id"
        ).fetchall()
        reading.close()
        assert [tuple(row) for row in rows[: len(self.log)]] == self.log, "a commit was taken back"
        self.log = [Commit(*row) for row in rows]
        assert len({commit.key for commit in self.log}) == len(self.log), "a key had two effects"
        for case_id in range(CASES):
            versions = [commit.version for commit in self.log if commit.case_id == case_id]
            assert versions == list(range(versions[0], versions[0] + len(versions))) if versions else True


class EdgedDriver:
    """A driver whose durable commits are edges."""

    def __init__(self, driver: Any, name: str, edges: Edges, seen: Callable[[], None]) -> None:
        """Wrap a driver; `seen` is called after each commit."""
        self._driver, self._name, self._edges, self._seen = driver, name, edges, seen

    def commit(self) -> None:
        """Commit between two edges."""
        self._edges.reach(f"before {self._name} commit")
        self._driver.commit()
        self._seen()
        self._edges.reach(f"after {self._name} commit")

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the driver."""
        return getattr(self._driver, name)


@dataclass
class AfterDesk:
    """What `conclude` and `rekey` need of a visit's desk."""

    core: CorePort
    writeback: WritebackDesk
    book: CaseBook
    facts: Facts
    link_uses: LinkUses = field(default_factory=LinkUses)

    def record(self, *evidence: Any) -> None:
        """Write evidence."""
        self.writeback.audit.record(*evidence)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Tell a fact."""
        self.facts.emit(fact)


@dataclass
class Site:
    """Our store, a core of one kind and what the customer was told, over any number of crashes.

    Attributes:
        told: (case, what they were told, commits of the case at that moment), in order.
    """

    folder: Path
    kind: str
    plan: FaultPlan
    edges: Edges = field(default_factory=Edges)
    told: list[tuple[int, str, int]] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    version: int = 1

    def __post_init__(self) -> None:
        """Make both files, with one account."""
        self.oracle = Oracle(self.folder / "core.db")
        self.open()
        self.book.load_accounts([account(1, version=self.version)])

    def open(self) -> None:
        """Open store and core as they were left on disk, with nothing else remembered."""
        url = f"sqlite:///{self.folder / 'core.db'}"
        if self.kind == "modern-api":
            self.book = FakeCore(url, MODERN_API, self.plan, commit_every=1)
            self.core: CorePort = self.book
        else:
            layout = profile_document("legacy-batch").record
            assert layout is not None
            mapping = RecordMapping(layout, date(2026, 12, 31))
            legacy = LegacyCore(url, LEGACY_BATCH, self.plan, mapping, commit_every=1)
            self.book, self.core = legacy.book, ByReference(legacy, mapping)
        self.store = SqliteCaseStore(str(self.folder / "cases.db"), commit_every=1)
        seen = self.oracle.look
        self.book._driver = EdgedDriver(self.book._driver, "core", self.edges, seen)  # type: ignore[assignment]
        self.store._driver = EdgedDriver(self.store._driver, "store", self.edges, lambda: None)  # type: ignore[assignment]
        self.trail = AuditTrail.resume(self.store)
        writeback = desk_on(self.store, self.facts, audit=self.trail)
        cases = CaseBook(CASES)
        cases.state[1] = CaseState.ACTED
        self.desk: Any = AfterDesk(self.core, writeback, cases, self.facts)

    def crash(self) -> None:
        """Lose all memory and whatever was not committed, on both sides, and come back without edges."""
        self.store.abandon()
        self.book.abandon()
        self.edges = Edges()
        self.open()

    def heal(self) -> None:
        """End the storm, on either side of a restart."""
        self.plan = FaultPlan()
        self.book.suffer(self.plan)

    def close(self) -> None:
        """Close both."""
        self.edges.die_at = None
        self.store.close()
        self.book.close()

    def play(self, flow: Flow, at_ms: int) -> PostingResult | None:
        """Drive a flow to its end, with an edge on both sides of each effect; None if it has no result."""
        try:
            effect = next(flow)
            while True:
                name = type(effect).__name__
                self.edges.reach(f"before {name}")
                if isinstance(effect, Send):
                    self._tell(effect.message.case_id, effect.text)
                    answer = Answer(True, at_ms)
                else:
                    answer = perform(effect, self.core, at_ms)
                self.edges.reach(f"after {name}")
                at_ms = answer.at_ms
                effect = flow.send(answer)
        except StopIteration as stop:
            result: PostingResult | None = stop.value
            return result

    def hear(self, command: PostCommand, result: PostingResult | None) -> None:
        """Let the customer see what a page says of a result."""
        texts = {
            PostingState.RECORDED: RECORDED_TEXT,
            PostingState.REFUSED: NOT_RECORDED_TEXT,
            PostingState.STALE: NOT_RECORDED_TEXT,
        }
        if result is not None:
            self._tell(command.case_id, texts.get(result.state, "queued"))

    def _tell(self, case_id: int, text: str) -> None:
        commits = sum(commit.case_id == case_id for commit in self.oracle.log)
        self.told.append((case_id, text, commits))

    def check(self, wanted: PostCommand) -> None:
        """Assert that all is as if nothing had happened: one effect, one record, nothing left, no false word."""
        self.oracle.look()
        [commit] = self.oracle.log
        assert commit[1:5] == (wanted.case_id, wanted.action, wanted.amount_minor, self.version + 1)
        profile = MODERN_API if self.kind == "modern-api" else LEGACY_BATCH
        assert not profile.is_closed(commit.at_ms), "booked inside the batch window"
        rows = list(self.store.audit_rows())
        kinds = [row.kind for row in rows]
        assert kinds.count("posting_recorded") == 1
        named_exception = "exception_bundle" in kinds
        assert not self.store.due_intents(2**61, 10)
        assert not named_exception, "a healed core leaves nothing to a person"
        chain = verify(rows, self.trail.head)
        assert chain.ok, chain.problem
        for case_id, text, commits in self.told:
            if text == RECORDED_TEXT:
                assert commits == 1, f"case {case_id} was told it is done before it was"
            assert text != NOT_RECORDED_TEXT, f"case {case_id} was told it failed, and it stands"
        promised = [position for position, (_, text, _) in enumerate(self.told) if text == "queued"]
        if promised:
            later = [text for _, text, _ in self.told[promised[-1] + 1 :]]
            assert RECORDED_TEXT in later, "a confirmation was promised and never came"
