"""What metrics.yaml says of cases, as sums per cohort day. The definitions stand there; this is how they count."""

from __future__ import annotations

from sandbox.scorecard.case_table import CaseTable
from sandbox.scorecard.marks import PERSON_ROUTE, Mark

Series = tuple[list[int], list[int]]
"""Numerators and denominators per unit of independence."""

_BY_HAND = Mark.AGENT | Mark.BACK_OFFICE | Mark.MANUAL


class CaseSums:
    """Ratios and totals of the cases of a table."""

    def __init__(self, table: CaseTable, observable: int) -> None:
        """Bind a table.

        Args:
            table: the cases.
            observable: marks that occur anywhere in the run: what a channel never reports does not apply.
        """
        self.table = table
        self._observable = observable
        self._triggered = table.count(Mark.TRIGGERED)
        self._recorded = table.count(Mark.RECORDED)

    def ratios(self) -> dict[str, Series]:
        """Every ratio of cases that needs no price."""
        return {
            **self._resolution(),
            **self._writeback(),
            **self._engaged(),
            **self._outreach(),
            **self._people(),
            **self._money(),
        }

    def totals(self) -> dict[str, list[int]]:
        """Every sum over a campaign, in stored units (cases, messages, milliseconds, minor units of currency)."""
        table = self.table
        return {
            "person_route_cases": _less(self._triggered, table.count(Mark.TRIGGERED, PERSON_ROUTE)),
            "extra_touches_after_acting": table.total("extra_touches"),
            "repeat_calls_after_acting": table.total("repeat_calls"),
            "repeat_call_agent_min": table.total("repeat_call_ms"),
            "duplicate_effects": table.total("duplicates"),
            "contact_breaches": table.total("breaches"),
            "promises_made": table.count(Mark.PROMISED),
            "promises_due": self._promises_due(),
            "promises_kept": table.count(Mark.PROMISE_KEPT),
            "money_promised": table.total("amount_minor", Mark.PROMISED),
            "money_collected": self._collected(),
        }

    def _finished(self, has: int = 0, lacks: int = 0) -> list[int]:
        """Customers who have done their part; what the core refused is taken back, what it recorded was done."""
        count = self.table.count
        return _plus(count(Mark.ACTED | has, lacks), count(Mark.RECORDED | has, Mark.ACTED | lacks))

    def _resolution(self) -> dict[str, Series]:
        count, m = self.table.count, Mark
        engaged = count(m.ENGAGED, PERSON_ROUTE)
        done, in_message = m.RECORDED | m.ENGAGED, m.CHANNEL_CHANGE | PERSON_ROUTE
        once = m.SENT_AGAIN | m.ENGAGED_AGAIN | PERSON_ROUTE
        on_person_route = _less(self._triggered, count(m.TRIGGERED, PERSON_ROUTE))
        recorded_there = _less(self._recorded, count(m.RECORDED, PERSON_ROUTE))
        return {
            "completion_rate": (self._recorded, self._triggered),
            "completion_of_engaged_rate": (count(done, PERSON_ROUTE), engaged),
            "completion_in_message_rate": (count(m.RECORDED, m.CHANNEL_CHANGE), self._triggered),
            "completion_in_message_of_engaged_rate": (count(done, in_message), engaged),
            "first_touch_resolution_rate": (count(done, once), engaged),
            "person_route_completion_rate": (recorded_there, on_person_route),
        }

    def _writeback(self) -> dict[str, Series]:
        finished = self._finished()
        return {
            "writeback_success_rate": (self._recorded, finished),
            "writeback_first_try_rate": (self.table.count(Mark.FIRST_TRY), finished),
            "repeat_contact_rate": (self._finished(Mark.REPEAT_CONTACT), finished),
            "reconciliation_per_1000_cases": (self.table.total("reconciliations"), self._triggered),
        }

    def _engaged(self) -> dict[str, Series]:
        """What is judged of engaged customers on the self-service route."""
        count, m = self.table.count, Mark
        engaged = count(m.ENGAGED, PERSON_ROUTE)
        recorded = count(m.RECORDED | m.ENGAGED, PERSON_ROUTE)
        untouched = count(m.RECORDED | m.ENGAGED, _BY_HAND | PERSON_ROUTE)
        judgement = m.JUDGEMENT | PERSON_ROUTE
        return {
            "deflection_rate": (count(m.RECORDED, judgement | _BY_HAND), count(m.RECORDED, judgement)),
            "exception_rate": (count(m.EXCEPTION | m.ENGAGED, PERSON_ROUTE), engaged),
            "agent_needed_rate": (count(m.ENGAGED | m.AGENT, judgement), engaged),
            "completion_gap": (_less(self._finished(m.ENGAGED, PERSON_ROUTE), untouched), engaged),
            "bucket_completed_untouched": (untouched, engaged),
            "bucket_completed_after_handling": (_less(recorded, untouched), engaged),
            "bucket_unresolved": (_less(engaged, recorded), engaged),
        }

    def _outreach(self) -> dict[str, Series]:
        count, m = self.table.count, Mark
        sent = count(m.SENT)
        return {
            "engagement_rate": (count(m.ENGAGED), self._triggered),
            "delivery_rate": (count(m.DELIVERED | m.SENT), sent),
            "open_rate": (count(m.OPENED | m.SENT), self._if_observable(m.OPENED, sent)),
            "click_rate": (count(m.CLICKED | m.SENT), self._if_observable(m.CLICKED, sent)),
            "touches_per_completion": (self.table.total("messages"), self._recorded),
        }

    def _if_observable(self, mark: int, base: list[int]) -> list[int]:
        return base if self._observable & mark else [0] * len(base)

    def _people(self) -> dict[str, Series]:
        count, total, m = self.table.count, self.table.total, Mark
        handed_over = count(m.EXCEPTION)
        refused = count(m.IDENTITY_REFUSED)
        asked = _plus(count(m.IDENTIFIED), count(m.IDENTITY_REFUSED, m.IDENTIFIED))
        return {
            "false_accept_rate": (total("impostors_accepted"), total("impostor_tries")),
            "false_reject_rate": (refused, asked),
            "exception_bundle_complete_rate": (count(m.EXCEPTION, m.INCOMPLETE_BUNDLE), handed_over),
            "discovery_min_per_handover": (total("discovery_ms"), handed_over),
            "wrap_up_min_per_resolution": (total("after_call_ms"), self._recorded),
        }

    def _money(self) -> dict[str, Series]:
        return {
            "promise_kept_rate": (self.table.count(Mark.PROMISE_KEPT), self._promises_due()),
            "money_collected_per_case": (self._collected(), self._triggered),
        }

    def _promises_due(self) -> list[int]:
        count = self.table.count
        return _plus(count(Mark.PROMISE_KEPT), count(Mark.PROMISE_BROKEN))

    def _collected(self) -> list[int]:
        total = self.table.total
        return _plus(total("amount_minor", Mark.PAID), total("amount_minor", Mark.PROMISE_KEPT))


def _plus(ours: list[int], theirs: list[int]) -> list[int]:
    return [a + b for a, b in zip(ours, theirs, strict=True)]


def _less(ours: list[int], theirs: list[int]) -> list[int]:
    return [a - b for a, b in zip(ours, theirs, strict=True)]
