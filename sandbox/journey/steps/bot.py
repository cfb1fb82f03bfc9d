"""A conversation with a bot that either transacts or escalates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from sandbox.effects import Ask, BotTalk, TakeTurn
from sandbox.journey.steps.base import WAITING_ROOM_PATIENCE_S, Rate, Step, Walk
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot(Step):
    """The customer talks to a bot. A bot that does not transact escalates whoever wants something done.

    Outcomes besides done (understood, and the bot may act): "escalated" (to a person), "nothing" (a question was
    answered, nothing was wanted), "dropped" (left the conversation; most do so silently).

    Attributes:
        transacts: whether the bot may act on what it understood.
        understands_rate: share of requests it understands; 0.7 is an assumption.
        leaves_rate: share who leave the conversation; chats lose 3 % to 70 % of those who enter (published), 0.15 is
            an assumption within that.
        talk_min_median: median minutes of a conversation; 2 is an assumption.
        capacity_per_min: customers the bot takes on per minute; none is no limit. Others wait in turn.
        patience_s_mean: mean seconds they are ready to wait for their turn; 120 is an assumption.
    """

    kind: Literal["bot"] = "bot"
    outcomes: ClassVar[tuple[str, ...]] = ("escalated", "nothing", "dropped")
    transacts: bool = False
    understands_rate: Rate = 0.70
    leaves_rate: Rate = 0.15
    talk_min_median: Annotated[float, Gt(0.0)] = 2.0
    capacity_per_min: Annotated[float, Gt(0.0)] | None = None
    patience_s_mean: Annotated[float, Gt(0.0)] = WAITING_ROOM_PATIENCE_S

    def run(self, visit: Visit) -> Walk:
        """Return how the conversation ends."""
        if self.capacity_per_min is not None:
            turn = TakeTurn(self.id, self.capacity_per_min, self.patience_s_mean)
            if not visit.hear((yield turn)):
                return "dropped"
        talk = BotTalk(self.understands_rate, self.leaves_rate, self.talk_min_median)
        outcome = str(visit.hear((yield Ask("talk_to_bot", talk, 0))))
        if outcome != "understood":
            return outcome
        return "done" if self.transacts else "escalated"
