"""A form is filled in, judged by policy before anything is submitted, and given back with what was wrong."""

from __future__ import annotations

from collections.abc import Generator

from sandbox.effects import Answer, Ask, Effect
from sandbox.journey.visit import Visit
from sandbox.model import Choice
from sandbox.policy.inputs import Field, FormPage, fault_in

FORM_TRIES = 3
"""Submissions of one form before the customer is taken to have left."""


def fill_in(
    visit: Visit, choice: Choice, fields: tuple[Field, ...], attempt: int
) -> Generator[Effect, Answer, Choice | None]:
    """Return the choice with inputs that may be submitted; None when the customer left, or never got it right.

    Args:
        visit: whose.
        choice: of the action the form belongs to.
        fields: of the form.
        attempt: how many forms were shown before in this visit.
    """
    for turn in range(FORM_TRIES):
        page = FormPage(str(choice.action), fields, visit.desk.today(visit.at_ms))
        inputs = visit.hear((yield Ask("fill_form", page, attempt * FORM_TRIES + turn)))
        if not isinstance(inputs, str):
            return None
        fault = fault_in(fields, inputs, visit.desk.today(visit.at_ms))
        if fault is None:
            return choice._replace(inputs=inputs)
        visit.attempted, visit.failure = str(choice.action), fault.reason
        visit.evidence("choice_refused", action=str(choice.action), reason=fault.reason, field=fault.field)
    return None
