"""How many of those who act on a message end up calling, and what for: a design walked by its expected rates.

The same steps and rates the simulation plays case by case, taken once in expectation: no draw, no load, no clock.
What depends on the account (what policy offers it) is averaged over a fixed sample of accounts put before the real
policy. Left out, all small beside the rates themselves: links that expire, waiting rooms, throttled codes, forms
filled in wrongly, postings lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum
from typing import NamedTuple

from sandbox.draws import Draws
from sandbox.identity.assurance import raised
from sandbox.journey.design import Design
from sandbox.journey.steps.app_download import AppDownload
from sandbox.journey.steps.base import END, Step
from sandbox.journey.steps.bot import Bot
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.steps.choose import Choose
from sandbox.journey.steps.exception import ExceptionPath
from sandbox.journey.steps.known_facts import KnownFacts
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.verify import Verify
from sandbox.journey.steps.write_back import WriteBack
from sandbox.model import AssuranceLevel, LedgerEffect
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Decision
from sandbox.policy.document import PolicyDocument
from sandbox.simulation.behaviour import CODE_ASKED_AGAIN_RATE
from sandbox.simulation.population import accounts
from sandbox.simulation.settings import PeopleModel

SAMPLE = 400
"""Accounts put before the policy: a share of one in ten is then known to 1.5 points, finer than any preview needs."""

_SAMPLE_SEED = 0
_STEPS_MAX = 60
_NEGLIGIBLE = 1e-7

Shares = dict[str, float]


class CallShares(NamedTuple):
    """What becomes of one customer who acts on a message, in expectation.

    Attributes:
        calls: first calls by intent ("routine", "judgement").
        completed: share who finish without a person.
        nothing: share of the callers who want nothing done.
    """

    calls: Shares
    completed: float
    nothing: float


class _Mix(NamedTuple):
    """What the page of actions leads to, by level of identity: at first, and after the core refused a payment."""

    first: Mapping[AssuranceLevel, Shares]
    again: Mapping[AssuranceLevel, Shares]
    declined: float  # share of the first "done" that the core refuses


@dataclass(frozen=True)
class Audience:
    """Who is written to, as the policy sees them.

    Attributes:
        admitted: share of accounts policy lets in.
        mix: what the page of actions leads to.
        judgement: share whose wish is a person's work.
        nothing: share who want nothing done.
    """

    admitted: float
    mix: _Mix
    judgement: float
    nothing: float


def audience_of(policy: PolicyDocument, people: PeopleModel) -> Audience:
    """Put a fixed sample of accounts before the policy; remembered while neither changes."""
    return _audience(_Key(policy.model_dump_json(), repr(people)), _Held(policy, people))


class _Held:
    """Carries what a cache key stands for, equal to every other: the key alone tells entries apart."""

    def __init__(self, policy: PolicyDocument, people: PeopleModel) -> None:
        self.policy = policy
        self.people = people

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


class _Key(NamedTuple):
    policy: str
    people: str


@lru_cache(maxsize=16)
def _audience(_key: _Key, held: _Held) -> Audience:
    policy, people = compile_policy(held.policy), held.people
    sample = list(accounts(people, Draws(_SAMPLE_SEED), SAMPLE))
    met = [(policy.decide(one), one.payment_method_ok) for one in sample if policy.admit(one).admitted]
    wishes = dict(people.wishes)
    judged = {"person", *policy.judgement}
    return Audience(
        len(met) / SAMPLE,
        _mix(policy, people, met),
        fsum(share for wish, share in wishes.items() if wish in judged),
        wishes.get("nothing", 0.0),
    )


def _mix(policy: Policy, people: PeopleModel, met: list[tuple[Decision, bool]]) -> _Mix:
    def pages(of: list[tuple[Decision, str, float]]) -> dict[AssuranceLevel, Shares]:
        """Outcomes of pages shown, by level, as shares of them all."""
        shown = fsum(weight for _, _, weight in of)
        found: dict[AssuranceLevel, Shares] = {level: defaultdict(float) for level in AssuranceLevel}
        for decision, wish, weight in of:
            for level, shares in found.items():
                for outcome, part in _chosen(policy, people, decision, wish, level):
                    shares[outcome] += weight * part / shown
        return found

    first, again, done = [], [], 0.0
    for decision, pays in met:
        for wish, share in people.wishes:
            first.append((decision, wish, share))
            taken = next((one for one in decision.allowed if one.action == wish and one.routine), None)
            done += share * (taken is not None)
            if taken is not None and taken.effect == LedgerEffect.PAYMENT and not pays:
                again.append((_without(decision, wish), wish, share))
    declined = fsum(share for _, _, share in again)
    return _Mix(pages(first), pages(again), declined / done if done else 0.0)


def _without(decision: Decision, action: str) -> Decision:
    """What is still offered after the core refused an action; nothing if only judgement work is left."""
    left = tuple(offer for offer in decision.allowed if offer.action != action)
    return decision._replace(allowed=left if any(offer.routine for offer in left) else ())


def _chosen(
    policy: Policy, people: PeopleModel, decision: Decision, wish: str, level: AssuranceLevel
) -> Iterator[tuple[str, float]]:
    """What one account's page leads to for one wish; see the step `choose`."""
    if not decision.allowed:
        yield "person", 1.0
        return
    wanted = next((offer for offer in decision.allowed if offer.action == wish), None)
    others = [offer for offer in decision.allowed if offer.routine and offer.effect != LedgerEffect.DISPUTE]
    taken, part = wanted, 1.0
    if wish in ("person", "nothing"):
        yield wish, 1.0
        return
    if wanted is None and others and wish not in policy.judgement:
        taken, part = others[0], people.second_wish_rate
    if taken is None:
        yield "nothing", 1.0
        return
    outcome = "done" if taken.routine else "dispute"
    yield ("unproven" if level < taken.identity_level else outcome), part
    yield "nothing", 1.0 - part


