"""What a design's message does to the plan and to the people who get it."""

from __future__ import annotations

from dataclasses import replace

from sandbox.journey.steps.message import Message
from sandbox.simulation.settings import CampaignPlan, PeopleModel

_HOUR_MIN = 60


def plan_for(message: Message, plan: CampaignPlan) -> CampaignPlan:
    """Return the plan with the message's own timing: rigid sends fill their hour evenly, whatever the rules say."""
    if message.timing == "rules":
        return plan
    return replace(plan, send_from_min=message.rigid_hour * _HOUR_MIN, send_weights=(1.0,), rigid=True)


def people_facing(message: Message, people: PeopleModel) -> PeopleModel:
    """Return how people behave who get this message: the same people with the same luck, at other rates."""
    if message.content == "specific":
        return people
    return replace(
        people,
        response_rate=people.response_rate * message.generic_response_factor,
        page_drop_rate=min(people.page_drop_rate + message.generic_leaves_rate, 1.0),
        page_asks_rate=message.generic_asks_rate,
    )
