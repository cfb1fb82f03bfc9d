"""Prices."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator

from scenarios.blocks.kinds import Block, Money
from scenarios.values import (
    currency,
)


class Costs(Block):
    """Prices in major units of `currency`; `message` is a text message, `whatsapp` a template that was delivered."""

    currency: Annotated[str, PlainValidator(currency)]
    agent_hour: Money
    message: Money
    whatsapp: Money
    email: Money
    letter: Money
    code: Money
    session: Money
    back_office_item: Money
