"""What past periods would have cost each member with other claims, fees and caps, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from allocation.rules.cohorts import CohortKey, YearCharge, year_to_date
from allocation.rules.shares import AidedClaim, Allocation, Cohort, PeriodTerms, allocate
from members.rules.plans import FreeTime


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """One period to charge again: its claims, and its members by cohort."""

    notice_on: date
    claims: tuple[AidedClaim, ...]
    cohorts: tuple[tuple[CohortKey, int], ...]
    free: FreeTime | None = None
    """The free time of early joiners, as the notice counted its cohorts."""


def recharge(
    periods: Sequence[PastPeriod], charged_before: Iterable[YearCharge], terms: PeriodTerms, surplus_in_minor: int
) -> list[Allocation]:
    """Charge periods of one plan again, in their order and under the same terms.

    `surplus_in_minor` is what the first of them brought in; from then on each one's surplus goes into the next. What a
    member has paid in the calendar year comes from `charged_before` (charges before these periods) and from the new
    charges. Members are counted as they were then. Raises ValueError for periods out of order.
    """
    days = [period.notice_on for period in periods]
    if days != sorted(set(days)):
        raise ValueError("periods must follow one another")
    charges, allocations = list(charged_before), []
    for period in periods:
        of_year = [
            charge
            for charge in charges
            if charge.notice_on.year == period.notice_on.year and charge.notice_on < period.notice_on
        ]
        cohorts = [
            Cohort(key.code, members, key.is_gifted, year_to_date(key, of_year)) for key, members in period.cohorts
        ]
        allocation = allocate(period.claims, cohorts, terms, surplus_in_minor)
        surplus_in_minor = allocation.surplus_out_minor
        charges.append(YearCharge(period.notice_on, allocation.per_head_minor, terms.annual_cap_minor, period.free))
        allocations.append(allocation)
    return allocations
