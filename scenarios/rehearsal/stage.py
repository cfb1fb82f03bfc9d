"""What a rehearsal stands on: a customer picked from the population, a world of one case, a core that can be staged.

A world is wired as for a run, without loading the population: drawing a few thousand accounts and loading one takes
milliseconds where a campaign takes minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sandbox.model import MS_PER_HOUR, AccountFacts
from sandbox.ports import CoreOutcome, CorePort, CoreReply, Message, PostCommand, SelectiveSink
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.population import accounts
from sandbox.simulation.world import World
from scenarios.rehearsal.roles import Fits
from scenarios.task import Task
from scenarios.wire import Hooks, Wired, wire
from scenarios.world.spec import Scenario

CUSTOMERS_LOOKED_AT = 16_384
"""Customers drawn to pick from; rarer than one in some thousands is staged."""

FIRST_TOUCH = 1


@dataclass(frozen=True, slots=True)
class Customer:
    """Who a case is rehearsed with.

    Attributes:
        before: the account as it was when policy let the case in.
        now: the account as the core has it when the customer acts; None if the core does not know it.
        staged: what nature did not provide, in words; empty when the customer was picked as they are.
    """

    before: AccountFacts
    now: AccountFacts | None
    staged: tuple[str, ...] = ()

    @property
    def case_id(self) -> int:
        """The case, which in synthetic populations has the account's number."""
        return self.before.account_id


class Casting:
    """Picks customers from a scenario's own population, each of them once, the first that fits.

    Only customers a message would reach are looked at: policy lets them in, they consent, and the message is
    delivered within the hour.
    """

    def __init__(self, world: World) -> None:
        """Draw the first customers of the population."""
        self._world = world
        rows = list(
            islice(
                accounts(world.people, world.draws, world.plan.cases),
                min(CUSTOMERS_LOOKED_AT, world.plan.cases),
            )
        )
        consents = Behaviour(world.people, world.centre, world.draws).consenting(
            0, len(rows), (world.plan.channels[0],)
        )
        self._rows = [
            row for row, consent in zip(rows, consents, strict=True) if consent and self._reached(row)
        ]
        self._taken: set[int] = set()

    def _reached(self, row: AccountFacts) -> bool:
        if not self._world.policy.admit(row).admitted:
            return False
        channel = self._world.plan.channels[0]
        message = Message(row.account_id, FIRST_TOUCH, channel, "campaign", row.account_id)
        after_ms = self._world.channels[channel].send(message, 0).delivered_after_ms
        return after_ms is not None and after_ms < MS_PER_HOUR

    @property
    def more(self) -> str:
        """Where more customers would come from: more messages, unless a case file says who there is."""
        given = self._world.people.given
        if given is None:
            return "campaign.messages"
        return "campaign.messages" if self._world.plan.cases < given.rows else "population"

    def anybody(self, fits: Fits) -> bool:
        """Say whether a customer fits who was not picked before."""
        return any(fits(row) for row in self._rows if row.account_id not in self._taken)

    def pick(self, fits: Fits, otherwise: Mapping[str, Any]) -> Customer | None:
        """Return the first customer left who fits; with facts staged if nobody does, None if nobody is left.

        Args:
            fits: what the case needs of an account.
            otherwise: the facts to stage on somebody else, by name.
        """
        left = [row for row in self._rows if row.account_id not in self._taken]
        found = next((row for row in left if fits(row)), None)
        if found is not None:
            self._taken.add(found.account_id)
            return Customer(found, found)
        if not left:
            return None
        changed = left[0]._replace(**otherwise)
        self._taken.add(changed.account_id)
        facts = ", ".join(f"{name} {value}" for name, value in otherwise.items())
        return Customer(changed, changed, (f"nobody fits: {facts}",))


@dataclass(slots=True)
class StagedCore:
    """A core on which calls fail when the stage says so; everything else is the scenario's own core.

    Attributes:
        core: the scenario's.
        latency_ms: of an answer that is staged.
        timeout_ms: after which a lost answer is given up.
        unavailable: calls to come that find nobody there.
        lost_acks: postings to come that are applied and not acknowledged.
        outage_ms: how long the core is down from its first call on; 0 if it is not.
    """

    core: CorePort
    latency_ms: int
    timeout_ms: int
    unavailable: int = 0
    lost_acks: int = 0
    outage_ms: int = 0
    _back_at_ms: int | None = field(default=None, repr=False)

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account; KeyError if unknown. Reading has its own route and is not staged."""
        return self.core.read_account(account_id)

    def is_complete(self, account_id: int) -> bool:
        """Say whether the record calls the case complete; KeyError if unknown."""
        return self.core.is_complete(account_id)

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts of a range that exist."""
        return self.core.read_accounts(first, count)

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Post, unless the stage has it otherwise."""
        if self._is_away(at_ms):
            return CoreReply(CoreOutcome.UNAVAILABLE, self.latency_ms, None, "outage", 0)
        reply = self.core.post(command, at_ms)
        if self.lost_acks and reply.outcome is CoreOutcome.APPLIED:
            self.lost_acks -= 1
            return CoreReply(CoreOutcome.TIMED_OUT, self.timeout_ms, None, "lost_ack", 0)
        return reply

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Read, unless the stage has it otherwise."""
        if self._is_away(at_ms):
            return CoreReply(CoreOutcome.UNAVAILABLE, self.latency_ms, None, "outage", 0)
        return self.core.read_by_key(key, at_ms)

    def _is_away(self, at_ms: int) -> bool:
        if self.outage_ms:
            if self._back_at_ms is None:
                self._back_at_ms = at_ms + self.outage_ms
            return at_ms < self._back_at_ms
        if self.unavailable:
            self.unavailable -= 1
            return True
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """A world of one case.

    Attributes:
        scenario: what it is a world of.
        seed: of the replication.
        wired: the parts, with the staged core among them.
        core: the staged core.
    """

    scenario: Scenario
    seed: int
    wired: Wired
    core: StagedCore

    @property
    def world(self) -> World:
        """The parts a visit works with."""
        return self.wired.world


def set_stage(scenario: Scenario, design: str, listener: SelectiveSink, stack: ExitStack) -> Stage:
    """Wire a design's world without its population; `stack` closes it, `listener` hears every fact."""
    task = Task(scenario, design, 0, frozenset(), campaign_runs=False)
    wired = wire(task, Hooks(lambda _day, _cases: None, lambda: False, lambda _layout: listener), stack)
    block = scenario.document.core
    core = StagedCore(wired.world.core, round(block.latency_ms_median), block.timeout_ms)
    return Stage(scenario, task.seed, replace(wired, world=replace(wired.world, core=core)), core)
