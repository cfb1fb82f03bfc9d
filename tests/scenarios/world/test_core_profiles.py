"""Core profiles: figures come with the name, what is stated beside it counts, and people are the same on either."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import pytest

from sandbox import facts
from sandbox.errors import BadInput
from sandbox.journey.steps.confirm import QUEUED_TEXT
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE
from scenarios.rehearsal.prelaunch import review_design
from scenarios.run import CompareRequest
from scenarios.world.core_profiles import profile_document
from scenarios.world.library import shipped
from scenarios.world.spec import load_scenario
from tests.scenarios.recorded import Recorded, record, run

NAME = "retail-bank-200k"
LEGACY = "core.profile=legacy-batch"
AWAKE_AT_NIGHT = "customers.response_delay_min_median=480"
CLOSES_MS, CLOSED_MS = 23 * MS_PER_HOUR, 3 * MS_PER_HOUR


def core_figures(*settings: str) -> tuple[object, ...]:
    """Profile, latency, sigma, timeout and window of the headline scenario under settings."""
    core = load_scenario(NAME, settings).document.core
    window = (core.closed_from_h, core.closed_for_h)
    return core.profile, core.latency_ms_median, core.latency_sigma, core.timeout_ms, window


def test_a_profile_brings_its_figures_along() -> None:
    """Latency, timeout and window are the named core's; without a name they are the scenario's own."""
    assert core_figures() == ("modern-api", 300, 0.6, 2_000, (0, 0))
    assert core_figures(LEGACY) == ("legacy-batch", 2_000, 0.6, 10_000, (23, 3))
    assert core_figures("core.profile=modern-api") == core_figures()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_what_is_set_beside_a_profile_counts(order: tuple[int, ...]) -> None:
    """Another figure set from outside stays, whichever is written first."""
    settings = (LEGACY, "core.timeout_ms=9000", "core.closed_from_h=22")
    found = core_figures(*(settings[n] for n in order))
    assert found == ("legacy-batch", 2_000, 0.6, 9_000, (22, 3))


def test_a_file_may_name_a_profile_and_state_its_own_figures(tmp_path: Path) -> None:
    """The profile replaces what the file extends; what the file itself states stays."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {NAME}\ncore:\n  profile: legacy-batch\n  timeout_ms: 8000\n")
    core = load_scenario(str(path)).document.core
    assert (core.latency_ms_median, core.timeout_ms, core.closed_for_h) == (2_000, 8_000, 3)
    assert core.faults == load_scenario(NAME).document.core.faults


def test_a_profiles_numbers_say_where_they_come_from() -> None:
    """Provenance names the profile's own sources, and a number set beside it as set by the user."""
    origins = {
        it.path: (it.value, it.source)
        for it in load_scenario(NAME, (LEGACY, "core.timeout_ms=9000")).provenance
    }
    assert origins["core.latency_ms_median"] == (2_000, "analogue")
    assert origins["core.closed_from_h"] == (23, "assumption")
    assert origins["core.timeout_ms"] == (9_000, "set by user")


@pytest.mark.parametrize(
    ("written", "place"),
    [("set", "--set core.profile=mainframe"), ("file", r"mine\.yaml:3")],
)
def test_an_unknown_profile_is_refused_with_those_there_are(written: str, place: str, tmp_path: Path) -> None:
    """Where it stands, what was found and what is allowed, in a file and in a setting."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {NAME}\ncore:\n  profile: mainframe\n")
    wanted = (NAME, ("core.profile=mainframe",)) if written == "set" else (str(path), ())
    with pytest.raises(BadInput, match=place) as refused:
        load_scenario(*wanted)
    assert "core.profile: found 'mainframe'" in str(refused.value)
    assert "legacy-batch, modern-api" in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "fits"),
    [
        ("core.closed_from_h=24", True),
        ("core.closed_from_h=24.1", False),
        ("core.closed_from_h=-0.1", False),
        ("core.closed_for_h=12", True),
        ("core.closed_for_h=12.1", False),
        ("core.closed_for_h=-0.1", False),
    ],
)
def test_a_window_has_limits(setting: str, fits: bool) -> None:
    """It begins at an hour of the day and takes half a day at most."""
    if fits:
        assert load_scenario(NAME, (setting,))
        return
    with pytest.raises(BadInput, match=setting.partition("=")[0]):
        load_scenario(NAME, (setting,))


def test_every_shipped_profile_can_be_read() -> None:
    """A profile is named as its file, and has a layout exactly when it is asked by reference."""
    assert shipped("core") == ["legacy-batch", "modern-api"]
    for name in shipped("core"):
        document = profile_document(name)
        assert document.profile == name
        assert (document.record is not None) == (document.keys == "reference") == (name == "legacy-batch")


def test_naming_the_modern_core_changes_nothing() -> None:
    """The scenario as shipped and with its own core named come out the same to the last bit."""
    assert run("in-message") == run("in-message", ("core.profile=modern-api",))


@pytest.fixture(scope="module")
def modern() -> Recorded:
    """The in-message design on the modern core, with customers who act late in the evening too."""
    return record("in-message", (AWAKE_AT_NIGHT,))


@pytest.fixture(scope="module")
def legacy() -> Recorded:
    """The same people on the batch core."""
    return record("in-message", (AWAKE_AT_NIGHT, LEGACY))


def is_night(at_ms: int) -> bool:
    """Whether the batch core is closed at a time."""
    return (at_ms - CLOSES_MS) % MS_PER_DAY < CLOSED_MS


def posted_at(found: Recorded) -> dict[int, int]:
    """When each recorded case was booked, as the trail has it from the core's receipt."""
    rows = (row for row in found.trail if row.kind == "posting_recorded")
    return {row.case_id: json.loads(row.body)["posted_at_ms"] for row in rows}


