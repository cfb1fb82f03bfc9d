"""The core, identity, and the rules by which postings reach the core."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import CoreProfile
from fake_core.store import TEMPORARY, FakeCore
from sandbox.adapters.by_reference import ByReference
from sandbox.adapters.mapping import RecordMapping
from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.identity.facts_check import FactRules, FactsDesk
from sandbox.identity.links import LinkKey, LinkSigner
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND
from sandbox.ports import CorePort
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.impostors import KINDS, AttackModel
from sandbox.writeback.backoff import BackoffRules
from sandbox.writeback.breaker import BreakerRules
from scenarios.world.core_profiles import profile_document
from scenarios.world.document import ScenarioDocument


class WiredCore(NamedTuple):
    """A core as postings reach it, and the tables behind it for whoever loads accounts or checks the books."""

    port: CorePort
    book: FakeCore


def core_of(document: ScenarioDocument, seed: int, url: str | None) -> WiredCore:
    """The fake core with its latency, batch window and faults; `url` names a database file, None is memory."""
    block, faults = document.core, document.core.faults
    described = profile_document(block.profile)
    closes_ms = round(block.closed_from_h * MS_PER_HOUR)
    profile = CoreProfile(
        latency_ms_median=round(block.latency_ms_median),
        latency_sigma=block.latency_sigma,
        timeout_ms=block.timeout_ms,
        closed_from_ms=closes_ms,
        closed_to_ms=(closes_ms + round(block.closed_for_h * MS_PER_HOUR)) % MS_PER_DAY,
        honours_keys=described.keys == "header",
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
    every = document.writeback.commit_every
    if described.record is None:
        core = FakeCore(url or TEMPORARY, profile, plan, every)
        return WiredCore(core, core)
    mapping = RecordMapping(described.record, document.calendar.start_date)
    batch = LegacyCore(url or TEMPORARY, profile, plan, mapping, every)
    return WiredCore(ByReference(batch, mapping), batch.book)


def identity_of(
    document: ScenarioDocument, seed: int, calendar: WorkCalendar
) -> tuple[LinkSigner, CodeDesk, FactsDesk]:
    """Links, codes and known facts under keys made from the seed: good for a simulation, for nothing else."""
    block = document.identity
    rules = CodeRules(
        digits=block.code_digits,
        lifetime_ms=round(block.code_lifetime_min * MS_PER_MINUTE),
        failures_per_code=block.code_failures_max,
        failures_per_account_day=block.account_failures_per_day_max,
        sends_per_hour=block.code_sends_per_hour_max,
    )
    asked = FactRules(
        failures_per_visit=block.facts_failures_per_visit_max,
        failures_per_account_day=block.facts_failures_per_day_max,
    )
    keys = [
        replace(_retired_key(seed), retired=True),
        LinkKey("sim-1", sha256(f"link|{seed}".encode()).digest()),
    ]
    midnight = round(calendar.epoch.timestamp() * 1000) % (24 * MS_PER_HOUR)
    codes = CodeDesk(rules, sha256(f"pepper|{seed}".encode()).digest(), midnight)
    return LinkSigner(keys), codes, FactsDesk(asked, sha256(f"facts|{seed}".encode()).digest(), midnight)


def _retired_key(seed: int) -> LinkKey:
    """The key before the one that signs: known to the desk as not trusted any more."""
    return LinkKey("sim-0", sha256(f"old link|{seed}".encode()).digest())


def attacks_of(document: ScenarioDocument, seed: int) -> AttackModel | None:
    """Who tries to act in customers' place; None where nobody does."""
    block = document.attacks
    rates = {kind: getattr(block, f"{kind}_rate") for kind in KINDS}
    if not any(rates.values()):
        return None
    return AttackModel(
        rates=rates,
        knows_facts_rate=block.knows_facts_rate,
        reads_code_rate=block.reads_code_rate,
        knows_password_rate=block.knows_password_rate,
        after_ms=round(block.after_min * MS_PER_MINUTE),
        retired=LinkSigner([_retired_key(seed)]),
    )


def backoff_of(document: ScenarioDocument) -> BackoffRules:
    """Retries of one posting."""
    write = document.writeback
    return BackoffRules(write.backoff_base_ms, write.backoff_cap_ms, write.tries_max)


def breaker_of(document: ScenarioDocument) -> BreakerRules:
    """When calls to the core stop for a while."""
    write = document.writeback
    return BreakerRules(
        window_ms=round(write.breaker_window_s * MS_PER_SECOND),
        calls_min=write.breaker_calls_min,
        failure_share=write.breaker_failure_share,
        open_ms=round(write.breaker_open_s * MS_PER_SECOND),
        open_ms_max=round(write.breaker_open_s_max * MS_PER_SECOND),
        probes=write.breaker_probes,
    )
