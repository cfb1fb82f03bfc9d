"""Which kind of file somebody has: a call log, an interval report or a message funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from sandbox.errors import BadInput
from scenarios.calibration import call_log, funnel
from scenarios.calibration.acd_rows import OPTIONAL, REQUIRED
from scenarios.files.csv_text import Column, Columns, columns_found, csv_lines, csv_text, match, named_by_user

Kind = Literal["calls", "intervals", "funnel"]

_INTERVAL_NAMES: dict[str, tuple[str, ...]] = {
    "interval_start": ("interval", "start", "start_time", "period_start", "date_time", "datetime"),
    "interval_min": ("interval_minutes", "interval_length", "minutes", "period_min"),
    "offered": ("calls_offered", "offered_calls", "received", "calls_received", "contacts_offered"),
    "answered": ("calls_answered", "answered_calls", "handled", "calls_handled"),
    "abandoned": ("calls_abandoned", "abandoned_calls", "abandons"),
    "asa_s": ("asa", "average_speed_of_answer", "avg_speed_of_answer", "mean_wait_answered_s"),
    "mean_wait_abandoned_s": ("avg_abandon_time", "average_time_to_abandon", "mean_time_to_abandon_s"),
    "aht_s": ("aht", "average_handle_time", "avg_handle_time", "mean_handling_s"),
}

KNOWN: dict[Kind, Sequence[Column]] = {
    "calls": call_log.COLUMNS,
    "intervals": tuple(
        Column(name, _INTERVAL_NAMES[name], name in REQUIRED) for name in (*REQUIRED, *OPTIONAL)
    ),
    "funnel": funnel.COLUMNS,
}
"""Columns of each kind of file."""

WORDS: dict[Kind, str] = {
    "calls": "a call-level log",
    "intervals": "an ACD interval report",
    "funnel": "a message funnel",
}


def recognised(
    path: Path, kind: Kind | None, column_texts: Sequence[str]
) -> tuple[Kind, Columns, dict[str, str]]:
    """Tell what kind a file is, and where its columns stand.

    Args:
        path: the file.
        kind: as the user says, or None to find out.
        column_texts: "NAME=HEADER", as given to `--column`.

    Returns:
        The kind, the columns, and what the user named.

    Raises:
        BadInput: the file cannot be read, a column is missing, or it could be of several kinds or of none.
    """
    first = next(csv_lines(csv_text(path), path.name), None)
    if first is None:
        allowed = " or ".join(WORDS.values() if kind is None else [WORDS[kind]])
        raise BadInput([f"{path.name}: found an empty file; allowed: {allowed}, with a header and rows"])
    header = first[1]
    kinds: list[Kind] = list(KNOWN) if kind is None else [kind]
    known = [column.name for one in kinds for column in KNOWN[one]]
    named = named_by_user(column_texts, known)
    tried: dict[Kind, tuple[Columns, list[str]]] = {}
    for one in kinds:
        names = {column.name for column in KNOWN[one]}
        if set(named) <= names:
            tried[one] = match(header, KNOWN[one], named)
    fitting: list[Kind] = [one for one, (_, problems) in tried.items() if not problems]
    if len(fitting) == 1:
        return fitting[0], tried[fitting[0]][0], named
    found = f"{path.name}: columns found: {columns_found(header)}"
    if fitting:
        could = " or ".join(WORDS[one] for one in fitting)
        raise BadInput([f"{path.name}: could be {could}; allowed: --kind {' or '.join(fitting)}", found])
    raise BadInput(
        [
            *_misfits(path.name, tried),
            found,
            "a column goes by its name, or --column NAME=HEADER says which it is",
        ]
    )


def _misfits(name: str, tried: Mapping[Kind, tuple[Columns, list[str]]]) -> list[str]:
    """Say what is missing for each kind, the closest first."""
    ranked = sorted(tried, key=lambda one: len(tried[one][1]))
    return [f"{name}: as {WORDS[one]} (--kind {one}): {'; '.join(tried[one][1])}" for one in ranked]
