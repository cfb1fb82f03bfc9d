"""What became of the planned touches, design beside design: sent, or skipped for a reason."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.result import Comparison
from tui.cli.numbers import fixed
from tui.cli.tables import aligned, in_blocks


def touches(comparison: Comparison, width: int) -> list[str]:
    """Return planned touches, those sent and those skipped by reason; nothing where none were planned."""
    found = {name: design.outreach for name, design in comparison.designs.items() if design.outreach.planned}
    if not found:
        return []
    reasons = sorted({reason for counts in found.values() for reason in counts.skipped})
    replies = sorted({intent for counts in found.values() for intent in counts.replies})

    def build(names: Sequence[str]) -> list[str]:
        rows = [["", *names]]
        rows.append(["planned", *(fixed(found[name].planned, 0) for name in names)])
        rows.append(["sent", *(fixed(found[name].sent, 0) for name in names)])
        rows += [
            [f"skipped: {reason}", *(fixed(found[name].skipped.get(reason, 0.0), 0) for name in names)]
            for reason in reasons
        ]
        rows += [
            [f"opt-out read as {intent}", *(fixed(found[name].replies.get(intent, 0.0), 0) for name in names)]
            for intent in replies
        ]
        return aligned(rows, "<" + ">" * len(names))

    lines = ["OUTREACH   touches, mean of a replication; planned = sent + skipped"]
    return lines + in_blocks(list(found), width, build)
