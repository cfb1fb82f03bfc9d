"""People who are not the customer, each kind with its exact outcome, and guessing against the binomial."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.identity.codes import CodeRules
from sandbox.identity.links import LinkKey, LinkSigner
from sandbox.journey.design import Design, compile_design
from sandbox.journey.table import CaseState
from sandbox.journey.visit import CaseBook
from sandbox.model import AccountFacts, AssuranceLevel
from sandbox.simulation.impostors import KINDS, AttackModel, Impostors
from sandbox.simulation.secrets_seeded import SeededCodes, SeededFacts
from scenarios.world.spec import load_scenario
from tests.journey.play import LINK_LIFETIME_MS, SENT_AT_MS, BookedCore, Stage, set_stage

OLD, NEW = LinkKey("old", bytes(range(32, 64)), retired=True), LinkKey("new", bytes(range(32)))
NOW_MS = SENT_AT_MS + 60_000
FORWARDED, REPLAYED, GUESSED, PREFETCH, TAMPERED, RETIRED, RECYCLED = KINDS
NONE, LINK, CODE = AssuranceLevel.NONE, AssuranceLevel.LINK, AssuranceLevel.CODE
BOTH, LOGIN = AssuranceLevel.CODE_AND_FACTS, AssuranceLevel.LOGIN


class ManyAccounts(BookedCore):
    """A core in which every case has the same open account."""

    def read_account(self, account_id: int) -> AccountFacts:
        """Return it under the case's number."""
        return self.account._replace(account_id=account_id)


@pytest.fixture(scope="session")
def designs() -> dict[str, Design]:
    """The designs of the shipped scenario with attacks."""
    return {
        name: compile_design(document)
        for name, document in load_scenario("retail-bank-attacks").designs.items()
    }


def many(policy, store, cases: int, rules: CodeRules) -> tuple[Stage, Draws]:
    """As many contacted cases as asked for, codes and facts drawn for each."""
    stage, draws = set_stage(policy, store, rules), Draws(7)
    core = ManyAccounts()
    stage.core = core
    stage.desk = replace(
        stage.desk,
        links=LinkSigner([OLD, NEW]),
        book=CaseBook(cases),
        core=core,
        code_source=SeededCodes(draws, rules.digits),
        fact_source=SeededFacts(draws),
    )
    for case in range(cases):
        stage.desk.sign_for(case, (core.account,))
    stage.desk.book.state[:] = bytes([CaseState.CONTACTED]) * cases
    return stage, draws


def knowing(facts_rate: float = 0.0, code: float = 0.0, password: float = 0.0) -> AttackModel:
    """Impostors who know so much, tried on every case."""
    retired = LinkSigner([replace(OLD, retired=False)])
    return AttackModel(dict.fromkeys(KINDS, 1.0), facts_rate, code, password, 60_000, retired)


# -- every kind, its outcome and the proof it comes to ---------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "kind", "knows", "accepted", "level"),
    [
        ("in-message-link", FORWARDED, {}, True, LINK),
        ("in-message-link", PREFETCH, {}, False, LINK),
        ("in-message-link", TAMPERED, {}, False, NONE),
        ("in-message-link", RETIRED, {}, False, NONE),
        ("in-message-link", RECYCLED, {}, True, LINK),
        ("in-message", FORWARDED, {}, False, LINK),
        ("in-message", FORWARDED, {"code": 1.0}, True, CODE),
        ("in-message", REPLAYED, {}, False, LINK),
        ("in-message", GUESSED, {}, False, LINK),
        ("in-message", GUESSED, {"code": 1.0}, True, CODE),
        ("in-message", PREFETCH, {"code": 1.0}, False, LINK),
        ("in-message", TAMPERED, {"code": 1.0}, False, NONE),
        ("in-message", RETIRED, {"code": 1.0}, False, NONE),
        ("in-message", RECYCLED, {}, True, CODE),
        ("in-message-facts", RECYCLED, {}, False, CODE),
        ("in-message-facts", RECYCLED, {"facts_rate": 1.0}, True, BOTH),
        ("in-message-facts", FORWARDED, {"facts_rate": 1.0}, False, LINK),
        ("in-message-facts", TAMPERED, {"facts_rate": 1.0, "code": 1.0}, False, NONE),
        ("in-message-facts", RETIRED, {"facts_rate": 1.0, "code": 1.0}, False, NONE),
        ("in-message-facts", PREFETCH, {"facts_rate": 1.0, "code": 1.0}, False, LINK),
        ("portal", RECYCLED, {"facts_rate": 1.0, "code": 1.0}, False, NONE),
        ("portal", RECYCLED, {"password": 1.0}, True, LOGIN),
    ],
)
def test_each_kind_comes_as_far_as_what_it_knows(
    policy,
    store,
    designs,
    design: str,
    kind: str,
    knows: dict[str, float],
    accepted: bool,
    level: AssuranceLevel,
) -> None:
    """The page opens or not, at the level proven; the customer's own case, trail and links stay as they were."""
    policy = policy if design != "in-message-link" else _any_proof()
    stage, draws = many(policy, store, 1, CodeRules())
    impostors = Impostors(knowing(**knows), designs[design], stage.desk, draws)
    assert impostors.attack(kind, 0, SENT_AT_MS, NOW_MS) is accepted
    action = "pay_now" if accepted else ""
    assert stage.facts == [facts.ImpostorTried(0, NOW_MS, kind, accepted, int(level), action)]
    assert stage.desk.book.state[0] == CaseState.CONTACTED
    assert stage.evidence() == []
    assert len(stage.desk.link_uses) == 0


