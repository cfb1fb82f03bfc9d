"""Which rules, segments and actions of a policy no account can ever reach, and which rules contradict each other.

Exact on the closed vocabulary, facts taken as independent of each other: what is called unreachable is so for every
account, whatever the other facts are. A document too tangled to be settled within the bound of `boxes` is let pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from sandbox.policy.boxes import Box, Cells, Region, TooManyPiecesError
from sandbox.policy.schema import ActionRule, PolicyShape, Rule
from sandbox.policy.vocabulary import FactTest, Fault

_FROM_ONE = FactTest(at_least=1)


class _Taken(NamedTuple):
    """A box earlier rules took, and what a message calls whoever took it."""

    named: str
    box: Box


def unreachable(document: PolicyShape) -> list[Fault]:
    """Return every rule, segment and action no account reaches, and every pair of rules that contradict each other.

    Args:
        document: its tests fit their facts and its segments their actions.
    """
    faults = list(_contradictions(document))
    try:
        faults += _Analysis(document).faults()
    except TooManyPiecesError:
        return faults
    return faults


class _Analysis:
    """Walks a document in the order in which it decides."""

    def __init__(self, document: PolicyShape) -> None:
        self._document = document
        self._cells = Cells(_tests_of(document), document.facts)

    def faults(self) -> Iterator[Fault]:
        document = self._document
        everybody: list[Box] = [{}]
        taken: list[_Taken] = []
        yield from self._list("exclude_when", document.exclude_when, everybody, taken)
        yield from self._list("person_when", document.person_when, everybody, taken)
        rest = self._cells.within(self._rest(everybody, taken), self._cells.known())
        segments: dict[str, Region] = {}
        left, before = list(rest), list(taken)
        for index, segment in enumerate(document.segments):
            box = {} if segment.when is None else self._cells.box(segment.when)
            segments[segment.segment] = self._cells.within(left, box)
            if not segments[segment.segment]:
                text = f"segment {segment.segment!r} is never reached: covered by {self._cover(box, before)}"
                yield Fault(f"segments.{index}.segment", text)
            left = self._cells.without(left, box)
            before.append(_Taken(f"segment {segment.segment!r}", box))
        for name, action in document.actions.items():
            yield from self._action(name, action, rest, segments, taken)

    def _action(
        self,
        name: str,
        action: ActionRule,
        rest: Region,
        segments: dict[str, Region],
        before: Sequence[_Taken],
    ) -> Iterator[Fault]:
        region = rest
        if action.segments is not None:
            region = [box for wanted in dict.fromkeys(action.segments) for box in segments[wanted]]
        if not region:
            yield Fault(f"actions.{name}", "can never be offered: nobody is left for its segments")
            return
        taken = list(before)
        yield from self._list(f"actions.{name}.blocked_when", action.blocked_when, region, taken)
        open_to = self._rest(region, taken)
        if action.amount is not None:
            open_to = self._cells.within(
                open_to, self._cells.box({f"{action.amount.maximum}_minor": _FROM_ONE})
            )
        if not open_to:
            rules = ", ".join(rule.rule for rule in action.blocked_when) or "earlier rules"
            text = f"can never be offered: every account is stopped before ({rules})"
            yield Fault(f"actions.{name}", text)

    def _list(self, path: str, rules: Sequence[Rule], region: Region, taken: list[_Taken]) -> Iterator[Fault]:
        """Judge one list of rules; whatever they take is added to `taken`."""
        for index, rule in enumerate(rules):
            box = self._cells.box(rule.when)
            inside = self._cells.within(region, box)
            if not self._rest(inside, taken):
                text = (
                    f"rule {rule.rule!r} can never be the first to hold: covered by {self._cover(box, taken)}"
                )
                yield Fault(f"{path}.{index}.rule", text)
            taken.append(_Taken(f"rule {rule.rule!r}", box))

    def _rest(self, region: Region, taken: Sequence[_Taken]) -> list[Box]:
        rest = list(region)
        for one in taken:
            rest = self._cells.without(rest, one.box)
        return rest

    def _cover(self, box: Box, taken: Sequence[_Taken]) -> str:
        """Name as few of the earlier rules as cover a box; where they alone do not, the segments and data do."""
        covering = [one for one in taken if self._cells.within([box], one.box)]
        if self._rest([box], covering):
            return "the segments of its action, its fact's own range or missing data"
        for one in reversed(list(covering)):
            fewer = [other for other in covering if other is not one]
            if not self._rest([box], fewer):
                covering = fewer
        return " and ".join(one.named for one in covering)


def _tests_of(document: PolicyShape) -> Iterator[tuple[str, FactTest]]:
    for rules in (document.exclude_when, document.person_when):
        for rule in rules:
            yield from rule.when.items()
    for segment in document.segments:
        yield from (segment.when or {}).items()
    for action in document.actions.values():
        for rule in action.blocked_when:
            yield from rule.when.items()
        if action.amount is not None:
            yield f"{action.amount.maximum}_minor", _FROM_ONE


def _contradictions(document: PolicyShape) -> Iterator[Fault]:
    """Two rules of one list on one and the same fact that hold together and give different reasons."""
    lists = [("exclude_when", document.exclude_when), ("person_when", document.person_when)]
    lists += [(f"actions.{name}.blocked_when", rule.blocked_when) for name, rule in document.actions.items()]
    cells = Cells(_tests_of(document), document.facts)
    for path, rules in lists:
        single = [(index, rule) for index, rule in enumerate(rules) if len(rule.when) == 1]
        for (_, first), (index, second) in combinations(single, 2):
            if first.when.keys() != second.when.keys() or first.reason == second.reason:
                continue
            if cells.within([cells.box(first.when)], cells.box(second.when)):
                (fact,) = second.when
                text = f"rule {second.rule!r} overlaps rule {first.rule!r} on {fact} with another reason"
                yield Fault(f"{path}.{index}.when.{fact}", f"{text}: {second.reason}, not {first.reason}")
