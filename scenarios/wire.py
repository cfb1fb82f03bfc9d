"""The composition root: one scenario, one design, one seed in; a world ready to run out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b, sha256
from math import exp, log
from statistics import NormalDist

from fake_channels.profiles import SmsProfile, VoiceProfile
from fake_channels.sms import SmsChannel
from fake_channels.voice import VoiceChannel
from fake_core.faults import FaultPlan
from fake_core.profiles import CoreProfile
from fake_core.store import FakeCore
from sandbox.audit.chain import AuditChain, AuditTrail
from sandbox.draws import Draws
from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.identity.links import LinkKey, LinkSigner
from sandbox.journey.design import compile_design
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND
from sandbox.outreach.rules import Outreach, compile_outreach
from sandbox.outreach.schema import ContactWindow, OutreachDocument, Weekday
from sandbox.policy.compile import compile_policy
from sandbox.ports import SelectiveSink
from sandbox.scorecard.outcome import Prices
from sandbox.scorecard.tally import Layout
from sandbox.simulation.calendar import SLOT_MIN, SLOT_MS, WorkCalendar
from sandbox.simulation.engine import World
from sandbox.simulation.population import accounts
from sandbox.simulation.settings import BackOfficeModel, CallCentreModel, CampaignPlan, PeopleModel
from sandbox.writeback.backoff import BackoffRules
from sandbox.writeback.breaker import BreakerRules
from scenarios.blocks import Customers
from scenarios.document import ScenarioDocument
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.spec import Scenario

_MENU_SIGMA = 0.4
_HOUR_MIN = 60
_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")


def replication_seed(seed: int, replication: int) -> int:
    """The seed of one replication: the same for every design, so that the same people face all of them."""
    return int.from_bytes(blake2b(f"{seed}|{replication}".encode(), digest_size=8).digest(), "big") >> 1


@dataclass(frozen=True, slots=True)
class Wired:
    """A world, the core and store behind it, and what the tally must know."""

    world: World
    core: FakeCore
    store: SqliteCaseStore
    layout: Layout


def calendar_of(document: ScenarioDocument) -> WorkCalendar:
    """The scenario's working days and opening hours."""
    block = document.calendar
    return WorkCalendar(
        block.start_date,
        block.time_zone,
        block.working_days,
        block.open_minute,
        block.close_minute,
        block.follow_up_days,
    )


def plan_of(document: ScenarioDocument) -> CampaignPlan:
    """The campaign's plan: cases = messages / touches, the same in every design."""
    block = document.campaign
    total = sum(block.send_weights)
    return CampaignPlan(
        cases=block.messages // block.touches_per_case,
        touches=block.touches_per_case,
        gap_days=block.touch_gap_days,
        cohort_days=document.cohort_days,
        send_from_min=block.send_from_minute,
        send_weights=tuple(weight / total for weight in block.send_weights),
    )


def people_of(document: ScenarioDocument) -> PeopleModel:
    """The synthetic customers."""
    who, proof = document.customers, document.identity
    return PeopleModel(
        response_rate=who.response_rate,
        response_decay=who.response_decay,
        response_delay_min_median=who.response_delay_min_median,
        response_delay_sigma=who.response_delay_sigma,
        opt_out_rate=document.outreach.opt_out_rate,
        wishes=tuple(who.wishes.items()),
        second_wish_rate=who.second_wish_rate,
        consent_rate=who.consent_sms_rate,
        vulnerable_rate=who.vulnerable_rate,
        closed_account_rate=who.closed_account_rate,
        already_disputed_rate=who.already_disputed_rate,
        payment_accepted_rate=who.payment_accepted_rate,
        broken_promises=tuple((int(number), share) for number, share in who.broken_promises.items()),
        arrears_bands=tuple(who.arrears_bands.items()),
        balance_minor_median=who.balance_minor_median,
        balance_sigma=who.balance_sigma,
        overdue_share_per_month=who.overdue_share_per_month,
        code_starts_rate=proof.code_starts_rate,
        code_correct_rate=proof.code_correct_rate,
        code_tries_max=proof.code_tries_max,
        code_entry_s_median=proof.code_entry_s_median,
        code_entry_sigma=proof.code_entry_sigma,
        code_patience_s_mean=proof.code_patience_s_mean,
        login_forgotten_rate=proof.login_forgotten_rate,
        login_reset_done_rate=proof.login_reset_done_rate,
        login_drop_rate=proof.login_drop_rate,
        login_s_median=proof.login_s_median,
        login_reset_min_median=proof.login_reset_min_median,
        known_facts_pass_rate=proof.known_facts_pass_rate,
        page_s_median=proof.page_s_median,
        page_sigma=proof.page_sigma,
        page_drop_rate=proof.page_drop_rate,
    )