class _Here(NamedTuple):
    """Where part of the visits stands: step, identity proven, whether a payment was refused, why they call."""

    step: str
    level: AssuranceLevel
    refused: bool
    intent: str


def call_shares(
    design: Design, audience: Audience, people: PeopleModel, code_arrives_rate: float
) -> CallShares:
    """Walk a design from the message on.

    Args:
        design: compiled.
        audience: who is written to.
        people: rates of behaviour, those of the design's message included.
        code_arrives_rate: share of one-time codes that arrive in time.
    """
    calls: Shares = defaultdict(float)
    completed = 0.0
    here: dict[_Here, float] = {_Here(design.message.next, AssuranceLevel.NONE, False, "routine"): 1.0}
    for _ in range(_STEPS_MAX):
        onward: dict[_Here, float] = defaultdict(float)
        for place, mass in here.items():
            if place.step == END or mass < _NEGLIGIBLE:
                continue
            step = design.steps[place.step]
            if isinstance(step, CallQueue):
                calls[place.intent] += mass
                continue
            if step.behind_the_scenes:
                continue
            for outcome, share in _outcomes(step, place, audience, people, code_arrives_rate):
                completed += mass * share * (isinstance(step, WriteBack) and outcome == "done")
                onward[_next(design, step, place, outcome)] += mass * share
        here = onward
        if not here:
            break
    judged = calls.pop("routine", 0.0)
    split = {"routine": judged * (1.0 - audience.judgement), "judgement": judged * audience.judgement}
    split["judgement"] += calls.get("judgement", 0.0)
    total = fsum(split.values())
    nothing = judged * audience.nothing / total if total else 0.0
    return CallShares(split, completed, nothing)


def _next(design: Design, step: Step, place: _Here, outcome: str) -> _Here:
    level, proof = place.level, step.proof
    if outcome == "done" and proof is not None and not isinstance(step, CallQueue):
        weak = getattr(step, "accepted_as", "full") == "link"
        level = max(level, AssuranceLevel.LINK) if weak else raised(level, proof)
    intent = step.work if isinstance(step, ExceptionPath) else place.intent
    refused = place.refused or (isinstance(step, WriteBack) and outcome == "refused")
    return _Here(design.route(step, outcome), level, refused, intent)


