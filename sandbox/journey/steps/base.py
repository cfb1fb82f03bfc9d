"""What every step shares: its place in the design and the types of its parameters."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal

from annotated_types import Ge, Le
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from sandbox.effects import Answer, Effect
from sandbox.identity.assurance import Method
from sandbox.journey.visit import Visit

END: Final = "end"
"""Where a visit ends: not a step."""

Rate = Annotated[float, Ge(0.0), Le(1.0)]
"""A probability or share, 0..1."""

WAITING_ROOM_PATIENCE_S: Final = 120.0
"""Mean time a customer is ready to wait before a page that lets in only so many, seconds; an assumption."""

Accepted = Literal["full", "link"]
"""What risk accepts a passed check as: all it proves, or no more than the signed link alone."""

Kept = Literal["trail", "scattered"]
"""Where evidence is kept: on one trail, or in the systems and notes it arose in."""

_SCALARS = frozenset({"bool", "float", "int", "str"})

REFUSALS_MAX = 3
"""Actions the core may refuse in one visit before nothing more is offered there and a person takes over."""

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
    behind_the_scenes: ClassVar[bool] = False
    """Whether the customer's visit ends before this step: it runs behind their back."""
    needs_customer: ClassVar[bool] = True
    """Whether the customer has to be there; where they need not be, the step may follow one behind the scenes."""

    # What a design is checked by before anybody walks through it (sandbox.journey.checks).
    proof: ClassVar[Method | None] = None
    """How the customer has proven who they are once this step is done; None leaves it as it was."""
    to_person: ClassVar[bool] = False
    """Whether reaching this step hands the case to a person."""
    connects: ClassVar[bool] = False
    """Whether a person is on the line once this step is done."""
    on_the_line: ClassVar[bool] = False
    """Whether this step is a person's work on a call; it takes the call with it."""
    agrees: ClassVar[tuple[str, ...]] = ()
    """Outcomes after which a choice stands that is still to reach the core."""
    bounded: ClassVar[bool] = False
    """Whether an action the core refused is not agreed here again: a loop through this step ends by itself."""
    held_to_policy: ClassVar[bool] = False
    """Whether policy holds what is agreed here against the proof of identity given before."""
    posts: ClassVar[bool] = False
    """Whether the choice goes to the core from here, at once or by a person's hand."""
    completes: ClassVar[bool] = False
    """Whether posting from here also ends the customer's own part; a person's agreement ends it before."""
    refuses: ClassVar[tuple[str, ...]] = ()
    """Outcomes after which the choice is gone and another may be taken."""

    id: str
    next: str = END
    on: dict[str, str] = field(default_factory=dict)

    def run(self, visit: Visit) -> Walk:
        """Do the step for one visit; returns "done" or one of `outcomes`."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a design document say numbers as numbers: "2" is text, 1 is not true."""
        schema = handler(source)
        _scalars_strictly(schema)
        return schema


def _scalars_strictly(schema: Any) -> None:
    """Make every scalar in a pydantic schema refuse what it would have to convert; enums and lists stay lax."""
    if isinstance(schema, dict):
        if schema.get("type") in _SCALARS:
            schema["strict"] = True
        for inner in schema.values():
            _scalars_strictly(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _scalars_strictly(inner)
