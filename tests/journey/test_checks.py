"""Designs refused before anybody walks through them, each with the way a customer would have come to the fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.errors import BadInput
from sandbox.journey import checks
from sandbox.journey.design import STEPS_PER_VISIT_MAX, compile_design, weak_identity
from sandbox.journey.schema import DesignDocument
from sandbox.model import AssuranceLevel
from scenarios.world.spec import load_scenario

SHIPPED = load_scenario("retail-bank-200k", further_designs=("portal-app", "bot", "hybrid")).designs


def step(kind: str, then: str = "end", name: str = "", **routes: str) -> dict[str, Any]:
    """A step as a file writes it, called after its kind; routes of its other outcomes by name."""
    return {"id": name or kind, "kind": kind, "next": then, "on": routes}


def document(*steps: dict[str, Any]) -> DesignDocument:
    """A design of these steps, behind a message that leads to the first of them."""
    message = {"id": "message", "kind": "message", "next": steps[0]["id"]}
    return DesignDocument.model_validate(
        {"design": "small", "title": "Small", "normal_path": "self_service", "steps": [message, *steps]}
    )


def problems(*steps: dict[str, Any]) -> list[str]:
    """What is wrong with such a design, without its name in front."""
    with pytest.raises(BadInput) as refused:
        compile_design(document(*steps))
    return [text.removeprefix("design small: ") for text in refused.value.problems]


CHOOSE = step("choose", "write_back", dispute="write_back")
WRITE = step("write_back")
CALL = (
    step("call_queue", "agent"),
    step("agent", "back_office"),
    step("back_office", "manual_writeback"),
    step("manual_writeback"),
)


# -- dead ends -------------------------------------------------------------------------------------------------


def test_a_design_that_never_posts_is_a_dead_end_from_its_message_on() -> None:
    """Nothing a customer does there could complete the case."""
    assert problems(step("login", "confirm"), step("confirm")) == [
        "step 'message' is a dead end: no way from it reaches the core: message → login → end"
    ]


def test_a_branch_that_cannot_complete_is_told_at_its_first_step() -> None:
    """What comes after the turn is not told again."""
    found = problems(
        step("login", "choose", failed="sorry"),
        CHOOSE,
        WRITE,
        step("exception", "bye", "sorry"),
        step("confirm", name="bye"),
    )
    assert found == [
        "step 'sorry' is a dead end: no way from it reaches the core: message → login → sorry → end"
    ]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            [step("login", "choose"), step("choose", "confirm", dispute="confirm"), step("confirm")],
            (
                "step 'confirm' ends with 'done', and what was agreed never reaches the core: "
                "message → login → choose → confirm → end"
            ),
        ),
        (
            [step("login", "choose"), step("choose", dispute="write_back"), WRITE],
            (
                "step 'choose' ends with 'done', and what was agreed never reaches the core: "
                "message → login → choose → end"
            ),
        ),
        (
            [step("call_queue", "agent"), step("agent")],
            (
                "step 'agent' ends with 'done', and what was agreed never reaches the core: "
                "message → call_queue → agent → end"
            ),
        ),
        (
            [step("login", "choose"), step("choose", "write_back"), WRITE],
            (
                "step 'choose' ends with 'dispute', and what was agreed never reaches the core: "
                "message → login → choose → end"
            ),
        ),
    ],
)
def test_an_outcome_that_never_reaches_the_core_is_refused(steps: list[dict[str, Any]], told: str) -> None:
    """A choice or an agreement must be posted on every way on which all goes well."""
    assert problems(*steps) == [told]


def test_an_end_written_for_another_outcome_is_the_designers_decision() -> None:
    """A dispute may be turned away by name; forgetting it is another thing."""
    compile_design(document(step("login", "choose"), step("choose", "write_back", dispute="end"), WRITE))


# -- what a step needs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            [step("login", "agent"), *CALL[1:]],
            (
                "step 'agent' needs a person on the line, and no call was answered before it (put call_queue there): "
                "message → login → agent"
            ),
        ),
        (
            [
                step("call_queue", "agent"),
                step("agent", "back_office", nothing="again"),
                *CALL[2:],
                step("agent", "back_office", "again"),
            ],
            (
                "step 'again' needs a person on the line, and no call was answered before it (put call_queue there): "
                "message → call_queue → agent → again"
            ),
        ),
        (
            [step("login", "write_back"), WRITE],
            (
                "step 'write_back' has nothing to post: no outcome was chosen or agreed before it: "
                "message → login → write_back"
            ),
        ),
        (
            [
                step("login", "choose"),
                CHOOSE,
                step("write_back", refused="second"),
                step("write_back", name="second"),
            ],
            (
                "step 'second' has nothing to post: no outcome was chosen or agreed before it: "
                "message → login → choose → write_back → second"
            ),
        ),
        (
            [
                step("login", "choose"),
                CHOOSE,
                step("write_back", queued="second"),
                step("write_back", name="second"),
            ],
            "step 'second' posts what was posted before: message → login → choose → write_back → second",
        ),
        (
            [step("open_link", "choose"), CHOOSE, WRITE],
            (
                "step 'write_back' posts before the customer has proven who they are: "
                "message → open_link → choose → write_back"
            ),
        ),
        (
            [
                step("login", "choose"),
                step("choose", "call_queue", dispute="call_queue"),
                step("call_queue", "write_back"),
                WRITE,
            ],
            (
                "step 'write_back' posts what the person on the line did not agree: "
                "message → login → choose → call_queue → write_back"
            ),
        ),
    ],
)
def test_a_step_that_lacks_what_it_needs_is_refused_with_the_way_there(
    steps: list[dict[str, Any]], told: str
) -> None:
    """Each would break one of our own rules in the middle of a run; it is found when the file is read."""
    assert problems(*steps)[0] == told  # a way that begins with a letter's call may lack the same


# -- loops -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "ring"),
    [
        ([step("login", "choose", failed="login"), CHOOSE, WRITE], "message → login → login …"),
        (
            [step("login", "choose"), step("choose", "write_back", dispute="end", dropped="login"), WRITE],
            "message → login → choose → login → choose …",
        ),
        (
            [step("call_queue", "agent", abandoned="call_queue"), *CALL[1:]],
            "message → call_queue → call_queue …",
        ),
        (
            [
                step("call_queue", "agent"),
                step("agent", "write_back"),
                step("write_back", refused="call_queue"),
            ],
            "message → call_queue → agent → write_back → call_queue → agent → write_back …",
        ),
    ],
)
def test_a_loop_without_a_bound_is_refused_with_its_round(steps: list[dict[str, Any]], ring: str) -> None:
    """The same would happen each time round, until our own limit broke."""
    (told,) = problems(*steps)
    assert "is in a loop without a bound" in told
    assert told.endswith(f": {ring}")


def test_a_choice_after_a_refusal_ends_by_itself() -> None:
    """Each turn takes one action away, so the loop every shipped page has is none without a bound."""
    compile_design(document(step("login", "choose"), CHOOSE, step("write_back", refused="choose")))


def refusing(length: int) -> list[dict[str, Any]]:
    """A sound design whose every refusal leads through `length` app downloads back to the choice."""
    chain = [
        step("app_download", f"a{n + 1}" if n + 1 < length else "choose", f"a{n}") for n in range(length)
    ]
    return [
        step("login", "choose"),
        CHOOSE,
        step("write_back", "confirm", refused="a0"),
        step("confirm"),
        *chain,
    ]


def test_a_way_longer_than_a_visit_may_be_is_refused_at_its_exact_length() -> None:
    """By hand: login, three refusals of choose, write_back and the chain, and a last look at the page."""
    # 1 + 3 * (2 + 14) + 1 = 50 steps are one too many; with a chain of 13 it is 47.
    assert STEPS_PER_VISIT_MAX == 50
    (told,) = problems(*refusing(14))
    assert told.startswith(
        "a visit could take 50 steps; allowed: fewer than 50: message → login → choose → write_back → a0"
    )
    assert told.count("write_back") == 3
    compile_design(document(*refusing(13)))


def test_a_visit_may_begin_elsewhere_than_behind_the_message() -> None:
    """What only a second start reaches is no dead step, its faults show the way from there, and it counts in full."""
    message, *others = document(step("login", "choose"), CHOOSE, WRITE, *CALL).steps
    steps = {one.id: one for one in (message, *others)}
    assert len(checks.unreachable([message], steps)) == 4
    starts = [message, steps["call_queue"]]
    assert checks.unreachable(starts, steps) == []
    assert checks.faults(starts, steps, STEPS_PER_VISIT_MAX) == []
    (told,) = checks.faults(starts, steps, 3)
    assert told == "a visit could take 3 steps; allowed: fewer than 3: message → login → choose → write_back"
    steps["call_queue"] = replace(steps["call_queue"], on={"abandoned": "call_queue"})
    (told,) = checks.faults([message, steps["call_queue"]], steps, STEPS_PER_VISIT_MAX)
    assert told.endswith(": call_queue → call_queue …")


# -- identity and policy ---------------------------------------------------------------------------------------

NEEDED = {"pay_now": AssuranceLevel.CODE, "dispute": AssuranceLevel.LINK}


def test_a_page_is_refused_where_policy_would_offer_and_then_refuse() -> None:
    """The message says what is proven there, what policy wants, and which steps would give it."""
    calls = (
        step("call_queue", "agent"),
        step("agent", "agent_writes"),
        step("write_back", name="agent_writes"),
    )
    steps = (step("open_link", "choose"), step("choose", "call_queue", dispute="call_queue"), *calls)
    assert weak_identity(compile_design(document(*steps)), NEEDED) == [
        (
            "design small: step 'choose' is reached with identity level link, and policy takes pay_now from level "
            "code on (put verify or login before it): message → open_link → choose"
        )
    ]


@pytest.mark.parametrize(
    ("proof", "weak"),
    [(AssuranceLevel.CODE, False), (AssuranceLevel.LOGIN, False), (AssuranceLevel.KNOWN_FACTS, True)],
)
def test_identity_is_enough_at_or_above_the_level(proof: AssuranceLevel, weak: bool) -> None:
    """A login opens what needs a code or a login, and not what needs a person's questions."""
    design = compile_design(document(step("login", "choose"), CHOOSE, WRITE))
    assert bool(weak_identity(design, {"pay_now": proof})) == weak


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_design_is_sound_and_strong_enough(name: str) -> None:
    """What comes with the product passes its own checks."""
    assert weak_identity(compile_design(SHIPPED[name]), NEEDED) == []


