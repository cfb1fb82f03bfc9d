from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sandbox import facts
from sandbox.effects import (
    Ask,
    CallResult,
    HandToBackOffice,
    JoinCallQueue,
    Keyed,
    NoteRead,
    PostToCore,
    Rekey,
    Wait,
)
from sandbox.errors import BadInput, RuleBroken
from sandbox.journey.design import STEPS_PER_VISIT_MAX, Design, compile_design, walk
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from sandbox.journey.steps.base import END, Step
from sandbox.journey.steps.message import Message
from sandbox.journey.table import CaseState
from sandbox.model import MS_PER_HOUR, Action, Choice
from scenarios.world.spec import load_scenario
from tests.journey.play import CASE, SENT_AT_MS, Line, Stage, applied, play
from tests.writeback.bench import account

MESSAGE = {"id": "message", "kind": "message", "next": "login"}
LOGIN = {"id": "login", "kind": "login", "next": "confirm"}
CONFIRM = {"id": "confirm", "kind": "confirm"}
ACTING = (
    {"id": "choose", "kind": "choose", "next": "write_back", "on": {"dispute": "write_back"}},
    {"id": "write_back", "kind": "write_back", "next": "confirm"},
    CONFIRM,
)
SOUND = (MESSAGE, {**LOGIN, "next": "choose"}, *ACTING)

SHIPPED = load_scenario("retail-bank-200k").designs


def document(*steps: dict[str, Any]) -> DesignDocument:
    """A design of these steps."""
    return DesignDocument.model_validate(
        {"design": "small", "title": "Small", "normal_path": "self_service", "steps": list(steps)}
    )


def problems(*steps: dict[str, Any]) -> list[str]:
    """What is wrong with a design of these steps."""
    with pytest.raises(BadInput) as refused:
        compile_design(document(*steps))
    return refused.value.problems


# -- compiling -----------------------------------------------------------------------------------------------


def test_a_sound_design_compiles_to_its_steps_and_says_who_does_the_work():
    """Steps are found by id; a design whose normal path is a person is assisted service."""
    design = compile_design(document(*SOUND))
    assert list(design.steps) == ["message", "login", "choose", "write_back", "confirm"]
    assert design.message is design.steps["message"]
    assert not design.assisted
    assert compile_design(SHIPPED["sms-to-call"]).assisted


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_design_compiles_and_routes_every_outcome_to_a_step_or_the_end(name):
    """Whatever a step returns, a shipped design says where the customer goes."""
    design = compile_design(SHIPPED[name])
    for step in design.steps.values():
        for outcome in ("done", *step.outcomes):
            assert design.route(step, outcome) in {*design.steps, END}
        assert set(step.on) <= set(step.outcomes)


def test_two_steps_of_one_name_are_refused():
    """An id is how a design speaks of a step; it must mean one."""
    assert problems(MESSAGE, LOGIN, CONFIRM, CONFIRM) == [
        "design small: step id 'confirm' is used twice",
    ]


def test_a_target_that_does_not_exist_is_refused_with_those_that_do():
    """A slip in a route is found when the file is read, not when the first customer gets there."""
    found = problems(MESSAGE, {**LOGIN, "on": {"failed": "cal_queue"}}, CONFIRM)
    assert found == [
        "design small: step 'login' goes to unknown step 'cal_queue'; allowed: message, login, confirm, end"
    ]


def test_an_outcome_the_step_never_returns_is_refused_with_those_it_does():
    """A route that could never be taken is a misunderstanding of the step."""
    found = problems(MESSAGE, {**LOGIN, "on": {"refused": "confirm"}}, CONFIRM)
    assert found == ["design small: step 'login' has no outcome 'refused'; allowed: failed, dropped"]


def test_done_is_routed_by_next_alone():
    """Two places for one route would leave the reader to guess which one counts."""
    assert problems(MESSAGE, {**LOGIN, "next": "end", "on": {"done": "confirm"}}, CONFIRM) == [
        "design small: step 'login' routes done under 'on'; use next"
    ]


