"""How a channel behaves, as numbers; the defaults here name their sources, scenario files name their own."""

from __future__ import annotations

from dataclasses import dataclass

from fake_channels.limits import PER_S_UNLIMITED
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
        sends_per_s_max: messages the provider lets out in a second; the others leave later.

    Raises:
        BadInput: a limit of 0 or less, a share outside 0 to 1, a time outside 0 to a year, a spread outside 0 to 5,
            or receipt shares that add up to more than 1.
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
    sends_per_s_max: float = PER_S_UNLIMITED

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
        problems += _no_limit("sms", self.sends_per_s_max)
        receipts = self.receipt_lost_rate + self.receipt_late_rate + self.receipt_duplicate_rate
        if receipts > 1:
            problems.append(
                f"sms profile: receipt lost, late and duplicate rates add up to {receipts:g}, at most 1"
            )
        if problems:
            raise BadInput(problems)


@dataclass(frozen=True, slots=True)
class WhatsAppProfile:
    """A WhatsApp business account and its customers.

    Published figures: 92 to 98 % delivered from a healthy account, 68 % of those read, a tier of 250, 2,000, 10,000
    or 100,000 unique users in a moving 24 hours. Latency, reading delay, the share with receipts off and the sends
    a second are assumptions.

    Attributes:
        delivered_rate: share of messages taken that reach the handset.
        latency_ms_median: median time from leaving to handset.
        latency_sigma: standard deviation of the logarithm of that time.
        read_rate: share of delivered messages that are read.
        read_delay_ms_median: median time from handset to reading.
        read_delay_sigma: standard deviation of the logarithm of that time.
        receipts_off_rate: share of customers whose reading is never reported.
        receipt_lost_rate: share of messages of which no report arrives.
        template_approved: whether the campaign's template may be used outside a service window.
        users_per_24_h_max: the messaging tier; as many users as the account may write to outside windows.
        sends_per_s_max: messages the provider lets out in a second; the others leave later.

    Raises:
        BadInput: a limit of 0 or less, a share outside 0 to 1, a time outside 0 to a year, a spread outside 0 to 5.
    """

    delivered_rate: float = 0.93
    latency_ms_median: float = 3_000
    latency_sigma: float = 0.67
    read_rate: float = 0.68
    read_delay_ms_median: float = 600_000
    read_delay_sigma: float = 1.5
    receipts_off_rate: float = 0.2
    receipt_lost_rate: float = 0.01
    template_approved: bool = True
    users_per_24_h_max: int = 100_000
    sends_per_s_max: float = 80.0

    def __post_init__(self) -> None:
        """Check every number and report all that are wrong."""
        shares = {
            "delivered_rate": self.delivered_rate,
            "read_rate": self.read_rate,
            "receipts_off_rate": self.receipts_off_rate,
            "receipt_lost_rate": self.receipt_lost_rate,
        }
        times_ms = {
            "latency_ms_median": self.latency_ms_median,
            "read_delay_ms_median": self.read_delay_ms_median,
        }
        sigmas = {"latency_sigma": self.latency_sigma, "read_delay_sigma": self.read_delay_sigma}
        problems = _outside("whatsapp", shares, 1) + _outside("whatsapp", times_ms, _MOST_MS)
        problems += _outside("whatsapp", sigmas, _MOST_SIGMA) + _no_limit("whatsapp", self.sends_per_s_max)
        if self.users_per_24_h_max < 1:
            found = self.users_per_24_h_max
            problems.append(f"whatsapp profile: users_per_24_h_max is {found}, expected at least 1")
        if problems:
            raise BadInput(problems)


@dataclass(frozen=True, slots=True)
class EmailProfile:
    """A bulk email route and its customers.

    Published figures: 0.5 to 2 % bounce, 85 to 90 % of the rest in the inbox, 35 % of transactional mails opened. The
    times, the share of customers whose opening is not reported and the sends a second are assumptions.

    Attributes:
        bounce_rate: share of mails the mailbox does not take.
        latency_ms_median: median time from leaving to mailbox.
        latency_sigma: standard deviation of the logarithm of that time.
        inbox_rate: share of mails taken that stand in the inbox; the others are never seen.
        opened_rate: share of mails in the inbox that are opened.
        open_delay_ms_median: median time from mailbox to opening.
        open_delay_sigma: standard deviation of the logarithm of that time.
        tracking_off_rate: share of customers whose opening is never reported.
        receipt_lost_rate: share of mails of which no report arrives.
        sends_per_s_max: mails the provider lets out in a second; the others leave later.

    Raises:
        BadInput: a limit of 0 or less, a share outside 0 to 1, a time outside 0 to a year, a spread outside 0 to 5.
    """

    bounce_rate: float = 0.02
    latency_ms_median: float = 5_000
    latency_sigma: float = 0.67
    inbox_rate: float = 0.87
    opened_rate: float = 0.35
    open_delay_ms_median: float = 9_000_000
    open_delay_sigma: float = 1.6
    tracking_off_rate: float = 0.3
    receipt_lost_rate: float = 0.01
    sends_per_s_max: float = 14.0

    def __post_init__(self) -> None:
        """Check every number and report all that are wrong."""
        shares = {
            "bounce_rate": self.bounce_rate,
            "inbox_rate": self.inbox_rate,
            "opened_rate": self.opened_rate,
            "tracking_off_rate": self.tracking_off_rate,
            "receipt_lost_rate": self.receipt_lost_rate,
        }
        times_ms = {
            "latency_ms_median": self.latency_ms_median,
            "open_delay_ms_median": self.open_delay_ms_median,
        }
        sigmas = {"latency_sigma": self.latency_sigma, "open_delay_sigma": self.open_delay_sigma}
        problems = _outside("email", shares, 1) + _outside("email", times_ms, _MOST_MS)
        problems += _outside("email", sigmas, _MOST_SIGMA) + _no_limit("email", self.sends_per_s_max)
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


def _no_limit(name: str, per_s_max: float) -> list[str]:
    if per_s_max > 0:  # false for NaN, too
        return []
    return [f"{name} profile: sends_per_s_max is {per_s_max}, expected above 0"]


def _outside(name: str, values: dict[str, float], most: float) -> list[str]:
    # "not (0 <= x <= most)" also catches NaN, which compares false with everything.
    return [
        f"{name} profile: {key} is {value}, expected 0 to {most}"
        for key, value in values.items()
        if not 0 <= value <= most
    ]
