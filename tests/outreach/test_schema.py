"""An outreach document that could not be followed is refused with the reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.model import Channel
from sandbox.outreach.rules import compile_outreach
from sandbox.outreach.schema import OutreachDocument
from sandbox.outreach.windows import Hours


def test_the_defaults_are_the_conservative_pack() -> None:
    """Unset, a document gives weekday 08-20, Saturday 09-13, no Sunday, one a day, three in seven days."""
    rules = compile_outreach(OutreachDocument())
    assert rules.week == (*[Hours(480, 1_200)] * 5, Hours(540, 780), None)
    assert (rules.messages_per_day_max, rules.messages_per_7_days_max) == (1, 3)
    assert rules.touch_gap_ms_min == 24 * 3_600_000
    assert rules.channels == (Channel.SMS,)


def test_a_plain_document_compiles() -> None:
    """Plain data with written dates and missing weekdays becomes integer rules."""
    rules = compile_outreach(
        OutreachDocument.model_validate(
            {
                "windows": {"tuesday": {"opens": "00:00", "closes": "24:00"}},
                "holidays": ["2026-12-25", date(2026, 12, 26)],
                "messages_per_day_max": 2,
                "touch_gap_hours_min": 0,
                "channels": ["email", "sms"],
            }
        )
    )
    assert rules.week == (None, Hours(0, 1_440), None, None, None, None, None)
    assert rules.holidays == {date(2026, 12, 25), date(2026, 12, 26)}
    assert rules.messages_per_day_max == 2
    assert rules.touch_gap_ms_min == 0
    assert rules.channels == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"windows": {"monday": {"opens": "20:00", "closes": "20:00"}}}, "must be before closes 20:00"),
        ({"windows": {"monday": {"opens": "8:00", "closes": "20:00"}}}, "should match pattern"),
        ({"windows": {"monday": {"opens": "08:00", "closes": "24:01"}}}, "should match pattern"),
        ({"windows": {"monday": {"opens": "08:60", "closes": "20:00"}}}, "should match pattern"),
        ({"windows": {"someday": {"opens": "08:00", "closes": "20:00"}}}, "'monday', 'tuesday'"),
        ({"windows": {"monday": None}}, "no weekday has contact hours"),
        ({"windows": {}}, "no weekday has contact hours"),
        ({"messages_per_day_max": 0}, "greater than or equal to 1"),
        ({"messages_per_day_max": 4}, "4 is above messages_per_7_days_max 3"),
        ({"messages_per_7_days_max": 101}, "less than or equal to 100"),
        ({"messages_per_7_days_max": True}, "valid integer"),
        ({"touch_gap_hours_min": -1}, "greater than or equal to 0"),
        ({"touch_gap_hours_min": 24 * 90 + 1}, "less than or equal to 2160"),
        ({"channels": []}, "at least 1 item"),
        ({"channels": ["pigeon"]}, "'sms', 'whatsapp', 'email' or 'voice'"),
        ({"holidays": ["2026-02-30"]}, "valid date"),
        ({"quiet_ours": 1}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_document_is_refused(part: dict[str, Any], message: str) -> None:
    """Every kind of mistake is refused with a message that names it."""
    with pytest.raises(ValidationError) as refusal:
        OutreachDocument.model_validate(part)
    assert message in str(refusal.value)


def test_equal_caps_agree() -> None:
    """A day cap equal to the 7-day cap can be reached and is accepted."""
    document = OutreachDocument(messages_per_day_max=3, messages_per_7_days_max=3)
    assert compile_outreach(document).messages_per_day_max == 3
