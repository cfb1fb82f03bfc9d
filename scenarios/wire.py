"""The composition root: one scenario, one design, one seed in; a world ready to run out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from fake_core.store import FakeCore
from sandbox.audit.chain import AuditChain, AuditTrail
from sandbox.draws import Draws
from sandbox.journey.design import compile_design
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.policy.compile import compile_policy
from sandbox.ports import SelectiveSink
from sandbox.scorecard.tally import Layout
from sandbox.simulation.population import accounts
from sandbox.simulation.world import World
from scenarios.rollout import moved_to_second
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.task import Task
from scenarios.wiring.centre import back_office_of, centre_of, office_hours_of
from scenarios.wiring.contact import channels_of, letter_of, outreach_of, service_routes_of
from scenarios.wiring.kept import kept_for
from scenarios.wiring.message import people_facing, plan_for
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import calendar_of, for_message, layout_of, plan_of
from scenarios.wiring.systems import attacks_of, backoff_of, breaker_of, core_of, identity_of


@dataclass(frozen=True, slots=True)
class Wired:
    """A world, the core and store behind it, and what the tally must know."""

    world: World
    core: FakeCore
    store: SqliteCaseStore
    layout: Layout


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller of a run brings along."""

    on_day: Callable[[int, int], None]
    should_stop: Callable[[], bool]
    facts: Callable[[Layout], SelectiveSink]


def wire(task: Task, hooks: Hooks, stack: ExitStack) -> Wired:
    """Build the world of one task; `stack` closes the core and the store."""
    document, seed = task.scenario.document, task.seed
    kept = kept_for(seed) if task.shares else None
    draws, calendar = Draws(seed, kept.columns if kept else None), calendar_of(document)
    design = compile_design(task.scenario.designs[task.design])
    plan = plan_for(design.message, for_message(plan_of(document), design.message))
    people = people_facing(design.message, people_of(document, task.scenario.population))
    policy = kept.policy(task.scenario.policy) if kept else compile_policy(task.scenario.policy)
    moved, second = b"", None
    if task.rollout is not None:
        second = compile_design(task.scenario.designs[task.rollout[0]])
        moved = moved_to_second(draws, task.rollout[1], plan.cases)
    layout = replace(layout_of(document, calendar, task.busy_hours), effects=policy.effects, moved=moved)
    port, core = core_of(document, seed, task.core_url)
    stack.callback(core.close)
    if task.campaign_runs:
        core.load_accounts((kept.accounts if kept else accounts)(people, draws, plan.cases))
    store = SqliteCaseStore(None, document.writeback.commit_every)
    stack.callback(store.close)
    code_channel, voice = service_routes_of(document, draws)
    links, codes, known_facts = identity_of(document, seed, calendar)
    write = document.writeback
    world = World(
        plan=plan,
        calendar=calendar,
        people=people,
        centre=centre_of(document),
        back_office=back_office_of(document),
        office_hours=office_hours_of(document, calendar),
        draws=draws,
        design=design,
        policy=policy,
        outreach=outreach_of(document, calendar, design.message),
        links=links,
        link_lifetime_ms=round(document.identity.link_lifetime_h * MS_PER_HOUR),
        codes=codes,
        known_facts=known_facts,
        core=port,
        channels=channels_of(document, draws, task.scenario.population),
        letter=letter_of(document),
        code_channel=code_channel,
        voice=voice,
        store=store,
        audit=AuditTrail(store, AuditChain()),
        backoff=backoff_of(document),
        breaker=breaker_of(document),
        outbox_retry_ms=round(write.outbox_retry_min * MS_PER_MINUTE),
        outbox_give_up_ms=round(write.outbox_give_up_h * MS_PER_HOUR),
        facts=hooks.facts(layout),
        on_day=hooks.on_day,
        should_stop=hooks.should_stop,
        campaign_runs=task.campaign_runs,
        attacks=attacks_of(document, seed),
        moved=moved,
        second=second,
    )
    return Wired(world, core, store, layout)
