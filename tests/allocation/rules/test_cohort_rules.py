"""Cohorts: who pays alike, what they have paid, and how classes merge when the year turns."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.cohorts import (
    CohortKey,
    NoticeInYear,
    YearCharge,
    cohorts_of,
    effective_key,
    first_notice_of_year,
    merge_cohorts,
    notice_in_year,
    year_to_date,
)
from allocation.rules.shares import AidedClaim, PeriodTerms, allocate
from members.rules.plans import FreeTime

YEAR_START = date(2020, 1, 7)
CAP = 18_800


class TestEffectiveKey:
    @pytest.mark.parametrize(
        ("first_notice_on", "carried", "expected_day", "expected_carried"),
        [
            (date(2018, 11, 7), 0, YEAR_START, 0),
            (date(2019, 12, 21), 500, YEAR_START, 0),
            (date(2020, 1, 7), 0, YEAR_START, 0),
            (date(2020, 1, 7), 500, YEAR_START, 0),
            (date(2020, 1, 21), 0, date(2020, 1, 21), 0),
            (date(2020, 6, 7), 500, date(2020, 6, 7), 500),
        ],
    )
    def test_classes_from_before_the_year_fold_into_one_with_nothing_carried(
        self, first_notice_on: date, carried: int, expected_day: date, expected_carried: int
    ) -> None:
        for is_gifted in (False, True):
            key = effective_key(first_notice_on, is_gifted, carried, YEAR_START)
            assert key == CohortKey(expected_day, is_gifted, expected_carried)

    def test_the_first_notice_of_a_year_is_the_earliest_of_that_year_only(self) -> None:
        notices = [date(2019, 12, 21), date(2020, 2, 7), date(2020, 1, 21), date(2021, 1, 7)]
        assert first_notice_of_year(date(2020, 3, 7), notices) == date(2020, 1, 21)
        assert first_notice_of_year(date(2022, 1, 7), notices) == date(2022, 1, 7)

    def test_merging_adds_the_members_up(self) -> None:
        counts = {
            CohortKey(date(2019, 5, 7)): 5,
            CohortKey(date(2019, 6, 7), carried_minor=100): 7,
            CohortKey(date(2019, 6, 7), is_gifted=True): 2,
            CohortKey(date(2020, 2, 7), carried_minor=100): 1,
        }
        assert merge_cohorts(counts, NoticeInYear(YEAR_START, YEAR_START)) == {
            CohortKey(YEAR_START): 12,
            CohortKey(YEAR_START, is_gifted=True): 2,
            CohortKey(date(2020, 2, 7), carried_minor=100): 1,
        }


class TestCode:
    @given(st.builds(CohortKey, st.dates(), st.booleans(), st.integers(0, 10**9)))
    def test_a_key_survives_being_written_as_a_word(self, key: CohortKey) -> None:
        assert CohortKey.from_code(key.code) == key

    @pytest.mark.parametrize("code", ["", "2020-01-07", "2020-01-07.free.0", "2020-13-07.gift.0", "2020-01-07.gift.x"])
    def test_anything_else_is_no_key(self, code: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - the kinds differ, the refusal is what counts
            CohortKey.from_code(code)


class TestYearToDate:
    charges = [
        YearCharge(date(2020, 2, 7), 10_000, CAP),
        YearCharge(date(2020, 1, 7), 300, CAP),
        YearCharge(date(2020, 1, 21), 200, CAP),
        YearCharge(date(2020, 2, 21), 10_000, CAP),
    ]

    @pytest.mark.parametrize(
        ("key", "paid"),
        [
            (CohortKey(date(2020, 1, 7)), CAP),
            (CohortKey(date(2020, 2, 21)), 10_000),
            (CohortKey(date(2020, 2, 22)), 0),
            (CohortKey(date(2020, 2, 21), carried_minor=9_000), CAP),
            (CohortKey(date(2020, 2, 21), carried_minor=8_799), 18_799),
            (CohortKey(date(2020, 1, 7), is_gifted=True), 0),
        ],
    )
    def test_charges_since_the_first_notice_count_up_to_the_cap(self, key: CohortKey, paid: int) -> None:
        assert year_to_date(key, self.charges) == paid

    def test_a_cap_that_came_in_during_the_year_returns_nothing(self) -> None:
        charges = [YearCharge(date(2020, 1, 7), 20_000), YearCharge(date(2020, 1, 21), 500, CAP)]
        assert year_to_date(CohortKey(YEAR_START), charges) == 20_000

    def test_a_charge_of_another_year_is_refused(self) -> None:
        with pytest.raises(ValueError, match="calendar year"):
            year_to_date(CohortKey(YEAR_START), [YearCharge(date(2019, 12, 21), 1)])


@given(
    st.lists(st.integers(0, 2_000), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 600), st.integers(0, 50)), max_size=6),
    st.none() | st.integers(0, 600),
)
def test_a_year_of_charges_agrees_with_the_year_to_date_derived_from_them(
    bills: list[int], groups: list[tuple[int, bool, int, int]], cap: int | None
) -> None:
    """What `allocate` charges, period after period, is what `year_to_date` says afterwards; nobody passes the cap."""
    notices = [date(2020, month, 7) for month in range(1, len(bills) + 1)]
    charges: list[YearCharge] = []
    paid: dict[str, int] = {}
    for notice_on, bill in zip(notices, bills, strict=True):
        counts = {
            CohortKey(notices[joined], is_gifted, carried if cap is None else min(carried, cap)): members
            for joined, is_gifted, carried, members in groups
            if joined < len(notices) and notices[joined] <= notice_on
        }
        cohorts = cohorts_of(counts, charges, NoticeInYear(notice_on, notices[0]))
        period = allocate([AidedClaim("a", bill, 0)], cohorts, PeriodTerms(annual_cap_minor=cap), 0)
        for line in period.cohorts:
            assert paid.get(line.key, line.cohort.year_to_date_minor) == line.cohort.year_to_date_minor
            paid[line.key] = line.year_to_date_after_minor
            assert cap is None or paid[line.key] <= cap
        charges.append(YearCharge(notice_on, period.per_head_minor, cap))
    for code, paid_minor in paid.items():
        assert year_to_date(CohortKey.from_code(code), charges) == paid_minor


def test_when_the_year_turns_everybody_pays_alike_again() -> None:
    before = {CohortKey(date(2019, 1, 7)): 3, CohortKey(date(2019, 12, 21), carried_minor=CAP): 2}
    (cohort,) = cohorts_of(before, [], NoticeInYear(YEAR_START, YEAR_START))
    assert (cohort.members, cohort.year_to_date_minor) == (5, 0)


class TestFreeTime:
    """Members first counted up to 7 December 2018 pay nothing for notices up to 31 January 2019."""

    FREE = FreeTime(date(2018, 12, 7), date(2019, 1, 31))
    NOTICES = (
        date(2018, 12, 7),
        date(2018, 12, 21),
        date(2019, 1, 7),
        date(2019, 1, 21),
        date(2019, 2, 7),
        date(2019, 2, 21),
        date(2020, 1, 7),
    )
    EARLY, LATE, RETURNED = CohortKey(date(2018, 12, 7)), CohortKey(date(2018, 12, 21)), CohortKey(date(2019, 2, 7))
    COUNTS = {EARLY: 10, LATE: 20, RETURNED: 1, CohortKey(date(2018, 12, 7), is_gifted=True): 2}

    def played(self, bill: int = 3_300) -> dict[date, dict[CohortKey, tuple[int, int, int]]]:
        """Every notice with its cohorts: members, paid before in the year, and what each pays now."""
        charges: list[YearCharge] = []
        found = {}
        for day in self.NOTICES:
            start = min(one for one in self.NOTICES if one.year == day.year)
            notices = [(one, self.FREE if one.year < 2020 else None) for one in self.NOTICES]
            notice = notice_in_year(day, start, notices)
            of_year = [charge for charge in charges if charge.notice_on.year == day.year]
            counts = {key: members for key, members in self.COUNTS.items() if key.first_notice_on <= day}
            period = allocate([AidedClaim("a", bill, 0)], cohorts_of(counts, of_year, notice), PeriodTerms(), 0)
            assert period.conserves()
            charges.append(YearCharge(day, period.per_head_minor, None, dict(notices)[day]))
            found[day] = {
                CohortKey.from_code(line.key): (line.members, line.cohort.year_to_date_minor, line.per_member_minor)
                for line in period.cohorts
            }
        return found

    def test_early_joiners_are_gifts_until_it_ends(self) -> None:
        for day, cohorts in self.played().items():
            paying = {key: line for key, line in cohorts.items() if not key.is_gifted}
            free = sum(line[0] for key, line in cohorts.items() if key.is_gifted)
            assert free == (12 if day <= self.FREE.until else 2), day
            assert all(each > 0 for _members, _before, each in paying.values()), day

    def test_afterwards_they_stay_apart_until_the_year_ends_since_they_have_paid_less(self) -> None:
        cohorts = self.played()[date(2019, 2, 21)]
        members, before, each = cohorts[CohortKey(date(2018, 12, 7))]
        others = cohorts[CohortKey(date(2019, 1, 7))]
        assert (members, others[0]) == (10, 20)
        assert before == 100, "the notice of 7 February alone"
        assert others[1] > before
        assert each == others[2]

    def test_when_the_year_turns_all_are_one_cohort(self) -> None:
        cohorts = self.played()[date(2020, 1, 7)]
        assert {key: line[0] for key, line in cohorts.items()} == {
            CohortKey(date(2020, 1, 7)): 31,
            CohortKey(date(2020, 1, 7), is_gifted=True): 2,
        }

    def test_the_day_itself_is_early_and_the_last_notice_is_free(self) -> None:
        assert self.FREE.is_for(date(2018, 12, 7), date(2019, 1, 31))
        assert not self.FREE.is_for(date(2018, 12, 8), date(2019, 1, 31))
        assert not self.FREE.is_for(date(2018, 12, 7), date(2019, 2, 1))
