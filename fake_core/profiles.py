"""What kind of core we talk to: how fast it is, when it is closed, and whether it honours keys."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import BadInput
from sandbox.model import MS_PER_DAY, MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class CoreProfile:
    """A core's manner of answering.

    Defaults: open-banking payment calls in the UK average about 300 ms (published monthly statistics, October
    2025); with sigma 0.6, 1 % of calls take over 1.2 s and 0.08 % outlast the client's 2 s (assumption).

    Attributes:
        latency_ms_median: median time from call to answer, milliseconds.
        latency_sigma: sigma of the lognormal latency.
        timeout_ms: after this the client hears nothing more, although the core may have applied the command.
        retention_ms: how long a key is remembered; 35 days outlive any retry plus any link plus a week.
        closed_from_ms, closed_to_ms: daily batch window in milliseconds of the day, in which the core can be
            read but takes no posting; equal means always open. It may span midnight. Time 0 is a midnight.
        honours_keys: False for a core that takes every call at face value: it neither looks at keys nor at
            versions nor at what was recorded before. It shows what a missing idempotent writeback costs.
        executes_ms: how long the core works on an accepted posting; a repetition of its key that arrives meanwhile
            is told that it is in progress. 0 answers every repetition from the record.

    Raises:
        BadInput: a duration is out of range.
    """

    latency_ms_median: int = 300
    latency_sigma: float = 0.6
    timeout_ms: int = 2_000
    retention_ms: int = 35 * MS_PER_DAY
    closed_from_ms: int = 0
    closed_to_ms: int = 0
    honours_keys: bool = True
    executes_ms: int = 0

    def __post_init__(self) -> None:
        problems = [
            f"core.{name}: {value} is not in {least}..{most}"
            for name, value, least, most in (
                ("latency_ms_median", self.latency_ms_median, 1, MS_PER_HOUR),
                ("latency_sigma", self.latency_sigma, 0, 3),
                ("timeout_ms", self.timeout_ms, 1, MS_PER_HOUR),
                ("retention_ms", self.retention_ms, 1, 10_000 * MS_PER_DAY),
                ("closed_from_ms", self.closed_from_ms, 0, MS_PER_DAY),
                ("closed_to_ms", self.closed_to_ms, 0, MS_PER_DAY),
                ("executes_ms", self.executes_ms, 0, MS_PER_HOUR),
            )
            if not least <= value <= most
        ]
        if problems:
            raise BadInput(problems)

    @property
    def closes(self) -> bool:
        """Whether there is a batch window at all."""
        return self.closed_from_ms != self.closed_to_ms

    def is_closed(self, at_ms: int) -> bool:
        """Return whether the batch window holds the core closed at this time."""
        if not self.closes:
            return False
        start, end = self.closed_from_ms, self.closed_to_ms
        of_day = at_ms % MS_PER_DAY
        return start <= of_day < end if start < end else (of_day >= start or of_day < end)


MODERN_API = CoreProfile()
"""A current payments interface."""

LEGACY_BATCH = CoreProfile(
    latency_ms_median=2_000,  # published payment-interface averages of 1.9 to 2.2 s at a smaller UK bank
    timeout_ms=10_000,  # assumption: a client of a slow core waits about five medians
    closed_from_ms=23 * MS_PER_HOUR,  # assumption: nightly batch, read-only from 23:00 to 02:00
    closed_to_ms=2 * MS_PER_HOUR,
    honours_keys=False,
)
"""A slow core with a nightly batch window and without keys; see `fake_core.legacy`."""

WITHOUT_KEYS = CoreProfile(honours_keys=False)
"""A fast core without idempotency: the baseline that duplicates."""