def test_a_scenario_places_both_kinds_of_fault_on_their_line(tmp_path, monkeypatch) -> None:
    """A fault in a design's routes, and one between design and policy, stand at the step they are about."""
    monkeypatch.chdir(tmp_path)
    text = (
        "design: mine\ntitle: t\nnormal_path: self_service\nsteps:\n"
        "  - {id: message, kind: message, next: open_link}\n"
        "  - {id: open_link, kind: open_link, next: page}\n"
        "  - {id: page, kind: choose, next: call_queue, on: {dispute: call_queue}}\n"
        "  - {id: call_queue, kind: call_queue, next: agent, on: {abandoned: NOWHERE}}\n"
        "  - {id: agent, kind: agent, next: back_office}\n"
        "  - {id: back_office, kind: back_office, next: manual}\n"
        "  - {id: manual, kind: manual_writeback}\n"
    )
    world = "extends: retail-bank-200k\nbaseline: mine\nexpect: []\ndesigns: [./mine.yaml]\n"
    (tmp_path / "my.yaml").write_text(world)
    for target, told in (
        ("call_queue", "mine.yaml:8: design mine: step 'call_queue' is in a loop"),
        ("end", "mine.yaml:7: design mine: step 'page' is reached with identity level link"),
    ):
        (tmp_path / "mine.yaml").write_text(text.replace("NOWHERE", target))
        with pytest.raises(BadInput) as refused:
            load_scenario("./my.yaml")
        assert [problem.startswith(told) for problem in refused.value.problems] == [True]
