from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.chartmath import bar, column_rows, eta_s, fit, fit_right, parted, spread, time_axis


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "M", "Zl", "Zp"])),
    st.integers(0, 40),
)
def test_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    """Whatever the text, double-width characters included, it fills its cells and no more."""
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


def test_long_text_ends_in_an_ellipsis() -> None:
    """A cut shows that something was cut."""
    assert fit("message-first", 8) == "message…"
    assert fit_right("7", 3) == "  7"


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "M", "Z"]), max_size=60),
    st.integers(2, 40),
)
def test_a_parted_name_loses_nothing_and_keeps_to_its_cells(text: str, width: int) -> None:
    """Whatever the text, double-width characters included."""
    lines = parted(text, width)
    assert "".join(lines) == text
    assert max(map(cell_len, lines)) <= width


def test_a_name_is_parted_behind_its_joints() -> None:
    """And anywhere where it has none; a blank at the end of a line is dropped."""
    assert parted("letter.delay_days_median", 18) == ["letter.delay_days_", "median"]
    assert parted("[1, 1, 1, 1]", 6) == ["[1, 1,", "1, 1]"]
    assert parted("unbreakable", 4) == ["unbr", "eaka", "ble"]


def test_a_bar_is_drawn_to_an_eighth_of_a_cell() -> None:
    """Half of four cells and an eighth is two full cells and a sliver."""
    assert bar(17, 32, 4) == "██▏ "
    assert bar(32, 32, 4) == "████"


def test_few_is_not_drawn_as_none() -> None:
    """One case in a million still shows, nought does not."""
    assert bar(1, 1_000_000, 5) == "▏    "
    assert bar(0, 1_000_000, 5) == "     "


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 60))
def test_a_bar_never_leaves_its_cells(value: float, top: float, width: int) -> None:
    """Values above the top and a top of nought keep the width."""
    assert len(bar(value, top, width)) == width


def test_columns_rise_from_the_bottom_row() -> None:
    """A full, a half, an eighth, a missing and an empty column of two rows."""
    assert column_rows([16, 8, 1, None, 0], 16, 2) == ["█    ", "██▁  "]


def test_columns_over_the_limit_have_another_shape() -> None:
    """Over the limit is told by the glyph, even where the column is less than one cell high."""
    assert column_rows([12, 12, 1], 16, 2, [False, True, True]) == ["▄▄ ", "█▓▓"]


def test_one_scale_makes_charts_comparable() -> None:
    """A quarter of the shared top fills a quarter of the rows."""
    assert column_rows([4], 16, 4) == [" ", " ", " ", "█"]


def test_spreading_gives_each_item_an_equal_share() -> None:
    """Three items over seven columns stay in order and all appear."""
    assert spread("abc", 7) == list("aaabbcc")
    assert spread("abcd", 2) == list("ac")
    assert spread([], 5) == []


@given(st.integers(1, 48), st.integers(0, 200))
def test_ticks_stand_on_the_first_column_of_their_item(count: int, spare: int) -> None:
    """Each label begins under its tick, at the column where its half hour begins."""
    width = count + spare
    starts = [f"{half // 2:02d}:{30 * (half % 2):02d}" for half in range(count)]
    ticks, labels = time_axis(starts, width)
    columns = spread(starts, width)
    assert len(ticks) == len(labels) == width
    assert ticks[0] == "┬"
    for column in (index for index, tick in enumerate(ticks) if tick == "┬"):
        label = labels[column : column + 5].strip()
        assert label in {"", columns[column]}
        assert column == columns.index(columns[column])


def test_labels_are_thinned_until_they_do_not_touch() -> None:
    """Twenty half hours on sixty columns leave room for every fourth label."""
    starts = [f"{8 + half // 2:02d}:{30 * (half % 2):02d}" for half in range(20)]
    _, labels = time_axis(starts, 60)
    assert labels.split() == ["08:00", "10:00", "12:00", "14:00", "16:00"]


def test_time_left_follows_the_pace_so_far() -> None:
    """A quarter done in ten seconds leaves thirty; nothing done leaves the question open."""
    assert eta_s(0.25, 10.0) == 30.0
    assert eta_s(1.0, 10.0) == 0.0
    assert eta_s(0.0, 10.0) is None
