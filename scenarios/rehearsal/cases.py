"""The ten cases of a pre-launch review, and the scripted customer who plays them.

Five are clean completions of the design's own normal path, five are failures every launch meets; core down and an
account closed meanwhile stand beside them. A customer answers whatever the design asks as somebody willing and able
would, but for what a case scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.journey.design import Design
from sandbox.journey.shape import normal_path
from sandbox.model import (
    MS_PER_HOUR,
    MS_PER_MINUTE,
    AccountFacts,
)
from sandbox.policy.decide import Policy
from scenarios.rehearsal.roles import Fits, Roles, roles_of, title_of

OUTAGE_MS = 45 * MS_PER_MINUTE
"""How long the core is down in the case of that name: some sweeps find it still down."""

_TALK_TO_A_PERSON = "person"
Kind = Literal["clean", "failing", "further"]


@dataclass(frozen=True, slots=True)
class CaseScript:
    """One case.

    Attributes:
        title: as the review lists it.
        kind: "clean", "failing" or "further" (a failure beside the five).
        wish: what the customer wants done.
        fits: which customers it can be played with.
        otherwise: the facts to stage on somebody if nobody fits.
        answers: first answers by question, in order; after them the customer is willing and able.
        staged: what is staged around the customer, in words.
        directions: what goes otherwise than well around the visit, by the name of the direction.
        core: what the core is staged to do, by name; see `StagedCore`.
        account_now: facts that have changed when the customer acts; None if the core does not know the account.
        never: actions that must not stand in the core afterwards.
        never_by_customer: nothing the customer did without a person may stand there.
        exactly_once: the outcome must stand there once.
        leaves: kinds of evidence one of which the failure must leave.
        blocked: the customer is one to whom policy does not offer the wish.
        does_not_apply: why this design has no such case, or empty.
    """

    title: str
    kind: Kind
    wish: str
    fits: Fits
    otherwise: Mapping[str, Any]
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    staged: tuple[str, ...] = ()
    directions: Mapping[str, Any] = field(default_factory=dict)
    core: Mapping[str, int] = field(default_factory=dict)
    account_now: Mapping[str, Any] | None = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    never_by_customer: bool = False
    exactly_once: bool = False
    leaves: tuple[str, ...] = ()
    blocked: bool = False
    does_not_apply: str = ""


def _able(band: str = "", **wanted: Any) -> tuple[Fits, Mapping[str, Any]]:
    """Return the test for, and the facts of, a customer without anything in the way but what is wanted."""
    facts: dict[str, Any] = {"vulnerable": False, "payment_method_ok": True, "broken_promises": 0, **wanted}
    if band:
        facts["arrears_band"] = band

    def fits(account: AccountFacts) -> bool:
        return all(getattr(account, name) == value for name, value in facts.items())

    return fits, facts


def cases_of(
    design: Design,
    link_lifetime_ms: int,
    policy: Policy | None = None,
    anybody: Callable[[Fits], bool] = lambda _fits: True,
) -> tuple[CaseScript, ...]:
    """Return the cases to rehearse a design with: ten, and two further failures.

    Args:
        design: whose normal path is self-service or a person.
        link_lifetime_ms: after which a link in a message is refused.
        policy: whose actions the cases are about; without one, those a core knows by name.
        anybody: says whether any customer fits; asked only where nobody can be staged.
    """
    path = {str(getattr(step, "kind", "")) for step in normal_path(design)}
    kinds = {str(getattr(step, "kind", "")) for step in design.steps.values()}
    alone, roles = {"choose", "write_back"} <= path, roles_of(policy)
    clean = _clean_alone(path, design, roles) if alone else _clean_assisted(roles)
    scripts = (*clean, *_failing(kinds, path, alone, link_lifetime_ms, roles), *_further(alone, roles))
    return scripts if roles.by_name else tuple(_not_by_name(script, roles, anybody) for script in scripts)


def _not_by_name(script: CaseScript, roles: Roles, anybody: Callable[[Fits], bool]) -> CaseScript:
    """Fit a case to a policy with actions of its own: who is offered what cannot be staged, only picked."""
    if script.does_not_apply:
        return script
    if not script.blocked:
        return replace(script, fits=roles.offered(script.wish, script.fits))
    fits = roles.blocked(script.wish, _able()[0])
    why_not = (
        "" if anybody(fits) else f"nobody looked at is kept from {script.wish} and may do something else"
    )
    return replace(script, fits=fits, otherwise={}, does_not_apply=why_not)


def _clean(title: str, wish: str, band: str, **more: Any) -> CaseScript:
    fits, otherwise = _able(band)
    return CaseScript(title, "clean", wish, fits, otherwise, **more)


def _clean_alone(path: set[str], design: Design, roles: Roles) -> tuple[CaseScript, ...]:
    main, second = roles.main, roles.second
    title, other = title_of(main), title_of(second)
    if "verify" in path:
        asked = {"answers": {"enter_code": ("wrong", "", "right")}}
        proof = _clean(
            f"{title} after a second code", main, "3m", **asked, staged=("first code typed wrong",)
        )
    elif "login" in path:
        forgot = {"answers": {"log_in": ("forgot",)}}
        proof = _clean(
            f"{title} after a reset password", main, "3m", **forgot, staged=("password forgotten",)
        )
    else:
        proof = _clean(f"{title}, three months behind", main, "3m")
    routed = roles.judged and any("dispute" in step.on for step in design.steps.values())
    retried = {"core": {"unavailable": 1}, "staged": (_ONE_RETRY,)}
    return (
        _clean(title, main, "1m"),
        _clean(other, second, "2m"),
        proof,
        _clean(f"{title} after a retry of the core", main, "2m", **retried),
        _clean(f"{title_of(roles.judged)}, handed over to a person", roles.judged, "1m")
        if routed
        else _clean(f"{other}, one month behind", second, "1m"),
    )


_ONE_RETRY = "the core is unavailable at the first try"


def _clean_assisted(roles: Roles) -> tuple[CaseScript, ...]:
    main, second, judged = roles.main, roles.second, roles.judged or roles.second
    title = title_of(main)
    redial = {"directions": {"calls_unanswered": 1}, "staged": ("the first call is not answered",)}
    retried = {"core": {"unavailable": 1}, "staged": (_ONE_RETRY,)}
    return (
        _clean(f"{title}, taken by an agent", main, "1m"),
        _clean(f"{title_of(second)}, taken by an agent", second, "2m"),
        _clean(f"{title_of(judged)}, taken by an agent", judged, "1m"),
        _clean(f"{title} at the second call", main, "3m", **redial),
        _clean(f"{title} after a retry of the core", main, "2m", **retried),
    )


def _failing(
    kinds: set[str], path: set[str], alone: bool, lifetime_ms: int, roles: Roles
) -> tuple[CaseScript, ...]:
    pay, promise = roles.main, roles.second
    wanted = "the plan" if roles.by_name else f"{title_of(promise)!r}"
    fits, facts = _able()
    blocked_fits, blocked = _able(broken_promises=3)
    declined_fits, declined = _able(payment_method_ok=False)
    return (
        CaseScript(
            "Missing data",
            "failing",
            pay,
            fits,
            facts,
            staged=("the core does not know the account any more",),
            account_now=None,
            never=roles.every,
            leaves=("data_missing",),
        ),
        CaseScript(
            "Ineligible plan" if roles.by_name else f"Not allowed: {title_of(promise)}",
            "failing",
            promise,
            blocked_fits,
            blocked,
            answers={"choose": (promise, _TALK_TO_A_PERSON), "tell_agent": (pay if alone else promise,)},
            staged=(f"sends {wanted} from an old page",) if alone else (f"asks the agent for {wanted}",),
            never=frozenset({promise}),
            leaves=("choice_refused",),
            blocked=True,
            does_not_apply=""
            if promise != pay
            else "one routine action: who may not take it goes to a person",
        ),
        CaseScript(
            "Payment declined",
            "failing",
            pay,
            declined_fits,
            declined,
            answers={"choose": (pay, _TALK_TO_A_PERSON), "tell_agent": (promise if alone else pay,)},
            never=frozenset({pay}),
            leaves=("posting_refused",),
            does_not_apply="" if roles.takes_payment else "the main action of this policy takes no money",
        ),
        _unproven(kinds, path, lifetime_ms, pay),
        CaseScript(
            "Duplicate submission",
            "failing",
            pay,
            fits,
            facts,
            staged=("the same decision comes in three times",),
            directions={"submits_twice": True},
            exactly_once=True,
            leaves=("posting_recorded",),
            does_not_apply="" if kinds & {"write_back", "back_office"} else "no step of this design posts",
        ),
    )


def _unproven(kinds: set[str], path: set[str], lifetime_ms: int, wish: str) -> CaseScript:
    """Identity cannot be proven where this design first asks for it."""
    fits, facts = _able()
    title, staged, why_not = "Failed identity questions", "the caller cannot answer the agent", ""
    answers: Mapping[str, tuple[Any, ...]] = {"answer_agent": (False,)}
    directions: Mapping[str, Any] = {}
    if "open_link" in path:
        title, staged, answers = "Expired link", "opened an hour after the link ran out", {}
        directions = {"opens_after_ms": lifetime_ms + MS_PER_HOUR}
    elif "login" in path:
        title, staged = "Failed login", "password forgotten, reset not finished"
        answers = {"log_in": ("forgot",), "reset_password": (False,)}
    elif "agent" not in kinds:
        why_not = "no step of this design refuses an identity"
    return CaseScript(
        title,
        "failing",
        wish,
        fits,
        facts,
        answers=answers,
        staged=(staged,),
        directions=directions,
        never_by_customer=True,
        leaves=("link_refused", "identity_refused"),
        does_not_apply=why_not,
    )


def _further(alone: bool, roles: Roles) -> tuple[CaseScript, ...]:
    fits, facts = _able()
    return (
        CaseScript(
            "Core down, then back",
            "further",
            roles.main,
            fits,
            facts,
            staged=(f"the core is down for {OUTAGE_MS // MS_PER_MINUTE} minutes from the first posting on",),
            core={"outage_ms": OUTAGE_MS},
            exactly_once=True,
            leaves=("posting_queued",),
        ),
        CaseScript(
            "Account closed after the message",
            "further",
            roles.main,
            fits,
            facts,
            answers={"tell_agent": (None,)},
            staged=("closed between the message and the customer's acting on it",),
            account_now={"status": "closed"},
            never=roles.every,
            leaves=("no_action_allowed",) if alone else ("identity_proven",),
        ),
    )
