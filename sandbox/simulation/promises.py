"""What becomes of promises: each falls due once, and is kept or broken by the customer's own luck."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.draws import Draws
from sandbox.facts import PromiseBroken, PromiseKept, Recorded
from sandbox.model import LEDGER_EFFECTS, MS_PER_DAY, LedgerEffect
from sandbox.ports import SelectiveSink
from sandbox.simulation.events import Clockwork, after


def due_ms(recorded_ms: int, due_day_offset: int) -> int:
    """Return when a promise falls due: the end of its day, so many days after the day of its record.

    Days are 24 hours from the scenario's start, so a change of the clocks moves nobody's due date.
    """
    return (recorded_ms // MS_PER_DAY + due_day_offset + 1) * MS_PER_DAY


class FollowThrough:
    """A fact sink between the writeback and everybody who listens: it hears records and follows promises up.

    Promises of one due day wait in one pair of columns with one event, whatever their number. What falls due after
    the end of observation is censored: no fact says how it ended.
    """

    def __init__(
        self,
        env: Clockwork,
        kept_rate: float,
        draws: Draws,
        facts: SelectiveSink,
        effects: Mapping[str, str] = LEDGER_EFFECTS,
    ) -> None:
        """Bind the share of promises kept, who is told, and what each action of the policy does in the ledger."""
        self._promises = frozenset(name for name, effect in effects.items() if effect == LedgerEffect.PROMISE)
        self._env = env
        self._kept_rate = kept_rate
        self._draws = draws
        self._tell = facts.emit
        self._listeners: dict[type, Callable[[Any], None]] = {**facts.heard, Recorded: self._recorded}
        self._due: dict[int, tuple[array[int], array[int]]] = {}

    def emit(self, fact: tuple[object, ...]) -> None:
        """Hand a fact to its listener, if it has one; a record is looked at before."""
        listener = self._listeners.get(type(fact))
        if listener is not None:
            listener(fact)

    def _recorded(self, fact: Recorded) -> None:
        """Pass a record on; remember it when it is a promise."""
        self._tell(fact)
        if fact.action in self._promises:
            self._remember(fact)

    def _remember(self, fact: Recorded) -> None:
        moment = due_ms(fact.at_ms, fact.due_day_offset)
        if moment not in self._due:
            self._due[moment] = array("q"), array("q")
            after(self._env, moment - self._env.now, self._fall_due, moment)
        cases, amounts = self._due[moment]
        cases.append(fact.case_id)
        amounts.append(fact.amount_minor)

    def _fall_due(self, moment: int) -> None:
        """The day is over: the same customer keeps or breaks the same promise in every design."""
        tell, draws, kept_rate = self._tell, self._draws, self._kept_rate
        for case_id, amount in zip(*self._due.pop(moment), strict=True):
            kept = draws.uniform("promise_kept", 0, case_id) < kept_rate
            tell((PromiseKept if kept else PromiseBroken)(case_id, moment, amount))
