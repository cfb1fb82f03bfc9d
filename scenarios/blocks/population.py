"""A bank's own case file instead of synthetic customers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from scenarios.blocks.kinds import Block
from scenarios.files.values import text, word

Text = Annotated[str, PlainValidator(text)]


def _whole_block(value: Any) -> Any:
    """A file's name alone is a block with nothing else said."""
    return {"file": value} if isinstance(value, str) else value


class Population(Block):
    """Where the cases come from, a row each; masked, and sealed at rest.

    What the file says of a customer stands in place of what would be drawn; the rest, and all luck, is drawn. Cases
    take its rows in a fixed order that is spread over the whole file. `campaign.messages` follows from its rows
    unless `--set` says otherwise: a smaller campaign takes part of them, a larger one takes rows again with luck of
    their own; every result says which.

    Attributes:
        file: CSV, plain or sealed, from the folder of this file.
        columns: our name of a column to the file's own.
        seal_key: key file of a sealed file; without it SANDBOX_SEAL_KEY.
        dirty: what to do with rows that cannot be used: refuse, or leave_out, which every result then says.
    """

    file: Text
    columns: dict[str, Text] = Field(default_factory=dict)
    seal_key: Text | None = None
    dirty: Annotated[str, PlainValidator(word("refuse", "leave_out"))] = "refuse"


MaybePopulation = Annotated[Population | None, BeforeValidator(_whole_block)]
