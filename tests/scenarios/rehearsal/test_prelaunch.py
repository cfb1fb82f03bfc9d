"""The pre-launch review: every shipped design, a designer's own, and that it finds what is wrong."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fake_core.profiles import WITHOUT_KEYS
from sandbox.audit.chain import AuditTrail
from sandbox.draws import Draws
from sandbox.errors import BadInput, Cancelled
from sandbox.journey import checks
from sandbox.simulation.secrets_seeded import SeededCodes
from scenarios.persona import display_name
from scenarios.rehearsal import prelaunch
from scenarios.rehearsal import writeback as rehearsal_writeback
from scenarios.rehearsal.prelaunch import CaseReview, Review, review_design
from scenarios.rehearsal.stage import Stage, set_stage
from scenarios.run import CompareRequest
from scenarios.task import replication_seed
from tests.scenarios.recorded import ALL_DESIGNS
from tui.cli.orders import Order
from tui.cli.prelaunching import review_document, review_text

SCENARIO = "retail-bank-200k"

NOT_OK: dict[str, set[str]] = {"sms-to-call": {"Ineligible plan"}, "bot": {"Ineligible plan"}}
"""Where a shipped design fails its review: an agent's note meets no policy before it is posted."""


def review(design: str | None, scenario: str = SCENARIO, seed: int | None = None) -> Review:
    """Review a design."""
    return review_design(CompareRequest(scenario, seed=seed), design, lambda: False, lambda _: None)


@cache
def shipped(design: str) -> Review:
    """The review of a shipped design with the scenario's seed."""
    return review(design)


def failed(found: Review) -> set[str]:
    """Titles of the cases that are not ok."""
    return {case.title for case in found.cases if case.verdict == "not ok"}


def case(found: Review, title: str) -> CaseReview:
    """A case by the beginning of its title."""
    return next(case for case in found.cases if case.title.startswith(title))


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_every_shipped_design_is_reviewed(design: str):
    """Clean cases are clean in every design; the only failure found is the agent's plan policy would not allow."""
    found = shipped(design)
    assert failed(found) == NOT_OK.get(design, set())
    assert all(item.verdict == "ok" for item in found.cases if item.kind == "clean")
    assert all(trial.ok for trial in found.writeback)
    assert found.ok == (design not in NOT_OK)


@pytest.mark.parametrize("seed", [2, 3, 11])
def test_the_verdicts_do_not_depend_on_who_is_picked(seed: int):
    """Other seeds pick other people; the code treats them the same."""
    assert failed(review("in-message", seed=seed)) == set()


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_nothing_secret_is_written_anywhere(design: str):
    """No name, no code, no link token and no telephone number, in text or transcript."""
    found = shipped(design)
    text = review_text(found, Order("prelaunch", SCENARIO), 110)
    text += json.dumps(review_document(found), ensure_ascii=False)
    seed = replication_seed(found.seed, 0)
    codes = SeededCodes(Draws(seed))
    for customer in (int(re.search(r"case (\d+)", item.customer)[1]) for item in found.cases):  # type: ignore[index]
        assert display_name(seed, customer) not in text
        assert not {codes.digits(customer, nth) for nth in range(8, 12)} & set(re.findall(r"\d+", text))
    assert "sim-1." not in text
    assert not re.search(r"\d(?:[ -]?\d){8,}", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "", text))


def test_the_same_seed_gives_the_same_bytes():
    """Twice the same review, and another one for another seed."""
    first = json.dumps(review_document(review("in-message")))
    assert first == json.dumps(review_document(shipped("in-message")))
    assert first != json.dumps(review_document(review("in-message", seed=5)))


def test_a_duplicate_posts_once_and_every_repetition_is_answered():
    """While the first is under way it is left alone, afterwards it is answered from the record."""
    found = case(shipped("in-message"), "Duplicate")
    answers = [text for text in found.did if text.startswith("answers the repetition")]
    assert answers == [
        "answers the repetition: queued (in_hand)",
        "answers the repetition: recorded (duplicate)",
    ]
    assert found.core.count("status paid") == 1


