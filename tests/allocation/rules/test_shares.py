"""The arithmetic of a charge: worked examples, boundaries, and properties that hold for every input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.errors.shares import ConservationBroken, LineBroken, NotInThisPeriod
from allocation.rules.shares import (
    AidedClaim,
    Allocation,
    Cohort,
    PeriodTerms,
    allocate,
    bill_claim,
    ceil_div,
    fee_on,
    member_share,
    terms_of,
    whole_units,
)
from tests.members.rules.plan_files import SHIPPED, XHB_2019

YUAN = 100
NO_CAPS = PeriodTerms()
CAPS_OF_2019 = PeriodTerms(case_cap_minor_per_head=10, annual_cap_minor=188 * YUAN)


def claims_of(*aids_yuan: int, fee_bp: int = 800) -> list[AidedClaim]:
    return [AidedClaim(f"C{number}", aid * YUAN, fee_bp) for number, aid in enumerate(aids_yuan, 1)]


def share_among(members: int, claims: list[AidedClaim], terms: PeriodTerms = NO_CAPS, surplus: int = 0) -> Allocation:
    return allocate(claims, [Cohort("all", members)], terms, surplus)


class TestPublishedFigures:
    def test_the_help_page_example_costs_648_fen_exactly(self) -> None:
        period = share_among(5_000_000, claims_of(*[300_000] * 100), CAPS_OF_2019)
        assert period.aid_minor == 30_000_000 * YUAN
        assert period.fee_minor == 2_400_000 * YUAN
        assert period.per_head_minor == 648
        assert period.surplus_out_minor == 0
        assert period.sponsor_minor == 0

    def test_may_2019_of_the_first_plan_costs_125_fen(self) -> None:
        period = share_among(3_876_000, claims_of(*[300_000] * 14, *[100_000] * 2, fee_bp=1000))
        assert (period.aid_minor, period.fee_minor) == (4_400_000 * YUAN, 440_000 * YUAN)
        assert period.per_head_minor == 125
        assert period.surplus_out_minor == 3_876_000 * 125 - 4_840_000 * YUAN

    def test_identical_claims_taken_together_cost_what_they_cost_one_by_one(self) -> None:
        one_by_one = share_among(1_000_001, claims_of(*[299_999] * 7), CAPS_OF_2019)
        together = share_among(1_000_001, [AidedClaim("7", 299_999 * YUAN, 800, count=7)], CAPS_OF_2019)
        for figure in ("aided", "aid_minor", "fee_minor", "billed_minor", "case_cap_excess_minor", "per_head_minor"):
            assert getattr(together, figure) == getattr(one_by_one, figure), figure
        assert (together.aided, together.aid_minor) == (7, 7 * 299_999 * YUAN)

    def test_of_a_plan_that_has_ended_the_sponsor_bears_all(self) -> None:
        period = allocate(claims_of(300_000, 100_000), [], PeriodTerms(has_ended=True), 500)
        assert (period.waiting, period.aided, period.billed_minor, period.per_head_minor) == ((), 2, 0, 0)
        assert period.sponsor_minor == period.case_cap_excess_minor == 432_000 * YUAN
        assert period.surplus_out_minor == 500


class TestRounding:
    @pytest.mark.parametrize(
        ("aid_minor", "fee_bp", "fee_minor"),
        [(0, 800, 0), (1, 800, 1), (1250, 800, 100), (1251, 800, 101), (1249, 800, 100), (100, 0, 0), (3, 10_000, 3)],
    )
    def test_a_started_unit_of_fee_counts(self, aid_minor: int, fee_bp: int, fee_minor: int) -> None:
        assert fee_on(aid_minor, fee_bp) == fee_minor

    def test_the_fee_is_rounded_for_each_claim_and_not_on_the_sum(self) -> None:
        assert share_among(1, [AidedClaim("a", 1, 800), AidedClaim("b", 1, 800)]).fee_minor == 2

    @pytest.mark.parametrize(
        ("billed", "surplus", "members", "per_head", "surplus_out"),
        [
            (100, 0, 100, 1, 0),
            (101, 0, 100, 2, 99),
            (1, 0, 100, 1, 99),
            (100, 100, 100, 0, 0),
            (100, 101, 100, 0, 1),
            (100, 99, 100, 1, 99),
            (0, 7, 3, 0, 7),
        ],
    )
    def test_a_started_unit_a_head_counts_and_the_rest_stays(
        self, billed: int, surplus: int, members: int, per_head: int, surplus_out: int
    ) -> None:
        period = share_among(members, [AidedClaim("a", billed, 0)], NO_CAPS, surplus)
        assert (period.per_head_minor, period.surplus_out_minor) == (per_head, surplus_out)

    @pytest.mark.parametrize(
        ("unit", "billed", "surplus", "members", "per_head", "surplus_out"),
        [
            (10, 156_750, 0, 21, 7_470, 120),
            (10, 100, 0, 10, 10, 0),
            (10, 101, 0, 10, 20, 99),
            (10, 1, 0, 100, 10, 999),
            (10, 1_000, 999, 100, 10, 999),
            (10, 1_000, 1_000, 100, 0, 0),
            (100, 156_750, 0, 21, 7_500, 750),
            (25, 100, 0, 3, 50, 50),
        ],
    )
    def test_a_started_unit_of_the_plan_counts_whole(
        self, unit: int, billed: int, surplus: int, members: int, per_head: int, surplus_out: int
    ) -> None:
        terms = PeriodTerms(share_unit_minor=unit)
        period = share_among(members, [AidedClaim("a", billed, 0)], terms, surplus)
        assert (period.per_head_minor, period.surplus_out_minor) == (per_head, surplus_out)

    @pytest.mark.parametrize(("unit", "members"), [(1, 1), (1, 100), (10, 21), (100, 7)])
    def test_a_surplus_of_exactly_one_unit_a_head_is_one_unit_too_much(self, unit: int, members: int) -> None:
        """One unit a head less would have covered the claims: `check` refuses it, and one fen less is the most."""
        period = share_among(members, [AidedClaim("a", unit * members, 0)], PeriodTerms(share_unit_minor=unit))
        assert (period.per_head_minor, period.surplus_out_minor) == (unit, 0)
        dearer = replace(
            period,
            per_head_minor=2 * unit,
            cohorts=tuple(replace(one, per_head_minor=2 * unit, per_member_minor=2 * unit) for one in period.cohorts),
        )
        assert dearer.conserves()
        assert dearer.surplus_out_minor == unit * members
        with pytest.raises(LineBroken) as broken:
            dearer.check()
        assert broken.value.symbol == "h"
        most = share_among(members, [AidedClaim("a", unit * members + 1, 0)], PeriodTerms(share_unit_minor=unit))
        assert most.surplus_out_minor == unit * members - 1

    def test_the_caps_cut_a_share_that_is_no_whole_unit_any_more(self) -> None:
        """The year's cap leaves 155 of a share of 200: the member pays 155, the sponsor the rest."""
        cohorts = [Cohort("old", 1, year_to_date_minor=45), Cohort("new", 1)]
        period = allocate(
            [AidedClaim("a", 333, 0)], cohorts, PeriodTerms(annual_cap_minor=200, share_unit_minor=100), 0
        )
        assert period.per_head_minor == 200
        assert [line.per_member_minor for line in period.cohorts] == [155, 200]
        assert (period.year_cap_shortfall_minor, period.surplus_out_minor) == (45, 67)

    def test_there_is_no_unit_of_nothing(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            PeriodTerms(share_unit_minor=0)

    @given(st.integers(0, 10**12), st.integers(1, 10**9), st.integers(1, 10**5))
    def test_a_share_is_the_least_whole_number_of_units_that_covers(self, bill: int, members: int, unit: int) -> None:
        share = whole_units(bill, members, unit)
        assert share % unit == 0
        assert share * members >= bill
        assert share == 0 or (share - unit) * members < bill

    @given(st.integers(0, 10**18), st.integers(1, 10**9))
    def test_ceil_div_is_the_least_number_of_units_that_covers(self, dividend: int, divisor: int) -> None:
        units = ceil_div(dividend, divisor)
        assert (units - 1) * divisor < dividend <= units * divisor


class TestCaseCap:
    def test_the_sponsor_bears_what_exceeds_a_tenth_of_a_yuan_a_head(self) -> None:
        period = share_among(2_000_000, claims_of(300_000, 100_000), CAPS_OF_2019)
        severe, smaller = period.claims
        assert severe.billed_minor == 200_000 * YUAN
        assert severe.case_cap_excess_minor == 124_000 * YUAN
        assert smaller.billed_minor == 108_000 * YUAN
        assert smaller.case_cap_excess_minor == 0
        assert period.case_cap_excess_minor == period.sponsor_minor == 124_000 * YUAN

    @pytest.mark.parametrize(("members", "excess"), [(3_240_000, 0), (3_239_999, 10), (3_240_001, 0)])
    def test_the_cap_begins_exactly_where_the_claim_exceeds_it(self, members: int, excess: int) -> None:
        assert bill_claim(*claims_of(300_000), members, 10).case_cap_excess_minor == excess

    def test_gifted_members_count_towards_the_cap(self) -> None:
        cohorts = [Cohort("paying", 1), Cohort("gifted", 1, is_gifted=True)]
        assert allocate([AidedClaim("a", 100, 0)], cohorts, PeriodTerms(10), 0).billed_minor == 20


class TestYearCap:
    @pytest.mark.parametrize(
        ("paid", "pays"), [(0, 648), (18_152, 648), (18_153, 647), (18_799, 1), (18_800, 0), (20_000, 0)]
    )
    def test_a_member_pays_up_to_the_cap_and_never_gets_money_back(self, paid: int, pays: int) -> None:
        assert member_share(Cohort("c", 1, year_to_date_minor=paid), 648, 188 * YUAN) == pays

    def test_the_sponsor_bears_what_the_cap_takes_off(self) -> None:
        cohorts = [Cohort("old", 3, year_to_date_minor=18_700), Cohort("new", 2)]
        period = allocate([AidedClaim("a", 1_000, 0)], cohorts, CAPS_OF_2019_WITHOUT_CASE_CAP, 0)
        assert period.per_head_minor == 200
        assert [line.per_member_minor for line in period.cohorts] == [100, 200]
        assert period.year_cap_shortfall_minor == 300
        assert period.charged_minor == 700
        assert [line.year_to_date_after_minor for line in period.cohorts] == [18_800, 200]

    def test_gifts_are_the_sponsors_and_never_a_year_cap(self) -> None:
        cohorts = [Cohort("paying", 3), Cohort("gifted", 2, is_gifted=True)]
        period = allocate([AidedClaim("a", 1_000, 0)], cohorts, CAPS_OF_2019_WITHOUT_CASE_CAP, 0)
        assert (period.gift_minor, period.year_cap_shortfall_minor, period.charged_minor) == (400, 0, 600)


CAPS_OF_2019_WITHOUT_CASE_CAP = PeriodTerms(annual_cap_minor=188 * YUAN)


class TestNobodyToShare:
    @pytest.mark.parametrize("cohorts", [[], [Cohort("empty", 0)]])
    def test_claims_wait_and_the_surplus_passes_through(self, cohorts: list[Cohort]) -> None:
        claims = claims_of(300_000)
        period = allocate(claims, cohorts, CAPS_OF_2019, 77)
        assert period.is_waiting
        assert period.waiting == tuple(claims)
        assert (period.claims, period.per_head_minor, period.surplus_out_minor, period.income_minor) == ((), 0, 77, 0)
        assert period.recompute_without(["C1"]).waiting == ()

    def test_a_period_without_claims_charges_nobody_and_waits_for_nothing(self) -> None:
        period = share_among(10, [])
        assert (period.per_head_minor, period.is_waiting) == (0, False)


class TestAfterThePlanHasEnded:
    def test_the_sponsor_bears_all_and_the_surplus_is_untouched(self) -> None:
        period = allocate(claims_of(300_000), [], replace(CAPS_OF_2019, has_ended=True), 77)
        assert not period.is_waiting
        assert (period.billed_minor, period.per_head_minor, period.charged_minor) == (0, 0, 0)
        assert period.case_cap_excess_minor == period.sponsor_minor == 324_000 * YUAN
        assert period.surplus_out_minor == 77
        assert period.recompute_without(["C1"]).sponsor_minor == 0

    def test_members_who_are_still_counted_share_as_usual(self) -> None:
        ended = share_among(100, claims_of(300_000), replace(NO_CAPS, has_ended=True))
        assert ended.per_head_minor == share_among(100, claims_of(300_000)).per_head_minor


def test_the_terms_are_those_of_the_plan_version() -> None:
    assert terms_of(XHB_2019) == PeriodTerms(10, 188 * YUAN, 1, has_ended=False)
    assert {terms_of(rules).share_unit_minor for rules in SHIPPED.values()} == {1}
    assert terms_of(XHB_2019, has_ended=True).has_ended


class TestLeavingClaims:
    def test_the_share_falls_and_the_members_of_the_notice_stay(self) -> None:
        notice = share_among(1_000_000, claims_of(300_000, 300_000), NO_CAPS, 5)
        charge = notice.recompute_without(["C2"])
        assert (notice.per_head_minor, charge.per_head_minor) == (65, 33)
        assert [line.ref for line in charge.claims] == ["C1"]
        assert charge.members == notice.members
        assert charge.surplus_in_minor == 5

    def test_a_claim_that_is_not_in_the_period_cannot_leave_it(self) -> None:
        with pytest.raises(NotInThisPeriod) as caught:
            share_among(10, claims_of(1)).recompute_without(["C1", "C9"])
        assert caught.value.refs == ("C9",)


class TestBadInput:
    @pytest.mark.parametrize("amount", [1.0, True, "1", None])
    def test_only_whole_numbers_are_amounts(self, amount: object) -> None:
        with pytest.raises(TypeError, match="aid_minor"):
            AidedClaim("a", amount, 800)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="surplus_in_minor"):
            allocate([], [], NO_CAPS, amount)  # type: ignore[arg-type]

    def test_negative_amounts_are_refused(self) -> None:
        for wrong in (
            lambda: AidedClaim("a", -1, 800),
            lambda: AidedClaim("a", 1, -1),
            lambda: Cohort("c", -1),
            lambda: Cohort("c", 1, year_to_date_minor=-1),
            lambda: PeriodTerms(-1),
            lambda: PeriodTerms(None, -1),
            lambda: PeriodTerms(share_unit_minor=-1),
            lambda: allocate([], [], NO_CAPS, -1),
        ):
            with pytest.raises(ValueError, match="negative"):
                wrong()

    def test_nothing_is_counted_twice(self) -> None:
        with pytest.raises(ValueError, match="claim given twice: a"):
            share_among(1, [AidedClaim("a", 1, 0), AidedClaim("a", 2, 0)])
        with pytest.raises(ValueError, match="cohort given twice: c"):
            allocate([], [Cohort("c", 1), Cohort("c", 2)], NO_CAPS, 0)


