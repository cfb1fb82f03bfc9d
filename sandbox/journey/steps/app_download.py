"""The app the customer has to install before they can act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from sandbox.effects import Ask, InstallOffer, TakeTurn
from sandbox.journey.steps.base import WAITING_ROOM_PATIENCE_S, Rate, Step, Walk
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDownload(Step):
    """The customer is sent to a store to download the app, installs and activates it, or leaves.

    Attributes:
        taps_install_rate: share who start the installation; stores publish 6 % to 87 % by category, 40 % is an
            assumption for collections.
        finishes_rate: share of those who finish installation and activation; 75 % is an assumption.
        install_min_median: median minutes from the store page to the activated app; 3 is an assumption.
        capacity_per_min: customers let in to activate per minute; none is no limit. Others wait in turn.
        patience_s_mean: mean seconds they are ready to wait for their turn; 120 is an assumption.
    """

    kind: Literal["app_download"] = "app_download"
    outcomes: ClassVar[tuple[str, ...]] = ("dropped",)
    changes_channel: ClassVar[bool] = True
    handoff: ClassVar[str] = "portal to app download"
    taps_install_rate: Rate = 0.40
    finishes_rate: Rate = 0.75
    install_min_median: Annotated[float, Gt(0.0)] = 3.0
    capacity_per_min: Annotated[float, Gt(0.0)] | None = None
    patience_s_mean: Annotated[float, Gt(0.0)] = WAITING_ROOM_PATIENCE_S

    def run(self, visit: Visit) -> Walk:
        """Return "done" with the app running, "dropped" when they leave."""
        if self.capacity_per_min is not None:
            turn = TakeTurn(self.id, self.capacity_per_min, self.patience_s_mean)
            if not visit.hear((yield turn)):
                return "dropped"
        offer = InstallOffer(self.taps_install_rate, self.finishes_rate, self.install_min_median)
        return "done" if visit.hear((yield Ask("install_app", offer, 0))) else "dropped"
