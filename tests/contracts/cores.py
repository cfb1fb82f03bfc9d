"""Every core the writeback contract is asked of: one line each in CORES."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import CoreProfile
from fake_core.store import FakeCore
from sandbox.adapters.by_reference import ByReference
from sandbox.adapters.mapping import RecordLayout, RecordMapping
from sandbox.ports import CorePort
from scenarios.core_profiles import profile_document


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


CORES: dict[str, OpenCore] = {
    "modern-api": modern_in_memory,
    "file": modern_in_file,
    "legacy-batch": legacy_batch,
    "legacy-file": legacy_in_file,
}
