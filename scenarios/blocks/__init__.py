"""The blocks of a scenario file: typed, bounded, nothing unknown let in. Attribute names are the YAML keys.

Keys without a default are required: a file that wants the shipped values says `extends`.
"""

from __future__ import annotations

from scenarios.blocks.attacks import Attacks
from scenarios.blocks.back_office import BackOffice
from scenarios.blocks.calendar import Calendar
from scenarios.blocks.call_centre import CallCentre, OtherTraffic, Redial
from scenarios.blocks.callers import HandlingMean, HandlingSpread, Patience
from scenarios.blocks.campaign import Campaign, ContactWindows, Expectation, Letter, Outreach, Touch
from scenarios.blocks.channels import BulkSms, Channels, CodeSms, Email, Voice, WhatsApp
from scenarios.blocks.core import Core, CoreFaults, Writeback
from scenarios.blocks.costs import Costs
from scenarios.blocks.customers import ChannelResponse, ChannelResponses, Customers, Identity
from scenarios.blocks.history import History, Tolerances
from scenarios.blocks.kinds import Block
from scenarios.blocks.population import MaybePopulation, Population

__all__ = [
    "Attacks",
    "BackOffice",
    "Block",
    "BulkSms",
    "Calendar",
    "CallCentre",
    "Campaign",
    "ChannelResponse",
    "ChannelResponses",
    "Channels",
    "CodeSms",
    "ContactWindows",
    "Core",
    "CoreFaults",
    "Costs",
    "Customers",
    "Email",
    "Expectation",
    "HandlingMean",
    "HandlingSpread",
    "History",
    "Identity",
    "Letter",
    "MaybePopulation",
    "OtherTraffic",
    "Outreach",
    "Patience",
    "Population",
    "Redial",
    "Tolerances",
    "Touch",
    "Voice",
    "WhatsApp",
    "Writeback",
]
