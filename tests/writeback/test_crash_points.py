"""Recovery after a crash between ANY two steps: every edge of every flow, on files, against both kinds of core."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_core.faults import FaultPlan
from sandbox.adapters.by_reference import ByReference
from sandbox.facts import Recorded
from sandbox.journey.aftermath import conclude, rekey, tell_outcome, untold
from sandbox.journey.posting import NOTE_KEYED, NOTE_LEFT, unkeyed_notes, what_is_left
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND
from sandbox.ports import BY_HAND, CoreOutcome, CoreReply, OutboxRow, OutboxState, PostCommand
from sandbox.writeback import post, settle
from tests.writeback.bench import command
from tests.writeback.crash_site import KINDS, Killed, Site

WANTED = command()
NOTE = command(source=BY_HAND)
NO_POLICY: Any = None  # a note without inputs has nothing to withhold
NIGHT_MS = 23 * MS_PER_HOUR
NOON_MS = 12 * MS_PER_HOUR
DUE_MS = 10 * MS_PER_MINUTE

PLANS = {
    "calm": FaultPlan(),
    "lost answers": FaultPlan(lost_ack_rate=1.0),
    "some lost answers": FaultPlan(lost_ack_rate=0.5, seed=1),
    "late 5xx": FaultPlan(unavailable_after_commit_rate=0.6, seed=5),
    "lost requests": FaultPlan(lost_request_rate=0.5, seed=2),
}


MEMORY = Path("/dev/shm")  # noqa: S108 - each test makes a private folder in it


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one, for thousands of small files that nobody keeps.

    A process dies here, never the machine: what it wrote is there, whether it has reached a disk or not.
    """
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="crash-points-", dir=MEMORY) as folder:
        yield Path(folder)


def posts(site: Site, at_ms: int) -> None:
    """A customer submits."""
    site.hear(WANTED, site.play(post(WANTED, site.desk.writeback), at_ms))


def settles(site: Site, at_ms: int) -> None:
    """A sweep settles what is due, without a word to anybody."""
    for row in site.store.due_intents(at_ms + DUE_MS, 10):
        site.play(settle(row, site.desk.writeback), at_ms + DUE_MS)


def concludes(site: Site, at_ms: int) -> None:
    """A sweep settles what is due and tells the customer."""
    for row in site.store.due_intents(at_ms + DUE_MS, 10):
        site.play(conclude(row, site.desk), at_ms + DUE_MS)


def rekeys(site: Site, at_ms: int) -> None:
    """A clerk keys every note that waits."""
    for note in unkeyed_notes(site.store.audit_rows()):
        site.desk.record(note.case_id, at_ms, NOTE_KEYED, {"key": note.key})
        site.play(rekey(note, site.desk, at_ms), at_ms)


def promised(site: Site, at_ms: int) -> None:
    """A posting went to the outbox and the customer was told that it will be confirmed."""
    site.store.add_intent(OutboxRow(WANTED, OutboxState.UNKNOWN, 5, at_ms, at_ms))
    site.desk.record(
        1, at_ms, "posting_queued", {"key": WANTED.key, "attempts": 5, "reason": "tries_used_up"}
    )
    site.store.commit()
    site.told.append((1, "queued", 0))


def promised_and_applied(site: Site, at_ms: int) -> None:
    """The same, and the core had applied it: only the answer was lost."""
    plan, site.plan = site.plan, FaultPlan()
    site.book.suffer(site.plan)
    assert site.core.post(WANTED, NOON_MS).receipt is not None
    site.plan = plan
    site.book.suffer(plan)
    promised(site, at_ms)


def note_left(site: Site, at_ms: int) -> None:
    """An agent left a note for the back office."""
    site.desk.record(1, at_ms, NOTE_LEFT, what_is_left(NOTE, NO_POLICY))
    site.store.commit()


def nothing(site: Site, at_ms: int) -> None:
    """Nothing happened before."""


Step = Callable[[Site, int], None]
FLOWS: dict[str, tuple[Step, Step, PostCommand, int]] = {
    "post": (nothing, posts, WANTED, 1),
    "settle, never applied": (promised, settles, WANTED, 1),
    "settle, applied before": (promised_and_applied, settles, WANTED, 1),
    "conclude, never applied": (promised, concludes, WANTED, 1),
    "conclude, applied before": (promised_and_applied, concludes, WANTED, 1),
    "rekey": (note_left, rekeys, NOTE, 1),
    "rekey on a moved account": (note_left, rekeys, NOTE, 3),
}
"""What stood before, what is cut off, what is wanted, and the account's version."""

