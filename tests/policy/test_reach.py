"""Static analysis of rules: what it calls unreachable is what no account reaches, neither more nor less."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sandbox.model import AccountFacts
from sandbox.policy import boxes
from sandbox.policy.compile import compile_policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.reach import unreachable
from sandbox.policy.schema import ActionRule, Completion, Rule, Segment
from sandbox.policy.vocabulary import FactRule

_FACTS = {
    "card": {"kind": "word", "one_of": ["ok", "old"]},
    "days": {"kind": "number", "at_least": 1, "at_most": 4, "default": 2},
}
_TESTS = {
    "vulnerable": st.booleans().map(lambda value: {"equals": value}),
    "card": st.sampled_from([{"equals": "ok"}, {"equals": "old"}, {"one_of": ["ok", "old"]}]),
    "days": st.sampled_from([{"at_most": 2}, {"at_least": 2}, {"at_least": 3}, {"one_of": [1, 4]}]),
    "broken_promises": st.sampled_from([{"at_least": 1}, {"at_most": 2}, {"at_least": 1, "at_most": 2}]),
    "overdue_minor": st.sampled_from([{"at_most": 0}, {"at_least": 1}, {"equals": 0}]),
}
_WHEN = st.sets(st.sampled_from(sorted(_TESTS)), min_size=1, max_size=2).flatmap(
    lambda names: st.fixed_dictionaries({name: _TESTS[name] for name in sorted(names)})
)
_LISTS = st.lists(_WHEN, max_size=3)


def _rules(prefix: str, whens: list[dict[str, Any]]) -> tuple[Rule, ...]:
    return TypeAdapter(tuple[Rule, ...]).validate_python(
        [{"rule": f"{prefix}-{at}", "when": when, "reason": "same"} for at, when in enumerate(whens)]
    )


def _accounts() -> Iterator[AccountFacts]:
    """Every account of the small fact space; a lacking card is one of its values."""
    for vulnerable, card, days, broken, overdue in itertools.product(
        (True, False), (None, "ok", "old"), (1, 2, 3, 4), (-1, 0, 1, 2, 3), (-1, 0, 1)
    ):
        details = {"days": days} | ({} if card is None else {"card": card})
        yield AccountFacts(
            1, "open", "1m", 100, overdue, broken, vulnerable, False, True, 1, False, json.dumps(details)
        )


def _built(parts: dict[str, list[dict[str, Any]]], only_first: bool) -> PolicyDocument:
    action = ActionRule.model_validate(
        {
            "identity": "code",
            "routine": True,
            "amount": {"minimum_minor": 0, "maximum": "overdue"},
            "writeback": {"status": "paid"},
            "evidence": ["receipt"],
            "blocked_when": [
                rule.model_dump(exclude_none=True) for rule in _rules("blocked", parts["blocked"])
            ],
        }
        | ({"segments": ["segment-0"]} if only_first else {})
    )
    named = [{"segment": f"segment-{at}", "when": when} for at, when in enumerate(parts["segments"])]
    named.append({"segment": f"segment-{len(named)}"})
    return PolicyDocument.model_construct(
        policy="small",
        version=1,
        title="t",
        trigger="t",
        completion=Completion(
            customer_action="a", policy_condition="b", writeback_destination="c", evidence=("receipt",)
        ),
        exclude_when=_rules("exclude", parts["exclude"]),
        person_when=_rules("person", parts["person"]),
        facts=TypeAdapter(dict[str, FactRule]).validate_python(_FACTS),
        segments=TypeAdapter(tuple[Segment, ...]).validate_python(named),
        actions={"pay_now": action},
        exception_triggers=(),
    )


def _reached(document: PolicyDocument) -> set[str]:
    """The paths of everything some account reaches, by deciding for every one."""
    policy, found = compile_policy(document), set[str]()
    for account in _accounts():
        decision = policy.decide(account)
        if decision.segment:
            found.add(f"segments.{decision.segment.removeprefix('segment-')}.segment")
        if decision.allowed:
            found.add("actions.pay_now")
        for _, rule, _ in decision.blocked:
            kind, _, at = rule.rpartition("-")
            block = {"exclude": "exclude_when", "person": "person_when"}.get(kind)
            found.add(f"{block or 'actions.pay_now.blocked_when'}.{at}.rule")
    return found


@settings(max_examples=250, deadline=None)
@given(
    parts=st.fixed_dictionaries(
        {"exclude": _LISTS, "person": _LISTS, "blocked": _LISTS, "segments": st.lists(_WHEN, max_size=2)}
    ),
    only_first=st.booleans(),
)
def test_what_is_called_unreachable_is_what_no_account_reaches(
    parts: dict[str, list[dict[str, Any]]], only_first: bool
) -> None:
    """Brute force over the whole small fact space and the analysis say the same of every rule, segment and action."""
    document = _built(parts, only_first)
    every = {"actions.pay_now"}
    every |= {f"exclude_when.{at}.rule" for at in range(len(parts["exclude"]))}
    every |= {f"person_when.{at}.rule" for at in range(len(parts["person"]))}
    every |= {f"segments.{at}.segment" for at in range(len(document.segments))}
    blocked = {f"actions.pay_now.blocked_when.{at}.rule" for at in range(len(parts["blocked"]))}
    told, reached = {fault.path for fault in unreachable(document)}, _reached(document)
    assert told - blocked == every - reached
    if reached & (blocked | {"actions.pay_now"}):  # somebody comes as far as the action
        assert told & blocked == blocked - reached


def _refused(document: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        PolicyDocument.model_validate(document)
    return str(caught.value.errors()[0]["msg"])


def _rule(name: str, reason: str = "talk_first", **when: Any) -> dict[str, Any]:
    return {"rule": name, "when": when, "reason": reason}


def test_a_rule_covered_by_two_earlier_ones_together_names_both(document: dict[str, Any]) -> None:
    """No single rule covers it; the union of the two does, and the message says so."""
    document["actions"]["pay_now"]["blocked_when"] = [
        _rule("few", broken_promises={"at_most": 2}, vulnerable={"equals": False}),
        _rule("many", broken_promises={"at_least": 3}, disputed={"equals": True}),
        _rule("both", broken_promises={"one_of": [1, 4]}, disputed={"equals": True}),
    ]
    text = _refused(document)
    assert "actions.pay_now.blocked_when.2.rule: rule 'both' can never be the first to hold" in text
    assert all(name in text for name in ("'vulnerable'", "'few'", "'many'"))
    assert "'closed'" not in text


def test_one_value_left_over_makes_a_rule_reachable(document: dict[str, Any]) -> None:
    """Earlier rules leave exactly three broken promises open; with two of it they leave none."""
    rules = [
        _rule("few", broken_promises={"at_most": 2}, payment_method_ok={"equals": True}),
        _rule("many", broken_promises={"at_least": 4}, payment_method_ok={"equals": True}),
        _rule("some", broken_promises={"at_least": 1}, payment_method_ok={"equals": True}),
    ]
    document["actions"]["pay_now"]["blocked_when"] = rules
    PolicyDocument.model_validate(document)
    tighter = copy.deepcopy(document)
    tighter["actions"]["pay_now"]["blocked_when"][0]["when"]["broken_promises"] = {"at_most": 3}
    assert "rule 'some' can never be the first" in _refused(tighter)


def test_two_rules_on_one_fact_with_different_reasons_may_only_touch(document: dict[str, Any]) -> None:
    """Ranges that share a value contradict each other; neighbours do not, nor do two rules with one reason."""
    rules = [
        _rule("few", "few", broken_promises={"at_least": 1, "at_most": 2}),
        _rule("more", "more", broken_promises={"at_least": 3}),
    ]
    document["actions"]["pay_now"]["blocked_when"] = rules
    PolicyDocument.model_validate(document)
    rules[1]["when"] = {"broken_promises": {"at_least": 2}}
    text = _refused(document)
    assert "blocked_when.1.when.broken_promises: rule 'more' overlaps rule 'few' on broken_promises" in text
    rules[1]["reason"] = "few"
    PolicyDocument.model_validate(document)


def test_an_action_that_is_never_offered_is_refused(document: dict[str, Any]) -> None:
    """What is due at most 0 cannot be paid: with everybody else blocked the action is dead."""
    document["actions"]["pay_now"]["blocked_when"] = [_rule("any", overdue_minor={"at_least": 1})]
    assert "actions.pay_now: can never be offered" in _refused(document)
    document["actions"]["pay_now"]["blocked_when"] = [_rule("any", overdue_minor={"at_least": 2})]
    PolicyDocument.model_validate(document)


def test_a_region_beyond_the_bound_is_let_pass(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound ends the work; nothing is then called unreachable that may be reached."""
    monkeypatch.setattr(boxes, "PIECES_MAX", 0)
    document["actions"]["pay_now"]["blocked_when"] = [_rule("any", overdue_minor={"at_least": 1})]
    PolicyDocument.model_validate(document)


