"""What the process says to whoever started it. The numbers are part of the public interface."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command.

    Unsure and not-judged expectations leave OK (standard error names them); `--strict` turns unsure into
    EXPECTATION_FAILED.
    """

    OK = 0
    EXPECTATION_FAILED = (
        1  # or a point of `verify` lies outside theory, a trail is broken, or history is not reproduced
    )
    BAD_INPUT = 2  # the parser of the command line uses the same number
    OUR_FAULT = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells report it
