"""The way a call takes to the queue: it may fail, and it costs the time to ring and pass the menu."""

from __future__ import annotations

from math import exp

from fake_channels.profiles import VoiceProfile
from sandbox.draws import Draws
from sandbox.ports import Connection


class VoiceChannel:
    """A `ports.VoicePort`: dialling, ringing and the voice menu; the queue itself belongs to the simulation.

    Args:
        profile: the lines' behaviour.
        draws: the replication's random columns.
    """

    def __init__(self, profile: VoiceProfile, draws: Draws) -> None:
        """Join a profile and the replication's luck."""
        self._profile = profile
        self._draws = draws

    def connect(self, case_id: int, attempt: int) -> Connection:
        """Say what becomes of a case's nth attempt to call: a pure function of both and the seed.

        A failed attempt costs its caller the same time as one that gets through.

        Args:
            case_id: 0 or more; calls of no case have no story before the queue.
            attempt: 1 for the first call, more for redials.
        """
        profile = self._profile
        failed = self._draws.uniform("voice_connected", attempt, case_id) < profile.failed_rate
        spread = profile.ring_and_menu_sigma * self._draws.normal("voice_latency", attempt, case_id)
        return Connection(not failed, int(profile.ring_and_menu_ms_median * exp(spread)))
