"""Fold facts into counts: one listener per run, no estimate and no interval here.

Cases are counted by cohort day (the day of their first planned touch), calls by the day they were offered; each
subject has a file of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.facts import heard_by
from sandbox.scorecard.call_tally import CallTally
from sandbox.scorecard.case_tally import CaseTally
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.marks import Mark

__all__ = ["Fanout", "Layout", "Mark", "Tally"]


class Tally:
    """Counts of one run; `emit` is the fact sink.

    Attributes:
        layout: days, half hours and bands.
        cases: what happened to cases.
        calls: what happened on the lines.
    """

    __slots__ = ("_handlers", "calls", "cases", "layout")

    def __init__(self, layout: Layout) -> None:
        """Start with nothing counted."""
        self.layout = layout
        self.cases = CaseTally(layout)
        self.calls = CallTally(layout, self.cases)
        self._handlers: dict[type, Callable[[Any], None]] = self.cases.handlers() | self.calls.handlers()

    @classmethod
    def start(cls, layout: Layout) -> Tally:
        """An empty tally."""
        return cls(layout)

    @property
    def marks(self) -> array[int]:
        """What is remembered of every case, in case order."""
        return self.cases.marks

    @property
    def heard(self) -> Mapping[type, Callable[[Any], None]]:
        """What counts each kind of fact; kinds that no metric needs are not in it."""
        return self._handlers

    def emit(self, fact: tuple[object, ...]) -> None:
        """Count one fact; kinds that no metric needs are let go."""
        if (kind := type(fact)) in self._handlers:
            self._handlers[kind](fact)


class Fanout:
    """A fact sink with several listeners; all kinds of fact are heard."""

    def __init__(self, listeners: Sequence[Callable[[tuple[object, ...]], None]]) -> None:
        """Keep the listeners in order."""
        self._listeners = tuple(listeners)
        self.heard: Mapping[type, Callable[[Any], None]] = heard_by(self.emit)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Hand one fact to all."""
        for listener in self._listeners:
            listener(fact)
