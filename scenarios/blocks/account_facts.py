"""What customers of a workflow want and what is known of them: shares of values, or a range."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, model_validator

from scenarios.blocks.kinds import MADE_OF_NUMBERS, Block, Rate
from scenarios.files.faults import not_allowed
from scenarios.files.values import SHARES_TOLERANCE, is_number, saying, whole

_WHOLE_MAX = 10_000_000_000
_DAYS_MAX = 36_500
_FLAGS = {"true": True, "false": False}


@saying({"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}})
def _value_shares(value: Any) -> dict[str, float]:
    """Allow a block of values with a share each; the shares sum to 1."""
    if not isinstance(value, dict) or not value:
        raise not_allowed(value, "a block of values, each with its share")
    for name, share in value.items():
        if not is_number(share) or not 0 <= share <= 1:
            raise not_allowed(share, f"a share from 0 to 1 for {name}")
    total = fsum(value.values())
    if abs(total - 1) > SHARES_TOLERANCE:
        raise not_allowed(round(total, 6), "shares that sum to 1")
    return dict(value)


@saying(
    {
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        "required": ["person", "nothing"],
    }
)
def wish_shares(value: Any) -> dict[str, float]:
    """Allow a block of names with a share each; which names, and that they sum to 1, is held against the policy."""
    allowed = "a block with a share for each action of the policy, person and nothing"
    if not isinstance(value, dict):
        raise not_allowed(value, allowed)
    for key, share in value.items():
        if not is_number(share) or not 0 <= share <= 1:
            raise not_allowed(share, f"a share from 0 to 1 for {key}")
    return dict(value)


class FactSpread(Block):
    """How one fact of the policy is spread over the accounts.

    Attributes:
        shares: value to share: words, true and false, or whole numbers.
        least, most: whole numbers between which all are alike, both ends included.
        least_days, most_days: the same for a date, in days from calendar.start_date; may be negative.
        missing_rate: share of accounts of which the core does not know it.
    """

    shares: Annotated[
        dict[str, float] | None,
        PlainValidator(_value_shares),
        Field(json_schema_extra={MADE_OF_NUMBERS: True}),
    ] = None
    least: Annotated[int, PlainValidator(whole(0, _WHOLE_MAX))] | None = None
    most: Annotated[int, PlainValidator(whole(0, _WHOLE_MAX))] | None = None
    least_days: Annotated[int, PlainValidator(whole(-_DAYS_MAX, _DAYS_MAX))] | None = None
    most_days: Annotated[int, PlainValidator(whole(-_DAYS_MAX, _DAYS_MAX))] | None = None
    missing_rate: Rate = 0.0

    @model_validator(mode="after")
    def _is_one_spread(self) -> Self:
        given = tuple(value is not None for value in (self.shares, *self.bounds, *self.day_bounds))
        if given not in {
            (True, False, False, False, False),
            (False, True, True, False, False),
            (False, False, False, True, True),
        }:
            raise ValueError("give exactly one of shares, least and most, or least_days and most_days")
        for low, high in (self.bounds, self.day_bounds):
            if low is not None and high is not None and low > high:
                raise ValueError(f"found {low} to {high}; allowed: the least first")
        return self

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The range of a number."""
        return self.least, self.most

    @property
    def day_bounds(self) -> tuple[int | None, int | None]:
        """The range of a date."""
        return self.least_days, self.most_days

    @property
    def values(self) -> tuple[tuple[bool | int | str, float], ...]:
        """Each value with its share; nothing for a range."""
        return tuple((_value(text), share) for text, share in (self.shares or {}).items())


def _value(text: str) -> bool | int | str:
    if text in _FLAGS:
        return _FLAGS[text]
    return int(text) if text.isdecimal() else text
