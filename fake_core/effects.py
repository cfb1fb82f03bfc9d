"""What a posting says is to be written, as the core reads it: checked before anything is touched."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from sandbox.model import LEDGER_EFFECTS, LedgerEffect
from sandbox.ports import PostCommand

_KINDS = frozenset(LedgerEffect)
_KEYS = frozenset({"kind", "status", "completes", "set", "documents"})
_EFFECTS_CACHED = 256

DOCUMENTS = "documents"
"""The detail of an account under which its uploads are filed, oldest first."""


class WrittenEffect(NamedTuple):
    """An effect as a posting spells it out; see `sandbox.policy.postings`."""

    kind: str
    status: str
    completes: bool
    details: dict[str, Any]
    documents: list[Any]


def ledger_kind(command: PostCommand) -> str:
    """Return what a command does in the ledger: as its effect says, else as its action's name does; or nothing."""
    if not command.effect:
        return LEDGER_EFFECTS.get(command.action, "")
    effect = read_effect(command.effect)
    return "" if effect is None else effect.kind


@lru_cache(maxsize=_EFFECTS_CACHED)
def read_effect(text: str) -> WrittenEffect | None:
    """Return an effect that is one; None for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found.keys() <= _KEYS or found.get("kind") not in _KINDS:
        return None
    status, completes = found.get("status"), found.get("completes")
    details, documents = found.get("set", {}), found.get("documents", [])
    whole = isinstance(status, str) and bool(status) and isinstance(completes, bool)
    if not whole or not isinstance(details, dict) or not isinstance(documents, list):
        return None
    if not all(isinstance(value, bool | int | str) for value in details.values()):
        return None
    return WrittenEffect(found["kind"], str(status), bool(completes), details, documents)


def written_details(before: str, effect: WrittenEffect) -> str:
    """Return an account's details after an effect, in canonical JSON."""
    after = json.loads(before)
    after.update(effect.details)
    if effect.documents:
        after[DOCUMENTS] = [*after.get(DOCUMENTS, []), *effect.documents]
    return json.dumps(after, sort_keys=True, separators=(",", ":"))
