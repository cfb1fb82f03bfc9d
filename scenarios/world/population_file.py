"""Reading a bank's own case file: a row a case, every row used or told with its number and reason.

    case_ref                          masked reference, unique; only looked at, never kept or shown
    arrears_band                      1m, 2m, 3m or 4m+, or months behind as a number; the segment
    balance, overdue                  amounts of money, major units: 1234.56
    status                            open or closed
    broken_promises                   a whole number
    vulnerable, disputed, payment_ok  flags: true or false, yes or no, 1 or 0
    consent_sms, consent_whatsapp, consent_email   flags
    preferred_channel                 sms, whatsapp, email or none
    time_zone                         IANA, such as Europe/London
    and every fact of the workflow's policy by its name; an empty cell is a fact the core does not know

All of them are optional, but for one: what is not there is drawn as for synthetic customers. Names, numbers and
addresses have no column, and no message quotes a cell, so that nothing of a customer gets out by way of a slip.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import numpy as np

from sandbox.errors import BadInput
from sandbox.model import Channel
from sandbox.simulation.given import GivenPeople
from scenarios.blocks.population import Population
from scenarios.files.csv_text import Column, Columns, columns_found, csv_lines, match, text_of
from scenarios.files.sealed_files import open_file
from scenarios.files.sealing import key_from

if TYPE_CHECKING:
    from sandbox.policy.vocabulary import FactRule

BANDS = ("1m", "2m", "3m", "4m+")
"""Arrears bands in the order scenarios count them."""

_ROWS_TOLD = 20
_MINOR_MAX = 10_000_000_000
_PROMISES_MAX = 1_000
_FLAGS = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}
_CONSENT = {f"consent_{channel.value}": channel for channel in (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)}

COLUMNS = (
    Column("case_ref", ("case_id", "reference", "ref"), required=False),
    Column("arrears_band", ("band", "segment", "months_behind", "months_in_arrears"), required=False),
    Column("balance", ("balance_total", "outstanding"), required=False),
    Column("overdue", ("amount_overdue", "arrears", "past_due"), required=False),
    Column("status", ("account_status",), required=False),
    Column("broken_promises", ("promises_broken",), required=False),
    Column("vulnerable", ("vulnerability_flag", "is_vulnerable"), required=False),
    Column("disputed", ("in_dispute", "is_disputed"), required=False),
    Column("payment_ok", ("payment_method_ok",), required=False),
    *(Column(name, (name.replace("consent_", "") + "_consent",), required=False) for name in _CONSENT),
    Column("preferred_channel", ("channel_preference", "preferred"), required=False),
    Column("time_zone", ("timezone",), required=False),
)


class _Misfit(ValueError):
    """A cell that is not what its column holds; the message says what is allowed and never quotes the cell."""


@dataclass(slots=True)
class _Read:
    """Rows read so far, column by column."""

    values: dict[str, list[Any]]
    dirty: list[tuple[int, list[str]]] = field(default_factory=list)
    rows: int = 0


def read_population(
    block: Population, folder: Path | None, facts: Mapping[str, FactRule]
) -> tuple[GivenPeople, list[str]]:
    """Read the file a scenario names.

    Args:
        block: as the scenario says.
        folder: where its relative paths start; None is the current one.
        facts: the policy's facts, by name.

    Returns:
        The customers, and what every result has to say of them.

    Raises:
        BadInput: the file cannot be read or opened, has no known column or no usable row, or has rows that cannot be
            used and was not said to do without them.
        SealBroken: a sealed file was changed or cut short.
    """
    path = block.file if folder is None else str(folder / block.file)
    key_path = block.seal_key if block.seal_key is None or folder is None else str(folder / block.seal_key)
    opened = open_file(path, key_from(key_path, os.environ), lambda: False)
    name = Path(path).name
    lines = csv_lines(text_of(b"".join(opened.pieces), name), name)
    header = next(lines, (0, []))[1]
    known = [*COLUMNS, *(Column(fact, required=False) for fact in facts)]
    columns = _columns(name, header, known, block.columns)
    readers = {column: _reader(column, facts) for column in columns.position}
    read = _Read({column: [] for column in columns.position})
    seen: dict[str, int] = {}
    for line, cells in lines:
        _take(read, line, cells, columns, readers, seen)
    _refuse_dirty(read, name, leave_out=block.dirty == "leave_out")
    return _people(read, facts), _notes(read, name, columns, known, sealed=opened.sealed)


def _columns(name: str, header: Sequence[str], known: Sequence[Column], named: Mapping[str, str]) -> Columns:
    names = [column.name for column in known]
    problems = [
        f"{name}: population.columns: no column {own!r}; allowed: {', '.join(names)}"
        for own in named
        if own not in names
    ]
    columns, misfits = match(header, known, {own: there for own, there in named.items() if own in names})
    problems += [f"{name}: {misfit}" for misfit in misfits]
    if not problems and set(columns.position) <= {"case_ref"}:
        problems = [f"{name}: no column known here; allowed: {', '.join(names)}"]
    if problems:
        raise BadInput([*problems, f"{name}: columns found: {columns_found(header)}"])
    return columns


def _take(
    read: _Read,
    line: int,
    cells: Sequence[str],
    columns: Columns,
    readers: Mapping[str, Callable[[str], Any]],
    seen: dict[str, int],
) -> None:
    """Read one row; all of it, or none."""
    if len(cells) != columns.width:
        read.dirty.append((line, [f"{len(cells)} cells found; {columns.width} expected"]))
        return
    row: dict[str, Any] = {}
    problems = []
    for column, at in columns.position.items():
        try:
            row[column] = readers[column](cells[at])
        except _Misfit as misfit:
            problems.append(f"{column}: {misfit}")
    if not problems:
        problems = _contradictions(row, line, seen)
    if problems:
        read.dirty.append((line, problems))
        return
    read.rows += 1
    for column, value in row.items():
        read.values[column].append(value)


def _contradictions(row: Mapping[str, Any], line: int, seen: dict[str, int]) -> list[str]:
    problems = []
    if "balance" in row and "overdue" in row and row["overdue"] > row["balance"]:
        problems.append("overdue: above the balance; allowed: at most the balance")
    if "case_ref" in row and (first := seen.setdefault(row["case_ref"], line)) != line:
        problems.append(f"case_ref: stands on line {first} already; allowed: each case once")
    return problems


def _reader(column: str, facts: Mapping[str, FactRule]) -> Callable[[str], Any]:
    if column in facts:
        return lambda cell: _fact(cell, facts[column])
    if column in {"balance", "overdue"}:
        return _minor
    return {
        "case_ref": _reference,
        "arrears_band": _band,
        "status": _closed,
        "broken_promises": _promises,
        "preferred_channel": _preferred,
        "time_zone": _zone,
    }.get(column, _flag)


def _reference(cell: str) -> str:
    if not cell:
        raise _Misfit("missing; allowed: a masked reference")
    return cell


def _flag(cell: str) -> bool:
    if cell.lower() not in _FLAGS:
        raise _Misfit("no flag; allowed: true or false, yes or no, 1 or 0")
    return _FLAGS[cell.lower()]


def _closed(cell: str) -> bool:
    if cell.lower() not in {"open", "closed"}:
        raise _Misfit("no status; allowed: open or closed")
    return cell.lower() == "closed"


def _band(cell: str) -> int:
    months = cell.lower().removesuffix("m+").removesuffix("m").removesuffix("+")
    if not months.isascii() or not months.isdecimal() or not 1 <= int(months) <= 1_000:
        raise _Misfit(f"no arrears band; allowed: {', '.join(BANDS)}, or months behind from 1 on")
    return min(int(months), len(BANDS)) - 1


def _minor(cell: str) -> int:
    try:
        minor = Decimal(cell) * 100
    except InvalidOperation:
        minor = Decimal(-1)
    if not (minor.is_finite() and 0 < minor <= _MINOR_MAX) or minor != minor.to_integral_value():
        raise _Misfit("no amount; allowed: above 0, with at most two decimals, such as 1234.56")
    return int(minor)


def _promises(cell: str) -> int:
    if not cell.isascii() or not cell.isdecimal() or int(cell) > _PROMISES_MAX:
        raise _Misfit(f"no count; allowed: a whole number from 0 to {_PROMISES_MAX:,}")
    return int(cell)


def _preferred(cell: str) -> Channel | None:
    if cell.lower() in {"", "none"}:
        return None
    if f"consent_{cell.lower()}" not in _CONSENT:
        raise _Misfit("no channel of a campaign; allowed: sms, whatsapp, email or none")
    return Channel(cell.lower())


def _zone(cell: str) -> str:
    if cell not in available_timezones():
        raise _Misfit("no IANA time zone; allowed: one such as Europe/London")
    return cell


def _fact(cell: str, rule: FactRule) -> bool | int | str | None:
    if not cell:
        return None
    value: bool | int | str = cell
    if rule.kind == "flag":
        value = _flag(cell)
    elif rule.kind == "money":
        value = _minor(cell)
    elif rule.kind == "number":
        value = int(cell) if cell.isascii() and cell.isdecimal() else cell
    if not rule.allows(value):
        raise _Misfit(f"not a value of this fact; allowed: {rule.allowed}, or an empty cell")
    return value


def _refuse_dirty(read: _Read, name: str, *, leave_out: bool) -> None:
    if read.rows and (leave_out or not read.dirty):
        return
    told = [f"{name}: line {line}: {'; '.join(problems)}" for line, problems in read.dirty[:_ROWS_TOLD]]
    if len(read.dirty) > _ROWS_TOLD:
        told.append(f"{name}: and {len(read.dirty) - _ROWS_TOLD:,} rows more")
    if not read.rows:
        raise BadInput([f"{name}: no row can be used; allowed: at least one", *told])
    share = f"{len(read.dirty):,} of {read.rows + len(read.dirty):,} rows cannot be used"
    raise BadInput([*told, f"{name}: {share}; allowed: none, or population.dirty: leave_out"])


def _people(read: _Read, facts: Mapping[str, FactRule]) -> GivenPeople:
    values = read.values
    ours = {"status": "closed"}
    numbers = {
        "arrears_band": np.int64,
        "balance": np.int64,
        "overdue": np.int64,
        "broken_promises": np.int64,
    }
    flags = ("status", "vulnerable", "disputed", "payment_ok")
    columns = {name: np.array(values[name], dtype=kind) for name, kind in numbers.items() if name in values}
    columns |= {
        ours.get(name, name): np.array(values[name], dtype=np.bool_) for name in flags if name in values
    }
    zones = tuple(dict.fromkeys(values.get("time_zone", ())))
    place = {zone: at for at, zone in enumerate(zones)}
    return GivenPeople(
        rows=read.rows,
        columns=columns,
        facts={name: tuple(values[name]) for name in facts if name in values},
        consent={
            channel: np.array(values[name], dtype=np.bool_)
            for name, channel in _CONSENT.items()
            if name in values
        },
        preferred=tuple(values.get("preferred_channel", ())),
        zones=zones,
        zone_of=tuple(place[zone] for zone in values.get("time_zone", ())),
    )


def _notes(read: _Read, name: str, columns: Columns, known: Sequence[Column], *, sealed: bool) -> list[str]:
    drawn = [one.name for one in known if one.name not in columns.position and one.name != "case_ref"]
    notes = [
        (
            f"customers are the {read.rows:,} cases of {name}; drawn as for synthetic customers: "
            f"{', '.join(drawn) or 'luck alone'}"
        )
    ]
    if columns.ignored:
        notes.append(f"{name}: columns not read: {len(columns.ignored)}")
    if not sealed:
        notes.append(
            f"{name} is not sealed: `sandbox audit seal {name} --out {name}.sealed` keeps it unreadable at rest"
        )
    if read.dirty:
        shown = "; ".join(f"line {line}: {', '.join(problems)}" for line, problems in read.dirty[:5])
        more = f"; and {len(read.dirty) - 5:,} more" if len(read.dirty) > 5 else ""
        notes.append(f"{name}: {len(read.dirty):,} rows left out ({shown}{more})")
    return notes
