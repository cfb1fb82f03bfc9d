"""What stands on the customer's phone, and what an agent sees and says, in words.

Refusals of identity have one sentence whatever the reason: who is not the customer must not learn which fact was
wrong. Links and codes are never written out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.journey.design import Design
from sandbox.journey.visit import Visit
from sandbox.model import AccountFacts, Action
from sandbox.outreach.templates import Templates, render
from sandbox.policy.decide import Offer
from sandbox.policy.inputs import FormPage
from sandbox.policy.words import rendered

UNPROVEN: Final = "We cannot open this here. Nothing has changed."
NOTHING_TO_DO: Final = "There is nothing you need to do here. Nothing has changed."
"""On a page; said of a case with an outcome already, too, so it speaks of this visit alone."""

_DIGITS = re.compile(r"\d(?:[ -]?\d){3,}")
_TITLES: Mapping[str, str] = {
    Action.PAY_NOW: "Pay now",
    Action.PROMISE_TO_PAY: "Promise to pay",
    Action.DISPUTE: "Dispute the amount",
}
_MAY_DO: Mapping[str, str] = {
    Action.PAY_NOW: "pay now",
    Action.PROMISE_TO_PAY: "choose a day",
    Action.DISPUTE: "query the amount",
}
"""What a message says may be done, before anybody has proven who they are."""

_DONE: Mapping[str, str] = {
    Action.PAY_NOW: "pay",
    Action.PROMISE_TO_PAY: "promise",
    Action.DISPUTE: "dispute",
}
_REFUSED = {
    "declined": "Your payment was not accepted. Nothing was taken.",
    "account_changed": "Your account has changed meanwhile. Nothing was done; please look again.",
}
_NOT_DONE = "This could not be done. Nothing was taken and nothing has changed."
_NOT_RIGHT = "Something is not as it should be. Nothing was sent."
_WRONG_INPUT = {
    "action_not_offered": "That is not available here. Nothing was sent.",
    "amount_below_minimum": "The amount is below what can be taken. Nothing was sent.",
    "amount_above_maximum": "The amount is above what can be taken. Nothing was sent.",
    "date_out_of_range": "The date is outside the days offered. Nothing was sent.",
    "input_missing": "Something is still to be filled in. Nothing was sent.",
    "identity_too_weak": "Please prove who you are first. Nothing was sent.",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one case.

    Attributes:
        currency: how amounts are marked.
        today: the day the message left, as people write it.
        link_until: until when the link works.
        templates: the texts of the campaign's message.
    """

    currency: str
    today: str
    link_until: str
    templates: Templates

    def money(self, minor: int) -> str:
        """Return an amount with its currency."""
        return f"{self.currency} {minor / 100:,.2f}"

    def message(self, channel: str, account: AccountFacts, offers: Sequence[Offer], design: Design) -> str:
        """Return the design's campaign message by a channel, from the scenario's template and the account's facts."""
        template = self.templates.text(channel, design.message.content)
        opens_link = any(getattr(step, "kind", "") == "open_link" for step in design.steps.values())
        act, until = "Go here: [portal address]", ""
        if design.message.engages_by == "call":
            act = "Please call us"
        elif opens_link:
            act, until = "Go here: [secure link]", f", open until {self.link_until}"
        asked_minor = max((offer.asked_minor for offer in offers), default=account.overdue_minor)
        values = {
            "act": act,
            "act_until": act + until,
            "today": self.today,
            "amount": self.money(asked_minor),
            "options": _either(
                [_MAY_DO.get(offer.action, offer.action.replace("_", " ")) for offer in offers]
            ),
        }
        return render(template, values)

    def question(self, name: str, detail: Any, attempt: int, visit: Visit, arrived: bool) -> str:
        """Return the page or the spoken question a customer answers; empty for a question nobody knows here."""
        if name == "choose":
            return self._page(detail, visit)
        if name == "fill_form":
            return self._form(detail, visit)
        if name == "enter_code":
            return _code_page(attempt, arrived)
        if name == "answer_facts":
            return _facts_page(detail, attempt)
        if name == "take_call":
            return _call_offer(visit)
        return _QUESTIONS.get(name, "")

    def _page(self, offers: Sequence[Offer], visit: Visit) -> str:
        lines = [_WRONG_INPUT.get(visit.failure, "")]
        if visit.refused and not lines[0]:
            lines = [_REFUSED.get(visit.failure, _NOT_DONE)]
        owed = visit.account.overdue_minor if visit.account is not None else 0
        asks_money = any(offer.amount_max_minor for offer in offers)
        lines += [f"{self.money(owed)} is overdue. You can:" if asks_money else "You can:"]
        lines += ["; ".join([*(self._offer(offer) for offer in offers), "Talk to a person"])]
        return " ".join(line for line in lines if line)

    def _form(self, page: FormPage, visit: Visit) -> str:
        """The form of an action, and what was wrong with it the last time."""
        policy, account = visit.desk.policy, visit.account
        form, lines = policy.pages[page.action], [_WRONG_INPUT.get(visit.failure, _NOT_RIGHT)]
        if not visit.failure:
            lines = []
        if account is not None:
            texts = (form.heading, form.reads)
            lines += [rendered(text, account, policy.declared, self.money) for text in texts]
        asked = ", ".join(field.rule.label for field in page.fields)
        return f"{' '.join(lines)} Fill in: {asked}. [{form.submit}]".strip()

    def _offer(self, offer: Offer) -> str:
        title = _TITLES.get(offer.action, offer.action.replace("_", " ").capitalize())
        if not offer.amount_max_minor:
            return title
        limits = f"{self.money(offer.amount_min_minor)} to {self.money(offer.amount_max_minor)}"
        days = f", {offer.due_days_min} to {offer.due_days_max} days from today" if offer.due_days_max else ""
        return f"{title} ({limits}{days})"