def test_a_step_nobody_can_reach_is_refused():
    """Dead steps would be read as part of the design."""
    assert problems(MESSAGE, {**LOGIN, "next": "end"}, CONFIRM) == [
        "design small: step 'confirm' cannot be reached from 'message': no step leads there"
    ]


def test_a_design_must_start_with_a_message():
    """A visit begins when the customer acts on one."""
    assert problems(LOGIN, CONFIRM) == ["design small: the first step must be a message, found 'login'"]


def test_a_step_must_not_go_back_to_the_message():
    """The next message is outreach's decision, never a step's."""
    assert "design small: step 'confirm' goes back to the message; use end" in problems(
        MESSAGE, LOGIN, {**CONFIRM, "next": "message"}
    )


CALL = {"id": "call", "kind": "call_queue", "next": "agent"}
LATE_CALL = {"id": "late_call", "kind": "call_queue", "next": "agent"}
AGENT = {"id": "agent", "kind": "agent", "next": "posts"}
POSTS = {"id": "posts", "kind": "write_back"}


def with_route(route: str, *steps: dict[str, Any]) -> DesignDocument:
    """A design that names its route to a person."""
    return document(*steps).model_copy(update={"person_route": route})


def test_the_route_to_a_person_is_the_first_call_queue_unless_named():
    """Who cannot be reached by any message begins there; a design without a call queue has no such route."""
    calls = {**CALL, "on": {"abandoned": "late_call"}}
    steps = ({**MESSAGE, "next": "call"}, calls, LATE_CALL, AGENT, POSTS)
    assert compile_design(document(*steps)).person_route == "call"
    assert compile_design(with_route("late_call", *steps)).person_route == "late_call"
    assert compile_design(document(*SOUND)).person_route == ""


def test_a_call_queue_reached_by_letter_alone_can_be_reached():
    """A queue of its own for those who were written to is no dead step."""
    design = compile_design(with_route("call", *SOUND, CALL, AGENT, POSTS))
    assert design.person_route == "call"


@pytest.mark.parametrize(
    ("route", "what"), [("login", "step 'login' of kind 'login'"), ("x", "unknown step 'x'")]
)
def test_a_route_to_a_person_that_is_no_call_queue_is_refused(route, what):
    """The letter asks for a call: what is not a call queue cannot take it."""
    with pytest.raises(BadInput) as refused:
        compile_design(with_route(route, {**MESSAGE, "next": "call"}, CALL, AGENT, POSTS, LOGIN, CONFIRM))
    assert refused.value.problems[0] == f"design small: person_route goes to {what}; allowed: call"


def test_a_sequence_begins_with_its_first_touch():
    """A wait before the first touch would move the trigger, and with it the day of the case."""
    sequence = [{"channel": "sms", "wait_days": 1}, {"channel": "email", "wait_days": 3}]
    assert problems({**MESSAGE, "sequence": sequence}, LOGIN, CONFIRM) == [
        (
            "design small: step 'message' has a sequence that begins with wait_days 1; allowed: 0, "
            "for the first touch is the trigger"
        )
    ]


def test_a_visit_may_start_at_a_step(stage: Stage):
    """The route to a person skips what a message would have led through."""
    design = compile_design(SHIPPED["portal"])
    abandoned = Line(JoinCallQueue("routine", 1), CallResult(answered=False, wait_ms=9, talk_ms=0))
    flow = walk(design, stage.visit, design.person_route)
    assert play(flow, SENT_AT_MS, abandoned, Line(Ask("redial", None, 1), False)) == "call_queue:abandoned"
    assert entered(stage) == ["call_queue"]


def test_all_faults_are_told_at_once():
    """Nobody mends a file one error at a time."""
    found = problems(
        MESSAGE, {**LOGIN, "on": {"no": "nowhere"}}, {**CONFIRM, "id": "left"}, {**CONFIRM, "id": "left"}
    )
    assert len(found) == 5


