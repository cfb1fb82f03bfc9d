"""Wrong values of options: what was found and what is allowed, in the words of every other refusal."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tui.cli.main import app


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sweep x --over a=1,2 --replications auto", "found 'auto'; allowed: a whole number from 1"),
        ("sensitivity x --limit 0", "found '0'; allowed: a whole number from 1"),
        ("flips x --from a --to b --examples 99", "found '99'; allowed: a whole number from 0 to 50"),
        ("design flips x --from a --to b --examples 99", "found '99'; allowed: a whole number from 0 to 50"),
        ("limit x --keep a<1 --step q", "found 'q'; allowed: a number"),
        ("trace x --design a --case 1.5", "found '1.5'; allowed: a whole number from 0"),
        ("compare x --by y", "found 'y'; allowed: segment, week, route"),
        ("compare x --designs a,b,a", "names 'a' twice; allowed: each design once"),
        ("sweep x --over a=1,2 --metrics m,m", "names 'm' twice; allowed: each metric once"),
        ("compare x --replications none", "found 'none'; allowed: a whole number from 1, or auto"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(line: str, told: str) -> None:
    """Exit code 2, no validator's words, and where to read more."""
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, line.split())
    words = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert told in words
    assert "Input should" not in words
    assert "--help' for help" in words