Rates = Iterator[tuple[str, float]]


def _outcomes(
    step: Step, place: _Here, audience: Audience, people: PeopleModel, code_arrives_rate: float
) -> Rates:
    """Every outcome of a step with its share, in expectation."""
    match step:
        case Verify():
            return _verified(step, people, code_arrives_rate)
        case Choose():
            return _chooses(place, audience.mix, people)
        case WriteBack() if not place.refused:
            return iter([("done", 1.0 - audience.mix.declined), ("refused", audience.mix.declined)])
        case _:
            simple = _SIMPLE.get(type(step))
            return iter([("done", 1.0)]) if simple is None else simple(step, people, audience)


def _verified(step: Verify, people: PeopleModel, arrives: float) -> Rates:
    entered = people.code_starts_rate * (1.0 - (1.0 - people.code_correct_rate) ** people.code_tries_max)
    sent, done, dropped = 1.0, 0.0, 0.0
    for _ in range(step.codes_max):
        done += sent * arrives * entered
        missing = sent * (1.0 - arrives)
        dropped += sent * arrives * (1.0 - entered) + missing * (1.0 - CODE_ASKED_AGAIN_RATE)
        sent = missing * CODE_ASKED_AGAIN_RATE
    yield from (("done", done), ("dropped", dropped), ("failed", sent))


def _chooses(place: _Here, mix: _Mix, people: PeopleModel) -> Rates:
    stays = 1.0 - people.page_drop_rate
    asks = stays * people.page_asks_rate
    yield from (("dropped", 1.0 - stays), ("person", asks))
    table = mix.again if place.refused else mix.first
    for outcome, share in table[place.level].items():
        yield outcome, share * (stays - asks)


def _logs_in(step: Login, people: PeopleModel, _audience: Audience) -> Rates:
    tries, done, dropped = 1.0, 0.0, 0.0
    failed = 0.0
    for attempt in range(step.resets_max + 1):
        forgot = tries * people.login_forgotten_rate
        dropped += tries * people.login_drop_rate
        done += tries * (1.0 - people.login_drop_rate - people.login_forgotten_rate)
        tries = 0.0 if attempt == step.resets_max else forgot * people.login_reset_done_rate
        failed += forgot - tries
    yield from (("done", done), ("dropped", dropped), ("failed", failed))


def _knows_facts(step: KnownFacts, people: PeopleModel, _audience: Audience) -> Rates:
    asked, done, dropped = 1.0, 0.0, 0.0
    for attempt in range(step.tries_max):
        stays = asked * (1.0 - people.page_drop_rate)
        dropped += asked - stays
        known = people.facts_retry_pass_rate if attempt else people.facts_pass_rate
        done += stays * known
        asked = stays * (1.0 - known)
    yield from (("done", done), ("dropped", dropped), ("failed", asked))


def _installs(step: AppDownload, _people: PeopleModel, _audience: Audience) -> Rates:
    done = step.taps_install_rate * step.finishes_rate
    yield from (("done", done), ("dropped", 1.0 - done))


def _talks(step: Bot, people: PeopleModel, audience: Audience) -> Rates:
    stays = 1.0 - step.leaves_rate
    person = dict(people.wishes).get("person", 0.0)
    understood = stays * (1.0 - audience.nothing - person) * step.understands_rate
    escalated = stays * (1.0 - audience.nothing) - understood
    acted = ("done", understood) if step.transacts else ("escalated", understood)
    yield from (
        ("dropped", step.leaves_rate),
        ("nothing", stays * audience.nothing),
        acted,
        ("escalated", escalated),
    )


def _takes_call(step: ExceptionPath, _people: PeopleModel, _audience: Audience) -> Rates:
    yield from (("done", step.takes_call_rate), ("dropped", 1.0 - step.takes_call_rate))


_SIMPLE: dict[type[Step], Callable[..., Rates]] = {
    Login: _logs_in,
    KnownFacts: _knows_facts,
    AppDownload: _installs,
    Bot: _talks,
    ExceptionPath: _takes_call,
}