_QUESTIONS = {
    "log_in": "Sign in to your account.",
    "reset_password": "Set a new password.",
    "install_app": "Install the app to go on.",
    "talk_to_bot": "How can I help you?",
    "redial": "Nobody has answered yet.",
    "submit_again": "No answer has come. Send it once more?",
    "answer_agent": "The agent asks who is calling.",
    "tell_agent": "The agent asks what should be done.",
}


def _either(options: Sequence[str]) -> str:
    """Return "a, b or c"; where nothing is offered, what is left to everybody."""
    if not options:
        return "talk to a person"
    return " or ".join(filter(None, [", ".join(options[:-1]), options[-1]]))


def _code_page(attempt: int, arrived: bool) -> str:
    if not arrived:
        return "Enter the code we sent to the number we have. None came? Ask for another."
    if attempt:
        return "That did not work. Enter the code we sent to the number we have, or ask for another."
    return "Enter the code we sent to the number we have."


def _facts_page(asked: Sequence[tuple[str, str]], attempt: int) -> str:
    wanted = " and ".join(name.replace("_", " ") for name, _ in asked)
    again = "That did not work. " if attempt else ""  # whichever answer it was
    return f"{again}Please give us your {wanted}."


def _call_offer(visit: Visit) -> str:
    if visit.choice is not None and not visit.routine:
        return "A person will look at this with you; what you told us is before them. Talk to us now?"
    if not visit.level or "identity_refused" in visit.kinds:
        return f"{UNPROVEN} Talk to us instead?"
    if visit.failure in _REFUSED or visit.refused:
        return f"{_REFUSED.get(visit.failure, _NOT_DONE)} Talk to us?"
    return "We cannot do this here for you; nothing has changed. Talk to us?"


def sent_text(text: str) -> str:
    """Return a message as it may be written down: runs of digits of codes and numbers are covered."""
    return _DIGITS.sub("••••••", text)


def bundle_words(bundle: Mapping[str, Any]) -> str:
    """Return a bundle as the agent reads it when the call comes in."""
    refused = f"; refused by the core: {', '.join(bundle['refused'])}" if bundle["refused"] else ""
    return (
        f"the bundle: {bundle['reason']} ({bundle['failure']}); attempted {bundle['attempted']}; "
        f"identity {bundle['identity']}{refused}; {len(bundle['messages_sent_at_ms'])} message(s) before; "
        f"evidence {', '.join(bundle['evidence'])}; next: {bundle['next_action']}"
    )


def agent_says(visit: Visit, outcome: str, recorded: bool) -> str:
    """Return what the agent tells the caller at the end; empty where no agent was on the line.

    Args:
        visit: the visit that ended.
        outcome: the outcome of its last step.
        recorded: whether the core's record says complete.
    """
    if not visit.with_agent:
        return ""
    if outcome == "identity_failed":
        return "I cannot discuss this account on this call. Nothing has changed."
    if recorded:
        return "It is recorded."
    if outcome == "nothing" and visit.account is None:
        return "I cannot do this now; nothing has changed. We will put it right and contact you."
    if outcome in ("nothing", "refused"):
        return _REFUSED.get(visit.failure, _NOT_DONE)
    done = ""
    if visit.choice is not None:
        action = visit.choice.action
        done = f" to {_DONE.get(action, action.replace('_', ' '))}"
    return f"I have taken down that you wish{done}. It is not recorded yet; that follows."
