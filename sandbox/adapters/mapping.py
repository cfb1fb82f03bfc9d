"""Schema mapping as data: one posting as a record of fixed fields, and back.

A layout lists fields in order, each with a COBOL picture: `9(11)` is eleven digits, zero-padded; `X(40)` is forty
characters, upper case, ASCII, padded with blanks. Codes stand in tables beside their field. A value that does not
fit is refused before anything is sent, with the field and its limit; nothing is cut unless the layout says so.

    {field: AMOUNT, holds: amount_minor, picture: "9(11)"}
    {field: ACTION, holds: action, picture: "X(2)", codes: {pay_now: PN, promise_to_pay: PP}}

Dates are YYYYDDD: the year and the day of it. What an action writes beyond its code (`PostCommand.effect`) follows
the record in lines of a fixed width, as it stands; the record says how many. What the customer put into the form
does not leave us but for what the effect takes from it; the digest of both is in the check field.
"""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.model import MS_PER_DAY
from sandbox.ports import PostCommand

REFERENCE_CHARS: Final = 16
"""Characters of a reference: 80 bits of the key's digest in base 32; two of a million keys share one once in 2e12."""

OTHER: Final = "other"
"""The word in a table of codes for whatever else there is; without it a word that has no code is refused."""

CHECK_CHARS: Final = 64
"""Characters of a check field: the payload's SHA-256 in hexadecimal."""

Holds = Literal[
    "reference",
    "check",
    "account_id",
    "case_id",
    "action",
    "amount_minor",
    "value_date",
    "due_date",
    "source",
    "note",
    "lines",
]
"""What a field may hold: the reference made from the key, the payload's digest, a part of the command, the day it is
written on, the day it falls due, or the number of lines that follow. A layout has one field for each."""


class DoesNotFit(Exception):
    """A value has no place in the record; the text names field and limit."""


