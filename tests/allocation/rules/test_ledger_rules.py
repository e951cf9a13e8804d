"""The postings of every act: balanced, in the right accounts, and empty accounts at the end of the story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.errors.shares import ConservationBroken
from allocation.rules.arrears import aid_after_arrears
from allocation.rules.ledger import (
    Account,
    Posting,
    balanced,
    post_cancelled_claim,
    post_charge,
    post_collection,
    post_failed_collection,
    post_fee_drawn,
    post_payout,
    post_refund,
    post_sponsor_payment,
    post_surplus_at_end,
    post_write_off,
)
from allocation.rules.shares import AidedClaim, Allocation, Cohort, PeriodTerms, allocate


@pytest.fixture
def period() -> Allocation:
    """Every kind of money in one small period: both caps, a gift, an old surplus and a new one."""
    return allocate(
        [AidedClaim("A", 1_000, 800), AidedClaim("B", 100, 800)],
        [Cohort("old", 3, year_to_date_minor=250), Cohort("new", 2), Cohort("gifted", 2, is_gifted=True)],
        PeriodTerms(case_cap_minor_per_head=100, annual_cap_minor=300),
        surplus_in_minor=10,
    )


def balances(*transactions: Iterable[Posting]) -> Counter[Account]:
    total: Counter[Account] = Counter()
    for transaction in transactions:
        for posting in transaction:
            total[posting.account] += posting.amount_minor
    return total


def test_the_charge_names_every_reason_line_by_line(period: Allocation) -> None:
    assert (period.per_head_minor, period.surplus_out_minor) == (114, 0)
    assert post_charge(period) == (
        Posting(Account.MEMBERS_RECEIVABLE, 150, "old"),
        Posting(Account.MEMBERS_RECEIVABLE, 228, "new"),
        Posting(Account.SPONSOR_RECEIVABLE, 228, "gifts"),
        Posting(Account.SPONSOR_RECEIVABLE, 192, "year_cap"),
        Posting(Account.SPONSOR_RECEIVABLE, 380, "case_cap"),
        Posting(Account.AID_PAYABLE, -1_000, "A"),
        Posting(Account.AID_PAYABLE, -100, "B"),
        Posting(Account.FEE_PAYABLE, -80, "A"),
        Posting(Account.FEE_PAYABLE, -8, "B"),
        Posting(Account.SURPLUS, 10),
    )


def test_a_period_from_charge_to_payout_leaves_only_the_surplus_and_its_cash(period: Allocation) -> None:
    story = [
        [Posting(Account.CASH, 10), Posting(Account.SURPLUS, -10)],
        post_charge(period),
        *(post_collection(line.key, line.members, line.per_member_minor) for line in period.cohorts),
        post_sponsor_payment(period.sponsor_minor),
        *(post_payout(line.ref, aid_after_arrears(line.aid_minor)) for line in period.claims),
        post_fee_drawn(period.fee_minor),
    ]
    assert +balances(*story) == +Counter({Account.CASH: period.surplus_out_minor})
    assert balances(*story)[Account.SURPLUS] == -period.surplus_out_minor


def test_a_failed_collection_is_owed_again_and_a_write_off_is_the_sponsors() -> None:
    after = balances(post_collection("c", 3, 125), post_failed_collection("c", 125), post_write_off("c", 125))
    assert after == {Account.CASH: 250, Account.MEMBERS_RECEIVABLE: -375, Account.SPONSOR_RECEIVABLE: 125}


def test_a_payout_nets_arrears_to_who_bore_them() -> None:
    assert post_payout("A", aid_after_arrears(1_000, owed_minor=125, written_off_minor=300)) == (
        Posting(Account.AID_PAYABLE, 1_000, "A"),
        Posting(Account.CASH, -575, "A"),
        Posting(Account.MEMBERS_RECEIVABLE, -125, "A"),
        Posting(Account.SPONSOR_RECEIVABLE, -300, "A"),
    )


@pytest.mark.parametrize(
    ("receiver", "surplus", "members", "expected", "each"),
    [
        ("members", 100, 3, [(Account.MEMBERS_PAYABLE, -99), (Account.SPONSOR_RECEIVABLE, -1)], 33),
        ("members", 99, 3, [(Account.MEMBERS_PAYABLE, -99)], 33),
        ("members", 2, 3, [(Account.SPONSOR_RECEIVABLE, -2)], 0),
        ("charity", 100, 3, [(Account.CHARITY_PAYABLE, -100)], 0),
        ("sponsor", 100, 3, [(Account.SPONSOR_RECEIVABLE, -100)], 0),
    ],
)
def test_the_surplus_of_a_plan_that_ended_goes_to_whom_its_rules_name(
    receiver: str, surplus: int, members: int, expected: list[tuple[Account, int]], each: int
) -> None:
    postings, per_member = post_surplus_at_end(surplus, receiver, members)
    assert postings == tuple(
        Posting(account, amount, "end") for account, amount in [(Account.SURPLUS, surplus), *expected]
    )
    assert per_member == each


def test_what_the_sponsor_bears_is_named_for_its_reason() -> None:
    assert Posting(Account.SPONSOR_RECEIVABLE, 5, "written_off") in post_write_off("2020-01-07", 5)
    assert Posting(Account.SPONSOR_RECEIVABLE, 5, "refunds") in post_refund("membership:1", 5)


def test_a_refund_is_the_sponsors() -> None:
    assert balances(post_refund("m", 250)) == {Account.SPONSOR_RECEIVABLE: 250, Account.CASH: -250}


def test_a_cancelled_claim_returns_the_case_cap_part_to_the_sponsor_and_the_rest_to_the_surplus(
    period: Allocation,
) -> None:
    claim = period.claims[0]
    assert post_cancelled_claim(claim) == (
        Posting(Account.AID_PAYABLE, 1_000, "A"),
        Posting(Account.FEE_PAYABLE, 80, "A"),
        Posting(Account.SPONSOR_RECEIVABLE, -380, "A"),
        Posting(Account.SURPLUS, -700, "A"),
    )
    left = balances(post_charge(period), post_cancelled_claim(claim))
    assert left[Account.AID_PAYABLE] == -100
    assert left[Account.FEE_PAYABLE] == -8


def test_a_period_that_waits_posts_nothing() -> None:
    assert post_charge(allocate([AidedClaim("a", 1, 0)], [], PeriodTerms(), 5)) == ()


def test_postings_that_do_not_balance_are_refused() -> None:
    with pytest.raises(ConservationBroken) as caught:
        balanced([Posting(Account.CASH, 3), Posting(Account.SURPLUS, -2)])
    assert (caught.value.charged_minor, caught.value.owed_minor) == (3, 2)


@given(
    st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 2_000), st.integers(0, 3)), max_size=5),
    st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), st.integers(0, 30_000)), max_size=5),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 30_000),
    st.integers(0, 10**8),
)
def test_every_charge_and_every_cancelled_claim_balances(
    claim_rows: list[tuple[int, int, int]],
    cohort_rows: list[tuple[int, bool, int]],
    case_cap: int | None,
    year_cap: int | None,
    surplus: int,
) -> None:
    period = allocate(
        [AidedClaim(f"C{number}", *row) for number, row in enumerate(claim_rows)],
        [Cohort(f"c{number}", *row) for number, row in enumerate(cohort_rows)],
        PeriodTerms(case_cap, year_cap),
        surplus,
    )
    charge = post_charge(period)
    assert sum(posting.amount_minor for posting in charge) == 0
    assert all(posting.amount_minor for posting in charge)
    assert len(charge) == 0 or len(charge) >= 2
    everything_cancelled = balances(charge, *(post_cancelled_claim(line) for line in period.claims))
    assert sum(everything_cancelled.values()) == 0
    assert everything_cancelled[Account.AID_PAYABLE] == everything_cancelled[Account.FEE_PAYABLE] == 0
    owed = everything_cancelled[Account.MEMBERS_RECEIVABLE] + everything_cancelled[Account.SPONSOR_RECEIVABLE]
    assert everything_cancelled[Account.SURPLUS] == -owed
