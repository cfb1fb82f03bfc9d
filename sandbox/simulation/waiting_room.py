"""Virtual waiting rooms: where a page lets in only so many a minute, customers wait in turn or leave."""

from __future__ import annotations

from math import ceil

from sandbox.draws import Draws
from sandbox.effects import TakeTurn
from sandbox.model import MS_PER_MINUTE
from sandbox.simulation.behaviour import ATTEMPTS
from sandbox.simulation.distributions import exponential_ms
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork


class WaitingRooms:
    """Performs TakeTurn, one room a place: first come first served, one customer every minute / capacity.

    Who is let in when depends only on those who came before, so it is known on arrival and nothing is scheduled. A
    customer whose turn would come after their patience leaves when it ends, and takes no turn from those behind.
    """

    def __init__(self, env: Clockwork, draws: Draws) -> None:
        """Start with empty rooms."""
        self._env = env
        self._draws = draws
        self._next_turn_ms: dict[str, float] = {}

    def take_turn(self, effect: TakeTurn, running: Running) -> tuple[int, bool]:
        """Return how long the customer waits, and whether they are let in at its end."""
        now = self._env.now
        turn_ms = max(self._next_turn_ms.get(effect.place, 0.0), now)
        wait_ms = ceil(turn_ms) - now
        if wait_ms:
            u = self._draws.uniform("waiting_room", running.touch * ATTEMPTS, running.case_id)
            patience_ms = exponential_ms(u, effect.patience_s_mean)
            if wait_ms > patience_ms:
                return patience_ms, False
        self._next_turn_ms[effect.place] = turn_ms + MS_PER_MINUTE / effect.capacity_per_min
        return wait_ms, True
