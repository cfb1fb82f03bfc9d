"""Contact rules as packs: what is shipped, what lies over what, and what a scenario does with them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.errors import BadInput, RuleBroken
from sandbox.scorecard.tally import Layout, Tally
from sandbox.scorecard.touches import touches
from scenarios.files.quantities import quantify
from scenarios.summarise import outreach_counts
from scenarios.task import replication_seed
from scenarios.wiring.plan import calendar_of
from scenarios.world.library import find, shipped
from scenarios.world.packs import DEFAULT_PACK, RULES, read_pack
from scenarios.world.spec import Scenario, check, load_scenario
from tests.scenarios.recorded import Recorded, record

HEADLINE = "retail-bank-200k"
ZONES = "customers.time_zones={America/New_York: 0.4, America/Phoenix: 0.1, America/Los_Angeles: 0.5}"


def holidays(pack: str) -> list[date]:
    """The holidays of a shipped pack."""
    block = read_pack(find("pack", pack)).data["outreach"]
    return [date.fromisoformat(day) for day in block["holidays"]]


def easter(year: int) -> date:
    """Easter Sunday (Butcher's computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth(year: int, month: int, weekday: int, place: int) -> date:
    """The place-th such weekday of a month; -1 is the last."""
    days = [date(year, month, 1) + timedelta(days=d) for d in range(31)]
    those = [day for day in days if day.month == month and day.weekday() == weekday]
    return those[place - 1 if place > 0 else place]


def test_the_strict_packs_holidays_are_those_of_the_act() -> None:
    """Ten fixed days, the two of Easter, and the Monday after each that falls on a Sunday, for 2026 and 2027."""
    due = set()
    for year in (2026, 2027):
        fixed = [(1, 1), (3, 21), (4, 27), (5, 1), (6, 16), (8, 9), (9, 24), (12, 16), (12, 25), (12, 26)]
        days = {date(year, *day) for day in fixed}
        days |= {easter(year) - timedelta(days=2), easter(year) + timedelta(days=1)}
        due |= days | {day + timedelta(days=1) for day in days if day.weekday() == 6}
    assert holidays("strict") == sorted(due)


def test_the_us_packs_holidays_are_those_of_the_code() -> None:
    """Eleven federal days a year, with the Friday before a Saturday and the Monday after a Sunday."""
    due = set()
    for year in (2026, 2027, 2028):
        days = {date(year, *day) for day in [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]}
        days |= {nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 5, 0, -1), nth(year, 9, 0, 1)}
        days |= {nth(year, 10, 0, 2), nth(year, 11, 3, 4)}
        assert len(days) == 11
        moved = {5: -1, 6: 1}
        due |= days | {day + timedelta(days=moved.get(day.weekday(), 0)) for day in days}
    assert holidays("us") == sorted(day for day in due if day.year < 2028)


@pytest.mark.parametrize("pack", shipped("pack"))
def test_a_shipped_pack_says_every_rule_and_where_its_numbers_come_from(pack: str) -> None:
    """Nothing is left to chance, and every number has its source."""
    tree = read_pack(find("pack", pack))
    assert set(tree.data["outreach"]) == set(RULES)
    _, problems = quantify(tree)
    assert problems == []
    assert all(
        isinstance(tree.data["outreach"][cap], dict)
        for cap in ("messages_per_day_max", "messages_per_week_max")
    )
    assert check(HEADLINE, [f"outreach.pack={pack}"]).ok


def outreach(*settings: str, of: str = HEADLINE) -> Any:
    """The contact rules of a scenario."""
    return load_scenario(of, settings).document.outreach


def test_the_headline_takes_the_strict_rules_and_its_own_holidays() -> None:
    """Its calendar is London's: the pack's South African days are left out by name."""
    rules = outreach()
    assert rules.pack == DEFAULT_PACK == "strict"
    assert (rules.windows.weekday, rules.windows.saturday, rules.windows.sunday) == (
        ("08:00", "20:00"),
        ("09:00", "13:00"),
        None,
    )
    assert (rules.messages_per_day_max, rules.messages_per_week_max, rules.holidays) == (1, 3, ())
    assert (rules.opt_out.scope, rules.opt_out.confirms) == ("all", False)


def test_a_pack_that_is_set_lies_over_the_file_and_single_settings_over_the_pack() -> None:
    """Hours, words and holidays change together; a rule set beside it wins, in whatever order they are given."""
    for settings in (
        ("outreach.pack=us", "outreach.messages_per_week_max=2"),
        ("outreach.messages_per_week_max=2", "outreach.pack=us"),
    ):
        rules = outreach(*settings)
        assert rules.windows.sunday == ("08:00", "21:00")
        assert len(rules.holidays) == 27
        assert (rules.opt_out.scope, rules.opt_out.confirms) == ("channel", True)
        assert rules.messages_per_week_max == 2


