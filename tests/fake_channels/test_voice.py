"""The way to the call queue: how often it fails and how long it takes."""

from __future__ import annotations

from math import sqrt
from statistics import median

import pytest

from fake_channels.profiles import VoiceProfile
from fake_channels.voice import VoiceChannel
from sandbox.draws import Draws
from sandbox.errors import BadInput

CALLS = 20_000


def test_a_call_is_a_function_of_case_attempt_and_seed() -> None:
    """The same attempt always ends alike, whatever was asked before; another attempt or seed does not."""
    one, other = VoiceChannel(VoiceProfile(), Draws(1)), VoiceChannel(VoiceProfile(), Draws(1))
    forward = [one.connect(case_id, 1) for case_id in range(1_000)]
    backward = [other.connect(case_id, 1) for case_id in reversed(range(1_000))]
    assert forward == backward[::-1]
    assert forward != [one.connect(case_id, 2) for case_id in range(1_000)]
    assert forward != [VoiceChannel(VoiceProfile(), Draws(2)).connect(case_id, 1) for case_id in range(1_000)]


@pytest.mark.parametrize("failed_rate", [0.0, 0.005, 0.3, 1.0])
def test_the_failed_share_is_reproduced(failed_rate: float) -> None:
    """Over 20,000 calls the failures lie within the binomial bound."""
    channel = VoiceChannel(VoiceProfile(failed_rate=failed_rate), Draws(1))
    failed = sum(not channel.connect(case_id, 1).connected for case_id in range(CALLS))
    assert abs(failed - failed_rate * CALLS) <= 4.5 * sqrt(failed_rate * (1 - failed_rate) * CALLS)


def test_ring_and_menu_take_the_median_time_given() -> None:
    """Times are whole, from 0, with the profile's median; without spread they are all the same."""
    channel = VoiceChannel(VoiceProfile(), Draws(1))
    times = [channel.connect(case_id, 1).latency_ms for case_id in range(CALLS)]
    assert all(type(time) is int and time >= 0 for time in times)
    assert median(times) == pytest.approx(25_000, rel=0.02)
    still = VoiceChannel(VoiceProfile(ring_and_menu_ms_median=9_000, ring_and_menu_sigma=0), Draws(1))
    assert {still.connect(case_id, 1).latency_ms for case_id in range(100)} == {9_000}


def test_every_fault_of_a_profile_is_listed() -> None:
    """A share above 1, a negative time and an impossible spread are reported together."""
    with pytest.raises(BadInput) as caught:
        VoiceProfile(1.5, -1, 6)
    assert len(caught.value.problems) == 3
