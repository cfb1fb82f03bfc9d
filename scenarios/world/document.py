"""The scenario document: all blocks of one resolved file, and the rules that hold between blocks."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Self

from pydantic import Field, PlainValidator, Strict, model_validator

from sandbox.model import TOUCHES_MAX
from sandbox.simulation.calendar import WorkCalendar
from scenarios import blocks
from scenarios.files import values
from scenarios.files.faults import Fault, refuse
from scenarios.world.cadence import late_start


class ScenarioDocument(blocks.Block):
    """A world as described: no file, no layer, no origin of numbers is left, only values that fit together.

    Attributes:
        scenario: its name.
        title: one line for tables.
        story: what is told, for readers.
        workflow: which workflow the campaign is about.
        policy: name (or path) of the policy document.
        baseline: the design others are compared with.
        designs: design names in the order they are shown.
        seed: of every draw.
        replications: how many times each design runs.
        sequences: sequences of messages to be tried against each other, by name.
        expect: what the author expects to come out.

    The other attributes are the blocks; see `scenarios.blocks`.
    """

    scenario: Annotated[str, PlainValidator(values.name)]
    title: Annotated[str, PlainValidator(values.text)]
    story: Annotated[str, PlainValidator(values.text)]
    workflow: Annotated[str, PlainValidator(values.name)]
    policy: Annotated[str, PlainValidator(values.text)]
    baseline: Annotated[str, PlainValidator(values.name)]
    designs: Annotated[tuple[str, ...], PlainValidator(values.names)]
    seed: Annotated[int, PlainValidator(values.whole(0, 2**63 - 1))]
    replications: Annotated[int, PlainValidator(values.whole(1, 1_000))]
    calendar: blocks.Calendar
    campaign: blocks.Campaign
    outreach: blocks.Outreach
    customers: blocks.Customers
    channels: blocks.Channels
    identity: blocks.Identity
    attacks: blocks.Attacks = Field(default_factory=blocks.Attacks)
    call_centre: blocks.CallCentre
    back_office: blocks.BackOffice
    core: blocks.Core
    writeback: blocks.Writeback
    costs: blocks.Costs
    population: blocks.MaybePopulation = None
    history: blocks.History = Field(default_factory=blocks.History)
    sequences: dict[
        Annotated[str, PlainValidator(values.name)],
        Annotated[tuple[blocks.Touch, ...], Strict(False), Field(min_length=1, max_length=TOUCHES_MAX)],
    ] = Field(default_factory=dict)
    expect: Annotated[tuple[blocks.Expectation, ...], Strict(False)] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(
            list(
                chain(
                    self._baseline_faults(),
                    self._half_hour_faults(),
                    self._send_faults(),
                    self._touch_faults(),
                    self._sequence_faults(),
                )
            )
        )
        return self

    @property
    def agents_per_half_hour(self) -> tuple[float, ...]:
        """Effective agents for each half hour from opening to closing."""
        return self.call_centre.staffed(self.calendar.open_minute, self.calendar.half_hours)

    @property
    def cohort_days(self) -> int:
        """Working days over which first touches are spread, so that the last touch falls on the last day."""
        campaign = self.campaign
        return self.calendar.working_days - (campaign.touches_per_case - 1) * campaign.touch_gap_days

    @property
    def days_left(self) -> int:
        """Working days observed after the day on which the last case gets its first planned touch."""
        block = self.calendar
        observed = WorkCalendar(
            block.start_date,
            block.time_zone,
            block.working_days,
            block.open_minute,
            block.close_minute,
            block.follow_up_days,
        )
        return observed.days - self.cohort_days

    def _sequence_faults(self) -> list[Fault]:
        waits = {name: [touch.wait_days for touch in touches] for name, touches in self.sequences.items()}
        return [
            Fault(f"sequences.{name}.0.wait_days", text)
            for name, days in waits.items()
            if (text := late_start(days))
        ]

    def _baseline_faults(self) -> list[Fault]:
        if self.baseline in self.designs:
            return []
        allowed = f"one of the designs: {', '.join(self.designs)}"
        return [Fault("baseline", f"found {self.baseline!r}; allowed: {allowed}")]

    def _half_hour_faults(self) -> list[Fault]:
        wanted = self.calendar.half_hours
        span = f"{self.calendar.open} to {self.calendar.close}"
        agents, weights = self.call_centre.agents, self.call_centre.other_traffic.half_hour_weights
        faults = []
        if isinstance(agents, tuple) and len(agents) != wanted:
            text = (
                f"found a list of {len(agents)}; allowed: a number, or {wanted}, one a half hour from {span}"
            )
            faults.append(Fault("call_centre.agents", text))
        if len(weights) != wanted:
            text = f"found a list of {len(weights)}; allowed: {wanted}, one a half hour from {span}"
            faults.append(Fault("call_centre.other_traffic.half_hour_weights", text))
        if self.call_centre.shifts is not None and not any(self.agents_per_half_hour):
            text = f"found nobody on the lines; allowed: shifts that cover a half hour from {span}"
            faults.append(Fault("call_centre.shifts", text))
        return faults

    def _send_faults(self) -> list[Fault]:
        opens, closes = self.outreach.windows.weekday
        start, end = self.campaign.send_from_minute, self.campaign.send_until_minute
        faults = []
        if start < values.minutes(opens):
            text = f"found {self.campaign.send_from!r}; allowed: from {opens}, when the contact window opens"
            faults.append(Fault("campaign.send_from", text))
        if end > values.minutes(closes):
            until = f"{end // 60:02d}:{end % 60:02d}"
            text = f"found sends until {until}; allowed: until {closes}, when the contact window closes"
            faults.append(Fault("campaign.send_weights", text))
        return faults

    def _touch_faults(self) -> list[Fault]:
        gap, touches = self.campaign.touch_gap_days, self.campaign.touches_per_case
        if self.cohort_days >= 1:
            return []
        text = (
            f"found {gap}; allowed: so that {touches} touches start and end within "
            f"calendar.working_days ({self.calendar.working_days})"
        )
        return [Fault("campaign.touch_gap_days", text)]
