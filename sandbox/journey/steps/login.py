"""The portal login at the moment of action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from sandbox.effects import Ask, TakeTurn
from sandbox.identity.assurance import Method
from sandbox.journey.steps.base import WAITING_ROOM_PATIENCE_S, Accepted, Step, Walk
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Step):
    """The customer leaves the message for the portal and logs in.

    A forgotten password leads to a reset, and a reset back to the login page, where anything may happen again. How
    many forget, give up and finish a reset are the customers': block `identity` of a scenario.

    Attributes:
        resets_max: resets in one visit before it has failed; 2 is an assumption.
        capacity_per_min: customers the login page lets in per minute; none is no limit. Others wait in turn.
        patience_s_mean: mean seconds they are ready to wait for their turn; 120 is an assumption.
        accepted_as: "full" where risk accepts a login for what it proves; "link" where it is too weak a proof for
            anything the signed link alone does not open.
    """

    kind: Literal["login"] = "login"
    outcomes: ClassVar[tuple[str, ...]] = ("failed", "dropped")
    changes_channel: ClassVar[bool] = True
    handoff: ClassVar[str] = "message to portal login"
    asks_identity: ClassVar[bool] = True
    proof: ClassVar[Method | None] = Method.PORTAL_LOGIN
    accepted_as: Accepted = "full"
    resets_max: Annotated[int, Ge(0), Le(10)] = 2
    capacity_per_min: Annotated[float, Gt(0.0)] | None = None
    patience_s_mean: Annotated[float, Gt(0.0)] = WAITING_ROOM_PATIENCE_S

    def run(self, visit: Visit) -> Walk:
        """Return "done" at login level, "failed" when a reset is not finished, "dropped" when they leave."""
        if self.capacity_per_min is not None:
            turn = TakeTurn(self.id, self.capacity_per_min, self.patience_s_mean)
            if not visit.hear((yield turn)):
                return "dropped"
        for attempt in range(self.resets_max + 1):
            entered = visit.hear((yield Ask("log_in", None, attempt)))
            if entered == "left":
                return "dropped"
            if entered != "forgot":
                visit.proven(Method.PORTAL_LOGIN, weak=self.accepted_as == "link")
                return "done"
            if attempt == self.resets_max or not visit.hear((yield Ask("reset_password", None, attempt))):
                break
        visit.not_proven(Method.PORTAL_LOGIN, "reset_not_finished", self.id)
        return "failed"
