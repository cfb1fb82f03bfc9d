"""Prices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator

from scenarios.blocks.kinds import Block, Money
from scenarios.files.values import amounts, currency


class Costs(Block):
    """Prices in major units of `currency`.

    Attributes:
        agent_hour: of an agent on a call or in after-call work; a sixtieth of it is the minute.
        message, whatsapp, email, letter: one text message, one WhatsApp template delivered, one email, one letter.
        code, session: one code or confirmation, one visit to a page.
        back_office_item: one note rekeyed.
        case: one triggered case, whatever becomes of it.
        core_call: one call to the core that tries or settles a posting.
        fixed_per_month: by design, whatever the volume; the campaign is one month. A design not named has none.
    """

    currency: Annotated[str, PlainValidator(currency)]
    agent_hour: Money
    message: Money
    whatsapp: Money
    email: Money
    letter: Money
    code: Money
    session: Money
    back_office_item: Money
    case: Money
    core_call: Money
    fixed_per_month: Annotated[dict[str, float], PlainValidator(amounts(1_000_000_000))] = Field(
        default_factory=dict
    )