def test_a_files_pack_lies_over_what_it_extends_and_under_what_it_says(write: Any) -> None:
    """The pack of a file beats the files below, its own keys beat the pack."""
    path = write("mine.yaml", f"extends: {HEADLINE}\noutreach: {{pack: us, windows: {{sunday: null}}}}\n")
    rules = outreach(of=path)
    assert (rules.pack, rules.windows.sunday, rules.windows.weekday) == ("us", None, ("08:00", "21:00"))
    assert len(rules.holidays) == 27


def test_a_pack_of_ones_own_starts_from_the_files_folder_and_may_say_little(write: Any) -> None:
    """What it leaves out comes from below."""
    write("packs/own.yaml", "pack: own\noutreach: {messages_per_week_max: 2}\n")
    path = write("mine.yaml", f"extends: {HEADLINE}\noutreach: {{pack: ./packs/own.yaml}}\n")
    rules = outreach(of=path)
    assert (rules.messages_per_day_max, rules.messages_per_week_max) == (1, 2)


@pytest.mark.parametrize(
    ("pack", "fault"),
    [
        ("outreach: {opt_out_rate: 1}\n", "own.yaml:1: outreach.opt_out_rate: unknown key"),
        ("outreach: {}\ncustomers: {}\n", "own.yaml:2: customers: unknown key"),
        ("pack: own\n", "outreach: found nothing; allowed: a block of contact rules"),
        (
            "outreach:\n  templates:\n   sms:\n    specific: '{amount} is overdue. {act}. Reply STOP to opt out.'\n",
            "own.yaml:4: outreach.templates.sms.specific: 'overdue' tells of a debt, and nobody has proven",
        ),
    ],
)
def test_a_wrong_pack_is_refused_with_file_and_line(write: Any, pack: str, fault: str) -> None:
    """Behaviour in a pack, a stray block, no rules, and a text that tells a stranger of a debt."""
    write("own.yaml", pack)
    path = write("mine.yaml", f"extends: {HEADLINE}\noutreach: {{pack: ./own.yaml}}\n")
    with pytest.raises(BadInput) as refused:
        load_scenario(path)
    assert any(fault in problem for problem in refused.value.problems), refused.value.problems


def test_an_unknown_pack_is_answered_with_those_there_are(write: Any) -> None:
    """In a file and in a setting."""
    path = write("mine.yaml", f"extends: {HEADLINE}\noutreach: {{pack: uk}}\n")
    (told,) = check(path).problems
    assert told.startswith("mine.yaml:2: outreach.pack: found 'uk'")
    (told,) = check(HEADLINE, ["outreach.pack=uk"]).problems
    assert told.startswith("--set outreach.pack=uk: found 'uk'")


def test_a_stricter_house_calls_an_amount_a_debt() -> None:
    """The class is data: with it changed, every specific text is refused and every generic one stays."""
    problems = check(HEADLINE, ["outreach.reveals.placeholders.amount=debt"]).problems
    assert len(problems) == 3
    assert all("specific: {amount} tells of a debt" in problem for problem in problems)


# What a run does with them


def test_customers_are_messaged_in_their_own_hours() -> None:
    """Three zones, one without daylight saving: no message leaves before 8 or after 20 on the customer's clock."""
    run = record("in-message", (ZONES, "calendar.time_zone=America/New_York"))
    calendar, who = calendar_of(run.scenario.document), run.scenario.document.customers.time_zones
    drawn = Draws(replication_seed(1, 0)).uniforms("time_zone", 0, 0, run.layout.cases)
    seen: Counter[str] = Counter()
    for fact in run.of(facts.Sent):
        zone = next(
            zone for zone, edge in zip(who, (0.4, 0.5, 1.0), strict=True) if drawn[fact.case_id] < edge
        )
        local = (calendar.epoch.astimezone(UTC) + timedelta(milliseconds=fact.at_ms)).astimezone(
            ZoneInfo(zone)
        )
        assert 8 <= local.hour < 20
        seen[zone] += 1
    assert seen["America/Los_Angeles"] > seen["America/New_York"] > seen["America/Phoenix"] > 0


def test_one_zone_for_all_is_the_calendars() -> None:
    """Naming the calendar's zone changes no outcome: the draw is its own."""
    named = record("in-message", ("customers.time_zones={Europe/London: 1.0}",))
    assert named.outcome.digest == record("in-message").outcome.digest


@pytest.fixture
def own_words() -> Recorded:
    """Everybody who opts out says so in words of their own, and many do."""
    return record("in-message", ("outreach.opt_out_rate=0.2", "outreach.opt_out_own_words_rate=1"))


