"""The synthetic customers."""

from __future__ import annotations

from sandbox.model import Channel
from sandbox.simulation.given import GivenPeople
from sandbox.simulation.settings import ChannelHabits, FactModel, PeopleModel
from scenarios.blocks.account_facts import FactSpread
from scenarios.wiring.plan import calendar_of
from scenarios.world.document import ScenarioDocument


def people_of(document: ScenarioDocument, given: GivenPeople | None = None) -> PeopleModel:
    """The customers: synthetic, or those of a case file."""
    who, proof = document.customers, document.identity
    written = who.channel_response
    return PeopleModel(
        response_rate=who.response_rate,
        response_decay=who.response_decay,
        response_delay_min_median=who.response_delay_min_median,
        response_delay_sigma=who.response_delay_sigma,
        opt_out_rate=document.outreach.opt_out_rate,
        breach_opt_out_rate=who.breach_opt_out_rate,
        opt_out_own_words_rate=document.outreach.opt_out_own_words_rate,
        opt_out_wordings=document.outreach.opt_out_wordings,
        time_zones=_zones(document, given),
        wishes=tuple(who.wishes.items()),
        second_wish_rate=who.second_wish_rate,
        habits={
            Channel.SMS: ChannelHabits(who.consent_sms_rate),
            Channel.WHATSAPP: ChannelHabits(
                who.whatsapp_opt_in_rate, written.whatsapp.rate_factor, written.whatsapp.delay_factor
            ),
            Channel.EMAIL: ChannelHabits(
                who.email_on_file_rate, written.email.rate_factor, written.email.delay_factor
            ),
        },
        preferred=tuple(who.preferred_channel.items()),
        vulnerable_rate=who.vulnerable_rate,
        closed_account_rate=who.closed_account_rate,
        already_disputed_rate=who.already_disputed_rate,
        payment_accepted_rate=who.payment_accepted_rate,
        promise_kept_rate=who.promise_kept_rate,
        broken_promises=tuple((int(number), share) for number, share in who.broken_promises.items()),
        arrears_bands=tuple(who.arrears_bands.items()),
        balance_minor_median=who.balance_minor_median,
        balance_sigma=who.balance_sigma,
        overdue_share_per_month=who.overdue_share_per_month,
        code_starts_rate=proof.code_starts_rate,
        code_correct_rate=proof.code_correct_rate,
        code_tries_max=proof.code_tries_max,
        code_entry_s_median=proof.code_entry_s_median,
        code_entry_sigma=proof.code_entry_sigma,
        code_patience_s_mean=proof.code_patience_s_mean,
        login_forgotten_rate=proof.login_forgotten_rate,
        login_reset_done_rate=proof.login_reset_done_rate,
        login_drop_rate=proof.login_drop_rate,
        login_s_median=proof.login_s_median,
        login_reset_min_median=proof.login_reset_min_median,
        known_facts_pass_rate=proof.known_facts_pass_rate,
        facts_pass_rate=proof.facts_pass_rate,
        facts_retry_pass_rate=proof.facts_retry_pass_rate,
        facts_entry_s_median=proof.facts_entry_s_median,
        page_s_median=proof.page_s_median,
        page_sigma=proof.page_sigma,
        page_drop_rate=proof.page_drop_rate,
        facts=_facts(document, given),
        first_day=calendar_of(document).start,
        form_errors_rate=who.form_errors_rate,
        given=given,
    )


def _zones(document: ScenarioDocument, given: GivenPeople | None) -> tuple[tuple[str, float], ...]:
    """Where customers live; of a case file only the zones are used, who lives where is told row by row."""
    if given is not None and given.zones:
        return tuple((zone, 1.0 / len(given.zones)) for zone in given.zones)
    return tuple((document.customers.time_zones or {}).items())


def _facts(document: ScenarioDocument, given: GivenPeople | None) -> tuple[FactModel, ...]:
    """Facts of the workflow: those the scenario spreads, and those only a case file has."""
    spread = document.customers.facts
    own = [name for name in given.facts if name not in spread] if given is not None else []
    return (*(_fact(name, one) for name, one in spread.items()), *map(FactModel, own))


def _fact(name: str, spread: FactSpread) -> FactModel:
    """One fact of the workflow: shares, a range of numbers, or a range of days."""
    in_days = spread.least_days is not None
    low, high = spread.day_bounds if in_days else spread.bounds
    return FactModel(name, spread.values, low or 0, high or 0, in_days, spread.missing_rate)
