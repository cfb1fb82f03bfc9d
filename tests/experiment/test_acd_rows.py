"""Reading interval reports: any shape of file, and every row clean or dirty with its reason."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import BadInput
from scenarios.calibration.acd_rows import MAX_BYTES, AcdReport, cells_of, read_report

HEADER = "interval_start,interval_min,offered,answered,abandoned,asa_s,mean_wait_abandoned_s,aht_s"
CLEAN = "2026-03-02 09:00:00,30,10,9,1,12.5,40.0,200.0"


def read(folder: Path, *lines: str, header: str = HEADER) -> AcdReport:
    """A report of these lines."""
    path = folder / "report.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_report(path)


def refusal(path: Path) -> str:
    """What a file is refused with."""
    with pytest.raises(BadInput) as refused:
        read_report(path)
    return str(refused.value)


def test_a_clean_row_is_read_whole(tmp_path: Path) -> None:
    """Every cell arrives under its name, with the line it stands on."""
    report = read(tmp_path, CLEAN)
    assert report.rows == ((2, datetime(2026, 3, 2, 9), 30, 10, 9, 1, 12.5, 40.0, 200.0),)  # noqa: DTZ001
    assert report.dirty == ()
    assert report.name == "report.csv"
    assert report.has_abandoned_wait


def test_columns_come_in_any_order_and_case_and_extras_are_named(tmp_path: Path) -> None:
    """Order and case do not matter; columns that are not read are listed as the file spells them."""
    header = "Queue, AHT_S,asa_s,ABANDONED,answered,Offered,interval_min,Interval_Start,Service Level"
    report = read(tmp_path, "loans,200,12.5,1,9,10,30,2026-03-02 09:00,0.8", header=header)
    row = report.rows[0]
    assert (row.offered, row.answered, row.abandoned, row.asa_s, row.aht_s) == (10, 9, 1, 12.5, 200.0)
    assert report.ignored_columns == ("Queue", "Service Level")
    assert not report.has_abandoned_wait
    assert row.mean_wait_abandoned_s is None


def test_spreadsheet_habits_are_understood(tmp_path: Path) -> None:
    """A byte-order mark, CRLF, quotes, blank lines, a T in the time and counts such as 10.0 are all fine."""
    path = tmp_path / "report.csv"
    row = '"2026-03-02T09:00",30.0,10.0,9,1,"12.5",40,200'
    path.write_bytes(f"{HEADER}\r\n\r\n{row}\r\n\r\n".encode("utf-8-sig"))
    report = read_report(path)
    assert report.rows[0].line == 3
    assert report.rows[0].offered == 10
    assert report.dirty == ()


@pytest.mark.parametrize("filler", ["", "-", "n/a", "0"])
def test_a_mean_over_no_calls_is_not_read(tmp_path: Path, filler: str) -> None:
    """Where nobody was answered or abandoned, the mean's cell may hold anything and is None."""
    report = read(
        tmp_path,
        f"2026-03-02 09:00,30,2,0,2,{filler},40,{filler}",
        f"2026-03-02 09:30,30,0,0,0,{filler},{filler},{filler}",
    )
    assert [row.asa_s for row in report.rows] == [None, None]
    assert [row.mean_wait_abandoned_s for row in report.rows] == [40.0, None]
    assert report.dirty == ()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-03-02 09:30,30,,9,1,12,40,200", "offered: found ''"),
        ("2026-03-02 09:30,30,10,-9,1,12,40,200", "answered: found '-9'"),
        ("2026-03-02 09:30,30,10,9,one,12,40,200", "abandoned: found 'one'"),
        ("2026-03-02 09:30,30,10.5,9,1,12,40,200", "offered: found '10.5'"),
        ("2026-03-02 09:30,30,9e9,9,1,12,40,200", "offered: found '9e9'"),
        ("2026-03-02 09:30,30,1000001,9,1,12,40,200", "offered: found '1000001'"),
        ("2026-03-02 09:30,30,11,9,1,12,40,200", "offered: found 11; allowed is answered 9 + abandoned 1"),
        ("2026-03-02 09:30,30,10,9,1,,40,200", "asa_s: missing for 9 calls"),
        ("2026-03-02 09:30,30,10,9,1,-12,40,200", "asa_s: found '-12'"),
        ("2026-03-02 09:30,30,10,9,1,nan,40,200", "asa_s: found 'nan'"),
        ("2026-03-02 09:30,30,10,9,1,12,,200", "mean_wait_abandoned_s: missing for 1 calls"),
        ("2026-03-02 09:30,30,10,9,1,12,40,", "aht_s: missing for 9 calls"),
        ("2026-03-02 09:30,30,10,9,1,12,40,86401", "aht_s: found '86401'"),
        ("2026-03-02,30,10,9,1,12,40,200", "interval_start: found '2026-03-02'"),
        ("02/03/2026 09:30,30,10,9,1,12,40,200", "interval_start: found '02/03/2026 09:30'"),
        ("2026-03-02 09:30+01:00,30,10,9,1,12,40,200", "without an offset"),
        (",30,10,9,1,12,40,200", "interval_start: found ''"),
        ("2026-03-02 09:31,30,10,9,1,12,40,200", "not on a whole 30 minutes"),
        ("2026-03-02 09:30:01,30,10,9,1,12,40,200", "not on a whole 30 minutes"),
        ("2026-03-02 09:30,20,10,9,1,12,40,200", "interval_min: found '20'; allowed are 5, 10, 15, 30, 60"),
        ("2026-03-02 09:30,,10,9,1,12,40,200", "interval_min: found ''"),
        ("2026-03-02 09:30,30,10,9,1,12,40", "7 cells found; 8 expected"),
        ("2026-03-02 09:30,30,10,9,1,12,40,200,5", "9 cells found; 8 expected"),
        ("2026-03-02 09:00,30,10,9,1,12,40,200", "repeats or overlaps the interval of line 2"),
        ("2026-03-02 09:15,15,10,9,1,12,40,200", "repeats or overlaps the interval of line 2"),
        ("2026-03-02 09:00,60,10,9,1,12,40,200", "repeats or overlaps the interval of line 2"),
    ],
)
def test_each_fault_makes_a_dirty_row_that_says_so(tmp_path: Path, row: str, problem: str) -> None:
    """The bad row is left out with its line and reason, and the rows around it stay."""
    report = read(tmp_path, CLEAN, row, "2026-03-02 10:00,30,4,4,0,1,,100")
    assert [clean.line for clean in report.rows] == [2, 4]
    assert [dirty.line for dirty in report.dirty] == [3]
    assert problem in "; ".join(report.dirty[0].problems)


