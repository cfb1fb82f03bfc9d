"""Any design of shipped steps either is refused, or can be walked by anybody without breaking a rule of ours."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sandbox import facts
from sandbox.effects import (
    Answer,
    Ask,
    CallResult,
    HandToBackOffice,
    JoinCallQueue,
    PostToCore,
    ReadByKey,
    Send,
    Wait,
)
from sandbox.errors import BadInput
from sandbox.journey.design import STEPS_PER_VISIT_MAX, Design, compile_design, walk
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from sandbox.journey.table import CaseState
from sandbox.model import Action, Choice
from sandbox.policy.decide import Policy
from sandbox.ports import CoreOutcome
from scenarios.files.overlay import as_tree
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.world.library import find, shipped
from tests.journey.play import CODE, FACTS, SENT_AT_MS, WRONG_CODE, Stage, applied, says, set_stage

STEPS_MAX = 8
VISITS = 20
"""Visits walked through every accepted design; the first finds the customer's part done before."""

KINDS = [kind for kind in STEP_KINDS if kind != "message"]
ANSWERS: dict[str, tuple[object, ...]] = {
    "log_in": ("in", "left", "forgot"),
    "reset_password": (True, False),
    "install_app": (True, False),
    "talk_to_bot": ("understood", "escalated", "nothing", "dropped"),
    "enter_code": (CODE, WRONG_CODE, None, ""),
    "answer_facts": (FACTS[:2], (FACTS[0], ("postcode", "ZZ9 9ZZ")), None),
    "take_call": (True, False),
    "redial": (True, False),
    "answer_agent": (True, False),
    "submit_again": (True, False),
    "ask_proof": (True, False),
    "tell_agent": (Choice(Action.PAY_NOW, 20_000, 0), Choice(Action.DISPUTE, 20_000, 0), None),
}


def shipped_design(name: str) -> dict[str, Any]:
    """A shipped design as plain data."""
    target = find("design", name)
    data, _ = collapse(quantify(as_tree(read_yaml(target.path, target.source), target.path.parent))[0])
    return data


SHIPPED = [shipped_design(name) for name in shipped("design")]


@st.composite
def routes(draw: st.DrawFn, kind: str, ids: list[str]) -> dict[str, Any]:
    """Where a step of a kind goes: anywhere there is."""
    targets = st.sampled_from([*ids, "end"])
    outcomes = STEP_KINDS[kind].outcomes
    return {
        "next": draw(targets),
        "on": {outcome: draw(targets) for outcome in outcomes if draw(st.booleans())},
    }


@st.composite
def invented(draw: st.DrawFn) -> dict[str, Any]:
    """A design thrown together from any steps."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=STEPS_MAX))
    ids = [f"s{n}" for n in range(len(kinds))]
    steps = [
        {"id": name, "kind": kind, **draw(routes(kind, ids))} for name, kind in zip(ids, kinds, strict=True)
    ]
    message = {"id": "message", "kind": "message", "next": "s0"}
    return {"design": "x", "title": "X", "normal_path": "self_service", "steps": [message, *steps]}


@st.composite
def rerouted(draw: st.DrawFn) -> dict[str, Any]:
    """A shipped design of which up to three steps lead elsewhere."""
    design = draw(st.sampled_from(SHIPPED))
    steps = [dict(step) for step in design["steps"]]
    ids = [step["id"] for step in steps[1:]]
    for _ in range(draw(st.integers(0, 3))):
        step = draw(st.sampled_from(steps[1:]))
        outcome = draw(st.sampled_from(["done", *STEP_KINDS[step["kind"]].outcomes]))
        target = draw(st.sampled_from([*ids, "end"]))
        if outcome == "done":
            step["next"] = target
        else:
            step["on"] = {**step.get("on", {}), outcome: target}
    return {**design, "steps": steps}


def answer(effect: Any, luck: Any) -> Any:
    """What the world says to an effect: anything it may say."""
    if isinstance(effect, Ask):
        if effect.question != "choose":
            return luck.choice(ANSWERS[effect.question])
        choices = [
            Choice(offer.action, offer.amount_max_minor, offer.due_days_min) for offer in effect.detail
        ]
        return luck.choice([*choices, "person", "nothing", "dropped"])
    if isinstance(effect, PostToCore):
        stale = says(CoreOutcome.STALE, version=effect.command.expected_version + 1)
        refused, down = says(CoreOutcome.REFUSED, "declined"), says(CoreOutcome.UNAVAILABLE)
        return luck.choice([applied(effect.command), refused, stale, down])
    if isinstance(effect, ReadByKey):
        return says(CoreOutcome.NOT_FOUND)
    if isinstance(effect, JoinCallQueue):
        return CallResult(answered=luck.random() < 0.5, wait_ms=0, talk_ms=0)
    assert isinstance(effect, Wait | Send | HandToBackOffice)
    return True if isinstance(effect, Send) else None


def visit(stage: Stage, design: Design, luck: Any) -> list[str]:
    """Walk one visit with whatever answers come, and return the steps entered."""
    flow, at_ms = walk(design, stage.visit), SENT_AT_MS
    reply: Answer | None = None
    try:
        while True:
            effect = flow.send(reply)  # type: ignore[arg-type]  # a fresh generator takes None
            at_ms += 1_000
            reply = Answer(answer(effect, luck), at_ms)
    except StopIteration:
        return [fact.step for fact in stage.facts.of(facts.StepEntered)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=st.one_of(rerouted(), rerouted(), invented()), luck=st.randoms(use_true_random=False))
def test_a_design_is_refused_or_walks_within_the_bound(
    policy: Policy, document: dict[str, Any], luck: Any
) -> None:
    """Whatever customers, lines and core answer, no visit of an accepted design breaks a rule or its limit."""
    try:
        design = compile_design(DesignDocument.model_validate(document))
    except BadInput:
        event("refused")
        return
    event("accepted")
    for nth in range(VISITS):
        store = SqliteCaseStore(None)
        try:
            stage = set_stage(policy, store).at(CaseState.ACTED if nth == 0 else CaseState.ENGAGED)
            assert len(visit(stage, design, luck)) < STEPS_PER_VISIT_MAX
        finally:
            store.close()
