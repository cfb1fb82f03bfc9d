"""Where every customer ended: a fold of facts in which each triggered case has exactly one last word.

The scorecard says how many; the ledger says where the others went. A recorded case stays recorded whatever comes
after it. A case that was lost at one step and came back on a later touch counts where its last visit ended; one whose
customer has acted counts by what became of that, whatever they do while it is on its way.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from sandbox import facts

NOT_SENT: Final = "not sent"
BY_LETTER: Final = "written to by letter, no call"
NO_RECEIPT: Final = "sent, no delivery reported"
NO_REACTION: Final = "delivered, no reaction"
IN_VISIT: Final = "still in a visit"
WAITING: Final = "acted, not in the core"
REFUSED: Final = "refused by the core"
RECORDED: Final = "recorded"
EXCLUDED: Final = "excluded by policy"

_FIXED = (NOT_SENT, BY_LETTER, NO_RECEIPT, NO_REACTION, IN_VISIT, WAITING, REFUSED, RECORDED, EXCLUDED)
_PLACES = {name: place for place, name in enumerate(_FIXED)}
_UNREACHED = tuple(_PLACES[word] for word in (NOT_SENT, BY_LETTER, NO_RECEIPT, NO_REACTION))
_UNSEEN = -1


class Ending(NamedTuple):
    """How many cases ended in one way.

    Attributes:
        step: the step at which they were lost, or empty for the ways that are no step's.
        reason: the outcome they left by, or one of the ways named in this module.
        cases: how many.
    """

    step: str
    reason: str
    cases: int


class StepTraffic(NamedTuple):
    """What passed through one step.

    Attributes:
        entered: visits that reached it.
        left: visits that ended there without going on.
        minutes: mean minutes a visit spent there, None if nobody was seen to leave it.
    """

    entered: int
    left: int
    minutes: float | None


class Ledger:
    """Listens to one run; `emit` is a fact listener.

    Args:
        cases: number of cases of the campaign.
    """

    def __init__(self, cases: int) -> None:
        """Start with nobody seen."""
        self._word = array("i", [_UNSEEN]) * cases
        self._lost: list[tuple[str, str]] = []
        self._lost_places: dict[tuple[str, str], int] = {}
        self._here: dict[int, tuple[str, int]] = {}
        self._behind: dict[
            int, tuple[str, int]
        ] = {}  # the work behind a customer's back goes on beside their visits
        self._undone: set[int] = set()  # places of items that came to nothing behind the customer's back
        self._entered: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._spent_ms: Counter[str] = Counter()
        self._timed: Counter[str] = Counter()
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.Triggered: lambda fact: self._say(fact.case_id, NOT_SENT),
            facts.Excluded: lambda fact: self._say(fact.case_id, EXCLUDED),
            facts.LetterSent: lambda fact: self._reached(fact.case_id, BY_LETTER),
            facts.Sent: lambda fact: self._reached(fact.case_id, NO_RECEIPT),
            facts.ReceiptReceived: self._receipt,
            facts.Engaged: self._engaged,
            facts.StepEntered: self._step,
            facts.ActionCompleted: lambda fact: self._say(fact.case_id, WAITING),
            facts.PostingRefused: lambda fact: self._say(fact.case_id, REFUSED),
            facts.Dropped: self._dropped,
            facts.HandedOn: self._handed_on,
            facts.BackOfficeDone: self._keyed,
            facts.ItemFailed: self._failed,
            facts.FailureDemand: self._asks_after,
            facts.Recorded: lambda fact: self._say(fact.case_id, RECORDED),
        }

    def emit(self, fact: tuple[object, ...]) -> None:
        """Take in one fact; kinds that move nobody are let go."""
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    def endings(self) -> list[Ending]:
        """Return every way cases ended, the most frequent first; the numbers sum to all cases."""
        counts = Counter(self._word)
        return sorted(
            (Ending(*self._named(place), cases) for place, cases in counts.items()),
            key=lambda ending: (-ending.cases, ending.step, ending.reason),
        )

    def traffic(self, steps: Iterable[str]) -> dict[str, StepTraffic]:
        """Return what passed through each of these steps."""
        return {
            step: StepTraffic(
                self._entered[step],
                self._left[step],
                self._spent_ms[step] / self._timed[step] / 60_000 if self._timed[step] else None,
            )
            for step in steps
        }

    def _named(self, place: int) -> tuple[str, str]:
        if place == _UNSEEN:
            return "", "never triggered"
        return ("", _FIXED[place]) if place < len(_FIXED) else self._lost[place - len(_FIXED)]

    def _say(self, case_id: int, word: str) -> None:
        if self._word[case_id] != _PLACES[RECORDED]:
            self._word[case_id] = _PLACES[word]

    def _reached(self, case_id: int, word: str) -> None:
        """A message says something of a case only while the customer has not acted on one."""
        if self._word[case_id] in _UNREACHED:
            self._word[case_id] = max(self._word[case_id], _PLACES[word])

    def _receipt(self, fact: facts.ReceiptReceived) -> None:
        if fact.status == "delivered":
            self._reached(fact.case_id, NO_REACTION)

    def _engaged(self, fact: facts.Engaged) -> None:
        self._here.pop(fact.case_id, None)  # the last step of the visit before: nobody saw when it was left
        if not self._part_done(fact.case_id):
            self._say(fact.case_id, IN_VISIT)

    def _step(self, fact: facts.StepEntered) -> None:
        flow = self._here
        if fact.behind:
            flow = self._behind
            if self._word[fact.case_id] in self._undone:
                self._say(fact.case_id, WAITING)  # an item that came to nothing is taken up again
        self._leave(flow, fact.case_id, fact.at_ms)
        flow[fact.case_id] = fact.step, fact.at_ms
        self._entered[fact.step] += 1

    def _asks_after(self, fact: facts.FailureDemand) -> None:
        self._here.pop(fact.case_id, None)  # as when they engage

    def _handed_on(self, fact: facts.HandedOn) -> None:
        self._leave(self._here, fact.case_id, fact.at_ms)
        self._behind.pop(fact.case_id, None)  # the last step of an item before: nobody saw when it was left

    def _keyed(self, fact: facts.BackOfficeDone) -> None:
        if not fact.error:  # what is wrong stays where it is until reconciliation or nobody finds it
            self._leave(self._behind, fact.case_id, fact.at_ms)

    def _failed(self, fact: facts.ItemFailed) -> None:
        self._leave(self._behind, fact.case_id, fact.at_ms)
        self._undone.add(self._lose(fact.case_id, fact.step, fact.reason))

    def _dropped(self, fact: facts.Dropped) -> None:
        self._leave(self._here, fact.case_id, fact.at_ms)
        if self._part_done(fact.case_id):
            self._left[fact.step] += 1
        else:
            self._lose(fact.case_id, fact.step, fact.reason)

    def _part_done(self, case_id: int) -> bool:
        """Whether what becomes of the case is no longer decided by what the customer does in a visit."""
        word = self._word[case_id]
        return word == _PLACES[WAITING] or word in self._undone

    def _lose(self, case_id: int, step: str, reason: str) -> int:
        self._left[step] += 1
        lost = step, reason
        place = self._lost_places.get(lost)
        if place is None:
            place = self._lost_places[lost] = len(_FIXED) + len(self._lost)
            self._lost.append(lost)
        if self._word[case_id] != _PLACES[RECORDED]:
            self._word[case_id] = place
        return place

    def _leave(self, flow: dict[int, tuple[str, int]], case_id: int, at_ms: int) -> None:
        step, since_ms = flow.pop(case_id, ("", 0))
        if step:
            self._spent_ms[step] += at_ms - since_ms
            self._timed[step] += 1
