"""Groups of agents and what they answer, and which calls go first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Annotated

from pydantic import PlainValidator

from scenarios.blocks.callers import INTENTS
from scenarios.blocks.kinds import Block
from scenarios.files.faults import Fault
from scenarios.files.values import SHARES_TOLERANCE, above, name, number, some_of

Rank = Annotated[float, PlainValidator(number(-1_000, 1_000))]


class Skill(Block):
    """A group of agents: its share of those on duty, and the kinds of call it takes."""

    group: Annotated[str, PlainValidator(name)]
    share: Annotated[float, PlainValidator(above(0, 1))]
    takes: Annotated[tuple[str, ...], PlainValidator(some_of(*INTENTS))]


class Priorities(Block):
    """Priority by kind of call, higher first; first come first served among equals."""

    routine: Rank = 0.0
    judgement: Rank = 0.0
    other: Rank = 0.0


def skill_faults(skills: Sequence[Skill]) -> Iterator[Fault]:
    """Tell what would leave a caller or an agent without the other."""
    if not skills:
        return
    total = fsum(skill.share for skill in skills)
    if abs(total - 1) > SHARES_TOLERANCE:
        yield Fault("skills", f"found shares that sum to {round(total, 6)}; allowed: shares that sum to 1")
    names = [skill.group for skill in skills]
    for index, group in enumerate(names):
        if group in names[:index]:
            yield Fault(f"skills.{index}.group", f"found {group!r} again; allowed: each group once")
    taken = {intent for skill in skills for intent in skill.takes}
    if nobody := [intent for intent in INTENTS if intent not in taken]:
        text = f"nobody takes {', '.join(nobody)}; allowed: every kind of call in at least one group"
        yield Fault("skills", text)
