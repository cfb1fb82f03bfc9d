from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from math import sqrt

import numpy as np
import pytest

import sandbox.simulation.population as population
from sandbox.draws import Draws
from sandbox.simulation.population import accounts
from scenarios.wiring.people import people_of
from scenarios.world.spec import load_scenario

PEOPLE = people_of(load_scenario("retail-bank-200k").document)
MANY = 30_000
SAMPLE = list(accounts(PEOPLE, Draws(4), MANY))


def within_chance(count: int, share: float) -> bool:
    """Whether a count of many lies within the binomial's limits at one in ten thousand."""
    return abs(count - MANY * share) <= 3.9 * sqrt(MANY * share * (1 - share))


def test_every_share_of_the_scenario_comes_back():
    """Bands, broken promises and all flags are as frequent as the scenario says."""
    bands = Counter(one.arrears_band for one in SAMPLE)
    broken = Counter(one.broken_promises for one in SAMPLE)
    assert all(within_chance(bands[band], share) for band, share in PEOPLE.arrears_bands)
    assert all(within_chance(broken[number], share) for number, share in PEOPLE.broken_promises)
    assert within_chance(sum(one.status == "closed" for one in SAMPLE), PEOPLE.closed_account_rate)
    assert within_chance(sum(one.vulnerable for one in SAMPLE), PEOPLE.vulnerable_rate)
    assert within_chance(sum(one.disputed for one in SAMPLE), PEOPLE.already_disputed_rate)
    assert within_chance(sum(one.payment_method_ok for one in SAMPLE), PEOPLE.payment_accepted_rate)


def test_balances_have_their_median_and_spread():
    """Half the balances lie below the median, and their logarithms spread by sigma."""
    balances = np.array([one.balance_minor for one in SAMPLE])
    assert within_chance(int((balances < PEOPLE.balance_minor_median).sum()), 0.5)
    assert np.log(balances).std() == pytest.approx(PEOPLE.balance_sigma, rel=3.9 / sqrt(2 * MANY))


def test_what_is_overdue_follows_from_balance_and_months_behind():
    """Four per cent of the balance for each month behind, at least the minimum, never more than is owed."""
    months = {"1m": 1, "2m": 2, "3m": 3, "4m+": 4}
    for one in SAMPLE[:2_000]:
        exact = one.balance_minor * PEOPLE.overdue_share_per_month * months[one.arrears_band]
        assert one.overdue_minor == pytest.approx(min(max(exact, 500), one.balance_minor), abs=1)


def test_accounts_start_untouched_and_are_numbered_by_case():
    """Nothing has been posted, and case and account share their number."""
    assert [one.account_id for one in SAMPLE] == list(range(MANY))
    assert all((one.version, one.complete) == (1, False) for one in SAMPLE)


def test_the_same_customer_is_the_same_whatever_the_size_of_the_population():
    """A pilot on a thousand cases meets the first thousand people of the full campaign."""
    assert list(accounts(PEOPLE, Draws(4), 1_000)) == SAMPLE[:1_000]


@pytest.mark.parametrize("rows", [1, 97, 2_048, 5_000])
def test_chunks_do_not_show(monkeypatch, rows):
    """However many rows are drawn at once, the people are the same."""
    monkeypatch.setattr(population, "ROWS_PER_CHUNK", rows)
    assert list(islice(accounts(PEOPLE, Draws(4), MANY), 300)) == SAMPLE[:300]


def test_memory_holds_one_chunk():
    """The first of a hundred million customers is there at once."""
    assert next(accounts(PEOPLE, Draws(4), 100_000_000)).account_id == 0


def test_another_seed_is_another_population():
    """Replications differ in the people, not only in their luck."""
    other = list(accounts(PEOPLE, Draws(5), 1_000))
    same = sum(a.balance_minor == b.balance_minor for a, b in zip(other, SAMPLE, strict=False))
    assert same < 10


def test_one_share_changed_moves_only_what_it_is_about():
    """More vulnerable customers are the same customers, some of them now vulnerable."""
    more = list(accounts(replace(PEOPLE, vulnerable_rate=0.2), Draws(4), 2_000))
    assert [one._replace(vulnerable=False) for one in more] == [
        one._replace(vulnerable=False) for one in SAMPLE[:2_000]
    ]
    assert all(now.vulnerable or not before.vulnerable for now, before in zip(more, SAMPLE, strict=False))