def test_every_fault_of_a_row_is_listed(tmp_path: Path) -> None:
    """A row with three faults names three."""
    report = read(tmp_path, CLEAN, "soon,30,10,-1,1,12,40,")
    assert [problem.split(":")[0] for problem in report.dirty[0].problems] == ["interval_start", "answered"]
    report = read(tmp_path, CLEAN, "soon,7,10,9,1,12,40,")
    assert [problem.split(":")[0] for problem in report.dirty[0].problems] == [
        "interval_start",
        "interval_min",
        "aht_s",
    ]


def test_a_dirty_row_keeps_its_time_when_it_can_be_told(tmp_path: Path) -> None:
    """The half hour of a dirty row is known to be unknown, unless its time itself is unreadable."""
    report = read(tmp_path, CLEAN, "2026-03-02 09:30,30,,9,1,12,40,200", "soon,30,10,9,1,12,40,200")
    assert report.dirty[0].start == datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001
    assert report.dirty[0].minutes == 30
    assert report.dirty[1].start is None


def test_a_dirty_row_does_not_claim_its_interval(tmp_path: Path) -> None:
    """A corrected row after a broken one for the same interval is clean."""
    report = read(tmp_path, "2026-03-02 09:00,30,,9,1,12,40,200", CLEAN)
    assert [row.line for row in report.rows] == [3]
    assert [row.line for row in report.dirty] == [2]


