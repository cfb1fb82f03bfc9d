"""What an action is called before the customer: by its form, or by a standing word for the oldest three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.model import Action
from sandbox.policy.forms import Form, placeholders

_MAY_DO: Final[Mapping[str, str]] = {
    Action.PAY_NOW: "pay now",
    Action.PROMISE_TO_PAY: "choose a day",
    Action.DISPUTE: "query the amount",
}
"""Actions a core knows by name may come without a form, and are offered in these words."""

_TITLES: Final[Mapping[str, str]] = {
    Action.PAY_NOW: "Pay now",
    Action.PROMISE_TO_PAY: "Promise to pay",
    Action.DISPUTE: "Dispute the amount",
}


def may_do(action: str, pages: Mapping[str, Form]) -> str:
    """Return what a message says may be done, before anybody has proven who they are.

    A form's heading says it; one that shows a fact of the account gives way to what stands on the button.

    Args:
        action: of the policy.
        pages: the forms of the policy, by action.
    """
    form = pages.get(action)
    if form is None:
        return _MAY_DO.get(action, action.replace("_", " "))
    words = form.submit if placeholders(form.heading) else form.heading
    return words[:1].lower() + words[1:].rstrip(".")


def title_with(action: str, pages: Mapping[str, Form]) -> str:
    """Return what an action is called to somebody who may choose it: its form's heading.

    A heading that shows a fact of the account gives way to what stands on the button.

    Args:
        action: of the policy.
        pages: the forms of the policy, by action.
    """
    form = pages.get(action)
    if form is None:
        return title_without_form(action)
    return form.submit if placeholders(form.heading) else form.heading


def title_without_form(action: str) -> str:
    """Return what a page behind proof calls an action that has no form."""
    return _TITLES.get(action, action.replace("_", " ").capitalize())


def either(options: list[str]) -> str:
    """Return "a, b or c"; where nothing is offered, what is left to everybody."""
    if not options:
        return "talk to a person"
    return " or ".join(filter(None, [", ".join(options[:-1]), options[-1]]))
