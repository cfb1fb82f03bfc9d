"""Reading call logs: columns by any of their names, and every row used or told with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.calibration.call_log import read_call_log
from scenarios.calibration.kinds import recognised

HEADER = "arrived_at,wait_s,outcome,handling_s"
CLEAN = ("2026-03-02 09:00:05,12,answered,180", "2026-03-02 09:01:00,40,abandoned,")


def read(write, *rows: str, header: str = HEADER, named: dict[str, str] | None = None):
    """A log of these rows."""
    return read_call_log(Path(write("calls.csv", "\n".join([header, *rows]) + "\n")), named)


def test_a_clean_log_is_read_whole_and_by_time(write):
    """Every cell arrives under its name; rows in any order come out by time of arrival."""
    log = read(write, *reversed(CLEAN))
    assert [call.line for call in log.calls] == [3, 2]
    first, second = log.calls
    assert (first.wait_s, first.answered, first.handling_s) == (12.0, True, 180.0)
    assert (second.wait_s, second.answered, second.handling_s) == (40.0, False, 0.0)
    assert (log.rows, log.dirty) == (2, ())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("soon,12,answered,180", "arrived_at: found 'soon'"),
        ("2026-03-02,12,answered,180", "arrived_at: found '2026-03-02'"),
        ("2026-03-02 09:00+01:00,12,answered,180", "without an offset"),
        ("2026-03-02 09:00,-3,answered,180", "wait_s: found '-3'"),
        ("2026-03-02 09:00,,answered,180", "wait_s: missing"),
        ("2026-03-02 09:00,86401,answered,180", "wait_s: found '86401'"),
        ("2026-03-02 09:00,nan,answered,180", "wait_s: found 'nan'"),
        ("2026-03-02 09:00,12,PHANTOM,180", "outcome: found 'PHANTOM'; allowed are answered and abandoned"),
        ("2026-03-02 09:00,12,answered,", "handling_s: missing"),
        ("2026-03-02 09:00,12,abandoned,35", "handling_s: found '35' for a caller who left"),
        ("2026-03-02 09:00,12,answered", "3 cells found; 4 expected"),
        ("1926-03-02 09:00,12,answered,180", "1926-03-02 is more than 366 days from the middle"),
        (CLEAN[0], "repeats line 2 in every cell"),
    ],
)
def test_each_fault_leaves_out_its_row_and_says_so(write, row: str, reason: str):
    """The row is left out with its line and reason, and the rows around it stay."""
    log = read(write, CLEAN[0], row, CLEAN[1])
    assert [call.line for call in log.calls] == [2, 4]
    assert [dirty.line for dirty in log.dirty] == [3]
    assert reason in "; ".join(log.dirty[0].problems)


def test_words_of_exports_and_their_separators_are_understood(write):
    """Semicolons, other headers, AGENT and HANG, a handling time of 0 for who left, callers without a name."""
    log = read(
        write,
        "2026-03-02T09:00;0;AGENT;30;0",
        "2026-03-02T09:05;9;HANG;0;c7",
        header="Arrival Time;Queue-Time;Outcome;ser_time;Customer ID",
    )
    assert [call.answered for call in log.calls] == [True, False]
    assert [call.caller_id for call in log.calls] == ["", "c7"]
    assert set(log.columns.guessed) == {"arrived_at", "wait_s", "handling_s", "caller_id"}


def test_a_user_names_a_column_and_that_wins(write):
    """A column mapped by hand is taken, whatever else would have fitted; a wrong one is told."""
    header = "arrived_at,wait_s,Time in queue,outcome,handling_s"
    rows = ["2026-03-02 09:00:05,1,12,answered,180"]
    assert read(write, *rows, header=header, named={"wait_s": "Time in Queue"}).calls[0].wait_s == 12.0
    with pytest.raises(BadInput, match="column 'nowhere' for wait_s is not in the file"):
        read(write, *rows, header=header, named={"wait_s": "nowhere"})


def test_what_a_file_is_shows_in_its_columns(write):
    """A log, a report and a funnel are told apart; what fits none is refused with what each kind lacks."""
    for name, header, kind in (
        ("a.csv", HEADER, "calls"),
        ("b.csv", "Interval,interval_min,Calls Offered,Calls Answered,Abandons,ASA,AHT", "intervals"),
        ("c.csv", "date,channel,sent,delivered,clicks", "funnel"),
    ):
        found, columns, _ = recognised(Path(write(name, header + "\n")), None, ())
        assert found == kind
        assert columns.width == header.count(",") + 1
    with pytest.raises(BadInput) as refused:
        recognised(Path(write("d.csv", "day,channel,sent,delivered\n")), None, ())
    assert refused.value.problems[0].startswith(
        "d.csv: as a message funnel (--kind funnel): column 'clicked'"
    )
    assert "--column NAME=HEADER" in refused.value.problems[-1]
    with pytest.raises(BadInput, match="unknown column 'waits'; did you mean 'wait_s'"):
        recognised(Path("a.csv"), None, ["waits=x"])


def test_an_empty_or_all_dirty_log_is_refused(write):
    """A header alone, or rows of which none can be used, name the file and the first faults."""
    with pytest.raises(BadInput, match="found a header and no rows"):
        read(write)
    with pytest.raises(BadInput, match="line 2: wait_s: found 'x'"):
        read(write, "2026-03-02 09:00,x,answered,180")
