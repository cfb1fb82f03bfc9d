"""Codes of a simulation: as long as the scenario says, and the same for the same seed."""

from __future__ import annotations

import pytest

from sandbox.draws import Draws
from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.simulation.secrets_seeded import SeededCodes
from tests.scenarios.recorded import run


@pytest.mark.parametrize("length", [4, 6, 12])
def test_a_code_has_the_digits_its_desk_asks_for(length: int) -> None:
    """Each length a scenario may set is issued, leading noughts and all; the first digits do not depend on it."""
    desk, codes = CodeDesk(CodeRules(digits=length), bytes(32)), SeededCodes(Draws(1), length)
    made = [codes.digits(case, 8) for case in range(200)]
    assert {len(code) for code in made} == {length}
    assert any(code.startswith("0") for code in made)
    assert desk.digits == length
    assert desk.issue(0, "s", made[0], 0).expires_at_ms == 600_000  # type: ignore[union-attr]
    assert [code[:4] for code in made] == [SeededCodes(Draws(1), 4).digits(case, 8) for case in range(200)]


def test_a_scenario_with_longer_codes_runs() -> None:
    """`identity.code_digits=8` is a what-if like any other, and whose codes are longer does not matter here."""
    assert run("in-message", ("identity.code_digits=8",)).ends == run("in-message").ends
