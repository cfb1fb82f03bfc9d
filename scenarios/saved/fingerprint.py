"""What determines an outcome, as one number: equal tasks have equal fingerprints, in any process, today and later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from hashlib import sha256

from pydantic import BaseModel

from sandbox.errors import RuleBroken
from sandbox.simulation.given import GivenPeople
from scenarios.task import Task
from scenarios.versions import code_hash

TOLD_ONLY = frozenset(
    {"scenario", "title", "story", "expect", "designs", "replications", "sequences", "baseline"}
)
"""Top-level keys of a scenario that no run reads: words, and what is chosen and judged outside of it."""


def fingerprint(task: Task) -> str:
    """Return SHA-256 over everything the task's outcome follows from, as hexadecimal text.

    That is the scenario's blocks, its customers where a file gives them, its policy, the design, a second design with
    the share moved to it, the seed of the replication, the busy hours, whether the campaign runs, what is kept of
    cases and contacts, and the code itself.

    Raises:
        RuleBroken: a value of a kind this function was not taught got into a scenario.
    """
    document, rollout = task.scenario.document, task.rollout
    blocks = {name: getattr(document, name) for name in type(document).model_fields if name not in TOLD_ONLY}
    content = plain(
        {
            "code": code_hash(),
            "blocks": blocks,
            "policy": task.scenario.policy,
            "people": None if task.scenario.population is None else _people(task.scenario.population),
            "design": task.scenario.designs[task.design],
            "rollout": None if rollout is None else [task.scenario.designs[rollout[0]], rollout[1]],
            "seed": task.seed,
            "busy_hours": task.busy_hours,
            "campaign_runs": task.campaign_runs,
            "keep_cases": task.keep_cases,
            "contacts": task.contacts,
        }
    )
    return sha256(json.dumps(content).encode()).hexdigest()


def _people(given: GivenPeople) -> str:
    """Return SHA-256 over the customers of a file: a file changed under the same name is another world."""
    whole = sha256(repr((given.rows, given.facts, given.preferred, given.zones, given.zone_of)).encode())
    for name, column in [*given.columns.items(), *given.consent.items()]:
        whole.update(f"{name!r} {column.dtype.str} ".encode() + column.tobytes())
    return whole.hexdigest()


def plain(value: object) -> object:
    """Return a value as lists and scalars whose JSON is one text for equal values, whatever the hash seed.

    The order of a mapping counts: the first rule that holds decides.

    Raises:
        RuleBroken: a kind of value nobody has thought of.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return ["float", value.hex()]
    if isinstance(value, Enum):
        return [type(value).__name__, value.name]
    if isinstance(value, date | time | bytes | Decimal):
        return [type(value).__name__, repr(value)]
    return [type(value).__name__, *_inside(value)]


def _inside(value: object) -> list[object]:
    if isinstance(value, BaseModel):
        return [[name, plain(getattr(value, name))] for name in type(value).model_fields]
    if is_dataclass(value):
        return [[field.name, plain(getattr(value, field.name))] for field in fields(value)]
    if isinstance(value, Mapping):
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, Set):
        return sorted((plain(item) for item in value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise RuleBroken(f"no fingerprint of a {type(value).__name__}: {value!r}")