@pytest.mark.parametrize(
    "step",
    [
        {"id": "x", "kind": "teleport"},
        {"id": "x", "kind": "verify", "codes_max": 0},
        {"id": "x", "kind": "exception", "takes_call_rate": 1.5},
        {"id": "x", "kind": "call_queue", "attempts_max": 21},
        {"id": "x", "kind": "confirm", "colour": "red"},
    ],
)
def test_an_unknown_kind_or_a_parameter_out_of_range_is_refused(step):
    """The schema knows every kind of step, its parameters and their limits."""
    with pytest.raises(ValidationError):
        document({**MESSAGE, "next": "x"}, step)


def test_every_kind_in_the_registry_is_a_kind_a_file_can_name():
    """Registry and schema cannot drift apart: each kind parses under its own name."""
    for kind, step in STEP_KINDS.items():
        assert isinstance(document(MESSAGE, {"id": "x", "kind": kind}).steps[1], step)


# -- walking -------------------------------------------------------------------------------------------------


def design_of(*steps: dict[str, Any]) -> Design:
    """A compiled design of these steps."""
    return compile_design(document(*steps))


def walked(stage: Stage, design: Design, *lines: Line) -> str:
    """Walk one visit from the moment the customer acted."""
    return play(walk(design, stage.visit), SENT_AT_MS, *lines)


def entered(stage: Stage) -> list[str]:
    """The steps the visit went through."""
    return [fact.step for fact in stage.facts.of(facts.StepEntered)]


def test_a_shipped_call_is_walked_from_queue_to_note(stage: Stage):
    """Every step is entered once, in order, with one channel change; nobody dropped, the case waits in ACTED."""
    lines = [
        Line(JoinCallQueue("routine", 1), CallResult(answered=True, wait_ms=0, talk_ms=0)),
        *agent_lines(Choice(Action.PAY_NOW, 20_000, 0)),
    ]
    design = compile_design(SHIPPED["sms-to-call"])
    assert walked(stage, design, *lines) == "agent:done"
    assert entered(stage) == ["call_queue", "agent"]
    assert stage.visit.goes_on == "back_office"
    assert stage.facts[-1] == facts.HandedOn(CASE, SENT_AT_MS, "back_office")
    assert stage.facts.of(facts.ChannelChanged) == [facts.ChannelChanged(CASE, SENT_AT_MS, "call_queue")]
    assert not stage.facts.of(facts.Dropped)
    assert stage.state is CaseState.ACTED
    behind = [
        Line(HandToBackOffice(0), NoteRead(readable=True, touch_ms=300_000), MS_PER_HOUR),
        Line(Rekey(0, 0, 2.0, False), Keyed(wrong=False, found=False, touch_ms=60_000), MS_PER_HOUR),
        Line(Wait(0), None),
        Line(PostToCore, lambda effect: applied(effect.command)),
    ]
    assert play(walk(design, stage.visit, "back_office"), SENT_AT_MS, *behind) == "manual_writeback:done"
    assert [fact for fact in stage.facts.of(facts.StepEntered) if fact.behind] == [
        facts.StepEntered(CASE, SENT_AT_MS, "back_office", True),
        facts.StepEntered(CASE, SENT_AT_MS + MS_PER_HOUR, "manual_writeback", True),
    ]
    assert stage.state is CaseState.RECORDED


def test_a_lost_note_drops_nobody(stage: Stage):
    """The customer is not there to leave: no drop is told, the case waits for what never comes."""
    stage.visit.account, stage.visit.choice = account(CASE), Choice(Action.PAY_NOW, 20_000, 0)
    stage.at(CaseState.ACTED)
    lost = Line(HandToBackOffice, NoteRead(readable=False, touch_ms=0))
    flow = walk(compile_design(SHIPPED["sms-to-call"]), stage.visit, "back_office")
    assert play(flow, SENT_AT_MS, lost) == "back_office:lost"
    assert stage.facts[-1] == facts.ItemFailed(CASE, SENT_AT_MS, "back_office", "lost")
    assert not stage.facts.of(facts.Dropped)
    assert stage.state is CaseState.ACTED


