"""What every step shares: its place in the design and the types of its parameters."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal

from annotated_types import Ge, Le

from sandbox.effects import Answer, Effect
from sandbox.journey.visit import Visit

END: Final = "end"
"""Where a visit ends: not a step."""

Rate = Annotated[float, Ge(0.0), Le(1.0)]
"""A probability or share, 0..1."""

Accepted = Literal["full", "link"]
"""What risk accepts a passed check as: all it proves, or no more than the signed link alone."""

Kept = Literal["trail", "scattered"]
"""Where evidence is kept: on one trail, or in the systems and notes it arose in."""

Walk = Generator[Effect, Answer, str]
"""A running step: yields effects, returns one of its outcomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a design.

    Attributes:
        id: unique name within the design.
        next: step to go to when the step is done, or "end".
        on: where to go for each other outcome; an outcome that is not routed ends the visit.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    outcomes: ClassVar[tuple[str, ...]] = ()
    """What the step may return besides "done"."""
    changes_channel: ClassVar[bool] = False
    """Whether reaching this step moves the customer out of the message they acted on."""
    handoff: ClassVar[str] = ""
    """From whom to whom the case passes by reaching this step; empty where it stays where it is."""
    asks_identity: ClassVar[bool] = False
    """Whether the customer has to give identity details here."""
    person_posts: ClassVar[bool] = False
    """Whether the record waits for a person after the customer has acted."""

    id: str
    next: str = END
    on: dict[str, str] = field(default_factory=dict)

    def run(self, visit: Visit) -> Walk:
        """Do the step for one visit; returns "done" or one of `outcomes`."""
        raise NotImplementedError
