"""How a channel behaves, as numbers; the defaults here name their sources, scenario files name their own."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import BadInput
from sandbox.model import MS_PER_DAY

_MOST_MS = 365 * MS_PER_DAY  # beyond any campaign; larger values are slips of a unit
_MOST_SIGMA = 5  # a lognormal mean 270,000 times its median; larger values overflow


@dataclass(frozen=True, slots=True)
class SmsProfile:
    """A text message route.

    Defaults are a healthy bulk route. Vendors publish 1 to 5 % of messages lost, final receipts for over 97 %
    and, for one-time codes, a latency that fits a median of 4 s with a log standard deviation of 0.67. The
    bulk median (five times that) and every other default are assumptions.

    Attributes:
        delivered_rate: share of messages that the network does not lose.
        latency_ms_median: median time from send to handset, of messages delivered at once.
        latency_sigma: standard deviation of the logarithm of that time.
        buffered_rate: share of the messages not lost that wait for a handset that is off.
        buffered_delay_ms_mean: mean of that wait, exponential, on top of the latency.
        buffered_expiry_ms: a message still buffered at this age is given up.
        receipt_lost_rate: share of receipts that never arrive.
        receipt_late_rate: share of receipts that arrive late.
        receipt_late_delay_ms_mean: mean lateness, exponential; also the gap before a duplicate.
        receipt_duplicate_rate: share of receipts that arrive twice.

    Raises:
        BadInput: a share outside 0 to 1, a time outside 0 to a year, a spread outside 0 to 5, or receipt
            shares that add up to more than 1.
    """

    delivered_rate: float = 0.97
    latency_ms_median: float = 20_000
    latency_sigma: float = 0.67
    buffered_rate: float = 0.03
    buffered_delay_ms_mean: float = 7_200_000
    buffered_expiry_ms: int = 86_400_000
    receipt_lost_rate: float = 0.03
    receipt_late_rate: float = 0.02
    receipt_late_delay_ms_mean: float = 3_600_000
    receipt_duplicate_rate: float = 0.01

    def __post_init__(self) -> None:
        """Check every number and report all that are wrong."""
        shares = {
            "delivered_rate": self.delivered_rate,
            "buffered_rate": self.buffered_rate,
            "receipt_lost_rate": self.receipt_lost_rate,
            "receipt_late_rate": self.receipt_late_rate,
            "receipt_duplicate_rate": self.receipt_duplicate_rate,
        }
        times_ms = {
            "latency_ms_median": self.latency_ms_median,
            "buffered_delay_ms_mean": self.buffered_delay_ms_mean,
            "buffered_expiry_ms": self.buffered_expiry_ms,
            "receipt_late_delay_ms_mean": self.receipt_late_delay_ms_mean,
        }
        problems = _outside("sms", shares, 1) + _outside("sms", times_ms, _MOST_MS)
        problems += _outside("sms", {"latency_sigma": self.latency_sigma}, _MOST_SIGMA)
        receipts = self.receipt_lost_rate + self.receipt_late_rate + self.receipt_duplicate_rate
        if receipts > 1:
            problems.append(
                f"sms profile: receipt lost, late and duplicate rates add up to {receipts:g}, at most 1"
            )
        if problems:
            raise BadInput(problems)


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """The way from dialling to the call queue; every default is an assumption.

    Attributes:
        failed_rate: share of attempts that never reach the lines (network, wrong digits, engaged tone).
        ring_and_menu_ms_median: median time to ring and pass the voice menu; a failed attempt costs the same.
        ring_and_menu_sigma: standard deviation of the logarithm of that time.

    Raises:
        BadInput: a share outside 0 to 1, a time outside 0 to a year, a spread outside 0 to 5.
    """

    failed_rate: float = 0.005
    ring_and_menu_ms_median: float = 25_000
    ring_and_menu_sigma: float = 0.4

    def __post_init__(self) -> None:
        """Check every number and report all that are wrong."""
        problems = _outside("voice", {"failed_rate": self.failed_rate}, 1)
        problems += _outside("voice", {"ring_and_menu_ms_median": self.ring_and_menu_ms_median}, _MOST_MS)
        problems += _outside("voice", {"ring_and_menu_sigma": self.ring_and_menu_sigma}, _MOST_SIGMA)
        if problems:
            raise BadInput(problems)


def _outside(name: str, values: dict[str, float], most: float) -> list[str]:
    # "not (0 <= x <= most)" also catches NaN, which compares false with everything.
    return [
        f"{name} profile: {key} is {value}, expected 0 to {most}"
        for key, value in values.items()
        if not 0 <= value <= most
    ]