class FieldLayout(BaseModel):
    """One field of a record.

    Attributes:
        field: its name in the core's copybook.
        holds: what of a posting it holds.
        picture: `9(n)` or `X(n)`.
        codes: our word to the core's code, each as long as the field; empty without a table.
        cut: whether a longer text is cut instead of refused; never for anything but a note.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]*$", max_length=30)]
    holds: Holds
    picture: Annotated[str, Field(pattern=r"^[9X]\([1-9][0-9]{0,2}\)$")]
    codes: dict[str, str] = {}
    cut: bool = False

    @property
    def length(self) -> int:
        """Characters of the field."""
        return int(self.picture[2:-1])

    @property
    def digits(self) -> bool:
        """Whether it takes digits only."""
        return self.picture.startswith("9")

    @model_validator(mode="after")
    def _codes_fit(self) -> FieldLayout:
        wrong = [code for code in self.codes.values() if len(code) != self.length or not _is_plain(code)]
        if wrong:
            message = f"{self.field}: found codes {wrong}; allowed: {self.length} upper-case characters each"
            raise ValueError(message)
        if len(set(self.codes.values())) != len(self.codes):
            message = f"{self.field}: found two words with one code; allowed: a code of its own for each"
            raise ValueError(message)
        if self.cut and self.holds != "note":
            message = f"{self.field}: found cut; allowed: for a note only"
            raise ValueError(message)
        return self


class RecordLayout(BaseModel):
    """A record as the core's copybook has it: fields in order, without gaps, and the lines that may follow.

    Attributes:
        fields: of the record.
        line: picture of one line that follows, `X(n)`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: Annotated[tuple[FieldLayout, ...], Field(min_length=1)]
    line: Annotated[str, Field(pattern=r"^X\([1-9][0-9]{0,2}\)$")]

    @property
    def line_length(self) -> int:
        """Characters of a line that follows."""
        return int(self.line[2:-1])

    @model_validator(mode="after")
    def _is_whole(self) -> RecordLayout:
        held = [field.holds for field in self.fields]
        problems = [f"nothing holds {name}" for name in get_args(Holds) if name not in held]
        problems += [f"{name} stands in two fields" for name in sorted(set(held)) if held.count(name) > 1]
        exact = {"reference": REFERENCE_CHARS, "check": CHECK_CHARS, "value_date": 7, "due_date": 7}
        problems += [
            f"{field.field}: found {field.picture}; allowed: {exact[field.holds]} characters"
            for field in self.fields
            if field.length != exact.get(field.holds, field.length)
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


@dataclass(frozen=True)
class RecordMapping:
    """A layout at work.

    Args:
        layout: the record.
        first_day: the day on which time 0 is the midnight it begins with.
    """

    layout: RecordLayout
    first_day: date

    @cached_property
    def length(self) -> int:
        """Characters of a record without lines that follow."""
        return sum(field.length for field in self.layout.fields)

    def write(self, command: PostCommand, at_ms: int) -> str:
        """Return the record of a command written at a time.

        Raises:
            DoesNotFit: a value is too long, has no code, or holds characters the core does not know.
        """
        if not command.effect.isascii():
            raise DoesNotFit("effect: found a character outside ASCII; allowed: none")
        width = self.layout.line_length
        lines = [command.effect[at : at + width] for at in range(0, len(command.effect), width)]
        today = self.first_day + timedelta(days=at_ms // MS_PER_DAY)
        held: dict[str, object] = {
            "reference": reference_of(command.key),
            "check": command.fingerprint,
            "account_id": command.account_id,
            "case_id": command.case_id,
            "action": command.action,
            "amount_minor": command.amount_minor,
            "value_date": _julian(today),
            "due_date": _julian(today + timedelta(days=command.due_day_offset)),
            "source": command.source,
            "note": command.note,
            "lines": len(lines),
        }
        record = "".join(_filled(field, held[field.holds]) for field in self.layout.fields)
        return record + "".join(line.ljust(width) for line in lines)

    def read(self, record: str) -> dict[str, str]:
        """Return what a record holds, by the names of `Holds`; padding is gone and codes are words again.

        What stood in the lines that follow is under "effect".

        Raises:
            DoesNotFit: the record is longer or shorter than it says, or has an unknown code or a letter among digits.
        """
        if len(record) < self.length:
            raise DoesNotFit(f"record: found {len(record)} characters; allowed: {self.length}")
        held: dict[str, str] = {}
        start = 0
        for field in self.layout.fields:
            text = record[start : start + field.length]
            start += field.length
            held[field.holds] = _emptied(field, text)
        whole = self.length + int(held["lines"]) * self.layout.line_length
        if len(record) != whole:
            raise DoesNotFit(f"record: found {len(record)} characters; allowed: {whole}")
        held["effect"] = record[self.length :].rstrip()
        return held


def reference_of(key: str) -> str:
    """Return the reference a key is written and looked up under: the same for every try of a decision."""
    digest = blake2b(key.encode(), digest_size=REFERENCE_CHARS * 5 // 8).digest()
    return base64.b32encode(digest).decode()


def days_between(earlier: str, later: str) -> int:
    """Return the days from one YYYYDDD to another."""
    return (_day(later) - _day(earlier)).days


def _julian(day: date) -> str:
    return f"{day.year:04d}{day.timetuple().tm_yday:03d}"


def _day(julian: str) -> date:
    try:
        return date(int(julian[:4]), 1, 1) + timedelta(days=int(julian[4:]) - 1)
    except ValueError as error:
        raise DoesNotFit(f"date: found {julian!r}; allowed: YYYYDDD") from error


def _filled(field: FieldLayout, value: object) -> str:
    """Return a value as it stands in its field."""
    if field.codes:
        code = field.codes.get(str(value)) or field.codes.get(OTHER)
        if code is None:
            raise DoesNotFit(f"{field.field}: no code for {value}; there is one for {', '.join(field.codes)}")
        return code
    if field.digits:
        text = str(value)
        if not text.isascii() or not text.isdecimal():
            raise DoesNotFit(f"{field.field}: found a value that is no number from 0 up; allowed: digits")
        return _not_too_long(field, text).rjust(field.length, "0")
    text = _plain(str(value))
    if not _is_plain(text):
        raise DoesNotFit(f"{field.field}: found a character outside printable ASCII; allowed: none")
    return _not_too_long(field, text[: field.length] if field.cut else text).ljust(field.length)


def _not_too_long(field: FieldLayout, text: str) -> str:
    if len(text) > field.length:
        raise DoesNotFit(f"{field.field}: found {len(text)} characters; allowed: at most {field.length}")
    return text


def _emptied(field: FieldLayout, text: str) -> str:
    """Return what a field's text stands for."""
    if field.codes:
        for word, code in field.codes.items():
            if code == text:
                return word
        raise DoesNotFit(f"{field.field}: found {text!r}; allowed: {', '.join(field.codes.values())}")
    if field.digits:
        if not text.isascii() or not text.isdecimal():
            raise DoesNotFit(f"{field.field}: found {text!r}; allowed: {field.length} digits")
        return text.lstrip("0") or "0" if field.holds not in {"value_date", "due_date"} else text
    return text.rstrip()


def _plain(text: str) -> str:
    """Return a text in upper case without the accents of its letters."""
    parted = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in parted if not unicodedata.combining(mark)).upper()


def _is_plain(text: str) -> bool:
    return text.isascii() and (not text or text.isprintable()) and text == text.upper()
