"""What metrics.yaml says of calls, as sums per campaign day."""

from __future__ import annotations

from sandbox.scorecard.call_tally import CallTally
from sandbox.scorecard.case_sums import Series


def call_ratios(tally: CallTally, staffed: list[int]) -> dict[str, Series]:
    """Every ratio whose base is calls or agent time.

    Args:
        tally: the run's calls.
        staffed: agents per (campaign day, half hour), flat.
    """
    calls, layout = tally.calls, tally.layout
    slots = layout.slots
    staffed_ms = [
        sum(staffed[day * slots : (day + 1) * slots]) * layout.slot_ms for day in range(layout.campaign_days)
    ]
    unanswered = [a - b for a, b in zip(calls["visits_called"], calls["visits_answered"], strict=True)]
    return {
        "call_abandonment_rate": (calls["abandoned"], calls["offered"]),
        "campaign_abandonment_rate": (calls["campaign_abandoned"], calls["campaign_offered"]),
        "caller_abandonment_rate": (unanswered, calls["visits_called"]),
        "call_wait_busy_s": (calls["wait_busy_ms"], calls["offered_busy"]),
        "call_wait_answered_s": (calls["wait_answered_ms"], calls["answered"]),
        "call_wait_all_s": (calls["wait_ms"], calls["offered"]),
        "agent_occupancy": (calls["busy_ms"], staffed_ms),
    }