def test_words_are_read_by_the_real_reader_and_those_it_misses_are_no_opt_out(own_words: Recorded) -> None:
    """Three of the five wordings are understood; only who was understood is skipped for it."""
    replies = own_words.of(facts.ReplyReceived)
    read = Counter(fact.intent for fact in replies)
    assert 0.5 < read["stop"] / read.total() < 0.7
    assert set(read) == {"stop", "other"}
    stopped = {fact.case_id for fact in replies if fact.intent == "stop"}
    skipped = {fact.case_id for fact in own_words.of(facts.TouchSkipped) if fact.reason == "opted_out"}
    assert skipped
    assert skipped <= stopped
    assert own_words.outcome.touches.replies == dict(sorted(read.items()))


def test_a_stop_that_arrives_before_a_send_always_wins(own_words: Recorded) -> None:
    """Nothing is sent at or after the instant a STOP was heard, whenever the touch was planned."""
    heard = {
        fact.case_id: fact.at_ms for fact in own_words.of(facts.ReplyReceived)[::-1] if fact.intent == "stop"
    }
    assert not [
        fact for fact in own_words.of(facts.Sent) if fact.at_ms >= heard.get(fact.case_id, fact.at_ms + 1)
    ]


def test_every_reply_stands_on_the_trail_without_its_words(own_words: Recorded) -> None:
    """What was understood can be proven; what somebody wrote is not kept."""
    rows = [row for row in own_words.trail if row.kind == "reply_received"]
    assert len(rows) == len(own_words.of(facts.ReplyReceived)) > 0
    assert not [row for row in rows if "list" in row.body or "person" in row.body]


def test_a_stop_is_confirmed_once_where_the_pack_says_so() -> None:
    """One message for each STOP, none otherwise."""
    run = record("in-message", ("outreach.opt_out_rate=0.1", "outreach.opt_out.confirms=true"))
    stops = [fact.case_id for fact in run.of(facts.ReplyReceived) if fact.intent == "stop"]
    told = [fact.case_id for fact in run.of(facts.ServiceMessageSent) if fact.purpose == "opt_out"]
    assert told == stops != []
    plain = record("in-message")
    assert not [fact for fact in plain.of(facts.ServiceMessageSent) if fact.purpose == "opt_out"]


def test_by_channel_a_stop_leaves_the_other_channels() -> None:
    """With scope channel the sequence goes on elsewhere; with scope all it ends."""
    settings = ("outreach.opt_out_rate=0.3",)
    ended = record("in-message-sequence", settings).outcome.touches
    by_channel = record("in-message-sequence", (*settings, "outreach.opt_out.scope=channel")).outcome.touches
    assert by_channel.planned == ended.planned
    assert by_channel.skipped["opted_out"] < ended.skipped["opted_out"] / 2
    assert by_channel.sent > ended.sent


# Counting


def test_touches_are_counted_from_facts_and_nothing_may_be_lost() -> None:
    """One case with two touches planned: one sent and one skipped is right, one of them alone is our bug."""
    layout = Layout(1, 1, [0], 1, 1, 1, frozenset(), 10, ("1m",))
    tally = Tally(layout)
    tally.emit(facts.Triggered(0, 0, 0, "1m", False))
    tally.emit(facts.Sent(0, 1, 1, "sms"))
    with pytest.raises(RuleBroken, match=r"1 cases with 2 planned each, 1 sent, skipped \{\}"):
        touches(tally, 2)
    tally.emit(facts.TouchSkipped(0, 2, 2, "complete"))
    found = touches(tally, 2)
    assert (found.planned, found.sent, found.skipped) == (2, 1, {"complete": 1})
    tally.emit(facts.TouchSkipped(0, 3, 2, "complete"))
    with pytest.raises(RuleBroken, match="touches not conserved"):
        touches(tally, 2)


def test_a_result_has_the_mean_of_its_runs() -> None:
    """A reason only one run knows counts as nought in the other."""
    one = record("in-message").outcome.touches
    counts = outreach_counts([one, one._replace(skipped={})])
    assert counts.planned == one.planned == one.sent + sum(one.skipped.values())
    assert counts.skipped == {reason: count / 2 for reason, count in one.skipped.items()}


def test_scenarios_stay_plain(write: Any) -> None:
    """A scenario with a pack of its own can be pickled and sent to a worker."""
    import pickle

    scenario = load_scenario(HEADLINE, ["outreach.pack=us", ZONES])
    again = pickle.loads(pickle.dumps(scenario))  # noqa: S301 - our own bytes
    assert isinstance(again, Scenario)
    assert again.document == scenario.document
