"""What runs of one seed share: computed once in a sweep over something else, and never a different result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox import draws as draws_module
from sandbox.draws import Columns, Draws
from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.remembering import Decisions, remembering
from sandbox.simulation.population import accounts
from scenarios.run import CompareRequest
from scenarios.sweeps.sweeping import Sweep, SweepRequest, planned, sweep
from scenarios.task import Task
from scenarios.wiring import kept as kept_module
from scenarios.wiring.kept import Kept, forget, kept_for
from scenarios.wiring.people import people_of
from scenarios.worker import run_task
from tests.scenarios.recorded import SMALL, scenario_with

WORLD = CompareRequest(
    "retail-bank-200k", (*SMALL, "campaign.messages=600"), ("portal", "in-message"), replications=2, jobs=1
)
POPULATION = ("arrears_band", "balance", "closed", "broken_promises", "vulnerable", "disputed", "payment_ok")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Each test begins and ends with nothing kept."""
    forget()
    yield
    forget()


def counted(patch: pytest.MonkeyPatch, owner: Any, name: str, key: Callable[..., object]) -> Counter[object]:
    """Count the calls of a function by what they were asked."""
    counts: Counter[object] = Counter()
    real = getattr(owner, name)

    def counting(*asked: Any) -> Any:
        """Count, then do it."""
        counts[key(*asked)] += 1
        return real(*asked)

    patch.setattr(owner, name, counting)
    return counts


def seed_and_rest(drawer: Any, *which: object) -> tuple[object, ...]:
    """What a chunk is drawn for: the seed, then purpose, attempt and chunk."""
    return drawer.seed, *which


def swept(over: str) -> Sweep:
    """A small sweep of two designs."""
    asked = SweepRequest(WORLD, (over,), ("person_route_cases",))
    return sweep(planned(asked), lambda _: None, lambda: False)


@pytest.mark.wide
def test_a_sweep_over_agents_computes_population_and_decisions_once() -> None:
    """Three points, two designs: columns are drawn, accounts made and the same facts decided on once a seed."""
    with pytest.MonkeyPatch.context() as patching:
        drawn = [
            counted(patching, draws_module, name, lambda *asked: asked)
            for name in ("uniforms_of", "normals_of")
        ]
        made = counted(patching, kept_module, "accounts", lambda _people, draws, cases: (draws.seed, cases))
        decided = counted(patching, Policy, "decide", lambda policy, facts: (id(policy), facts))
        swept("call_centre.agents=1,2,3")
    columns = drawn[0] + drawn[1]
    traits = {key: times for key, times in columns.items() if key[1] in POPULATION}  # type: ignore[index]
    assert len(traits) == 2 * len(POPULATION)
    assert set(traits.values()) == {1}
    assert set(columns.values()) == {1}
    assert len(made) == 2
    assert set(made.values()) == {1}
    assert len(decided) > 50
    assert set(decided.values()) == {1}


@pytest.mark.wide
def test_a_sweep_over_a_trait_makes_the_population_anew_and_draws_it_once() -> None:
    """Another share of vulnerable customers is another population from the same columns."""
    with pytest.MonkeyPatch.context() as patching:
        drawn = counted(patching, draws_module, "uniforms_of", seed_and_rest)
        made = counted(patching, kept_module, "accounts", lambda _people, draws, _cases: draws.seed)
        found = swept("customers.vulnerable_rate=0.02,0.3")
    assert set(made.values()) == {2}
    assert {times for key, times in drawn.items() if key[1] == "vulnerable"} == {1}  # type: ignore[index]
    first, second = (point.metrics["portal"]["person_route_cases"].value for point in found.points)
    assert first != second


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("call_centre.agents=1",),
        ("customers.vulnerable_rate=0.3",),
        ("policy.actions.promise_to_pay.blocked_when.0.when.broken_promises.at_least=1",),
        ("campaign.messages=1200",),
        ("campaign.messages=4000",),
    ],
)
@pytest.mark.wide
def test_what_is_kept_never_changes_a_digest(settings: tuple[str, ...]) -> None:
    """A run after others of the same seed has the digest of a run alone, whatever the others were about."""
    before = (scenario_with(), scenario_with(("customers.vulnerable_rate=0.2",)))
    for scenario in before:
        run_task(Task(scenario, "in-message", 0, frozenset({9}), shares=True), lambda _: None, lambda: False)
    task = Task(scenario_with(settings), "in-message", 0, frozenset({9}), shares=True)
    shared = run_task(task, lambda _: None, lambda: False)
    alone = run_task(replace(task, shares=False), lambda _: None, lambda: False)
    assert shared == alone
    again = run_task(task, lambda _: None, lambda: False)
    assert again == alone


