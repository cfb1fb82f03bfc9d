"""The ten cases of a pre-launch review, and the scripted customer who plays them.

Five are clean completions of the design's own normal path, five are failures every launch meets; core down and an
account closed meanwhile stand beside them. A customer answers whatever the design asks as somebody willing and able
would, but for what a case scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.journey.design import Design
from sandbox.journey.shape import normal_path
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, AccountFacts, Action, Choice
from sandbox.policy.decide import Offer
from sandbox.simulation.settings import PeopleModel
from scenarios.rehearsal import Rehearsal
from scenarios.rehearsal_parts import Directions, Question
from scenarios.rehearsal_stage import Fits

QUESTIONS_MAX = 60
"""Questions of one visit before it is taken to go round in circles."""

OUTAGE_MS = 45 * MS_PER_MINUTE
"""How long the core is down in the case of that name: some sweeps find it still down."""

_TALK_TO_A_PERSON = "person"
_SECONDS_PER_MINUTE = 60
_ANSWERS_S = 10
"""Seconds for an answer the scenario has no figure for."""

_PROMISE_DAYS = 7
"""A promise's day where no page offers one."""

_WILLING: Mapping[str, Any] = {
    "enter_code": "right",
    "answer_facts": "right",
    "log_in": "in",
    "reset_password": True,
    "install_app": True,
    "talk_to_bot": "understood",
    "take_call": True,
    "redial": True,
    "answer_agent": True,
    "submit_again": True,
}
"""What somebody willing and able does; the action page and the agent are told what the case is about."""

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
        does_not_apply: why this design has no such case, or empty.
    """

    title: str
    kind: Kind
    wish: Action
    fits: Fits
    otherwise: Mapping[str, Any]
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    staged: tuple[str, ...] = ()
    directions: Mapping[str, Any] = field(default_factory=dict)
    core: Mapping[str, int] = field(default_factory=dict)
    account_now: Mapping[str, Any] | None = field(default_factory=dict)
    never: frozenset[Action] = frozenset()
    never_by_customer: bool = False
    exactly_once: bool = False
    leaves: tuple[str, ...] = ()
    does_not_apply: str = ""


def _able(band: str = "", **wanted: Any) -> tuple[Fits, Mapping[str, Any]]:
    """Return the test for, and the facts of, a customer without anything in the way but what is wanted."""
    facts: dict[str, Any] = {"vulnerable": False, "payment_method_ok": True, "broken_promises": 0, **wanted}
    if band:
        facts["arrears_band"] = band

    def fits(account: AccountFacts) -> bool:
        return all(getattr(account, name) == value for name, value in facts.items())

    return fits, facts


def cases_of(design: Design, link_lifetime_ms: int) -> tuple[CaseScript, ...]:
    """Return the cases to rehearse a design with: ten, and two further failures.

    Args:
        design: whose normal path is self-service or a person.
        link_lifetime_ms: after which a link in a message is refused.
    """
    path = {str(getattr(step, "kind", "")) for step in normal_path(design)}
    kinds = {str(getattr(step, "kind", "")) for step in design.steps.values()}
    alone = {"choose", "write_back"} <= path
    clean = _clean_alone(path, design) if alone else _clean_assisted()
    return (*clean, *_failing(kinds, path, alone, link_lifetime_ms), *_further(alone))


def _clean(title: str, wish: Action, band: str, **more: Any) -> CaseScript:
    fits, otherwise = _able(band)
    return CaseScript(title, "clean", wish, fits, otherwise, **more)


def _clean_alone(path: set[str], design: Design) -> tuple[CaseScript, ...]:
    pay, promise, dispute = Action.PAY_NOW, Action.PROMISE_TO_PAY, Action.DISPUTE
    if "verify" in path:
        second = {"answers": {"enter_code": ("wrong", "", "right")}}
        proof = _clean("Pay now after a second code", pay, "3m", **second, staged=("first code typed wrong",))
    elif "login" in path:
        forgot = {"answers": {"log_in": ("forgot",)}}
        proof = _clean("Pay now after a reset password", pay, "3m", **forgot, staged=("password forgotten",))
    else:
        proof = _clean("Pay now, three months behind", pay, "3m")
    routed = any("dispute" in step.on for step in design.steps.values())
    return (
        _clean("Pay now", pay, "1m"),
        _clean("Promise to pay", promise, "2m"),
        proof,
        _clean("Pay now after a retry of the core", pay, "2m", core={"unavailable": 1}, staged=(_ONE_RETRY,)),
        _clean("Dispute, handed over to a person", dispute, "1m")
        if routed
        else _clean("Promise to pay, one month behind", promise, "1m"),
    )


_ONE_RETRY = "the core is unavailable at the first try"


def _clean_assisted() -> tuple[CaseScript, ...]:
    pay, promise, dispute = Action.PAY_NOW, Action.PROMISE_TO_PAY, Action.DISPUTE
    redial = {"directions": {"calls_unanswered": 1}, "staged": ("the first call is not answered",)}
    return (
        _clean("Pay now, taken by an agent", pay, "1m"),
        _clean("Promise to pay, taken by an agent", promise, "2m"),
        _clean("Dispute, taken by an agent", dispute, "1m"),
        _clean("Pay now at the second call", pay, "3m", **redial),
        _clean("Pay now after a retry of the core", pay, "2m", core={"unavailable": 1}, staged=(_ONE_RETRY,)),
    )


def _failing(kinds: set[str], path: set[str], alone: bool, lifetime_ms: int) -> tuple[CaseScript, ...]:
    pay, promise = Action.PAY_NOW, Action.PROMISE_TO_PAY
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
            never=frozenset(Action),
            leaves=("data_missing",),
        ),
        CaseScript(
            "Ineligible plan",
            "failing",
            promise,
            blocked_fits,
            blocked,
            answers={"choose": (promise, _TALK_TO_A_PERSON), "tell_agent": (pay if alone else promise,)},
            staged=("sends the plan from an old page",) if alone else ("asks the agent for the plan",),
            never=frozenset({promise}),
            leaves=("choice_refused",),
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
        ),
        _unproven(kinds, path, lifetime_ms),
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


def _unproven(kinds: set[str], path: set[str], lifetime_ms: int) -> CaseScript:
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
        Action.PAY_NOW,
        fits,
        facts,
        answers=answers,
        staged=(staged,),
        directions=directions,
        never_by_customer=True,
        leaves=("link_refused", "identity_refused"),
        does_not_apply=why_not,
    )


def _further(alone: bool) -> tuple[CaseScript, ...]:
    fits, facts = _able()
    return (
        CaseScript(
            "Core down, then back",
            "further",
            Action.PAY_NOW,
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
            Action.PAY_NOW,
            fits,
            facts,
            answers={"tell_agent": (None,)},
            staged=("closed between the message and the customer's acting on it",),
            account_now={"status": "closed"},
            never=frozenset(Action),
            leaves=("no_action_allowed",) if alone else ("identity_proven",),
        ),
    )


# -- the customer --------------------------------------------------------------------------------------------


class Player:
    """A customer who follows a script; times are the scenario's medians.

    Args:
        script: what the case is about.
        people: how long customers take.
        overdue_minor: what the customer owes now, and means to settle.
    """

    def __init__(self, script: CaseScript, people: PeopleModel, overdue_minor: int) -> None:
        """Start with nothing answered."""
        self._overdue_minor = overdue_minor
        self._script = script
        self._asked: dict[str, int] = {}
        minute = _SECONDS_PER_MINUTE
        self._took_s: dict[str, float] = {
            "enter_code": people.code_entry_s_median,
            "answer_facts": people.facts_entry_s_median,
            "choose": people.page_s_median,
            "log_in": people.login_s_median,
            "reset_password": people.login_reset_min_median * minute,
        }
        self._code_wait_s = people.code_patience_s_mean

    def knows(self, question: Question) -> bool:
        """Say whether the customer has an answer at all."""
        return question.name in _WILLING or question.name in ("choose", "tell_agent")

    def answer(self, question: Question) -> tuple[Any, int, str]:
        """Return what the customer does, the milliseconds it takes, and the same in words."""
        name = question.name
        nth = self._asked.get(name, 0)
        self._asked[name] = nth + 1
        scripted = self._script.answers.get(name, ())
        meant = scripted[nth] if nth < len(scripted) else _WILLING.get(name, self._script.wish)
        took_s = self._took_s.get(name, _ANSWERS_S)
        if name == "enter_code":
            if not question.arrived:
                meant = ""
            typed = _typed(str(meant), str(question.detail))
            took_s = took_s if typed else max(took_s, self._code_wait_s)
            return typed, round(took_s * MS_PER_SECOND), _CODE_WORDS[str(meant)]
        if name == "answer_facts":
            (first, _), *rest = known = tuple(question.detail)
            given = known if meant == "right" else ((first, "?"), *rest)
            return given, round(took_s * MS_PER_SECOND), _FACTS_WORDS[str(meant)]
        if isinstance(meant, Action):
            choice = self._choice(meant, question.detail)
            return choice, round(took_s * MS_PER_SECOND), f"{meant.value}, {choice.amount_minor / 100:,.2f}"
        return meant, round(took_s * MS_PER_SECOND), f"{name.replace('_', ' ')}: {_word(meant)}"

    def _choice(self, action: Action, before: Sequence[Offer] | AccountFacts) -> Choice:
        """Fill in the form, or tell the agent: the amount that is due, at the first day offered.

        An action that is not on the page is sent in all the same, as from a page that was opened earlier.
        """
        amount, days = self._overdue_minor, _PROMISE_DAYS if action is Action.PROMISE_TO_PAY else 0
        if isinstance(before, AccountFacts):
            return Choice(action, amount, days)
        offer = next((offer for offer in before if offer.action is action), None)
        if offer is None:
            return Choice(action, amount, days)
        amount = min(max(amount, offer.amount_min_minor), offer.amount_max_minor)
        return Choice(action, amount, offer.due_days_min)


_FACTS_WORDS = {"right": "answers what was asked", "wrong": "answers one of them wrong"}
_CODE_WORDS = {"right": "types the code", "wrong": "types a wrong code", "": "asks for another code"}


def _word(meant: object) -> str:
    return {True: "yes", False: "no", None: "nothing"}.get(meant, str(meant))  # type: ignore[call-overload,no-any-return]


def _typed(meant: str, digits: str) -> str:
    if meant == "wrong":
        return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"
    return digits if meant == "right" else ""


def play(rehearsal: Rehearsal, player: Player) -> str:
    """Play a case to the end of its visit; returns what it got stuck at, in words, or nothing."""
    if not rehearsal.send():
        return "no message was sent"
    question = rehearsal.open()
    for _ in range(QUESTIONS_MAX):
        if question is None:
            return ""
        if not player.knows(question):
            return f"a step asks {question.name!r}, which the rehearsal's customer has no answer to"
        value, took_ms, words = player.answer(question)
        question = rehearsal.reply(value, took_ms, words)
    return f"more than {QUESTIONS_MAX} questions"


def directions_of(script: CaseScript, people: PeopleModel) -> Directions:
    """Return a case's directions; who is not told otherwise acts as soon as half of all customers do."""
    usual_ms = round(people.response_delay_min_median * MS_PER_MINUTE)
    return Directions(**{"opens_after_ms": usual_ms, **script.directions})
