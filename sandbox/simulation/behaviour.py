"""What synthetic customers do when the real flow asks them something.

Every answer is a pure function of (seed, question, case, touch, attempt): the same person does the same in every
design. Levels and their sources stand in the scenario file; nothing here is a constant of human nature.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sandbox.draws import CHUNK, CHUNK_BITS, IN_CHUNK, Draws
from sandbox.effects import BotTalk, InstallOffer
from sandbox.errors import RuleBroken
from sandbox.journey.filling import FORM_TRIES
from sandbox.model import LEDGER_EFFECTS, TOUCHES_MAX, AccountFacts, Channel, Choice, LedgerEffect, record_of
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Offer
from sandbox.policy.inputs import FormPage
from sandbox.simulation.distributions import exponential_ms, lognormal_ms, lognormals_ms, picks
from sandbox.simulation.form_filling import filled_in, wrongly_filled_in
from sandbox.simulation.settings import CallCentreModel, PeopleModel

_PAYMENT, _PROMISE = LedgerEffect.PAYMENT.value, LedgerEffect.PROMISE.value
_DISPUTE, _CHANGE = LedgerEffect.DISPUTE.value, LedgerEffect.CHANGE.value

ATTEMPTS = 64
"""Attempts of one question that stay apart within one touch."""

CONSENT_DRAWS = {
    Channel.SMS: "consent",
    Channel.WHATSAPP: "consent_whatsapp",
    Channel.EMAIL: "consent_email",
}
"""The draw that says whether a customer consents to a channel: outreach and the provider must see the same."""

_SMS_ALONE = (Channel.SMS,)

CODE_ASKED_AGAIN_RATE = 0.37
"""Customers who ask for another code when none came; a vendor's own data, January 2026."""

_CALL_BACK_S_MEDIAN = 30.0
_SHORTEST_PROMISE_DAYS = 3

_LEAVES, _WRONG, _RIGHT = range(3)
"""What comes of entering a code."""

_NO_ACTION = frozenset({"dropped", "person", "nothing"})
"""What a customer may do at a page instead of choosing an action."""

Reply = tuple[Any, int]
"""What the customer does and how long it takes, in milliseconds."""


