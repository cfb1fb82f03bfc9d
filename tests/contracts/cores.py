"""Every core the writeback contract is asked of: one line each in CORES."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import CoreProfile
from fake_core.served import CoreServer, Served
from fake_core.store import FakeCore
from sandbox.adapters.by_reference import ByReference
from sandbox.adapters.http_core import HttpCore
from sandbox.adapters.mapping import RecordLayout, RecordMapping
from sandbox.model import AccountFacts
from sandbox.ports import CorePort, CoreReply, PostCommand
from scenarios.world.core_profiles import profile_document


def _mapping() -> RecordMapping:
    """Return the shipped batch core's records, on a year with a leap day."""
    layout = profile_document("legacy-batch").record
    assert isinstance(layout, RecordLayout)
    return RecordMapping(layout, date(2028, 2, 28))


MAPPING = _mapping()


class CoreBench(NamedTuple):
    """One core under test.

    Attributes:
        port: what the workflows talk to.
        book: the tables behind it, which know nothing of what the port told anybody: the oracle.
    """

    port: CorePort
    book: FakeCore


OpenCore = Callable[[CoreProfile, FaultPlan], AbstractContextManager[CoreBench]]
"""Opens an empty core that answers by a profile under a plan of faults, and closes it.

Latency, timeout, retention, batch window and the time a posting takes come from the profile, for every core alike.
"""


@contextmanager
def modern_in_memory(profile: CoreProfile, faults: FaultPlan) -> Iterator[CoreBench]:
    """A core with keys, in memory."""
    core = FakeCore("sqlite://", profile, faults)
    yield CoreBench(core, core)
    core.close()


@contextmanager
def modern_in_file(profile: CoreProfile, faults: FaultPlan) -> Iterator[CoreBench]:
    """A core with keys, in a file of its own, every posting durable at once."""
    with tempfile.TemporaryDirectory() as folder:
        core = FakeCore(f"sqlite:///{Path(folder) / 'core.db'}", profile, faults, commit_every=1)
        yield CoreBench(core, core)
        core.close()


@contextmanager
def legacy_batch(profile: CoreProfile, faults: FaultPlan) -> Iterator[CoreBench]:
    """A core of fixed records without keys, behind the adapter that looks up before it writes."""
    core = LegacyCore("sqlite://", replace(profile, honours_keys=False), faults, MAPPING)
    yield CoreBench(ByReference(core, MAPPING), core.book)
    core.book.close()


@contextmanager
def legacy_in_file(profile: CoreProfile, faults: FaultPlan) -> Iterator[CoreBench]:
    """The same in a file of its own, every posting durable at once."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'core.db'}"
        core = LegacyCore(url, replace(profile, honours_keys=False), faults, MAPPING, commit_every=1)
        yield CoreBench(ByReference(core, MAPPING), core.book)
        core.book.close()


class OnServersTime:
    """A port whose server's clock is set to each call's time first, since HTTP carries none."""

    def __init__(self, port: HttpCore, time: ServerTime) -> None:
        self._port, self._time = port, time

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Post at this time of the core's."""
        self._time.now_ms = at_ms
        return self._port.post(command, at_ms)

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Ask at this time of the core's."""
        self._time.now_ms = at_ms
        return self._port.read_by_key(key, at_ms)

    def read_account(self, account_id: int) -> AccountFacts:
        """Read over HTTP."""
        return self._port.read_account(account_id)

    def is_complete(self, account_id: int) -> bool:
        """Read over HTTP."""
        return self._port.is_complete(account_id)

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Read over HTTP."""
        return self._port.read_accounts(first, count)


class ServerTime:
    """Milliseconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now_ms = 0

    def read(self) -> int:
        """Return the time."""
        return self.now_ms

    def wait(self, for_ms: int) -> None:
        """Let time pass."""
        self.now_ms += for_ms


@contextmanager
def over_http(profile: CoreProfile, faults: FaultPlan) -> Iterator[CoreBench]:
    """A core with keys, served on loopback and called through the HTTP adapter."""
    core, time = FakeCore("sqlite://?check_same_thread=false", profile, faults), ServerTime()
    server = CoreServer(Served(core, core, "a token", time.read, time.wait))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001})
    thread.start()
    try:
        port = HttpCore(f"http://127.0.0.1:{server.server_port}", "a token", 5_000, time.read)
        yield CoreBench(OnServersTime(port, time), core)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        core.close()


CORES: dict[str, OpenCore] = {
    "modern-api": modern_in_memory,
    "file": modern_in_file,
    "legacy-batch": legacy_batch,
    "legacy-file": legacy_in_file,
    "http": over_http,
}
