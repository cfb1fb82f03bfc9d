import pytest

from scenarios.result import Metric
from tui.figures import (
    MINUS,
    base_size,
    breach_text,
    count_estimate,
    difference,
    difference_estimate,
    duration,
    estimate,
    interval_below,
    number,
    read_rule,
    rule_text,
    with_unit,
)


def metric(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> Metric:
    """A metric with only what its text depends on."""
    return Metric(value, unit, 100, low, high, "cases")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (metric(0.523, "rate", 0.504, 0.542), "52.3 ±1.9"),
        (metric(121.4, "s", 115.0, 127.8), "121 ±6"),
        (metric(3_660.0, "min", 3_540.0, 3_780.0), "61.0h ±2.0"),
        (metric(6.2, "min", 5.9, 6.5), "6.2m ±0.3"),
        (metric(4.85, "GBP", 4.75, 4.95), "4.85 ±0.10"),
        (metric(0.999, "rate", 0.9988, 0.9992), "99.9 ±<0.1"),
        (metric(0.0, "rate", 0.0, 0.0), "0.0"),
        (metric(0.5, "rate"), "50.0"),
        (metric(None, "min"), "n/a"),
    ],
)
def test_an_estimate_is_written_in_the_unit_people_use(given: Metric, text: str) -> None:
    """Rates in per cent, long times in hours, as many digits for the margin as for the value."""
    assert estimate(given) == text


def test_a_lopsided_interval_is_written_with_both_ends() -> None:
    """A margin would give it a side it does not have; sides that read alike are a margin."""
    assert estimate(metric(0.99, "rate", 0.95, 0.995)) == "99.0 [95.0, 99.5]"
    assert estimate(metric(554.27, "min", 313.7, 1_329.6)) == "9.2h [5.2, 22.2]"
    assert estimate(metric(0.0, "rate", 0.0, 0.0006)) == "0.0 [0.0, 0.1]"
    assert estimate(metric(0.5234, "rate", 0.5124, 0.5344)) == "52.3 ±1.1"
    assert difference_estimate(0.031, -0.02, 0.2, "rate") == f"+3.1 [{MINUS}2.0, +20.0]"
    assert count_estimate(1_204.0, 1_100.4, 1_500.0) == "1,204 [1,100, 1,500]"


def test_an_interval_without_room_stands_below_its_figure() -> None:
    """Nothing of it is cut, and a margin never leaves its figure."""
    assert interval_below("9.2h [5.2, 22.2]", 16) == ["9.2h [5.2, 22.2]"]
    assert interval_below("9.2h [5.2, 22.2]", 15) == ["9.2h", "[5.2, 22.2]"]
    assert interval_below("1,204 [1,100, 1,500]", 11) == ["1,204", "[1,100–1,500]"]  # noqa: RUF001 - a range
    assert interval_below("79.1h [75.4, 92.5]", 11, 12) == ["79.1h", "[75.4, 92.5]"]
    assert interval_below("52.3 ±1.1", 5) == ["52.3 ±1.1"]


def test_a_base_is_counted_or_in_hours() -> None:
    """Milliseconds of agents are written as hours, people and calls as they are."""
    assert base_size(20_433_600_000, "ms") == "5,676 h"
    assert base_size(20_433, "count") == "20,433"


def test_a_missing_value_is_not_nought() -> None:
    """What does not apply is said to be missing, in a sentence too."""
    assert with_unit(None, "rate") == "n/a"
    assert with_unit(0.0, "rate") == "0.0 %"


def test_numbers_have_thousands_and_a_real_minus() -> None:
    """Large numbers are parted by commas; what rounds to nought has no sign."""
    assert number(-12_345.6) == "\N{MINUS SIGN}12,346"
    assert number(-0.01) == "0.0"


def test_a_difference_always_has_its_sign() -> None:
    """A rise and a fall are told apart without looking at the columns."""
    assert difference(0.271, "rate") == "+27.1"
    assert difference(-3_600.0, "min") == "\N{MINUS SIGN}60.0h"
    assert difference(0.0, "rate") == "0.0"


def test_a_difference_and_its_margin_stand_on_one_scale() -> None:
    """A few minutes more, give or take hours, are told in hours; without an interval there is no margin."""
    assert difference_estimate(33.1, -950.0, 1_020.0, "min") == "+0.6h ±16.4"
    assert difference_estimate(-0.004, -0.010, 0.002, "rate") == f"{chr(0x2212)}0.4 ±0.6"
    assert difference_estimate(4.0, None, None, "s") == "+4.0"


def test_a_rule_is_written_in_the_unit_of_its_row() -> None:
    """Thresholds follow the figures beside them; an unreadable rule stands as it is."""
    assert rule_text("< 0.10", "rate") == "< 10 %"
    assert rule_text(">= 0.985", "rate") == "≥ 98.5 %"
    assert rule_text("<= 1440", "min") == "≤ 24 h"
    assert rule_text("none set", "rate") == "none set"


@pytest.mark.parametrize(
    ("rule", "inside", "outside", "breach"),
    [
        ("< 60", 59.9, 60.0, "≥ 60 s"),
        ("<= 60", 60.0, 60.1, "> 60 s"),
        ("> 60", 60.1, 60.0, "≤ 60 s"),
        (">= 60", 60.0, 59.9, "< 60 s"),
    ],
)
def test_a_rule_holds_up_to_its_threshold(rule: str, inside: float, outside: float, breach: str) -> None:
    """Each comparison is read with its edge, and its breach is the opposite."""
    read = read_rule(rule)
    assert read is not None
    assert read.holds(inside)
    assert not read.holds(outside)
    assert breach_text(read, "s") == breach


def test_durations_are_said_in_two_units_at_most() -> None:
    """Seconds, minutes, or hours with minutes."""
    assert [duration(seconds) for seconds in (40, 61, 3_900, 16_200)] == [
        "40 s",
        "1 min",
        "1 h 05 min",
        "4 h 30 min",
    ]
