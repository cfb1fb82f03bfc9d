"""What metrics.yaml says, as records; the file itself is read by the scenario layer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class MetricDefinition(BaseModel):
    """One metric's definition.

    Attributes:
        title: short name for tables.
        definition: exact meaning.
        base: what it is a share or mean of.
        unit: rate, s, min, h, messages or currency.
        kind: how it is estimated.
        better: which direction is better.
        rule: what passes ("<= 0.20", or "< SETTING"), or empty.
        inspect: what to look at when it fails, or empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    definition: str
    base: str
    unit: Literal["rate", "s", "min", "h", "messages", "currency"]
    kind: Literal["ratio", "worst_ratio", "total", "quantile"]
    better: Literal["up", "down", "neither"]
    rule: str = ""
    inspect: str = ""


class MetricsDocument(BaseModel):
    """The whole file: metrics by name, in the order they are shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics: dict[str, MetricDefinition]