def _any_proof():
    from sandbox.policy.compile import compile_policy

    return compile_policy(load_scenario("retail-bank-attacks").policy)


@pytest.mark.parametrize("state", [CaseState.TRIGGERED, CaseState.EXCLUDED])
def test_nobody_attacks_a_case_nobody_was_contacted_about(policy, store, designs, state: CaseState) -> None:
    """Without a message there is nothing to forward, and no attempt is counted."""
    stage, draws = many(policy, store, 1, CodeRules())
    stage.desk.book.state[0] = state
    impostors = Impostors(knowing(code=1.0), designs["in-message"], stage.desk, draws)
    assert not impostors.attack(FORWARDED, 0, SENT_AT_MS, NOW_MS)
    assert stage.facts == []


@pytest.mark.parametrize(("early_ms", "accepted"), [(1, True), (0, False)])
def test_a_forwarded_link_is_worth_nothing_once_it_has_run_out(
    policy, store, designs, early_ms: int, accepted: bool
) -> None:
    """In the last millisecond of its life the link opens its page to whoever holds it, and then to nobody."""
    stage, draws = many(_any_proof(), store, 1, CodeRules())
    impostors = Impostors(knowing(), designs["in-message-link"], stage.desk, draws)
    now_ms = SENT_AT_MS + LINK_LIFETIME_MS - early_ms
    assert impostors.attack(FORWARDED, 0, SENT_AT_MS, now_ms) is accepted


def test_kinds_are_tried_on_the_share_of_cases_asked_for(policy, store, designs) -> None:
    """A rate of 0 tries nobody, of 1 everybody; in between the share is the rate's."""
    stage, draws = many(policy, store, 20_000, CodeRules())
    model = replace(knowing(), rates={FORWARDED: 1.0, GUESSED: 0.0, RECYCLED: 0.1})
    tried = dict(Impostors(model, designs["in-message"], stage.desk, draws).attempts())
    assert list(tried) == [FORWARDED, RECYCLED]
    assert list(tried[FORWARDED]) == list(range(20_000))
    assert 1_860 <= len(tried[RECYCLED]) <= 2_140  # 2000 and 3.3 standard deviations of 42


# -- guessing against the binomial -------------------------------------------------------------------------------


def interval(n: int, p: float, beyond: float = 0.0005) -> tuple[int, int]:
    """The smallest and largest count of n with chance p that leave no more than `beyond` on each side."""
    below, low, high = 0.0, 0, n
    for count in range(n + 1):
        below += comb(n, count) * p**count * (1 - p) ** (n - count)
        if below <= beyond:
            low = count + 1
        if below >= 1 - beyond:
            high = count
            break
    return low, high


@pytest.mark.parametrize(("tries", "cases"), [(1, 4_000), (5, 8_000), (10, 15_000)])
def test_guessing_a_code_of_four_digits_agrees_with_the_binomial(
    policy, store, designs, tries: int, cases: int
) -> None:
    """Each of k tries hits one code of ten thousand: as many get in as that says, exactly those who guess right."""
    rules = CodeRules(digits=4, failures_per_code=tries, failures_per_account_day=tries)
    stage, draws = many(policy, store, cases, rules)
    impostors = Impostors(knowing(), designs["in-message"], stage.desk, draws)
    accepted = {case for case in range(cases) if impostors.attack(GUESSED, case, SENT_AT_MS, NOW_MS)}
    right = set()
    for case in range(cases):
        code = int(stage.desk.code_source.digits(case, 0))
        guesses = (int(draws.uniform("impostor_guess", nth, case) * 10_000) for nth in range(tries))
        if code in guesses:
            right.add(case)
    assert accepted == right
    low, high = interval(cases, 1 - (1 - 1e-4) ** tries)
    assert low <= len(accepted) <= high
    assert len(stage.facts.of(facts.ImpostorTried)) == cases
