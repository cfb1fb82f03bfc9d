"""More of one thing, less of another: on the same people with the same luck, so that small runs can tell."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sandbox import facts
from sandbox.ports import OutboxState
from tests.scenarios.recorded import DESIGNS, rate, record, run

BUSY = ("campaign.messages=8000", "calendar.working_days=12", "call_centre.other_traffic.calls_per_day=100")


def abandonment(*settings: str, messages: int = 8_000) -> float:
    """Call abandonment of sms-to-call on busy lines."""
    here = ("call_centre.agents=4", *settings, f"campaign.messages={messages}")
    return rate(run("sms-to-call", (*BUSY, *here)), "call_abandonment_rate")


def falls(values: list[float]) -> bool:
    """Whether each value is clearly below the one before it."""
    return all(later < earlier - 0.01 for earlier, later in pairwise(values))


@pytest.mark.wide
def test_more_agents_mean_less_abandonment():
    """Three, four, six and nine agents on the same calls."""
    assert falls([abandonment(f"call_centre.agents={agents}") for agents in (3, 4, 6, 9)])


@pytest.mark.wide
def test_longer_patience_means_less_abandonment():
    """Callers who would wait longer are reached more often, on lines that could nearly take them all."""
    patience = "call_centre.patience_s_mean"
    assert falls(
        [
            abandonment("call_centre.agents=7", f"{patience}.campaign={s}", f"{patience}.other={s}")
            for s in (20, 120, 720)
        ]
    )


@pytest.mark.wide
def test_fewer_messages_mean_less_abandonment():
    """The campaign is what fills the lines."""
    assert falls([abandonment(messages=messages) for messages in (8_000, 5_000, 2_000)])


@pytest.mark.wide
def test_longer_calls_mean_more_abandonment():
    """Handling time is load."""
    handled = [abandonment(f"call_centre.handling_s_mean.routine={s}") for s in (420, 240, 120)]
    assert falls(handled)


@pytest.mark.wide
def test_redials_add_calls_and_answer_more_customers():
    """Who calls again loads the lines further, and more customers get through in the end."""
    never, often = (
        run("sms-to-call", (*BUSY, "call_centre.agents=4", f"call_centre.redial.rate_campaign={rate}"))
        for rate in (0.0, 0.6)
    )
    assert sum(often.calls["offered"]) > sum(never.calls["offered"])
    assert rate(often, "caller_abandonment_rate") < rate(never, "caller_abandonment_rate")
    assert sum(never.calls["redials"]) < 0.2 * sum(often.calls["redials"])


def test_a_quicker_back_office_resolves_more_within_the_month():
    """What is rekeyed sooner is recorded sooner, and fewer cases are open at the end."""
    slow, quick = (run("sms-to-call", (f"back_office.wait_h_median={hours}",)) for hours in (150, 5))
    assert quick.ends["open"] < slow.ends["open"]
    assert rate(quick, "completion_rate") > rate(slow, "completion_rate")


@pytest.mark.wide
def test_worse_rekeying_loses_more_outcomes():
    """Errors nobody finds never reach the core."""
    settings = [
        ("back_office.error_found_rate=0", f"back_office.error_rate={error}") for error in (0.0, 0.05, 0.3)
    ]
    assert falls([rate(run("sms-to-call", one), "writeback_success_rate") for one in settings])


@pytest.mark.wide
def test_a_harder_login_loses_more_customers():
    """Every forgotten password that is not reset is a case less in the portal, and none in the message."""
    shares = (0.1, 0.3, 0.6)
    portal = [
        rate(run("portal", (f"identity.login_forgotten_rate={share}",)), "completion_rate")
        for share in shares
    ]
    inside = {run("in-message", (f"identity.login_forgotten_rate={share}",)).digest for share in shares}
    assert falls(portal)
    assert len(inside) == 1


@pytest.mark.parametrize("design", DESIGNS)
def test_a_core_that_is_down_records_nothing_and_claims_nothing(design):
    """Every outcome stays in the outbox or with the back office, no case is called done, all stay open."""
    down = record(design, ("core.faults.unavailable_rate=1", "campaign.messages=600"))
    acted = down.cases(facts.ActionCompleted)
    assert acted
    assert not down.of(facts.Recorded)
    assert not any(account.complete for account in down.accounts)
    assert down.totals.postings == 0
    assert down.outcome.ends["recorded"] == 0
    assert down.outcome.ends["open"] == len(acted)
    assert down.cases(facts.PostingQueued) <= {row.command.case_id for row in down.unfinished} <= acted
    assert {row.state for row in down.unfinished} <= {OutboxState.PENDING, OutboxState.UNKNOWN}
    assert rate(down.outcome, "writeback_success_rate") == 0.0
    assert "posting_recorded" not in {row.kind for row in down.trail}


def test_a_core_that_comes_and_goes_costs_retries_and_no_outcome():
    """At one call in five unavailable the first try suffers and the record does not."""
    well, ill = (run("in-message", (f"core.faults.unavailable_rate={share}",)) for share in (0.0, 0.2))
    assert rate(ill, "writeback_first_try_rate") < rate(well, "writeback_first_try_rate") - 0.1
    assert rate(ill, "writeback_success_rate") > 0.99
