"""What the engine needs to know of a scenario, as plain numbers with their units in their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sandbox.model import Channel
from sandbox.simulation.given import GivenPeople
from sandbox.simulation.handling import TalkTime
from sandbox.simulation.hazard import Patience


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """How many cases, touched how often, sent when.

    Attributes:
        cases: obligations, the same in every design: planned messages / planned touches per case.
        touches: planned messages per case.
        gap_days: working days between touches.
        cohort_days: working days over which first touches are spread evenly.
        send_from_min: local clock minute of the first send of a day.
        send_weights: share of a day's sends in each following hour (normalised).
        rigid: messages leave when planned, whatever the contact rules say.
        touch_days: working days from the first touch to each; empty means `gap_days` apart.
        channels: channels of the design's touches, each once, in order of their first touch.
    """

    cases: int
    touches: int
    gap_days: int
    cohort_days: int
    send_from_min: int
    send_weights: tuple[float, ...]
    rigid: bool = False
    touch_days: tuple[int, ...] = ()
    channels: tuple[Channel, ...] = (Channel.SMS,)

    def day_of_touch(self, touch: int) -> int:
        """Working days from the first planned touch to this one, counted from 1."""
        return self.touch_days[touch - 1] if self.touch_days else (touch - 1) * self.gap_days


@dataclass(frozen=True, slots=True)
class ChannelHabits:
    """How customers deal with one channel.

    Attributes:
        consent_rate: share who consent to it (opted in, or an address on file).
        response_factor: response to a message seen, times that to a delivered SMS; the same people respond first.
        delay_factor: time from seeing to acting, times that of an SMS.
    """

    consent_rate: float
    response_factor: float = 1.0
    delay_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class LetterModel:
    """The letter to customers without any usable channel, which asks them to call.

    Attributes:
        address_rate: share of them with a postal address on file; the others cannot be written to.
        response_rate: share of the letters after which the customer calls.
        delay_days_median: calendar days from sending to that call, lognormal.
        delay_sigma: standard deviation of the logarithm of that time.
    """

    address_rate: float
    response_rate: float
    delay_days_median: float
    delay_sigma: float


@dataclass(frozen=True, slots=True)
class FactModel:
    """How one fact of a workflow is spread over the accounts.

    Attributes:
        name: of the detail.
        shares: each value and its share; empty for a range.
        low, high: whole numbers between which all are alike, both ends included.
        in_days: the range counts days from the first day, and the value is a date.
        missing_rate: share of accounts of which the core does not know it.
    """

    name: str
    shares: tuple[tuple[bool | int | str, float], ...] = ()
    low: int = 0
    high: int = 0
    in_days: bool = False
    missing_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class PeopleModel:
    """How synthetic customers are made up and how they behave; rates are 0..1.

    Attributes:
        habits: by every channel a campaign's message may take.
        preferred: share of customers who ask for one of them, or "none".
        opt_out_own_words_rate: share of those who opt out that answer in words of their own instead of "STOP".
        opt_out_wordings: those words, each as likely as the next.
        time_zones: share of customers by their IANA zone; empty where all live in the calendar's.
        breach_opt_out_rate: opt-outs per message that broke a contact rule, instead of `opt_out_rate`.
        page_asks_rate: share on an action page who want to ask a person first, whatever else they want.
        facts: what else the core knows of accounts in this workflow.
        first_day: from which the days of facts that are dates are counted.
        form_errors_rate: share of forms that are handed in with something wrong.
        facts_pass_rate: share who know the facts asked in a message, at the first try.
        facts_retry_pass_rate: share of the others who know them at the second.
        facts_entry_s_median: seconds to answer them.
        given: customers of a case file, whose facts stand in place of drawn ones; None for synthetic customers.
    """

    response_rate: float
    response_decay: float
    response_delay_min_median: float
    response_delay_sigma: float
    opt_out_rate: float
    breach_opt_out_rate: float
    wishes: tuple[tuple[str, float], ...]
    second_wish_rate: float
    habits: dict[Channel, ChannelHabits]
    preferred: tuple[tuple[str, float], ...]
    vulnerable_rate: float
    closed_account_rate: float
    already_disputed_rate: float
    payment_accepted_rate: float
    promise_kept_rate: float
    broken_promises: tuple[tuple[int, float], ...]
    arrears_bands: tuple[tuple[str, float], ...]
    balance_minor_median: float
    balance_sigma: float
    overdue_share_per_month: float
    code_starts_rate: float
    code_correct_rate: float
    code_tries_max: int
    code_entry_s_median: float
    code_entry_sigma: float
    code_patience_s_mean: float
    login_forgotten_rate: float
    login_reset_done_rate: float
    login_drop_rate: float
    login_s_median: float
    login_reset_min_median: float
    known_facts_pass_rate: float
    page_s_median: float
    page_sigma: float
    page_drop_rate: float
    page_asks_rate: float = 0.0
    facts: tuple[FactModel, ...] = ()
    first_day: date = date(1970, 1, 1)
    form_errors_rate: float = 0.0
    facts_pass_rate: float = 0.90
    facts_retry_pass_rate: float = 0.50
    facts_entry_s_median: float = 35.0
    opt_out_own_words_rate: float = 0.0
    opt_out_wordings: tuple[str, ...] = ()
    time_zones: tuple[tuple[str, float], ...] = ()
    given: GivenPeople | None = None


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """Agents who take the same kinds of call.

    Attributes:
        share: of the agents on duty, 0..1.
        takes: intents they answer.
    """

    share: float
    takes: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallCentreModel:
    """Agents, callers and other traffic.

    Attributes:
        agents: effective agents per half hour from opening; a fraction is one more agent on that share of days.
        other_calls_per_day: calls that have nothing to do with the campaign.
        other_weights: their share per half hour (normalised).
        day_multiplier_cv: spread of the day-level multiplier on other traffic (gamma, mean 1).
        patience_s_mean: exponential, by caller, "campaign" and "other", or by the intent of a campaign call; an
            intent without one has that of "campaign".
        handling_s_mean, handling_cv: talk time by intent; lognormal.
        after_call_s_mean: after-call work, lognormal with CV 1.
        next_day_rate: by caller, share of those who gave up for the day and call again on the next working day.
        weekday_factors: level of other traffic from Monday to Friday (mean 1); empty where days are alike.
        talk_shapes: talk time of intents for which it is not lognormal.
        patience_shapes: patience, keyed as patience_s_mean, where it is not exponential.
        skills: groups of agents; empty where every agent takes every call.
        priority: by intent, higher first; an intent without one has 0.
    """

    agents: tuple[float, ...]
    other_calls_per_day: float
    other_weights: tuple[float, ...]
    day_multiplier_cv: float
    patience_s_mean: Mapping[str, float]
    balk_rate: float
    redial_rate: Mapping[str, float]
    redial_delay_min_median: float
    redial_delay_sigma: float
    redials_max: int
    handling_s_mean: Mapping[str, float]
    handling_cv: Mapping[str, float]
    after_call_s_mean: float
    next_day_rate: Mapping[str, float] = field(default_factory=dict)
    weekday_factors: tuple[float, ...] = ()
    talk_shapes: Mapping[str, TalkTime] = field(default_factory=dict)
    patience_shapes: Mapping[str, Patience] = field(default_factory=dict)
    skills: tuple[SkillGroup, ...] = ()
    priority: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackOfficeModel:
    """Manual work behind the customer's back; hours are working hours, rates 0..1.

    Attributes:
        clerks, touch_min_mean: who reads notes, and clerk time per note; lognormal with CV 1.
        wait_h_median, wait_sigma: from leaving a note to its joining the line; lognormal.
        lost_rate: notes that are lost or cannot be read.
        rekeying_clerks, rekey_min_mean: who keys items into the core, and clerk time per keying; lognormal with CV 1.
        error_rate, error_found_rate: items keyed wrongly, and those of them that reconciliation finds.
        chase_after_h, chase_rate: share of customers who call when an item is not recorded after so long.
        surfaces_rate, surfaces_d_median, surfaces_sigma: share of lost and wrong items the customer learns of, and
            after how many days; lognormal.
    """

    clerks: int
    wait_h_median: float
    wait_sigma: float
    touch_min_mean: float
    lost_rate: float
    rekeying_clerks: int
    rekey_min_mean: float
    error_rate: float
    error_found_rate: float
    chase_after_h: float
    chase_rate: float
    surfaces_rate: float
    surfaces_d_median: float
    surfaces_sigma: float
