"""What a call brings along by its intent: how long the caller waits at most, and how long the talk takes.

Both are tables from intent to distribution, built once a run. A new intent joins them with a mean of its own under
`handling_s_mean`; without a patience of its own it has that of the campaign's callers.
"""

from __future__ import annotations

from sandbox.simulation.distributions import Lognormal
from sandbox.simulation.handling import TalkTime
from sandbox.simulation.hazard import ExponentialPatience, Patience
from sandbox.simulation.settings import CallCentreModel

CAMPAIGN = "campaign"
OTHER = "other"


def talk_times(centre: CallCentreModel) -> dict[str, TalkTime]:
    """Time on the phone by intent: the shape named for it, lognormal where none is."""
    lognormal = {
        intent: Lognormal(mean, centre.handling_cv[intent])
        for intent, mean in centre.handling_s_mean.items()
        if intent not in centre.talk_shapes
    }
    return {**lognormal, **centre.talk_shapes}


def patience_of(centre: CallCentreModel) -> dict[str, Patience]:
    """Patience by intent, for every intent there is talk time for."""
    own: dict[str, Patience] = {
        who: ExponentialPatience(mean) for who, mean in centre.patience_s_mean.items()
    }
    own |= centre.patience_shapes
    return {intent: own.get(intent, own[CAMPAIGN]) for intent in talk_times(centre)}