def test_an_hour_that_runs_into_a_read_half_hour_overlaps(tmp_path: Path) -> None:
    """An overlap in the later part of an interval is found as well as one at its start."""
    report = read(tmp_path, "2026-03-02 09:30,30,5,5,0,1,,100", "2026-03-02 09:00,60,9,9,0,1,,100")
    assert [row.line for row in report.rows] == [2]
    assert "overlaps the interval of line 2" in report.dirty[0].problems[0]


def test_intervals_touch_without_overlapping_over_midnight(tmp_path: Path) -> None:
    """Neighbouring intervals of different lengths share no time, days included."""
    rows = [f"2026-03-{time},5,5,0,1,,100" for time in ("02 23:00,60", "03 00:00,15", "03 00:15,5")]
    assert read(tmp_path, *rows).dirty == ()
    late = datetime(2026, 3, 2, 23)  # noqa: DTZ001
    next_day = datetime(2026, 3, 3)  # noqa: DTZ001
    assert cells_of(late, 60).stop == cells_of(next_day, 15).start


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="0123456789-:, .\t;abn\"'", max_size=60), max_size=12))
def test_no_row_disappears(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """Whatever the text, non-blank records are clean or dirty, or the file is refused as not CSV."""
    folder = tmp_path_factory.mktemp("fuzz")
    lines = [line.replace('"', "") for line in lines]
    report = read(folder, CLEAN, *lines)
    assert len(report.rows) + len(report.dirty) == 1 + sum(bool(line) for line in lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"\n\n\n", "empty file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode() + b"\n\xff\xfe\xfa", "is not UTF-8"),
        (HEADER.encode() + b"\n", "a header and no rows"),
        (HEADER.encode() + b'\n"2026-03-02 09:00,30', "is not CSV"),
        (HEADER.replace(",", "|").encode() + b"\n1|2", "separated by commas"),
        (HEADER.encode() + b"\nsoon,30,1,1,0,1,,1\n", "none of its 1 rows is usable"),
    ],
)
def test_unusable_files_are_refused_with_what_was_found(tmp_path: Path, content: bytes, said: str) -> None:
    """Empty, binary, mis-encoded, header-only and all-dirty files each say what is wrong with them."""
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    assert said in refusal(path)
    assert "odd.csv" in refusal(path)


def test_missing_columns_are_all_named_with_a_close_name(tmp_path: Path) -> None:
    """Each missing column is named; a similar one in the file is offered; the found and allowed are listed."""
    path = tmp_path / "odd.csv"
    path.write_text(HEADER.replace("asa_s", "asa_sec").replace(",offered", "") + "\n")
    said = refusal(path)
    assert "column 'asa_s' is missing (is it 'asa_sec' here?)" in said
    assert "column 'offered' is missing" in said
    assert "columns found: 'interval_start'" in said


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    """Two columns of one name cannot be told apart."""
    path = tmp_path / "odd.csv"
    path.write_text(HEADER + ",Offered\n")
    assert "column 'offered' found 2 times" in refusal(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A file above the bound is refused by its size, naming both."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "found 50,000,001 bytes; allowed are at most 50,000,000" in refusal(path)


def test_a_folder_or_nothing_is_refused(tmp_path: Path) -> None:
    """A path to a folder or to nothing says which."""
    assert "found a folder or device" in refusal(tmp_path)
    assert "found nothing" in refusal(tmp_path / "absent.csv")


def test_rows_of_another_year_are_left_out_and_named(tmp_path: Path) -> None:
    """A slip in a date would stretch a month over a year; two months of one year stay together."""
    rows = [CLEAN, CLEAN.replace("09:00", "10:00"), CLEAN.replace("2026-03", "2026-05")]
    report = read(tmp_path, *rows, CLEAN.replace("2026", "2027"))
    assert [row.line for row in report.rows] == [2, 3, 4]
    assert [row.line for row in report.dirty] == [5]
    assert "2027-03-02 is more than 183 days without a row from the rest" in report.dirty[0].problems[0]