def test_nothing_is_booked_at_night_and_all_of_it_lands_after(modern: Recorded, legacy: Recorded) -> None:
    """Invariant 20: no commit in a closed window; whoever acted in it is recorded when it opens, or handed over."""
    by_night = {case for case, at_ms in posted_at(modern).items() if is_night(at_ms)}
    assert len(by_night) > 10
    booked = posted_at(legacy)
    assert not any(is_night(at_ms) for at_ms in booked.values())
    queued = {fact.case_id for fact in legacy.of(facts.PostingQueued)}
    handed_over = {fact.case_id for fact in legacy.of(facts.ExceptionRaised)}
    assert queued >= by_night & set(booked)
    assert queued <= set(booked) | handed_over
    assert legacy.unfinished == []
    # The window opens, a sweep comes by within its retry time, looks, writes, and may have to come once more.
    slack_ms = 2 * 5 * MS_PER_MINUTE + 60_000
    for case in by_night & set(booked):
        assert (booked[case] - CLOSES_MS) % MS_PER_DAY <= CLOSED_MS + slack_ms


def test_what_cannot_wait_for_the_window_becomes_a_named_exception() -> None:
    """With an hour's patience most of a night's postings are handed over, and not one is left without an owner."""
    impatient = record("in-message", (AWAKE_AT_NIGHT, LEGACY, "writeback.outbox_give_up_h=1"))
    queued = {fact.case_id for fact in impatient.of(facts.PostingQueued)}
    recorded = set(posted_at(impatient))
    handed_over = {
        fact.case_id for fact in impatient.of(facts.ExceptionRaised) if fact.reason == "core_unavailable"
    }
    assert len(queued & handed_over) > 5
    assert queued == (queued & recorded) | (queued & handed_over)
    assert not any(is_night(at_ms) for at_ms in posted_at(impatient).values())
    left = {row.command.case_id for row in impatient.unfinished}
    assert left <= handed_over  # unknown to us, no sweep takes it, and a person has it


def test_both_cores_end_with_the_same_people_recorded_once(modern: Recorded, legacy: Recorded) -> None:
    """The same cases, one effect each, nothing in the books that the trail does not prove."""
    assert set(posted_at(modern)) == set(posted_at(legacy))
    for found in (modern, legacy):
        assert found.chain.ok
        assert found.totals.duplicate_keys == 0
        assert (
            found.totals.postings == found.totals.audit_rows == found.totals.events == len(posted_at(found))
        )
        assert set(found.postings.values()) == {1}


def test_the_difference_is_seen_in_time_and_first_tries(modern: Recorded, legacy: Recorded) -> None:
    """A day's case takes two slow calls longer, a night's waits for the morning and is not recorded at first try."""
    before = {fact.case_id: fact for fact in modern.of(facts.Recorded)}
    after = {fact.case_id: fact for fact in legacy.of(facts.Recorded)}
    later_ms = [after[case].at_ms - before[case].at_ms for case in before]
    assert 2_000 < median(later_ms) < 10_000
    assert max(later_ms) > MS_PER_HOUR
    first = [sum(fact.attempts == 1 for fact in found.values()) / len(found) for found in (before, after)]
    assert first[0] > 0.97
    assert first[1] < first[0] - 0.03


def test_who_acts_at_night_is_promised_a_confirmation_and_gets_it(legacy: Recorded) -> None:
    """Each queued customer is told once how it ended, after it ended, and nobody else gets that message."""
    assert "confirm" in QUEUED_TEXT
    queued = {fact.case_id for fact in legacy.of(facts.PostingQueued)}
    told = {row.case_id: row.at_ms for row in legacy.trail if row.kind == "outcome_told"}
    sent = [fact for fact in legacy.of(facts.ServiceMessageSent) if fact.purpose == "outcome"]
    assert len(sent) == len(told)
    assert set(told) == queued
    recorded = {fact.case_id: fact.at_ms for fact in legacy.of(facts.Recorded)}
    assert all(told[case] >= recorded[case] for case in queued & recorded.keys())


def test_the_batch_core_passes_the_writeback_test(tmp_path: Path) -> None:
    """Completed, repeated, interrupted: the rehearsal of a design finds one whole record on this core too."""
    path = tmp_path / "batch.yaml"
    path.write_text(f"extends: {NAME}\ncore:\n  profile: legacy-batch\n")
    found = review_design(CompareRequest(str(path)), "in-message", lambda: False, lambda _: None)
    assert [trial.moment for trial in found.writeback if not trial.ok] == []
    assert len(found.writeback) == 5
    assert [case.title for case in found.cases if case.verdict == "not ok"] == []
