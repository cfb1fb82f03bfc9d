"""Two editions of a policy before the same customers: who gains or loses what, by which rule, and what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sandbox.draws import Draws
from sandbox.errors import BadInput, Cancelled
from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from sandbox.simulation.population import accounts
from scenarios.explain.pitfalls import checked_replications
from scenarios.files.places import Place, Tree
from scenarios.files.values import flat
from scenarios.policies.reading import ReadPolicy
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.task import replication_seed
from scenarios.totals import Figure, differences
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import busy_hours, plan_of
from scenarios.world.parts import identity_problems
from scenarios.world.spec import Scenario, load_scenario
from scenarios.world.workflow_fit import fitted

REPLICATIONS_DEFAULT = 3
EXAMPLES_MAX = 3
"""Case ids shown for each change; `sandbox trace` follows one."""

OFFERED = "offered"
_ASKED_EVERY = 4_096
"""Cases decided between two looks at whether to stop: some 50 ms."""


class Move(NamedTuple):
    """What changed for some customers.

    Attributes:
        action: the action.
        segment: their segment under the new policy; empty where it has none or no action was looked at.
        before, after: "offered", or what stopped it, such as "blocked: too-many-broken-promises".
    """

    action: str
    segment: str
    before: str
    after: str


@dataclass(slots=True)
class Moved:
    """How many customers one move concerns, and the first few by case id."""

    cases: int
    examples: list[int]


class TextChange(NamedTuple):
    """One value of the documents that differs; None where a document has none."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """What a new policy changes.

    Attributes:
        scenario, seed, replications, currency: what was run.
        cases: customers of the first replication, whose decisions are compared.
        touched: how many of them are told anything else.
        moves: the largest first.
        text: values of the documents that differ.
        scorecard: by design, new minus old, the same customers in each replication.
    """

    scenario: str
    seed: int
    replications: int
    currency: str
    cases: int
    touched: int
    moves: tuple[tuple[Move, Moved], ...]
    text: tuple[TextChange, ...]
    scorecard: dict[str, dict[str, Figure]]


def diff_policies(
    old: ReadPolicy,
    new: ReadPolicy,
    request: CompareRequest,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> PolicyDiff:
    """Put both policies before the customers of a scenario, and run every design under each.

    Args:
        old: the edition that decides now.
        new: the edition that would.
        request: scenario, settings, designs, seed, replications (3 unless said, at least 2) and workers.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong scenario, setting or design, or a policy the scenario cannot be run with.
        Cancelled: stopped on request.
    """
    replications = checked_replications(request.replications, REPLICATIONS_DEFAULT)
    scenario, _ = prepare(replace(request, replications=replications))
    names = chosen_designs(scenario, request.designs)
    worlds = {side: _under(scenario, read, names) for side, read in (("old", old), ("new", new))}
    moves, touched = _moves(worlds["old"], worlds["new"], should_stop)
    how = VariantRun(busy_hours(load_scenario(request.scenario).document), replications, request.jobs)
    variants = [
        Variant(f"{name}, {side} policy", world, name) for name in names for side, world in worlds.items()
    ]
    found = run_variants(variants, how, on_progress, should_stop)
    return PolicyDiff(
        scenario=scenario.name,
        seed=scenario.document.seed,
        replications=replications,
        currency=scenario.document.costs.currency,
        cases=plan_of(scenario.document).cases,
        touched=touched,
        moves=tuple(sorted(moves.items(), key=lambda item: (-item[1].cases, item[0]))),
        text=tuple(text_changes(old.document, new.document)),
        scorecard={
            name: differences(found[f"{name}, new policy"], found[f"{name}, old policy"]) for name in names
        },
    )


def text_changes(old: PolicyDocument, new: PolicyDocument) -> Iterator[TextChange]:
    """Yield every value that differs; rules and segments go by their names, so one put in between moves none."""
    before, after = (flat(_by_name(one.model_dump(exclude_none=True))) for one in (old, new))
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            yield TextChange(path, before.get(path), after.get(path))


def _by_name(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _by_name(inner) for key, inner in node.items()}
    if isinstance(node, list | tuple):
        for key in ("rule", "segment"):
            if node and all(isinstance(item, Mapping) and key in item for item in node):
                return {item[key]: _by_name({**item, "place": at}) for at, item in enumerate(node, 1)}
        return ", ".join(map(str, node))
    return node


def _under(scenario: Scenario, read: ReadPolicy, names: list[str]) -> Scenario:
    """The scenario with another policy in its place.

    Raises:
        BadInput: its customers or designs do not fit that policy.
    """
    place = Tree({}, {"": Place(f"{read.source} in {scenario.source}")})
    document, problems = fitted(scenario.document, read.document, place)
    for name in names:
        problems += identity_problems(place, scenario.designs[name], read.document)
    if problems:
        raise BadInput(problems)
    return replace(scenario, document=document, policy=read.document)


def _moves(old: Scenario, new: Scenario, should_stop: ShouldStop) -> tuple[dict[Move, Moved], int]:
    """Decide for every customer of the first replication under both policies."""
    before, after = compile_policy(old.policy), compile_policy(new.policy)
    moves: dict[Move, Moved] = {}
    touched = 0
    seed = replication_seed(new.document.seed, 0)
    everybody = accounts(people_of(new.document, new.population), Draws(seed), plan_of(new.document).cases)
    for number, facts in enumerate(everybody):
        if number % _ASKED_EVERY == 0 and should_stop():
            raise Cancelled
        was, now = _standing(before, facts), _standing(after, facts)
        if was == now:
            continue
        touched += 1
        segment = after.decide(facts).segment
        for action in dict.fromkeys([*was, *now]):
            here, there = was.get(action, "no such action"), now.get(action, "no such action")
            if here != there:
                moved = moves.setdefault(Move(action, segment, here, there), Moved(0, []))
                moved.cases += 1
                if len(moved.examples) < EXAMPLES_MAX:
                    moved.examples.append(facts.account_id)
    return moves, touched


def _standing(policy: Policy, facts: AccountFacts) -> dict[str, str]:
    """Say of every action whether it is offered, and what stops it if not."""
    decision = policy.decide(facts)
    stop = (
        "to a person" if decision.person_reason else "blocked" if policy.admit(facts).admitted else "excluded"
    )
    found = {one.action: f"{stop}: {one.rule}" for one in decision.blocked}
    return found | {offer.action: OFFERED for offer in decision.allowed}


def directions(moves: tuple[tuple[Move, Moved], ...]) -> Counter[tuple[str, str]]:
    """Count, by action, who gains it, who loses it, and who is stopped by something else."""
    counts: Counter[tuple[str, str]] = Counter()
    for move, moved in moves:
        kind = "gain" if move.after == OFFERED else "lose" if move.before == OFFERED else "other"
        counts[move.action, kind] += moved.cases
    return counts
