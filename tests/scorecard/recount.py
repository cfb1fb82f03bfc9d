"""The scorecard counted again, by hand: every case's story is told first, then each definition is read off it.

Nothing is shared with the product's own fold but the facts and the calendar: no marks, no columns, no running
counts. Written from the definitions in metrics.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sandbox import facts
from sandbox.scorecard.outcome import Prices
from sandbox.scorecard.tally import Layout

Series = tuple[list[int], list[int]]
Said = Callable[["Story"], bool]


@dataclass
class Visit:
    """One engagement and the campaign calls that came of it."""

    offered: list[Any] = field(default_factory=list)
    answered: bool = False


@dataclass
class Story:
    """Everything that happened to one case, in order."""

    case_id: int
    told: list[Any] = field(default_factory=list)

    def all(self, kind: type) -> list[Any]:
        """Facts of a kind."""
        return [fact for fact in self.told if type(fact) is kind]

    def has(self, kind: type) -> bool:
        """Whether this kind ever happened."""
        return bool(self.all(kind))

    def before_record(self, kind: type) -> bool:
        """Whether this kind happened before the outcome stood in the core (or ever, when it never did)."""
        for fact in self.told:
            if type(fact) is facts.Recorded:
                return False
            if type(fact) is kind:
                return True
        return False

    @property
    def triggered(self) -> bool:
        """Policy let it in."""
        return self.has(facts.Triggered)

    @property
    def engaged(self) -> bool:
        """Clicked or called."""
        return self.has(facts.Engaged)

    @property
    def recorded(self) -> bool:
        """The outcome stands in the core."""
        return self.has(facts.Recorded)

    @property
    def acted(self) -> bool:
        """The customer's part is done and the core has not refused it; what is recorded was acted on."""
        turns = [fact for fact in self.told if type(fact) in (facts.ActionCompleted, facts.PostingRefused)]
        return self.recorded or (bool(turns) and type(turns[-1]) is facts.ActionCompleted)

    @property
    def on_its_way(self) -> bool:
        """Acted, and the core does not say so yet."""
        return self.acted and not self.recorded

    @property
    def manual(self) -> bool:
        """A person posted it."""
        return any(fact.manual for fact in self.all(facts.Recorded))

    @property
    def by_a_person(self) -> bool:
        """An agent or the back office touched it before it was recorded, or a person posted it."""
        touched = self.before_record(facts.CallAnswered) or self.before_record(facts.BackOfficeDone)
        return touched or self.manual

    @property
    def untouched(self) -> bool:
        """Recorded without any person's work."""
        return self.recorded and not self.by_a_person

    @property
    def routine(self) -> bool:
        """Neither the customer nor what they chose last is judgement work."""
        chosen = self.all(facts.Chosen)
        vulnerable = any(fact.vulnerable for fact in self.all(facts.Triggered))
        return not vulnerable and (not chosen or chosen[-1].routine)

    @property
    def first_try(self) -> bool:
        """One core call, no person."""
        return any(fact.attempts == 1 and not fact.manual for fact in self.all(facts.Recorded))

    def visits(self) -> list[Visit]:
        """The engagements of this case with their calls."""
        found: list[Visit] = []
        for fact in self.told:
            if type(fact) is facts.Engaged:
                found.append(Visit())
            elif type(fact) is facts.CallOffered:
                found[-1].offered.append(fact)
            elif type(fact) is facts.CallAnswered:
                found[-1].answered = True
        return found


