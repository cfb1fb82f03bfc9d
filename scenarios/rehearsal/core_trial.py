"""The writeback test of a core: the scenario's own, or one of a team's own behind a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from sandbox.adapters.http_core import CoreUnreadable, HttpCore
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.ports import CoreOutcome, PostCommand
from scenarios.rehearsal.cases import cases_of
from scenarios.rehearsal.parts import Heard
from scenarios.rehearsal.prelaunch import cast
from scenarios.rehearsal.stage import Casting, Customer, Stage, StagedCore, set_stage
from scenarios.rehearsal.writeback import Ledger, Record, Trial, writeback_test, writeback_test_on
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.world.library import find

MOMENTS = 5
"""Accounts one test posts to: one for each moment."""


class RemoteCore(NamedTuple):
    """A core behind a URL.

    Attributes:
        url: http://host:port.
        token: its bearer token.
        timeout_ms: how long it may stay silent.
        clock_ms: milliseconds on a clock that never runs backwards.
        accounts: accounts nothing has been posted to, at least MOMENTS; or none, and the test loads its own.
        first_account: the number of the first account it loads then.
    """

    url: str
    token: str
    timeout_ms: int
    clock_ms: Callable[[], int]
    accounts: tuple[int, ...]
    first_account: int


class CoreTrial(NamedTuple):
    """What the test of a core found.

    Attributes:
        scenario, design: whose policy, and how it posts.
        core: which core was tested.
        accounts: accounts of a core elsewhere that were posted to.
        trials: the moments.
    """

    scenario: str
    design: str
    core: str
    accounts: tuple[int, ...]
    trials: tuple[Trial, ...]

    @property
    def ok(self) -> bool:
        """Whether every moment held."""
        return all(trial.ok for trial in self.trials)


class RemoteLedger:
    """The books of a core elsewhere, as its answers tell them: a version that rose by one is one posting."""

    since_ms = 1

    def __init__(self, core: HttpCore, accounts: Iterator[AccountFacts]) -> None:
        """Bind the core and the accounts to use, one after the other."""
        self._core, self._accounts = core, accounts

    def open_account(self) -> AccountFacts:
        """Return the next account."""
        return next(self._accounts)

    def recorded(self, command: PostCommand) -> list[Record]:
        """Return as many records as the account's version rose, with what the core's receipt says."""
        reply = self._core.read_by_key(command.key, 0)
        risen = self._core.read_account(command.account_id).version - command.expected_version
        told = reply.receipt if reply.outcome is CoreOutcome.APPLIED else None
        record = Record("", "", 0) if told is None else Record(told.status, told.note, told.posted_at_ms)
        return [record] * risen


def try_core(request: CompareRequest, design: str | None, remote: RemoteCore | None) -> CoreTrial:
    """Run the writeback test.

    Args:
        request: scenario and settings.
        design: how it posts; the scenario's last design unless given.
        remote: the core to test; None tests the scenario's own.

    Raises:
        BadInput: wrong scenario, setting, design or account, or a core that cannot be reached with this token.
    """
    scenario, _ = prepare(replace(request, designs=None if design is None else (design,)))
    (chosen,) = chosen_designs(scenario, (design or tuple(scenario.designs)[-1],))
    with ExitStack() as stack:
        world = set_stage(scenario, chosen, Heard(), stack).world
        casting = Casting(world)
        script = cases_of(world.design, world.link_lifetime_ms, world.policy, casting.anybody)[0]
        customer = cast(casting, script)
    name = find("scenario", request.scenario).path.stem
    if remote is None:
        trials = writeback_test(scenario, chosen, customer)
        return CoreTrial(name, chosen, f"the scenario's own ({scenario.document.core.profile})", (), trials)
    core = HttpCore(remote.url, remote.token, remote.timeout_ms, remote.clock_ms)
    accounts = _accounts(core, remote, customer)
    ledger = RemoteLedger(core, iter(accounts))

    def staged(stage: Stage) -> tuple[Stage, Ledger]:
        tested = StagedCore(core, stage.core.latency_ms, remote.timeout_ms)
        world = replace(stage.wired.world, core=tested)
        return replace(stage, wired=replace(stage.wired, world=world), core=tested), ledger

    trials = writeback_test_on(scenario, chosen, staged)
    return CoreTrial(name, chosen, remote.url, tuple(one.account_id for one in accounts), trials)


def _accounts(core: HttpCore, remote: RemoteCore, customer: Customer) -> Sequence[AccountFacts]:
    """Return the accounts to post to; the first call also shows whether core and token are right."""
    try:
        core.read_accounts(remote.first_account, 1)
        if not remote.accounts:
            own = [
                customer.before._replace(account_id=remote.first_account + nth, version=1)
                for nth in range(MOMENTS)
            ]
            core.load_accounts(own)
            return own
        if len(set(remote.accounts)) < MOMENTS:
            raise BadInput(
                [f"--account: {len(set(remote.accounts))} given; allowed: {MOMENTS} or more, or none"]
            )
        return [core.read_account(account) for account in remote.accounts[:MOMENTS]]
    except CoreUnreadable as error:
        raise BadInput(
            [f"--core {remote.url}: {error}; allowed: a core that answers to this token"]
        ) from error
    except KeyError as error:
        raise BadInput([f"--account {error.args[0]}: the core knows no such account"]) from error