def agent_lines(choice: Choice | None) -> list[Line]:
    """A caller without talk time who passes the questions and says this."""
    return [Line(Wait(0), None), Line(Ask("answer_agent", None, 0), True), Line(Ask, choice)]


@pytest.mark.parametrize(
    ("lines", "ending", "step", "reason"),
    [
        ([Line(Ask("log_in", None, 0), "left")], "login:dropped", "login", "dropped"),
        (
            [
                Line(Ask("log_in", None, 0), "forgot"),
                Line(Ask("reset_password", None, 0), False),
                Line(Ask("take_call", 0.3, 0), False),
            ],
            "call_instead:dropped",
            "call_instead",
            "dropped",
        ),
        ([Line(Ask("log_in", None, 0), "in"), Line(Ask, "nothing")], "choose:nothing", "choose", "nothing"),
    ],
)
def test_a_visit_that_ends_early_is_dropped_exactly_once(stage: Stage, lines, ending, step, reason):
    """Wherever it ends, one fact says where and why, and the case waits for the next message."""
    assert walked(stage, compile_design(SHIPPED["portal"]), *lines) == ending
    assert stage.facts.of(facts.Dropped) == [facts.Dropped(CASE, SENT_AT_MS, step, reason)]
    assert stage.state is CaseState.CONTACTED


def test_an_outcome_without_a_route_ends_the_visit(stage: Stage):
    """What a design does not mention is an end, and counted as one."""
    design = design_of(*SOUND)
    assert walked(stage, design, Line(Ask, "left")) == "login:dropped"
    assert len(stage.facts.of(facts.Dropped)) == 1


def test_a_visit_that_drops_after_acting_keeps_the_outcome_on_its_way(stage: Stage):
    """Leaving after the action was finished takes nothing back."""
    stage.at(CaseState.ACTED)
    lines = [
        Line(JoinCallQueue, CallResult(answered=True, wait_ms=0, talk_ms=0)),
        *agent_lines(None)[:2],
    ]
    assert walked(stage, compile_design(SHIPPED["sms-to-call"]), *lines) == "agent:nothing"
    assert stage.facts.of(facts.Dropped) == [facts.Dropped(CASE, SENT_AT_MS, "agent", "nothing")]
    assert stage.state is CaseState.ACTED


def test_a_design_that_sends_a_customer_in_circles_is_stopped(stage: Stage):
    """A loop that no check refused is bounded all the same: past the bound it is our bug, not an endless visit."""
    message, login = document(MESSAGE, {**LOGIN, "next": "login"}).steps
    assert isinstance(message, Message)
    design = Design(
        "small", "Small", assisted=False, message=message, steps={"message": message, "login": login}
    )
    with pytest.raises(RuleBroken, match=f"visit of case 3 took more than {STEPS_PER_VISIT_MAX} steps"):
        walked(stage, design, *[Line(Ask, "in")] * STEPS_PER_VISIT_MAX)
    assert entered(stage) == ["login"] * STEPS_PER_VISIT_MAX


def test_a_step_that_returns_what_it_never_announced_is_our_bug():
    """An outcome outside the step's list cannot be routed silently."""
    design = design_of(*SOUND)
    with pytest.raises(RuleBroken, match="step 'login' returned unknown outcome 'melted'"):
        design.route(design.steps["login"], "melted")


def test_the_base_step_does_nothing_by_itself(stage: Stage):
    """A new kind of step must say what it does."""
    with pytest.raises(NotImplementedError):
        Step(id="x").run(stage.visit)
