"""Message funnels: rates by channel with intervals, mapped onto settings that give them back."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.calibration.calibrate import calibrate
from scenarios.calibration.funnel_settings import per_first_touch
from scenarios.world.spec import load_scenario

BASE = "retail-bank-200k"
HEADER = "day,channel,sent,delivered,clicked,verified,acted,posted"
DAYS = [f"2026-03-{day:02d}" for day in range(2, 12)]


def calibrated(write, *rows: str, header: str = HEADER):
    """The calibration of a funnel of these rows."""
    return calibrate(write("funnel.csv", "\n".join([header, *rows]) + "\n"), BASE)


def settings_of(found) -> dict[str, object]:
    """Settings by path."""
    return {one.path: one.value for one in found.fragment.settings}


def test_rates_are_pooled_over_days_with_the_base_of_each(write):
    """Every stage is a share of the one before; channels stand apart and together."""
    rows = [f"{day},sms,1000,950,95,90,60,59" for day in DAYS] + [f"{DAYS[0]},email,500,490,20,18,12,12"]
    rates = calibrated(write, *rows).funnel.rates  # type: ignore[union-attr]
    sms = rates["sms"]
    assert [(stage, share.hits, share.base) for stage, share in sms.items()] == [
        ("delivered", 9_500, 10_000), ("clicked", 950, 9_500), ("verified", 900, 950),
        ("acted", 600, 900), ("posted", 590, 600),
    ]  # fmt: skip
    assert sms["delivered"].low < 0.95 < sms["delivered"].high  # type: ignore[operator]
    assert rates["all"]["clicked"].hits == 970


def test_the_settings_give_the_rates_back(write):
    """Click rate over both touches, identity proven and actions taken come back through the model's own formulas."""
    rows = [f"{day},sms,1000,940,114,104,70,69" for day in DAYS]
    found = calibrated(write, *rows)
    document = found.fragment.check().document
    assert document.channels.sms.delivered_rate == pytest.approx(0.94)
    first, decay = document.customers.response_rate, document.customers.response_decay
    recorded = 0.069
    per_message = (first + (1 - recorded) * first * decay) / (2 - recorded)
    assert per_message == pytest.approx(114 / 940, rel=1e-4)
    assert per_first_touch(load_scenario(BASE).document, recorded) == pytest.approx(
        first / per_message, rel=1e-4
    )
    identity = document.identity
    arrives = 0.97 + 0.03 * 0.37 * 0.97
    typed = 1 - (1 - identity.code_correct_rate) ** identity.code_tries_max
    assert arrives * identity.code_starts_rate * typed == pytest.approx(104 / 114, rel=1e-4)
    wishes = document.customers.wishes
    acting = (1 - wishes["nothing"] - wishes["person"]) * (1 - identity.page_drop_rate)
    assert acting == pytest.approx(70 / 104, abs=2e-4)
    assert sum(wishes.values()) == pytest.approx(1.0)
    assert document.back_office.lost_rate == pytest.approx(1 / 70, rel=1e-4)
    sources = {one.path: one.source for one in found.fragment.settings}
    assert {path for path, source in sources.items() if source == "measured"} == {
        "channels.sms.delivered_rate"
    }
    assert set(sources.values()) == {"measured", "fitted-to-case"}


def test_a_rate_above_what_the_model_allows_is_capped_and_said(write):
    """Everybody proves who they are: codes are begun by all, and the note says the funnel asks for more."""
    found = calibrated(write, *[f"{day},sms,1000,940,114,114,70,70" for day in DAYS])
    one = next(one for one in found.fragment.settings if one.path == "identity.code_starts_rate")
    assert one.value == 1.0
    assert "asks for more" in one.note


def test_other_channels_become_factors_on_the_level_of_sms(write):
    """WhatsApp clicks per message, over the share who read it and the SMS level, are its factor."""
    header = "day,channel,sent,delivered,read,clicked"
    rows = [f"{day},sms,1000,900,0,90" for day in DAYS] + [f"{day},whatsapp,1000,900,600,120" for day in DAYS]
    found = calibrated(write, *rows, header=header)
    settings = settings_of(found)
    assert settings["channels.whatsapp.read_rate"] == pytest.approx(2 / 3)
    factor = settings["customers.channel_response.whatsapp.rate_factor"]
    assert factor == pytest.approx((120 / 900) / (2 / 3) / (90 / 900))
    assert "opened" not in found.funnel.rates["sms"]  # type: ignore[union-attr]
    assert any(text.startswith("Acted: not in the file") for text in found.limits)


def test_days_that_differ_are_named(write):
    """Click rates that jump from day to day beyond chance are said, with how much."""
    rows = [f"{day},sms,1000,940,{60 if at % 2 else 180},50,40,39" for at, day in enumerate(DAYS)]
    assert any(
        "Why days differ by more than chance: clicked on sms" in text
        for text in calibrated(write, *rows).limits
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-03-20,fax,1,1,1,1,1,1", "channel: found 'fax'"),
        ("2026-13-20,sms,1,1,1,1,1,1", "day: found '2026-13-20'"),
        ("2026-03-20,sms,10,11,1,1,1,1", "delivered: found 11, above sent 10"),
        ("2026-03-20,sms,10,9,8,7,6,6.5", "posted: found '6.5'"),
        ("2026-03-20,sms,10,9,8,7,6", "7 cells found; 8 expected"),
        (f"{DAYS[0]},SMS,10,9,8,7,6,5", f"{DAYS[0]} sms stands on line 2 already"),
    ],
)
def test_each_fault_leaves_out_its_row_and_says_so(write, row: str, reason: str):
    """The row is left out with its line and reason; the others count."""
    found = calibrated(write, f"{DAYS[0]},sms,100,90,9,8,7,7", row)
    assert found.dirty[0].line == 3
    assert reason in "; ".join(found.dirty[0].problems)
    assert found.clean == 1


def test_a_funnel_without_a_usable_row_is_refused(write):
    """The first faults are listed."""
    with pytest.raises(BadInput, match="line 2: channel: found 'pigeon'"):
        calibrated(write, "2026-03-20,pigeon,1,1,1,1,1,1")
    assert not Path("fragment.yaml").exists()


def test_a_day_of_another_year_is_left_out_and_named(write):
    """Next year's date among this year's is a slip: it is named by its line and its counts are nowhere."""
    rows = [f"{day},sms,1000,950,95,90,60,59" for day in DAYS]
    found = calibrated(write, *rows, "2027-03-02,sms,1000,950,950,90,60,59")
    assert found.last == DAYS[-1]
    assert [(row.line, row.problems[0].partition(" is ")[0]) for row in found.dirty] == [
        (12, "day: 2027-03-02")
    ]
    assert found.funnel.rates["sms"]["clicked"].hits == 950  # type: ignore[union-attr]
