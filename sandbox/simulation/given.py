"""Customers somebody brought along: facts of cases by row instead of drawn ones.

What a file says of a customer is taken from it; everything else, and all luck, is drawn as for synthetic customers.
No name, number or reference of a customer is held here: a row is known by its place alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any

import numpy as np

from sandbox.model import Channel

_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class GivenPeople:
    """Columns of a case file; a column the file lacks is not there.

    Attributes:
        rows: how many customers.
        columns: name to one value a customer: numbers and flags.
        facts: fact of the workflow to one value a customer; None where the core does not know it.
        consent: flags by channel.
        preferred: channel each customer asked for, or None, by row; empty where the file does not say.
        zones: the time zones customers live in.
        zone_of: place in `zones` of each customer; empty where the file does not say.
    """

    rows: int
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    facts: dict[str, tuple[bool | int | str | None, ...]] = field(default_factory=dict)
    consent: dict[Channel, np.ndarray] = field(default_factory=dict)
    preferred: tuple[Channel | None, ...] = ()
    zones: tuple[str, ...] = ()
    zone_of: tuple[int, ...] = ()

    def places(self, start: int, count: int) -> np.ndarray:
        """Rows of `count` cases from `start` on.

        Cases take rows in steps of about the golden section of the file, so that the first of them are spread over
        all of it however it is sorted; every row is taken once before any is taken again.
        """
        return (np.arange(start, start + count, dtype=np.int64) * self._step) % self.rows

    @property
    def _step(self) -> int:
        step = max(1, round(self.rows * _GOLDEN))
        while gcd(step, self.rows) != 1:
            step += 1
        return step

    def column(self, name: str, start: int, count: int) -> np.ndarray | None:
        """Values of some cases, or None where the file does not say."""
        values = self.columns.get(name)
        return None if values is None else values[self.places(start, count)]

    def fact(self, name: str, start: int, count: int) -> list[bool | int | str | None] | None:
        """Values of a fact of the workflow of some cases, or None where the file does not say."""
        values = self.facts.get(name)
        return None if values is None else [values[place] for place in self.places(start, count).tolist()]

    def consenting(self, drawn: list[int], start: int, channels: Sequence[Channel]) -> list[int]:
        """Bits of consent by channel, the file's in place of the drawn ones where it says."""
        bits = np.asarray(drawn, dtype=np.int64)
        places = self.places(start, len(drawn))
        for at, channel in enumerate(channels):
            flags = self.consent.get(channel)
            if flags is not None:
                bits = (bits & ~(1 << at)) | (flags[places].astype(np.int64) << at)
        found: list[int] = bits.tolist()
        return found

    def preferring(self, start: int, count: int, channels: Sequence[Channel]) -> list[int]:
        """Which of the channels each customer asked for: its place from 1, else 0."""
        asked: list[Any] = [self.preferred[place] for place in self.places(start, count).tolist()]
        return [channels.index(one) + 1 if one in channels else 0 for one in asked]

    def living_in(self, start: int, count: int) -> list[int]:
        """Place in `zones` of some customers."""
        return [self.zone_of[place] for place in self.places(start, count).tolist()]

    def consents(self, case_id: int, channel: Channel) -> bool | None:
        """Whether a customer consents to a channel, or None where the file does not say."""
        flags = self.consent.get(channel)
        return None if flags is None else bool(flags[self.places(case_id, 1)[0]])
