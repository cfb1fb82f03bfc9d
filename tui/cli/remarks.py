"""What a result says of itself: the warning in its head, and its notes at the end."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.notes import NOT_REPRODUCED, TOO_NARROW
from tui.cli.tables import wrapped


def warning(notes: Sequence[str]) -> list[str]:
    """Return the line for a report's head where the baseline does not reproduce its history; else none."""
    return ["  ✘ HISTORY NOT REPRODUCED: run all the same, see NOTES"] if overriding(notes) else []


def overriding(notes: Sequence[str]) -> list[str]:
    """Return the notes that say, in full, which history is not reproduced; for where there is no head."""
    return [f"✘ {note}" for note in notes if note.startswith(NOT_REPRODUCED)]


def too_narrow(notes: Sequence[str], width: int) -> list[str]:
    """Return the note that intervals are too narrow, for beside what is decided by them; else nothing."""
    return [
        line
        for note in notes
        if note.endswith(TOO_NARROW)
        for line in wrapped(f"△ {note}", width, hanging="  ")
    ]


def remarks(notes: Sequence[str], width: int) -> list[str]:
    """Return the notes under their heading; nothing where there are none."""
    lines = [line for note in notes for line in wrapped(f"- {note}", width, hanging="  ")]
    return ["NOTES", *lines] if lines else []
