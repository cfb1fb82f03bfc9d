"""What an action changes in the core: the writeback rule of a policy, and the effect a posting carries.

The effect is canonical JSON that the adapter sends with the posting. An action the core knows by name and that
changes nothing beyond what the core does for that name needs none: its text is empty.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from sandbox.model import LEDGER_ACTIONS
from sandbox.policy.vocabulary import Code, FactValue, Part, Text

EffectKind = Literal["payment", "promise", "dispute", "change"]
"""What the core's ledger does: take money, note a promise, open a dispute, or change what it knows."""

REFERENCE = "$"
"""What stands before the name of a form field whose input is to be written."""


class FlagChanges(Part):
    """Flags of the account to set and to take away; each is a fact of kind flag."""

    add: tuple[Code, ...] = ()
    remove: tuple[Code, ...] = ()


class WritebackRule(Part):
    """What the record in the core holds once the action is done.

    Attributes:
        status: the word the posting's record gets.
        set: details of the account to write: a value, or "$field" for what the customer put into that field.
        flags: flags to set and to take away.
        documents: document fields whose uploads are filed with the account.
        note: what the record says besides who did it.
        completes: whether the case is complete with it.
    """

    status: Code
    set: dict[Code, FactValue] = Field(default_factory=dict)
    flags: FlagChanges = FlagChanges()
    documents: tuple[Code, ...] = ()
    note: Text | None = None
    completes: Annotated[bool, Field(strict=True)] = True


class Writeback(NamedTuple):
    """A compiled writeback rule.

    Attributes:
        kind: what the ledger does.
        status: the record's word.
        fixed: details written as they stand, flags among them.
        taken: detail name to the field it is taken from.
        documents: document fields to file.
        note: what the posting's note says besides who did it, or empty.
        completes: whether the case is complete with it.
        plain: the core does exactly this for the action's name alone.
    """

    kind: str
    status: str
    fixed: tuple[tuple[str, FactValue], ...]
    taken: tuple[tuple[str, str], ...]
    documents: tuple[str, ...]
    note: str
    completes: bool
    plain: bool

    def text(self, inputs: str) -> str:
        """Return the effect of an action taken with these inputs (canonical JSON of fields), as canonical JSON.

        A field the customer left empty changes nothing. Empty where the action's name says it all.
        """
        if self.plain:
            return ""
        given = json.loads(inputs) if inputs else {}
        written = dict(self.fixed)
        written.update((name, given[field]) for name, field in self.taken if field in given)
        effect: dict[str, object] = {"kind": self.kind, "status": self.status, "completes": self.completes}
        if written:
            effect["set"] = written
        filed = [given[field] for field in self.documents if field in given]
        if filed:
            effect["documents"] = filed
        return canonical_json(effect)


def compiled_writeback(action: str, kind: str, rule: WritebackRule) -> Writeback:
    """Compile what an action changes."""
    values = {name: value for name, value in rule.set.items() if field_of(value) is None}
    values |= dict.fromkeys(rule.flags.add, True) | dict.fromkeys(rule.flags.remove, False)
    taken = tuple((name, field) for name, value in rule.set.items() if (field := field_of(value)) is not None)
    note = rule.note or ""
    bare = not (values or taken or rule.documents or note) and rule.completes
    return Writeback(
        kind,
        rule.status,
        tuple(values.items()),
        taken,
        rule.documents,
        note,
        rule.completes,
        plain=bare and LEDGER_ACTIONS.get(action) == (kind, rule.status),
    )


def field_of(value: FactValue) -> str | None:
    """Return the form field a value is taken from; None for a value that stands for itself."""
    return value[1:] if isinstance(value, str) and value.startswith(REFERENCE) else None


canonical_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
).encode
"""Plain JSON in its one spelling: sorted keys, no spaces, ASCII."""
