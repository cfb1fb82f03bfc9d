"""How long to wait between two tries: capped exponential backoff with full jitter.

Full jitter (a uniform share of the exponential step) spreads retries of many callers best; the cap and the
number of tries bound the time one posting can hold a customer's screen before the durable outbox takes over.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import BadInput


@dataclass(frozen=True, slots=True)
class BackoffRules:
    """The bounds of retrying.

    Attributes:
        base_ms: longest possible wait after the first try, milliseconds.
        cap_ms: longest possible wait after any try, milliseconds.
        tries_max: calls in one run before the outbox keeps the intent.

    Raises:
        BadInput: a bound is not positive or the cap lies below the base.
    """

    base_ms: int = 500
    cap_ms: int = 30_000
    tries_max: int = 5

    def __post_init__(self) -> None:
        problems = []
        if self.base_ms < 1:
            problems.append(f"backoff.base_ms: {self.base_ms} is not at least 1")
        if self.cap_ms < self.base_ms:
            problems.append(f"backoff.cap_ms: {self.cap_ms} lies below base_ms {self.base_ms}")
        if self.tries_max < 1:
            problems.append(f"backoff.tries_max: {self.tries_max} is not at least 1")
        if problems:
            raise BadInput(problems)

    def delay_ms(self, attempt: int, u: float) -> int:
        """Return the wait after the given try.

        Args:
            attempt: tries made so far, from 1.
            u: uniform draw in [0, 1).

        Returns:
            Milliseconds in [0, min(cap_ms, base_ms * 2 ** (attempt - 1))).
        """
        # The exponent is bounded too: 2**31 milliseconds are 24 days, beyond any sensible cap.
        step_ms: int = self.base_ms << min(attempt - 1, 31)
        return int(u * min(self.cap_ms, step_ms))