COMMITS = {"before store commit", "after store commit"}
APPLIES = {"before core commit", "after core commit", "before PostToCore", "after PostToCore"}
REACHED_WHEN_CALM = {
    "post": COMMITS | APPLIES | {"before Wait", "after Wait"},
    "settle, never applied": COMMITS | APPLIES | {"before ReadByKey", "after ReadByKey"},
    "settle, applied before": COMMITS | {"before ReadByKey", "after ReadByKey"},
    "conclude, never applied": COMMITS | APPLIES | {"before Send", "after Send"},
    "conclude, applied before": COMMITS
    | {"before ReadByKey", "after ReadByKey", "before Send", "after Send"},
    "rekey": COMMITS | APPLIES,
    "rekey on a moved account": COMMITS | APPLIES,
}


def recover(site: Site, at_ms: int) -> None:
    """What a restart does: sweep with a healed core until nothing is due, key what waits, tell who is waiting."""
    site.heal()
    for sweep_ms in range(at_ms + MS_PER_HOUR, at_ms + 8 * MS_PER_HOUR, 10 * MS_PER_MINUTE):
        for row in site.store.due_intents(sweep_ms, 10):
            site.play(conclude(row, site.desk), sweep_ms)
    rekeys(site, at_ms + 9 * MS_PER_HOUR)
    for case_id, recorded in untold(site.store.audit_rows()):
        site.play(tell_outcome(site.desk, case_id, at_ms + 9 * MS_PER_HOUR, recorded), at_ms)
    assert untold(site.store.audit_rows()) == []


def played(folder: Path, kind: str, name: str, plan: FaultPlan, at_ms: int, die_at: int | None) -> Site:
    """Set a site up, play a flow to an edge or its end, crash, recover, and check everything."""
    before, flow, wanted, version = FLOWS[name]
    folder.mkdir()
    site = Site(folder, kind, plan, version=version)
    before(site, at_ms)
    site.edges.names.clear()
    site.edges.die_at = die_at
    edges = site.edges
    if die_at is None:
        flow(site, at_ms)
    else:
        with pytest.raises(Killed):
            flow(site, at_ms)
    site.crash()
    recover(site, at_ms)
    if name == "post":  # whoever was cut off submits once more
        again = site.play(post(wanted, site.desk.writeback), at_ms + 10 * MS_PER_HOUR)
        site.hear(wanted, again)
        recover(site, at_ms + 10 * MS_PER_HOUR)
    site.check(wanted)
    assert len(site.facts.of(Recorded)) <= 1
    site.close()
    site.edges = edges
    return site


STORMS = {
    **{plan: (plan, NOON_MS) for plan in PLANS},
    "as the window closes": ("calm", NIGHT_MS - MS_PER_SECOND),
    "inside the window": ("some lost answers", NIGHT_MS + MS_PER_HOUR),
}
"""Under what plan and from when."""

STORMY_KINDS = [
    (kind, storm)
    for kind in KINDS
    for storm in STORMS
    if kind == "legacy-batch" or storm in PLANS  # only the batch core has a window
]


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize(("kind", "storm"), STORMY_KINDS)
def test_a_crash_at_any_edge_leaves_one_effect_and_true_words(
    kind: str, name: str, storm: str, files: Path
) -> None:
    """Each edge of the flow is died at once: one commit, an empty outbox, an intact trail and no false word."""
    plan, at_ms = STORMS[storm]
    whole = played(files / "whole", kind, name, PLANS[plan], at_ms, None)
    edges = whole.edges.names
    if storm == "calm":
        assert set(edges) >= REACHED_WHEN_CALM[name]
    for edge in range(len(edges)):
        died = played(files / str(edge), kind, name, PLANS[plan], at_ms, edge)
        assert died.edges.names == edges[: edge + 1]
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):  # there is no edge more
        played(files / "beyond", kind, name, PLANS[plan], at_ms, len(edges))


def test_an_adapter_that_does_not_look_is_caught(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the look-up taken out of the adapter some edge leaves two effects: the checks above can fail."""

    def blind(self: ByReference, key: str, _at_ms: int) -> CoreReply:
        return CoreReply(CoreOutcome.NOT_FOUND, 0, None, key[:0], 0)

    monkeypatch.setattr(ByReference, "_find", blind)
    monkeypatch.setattr(ByReference, "_objection", lambda _self, _command, _ms: None)
    caught = []
    edges = 10
    for edge in range(edges):
        try:
            played(files / str(edge), "legacy-batch", "post", PLANS["calm"], NOON_MS, edge)
        except AssertionError as error:
            caught.append(str(error))
        except pytest.fail.Exception:
            break
    assert any("two effects" in text for text in caught)


@pytest.mark.parametrize("kind", KINDS)
def test_a_confirmation_nobody_sent_is_caught(
    kind: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart that forgets whom a confirmation was promised is seen at the edge between record and message."""
    monkeypatch.setattr("tests.writeback.test_crash_points.untold", lambda _rows: [])
    name = "conclude, never applied"
    whole = played(files / "whole", kind, name, PLANS["calm"], NOON_MS, None).edges.names
    before_message = whole.index("before Send")
    with pytest.raises(AssertionError, match="promised and never came"):
        played(files / "cut", kind, name, PLANS["calm"], NOON_MS, before_message)
