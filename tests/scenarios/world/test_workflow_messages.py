"""What the customer of each shipped workflow reads: the message before proof, the pages behind it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import BadInput
from sandbox.outreach.templates import placeholders, render, size, told_before_proof, too_long
from scenarios.rehearsal.prelaunch import Review, review_design
from scenarios.run import CompareRequest, prepare
from scenarios.world.action_words import either, may_do, title_without_form
from scenarios.world.library import find
from tests.scenarios.test_workflows import WORKFLOWS

OPTIONS = {
    "failed-payment": "use another card, pay now or query the amount",
    "kyc-refresh": "send us a document or confirm the document we hold",
    "address-update": "change your address, change your e-mail or confirm your address",
    "debit-order-change": "move your debit day or use another account",
    "compliance-attestation": "sign your yearly statement or tell us what is not right",
    "account-confirmation": "confirm your details, check your details or tell us what is wrong",
    "dispute": "dispute a transaction or ask about an older transaction",
}
"""Every action of a workflow as its message names it, in the policy's order."""

MONEY = re.compile(r"GBP|\bpay|\bamount|\bcard\b", re.IGNORECASE)
VALUES = {
    "act": "Go here: [secure link]",
    "act_until": "Go here: [secure link], open until 2026-03-05 08:30",
    "today": "2026-03-02",
    "amount": "GBP 152.50",
}


@cache
def scenario_of(name: str) -> Any:
    """A shipped workflow with its design in the message."""
    return prepare(CompareRequest(name, (), ("in-message-facts",)))[0]


@cache
def review_of(name: str) -> Review:
    """The pre-launch review of a workflow's design in the message."""
    return review_design(CompareRequest(name), "in-message-facts", lambda: False, lambda _title: None)


def forms_of(name: str) -> dict[str, Any]:
    """The forms of a workflow's policy, by action."""
    actions = scenario_of(name).policy.actions
    return {action: rule.form for action, rule in actions.items() if rule.form is not None}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflows_message_renders_names_its_options_and_tells_of_no_debt(name: str):
    """Each channel's texts are whole with the renderer's values, fit, and say what may be done and nothing owed."""
    scenario = scenario_of(name)
    outreach, forms = scenario.document.outreach, forms_of(name)
    options = either([may_do(action, forms) for action in scenario.policy.actions])
    assert options == OPTIONS[name]
    for channel, content, text in outreach.templates.texts():
        assert set(placeholders(text)) <= {*VALUES, "options"}
        message = render(text, {**VALUES, "options": options})
        assert told_before_proof(message, outreach.reveals) == []
        assert too_long(text, channel, options) == []
        assert message.endswith(" Reply STOP to opt out.")
        assert "Go here: [secure link]" in message
        assert (options in message) == (content == "specific")
        assert bool(MONEY.search(message)) == (name == "failed-payment")
        if channel == "sms":
            assert (size(message).segments, size(message).encoding) == (1, "gsm-7")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflows_pages_say_what_its_forms_say(name: str):
    """Behind proof stand the form's heading, text, labels and button, and nothing is overdue outside collections."""
    review, forms = review_of(name), forms_of(name)
    assert review.ok, [case.reason for case in review.cases if case.verdict == "not ok"]
    first = review.cases[0]
    form = next(iter(forms.values()))
    seen = "\n".join(first.saw)
    assert f"You can: {form.heading}" in seen
    first_sentence = re.split(r"\{", form.reads)[0]
    asked = ", ".join(field.label for field in form.fields.values())
    assert f"{form.heading}. {first_sentence}" in seen
    assert f"Fill in: {asked}. [{form.submit}]" in seen
    everything = "\n".join(line for case in review.cases for line in case.saw)
    assert "overdue" not in everything
    assert not re.search(r"tok_\w+", everything)
    if not first.seen_by.startswith("agent"):
        assert f"message: {form.confirms}" in first.saw


def test_an_agent_on_the_phone_asks_for_a_form_and_repeats_no_refusal_of_a_page():
    """What went wrong on the page before the call is not said of the form the agent fills in."""
    (case,) = [one for one in review_of("failed-payment").cases if one.title.startswith("Not allowed")]
    assert case.staged == ("sends 'Authorise payment' from an old page",)
    assert "The agent asks for: Card, Expires." in case.saw


