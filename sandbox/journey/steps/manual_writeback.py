"""A person keys the outcome into the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from sandbox import facts
from sandbox.effects import AwaitReconciliation, Rekey
from sandbox.journey.aftermath import rekey
from sandbox.journey.posting import NOTE_KEYED, note_for
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit
from sandbox.ports import PostCommand
from sandbox.writeback.desk import PostingState

KEYINGS_MAX = 10
"""Keyings of one item; reconciliation is daily, so ten are two weeks of the same mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualWriteback(Step):
    """A clerk keys the item into the core, on the account as it is then, through the one path for a posting.

    An item keyed wrongly is not in the core. The next day's reconciliation finds a share of those and they are keyed
    again; the others stay wrong unless the customer calls. Outcomes besides done: "wrong" (nobody found it),
    "refused" (the core's business refusal), "queued" (the outbox keeps it). Clerks, time and error rates are the
    operation's: block `back_office` of a scenario.

    Attributes:
        delay_h_median: median working hours before an item may be keyed (batches, a second signature); 2 is an
            assumption.
        double_entry: two clerks key every item and the entries are compared: twice the time, half the errors (0.14 %
            against 0.29 % of fields, Garza et al. 2025, clinical data).
    """

    kind: Literal["manual_writeback"] = "manual_writeback"
    outcomes: ClassVar[tuple[str, ...]] = ("wrong", "refused", "queued")
    handoff: ClassVar[str] = "back office to manual writeback"
    person_posts: ClassVar[bool] = True
    behind_the_scenes: ClassVar[bool] = True
    needs_customer: ClassVar[bool] = False
    posts: ClassVar[bool] = True
    completes: ClassVar[bool] = True
    refuses: ClassVar[tuple[str, ...]] = ("refused",)
    delay_h_median: Annotated[float, Ge(0.0), Le(1_000.0)] = 2.0
    double_entry: bool = False

    def run(self, visit: Visit) -> Walk:
        """Key the item until it is right, or wrong for good; then post it."""
        note = visit.note = visit.note or note_for(visit)
        for attempt in range(KEYINGS_MAX):
            delay_h = 0.0 if attempt else self.delay_h_median
            keyed = visit.hear((yield Rekey(visit.item, attempt, delay_h, self.double_entry)))
            visit.tell(facts.BackOfficeDone, (keyed.touch_ms + visit.clerk_ms, keyed.wrong))
            visit.clerk_ms = 0
            if not keyed.wrong:
                return (yield from self._post(visit, note))
            if not keyed.found:
                break
            visit.hear((yield AwaitReconciliation()))
            visit.tell(facts.ReconciliationItem, ("rekeyed_wrongly",))
            visit.evidence("reconciliation_item", key=note.key)
        return visit.item_failed(self.id, "wrong")

    @staticmethod
    def _post(visit: Visit, note: PostCommand) -> Walk:
        """Post the note, on the account as whoever keys sees it now."""
        visit.evidence(NOTE_KEYED, key=note.key)  # durable with the intent: from here on the outbox has it
        result = yield from rekey(note, visit.desk, visit.at_ms)
        visit.at_ms = result.at_ms
        if result.state is PostingState.RECORDED:
            return "done"
        return "queued" if result.state is PostingState.QUEUED else "refused"
