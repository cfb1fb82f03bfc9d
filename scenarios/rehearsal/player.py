"""The scripted customer of a pre-launch review: willing and able, but for what a case scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.model import (
    LEDGER_EFFECTS,
    MS_PER_MINUTE,
    MS_PER_SECOND,
    AccountFacts,
    Choice,
    LedgerEffect,
)
from sandbox.policy.decision import Offer
from sandbox.policy.inputs import FormPage
from sandbox.simulation.settings import PeopleModel
from scenarios.rehearsal.cases import CaseScript
from scenarios.rehearsal.drive import Rehearsal
from scenarios.rehearsal.parts import Directions, Question

QUESTIONS_MAX = 60
"""Questions of one visit before it is taken to go round in circles."""

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


class Player:
    """A customer who follows a script; times are the scenario's medians.

    Args:
        script: what the case is about.
        people: how long customers take.
        overdue_minor: what the customer owes now, and means to settle.
        effects: what each action does in the core's ledger.
        fill: fills a form in as it should be.
    """

    def __init__(
        self,
        script: CaseScript,
        people: PeopleModel,
        overdue_minor: int,
        effects: Mapping[str, str] = LEDGER_EFFECTS,
        fill: Callable[[FormPage], str | None] = lambda _page: None,
    ) -> None:
        """Start with nothing answered."""
        self._effects, self._fill = effects, fill
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
        return question.name in _WILLING or question.name in ("choose", "tell_agent", "fill_form")

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
        if name == "fill_form":
            return self._fill(question.detail), round(took_s * MS_PER_SECOND), "fills in the form"
        if name in ("choose", "tell_agent") and meant in self._effects:
            choice = self._choice(meant, question.detail)
            return choice, round(took_s * MS_PER_SECOND), _said(choice)
        return meant, round(took_s * MS_PER_SECOND), f"{name.replace('_', ' ')}: {_word(meant)}"

    def _choice(self, action: str, before: Sequence[Offer] | AccountFacts) -> Choice:
        """Fill in the form, or tell the agent: the amount that is due, at the first day offered.

        An action that is not on the page is sent in all the same, as from a page that was opened earlier.
        """
        effect = self._effects[action]
        amount = 0 if effect == LedgerEffect.CHANGE else self._overdue_minor
        days = _PROMISE_DAYS if effect == LedgerEffect.PROMISE else 0
        if isinstance(before, AccountFacts):
            return Choice(action, amount, days)
        offer = next((offer for offer in before if offer.action == action), None)
        if offer is None:
            return Choice(action, amount, days)
        amount = min(max(amount, offer.amount_min_minor), offer.amount_max_minor)
        return Choice(action, amount, offer.due_days_min)


def _said(choice: Choice) -> str:
    return f"{choice.action}, {choice.amount_minor / 100:,.2f}" if choice.amount_minor else choice.action


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
