"""Manual work behind the call centre."""

from __future__ import annotations

from scenarios.blocks.kinds import Block, Hours, Minutes, Rate, Sigma


class BackOffice(Block):
    """Manual rekeying; the wait is in working hours."""

    wait_h_median: Hours
    wait_sigma: Sigma
    touch_min_mean: Minutes
    error_rate: Rate
    error_found_rate: Rate
