"""The portal login at the moment of action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox.effects import Ask
from sandbox.identity.assurance import Method
from sandbox.journey.steps.base import Accepted, Step, Walk
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Step):
    """The customer leaves the message for the portal and logs in; a forgotten password leads to a reset.

    Attributes:
        accepted_as: "full" where risk accepts a login for what it proves; "link" where it is too weak a proof for
            anything the signed link alone does not open.
    """

    kind: Literal["login"] = "login"
    outcomes: ClassVar[tuple[str, ...]] = ("failed", "dropped")
    changes_channel: ClassVar[bool] = True
    handoff: ClassVar[str] = "message to portal login"
    asks_identity: ClassVar[bool] = True
    accepted_as: Accepted = "full"

    def run(self, visit: Visit) -> Walk:
        """Return "done" at login level, "failed" when the reset is not finished, "dropped" when they leave."""
        entered = visit.hear((yield Ask("log_in", None, 0)))
        if entered == "left":
            return "dropped"
        if entered == "forgot" and not visit.hear((yield Ask("reset_password", None, 0))):
            return "failed"
        visit.proven(Method.PORTAL_LOGIN, weak=self.accepted_as == "link")
        return "done"
