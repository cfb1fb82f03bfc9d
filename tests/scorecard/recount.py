"""The scorecard counted again, by hand: every case's story is told first, then each definition is read off it.

Nothing is shared with the product's own fold but the facts and the calendar: no marks, no columns, no running
counts. Written from the definitions in metrics.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox import facts
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.outcome import Prices

Series = tuple[list[int], list[int]]
Said = Callable[["Story"], bool]


@dataclass
class Visit:
    """One engagement, or one question about an item, and the campaign calls that came of it."""

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

    @cached_property
    def kinds(self) -> set[type]:
        """Every kind of fact that happened."""
        return {type(fact) for fact in self.told}

    def has(self, kind: type) -> bool:
        """Whether this kind ever happened."""
        return kind in self.kinds

    @cached_property
    def until_record(self) -> list[Any]:
        """What happened before the outcome stood in the core (or at all, when it never did)."""
        for place, fact in enumerate(self.told):
            if type(fact) is facts.Recorded:
                return self.told[:place]
        return self.told

    @cached_property
    def after_record(self) -> list[Any]:
        """What happened after it."""
        return self.told[len(self.until_record) + 1 :]

    def before_record(self, kind: type) -> int:
        """How often this kind happened before the record."""
        return sum(type(fact) is kind for fact in self.until_record)

    @cached_property
    def after_acting(self) -> list[Any]:
        """What happened while the customer's part was done: acted and not refused since, or recorded."""
        found, done, recorded = [], False, False
        for fact in self.told:
            if done or recorded:
                found.append(fact)
            if type(fact) is facts.ActionCompleted:
                done = True
            elif type(fact) is facts.PostingRefused:
                done = False
            elif type(fact) is facts.Recorded:
                recorded = True
        return found

    @property
    def triggered(self) -> bool:
        """Policy let it in."""
        return self.has(facts.Triggered)

    @cached_property
    def band(self) -> str:
        """Its arrears band; empty when policy kept it out."""
        return self.all(facts.Triggered)[0].arrears_band if self.triggered else ""

    @cached_property
    def person_route(self) -> bool:
        """Vulnerable, or without a channel."""
        return self.has(facts.RoutedToPerson) or any(fact.vulnerable for fact in self.all(facts.Triggered))

    @property
    def self_service(self) -> bool:
        """Everybody else."""
        return not self.person_route

    @property
    def engaged(self) -> bool:
        """Clicked or called."""
        return self.has(facts.Engaged)

    @cached_property
    def clicked(self) -> bool:
        """Followed the link."""
        return any(fact.via == "click" for fact in self.all(facts.Engaged))

    @cached_property
    def delivered(self) -> bool:
        """A receipt says so."""
        return any(fact.status == "delivered" for fact in self.all(facts.ReceiptReceived))

    @cached_property
    def opened(self) -> bool:
        """A receipt says so."""
        return any(fact.status == "read" for fact in self.all(facts.ReceiptReceived))

    @property
    def sent(self) -> bool:
        """Got a message."""
        return self.has(facts.Sent)

    @property
    def recorded(self) -> bool:
        """The outcome stands in the core."""
        return self.has(facts.Recorded)

    @cached_property
    def acted(self) -> bool:
        """The customer's part is done and the core has not refused it; what is recorded was acted on."""
        turns = [fact for fact in self.told if type(fact) in (facts.ActionCompleted, facts.PostingRefused)]
        return self.recorded or (bool(turns) and type(turns[-1]) is facts.ActionCompleted)

    @property
    def on_its_way(self) -> bool:
        """Acted, and the core does not say so yet."""
        return self.acted and not self.recorded

    @cached_property
    def by_a_person(self) -> bool:
        """An agent or the back office touched it before it was recorded, or a person posted it."""
        touched = self.before_record(facts.CallAnswered) + self.before_record(facts.BackOfficeDone)
        return bool(touched) or any(fact.manual for fact in self.all(facts.Recorded))

    @property
    def untouched(self) -> bool:
        """Recorded without any person's work."""
        return self.recorded and not self.by_a_person

    @property
    def in_message(self) -> bool:
        """Recorded with no channel change on the way."""
        return self.recorded and not self.before_record(facts.ChannelChanged)

    @property
    def at_first_touch(self) -> bool:
        """Recorded after one message and one visit."""
        return self.recorded and self.before_record(facts.Sent) == self.before_record(facts.Engaged) == 1

    @cached_property
    def judgement(self) -> bool:
        """What they chose last is judgement work."""
        chosen = self.all(facts.Chosen)
        return bool(chosen) and not chosen[-1].routine

    @property
    def needed_an_agent(self) -> bool:
        """Spoke to an agent before the record, on a routine task."""
        return not self.judgement and bool(self.before_record(facts.CallAnswered))

    @property
    def came_back(self) -> bool:
        """Engaged again once their part was done."""
        again = (facts.Engaged, facts.FailureDemand)
        return self.acted and any(type(fact) in again for fact in self.after_acting)

    @property
    def handed_over(self) -> bool:
        """Left the normal path."""
        return self.has(facts.ExceptionRaised)

    @cached_property
    def whole_bundle(self) -> bool:
        """Handed over, each time with everything the agent needs."""
        return self.handed_over and all(fact.bundle_complete for fact in self.all(facts.ExceptionRaised))

    @cached_property
    def first_try(self) -> bool:
        """One core call, no person."""
        return any(fact.attempts == 1 and not fact.manual for fact in self.all(facts.Recorded))

    @property
    def at_rest(self) -> bool:
        """Recorded, and nothing sent, asked or posted after."""
        again = (facts.Sent, facts.Engaged, facts.DuplicateEffect)
        return self.recorded and not any(type(fact) in again for fact in self.after_record)

    def amount(self, action: str) -> int:
        """What was recorded for an action."""
        return sum(fact.amount_minor for fact in self.all(facts.Recorded) if fact.action == action)

    @property
    def collected(self) -> int:
        """Paid, or promised and kept."""
        kept = sum(fact.amount_minor for fact in self.all(facts.PromiseKept))
        return self.amount("pay_now") + kept

    @property
    def reconciled(self) -> int:
        """Items somebody must put right by hand."""
        unsettled = sum(fact.reason == "core_unavailable" for fact in self.all(facts.ExceptionRaised))
        return unsettled + len(self.all(facts.ReconciliationItem)) + len(self.all(facts.DuplicateEffect))

    def visits(self) -> list[Visit]:
        """The engagements of this case with their calls."""
        found: list[Visit] = []
        for fact in self.told:
            if type(fact) in (facts.Engaged, facts.FailureDemand):
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
        self.everybody = [Story(case) for case in range(layout.cases)]
        for fact in self.facts:
            if fact.case_id >= 0:
                self.everybody[fact.case_id].told.append(fact)
        self.stories = self.everybody

    # -- parts of a run

    def of(self, said: Said) -> Recount:
        """The same run with the stories of some cases only; calls stay as they are."""
        part = Recount((), self.layout, self.staffed)
        part.facts, part.everybody = self.facts, self.everybody
        part.stories = [story for story in self.everybody if said(story)]
        return part

    def parts(self) -> Iterator[tuple[str, str, Recount]]:
        """Every segment, route and week of cases."""
        for band in self.layout.bands:
            yield "segment", band, self.of(lambda story, band=band: story.band == band)  # type: ignore[misc]
        yield "route", "self_service", self.of(_said("self_service"))
        yield "route", "person", self.of(_said("person_route"))
        for week in range(1, -(-self.layout.campaign_days // 5) + 1):
            yield "week", str(week), self.of(lambda story, week=week: self.week(story) == week)  # type: ignore[misc]

    def week(self, story: Story) -> int:
        """Five cohort days a week, from 1."""
        return self.cohort(story.case_id) // 5 + 1

    # -- cases, per cohort day

    def cohort(self, case_id: int) -> int:
        """The cohort day of a case."""
        return case_id * self.layout.cohort_days // self.layout.cases

    def cases(self, *names: str) -> list[int]:
        """Cases of which all is true, per cohort day."""
        found = [0] * self.layout.cohort_days
        for story in self.stories:
            if all(getattr(story, name) for name in names):
                found[self.cohort(story.case_id)] += 1
        return found

    def each(self, amount: Callable[[Story], int]) -> list[int]:
        """A number of each case, summed per cohort day."""
        found = [0] * self.layout.cohort_days
        for story in self.stories:
            found[self.cohort(story.case_id)] += amount(story)
        return found

    def sums(self, kind: type, amount: Callable[[Any], int] = lambda _: 1) -> list[int]:
        """A sum over the facts of the campaign's cases, per cohort day."""
        return self.each(lambda story: sum(amount(fact) for fact in story.all(kind)))

    def observed(self, name: str) -> bool:
        """Whether any case of the run shows it."""
        return any(getattr(story, name) for story in self.everybody)

    def case_ratios(self) -> dict[str, Series]:
        """Every ratio whose base is cases."""
        cases = self.cases
        triggered, recorded, acted = cases("triggered"), cases("recorded"), cases("acted")
        engaged, handed_over, sent = cases("engaged", "self_service"), cases("handed_over"), cases("sent")
        nothing = [0] * self.layout.cohort_days
        routine = self.of_mine(lambda one: one.self_service and not one.judgement)
        untouched = cases("untouched", "engaged", "self_service")
        finished = cases("acted", "engaged", "self_service")
        due = [
            a + b for a, b in zip(self.sums(facts.PromiseKept), self.sums(facts.PromiseBroken), strict=True)
        ]
        return {
            "completion_rate": (recorded, triggered),
            "completion_of_engaged_rate": (cases("recorded", "engaged", "self_service"), engaged),
            "completion_in_message_rate": (cases("in_message"), triggered),
            "completion_in_message_of_engaged_rate": (
                cases("in_message", "engaged", "self_service"),
                engaged,
            ),
            "first_touch_resolution_rate": (cases("at_first_touch", "self_service"), engaged),
            "person_route_completion_rate": (
                cases("recorded", "person_route"),
                cases("triggered", "person_route"),
            ),
            "engagement_rate": (cases("engaged"), triggered),
            "writeback_success_rate": (recorded, acted),
            "writeback_first_try_rate": (cases("first_try"), acted),
            "repeat_contact_rate": (cases("came_back"), acted),
            "reconciliation_per_1000_cases": (self.each(lambda one: one.reconciled), triggered),
            "deflection_rate": (routine.cases("untouched"), routine.cases("recorded")),
            "exception_rate": (cases("handed_over", "engaged", "self_service"), engaged),
            "agent_needed_rate": (cases("needed_an_agent", "engaged", "self_service"), engaged),
            "completion_gap": ([a - b for a, b in zip(finished, untouched, strict=True)], engaged),
            "bucket_completed_untouched": (untouched, engaged),
            "bucket_completed_after_handling": (
                cases("recorded", "by_a_person", "engaged", "self_service"),
                engaged,
            ),
            "bucket_unresolved": (self.unresolved(), engaged),
            "delivery_rate": (cases("delivered", "sent"), sent),
            "open_rate": (cases("opened", "sent"), sent if self.observed("opened") else nothing),
            "click_rate": (cases("clicked", "sent"), sent if self.observed("clicked") else nothing),
            "touches_per_completion": (self.sums(facts.Sent), recorded),
            "false_accept_rate": (
                self.sums(facts.ImpostorTried, lambda fact: int(fact.accepted)),
                self.sums(facts.ImpostorTried),
            ),
            "false_reject_rate": (
                self.each(lambda one: bool(one.all(facts.IdentityRefused))),
                self.each(lambda one: bool(one.all(facts.IdentityProven) or one.all(facts.IdentityRefused))),
            ),
            "exception_bundle_complete_rate": (cases("whole_bundle"), handed_over),
            "discovery_min_per_handover": (
                self.sums(facts.DiscoveryDone, lambda fact: fact.spent_ms),
                handed_over,
            ),
            "wrap_up_min_per_resolution": (
                self.sums(facts.CallHandled, lambda fact: fact.after_call_ms),
                recorded,
            ),
            "promise_kept_rate": (self.sums(facts.PromiseKept), due),
            "money_collected_per_case": (self.each(lambda one: one.collected), triggered),
        }

    def of_mine(self, said: Said) -> Recount:
        """Some of the stories of this part."""
        mine = {story.case_id for story in self.stories}
        return self.of(lambda story: story.case_id in mine and said(story))

    def unresolved(self) -> list[int]:
        """Engaged, on the self-service route, and not recorded."""
        return self.of_mine(lambda one: one.engaged and one.self_service and not one.recorded).each(
            lambda _: 1
        )

    def case_totals(self) -> dict[str, list[int]]:
        """Every sum over a campaign that is counted by case."""
        after, sums = self._after_acting, self.sums
        kept, broken = sums(facts.PromiseKept), sums(facts.PromiseBroken)
        return {
            "person_route_cases": self.cases("triggered", "person_route"),
            "extra_touches_after_acting": self.each(lambda one: after(one, facts.Sent)),
            "repeat_calls_after_acting": self.each(lambda one: after(one, facts.CallOffered)),
            "repeat_call_agent_min": self.each(_time_on_calls_after_acting),
            "duplicate_effects": sums(facts.DuplicateEffect),
            "contact_breaches": sums(facts.ContactBreach),
            "promises_made": self.each(lambda one: one.amount("promise_to_pay") > 0),
            "promises_due": [a + b for a, b in zip(kept, broken, strict=True)],
            "promises_kept": kept,
            "money_promised": self.each(lambda one: one.amount("promise_to_pay")),
            "money_collected": self.each(lambda one: one.collected),
        }

    @staticmethod
    def _after_acting(story: Story, kind: type) -> int:
        return sum(type(fact) is kind for fact in story.after_acting)

    def cost(self, prices: Prices) -> list[Fraction]:
        """What the campaign consumed, in exact currency, per cohort day."""
        triggered = sum(story.triggered for story in self.everybody)
        fixed_each = Fraction(prices.fixed) / triggered if triggered else Fraction(0)
        per_message = {
            "sms": prices.message,
            "whatsapp": prices.whatsapp,
            "email": prices.email,
        }
        parts = (
            *((self.charged(name), Fraction(price)) for name, price in per_message.items()),
            (self.sums(facts.LetterSent), Fraction(prices.letter)),
            (self.sums(facts.ServiceMessageSent), Fraction(prices.code)),
            (self.sums(facts.Engaged, lambda fact: fact.via == "click"), Fraction(prices.session)),
            (
                self.sums(facts.CallHandled, lambda fact: fact.talk_ms + fact.after_call_ms),
                Fraction(prices.agent_hour) / 3_600_000,
            ),
            (self.sums(facts.BackOfficeDone), Fraction(prices.back_office_item)),
            (self.sums(facts.PostingTried), Fraction(prices.core_call)),
            (self.cases("triggered"), Fraction(prices.case) + fixed_each),
        )
        return [sum(units[day] * price for units, price in parts) for day in range(self.layout.cohort_days)]

    def charged(self, channel: str) -> list[int]:
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

    def funnel(self) -> dict[str, int | None]:
        """Triggered cases that came so far; None for what no case of the run shows of opening and clicking."""

        def identified(story: Story) -> bool:
            return story.has(facts.IdentityProven)

        stages: dict[str, Said] = {
            "triggered": _said("triggered"),
            "messaged": lambda one: one.has(facts.Sent) or one.has(facts.LetterSent),
            "delivered": _said("delivered"),
            "opened": _said("opened"),
            "clicked": _said("clicked"),
            "engaged": _said("engaged"),
            "identified": identified,
            "acted": _said("acted"),
            "recorded": _said("recorded"),
            "closed": _said("at_rest"),
            "exceptions": _said("handed_over"),
        }
        counts: dict[str, int | None] = {
            stage: sum(story.triggered and said(story) for story in self.stories)
            for stage, said in stages.items()
        }
        unseen = {stage: None for stage in ("opened", "clicked") if not self.observed(stage)}
        return counts | unseen

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
        for story in self.everybody:
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


def _time_on_calls_after_acting(story: Story) -> int:
    """Agents' time on calls that reached the lines once the customer's part was done."""
    repeated = {fact.call_id for fact in story.after_acting if type(fact) is facts.CallOffered}
    handled = [fact for fact in story.all(facts.CallHandled) if fact.call_id in repeated]
    return sum(fact.talk_ms + fact.after_call_ms for fact in handled)


def _said(name: str) -> Said:
    return lambda story: bool(getattr(story, name))