class Recount:
    """All stories of a run, and the metrics read off them."""

    def __init__(self, happened: Iterable[Any], layout: Layout, staffed: Sequence[int]) -> None:
        """Sort the facts into stories."""
        self.facts = list(happened)
        self.layout = layout
        self.staffed = staffed
        self.stories = [Story(case) for case in range(layout.cases)]
        for fact in self.facts:
            if fact.case_id >= 0:
                self.stories[fact.case_id].told.append(fact)

    # -- cases, per cohort day

    def cohort(self, case_id: int) -> int:
        """The cohort day of a case."""
        return case_id * self.layout.cohort_days // self.layout.cases

    def cases(self, *said: Said) -> list[int]:
        """Cases of which all is true, per cohort day."""
        found = [0] * self.layout.cohort_days
        for story in self.stories:
            if all(one(story) for one in said):
                found[self.cohort(story.case_id)] += 1
        return found

    def case_ratios(self) -> dict[str, Series]:
        """Every ratio whose base is cases."""
        cases, story = self.cases, Story
        triggered, engaged = cases(_said("triggered")), cases(_said("engaged"))
        recorded, acted = cases(_said("recorded")), cases(_said("acted"))
        in_message = cases(_said("recorded"), lambda one: not one.before_record(facts.ChannelChanged))
        untouched = cases(_said("untouched"))
        return {
            "completion_rate": (recorded, triggered),
            "completion_of_engaged_rate": (cases(_said("recorded"), _said("engaged")), engaged),
            "completion_in_message_rate": (in_message, triggered),
            "engagement_rate": (engaged, triggered),
            "writeback_success_rate": (recorded, acted),
            "writeback_first_try_rate": (cases(_said("first_try")), acted),
            "deflection_rate": (
                cases(_said("untouched"), _said("routine")),
                cases(_said("recorded"), _said("routine")),
            ),
            "exception_rate": (cases(lambda one: story.has(one, facts.ExceptionRaised)), engaged),
            "completion_gap": ([a - b for a, b in zip(acted, untouched, strict=True)], engaged),
            "bucket_completed_untouched": (untouched, engaged),
            "bucket_completed_after_handling": (cases(_said("recorded"), _said("by_a_person")), engaged),
            "bucket_unresolved": (cases(_said("engaged"), lambda one: not one.recorded), engaged),
            "touches_per_completion": (self.sums(facts.Sent, lambda _: 1), recorded),
        }

    def sums(self, kind: type, amount: Callable[[Any], int]) -> list[int]:
        """A sum over the facts of the campaign's cases, per cohort day."""
        found = [0] * self.layout.cohort_days
        for fact in self.facts:
            if type(fact) is kind and fact.case_id >= 0:
                found[self.cohort(fact.case_id)] += amount(fact)
        return found

    def cost(self, prices: Prices) -> list[Fraction]:
        """What the campaign consumed, in exact currency, per cohort day."""
        per_message = {
            "sms": prices.message,
            "whatsapp": prices.whatsapp,
            "email": prices.email,
        }
        parts = (
            *((self._charged(name), Fraction(price)) for name, price in per_message.items()),
            (self.sums(facts.LetterSent, lambda _: 1), Fraction(prices.letter)),
            (self.sums(facts.ServiceMessageSent, lambda _: 1), Fraction(prices.code)),
            (self.sums(facts.Engaged, lambda fact: fact.via == "click"), Fraction(prices.session)),
            (
                self.sums(facts.CallHandled, lambda fact: fact.talk_ms + fact.after_call_ms),
                Fraction(prices.agent_hour) / 3_600_000,
            ),
            (self.sums(facts.BackOfficeDone, lambda _: 1), Fraction(prices.back_office_item)),
        )
        return [sum(units[day] * price for units, price in parts) for day in range(self.layout.cohort_days)]

    def _charged(self, channel: str) -> list[int]:
        """Touches by one channel that the provider charges for."""
        return self.sums(facts.Sent, lambda fact: fact.channel == channel and fact.charged)

    def resolved_ms(self) -> list[int]:
        """Trigger to record, in order."""
        return sorted(
            story.all(facts.Recorded)[0].at_ms - story.all(facts.Triggered)[0].at_ms
            for story in self.stories
            if story.recorded
        )

    def censored_ms(self) -> list[int]:
        """Trigger to the end of observation of what is still on its way, in order."""
        return sorted(
            self.layout.end_ms - story.all(facts.Triggered)[0].at_ms
            for story in self.stories
            if story.on_its_way
        )

    def funnel(self) -> dict[str, int]:
        """Triggered cases that came so far."""
        delivered = {
            fact.case_id
            for fact in self.facts
            if type(fact) is facts.ReceiptReceived and fact.status == "delivered"
        }
        stages: dict[str, Said] = {
            "triggered": _said("triggered"),
            "messaged": lambda one: one.has(facts.Sent) or one.has(facts.LetterSent),
            "delivered": lambda one: one.case_id in delivered,
            "engaged": _said("engaged"),
            "identified": lambda one: one.has(facts.IdentityProven),
            "acted": _said("acted"),
            "recorded": _said("recorded"),
        }
        return {stage: sum(self.cases(_said("triggered"), said)) for stage, said in stages.items()}

    # -- calls, per campaign day

    def day(self, at_ms: int) -> int:
        """The campaign day of a moment, or -1."""
        days = [day for day, opens in enumerate(self.layout.opens_ms) if opens <= at_ms]
        return days[-1] if days and days[-1] < self.layout.campaign_days else -1

    def slot(self, at_ms: int) -> int:
        """The half hour of a moment; what comes after closing belongs to the last."""
        since = at_ms - self.layout.opens_ms[self.day(at_ms)]
        return min(since // self.layout.slot_ms, self.layout.slots - 1)

    def calls(self, kind: type, moment: str, amount: Callable[[Any], int] = lambda _: 1) -> list[int]:
        """A sum over call facts, per campaign day of one of their times."""
        found = [0] * self.layout.campaign_days
        for fact in self.facts:
            if type(fact) is kind and (day := self.day(getattr(fact, moment))) >= 0:
                found[day] += amount(fact)
        return found

    def call_ratios(self) -> dict[str, Series]:
        """Every ratio whose base is calls or agent time."""
        ended = (facts.CallAnswered, facts.CallAbandoned)
        busy = self.layout.busy_slots

        def waits(amount: Callable[[Any], int]) -> list[int]:
            each = [self.calls(kind, "offered_at_ms", amount) for kind in ended]
            return [sum(pair) for pair in zip(*each, strict=True)]

        offered = self.calls(facts.CallOffered, "at_ms")
        answered = self.calls(facts.CallAnswered, "offered_at_ms")
        campaign = self.calls(facts.CallOffered, "at_ms", lambda fact: fact.campaign)
        called, unanswered = self._callers()
        return {
            "call_abandonment_rate": (self.calls(facts.CallAbandoned, "offered_at_ms"), offered),
            "campaign_abandonment_rate": (
                self.calls(facts.CallAbandoned, "offered_at_ms", lambda fact: fact.campaign),
                campaign,
            ),
            "caller_abandonment_rate": (unanswered, called),
            "call_wait_busy_s": (
                waits(lambda fact: fact.wait_ms if self.slot(fact.offered_at_ms) in busy else 0),
                self.calls(facts.CallOffered, "at_ms", lambda fact: self.slot(fact.at_ms) in busy),
            ),
            "call_wait_answered_s": (
                self.calls(facts.CallAnswered, "offered_at_ms", lambda fact: fact.wait_ms),
                answered,
            ),
            "call_wait_all_s": (waits(lambda fact: fact.wait_ms), offered),
            "agent_occupancy": (self._busy_ms(), self._staffed_ms()),
        }

    def _callers(self) -> Series:
        """Visits whose customer reached the lines, and those of them that no agent answered, per day."""
        called, unanswered = [0] * self.layout.campaign_days, [0] * self.layout.campaign_days
        for story in self.stories:
            for visit in story.visits():
                if visit.offered and (day := self.day(visit.offered[0].at_ms)) >= 0:
                    called[day] += 1
                    unanswered[day] += not visit.answered
        return called, unanswered

    def _busy_ms(self) -> list[int]:
        found = [0] * self.layout.campaign_days
        for fact in self.facts:
            if type(fact) is facts.CallHandled:
                spent = fact.talk_ms + fact.after_call_ms
                if (day := self.day(fact.at_ms - spent)) >= 0:
                    found[day] += spent
        return found

    def _staffed_ms(self) -> list[int]:
        slots = self.layout.slots
        days = range(self.layout.campaign_days)
        return [sum(self.staffed[day * slots : (day + 1) * slots]) * self.layout.slot_ms for day in days]

    # -- half hours

    def areas(self, stretches: Iterable[tuple[int, int]]) -> list[int]:
        """Time that stretches (start, length) spend in each (day, half hour) of the campaign, flat."""
        layout, found = self.layout, [0] * (self.layout.campaign_days * self.layout.slots)
        for start, length in stretches:
            day = self.day(start)
            if day < 0:
                continue
            for slot in range(layout.slots):
                begins = layout.opens_ms[day] + slot * layout.slot_ms
                ends = begins + layout.slot_ms if slot < layout.slots - 1 else start + length
                inside = min(start + length, ends) - max(start, begins)
                found[day * layout.slots + slot] += max(inside, 0)
        return found

    def waiting(self) -> list[tuple[int, int]]:
        """Every wait as (start, length)."""
        ended = (facts.CallAnswered, facts.CallAbandoned)
        return [(fact.offered_at_ms, fact.wait_ms) for fact in self.facts if type(fact) in ended]

    def working(self) -> list[tuple[int, int]]:
        """Every call and its after-call work as (start, length)."""
        handled = [fact for fact in self.facts if type(fact) is facts.CallHandled]
        spent = [(fact, fact.talk_ms + fact.after_call_ms) for fact in handled]
        return [(fact.at_ms - length, length) for fact, length in spent]


def _said(name: str) -> Said:
    return lambda story: bool(getattr(story, name))
