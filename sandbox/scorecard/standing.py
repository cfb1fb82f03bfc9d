"""Where a case stands at the end of a run, told from what is remembered of it; each case stands in one place."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sandbox.scorecard.tally import Mark


class Standing(IntEnum):
    """Where a case stands, the best for its customer first."""

    UNTOUCHED = 0
    WITH_PERSON = 1
    NOT_RECORDED = 2
    EXCEPTION = 3
    ABANDONED = 4
    LOST = 5
    NOT_ENGAGED = 6
    EXCLUDED = 7


WORDS = {
    Standing.UNTOUCHED: "recorded untouched",
    Standing.WITH_PERSON: "recorded with a person's help",
    Standing.NOT_RECORDED: "acted, not recorded",
    Standing.EXCEPTION: "exception open",
    Standing.ABANDONED: "called, never answered",
    Standing.LOST: "engaged and lost",
    Standing.NOT_ENGAGED: "not engaged",
    Standing.EXCLUDED: "excluded by policy",
}

LEVELS = {
    Standing.UNTOUCHED: 3,
    Standing.WITH_PERSON: 2,
    Standing.NOT_RECORDED: 1,
    Standing.EXCEPTION: 1,
    Standing.ABANDONED: 0,
    Standing.LOST: 0,
    Standing.NOT_ENGAGED: 0,
    Standing.EXCLUDED: 0,
}
"""How good a standing is: resolved alone, resolved with effort, in somebody's hands, unresolved."""


def standings(case_marks: bytes) -> npt.NDArray[np.int8]:
    """Return the standing of every case, in case order.

    A recorded case is recorded whatever else happened to it. Of the others: the customer's part done comes before
    where the last visit ended, a call nobody answered before the exception that led to it.

    Args:
        case_marks: as `RunOutcome.case_marks` holds them.
    """
    marks = np.frombuffer(case_marks, dtype=np.int64)

    def has(mark: Mark) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (marks & int(mark)) != 0
        return found

    helped = has(Mark.AGENT | Mark.BACK_OFFICE | Mark.MANUAL)
    places = [
        (has(Mark.EXCLUDED), Standing.EXCLUDED),
        (has(Mark.RECORDED) & ~helped, Standing.UNTOUCHED),
        (has(Mark.RECORDED), Standing.WITH_PERSON),
        (has(Mark.ACTED), Standing.NOT_RECORDED),
        (has(Mark.CALLED) & ~has(Mark.AGENT), Standing.ABANDONED),
        (has(Mark.EXCEPTION), Standing.EXCEPTION),
        (has(Mark.ENGAGED), Standing.LOST),
    ]
    found = np.select(
        [where for where, _ in places], [int(standing) for _, standing in places], int(Standing.NOT_ENGAGED)
    )
    return found.astype(np.int8)
