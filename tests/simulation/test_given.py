"""Customers of a case file: every row is taken, what the file says stands, and the rest is drawn as ever."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sandbox.draws import Draws
from sandbox.model import Channel
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.given import GivenPeople
from sandbox.simulation.population import accounts
from sandbox.simulation.settings import FactModel
from scenarios.wiring.centre import centre_of
from scenarios.wiring.people import people_of
from scenarios.world.spec import load_scenario

DOCUMENT = load_scenario("retail-bank-200k").document
PEOPLE = people_of(DOCUMENT)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 100, 1_000, 8_191])
def test_every_row_is_taken_once_before_any_is_taken_again(rows: int) -> None:
    """The order is a permutation of the file, repeated; a chunk has what single cases have."""
    given = GivenPeople(rows)
    taken = given.places(0, 2 * rows).tolist()
    assert sorted(taken[:rows]) == list(range(rows))
    assert taken[rows:] == taken[:rows]
    assert [int(given.places(case, 1)[0]) for case in range(rows)] == taken[:rows]


def test_the_first_cases_are_spread_over_the_file() -> None:
    """A tenth of the campaign takes rows from every tenth of a file, however the file is sorted."""
    places = GivenPeople(10_000).places(0, 1_000)
    assert np.bincount(places // 1_000, minlength=10).tolist() == pytest.approx([100] * 10, abs=2)


def test_what_the_file_says_stands_and_the_rest_is_as_without_it() -> None:
    """Balances and flags are the file's in its order; bands and promises are those the draws give anyway."""
    balance = np.arange(1, 51, dtype=np.int64) * 1_000
    given = GivenPeople(50, {"balance": balance, "vulnerable": balance > 40_000})
    drawn = list(accounts(PEOPLE, Draws(5), 50))
    told = list(accounts(replace(PEOPLE, given=given), Draws(5), 50))
    places = given.places(0, 50).tolist()
    assert [account.balance_minor for account in told] == [(place + 1) * 1_000 for place in places]
    assert [account.vulnerable for account in told] == [place >= 40 for place in places]
    assert [account.arrears_band for account in told] == [account.arrears_band for account in drawn]
    assert [account.broken_promises for account in told] == [account.broken_promises for account in drawn]
    assert all(account.overdue_minor <= account.balance_minor for account in told)


def test_facts_of_the_workflow_come_row_by_row_and_an_unknown_one_is_left_out() -> None:
    """The details hold what the file says; a cell without a value is a fact the core does not have."""
    given = GivenPeople(3, facts={"tenure": (1, None, 3)})
    people = replace(PEOPLE, facts=(FactModel("tenure"),), given=given)
    details = [json.loads(account.details) for account in accounts(people, Draws(1), 3)]
    wanted = [{"tenure": 1}, {}, {"tenure": 3}]
    assert details == [wanted[place] for place in given.places(0, 3).tolist()]


def test_consent_preference_and_zone_are_the_files() -> None:
    """Bits of consent are replaced for channels the file has; preference and zone are told by place."""
    flags = np.array([True, False, True, False])
    given = GivenPeople(
        4,
        consent={Channel.EMAIL: flags},
        preferred=(Channel.EMAIL, None, Channel.SMS, Channel.WHATSAPP),
        zones=("Europe/London", "Europe/Paris"),
        zone_of=(0, 1, 1, 0),
    )
    plain = Behaviour(PEOPLE, centre_of(DOCUMENT), Draws(2))
    told = Behaviour(replace(PEOPLE, given=given), centre_of(DOCUMENT), Draws(2))
    channels = (Channel.SMS, Channel.EMAIL)
    places = given.places(0, 4).tolist()
    bits, drawn = told.consenting(0, 4, channels), plain.consenting(0, 4, channels)
    assert [bit >> 1 for bit in bits] == [int(flags[place]) for place in places]
    assert [bit & 1 for bit in bits] == [bit & 1 for bit in drawn]
    assert told.preferring(0, 4, channels) == [[2, 0, 1, 0][place] for place in places]
    assert told.living_in(0, 4) == [given.zone_of[place] for place in places]
    assert [given.consents(case, Channel.EMAIL) for case in range(4)] == [
        bool(flags[place]) for place in places
    ]
    assert given.consents(0, Channel.SMS) is None
