"""What callers bring along: patience and talk time, by kind of call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Protocol

from pydantic import Field, PlainValidator, Strict

from sandbox.errors import BadInput
from sandbox.simulation.hazard import Piece, PiecewiseHazard
from scenarios.blocks.kinds import MADE_OF_NUMBERS, Block, Seconds
from scenarios.files.faults import Fault
from scenarios.files.places import found
from scenarios.files.talk_values import talk_shape
from scenarios.files.values import above, number, optional

INTENTS = ("routine", "judgement", "other")
"""Kinds of call; all but the last are the campaign's."""

MaybeSeconds = Annotated[float | None, PlainValidator(optional(above(0, 86_400)))]
MaybeSpread = Annotated[float | None, PlainValidator(optional(number(0, 10)))]
Shape = Annotated[Any, PlainValidator(talk_shape)]


class Patience(Block):
    """Mean time a caller is ready to wait, seconds; null for callers who have a hazard instead.

    `routine` and `judgement` are campaign calls of that kind; without one they have the patience of `campaign`.
    """

    campaign: MaybeSeconds
    other: MaybeSeconds
    routine: MaybeSeconds = None
    judgement: MaybeSeconds = None


class HazardPiece(Block):
    """How many leave per 1,000 seconds waited, until so many seconds of waiting; the last piece has no end."""

    until_s: Seconds | None = None
    per_1000_s: Annotated[float, PlainValidator(number(0, 1_000_000))]


Hazard = Annotated[
    tuple[HazardPiece, ...],
    Strict(False),
    Field(max_length=100, json_schema_extra={MADE_OF_NUMBERS: True}),
]


class PatienceHazard(Block):
    """A hazard of leaving that changes with the wait, for the callers it is given for."""

    campaign: Hazard | None = None
    other: Hazard | None = None
    routine: Hazard | None = None
    judgement: Hazard | None = None


class HandlingMean(Block):
    """Mean talk time by kind of call, seconds; null takes the mean of an observed shape."""

    routine: MaybeSeconds
    judgement: MaybeSeconds
    other: MaybeSeconds


class HandlingSpread(Block):
    """Coefficient of variation of lognormal talk time by kind of call; null where the shape has its own."""

    routine: MaybeSpread
    judgement: MaybeSpread
    other: MaybeSpread


class HandlingShape(Block):
    """Distribution of talk time by kind of call.

    `lognormal`, `exponential`, `{observed_s: [seconds of single calls]}` or `{quantiles_s: [[share, seconds], ...]}`
    from share 0 to share 1; observed shapes are stretched to `handling_s_mean` where that is a number.
    """

    routine: Shape = "lognormal"
    judgement: Shape = "lognormal"
    other: Shape = "lognormal"


class HasCallers(Protocol):
    """A block that says what callers bring along; the call centre's."""

    @property
    def patience_s_mean(self) -> Patience:
        """How long they are ready to wait, on average."""
        ...

    @property
    def patience_hazard(self) -> PatienceHazard:
        """Or how they leave while they wait."""
        ...

    @property
    def handling_s_mean(self) -> HandlingMean:
        """How long they talk, on average."""
        ...

    @property
    def handling_cv(self) -> HandlingSpread:
        """How much that differs from call to call."""
        ...

    @property
    def handling_shape(self) -> HandlingShape:
        """How it is distributed."""
        ...


def hazard_of(pieces: tuple[HazardPiece, ...]) -> PiecewiseHazard:
    """Return the distribution of patience a hazard means.

    Raises:
        BadInput: pieces that do not follow on each other.
    """
    return PiecewiseHazard([Piece(piece.until_s, piece.per_1000_s) for piece in pieces])


def caller_faults(centre: HasCallers) -> Iterator[Fault]:
    """Tell what does not belong together: a number that would change nothing is refused, not passed over."""
    for intent in INTENTS:
        yield from _handling_faults(centre, intent)
    for who in PatienceHazard.model_fields:
        yield from _patience_faults(centre, who)


def _handling_faults(centre: HasCallers, intent: str) -> Iterator[Fault]:
    shape = getattr(centre.handling_shape, intent)
    mean, cv = getattr(centre.handling_s_mean, intent), getattr(centre.handling_cv, intent)
    if mean is None and isinstance(shape, str):
        text = f"found nothing; allowed: seconds above 0, for a shape that is {shape}"
        yield Fault(f"handling_s_mean.{intent}", text)
    if shape == "lognormal" and cv is None:
        yield Fault(
            f"handling_cv.{intent}", "found nothing; allowed: a number, for a shape that is lognormal"
        )
    if shape != "lognormal" and cv is not None:
        text = f"found {cv}; allowed: null, since handling_shape.{intent} has a spread of its own"
        yield Fault(f"handling_cv.{intent}", text)


def _patience_faults(centre: HasCallers, who: str) -> Iterator[Fault]:
    mean, pieces = getattr(centre.patience_s_mean, who), getattr(centre.patience_hazard, who)
    if pieces is None:
        if mean is None and who in {"campaign", "other"}:
            text = f"{found(mean)}; allowed: seconds above 0, or a hazard under patience_hazard.{who}"
            yield Fault(f"patience_s_mean.{who}", f"found {text}")
        return
    try:
        hazard = hazard_of(pieces)
    except BadInput as refused:
        yield Fault(f"patience_hazard.{who}", "; ".join(refused.problems))
        return
    if mean is not None:
        own = f"null, since patience_hazard.{who} has a mean of its own ({hazard.mean_s:.0f} s)"
        yield Fault(f"patience_s_mean.{who}", f"found {mean}; allowed: {own}")
