"""Writing to standard output and standard error: whole texts, closed pipes, colour and width."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TextIO

WIDTH_DEFAULT = 110
"""Columns when nothing says otherwise: pipes, files, tests."""

_WIDTH_MIN, _WIDTH_MAX = 80, 120

_STYLES = (
    (re.compile(r"✔ pass\b"), "32"),
    (re.compile(r"✘ fail\b"), "1;31"),
    (re.compile(r"\? unsure\b"), "33"),
    (re.compile(r"^[A-Z][A-Z0-9 ,-]{3,}(?=  |$)", re.MULTILINE), "1"),
)
"""Colour repeats what a glyph and a word already say; section names are bold."""


def write_out(text: str) -> None:
    """Write a result to standard output; a reader that closed the pipe has seen enough, which is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def write_err(text: str) -> None:
    """Write one remark to standard error, with a line break."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _silence(sys.stderr)


def text_width() -> int:
    """Return the columns to lay a report out in: COLUMNS, else the terminal, else 110; within 80..120."""
    columns = shutil.get_terminal_size((WIDTH_DEFAULT, 24)).columns
    return max(_WIDTH_MIN, min(_WIDTH_MAX, columns))


def is_terminal(stream: TextIO) -> bool:
    """Say whether a person is looking at `stream`."""
    return stream.isatty()


def wants_colour(stream: TextIO) -> bool:
    """Say whether to colour: a terminal, no NO_COLOR, and not a dumb one."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str) -> str:
    """Return `text` with verdicts and section names styled; widths do not change."""
    for pattern, style in _STYLES:
        text = pattern.sub(f"\x1b[{style}m\\g<0>\x1b[0m", text)
    return text


def tolerate_any_encoding() -> None:
    """Let a stream that cannot show a character show "?" in its place instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _silence(stream: TextIO) -> None:
    """Point a closed pipe at nowhere, so that the interpreter's last flush has nothing to complain about."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