class TestCheck:
    @pytest.fixture
    def period(self) -> Allocation:
        return allocate(
            [AidedClaim("a", 1_000, 800), AidedClaim("b", 5, 800)],
            [Cohort("c", 3, year_to_date_minor=18_700), Cohort("g", 2, is_gifted=True)],
            PeriodTerms(150, 188 * YUAN),
            7,
        )

    def test_an_altered_cohort_line_no_longer_adds_up(self, period: Allocation) -> None:
        line = replace(period.cohorts[0], per_member_minor=period.cohorts[0].per_member_minor + 1)
        altered = replace(period, cohorts=(line, *period.cohorts[1:]))
        assert altered.conserves()  # what a member pays too much, the sponsor pays too little
        with pytest.raises(LineBroken) as caught:
            altered.check()
        assert caught.value.symbol == "x_c, c"

    def test_a_lost_share_is_found(self, period: Allocation) -> None:
        line = replace(period.cohorts[0], per_head_minor=period.per_head_minor - 1)
        altered = replace(period, cohorts=(line, *period.cohorts[1:]))
        assert not altered.conserves()
        with pytest.raises(ConservationBroken) as caught:
            altered.check()
        assert caught.value.owed_minor - caught.value.charged_minor == 3

    @pytest.mark.parametrize(
        ("change", "symbol"),
        [({"fee_minor": 81}, "f_i, a"), ({"billed_minor": 749}, "B, a"), ({"billed_minor": 0}, "B, a")],
    )
    def test_an_altered_claim_line_is_found(self, period: Allocation, change: dict[str, int], symbol: str) -> None:
        altered = replace(period, claims=(replace(period.claims[0], **change), period.claims[1]))
        with pytest.raises(LineBroken) as caught:
            altered.check()
        assert caught.value.symbol == symbol

    def test_a_share_that_is_not_the_least_is_found(self, period: Allocation) -> None:
        higher = period.per_head_minor + 1
        lines = tuple(
            replace(
                line,
                per_head_minor=higher,
                per_member_minor=member_share(line.cohort, higher, period.terms.annual_cap_minor),
            )
            for line in period.cohorts
        )
        with pytest.raises(LineBroken) as caught:
            replace(period, per_head_minor=higher, cohorts=lines).check()
        assert caught.value.symbol == "h"