def test_a_form_without_fields_says_all_on_the_page_it_is_chosen_from():
    """Authorising a payment is one tap, so the page names its sum, its reason and its button."""
    (case,) = [one for one in review_of("failed-payment").cases if one.title == "Authorise payment"]
    (page,) = [line for line in case.saw if line.startswith("You can:")]
    assert re.search(
        r"; Pay (GBP [\d.,]+) now: Your payment of \1 did not go through\. .* \[Pay now\]; Dispute the amount \(",
        page,
    )


def test_collections_says_what_is_overdue_behind_proof_only():
    """Its forms name the overdue amount on the page; the message before it does not say that anything is overdue."""
    review = review_design(
        CompareRequest("retail-bank-200k"), "in-message", lambda: False, lambda _title: None
    )
    pages = [line for line in review.cases[0].saw if "You can:" in line]
    assert pages
    assert all(re.search(r"Pay now \(.*\): GBP [\d.,]+ of your account is overdue\.", page) for page in pages)
    assert "You can pay now, promise to pay or dispute the amount." in review.cases[0].saw[0]
    assert "overdue" not in review.cases[0].saw[0]


def test_actions_without_a_form_are_called_by_a_standing_word_or_their_name():
    """Three are known by name; any other reads as it is written."""
    assert (may_do("promise_to_pay", {}), title_without_form("promise_to_pay")) == (
        "choose a day",
        "Promise to pay",
    )
    assert (may_do("send_letter", {}), title_without_form("send_letter")) == ("send letter", "Send letter")
    assert [either([]), either(["a"]), either(["a", "b"]), either(["a", "b", "c"])] == [
        "talk to a person",
        "a",
        "a or b",
        "a, b or c",
    ]


def changed_policy(folder: Path, heading: str) -> str:
    """A scenario whose policy heads its first form so."""
    text = find("policy", "kyc-refresh").path.read_text(encoding="utf-8")
    policy, scenario = folder / "own-policy.yaml", folder / "own.yaml"
    policy.write_text(text.replace("heading: Send us a document", f"heading: {heading}"), encoding="utf-8")
    scenario.write_text("extends: kyc-refresh\nscenario: own\npolicy: own-policy.yaml\n", encoding="utf-8")
    return str(scenario)


def test_a_heading_that_tells_of_a_debt_is_refused_where_a_message_names_it(tmp_path: Path):
    """The name of an action leaves the secure page, so it is held to what a message may say."""
    with pytest.raises(BadInput, match=r"calls upload_document 'settle your debt': 'debt' tells of a debt"):
        prepare(CompareRequest(changed_policy(tmp_path, "Settle your debt"), (), ("in-message-facts",)))


@pytest.mark.parametrize(("characters", "fits"), [(213, True), (214, False)])
def test_options_that_make_a_text_too_long_are_refused(tmp_path: Path, characters: int, fits: bool):
    """Three parts hold 459 characters; the workflow's own options count, not the collections'."""
    own = changed_policy(tmp_path, "S" * characters)
    if fits:
        prepare(CompareRequest(own, (), ("in-message-facts",)))
        return
    with pytest.raises(BadInput, match=r"templates\.sms\.specific: found up to 460 characters in 4 parts"):
        prepare(CompareRequest(own, (), ("in-message-facts",)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kyc-refresh", "This could not be done. Nothing has changed."),
        ("failed-payment", "This could not be done. Nothing was taken and nothing has changed."),
    ],
)
def test_a_refusal_speaks_of_money_only_where_the_workflow_takes_some(name: str, said: str):
    """An account closed meanwhile: nobody is told that nothing was taken who was asked for nothing."""
    (case,) = [one for one in review_of(name).cases if one.title == "Account closed after the message"]
    assert f"the agent says: {said}" in case.saw


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_note_in_the_core_names_its_source_once(name: str):
    """Who entered it stands in front; the policy's own words add nothing on that."""
    notes = [case.core for case in review_of(name).cases if "note '" in case.core]
    assert notes
    assert all(("in self-service" in note) + ("on the phone" in note) <= 1 for note in notes)