def test_failures_name_their_owner_and_the_next_action():
    """What a team signs: who sees it, what is to be done, what evidence there is."""
    missing = case(shipped("in-message"), "Missing data")
    assert missing.seen_by == "agent, with the bundle (missing_data, complete)"
    assert missing.next_action == "agent: complete the account in the core, then contact the customer again"
    assert "exception_bundle" in missing.evidence
    down = case(shipped("portal"), "Core down")
    assert down.seen_by == "operations, through the outbox"
    assert down.next_action == "none: it is recorded"


def test_an_unproven_customer_is_told_one_neutral_sentence():
    """The link ran out; the page does not say so, for whoever holds it may not be the customer."""
    found = case(shipped("in-message"), "Expired link")
    assert "We cannot open this here. Nothing has changed. Talk to us instead?" in found.saw
    assert not any("expired" in text for text in found.saw)


# -- the design with every failure mode ----------------------------------------------------------------------


def test_message_first_is_played_to_its_end_and_fails_for_what_it_does():
    """Rigid timing sends at seven: every case says so, and a decision handed in again is a second effect."""
    found = shipped("message-first")
    assert all(
        "the message left within the contact rules: quiet_hours" in item.reason for item in found.cases
    )
    assert not any("played to its end" in item.reason for item in found.cases)
    twice = case(found, "Duplicate")
    assert twice.core.count("status paid") == 3
    assert "no wrong effect in the core: 3 posting(s)" in twice.reason
    assert [trial.ok for trial in found.writeback] == [True, False, True, False, False]


def test_a_generic_message_is_shown_as_one():
    """Neither amount nor date, and no question to the customer that is only a draw of luck."""
    (message,) = [
        text for text in case(shipped("message-first"), "Pay now").saw if text.startswith("message:")
    ]
    assert message == (
        "message: There is a matter to settle on your account. Go here: [portal address]. Reply STOP to opt out."
    )
    assert not any("(a step asks" in text for item in shipped("message-first").cases for text in item.saw)


def test_rigid_timing_at_an_allowed_hour_breaks_no_rule_in_a_rehearsal():
    """The rules are really asked: customers who were picked have consented."""
    settings = ("designs.message-first.message.rigid_hour=12",)
    request = CompareRequest(SCENARIO, settings)
    found = review_design(request, "message-first", lambda: False, lambda _: None)
    assert not any("contact rules" in item.reason for item in found.cases)


# -- the review can fail -------------------------------------------------------------------------------------


def test_a_confirmation_that_lies_is_found(monkeypatch: pytest.MonkeyPatch):
    """Saying "recorded" of what is still in the outbox fails the case in which the core is down, and no other."""
    from sandbox.journey.steps import confirm

    monkeypatch.setattr(confirm, "QUEUED_TEXT", "Thank you. We have recorded this.")
    found = review("in-message")
    assert failed(found) == {"Core down, then back"}
    assert "what the customer was told was true when said" in case(found, "Core down").reason


def test_a_poor_bundle_is_found(monkeypatch: pytest.MonkeyPatch):
    """A bundle without a next action fails every case that is handed over."""
    from sandbox.journey import handover

    monkeypatch.setattr(handover, "next_action", lambda _reason: "")
    assert {"Dispute, handed over to a person", "Missing data", "Expired link"} <= failed(
        review("in-message")
    )


def test_evidence_nobody_writes_is_found(monkeypatch: pytest.MonkeyPatch):
    """Without the rows that prove identity no completion is clean."""
    real = AuditTrail.record

    def forgetful(trail: AuditTrail, case_id: int, at_ms: int, kind: str, evidence: Any) -> None:
        if kind not in ("identity_proven", "link_opened"):
            real(trail, case_id, at_ms, kind, evidence)

    monkeypatch.setattr(AuditTrail, "record", forgetful)
    found = review("in-message")
    assert "missing: identity_proof" in case(found, "Pay now").reason


