"""How figures are written."""

from __future__ import annotations

import pytest

from scenarios.result import Metric
from tui.cli.numbers import change, difference, estimate, figure, plain, rule_words, unit_by_name
from tui.cli.panels import counting
from tui.figures import MINUS


@pytest.mark.parametrize(
    ("unit", "value", "low", "high", "text"),
    [
        ("rate", 0.5231, 0.5041, 0.5421, "52.3 ±1.9"),
        ("rate", 0.99931, 0.9991, 0.99952, "99.93 ±0.02"),
        ("rate", 0.5, 0.49999, 0.50001, "50.00 ±<0.01"),
        ("rate", 0.999, 0.99, 1.0, "99.9 [99.0, 100]"),
        ("rate", 0.0, 0.0, 0.0, "0.0"),
        ("rate", 0.0, 0.0, 0.000038, "0.0"),
        ("rate", 1.0, 0.99982, 1.0, "100"),
        ("rate", 1.0, 0.6915, 1.0, "100 [69.2, 100]"),
        ("min", 1290.0, 1080.0, None, "21.5 h [18.0, not reached]"),
        ("rate", None, None, None, "—"),
        ("min", 6.2, 5.9, 6.5, "6.2 min ±0.3"),
        ("min", 3660.0, 3540.0, 3780.0, "61.0 h ±2.0"),
        ("s", 121.3, 115.3, 127.3, "121 ±6"),
        ("count", 41_233.0, None, None, "41,233"),
        ("count", 1.7, None, None, "1.7"),
        ("GBP", 21.42, 20.82, 22.02, "21.42 ±0.60"),
        ("h", -0.04, None, None, "0.0"),
    ],
)
def test_estimates(unit: str, value: float | None, low: float | None, high: float | None, text: str) -> None:
    """Digits follow the interval; a lopsided interval is written out; nought has no sign."""
    assert estimate(Metric(value, unit, 10, low, high, "base")) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "text"),
    [
        (0.071, 0.051, 0.091, "rate", "+7.1 [+5.1, +9.1]"),
        (0.017, -0.003, 0.037, "rate", f"≈+1.7 [{MINUS}0.3, +3.7]"),
        (-117.2, -128.9, -105.4, "s", f"{MINUS}117 [{MINUS}129, {MINUS}105]"),
        (-2520.0, -2772.0, -2268.0, "min", f"{MINUS}42.0 h [{MINUS}46.2, {MINUS}37.8]"),
        (0.0, None, None, "s", "0.0"),
        (0.0, 0.0, 0.0, "rate", "0.0"),
        (-0.004, -0.008, 0.0, "rate", f"≈{MINUS}0.4 [{MINUS}0.8, 0.0]"),
        (-0.0015, -0.003, -0.00004, "rate", f"{MINUS}0.150 [{MINUS}0.300, {MINUS}0.004]"),
        (0.02, 0.0001, 0.04, "rate", "+2.00 [+0.01, +4.00]"),
        (0.02, 1e-12, 0.04, "rate", "+2.0 [+<0.1, +4.0]"),
        (-0.0004, None, None, "rate", f"{MINUS}0.04"),
    ],
)
def test_differences(value: float, low: float | None, high: float | None, unit: str, text: str) -> None:
    """A difference carries its sign, its interval, and a mark when the interval holds nought."""
    assert difference(value, low, high, unit) == text


@pytest.mark.parametrize(
    ("rule", "unit", "text"),
    [
        ("< 0.10", "rate", "< 10 %"),
        (">= 0.985", "rate", "≥ 98.5 %"),
        ("<= 1440", "min", "≤ 24 h"),
        ("as agreed", "s", "as agreed"),
    ],
)
def test_rules(rule: str, unit: str, text: str) -> None:
    """A rule is written in the unit people use, and left alone when it cannot be read."""
    assert rule_words(rule, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0"), (-0.1, f"{MINUS}0.1"), (-0.02, f"{MINUS}0.02"), (0.0004, "+<0.1"), (1958.0, "+1,958")],
)
def test_a_change_does_not_read_as_none(value: float, text: str) -> None:
    """What is not nought is written with the digits it takes, or as less than the last one."""
    assert change(value, 1) == text


@pytest.mark.parametrize(
    ("counts", "written"),
    [
        ((1958.0, 1950.0), ["1,958", "1,950"]),
        ((1958.0, 1958.0), ["1,958", "1,958"]),
        ((1958.4, 1957.6), ["1,958.4", "1,957.6"]),
        ((1958.25, 1958.2), ["1,958.25", "1,958.20"]),
        ((3.0, 0.0), ["3", "0"]),
    ],
)
def test_counts_of_a_funnel_show_the_change_between_them(
    counts: tuple[float, float], written: list[str]
) -> None:
    """1,958 → 1,958 with a tenth of a per cent less beside it would be a change that reads as none."""
    before, after = counts
    write = counting([(before, None), (after, (after - before) / before)])
    assert [write(count) for count in counts] == written


def test_running_text() -> None:
    """A figure in running text carries unit and interval."""
    assert figure(0.529, "rate", 0.518, 0.54) == "52.9 % [51.8, 54.0]"
    assert figure(204.0, "s", 173.0) == "204 s [173, not reached]"
    assert figure(1.0, "rate", 0.6915, 1.0) == "100 % [69.2, 100]"
    assert figure(0.0, "rate", 0.0, 0.000038) == "0.0 %"
    assert figure(41.2, unit_by_name("mean_wait_s")) == "41.2 s"
    assert figure(None, "s") == "—"


def test_settings_are_written_as_they_are_typed() -> None:
    """A value reads the way --set takes it."""
    assert plain([8, 9.5, None, True, {"a": 1}]) == "[8, 9.5, null, true, {a: 1}]"