def centre_of(document: ScenarioDocument) -> CallCentreModel:
    """Agents and callers."""
    block = document.call_centre
    other, redial = block.other_traffic, block.redial
    total = sum(other.half_hour_weights)
    patience, mean, cv = block.patience_s_mean, block.handling_s_mean, block.handling_cv
    return CallCentreModel(
        agents=document.agents_per_half_hour,
        other_calls_per_day=other.calls_per_day,
        other_weights=tuple(weight / total for weight in other.half_hour_weights),
        day_multiplier_cv=other.day_multiplier_cv,
        patience_s_mean={"campaign": patience.campaign, "other": patience.other},
        balk_rate=block.balk_rate,
        redial_rate={"campaign": redial.rate_campaign, "other": redial.rate_other},
        redial_delay_min_median=redial.delay_min_median,
        redial_delay_sigma=redial.delay_sigma,
        redials_max=redial.times_max,
        handling_s_mean={"routine": mean.routine, "judgement": mean.judgement, "other": mean.other},
        handling_cv={"routine": cv.routine, "judgement": cv.judgement, "other": cv.other},
        after_call_s_mean=block.after_call_s_mean,
    )


def prices_of(document: ScenarioDocument) -> Prices:
    """Unit costs."""
    block = document.costs
    return Prices(block.agent_hour, block.message, block.code, block.session, block.back_office_item)


def layout_of(document: ScenarioDocument, calendar: WorkCalendar, hours: frozenset[int]) -> Layout:
    """What the tally must know of the scenario."""
    plan = plan_of(document)
    slots = range(calendar.slots)
    return Layout(
        cases=plan.cases,
        cohort_days=plan.cohort_days,
        opens_ms=calendar.opens_ms,
        campaign_days=document.calendar.working_days,
        slots=calendar.slots,
        slot_ms=SLOT_MS,
        busy_slots=frozenset(
            slot for slot in slots if (calendar.open_min + SLOT_MIN * slot) // _HOUR_MIN in hours
        ),
        end_ms=calendar.end_ms,
    )


def _outreach(document: ScenarioDocument, calendar: WorkCalendar) -> Outreach:
    block = document.outreach

    def window(hours: tuple[str, str] | None) -> ContactWindow | None:
        return None if hours is None else ContactWindow(opens=hours[0], closes=hours[1])

    windows: dict[Weekday, ContactWindow | None] = {day: window(block.windows.weekday) for day in _WEEKDAYS}
    windows |= {"saturday": window(block.windows.saturday), "sunday": window(block.windows.sunday)}
    rules = OutreachDocument.model_validate(
        {
            "windows": windows,
            "holidays": list(block.holidays),
            "messages_per_day_max": block.messages_per_day_max,
            "messages_per_7_days_max": block.messages_per_week_max,
        }
    )
    return Outreach(compile_outreach(rules), calendar.epoch)


