"""What one run is made of, how it ended, and the desk at which its visits take place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.audit.chain import AuditTrail, Head
from sandbox.draws import Draws
from sandbox.facts import BreakerMoved
from sandbox.identity.codes import CodeDesk
from sandbox.identity.facts_check import FactsDesk
from sandbox.identity.links import LinkSigner, LinkUses
from sandbox.journey.design import Design
from sandbox.journey.visit import CaseBook, Desk
from sandbox.model import MS_PER_DAY, Channel
from sandbox.outreach.rules import Outreach
from sandbox.policy.decide import Policy
from sandbox.ports import CaseStore, ChannelPort, CorePort, FactSink, SelectiveSink, VoicePort
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.impostors import AttackModel
from sandbox.simulation.secrets_seeded import SeededCodes, SeededFacts
from sandbox.simulation.settings import (
    BackOfficeModel,
    CallCentreModel,
    CampaignPlan,
    LetterModel,
    PeopleModel,
)
from sandbox.writeback.backoff import BackoffRules
from sandbox.writeback.breaker import Breaker, BreakerRules, BreakerState
from sandbox.writeback.desk import WritebackDesk


@dataclass(frozen=True, slots=True)
class World:
    """Everything one run is made of; only the composition root builds one.

    Attributes:
        cohorts of the campaign stand in `plan`; `campaign_runs` False leaves only the other traffic.
        office_hours: when the back office works.
        channels: the campaign's routes; at least those its plan names.
        letter: the letter to customers no message can reach.
        code_channel: the route one-time codes and confirmations take.
        on_day: called at the start of each working day with (day, cases started).
        should_stop: polled often; True ends the run with Cancelled.
        attacks: who tries to act in customers' place; None where nobody does.
        moved: one byte per case, not nought where the case takes `second`; empty where all take `design`.
        second: the design of the cases moved to it. Its message is sent as the first one's is.
    """

    plan: CampaignPlan
    calendar: WorkCalendar
    people: PeopleModel
    centre: CallCentreModel
    back_office: BackOfficeModel
    office_hours: WorkCalendar
    draws: Draws
    design: Design
    policy: Policy
    outreach: Outreach
    links: LinkSigner
    link_lifetime_ms: int
    codes: CodeDesk
    known_facts: FactsDesk
    core: CorePort
    channels: Mapping[Channel, ChannelPort]
    code_channel: ChannelPort
    voice: VoicePort
    store: CaseStore
    audit: AuditTrail
    letter: LetterModel
    backoff: BackoffRules
    breaker: BreakerRules
    outbox_retry_ms: int
    outbox_give_up_ms: int
    facts: SelectiveSink
    on_day: Callable[[int, int], None]
    should_stop: Callable[[], bool]
    campaign_runs: bool = True
    attacks: AttackModel | None = None
    moved: bytes = b""
    second: Design | None = None

    def design_of(self, case_id: int) -> Design:
        """Return the design a case takes."""
        return self.second if self.second is not None and self.moved[case_id] else self.design


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended, for the checkers and the digest.

    Attributes:
        cases: cases by final standing: recorded, open, expired, excluded; they sum to all cases.
        items: back-office items by where they are at the end; see `BackOfficeDesk.check_conserved`.
        head: head of the audit chain, kept outside the trail.
    """

    cases: dict[str, int]
    items: dict[str, int]
    head: Head


def desk_of(
    world: World,
    book: CaseBook,
    earlier_sends: Callable[[int], Sequence[int]],
    told: FactSink | None = None,
) -> Desk:
    """Return the desk at which the visits of a world take place.

    Args:
        world: the parts.
        book: what is remembered of every case.
        earlier_sends: when the messages before the last one left, by case.
        told: who hears of postings; the world's facts unless somebody stands before them.
    """

    def jitter(key: str, attempt: int) -> float:
        """A uniform draw per key and attempt; the key is a digest, so its first digits are the index."""
        return world.draws.uniform("backoff", attempt, int(key[:8], 16) % (1 << 20))

    sink = told or world.facts

    def moved(state: BreakerState, at_ms: int) -> None:
        sink.emit(BreakerMoved(at_ms, state.value))

    writeback = WritebackDesk(
        store=world.store,
        audit=world.audit,
        facts=sink,
        breaker=Breaker(world.breaker, moved),
        backoff=world.backoff,
        jitter=jitter,
        outbox_retry_ms=world.outbox_retry_ms,
        outbox_give_up_ms=world.outbox_give_up_ms,
        whole_bundles=world.design.keeps_a_trail,
    )
    first_day = world.calendar.start.toordinal()
    return Desk(
        policy=world.policy,
        links=world.links,
        link_uses=LinkUses.resume(world.store.acts_by_link(0), world.link_lifetime_ms),
        link_lifetime_ms=world.link_lifetime_ms,
        codes=world.codes,
        code_source=SeededCodes(world.draws, world.codes.digits),
        known_facts=world.known_facts,
        fact_source=SeededFacts(world.draws),
        core=world.core,
        writeback=writeback,
        record=world.audit.record,
        emit=world.facts.emit,
        heard=world.facts.heard,
        book=book,
        earlier_sends=earlier_sends,
        today=lambda at_ms: first_day + at_ms // MS_PER_DAY,
    )
