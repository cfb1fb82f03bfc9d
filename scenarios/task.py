"""One run to do, as data: what a worker is handed, and the seed it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from scenarios.world.spec import Scenario


def replication_seed(seed: int, replication: int) -> int:
    """The seed of one replication: the same for every design, so that the same people face all of them."""
    return int.from_bytes(blake2b(f"{seed}|{replication}".encode(), digest_size=8).digest(), "big") >> 1


@dataclass(frozen=True, slots=True)
class Task:
    """One run to do: picklable, complete, independent of every other.

    Attributes:
        label: what progress calls it; the design's name where nothing else is said.
        keep_cases: the outcome also says what became of every single case.
        rollout: a second design and the share of customers moved to it, who stand on the same lines; None without.
        contacts: the outcome also says how many cases made contact, and again.
        shares: what other runs of the same seed in this process have drawn and decided is used again.
    """

    scenario: Scenario
    design: str
    replication: int
    busy_hours: frozenset[int]
    campaign_runs: bool = True
    core_url: str | None = None
    label: str = ""
    keep_cases: bool = False
    rollout: tuple[str, float] | None = None
    shares: bool = False
    contacts: bool = False

    @property
    def seed(self) -> int:
        """The seed of this run's replication."""
        return replication_seed(self.scenario.document.seed, self.replication)