def _channels(document: ScenarioDocument, draws: Draws) -> tuple[SmsChannel, SmsChannel, VoiceChannel]:
    sms, code, voice = document.channels.sms, document.channels.code_sms, document.channels.voice
    bulk = SmsProfile(
        delivered_rate=sms.delivered_rate,
        latency_ms_median=sms.latency_s_median * MS_PER_SECOND,
        latency_sigma=sms.latency_sigma,
        buffered_rate=sms.buffered_rate,
        buffered_delay_ms_mean=sms.buffered_delay_h_mean * MS_PER_HOUR,
        buffered_expiry_ms=round(sms.buffered_expiry_h * MS_PER_HOUR),
        receipt_lost_rate=sms.receipt_lost_rate,
        receipt_late_rate=sms.receipt_late_rate,
        receipt_late_delay_ms_mean=sms.receipt_late_delay_h_mean * MS_PER_HOUR,
        receipt_duplicate_rate=sms.receipt_duplicate_rate,
    )
    fast = SmsProfile(
        delivered_rate=code.delivered_rate,
        latency_ms_median=code.latency_s_median * MS_PER_SECOND,
        latency_sigma=code.latency_sigma,
        buffered_rate=0.0,
    )
    lines = VoiceProfile(
        failed_rate=1.0 - voice.connected_rate,
        ring_and_menu_ms_median=voice.menu_s_mean * MS_PER_SECOND * exp(-(_MENU_SIGMA**2) / 2.0),
        ring_and_menu_sigma=_MENU_SIGMA,
    )
    return SmsChannel(bulk, draws), SmsChannel(fast, draws), VoiceChannel(lines, draws)


def _core(document: ScenarioDocument, seed: int, url: str | None) -> FakeCore:
    block, faults = document.core, document.core.faults
    profile = CoreProfile(
        latency_ms_median=round(block.latency_ms_median),
        latency_sigma=block.latency_sigma,
        timeout_ms=block.timeout_ms,
    )
    plan = FaultPlan(
        lost_ack_rate=faults.lost_ack_rate,
        unavailable_rate=faults.unavailable_rate,
        unavailable_after_commit_rate=faults.unavailable_after_commit_rate,
        slow_rate=faults.slow_rate,
        slow_factor=faults.slow_factor,
        lost_request_rate=faults.lost_request_rate,
        seed=seed,
    )
    return FakeCore(url or "sqlite://", profile, plan, document.writeback.commit_every)


def _identity(document: ScenarioDocument, seed: int, calendar: WorkCalendar) -> tuple[LinkSigner, CodeDesk]:
    """Links and codes under keys made from the seed: good for a simulation, for nothing else."""
    block = document.identity
    rules = CodeRules(
        digits=block.code_digits,
        lifetime_ms=round(block.code_lifetime_min * MS_PER_MINUTE),
        failures_per_code=block.code_failures_max,
        failures_per_account_day=block.account_failures_per_day_max,
        sends_per_hour=block.code_sends_per_hour_max,
    )
    key = LinkKey("sim-1", sha256(f"link|{seed}".encode()).digest())
    midnight = round(calendar.epoch.timestamp() * 1000) % (24 * MS_PER_HOUR)
    return LinkSigner([key]), CodeDesk(rules, sha256(f"pepper|{seed}".encode()).digest(), midnight)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller of a run brings along."""

    on_day: Callable[[int, int], None]
    should_stop: Callable[[], bool]
    facts: Callable[[Layout], SelectiveSink]


@dataclass(frozen=True, slots=True)
class Task:
    """One run to do: picklable, complete, independent of every other.

    Attributes:
        label: what progress calls it; the design's name where nothing else is said.
        keep_cases: the outcome also says what became of every single case.
    """

    scenario: Scenario
    design: str
    replication: int
    busy_hours: frozenset[int]
    campaign_runs: bool = True
    core_url: str | None = None
    label: str = ""
    keep_cases: bool = False

    @property
    def seed(self) -> int:
        """The seed of this run's replication."""
        return replication_seed(self.scenario.document.seed, self.replication)


