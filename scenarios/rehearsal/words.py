"""What stands on the customer's phone, and what an agent sees and says, in words.

Refusals of identity have one sentence whatever the reason: who is not the customer must not learn which fact was
wrong. Links and codes are never written out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.journey.design import Design
from sandbox.journey.visit import Visit
from sandbox.model import AccountFacts, Action, LedgerEffect
from sandbox.outreach.templates import Templates, render
from sandbox.policy.decision import Offer
from sandbox.policy.forms import Form
from sandbox.policy.inputs import FormPage
from sandbox.policy.words import rendered
from scenarios.world.action_words import either, may_do, title_without_form

UNPROVEN: Final = "We cannot open this here. Nothing has changed."
NOTHING_TO_DO: Final = "There is nothing you need to do here. Nothing has changed."
"""On a page; said of a case with an outcome already, too, so it speaks of this visit alone."""

_DIGITS = re.compile(r"\d(?:[ -]?\d){3,}")
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
_NOT_CHANGED = "This could not be done. Nothing has changed."
_NOT_RIGHT = "Something is not as it should be. Nothing was sent."
_WRONG_INPUT = {
    "action_not_offered": "That is not available here. Nothing was sent.",
    "amount_below_minimum": "The amount is below what can be taken. Nothing was sent.",
    "amount_above_maximum": "The amount is above what can be taken. Nothing was sent.",
    "date_out_of_range": "The date is outside the days offered. Nothing was sent.",
    "input_missing": "Something is still to be filled in. Nothing was sent.",
    "amount_not_in_link": "Our message asked for another amount. Nothing was sent.",
    "wrong_terms": "No payment can be made by this link. Nothing was sent.",
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
        pages: the forms of the policy, by action.
    """

    currency: str
    today: str
    link_until: str
    templates: Templates
    pages: Mapping[str, Form]

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
        # A change asks for no money; where nothing does, the amount is what the account is asked for.
        asked_minor = max((offer.asked_minor for offer in offers), default=0) or account.overdue_minor
        values = {
            "act": act,
            "act_until": act + until,
            "today": self.today,
            "amount": self.money(asked_minor),
            "options": either([may_do(offer.action, self.pages) for offer in offers]),
        }
        return render(template, values)

    def question(self, name: str, detail: Any, attempt: int, visit: Visit, arrived: bool) -> str:
        """Return the page or the spoken question a customer answers; empty for a question nobody knows here."""
        if name == "choose":
            return self._page(detail, visit)
        if name == "fill_form":
            return self._form(detail, attempt, visit)
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
            lines = [_refusal(visit)]
        account = visit.account
        if account is not None and any(self._asks_by_itself(offer) for offer in offers):
            lines += [f"{self.money(account.overdue_minor)} is overdue."]
        choices = "; ".join([*(self._offer(offer, visit) for offer in offers), "Talk to a person"])
        return " ".join(line for line in [*lines, "You can:", choices] if line)

    def _form(self, page: FormPage, attempt: int, visit: Visit) -> str:
        """The form of an action, and what was wrong with it the last time; on a call the agent reads from it."""
        form = self.pages[page.action]
        asked = ", ".join(field.rule.label for field in page.fields)
        # The first time nothing was wrong with this form: what failed before was something else.
        wrong = _WRONG_INPUT.get(visit.failure, _NOT_RIGHT) if attempt else ""
        if visit.with_agent:
            return f"{wrong} The agent asks for: {asked}.".strip()
        heading, reads = (self._shown(text, visit) for text in (form.heading, form.reads))
        parts = (wrong, _sentence(heading), reads, f"Fill in: {asked}.", f"[{form.submit}]")
        return " ".join(part for part in parts if part)

    def _asks_by_itself(self, offer: Offer) -> bool:
        """Whether an offer asks for money and no form says what for: then the page has to."""
        return offer.effect in (LedgerEffect.PAYMENT, LedgerEffect.PROMISE) and offer.action not in self.pages

    def _shown(self, text: str, visit: Visit) -> str:
        """Return a text of a form with the account's facts in it; nothing while the account is not known."""
        if visit.account is None:
            return ""
        return rendered(text, visit.account, visit.desk.policy.declared, self.money)

    def _offer(self, offer: Offer, visit: Visit) -> str:
        """An action on the page: its form's heading and, where nothing is to be filled in, all the form says."""
        form = self.pages.get(offer.action)
        if form is None:
            return f"{title_without_form(offer.action)}{self._limits(offer)}"
        title = f"{self._shown(form.heading, visit)}{self._limits(offer)}"
        if form.fields:
            return title
        return f"{title}: {self._shown(form.reads, visit)} [{form.submit}]"

    def _limits(self, offer: Offer) -> str:
        limits = self.limits(offer)
        return f" ({limits})" if limits else ""

    def limits(self, offer: Offer) -> str:
        """Return between which amounts and days an action may be chosen; empty where it takes none, or one only."""
        if not offer.amount_max_minor:
            return ""
        if offer.action in self.pages and offer.amount_min_minor == offer.amount_max_minor:
            return ""  # one amount, and the form says it
        least, most = self.money(offer.amount_min_minor), self.money(offer.amount_max_minor)
        limits = f"{least} to {most}" if offer.amount_min_minor else f"up to {most}"
        days = f"{offer.due_days_min} to {offer.due_days_max} days from today"
        return f"{limits}, {days}" if offer.due_days_max else limits

    def posted(self, action: str, minor: int) -> str:
        """Return an action with its amount; alone where it moves no money."""
        return f"{action} {self.money(minor)}" if minor else action

    def facts(self, account: AccountFacts, effects: Collection[str]) -> list[str]:
        """Return what policy looks at in an account, as far as any of its actions has to do with it.

        Args:
            account: of the customer.
            effects: what the policy's actions do in the ledger; a change of details has nothing to do with money.
        """
        said = []
        if any(effect != LedgerEffect.CHANGE for effect in effects):
            said += [f"{account.arrears_band} in arrears", f"{self.money(account.overdue_minor)} overdue"]
        if account.broken_promises and LedgerEffect.PROMISE in effects:
            said.append(f"{account.broken_promises} broken promises")
        if not account.payment_method_ok and LedgerEffect.PAYMENT in effects:
            said.append("payment method not accepted")
        return said


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


def _refusal(visit: Visit) -> str:
    """Return what is said of a refused action; of money only where the workflow takes any."""
    takes_money = LedgerEffect.PAYMENT in visit.desk.policy.effects.values()
    return _REFUSED.get(visit.failure, _NOT_DONE if takes_money else _NOT_CHANGED)


def _sentence(text: str) -> str:
    """Return a heading as it stands before other sentences."""
    return text if not text or text[-1] in ".?!" else f"{text}."


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
        return f"{_refusal(visit)} Talk to us?"
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
        return _refusal(visit)
    done = ""
    if visit.choice is not None:
        action = visit.choice.action
        done = f" to {_DONE.get(action) or may_do(action, visit.desk.policy.pages)}"
    return f"I have taken down that you wish{done}. It is not recorded yet; that follows."