amounts = st.integers(0, 10**9)
claim_lists = st.lists(st.tuples(amounts, st.integers(0, 20_000), st.integers(0, 4)), max_size=6).map(
    lambda rows: [AidedClaim(f"C{number}", *row) for number, row in enumerate(rows)]
)
cohort_lists = st.lists(st.tuples(st.integers(0, 10**7), st.booleans(), st.integers(0, 30_000)), max_size=5).map(
    lambda rows: [Cohort(f"c{number}", *row) for number, row in enumerate(rows)]
)
all_terms = st.builds(
    PeriodTerms,
    st.none() | st.integers(0, 1000),
    st.none() | st.integers(0, 30_000),
    st.integers(1, 1000),
    st.booleans(),
)


class TestForEveryInput:
    @given(claim_lists, cohort_lists, all_terms, amounts)
    def test_everything_adds_up_to_the_unit(
        self, claims: list[AidedClaim], cohorts: list[Cohort], terms: PeriodTerms, surplus: int
    ) -> None:
        period = allocate(claims, cohorts, terms, surplus)
        # Summed here from the lines, and not by the totals that the allocation itself gives.
        members_pay = sum(line.members * line.per_member_minor for line in period.cohorts)
        gifts = period.per_head_minor * sum(line.members for line in period.cohorts if line.is_gifted)
        over_cap = sum(
            line.members * (period.per_head_minor - line.per_member_minor)
            for line in period.cohorts
            if not line.is_gifted
        )
        excess = sum(line.case_cap_excess_minor * line.claim.count for line in period.claims)
        aid = sum(line.claim.aid_minor * line.claim.count for line in period.claims)
        fee = sum(line.fee_minor * line.claim.count for line in period.claims)
        assert members_pay + gifts + over_cap + excess == aid + fee + period.surplus_out_minor - surplus
        assert (members_pay, gifts, over_cap, excess) == (
            period.charged_minor,
            period.gift_minor,
            period.year_cap_shortfall_minor,
            period.case_cap_excess_minor,
        )
        assert min(members_pay, gifts, over_cap, excess, period.surplus_out_minor) >= 0

    @given(claim_lists, cohort_lists, all_terms, amounts)
    def test_the_surplus_stays_below_a_unit_a_member_once_anybody_pays(
        self, claims: list[AidedClaim], cohorts: list[Cohort], terms: PeriodTerms, surplus: int
    ) -> None:
        period = allocate(claims, cohorts, terms, surplus)
        assert period.per_head_minor % terms.share_unit_minor == 0
        if period.per_head_minor > 0:
            assert 0 <= period.surplus_out_minor < period.members * terms.share_unit_minor
        else:
            assert period.surplus_out_minor == surplus - period.billed_minor

    @given(claim_lists, cohort_lists, all_terms, amounts)
    def test_nobody_pays_more_than_the_share_or_the_cap(
        self, claims: list[AidedClaim], cohorts: list[Cohort], terms: PeriodTerms, surplus: int
    ) -> None:
        period = allocate(claims, cohorts, terms, surplus)
        for line in period.cohorts:
            assert 0 <= line.per_member_minor <= period.per_head_minor
            if terms.annual_cap_minor is not None:
                assert line.year_to_date_after_minor <= max(terms.annual_cap_minor, line.cohort.year_to_date_minor)

    @given(claim_lists, cohort_lists, all_terms, amounts, st.data())
    def test_the_share_is_never_higher_when_claims_leave(
        self, claims: list[AidedClaim], cohorts: list[Cohort], terms: PeriodTerms, surplus: int, data: st.DataObject
    ) -> None:
        notice = allocate(claims, cohorts, terms, surplus)
        leaving = data.draw(st.sets(st.sampled_from([claim.ref for claim in claims]))) if claims else set()
        charge = notice.recompute_without(leaving)
        assert charge.per_head_minor <= notice.per_head_minor
        for before, after in zip(notice.cohorts, charge.cohorts, strict=True):
            assert after.per_member_minor <= before.per_member_minor
        assert charge.sponsor_minor <= notice.sponsor_minor

    @given(claim_lists, cohort_lists.filter(bool), all_terms, amounts, st.data())
    def test_splitting_a_cohort_changes_nothing(
        self, claims: list[AidedClaim], cohorts: list[Cohort], terms: PeriodTerms, surplus: int, data: st.DataObject
    ) -> None:
        first, *others = cohorts
        part = data.draw(st.integers(0, first.members))
        split = [
            replace(first, key="one", members=part),
            replace(first, key="other", members=first.members - part),
            *others,
        ]
        whole, parts = allocate(claims, cohorts, terms, surplus), allocate(claims, split, terms, surplus)
        for figure in (
            "members",
            "per_head_minor",
            "charged_minor",
            "gift_minor",
            "year_cap_shortfall_minor",
            "case_cap_excess_minor",
            "surplus_out_minor",
        ):
            assert getattr(parts, figure) == getattr(whole, figure), figure
        assert (
            parts.cohorts[0].per_member_minor == parts.cohorts[1].per_member_minor == whole.cohorts[0].per_member_minor
        )