def wire(task: Task, hooks: Hooks, stack: ExitStack) -> Wired:
    """Build the world of one task; `stack` closes the core and the store."""
    document, seed = task.scenario.document, task.seed
    draws, calendar = Draws(seed), calendar_of(document)
    plan, people = plan_of(document), people_of(document)
    layout = layout_of(document, calendar, task.busy_hours)
    core = _core(document, seed, task.core_url)
    stack.callback(core.close)
    if task.campaign_runs:
        core.load_accounts(accounts(people, draws, plan.cases))
    store = SqliteCaseStore(None, document.writeback.commit_every)
    stack.callback(store.close)
    bulk, fast, voice = _channels(document, draws)
    links, codes = _identity(document, seed, calendar)
    write, office = document.writeback, document.back_office
    world = World(
        plan=plan,
        calendar=calendar,
        people=people,
        centre=centre_of(document),
        back_office=BackOfficeModel(
            office.wait_h_median,
            office.wait_sigma,
            office.touch_min_mean,
            office.error_rate,
            office.error_found_rate,
        ),
        draws=draws,
        design=compile_design(task.scenario.designs[task.design]),
        policy=compile_policy(task.scenario.policy),
        outreach=_outreach(document, calendar),
        links=links,
        link_lifetime_ms=round(document.identity.link_lifetime_h * MS_PER_HOUR),
        codes=codes,
        core=core,
        channel=bulk,
        code_channel=fast,
        voice=voice,
        store=store,
        audit=AuditTrail(store, AuditChain()),
        backoff=BackoffRules(write.backoff_base_ms, write.backoff_cap_ms, write.tries_max),
        breaker=BreakerRules(
            window_ms=round(write.breaker_window_s * MS_PER_SECOND),
            calls_min=write.breaker_calls_min,
            failure_share=write.breaker_failure_share,
            open_ms=round(write.breaker_open_s * MS_PER_SECOND),
            open_ms_max=round(write.breaker_open_s_max * MS_PER_SECOND),
            probes=write.breaker_probes,
        ),
        outbox_retry_ms=round(write.outbox_retry_min * MS_PER_MINUTE),
        outbox_give_up_ms=round(write.outbox_give_up_h * MS_PER_HOUR),
        facts=hooks.facts(layout),
        on_day=hooks.on_day,
        should_stop=hooks.should_stop,
        campaign_runs=task.campaign_runs,
    )
    return Wired(world, core, store, layout)


def busy_hours(document: ScenarioDocument) -> frozenset[int]:
    """The four clock hours with most planned offered calls, e.g. {9, 10, 11, 14}.

    Planned calls of an hour: other traffic by its profile, plus the campaign's responders to a day's sends, spread
    by the response delay. Called on the scenario as shipped, so that the hours are the same for every design and
    setting.
    """
    calendar = document.calendar
    other = document.call_centre.other_traffic
    total = sum(other.half_hour_weights)
    planned: dict[int, float] = defaultdict(float)
    starts = range(calendar.open_minute, calendar.close_minute, SLOT_MIN)
    for start, weight in zip(starts, other.half_hour_weights, strict=True):
        planned[start // _HOUR_MIN] += other.calls_per_day * weight / total
    campaign, who = document.campaign, document.customers
    daily = (
        campaign.messages / calendar.working_days * document.channels.sms.delivered_rate * who.response_rate
    )
    weights = sum(campaign.send_weights)
    for hour, weight in enumerate(campaign.send_weights):
        sent_min = campaign.send_from_minute + _HOUR_MIN * hour + _HOUR_MIN // 2
        for start in starts:
            share = _responded(start + SLOT_MIN - sent_min, who) - _responded(start - sent_min, who)
            planned[start // _HOUR_MIN] += daily * weight / weights * share
    return frozenset(sorted(planned, key=lambda hour: (-planned[hour], hour))[:4])


def _responded(minutes: float, who: Customers) -> float:
    """Share of responders who act within so many minutes: the lognormal distribution function."""
    if minutes <= 0:
        return 0.0
    if who.response_delay_sigma <= 0:
        return float(minutes >= who.response_delay_min_median)
    return NormalDist().cdf(log(minutes / who.response_delay_min_median) / who.response_delay_sigma)