def test_columns_are_bounded_first_come_first_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two chunks are kept, the third is drawn each time; values are those of draws without a store."""
    drawn = counted(monkeypatch, draws_module, "uniforms_of", lambda *asked: asked[1:])
    columns = Columns(5, most=2)
    for _ in range(3):
        for chunk in range(3):
            columns.uniforms("x", 0, chunk)
    assert [drawn["x", 0, chunk] for chunk in range(3)] == [1, 1, 3]
    with_store, without = Draws(5, columns), Draws(5)
    assert with_store.normals("y", 1, 100, 4000).tolist() == without.normals("y", 1, 100, 4000).tolist()


def test_accounts_beyond_the_bound_are_made_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million customers are never held at once: beyond the bound nothing is kept, and they are the same people."""
    monkeypatch.setattr(kept_module, "ACCOUNTS_MAX", 100)
    people = people_of(scenario_with().document)
    kept, draws = Kept(9), Draws(9)
    assert list(kept.accounts(people, draws, 101)) == list(accounts(people, draws, 101))
    assert kept._population is None
    assert list(kept.accounts(people, draws, 100)) == list(accounts(people, draws, 100))
    assert list(kept.accounts(people, draws, 40)) == list(accounts(people, draws, 40))
    assert len(kept._population.accounts) == 100


def test_every_trait_the_population_rests_on_is_noted() -> None:
    """Whatever changes an account is noticed, field by field of the people model; what does not, is not."""
    people = people_of(scenario_with().document)
    kept, draws = Kept(3), Draws(3)
    list(kept.accounts(people, draws, 200))
    noted = set(kept._population.names)
    changed = {
        "vulnerable_rate": 0.9,
        "closed_account_rate": 0.9,
        "already_disputed_rate": 0.9,
        "payment_accepted_rate": 0.1,
        "balance_minor_median": 1000.0,
        "balance_sigma": 0.1,
        "overdue_share_per_month": 0.9,
        "broken_promises": ((3, 1.0),),
        "arrears_bands": (("2m", 1.0),),
    }
    assert set(changed) <= noted
    assert not {"response_rate", "page_s_median", "wishes", "code_correct_rate"} & noted
    for name, value in changed.items():
        other = replace(people, **{name: value})
        assert (
            list(kept.accounts(other, draws, 200))
            == list(accounts(other, draws, 200))
            != list(accounts(people, draws, 200))
        )


def test_decisions_are_remembered_up_to_their_bound() -> None:
    """The remembered decision is the policy's own; beyond the bound it is taken anew, never wrongly."""
    policy = compile_policy(scenario_with().policy)
    memory = Decisions(10)
    remembered = remembering(policy, memory)
    everybody: list[AccountFacts] = list(accounts(people_of(scenario_with().document), Draws(4), 50))
    for _ in range(2):
        assert [remembered.decide(one) for one in everybody] == [policy.decide(one) for one in everybody]
    assert list(memory.by_facts) == everybody[:10]
    assert remembered.admit(everybody[0]) == policy.admit(everybody[0])


def test_one_seed_at_a_time_is_kept_and_a_sweep_leaves_nothing() -> None:
    """Another seed puts the last one out; after a sweep in this process nothing is held."""
    first = kept_for(1)
    assert kept_for(1) is first
    assert kept_for(2) is not first
    assert kept_for(1) is not first
    swept("call_centre.agents=1,2")
    assert kept_module._kept == []
