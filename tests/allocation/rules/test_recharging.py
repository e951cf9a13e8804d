"""Past periods charged again: surplus, caps and the year's payments run through."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.cohorts import CohortKey, NoticeInYear, YearCharge, cohorts_of, first_notice_of_year
from allocation.rules.recharging import PastPeriod, recharge
from allocation.rules.shares import AidedClaim, Allocation, PeriodTerms, allocate

DAYS = [dt.date(2019, 12, 7), dt.date(2019, 12, 21), dt.date(2020, 1, 7), dt.date(2020, 1, 21), dt.date(2020, 2, 7)]
OLD, NEW = CohortKey(dt.date(2018, 12, 7)), CohortKey(dt.date(2020, 1, 21))


def played(claims: list[tuple[int, ...]], terms: PeriodTerms, surplus_minor: int) -> list[Allocation]:
    """The periods charged one after the other, as the service charges them."""
    charges: list[YearCharge] = []
    found = []
    for day, amounts in zip(DAYS, claims, strict=False):
        counts = {OLD: 7} | ({NEW: 3} if day >= NEW.first_notice_on else {})
        of_year = [charge for charge in charges if charge.notice_on.year == day.year]
        start = first_notice_of_year(day, [charge.notice_on for charge in of_year])
        aided = [AidedClaim(f"{day}/{number}", aid, 800) for number, aid in enumerate(amounts)]
        allocation = allocate(aided, cohorts_of(counts, of_year, NoticeInYear(day, start)), terms, surplus_minor)
        surplus_minor = allocation.surplus_out_minor
        charges.append(YearCharge(day, allocation.per_head_minor, terms.annual_cap_minor))
        found.append(allocation)
    return found


def past(day: dt.date, allocation: Allocation) -> PastPeriod:
    cohorts = tuple((CohortKey.from_code(line.key), line.members) for line in allocation.cohorts)
    return PastPeriod(day, tuple(line.claim for line in allocation.claims), cohorts)


AMOUNTS = st.lists(st.lists(st.integers(1, 10_000), max_size=4).map(tuple), min_size=1, max_size=5)
CAPS = st.one_of(st.none(), st.integers(1, 3_000))


@given(AMOUNTS, CAPS, CAPS, st.integers(0, 500), st.integers(0, 4))
def test_the_same_claims_and_terms_give_the_same_charges(
    claims: list[tuple[int, ...]], case_cap: int | None, year_cap: int | None, surplus_minor: int, first: int
) -> None:
    terms = PeriodTerms(case_cap, year_cap)
    before = played(claims, terms, surplus_minor)
    first = min(first, len(before) - 1)
    charged = [YearCharge(DAYS[n], before[n].per_head_minor, year_cap) for n in range(first)]
    periods = [past(DAYS[n], before[n]) for n in range(first, len(before))]
    assert recharge(periods, charged, terms, before[first].surplus_in_minor) == before[first:]


def test_each_period_hands_its_own_surplus_on() -> None:
    cohorts = ((CohortKey(DAYS[2]), 3),)
    periods = [
        PastPeriod(DAYS[2], (AidedClaim("a", 100, 0),), cohorts),
        PastPeriod(DAYS[3], (AidedClaim("b", 100, 0),), cohorts),
    ]
    first, second = recharge(periods, [], PeriodTerms(), 0)
    assert (first.per_head_minor, first.surplus_out_minor) == (34, 2)
    assert (second.per_head_minor, second.surplus_in_minor) == (33, 2)
    first, second = recharge([PastPeriod(DAYS[2], (), cohorts), periods[1]], [], PeriodTerms(), 5)
    assert (first.per_head_minor, second.per_head_minor, second.surplus_in_minor) == (0, 32, 5)


def test_what_was_paid_before_counts_towards_the_year_s_cap_and_the_year_before_does_not() -> None:
    key = CohortKey(DAYS[2])
    period = PastPeriod(DAYS[3], (AidedClaim("a", 100, 0),), ((key, 1),))
    charged = [YearCharge(DAYS[1], 1_000), YearCharge(DAYS[2], 70)]
    [again] = recharge([period], charged, PeriodTerms(None, 100), 0)
    assert again.per_head_minor == 100
    assert again.charged_minor == 30
    assert again.year_cap_shortfall_minor == 70


def test_periods_come_in_their_order() -> None:
    periods = [PastPeriod(day, (), ()) for day in (DAYS[1], DAYS[0])]
    with pytest.raises(ValueError, match="follow"):
        recharge(periods, [], PeriodTerms(), 0)