def _everybody_in(when: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"segment": "first", "when": when}, {"segment": "rest"}]


TOLD: list[tuple[str, Callable[[dict[str, Any]], Any], list[str]]] = [
    (
        "three rules together",
        lambda d: _pay(d).update(
            blocked_when=[
                _rule("few", broken_promises={"at_most": 2}, vulnerable={"equals": False}),
                _rule("idle", payment_method_ok={"equals": False}, disputed={"equals": False}),
                _rule("many", broken_promises={"at_least": 3}, disputed={"equals": True}),
                _rule("both", broken_promises={"one_of": [1, 4]}, disputed={"equals": True}),
            ]
        ),
        [
            (
                "actions.pay_now.blocked_when.3.rule: rule 'both' can never be the first to hold: "
                "covered by rule 'vulnerable' and rule 'few' and rule 'many'"
            )
        ],
    ),
    (
        "a segment after an exclusion",
        lambda d: d.update(segments=_everybody_in({"status": {"equals": "closed"}})),
        ["segments.0.segment: segment 'first' is never reached: covered by rule 'closed'"],
    ),
    (
        "a segment after a segment",
        lambda d: (
            d.update(segments=_everybody_in({"vulnerable": {"one_of": [True, False]}})),
            _pay(d).update(segments=["rest"]),
        ),
        [
            "segments.1.segment: segment 'rest' is never reached: covered by segment 'first'",
            "actions.pay_now: can never be offered: nobody is left for its segments",
        ],
    ),
    (
        "a rule outside the segments of its action",
        lambda d: (
            d.update(segments=_everybody_in({"disputed": {"equals": True}})),
            _pay(d).update(segments=["rest"], blocked_when=[_rule("odd", disputed={"equals": True})]),
        ),
        [
            (
                "actions.pay_now.blocked_when.0.rule: rule 'odd' can never be the first to hold: "
                "covered by the segments of its action, its fact's own range or missing data"
            )
        ],
    ),
    (
        "an action nobody is left for",
        lambda d: (
            _pay(d).update(blocked_when=[]),
            d["exclude_when"].append(_rule("owing", overdue_minor={"at_least": 1})),
        ),
        ["actions.pay_now: can never be offered: every account is stopped before (earlier rules)"],
    ),
    (
        "an action its own rules stop",
        lambda d: _pay(d).update(
            blocked_when=[
                _rule("some", overdue_minor={"at_least": 1, "at_most": 5}),
                _rule("more", overdue_minor={"at_least": 6}),
            ]
        ),
        ["actions.pay_now: can never be offered: every account is stopped before (some, more)"],
    ),
]


