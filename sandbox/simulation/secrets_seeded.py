"""What only the customer reads or knows, as a pure function of the seed: for simulations and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

from sandbox.draws import Draws
from sandbox.ports import FACTS_ON_FILE

_BORN_FROM = date(1935, 1, 1)
_BORN_DAYS = 70 * 365
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"


class SeededCodes:
    """One-time code digits: a CodeSource."""

    def __init__(self, draws: Draws, length: int = 6) -> None:
        """Bind the seed and the length of a code."""
        self._draws = draws
        self._codes: int = 10**length
        self._spelt = f"%0{length}d"  # cuts the fraction off

    def digits(self, case_id: int, nth: int) -> str:
        """Return the digits of the nth code of a case."""
        return self._spelt % (self._draws.uniform("code_digits", nth, case_id) * self._codes)


class SeededFacts:
    """Answers to known facts: a FactSource."""

    def __init__(self, draws: Draws) -> None:
        """Bind the seed."""
        self._draws = draws

    def answers(self, account_id: int, count: int) -> tuple[tuple[str, str], ...]:
        """Return the first `count` facts of an account."""
        return tuple((name, self._answer(name, account_id)) for name in FACTS_ON_FILE[:count])

    def _answer(self, name: str, account_id: int) -> str:
        u = self._draws.uniform(f"fact_{name}", 0, account_id)
        if name == "date_of_birth":
            return (_BORN_FROM + timedelta(days=int(u * _BORN_DAYS))).isoformat()
        drawn = int(u * 10_000)
        if name == "postcode":
            first, second = _LETTERS[drawn % len(_LETTERS)], _LETTERS[drawn // 7 % len(_LETTERS)]
            return f"{first}{second}{drawn // 1_000 + 1} {drawn % 10}{second}{first}"
        return f"{drawn / 100:.2f}" if name == "last_payment" else f"{drawn:04d}"