def test_a_core_that_ignores_keys_fails_the_writeback_test(monkeypatch: pytest.MonkeyPatch):
    """A crash between posting and result then makes a second record, and the test says so."""

    def keyless(*args: Any) -> Stage:
        stage = set_stage(*args)
        stage.wired.core._profile = WITHOUT_KEYS
        return stage

    monkeypatch.setattr(rehearsal_writeback, "set_stage", keyless)
    found = review("in-message")
    bad = [trial for trial in found.writeback if not trial.ok]
    assert [trial.moment.partition(",")[0] for trial in bad] == [
        "cut off between the core's posting and our result",
        "an acknowledgement lost",
    ]
    assert all(trial.found.startswith("2 posting(s)") for trial in bad)
    assert not found.ok


# -- a designer's own ----------------------------------------------------------------------------------------


def own(folder: Path, steps: str, normal_path: str = "self_service") -> str:
    """Write a scenario with one design of its own and return its path."""
    (folder / "mine.yaml").write_text(
        f"design: mine\ntitle: My own\nnormal_path: {normal_path}\nsteps:\n{steps}", encoding="utf-8"
    )
    path = folder / "world.yaml"
    path.write_text(
        "extends: retail-bank-200k\nscenario: my-world\nbaseline: mine\ndesigns: [./mine.yaml]\nexpect: []\n",
        encoding="utf-8",
    )
    return str(path)


def test_a_design_without_a_path_for_exceptions_is_found(tmp_path: Path):
    """Whoever cannot finish simply leaves: nobody owns the case, and the review says so."""
    steps = (
        "  - {id: message, kind: message, next: open_link}\n"
        "  - {id: open_link, kind: open_link, next: verify}\n"
        "  - {id: verify, kind: verify, next: choose}\n"
        "  - {id: choose, kind: choose, next: write_back, on: {dispute: end}}\n"
        "  - {id: write_back, kind: write_back, next: confirm, on: {refused: choose, queued: confirm}}\n"
        "  - {id: confirm, kind: confirm}\n"
    )
    found = review(None, own(tmp_path, steps))
    assert failed(found) == {
        "Missing data",
        "Ineligible plan",
        "Payment declined",
        "Expired link",
        "Account closed after the message",
        "Dispute, handed over to a person",
    }
    assert "somebody owns what is left: nobody" in case(found, "Missing data").reason


def test_a_case_a_design_cannot_have_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bot that answers questions posts nothing and refuses nobody: those two cases are marked, with the reason."""
    monkeypatch.setattr(checks, "faults", lambda *_: [])  # such a design is a dead end and would not load
    steps = "  - {id: message, kind: message, next: bot}\n  - {id: bot, kind: bot}\n"
    found = review(None, own(tmp_path, steps, "person"))
    marked = {item.title: item.reason for item in found.cases if item.verdict == "does not apply"}
    assert marked == {
        "Failed identity questions": "no step of this design refuses an identity",
        "Duplicate submission": "no step of this design posts",
    }
    assert all(item.verdict == "not ok" for item in found.cases if item.kind == "clean")


def test_a_campaign_too_small_to_cast_from_is_refused(tmp_path: Path):
    """Fewer people than cases: the setting to change is named."""
    request = CompareRequest(SCENARIO, ("campaign.messages=12",))
    with pytest.raises(BadInput, match=r"campaign\.messages"):
        review_design(request, "in-message", lambda: False, lambda _: None)


def test_a_review_can_be_stopped():
    """The next case is not begun once somebody asked to stop."""
    with pytest.raises(Cancelled):
        review_design(CompareRequest(SCENARIO), "in-message", lambda: True, lambda _: None)


def test_the_summary_leaves_out_where_the_customer_was():
    """A summary holds decisions; the transcript holds everything, evidence included, in order of time."""
    found = case(shipped("in-message"), "Pay now")
    assert not any(text.startswith(prelaunch._TOLD_APART) for text in found.did)
    times = [moment.at for moment in found.transcript]
    assert times == sorted(times)
    assert {"customer sees", "customer does", "system does", "evidence"} == {m.who for m in found.transcript}