class Behaviour:
    """Answers the questions of a visit for synthetic customers."""

    def __init__(
        self, people: PeopleModel, centre: CallCentreModel, draws: Draws, policy: Policy | None = None
    ) -> None:
        """Bind the model, the seed and the policy whose actions customers want; without one, those a core knows."""
        self._effects = LEDGER_EFFECTS if policy is None else policy.effects
        judged = {"dispute"} if policy is None else policy.judgement
        self._judgement = frozenset({"person", *judged})
        self._asked_for = _asked_for(self._effects)
        self._people = people
        self._centre = centre
        self._draws = draws
        # What nearly every visit asks of customers: answered in columns, not one by one.
        self._entries = draws.kept(self._entry_column)
        self._page_times_ms = draws.kept(self._page_column)
        self._page_wishes = draws.kept(self._page_wish_column)
        self._wishes = draws.kept(self._wish_column)
        self._wished = tuple(str(wish) for wish, _ in people.wishes)
        self._at_page = (*self._wished, "person", "dropped")
        self._response_rates = [
            people.response_rate * people.response_decay ** max(touch - 1, 0)
            for touch in range(TOUCHES_MAX + 1)
        ]
        self._answers: dict[str, Callable[[int, int, Any], Reply]] = {
            "enter_code": self._enter_code,
            "answer_facts": self._answer_facts,
            "code_missing": self._code_missing,
            "log_in": self._log_in,
            "reset_password": self._reset_password,
            "install_app": self._install_app,
            "talk_to_bot": self._talk_to_bot,
            "choose": self._choose,
            "fill_form": self._fill_form,
            "take_call": self._take_call,
            "redial": self._redial,
            "submit_again": self._submit_again,
            "ask_proof": self._ask_proof,
            "answer_agent": self._answer_agent,
            "tell_agent": self._tell_agent,
        }

    def answer(self, question: str, case_id: int, touch: int, attempt: int, detail: Any) -> Reply:
        """Return what the customer does and how long it takes."""
        if attempt >= ATTEMPTS:
            message = f"question {question!r} asked {attempt} times in one visit"
            raise RuleBroken(message)
        return self._answers[question](case_id, touch * ATTEMPTS + attempt, detail)

    def response_delay_ms(self, case_id: int, touch: int, factor: float = 1.0) -> int:
        """Milliseconds from seeing a touch to acting on it, for those who act; `factor` is the channel's."""
        people = self._people
        delay_z = self._draws.normal("response_delay", touch, case_id)
        median_s = people.response_delay_min_median * 60.0 * factor
        return lognormal_ms(delay_z, median_s, people.response_delay_sigma)

    def delay_factor(self, channel: Channel) -> float:
        """How long customers take from seeing a message of a channel to acting on it, times that of an SMS."""
        return self._people.habits[channel].delay_factor

    def responding(
        self, first: int, count: int, touch: int, channels: tuple[Channel, ...] = _SMS_ALONE
    ) -> list[int]:
        """By which of the channels each of `count` customers from `first` on acts on a touch they see.

        One bit per channel, the first channel's the lowest. One draw decides for all channels: who acts on a channel
        with a lower rate acts on one with a higher rate too.
        """
        rate = self._response_rates[touch]
        rates = [rate * self._people.habits[channel].response_factor for channel in channels]
        return self._bits([("responds", touch, one) for one in rates], first, count)

    def opting_out(self, first: int, count: int, touch: int) -> list[bool]:
        """Which of `count` customers from `first` on answer STOP to a touch."""
        return self._below("opts_out", touch, first, count, self._people.opt_out_rate)

    def stops_when_breached(self, case_id: int, touch: int) -> bool:
        """Whether a customer answers STOP to a touch that broke a contact rule; the same luck as for any other."""
        return self._draws.uniform("opts_out", touch, case_id) < self._people.breach_opt_out_rate

    def opt_out_words(self, case_id: int, touch: int) -> str:
        """What a customer writes who asks not to be messaged: "STOP", or words of their own."""
        people, draws = self._people, self._draws
        own = people.opt_out_own_words_rate
        if own and draws.uniform("opt_out_own_words", touch, case_id) < own:
            place = draws.uniform("opt_out_wording", touch, case_id) * len(people.opt_out_wordings)
            return people.opt_out_wordings[int(place)]
        return "STOP"

    @property
    def zones(self) -> tuple[str, ...]:
        """The time zones customers live in, in the order `living_in` counts them; empty for the calendar's."""
        return tuple(zone for zone, _ in self._people.time_zones)

    def living_in(self, first: int, count: int) -> list[int]:
        """In which of the zones each of `count` customers from `first` on lives, by its place from 0."""
        given = self._people.given
        if given is not None and given.zones:
            return given.living_in(first, count)
        edges = np.cumsum([share for _, share in self._people.time_zones])[:-1]
        drawn = self._draws.uniforms("time_zone", 0, first, count)
        places: list[int] = np.searchsorted(edges, drawn, side="right").tolist()
        return places

    def consenting(self, first: int, count: int, channels: tuple[Channel, ...] = _SMS_ALONE) -> list[int]:
        """To which of the channels each of `count` customers from `first` on consents; bits as in `responding`."""
        habits = self._people.habits
        asked = [(CONSENT_DRAWS[channel], 0, habits[channel].consent_rate) for channel in channels]
        bits = self._bits(asked, first, count)
        given = self._people.given
        return bits if given is None else given.consenting(bits, first, channels)

    def preferring(self, first: int, count: int, channels: tuple[Channel, ...]) -> list[int]:
        """Which of the channels each of `count` customers from `first` on asked for: its place from 1, else 0."""
        given = self._people.given
        if given is not None and given.preferred:
            return given.preferring(first, count, channels)
        names, shares = zip(*self._people.preferred, strict=True)
        places = [channels.index(Channel(name)) + 1 if name in channels else 0 for name in names]
        drawn = self._draws.uniforms("preferred_channel", 0, first, count)
        return [places[at] for at in np.searchsorted(np.cumsum(shares)[:-1], drawn, side="right")]

    def _bits(self, asked: Sequence[tuple[str, int, float]], first: int, count: int) -> list[int]:
        """One bit per (purpose, attempt, rate), the first the lowest: whether the draw lies below the rate."""
        bits = np.zeros(count, dtype=np.int64)
        for place, (purpose, attempt, rate) in enumerate(asked):
            bits |= (self._draws.uniforms(purpose, attempt, first, count) < rate).astype(np.int64) << place
        found: list[int] = bits.tolist()
        return found

    def _below(self, purpose: str, attempt: int, first: int, count: int, rate: float) -> list[bool]:
        flags: list[bool] = (self._draws.uniforms(purpose, attempt, first, count) < rate).tolist()
        return flags

    def wish(self, case_id: int) -> str:
        """What the customer would do if nothing stood in the way."""
        return self._wished[self._wishes("wish", 0, case_id >> CHUNK_BITS)[case_id & IN_CHUNK]]

    def _wish_column(self, purpose: str, key: int, chunk: int) -> array[int]:
        return picks(self._draws.uniforms(purpose, key, chunk * CHUNK, CHUNK), self._people.wishes)

    def wants_judgement(self, case_id: int) -> bool:
        """Whether what the customer wants is a person's work, as policy sees it."""
        return self.wish(case_id) in self._judgement

    def _page_ms(self, case_id: int, key: int, purpose: str) -> int:
        return self._page_times_ms(purpose, key, case_id >> CHUNK_BITS)[case_id & IN_CHUNK]

    def _page_column(self, purpose: str, key: int, chunk: int) -> array[int]:
        z = self._draws.normals(purpose, key, chunk * CHUNK, CHUNK)
        return lognormals_ms(z, self._people.page_s_median, self._people.page_sigma)

    def _enter_code(self, case_id: int, key: int, digits: Any) -> Reply:
        times_ms, done = self._entries("code_entry", key, case_id >> CHUNK_BITS)
        place = case_id & IN_CHUNK
        took = times_ms[place]
        if done[place] == _RIGHT:
            return digits, took
        if done[place] == _LEAVES:
            return None, took
        return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}", took

    def _entry_column(self, purpose: str, key: int, chunk: int) -> tuple[array[int], bytes]:
        """How long entering a code takes and what comes of it, for a chunk of customers."""
        people, draws, attempt, start = self._people, self._draws, key % ATTEMPTS, chunk * CHUNK
        z = draws.normals(purpose, key, start, CHUNK)
        times_ms = lognormals_ms(z, people.code_entry_s_median, people.code_entry_sigma)
        if attempt >= people.code_tries_max:
            return times_ms, bytes([_LEAVES]) * CHUNK
        right = draws.uniforms("code_correct", key, start, CHUNK) < people.code_correct_rate
        done = np.where(right, _RIGHT, _WRONG).astype(np.uint8)
        if attempt == 0:
            done[draws.uniforms("code_starts", key, start, CHUNK) >= people.code_starts_rate] = _LEAVES
        return times_ms, done.tobytes()

    def _answer_facts(self, case_id: int, key: int, known: Sequence[tuple[str, str]]) -> Reply:
        """Who knows the facts says them; who does not, says one of them wrong. Nobody tries more than twice."""
        people, draws, attempt = self._people, self._draws, key % ATTEMPTS
        z = draws.normal("facts_entry", key, case_id)
        took = lognormal_ms(z, people.facts_entry_s_median, people.code_entry_sigma)
        leaves = attempt > 1 or draws.uniform("facts_leave", key, case_id) < people.page_drop_rate
        if leaves:
            return None, took
        rate = people.facts_retry_pass_rate if attempt else people.facts_pass_rate
        if draws.uniform("facts_known", key, case_id) < rate:
            return tuple(known), took
        (name, _), *rest = known
        return ((name, "?"), *rest), took

    def _code_missing(self, case_id: int, key: int, _detail: Any) -> Reply:
        waited = exponential_ms(
            self._draws.uniform("code_patience", key, case_id), self._people.code_patience_s_mean
        )
        asks_again = self._draws.uniform("code_again", key, case_id) < CODE_ASKED_AGAIN_RATE
        return ("" if asks_again else None), waited

    def _log_in(self, case_id: int, key: int, _detail: Any) -> Reply:
        people = self._people
        took = lognormal_ms(
            self._draws.normal("login_time", key, case_id), people.login_s_median, people.page_sigma
        )
        u = self._draws.uniform("login", key, case_id)
        if u < people.login_drop_rate:
            return "left", took
        forgot = u < people.login_drop_rate + people.login_forgotten_rate
        return ("forgot" if forgot else "in"), took

    def _reset_password(self, case_id: int, key: int, _detail: Any) -> Reply:
        people = self._people
        z = self._draws.normal("reset_time", key, case_id)
        took = lognormal_ms(z, people.login_reset_min_median * 60.0, people.page_sigma)
        return self._draws.uniform("reset", key, case_id) < people.login_reset_done_rate, took

    def _install_app(self, case_id: int, key: int, offer: InstallOffer) -> Reply:
        u = self._draws.uniform("install", key, case_id)
        if u >= offer.taps_install_rate:
            return False, self._page_ms(case_id, key, "store_page_time")
        z = self._draws.normal("install_time", key, case_id)
        took = lognormal_ms(z, offer.install_min_median * 60.0, self._people.page_sigma)
        return u < offer.taps_install_rate * offer.finishes_rate, took

    def _talk_to_bot(self, case_id: int, key: int, talk: BotTalk) -> Reply:
        z = self._draws.normal("bot_time", key, case_id)
        took = lognormal_ms(z, talk.talk_min_median * 60.0, self._people.page_sigma)
        if self._draws.uniform("bot_leave", key, case_id) < talk.leaves_rate:
            return "dropped", took
        wish = self.wish(case_id)
        if wish == "nothing":
            return wish, took
        understood = self._draws.uniform("bot_understands", key, case_id) < talk.understands_rate
        return ("understood" if understood and wish != "person" else "escalated"), took

    def _choose(self, case_id: int, key: int, offers: Sequence[Offer]) -> Reply:
        times_ms, wishes = self._page_wishes("choose_time", key, case_id >> CHUNK_BITS)
        place = case_id & IN_CHUNK
        wish, took = self._at_page[wishes[place]], times_ms[place]
        if wish in _NO_ACTION:
            return wish, took
        for offer in offers:
            if offer.action == wish:
                return self._fill_in(case_id, offer), took
        others = [offer for offer in offers if offer.effect != _DISPUTE and offer.routine]
        takes_other = self._draws.uniform("second_wish", 0, case_id) < self._people.second_wish_rate
        if others and takes_other and wish not in self._judgement:
            return self._fill_in(case_id, others[0]), took
        return "nothing", took

    def _page_wish_column(self, purpose: str, key: int, chunk: int) -> tuple[array[int], bytes]:
        """How long a chunk of customers looks at the actions offered, and what each then does, by its place."""
        people, draws, start, wished = self._people, self._draws, chunk * CHUNK, len(self._wished)
        wishes = np.array(self._wishes("wish", 0, chunk))
        if people.page_asks_rate:
            wishes[draws.uniforms("page_asks", 0, start, CHUNK) < people.page_asks_rate] = wished
        wishes[draws.uniforms("page_drop", key, start, CHUNK) < people.page_drop_rate] = wished + 1
        return self._page_column(purpose, key, chunk), wishes.tobytes()

    def _fill_in(self, case_id: int, offer: Offer) -> Choice:
        """What is asked for, as to an agent: the same customer pays or promises the same sum in every design."""
        if offer.effect != _PROMISE:
            return record_of(Choice, (offer.action, offer.asked_minor, 0, ""))
        span = offer.due_days_max - offer.due_days_min
        due = offer.due_days_min + round(self._draws.uniform("promise_day", 0, case_id) * span)
        return record_of(Choice, (offer.action, offer.asked_minor, due, ""))

    def _fill_form(self, case_id: int, key: int, page: FormPage) -> Reply:
        """What the customer puts into a form, the same in every design; sometimes wrongly, and then some give up."""
        took = self._page_ms(case_id, key, "form_time")
        wrong = self._people.form_errors_rate
        if not wrong:
            return filled_in(page, self._draws, case_id), took
        again = key % ATTEMPTS % FORM_TRIES > 0  # what was wrong is known now; some have had enough
        if again and self._draws.uniform("form_leaves", key, case_id) < self._people.page_drop_rate:
            return None, took
        if self._draws.uniform("form_wrong", key, case_id) < wrong:
            return wrongly_filled_in(page, self._draws, case_id), took
        return filled_in(page, self._draws, case_id), took

    def _take_call(self, case_id: int, key: int, rate: float) -> Reply:
        took = lognormal_ms(self._draws.normal("take_call_time", key, case_id), _CALL_BACK_S_MEDIAN, 1.0)
        return self._draws.uniform("take_call", key, case_id) < rate, took

    def _submit_again(self, case_id: int, key: int, rate: float) -> Reply:
        took = self._page_ms(case_id, key, "submit_again_time")
        return self._draws.uniform("submit_again", key, case_id) < rate, took

    def _ask_proof(self, case_id: int, key: int, rate: float) -> Reply:
        return self._draws.uniform("ask_proof", key, case_id) < rate, 0

    def _redial(self, case_id: int, key: int, _detail: Any) -> Reply:
        centre = self._centre
        if key % ATTEMPTS > centre.redials_max:
            return False, 0
        if self._draws.uniform("redial", key, case_id) >= centre.redial_rate["campaign"]:
            return False, 0
        z = self._draws.normal("redial_delay", key, case_id)
        return True, lognormal_ms(z, centre.redial_delay_min_median * 60.0, centre.redial_delay_sigma)

    def calls_next_day(self, case_id: int, touch: int, attempt: int) -> bool:
        """Whether somebody who gave up for the day after so many calls tries once more on the next working day."""
        rate = self._centre.next_day_rate.get("campaign", 0.0)
        if rate <= 0.0 or attempt > self._centre.redials_max:
            return False
        return self._draws.uniform("redial_next_day", touch * ATTEMPTS + attempt, case_id) < rate

    def _answer_agent(self, case_id: int, key: int, _detail: Any) -> Reply:
        return self._draws.uniform("known_facts", key, case_id) < self._people.known_facts_pass_rate, 0

    def _tell_agent(self, case_id: int, _key: int, account: AccountFacts) -> Reply:
        wish = self.wish(case_id)
        if wish == "nothing":
            return None, 0
        if wish not in self._effects:  # only wanted to talk: what an agent agrees on then
            return self._agreed(case_id, self._asked_for, account), 0
        declined = self._effects[wish] == _PAYMENT and not account.payment_method_ok
        if not declined:
            return self._agreed(case_id, wish, account), 0
        if self._draws.uniform("second_wish", 0, case_id) >= self._people.second_wish_rate:
            return None, 0
        return self._agreed(case_id, self._asked_for, account), 0

    def _agreed(self, case_id: int, action: str, account: AccountFacts) -> Choice | None:
        """What is agreed on the phone for an action; None without one."""
        if not action:
            return None
        effect = self._effects[action]
        if effect == _CHANGE:
            return Choice(action, 0, 0)
        if effect != _PROMISE:
            return Choice(action, account.overdue_minor, 0)
        due = _SHORTEST_PROMISE_DAYS + int(self._draws.uniform("promise_day", 0, case_id) * 12)
        return Choice(action, account.overdue_minor, due)


def _asked_for(effects: Mapping[str, str]) -> str:
    """What an agent agrees on with somebody who has no wish of their own: a promise, else the first change."""
    for wanted in (_PROMISE, _CHANGE):
        for action, effect in effects.items():
            if effect == wanted:
                return action
    return ""
