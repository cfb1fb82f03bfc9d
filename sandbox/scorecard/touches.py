"""What became of every planned touch: sent, or skipped for a reason; nothing is lost between the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sandbox.errors import RuleBroken
from sandbox.scorecard.marks import Mark
from sandbox.scorecard.tally import Tally


class Touches(NamedTuple):
    """The touches of one run.

    Attributes:
        planned: touches planned for the cases that policy let in.
        sent: touches that left, each counted once however many providers refused it before.
        skipped: the others, by reason, sorted.
        replies: customers' answers that asked not to be messaged, by what they were understood as, sorted.
    """

    planned: int = 0
    sent: int = 0
    skipped: Mapping[str, int] = {}
    replies: Mapping[str, int] = {}


NO_TOUCHES = Touches()
"""Of a run without a campaign."""


def touches(tally: Tally, planned_per_case: int) -> Touches:
    """Count a finished run's touches from its facts.

    Args:
        tally: the run's counts.
        planned_per_case: touches the design plans for each case that is let in.

    Raises:
        RuleBroken: what was sent and skipped is not what was planned.
    """
    cases = tally.cases
    let_in = int(np.count_nonzero(np.frombuffer(cases.marks, dtype=np.int64) & int(Mark.TRIGGERED)))
    found = Touches(
        let_in * planned_per_case,
        sum(cases.messages),
        dict(sorted(cases.skipped.items())),
        dict(sorted(cases.replies.items())),
    )
    if found.planned != found.sent + sum(found.skipped.values()):
        raise RuleBroken(
            f"touches not conserved: {let_in} cases with {planned_per_case} planned each, "
            f"{found.sent} sent, skipped {dict(found.skipped)}"
        )
    return found
