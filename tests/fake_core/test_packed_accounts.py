"""Accounts kept packed by a private core: the same answers as from a table, whatever was loaded in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_core.packed_accounts import PackedAccounts
from fake_core.store import TEMPORARY, FakeCore
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.ports import PostCommand

WORDS = st.sampled_from(["open", "closed", "1m", "4m+"])
MONEY = st.integers(-(2**40), 2**40)


@st.composite
def loads(draw: st.DrawFn) -> list[list[AccountFacts]]:
    """Accounts in one or several loads: mostly numbered without a gap and without details, as a campaign's are."""
    numbers = draw(st.lists(st.integers(0, 12), unique=True, max_size=10) | st.just(list(range(10))))
    details = st.sampled_from(["{}", "{}", "{}", '{"limit":5}'])
    made = [
        AccountFacts(
            number, draw(WORDS), draw(WORDS), draw(MONEY), draw(MONEY), draw(st.integers(0, 2**33)),
            *(draw(st.booleans()) for _ in range(3)), 1, draw(st.booleans()), draw(details),
        )
        for number in numbers
    ]  # fmt: skip
    cut = draw(st.integers(0, len(made)))
    return [made[:cut], made[cut:]]


def command(nth: int, account_id: int, action: str) -> PostCommand:
    """A posting at the version the account was loaded with."""
    return PostCommand(f"k{nth}", "f", account_id, account_id, action, 100, 0, 1, "", "customer")


@given(loads(), st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["pay_now", "dispute"])), max_size=8))
def test_a_private_core_answers_as_one_with_tables(
    loaded: list[list[AccountFacts]], posted: list[tuple[int, str]]
) -> None:
    """Loads, postings, reads, counts and sums are equal, written or not yet written."""
    cores = FakeCore(TEMPORARY), FakeCore()
    for some in loaded:
        assert cores[0].load_accounts(some) == cores[1].load_accounts(some) == len(some)
    for written in (False, True):
        for nth, (account_id, action) in enumerate(posted):
            sent = command(nth + 100 * written, account_id, action)
            assert cores[0].post(sent, nth) == cores[1].post(sent, nth)
        for first, count in ((0, 13), (3, 4), (11, 9)):
            assert cores[0].read_accounts(first, count) == cores[1].read_accounts(first, count)
        assert cores[0].account_count() == cores[1].account_count()
        for account in [account for some in loaded for account in some]:
            number = account.account_id
            assert cores[0].read_account(number) == cores[1].read_account(number)
            assert cores[0].is_complete(number) == cores[1].is_complete(number)
        assert cores[0].totals() == cores[1].totals()  # writes what is open
    for core in cores:
        core.close()


@pytest.mark.parametrize("second", [0, 2, 5])
def test_a_number_that_occurs_twice_refuses_the_whole_load(second: int) -> None:
    """Whether the first of the two was packed or stands in the table."""
    accounts = [AccountFacts(n, "open", "1m", 900, 90, 0, False, False, True, 1, False) for n in (0, 1, 2, 5)]
    core = FakeCore(TEMPORARY)
    with pytest.raises(BadInput, match="occurs twice"):
        core.load_accounts([*accounts, accounts[0]._replace(account_id=second)])
    assert core.account_count() == 0
    assert core.load_accounts(accounts) == 4
    with pytest.raises(BadInput, match="occurs twice"):
        core.load_accounts([accounts[0]._replace(account_id=second)])
    assert core.account_count() == 4
    assert core.read_account(second).balance_minor == 900
    core.close()


def plain(count: int) -> list[AccountFacts]:
    """Accounts numbered from 0, without details."""
    return [AccountFacts(n, "open", "1m", 900, 90, 0, False, False, True, 1, False) for n in range(count)]


def test_details_come_and_go() -> None:
    """An account that got details after it was loaded has them until it is put back without."""
    packed, (account,) = PackedAccounts(), plain(1)
    assert list(packed.take([account])) == []
    for details in ('{"limit":5}', "{}"):
        packed.put([account._replace(details=details)])
        assert packed.get(0) == account._replace(details=details)


def test_a_load_taken_back_leaves_no_trace() -> None:
    """What made the rest of a refused load go to the table does not hold for the next one."""
    packed, accounts = PackedAccounts(), plain(6)
    assert list(packed.take(accounts[:2])) == []
    mark = packed.mark()
    unfit = accounts[4]
    assert list(packed.take([accounts[2], unfit, accounts[3]])) == [unfit, accounts[3]]
    packed.back_to(mark)
    assert list(packed.take(accounts[2:])) == []
    assert packed.between(0, 6) == accounts


def test_what_a_campaign_loads_is_packed() -> None:
    """Numbered from 0 and without details: nothing is left for the table, and a record is 30 bytes."""
    packed, accounts = PackedAccounts(), plain(100)
    assert list(packed.take(accounts)) == []
    assert len(packed) == 100
    assert packed.between(40, 60) == accounts[40:60]
