"""The digits of one-time codes in a simulation."""

from __future__ import annotations

from sandbox.draws import Draws


class SeededCodes:
    """One-time code digits as a pure function of the seed: a CodeSource for simulations only.

    Args:
        draws: the seed's.
        length: digits of a code.
    """

    def __init__(self, draws: Draws, length: int = 6) -> None:
        """Bind the seed."""
        self._draws = draws
        self._length = length
        self._codes = 10**length

    def digits(self, case_id: int, nth: int) -> str:
        """Return the digits of the nth code of a case."""
        number = int(self._draws.uniform("code_digits", nth, case_id) * self._codes)
        return f"{number:0{self._length}d}"