def _pay(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["actions"]["pay_now"]
    return found


@pytest.mark.parametrize(("breakage", "told"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_what_nobody_reaches_is_told_with_what_covers_it(
    document: dict[str, Any], breakage: Callable[[dict[str, Any]], Any], told: list[str]
) -> None:
    """The path, the name, and as few of the earlier rules and segments as it takes, in their order."""
    breakage(document)
    assert _refused(document) == "; ".join(told)


def test_rules_that_contradict_each_other_are_told_with_both_reasons(document: dict[str, Any]) -> None:
    """In each of the three kinds of list, at the later rule's fact."""
    other = _rule("other", "else", disputed={"equals": True})
    first = _rule("one", "this", broken_promises={"at_most": 2})
    second = _rule("two", "that", broken_promises={"at_least": 2})
    told = "rule 'two' overlaps rule 'one' on broken_promises with another reason: that, not this"
    lists = {
        "exclude_when": document,
        "person_when": document,
        "actions.pay_now.blocked_when": _pay(document),
    }
    for path, place in lists.items():
        key = path.rpartition(".")[2]
        before = place[key]
        place[key] = [other, first, second]
        assert f"{path}.2.when.broken_promises: {told}" in _refused(document).split("; ")
        place[key] = before
    PolicyDocument.model_validate(document)
