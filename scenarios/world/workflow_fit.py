"""Whether a scenario fits its policy: its customers want its actions and have its facts, its messages name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from sandbox.outreach.templates import placeholders, told_before_proof, too_long
from scenarios.files.places import Tree, instead_of
from scenarios.files.values import shares
from scenarios.world.action_words import either, may_do
from scenarios.world.document import ScenarioDocument

if TYPE_CHECKING:
    from sandbox.policy.document import PolicyDocument
    from sandbox.policy.vocabulary import FactRule
    from scenarios.blocks.account_facts import FactSpread

FURTHER_WISHES = ("person", "nothing")
"""What customers may want besides the actions of the policy."""


def fitted(
    document: ScenarioDocument, policy: PolicyDocument, tree: Tree
) -> tuple[ScenarioDocument, list[str]]:
    """Return the document with its wishes in the order of the policy's actions, and what does not fit.

    Args:
        document: the scenario, valid in itself.
        policy: the policy it names.
        tree: the plain data the document was made of, with its places.
    """
    customers = document.customers
    problems = [*_fact_problems(document, policy, tree), *_option_problems(document, policy, tree)]
    try:
        wishes = shares(*policy.actions, *FURTHER_WISHES)(customers.wishes)
    except PydanticCustomError as refused:
        return document, [tree.problem("customers.wishes", refused.message()), *problems]
    ordered = customers.model_copy(update={"wishes": wishes})
    return document.model_copy(update={"customers": ordered}), problems


def _fact_problems(document: ScenarioDocument, policy: PolicyDocument, tree: Tree) -> list[str]:
    given, problems = document.customers.facts, []
    for name, spread in given.items():
        path = f"customers.facts.{name}"
        if name not in policy.facts:
            known = list(policy.facts)
            allowed = ", ".join(known) or f"none: the policy {policy.policy} declares no facts"
            text = f"found {name!r}, which is no fact of the policy{instead_of(name, known, allowed)}"
            problems.append(tree.problem(path, text))
        elif text := _unfit(spread, policy.facts[name]):
            problems.append(tree.problem(path, text))
    for name, rule in policy.facts.items():
        if name not in given and rule.default is None:
            text = f"missing: the policy {policy.policy} decides by {name}, which has no default"
            problems.append(tree.problem("customers.facts", text))
    return problems


def _option_problems(document: ScenarioDocument, policy: PolicyDocument, tree: Tree) -> list[str]:
    """Say what a message that names the policy's actions would give away, and where it gets too long."""
    outreach = document.outreach
    naming = [one for one in outreach.templates.texts() if "options" in placeholders(one[2])]
    if not naming:
        return []
    pages = {action: rule.form for action, rule in policy.actions.items() if rule.form is not None}
    called = {action: may_do(action, pages) for action in policy.actions}
    problems = [
        tree.problem(
            "outreach.templates",
            f"found {{options}}, and the policy {policy.policy} calls {action} {words!r}: {told}, "
            "and nobody has proven who they are; allowed: a form whose heading tells of none",
        )
        for action, words in called.items()
        for told in told_before_proof(words, outreach.reveals)
    ]
    everything = either(list(called.values()))
    for channel, content, text in naming:
        path = f"outreach.templates.{channel}.{content}"
        problems += [tree.problem(path, fault) for fault in too_long(text, channel, everything)]
    return problems


def _unfit(spread: FactSpread, rule: FactRule) -> str:
    """Say why values of a spread cannot be this fact's, or nothing."""
    if spread.values:
        wrong = [value for value, _ in spread.values if not rule.allows(value)]
        return f"found {wrong[0]!r}; allowed: {rule.allowed}" if wrong else ""
    if spread.least_days is not None:
        return "" if rule.kind == "date" else f"found a range of days; allowed: {rule.allowed}"
    wrong_bounds = [bound for bound in spread.bounds if not rule.allows(bound)]
    return f"found {wrong_bounds[0]}; allowed: {rule.allowed}" if wrong_bounds else ""
