"""`sandbox map` as a user sees it: the path, the ledger and the test, as text and as JSON."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from scenarios.explain.ablation import Ablation, FixedHandoff
from scenarios.totals import MEASURES, NOTHING, Figure
from tests.scenarios.recorded import SMALL
from tui.cli.ablating import fixes_lines
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100"})
GIVEN = [text for setting in SMALL for text in ("--set", setting)]


def test_the_text_marks_handoffs_and_fits_the_terminal() -> None:
    """The portal's login stands on the normal path as a handoff; nothing is wider than the window."""
    result = RUNNER.invoke(app, ["map", "retail-bank-200k", "--design", "portal", *GIVEN])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines[:-2])) <= 100  # the last two are commands to be copied whole
    assert "changed: campaign.messages=" in lines[1]
    assert lines[-2].startswith(
        "replay: sandbox map retail-bank-200k --design portal --set campaign.messages="
    )
    assert lines[-1].startswith(
        "next:   sandbox diagnose retail-bank-200k --designs portal --set campaign.messages="
    )
    login = next(place for place, line in enumerate(lines) if line.startswith("  ●  login"))
    assert "message to portal login" in lines[login - 1]
    assert any(line.strip() == "closed" for line in lines)


def test_the_json_sums_to_all_cases() -> None:
    """Who reads the document can check the books: every case ended once."""
    result = RUNNER.invoke(app, ["map", "retail-bank-200k", "--design", "sms-to-call", *GIVEN, "--json"])
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    assert sum(ending["cases"] for ending in document["endings"]) == document["cases"]
    assert document["closed_workflow"]["person_waits"] == ["back_office", "manual_writeback"]
    capacity = {step["step"]: step["capacity_per_h"] for step in document["steps"]}
    assert (capacity["back_office"], capacity["manual_writeback"]) == (72.0, 80.0)
    assert capacity["message"] is None
    assert document["closed_workflow"]["closed"] is False


def test_an_unknown_design_is_refused_with_what_is_allowed() -> None:
    """The usual refusal: what was found, what is allowed."""
    result = RUNNER.invoke(app, ["map", "retail-bank-200k", "--design", "portl"])
    assert result.exit_code == 2
    assert "did you mean 'portal'" in result.stderr


def _fixed(kind: str, low: float, high: float) -> FixedHandoff:
    """One handoff whose fix gains completions within an interval, and nothing else that is known."""
    gains = dict.fromkeys(MEASURES, NOTHING) | {"completions": Figure((low + high) / 2, low, high)}
    return FixedHandoff(kind, (kind,), "fixed", ("a=1",), gains)


def test_an_order_of_fixes_that_noise_made_is_called_none() -> None:
    """Where no interval of completions leaves nought out the report says so; where one does it ranks."""
    noise, clear = _fixed("back_office", -20.0, 30.0), _fixed("call_queue", 2.0, 9.0)
    now = dict.fromkeys(MEASURES, NOTHING)
    for fixes, ranked in (((noise,), False), ((noise, clear), True)):
        found = Ablation("x", "sms-to-call", 1, 2, "GBP", now, fixes)
        text = " ".join(" ".join(fixes_lines(found, 80)).split())
        assert ("their order is no ranking" not in text) is ranked
