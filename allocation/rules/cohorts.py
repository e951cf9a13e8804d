"""Cohorts: members who have paid the same since the calendar year began, and so pay the same now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from allocation.rules.shares import Cohort, member_share


@dataclass(frozen=True, slots=True, order=True)
class CohortKey:
    """What members of a cohort share, within one plan.

    `first_notice_on` is the first notice that counted them; `carried_minor` is what a returning member had already
    paid in this plan in the calendar year of that notice.
    """

    first_notice_on: date
    is_gifted: bool = False
    carried_minor: int = 0

    @property
    def code(self) -> str:
        """The key as one word, stable enough to be stored and published."""
        return f"{self.first_notice_on.isoformat()}.{'gift' if self.is_gifted else 'paying'}.{self.carried_minor}"

    @classmethod
    def from_code(cls, code: str) -> CohortKey:
        """Read `code` back. Raises ValueError for anything else."""
        day, kind, carried = code.split(".")
        if kind not in {"gift", "paying"}:
            raise ValueError(f"{code!r} is not a cohort key: its second part is gift or paying")
        return cls(date.fromisoformat(day), kind == "gift", int(carried))


@dataclass(frozen=True, slots=True)
class YearCharge:
    """What a cohort's year-to-date needs of an earlier charge: share (h) and annual cap, in minor units."""

    notice_on: date
    per_head_minor: int
    annual_cap_minor: int | None = None


def first_notice_of_year(notice_on: date, notices: Iterable[date]) -> date:
    """The first notice day in the calendar year of `notice_on`, which may be that notice itself."""
    return min({notice_on, *(day for day in notices if day.year == notice_on.year and day <= notice_on)})


def effective_key(first_notice_on: date, is_gifted: bool, carried_minor: int, year_start_notice_on: date) -> CohortKey:
    """The cohort in the calendar year whose first notice is `year_start_notice_on`.

    Cohorts merge at the end of the year: members first counted before this year's first notice, or at it, have paid
    nothing yet this year, whatever they carried in. They form one cohort, and gifted members another.
    """
    # `<=`: those first counted at the year's first notice itself have paid nothing before it either.
    if first_notice_on <= year_start_notice_on:
        return CohortKey(year_start_notice_on, is_gifted, 0)
    return CohortKey(first_notice_on, is_gifted, carried_minor)


def merge_cohorts(counts: Mapping[CohortKey, int], year_start_notice_on: date) -> dict[CohortKey, int]:
    """The members of each cohort as the calendar year sees them; nobody is lost or counted twice."""
    merged: dict[CohortKey, int] = {}
    for key, members in counts.items():
        effective = effective_key(key.first_notice_on, key.is_gifted, key.carried_minor, year_start_notice_on)
        merged[effective] = merged.get(effective, 0) + members
    return dict(sorted(merged.items()))


def year_to_date(cohort: CohortKey, charges_of_year: Iterable[YearCharge]) -> int:
    """What each member of the cohort has paid this calendar year, in minor units: carried in, and charged since.

    `cohort` is an effective key. Charges before the cohort's first notice do not count; gifts count as zero. Raises
    ValueError for a charge of another calendar year, since the annual cap starts again with each year.
    """
    paid_minor = cohort.carried_minor
    for charge in sorted(charges_of_year, key=lambda charge: charge.notice_on):
        if charge.notice_on.year != cohort.first_notice_on.year:
            raise ValueError(f"{charge.notice_on} is not in the calendar year of {cohort.first_notice_on}")
        if charge.notice_on >= cohort.first_notice_on:
            so_far = Cohort(cohort.code, 0, cohort.is_gifted, paid_minor)
            paid_minor += member_share(so_far, charge.per_head_minor, charge.annual_cap_minor)
    return paid_minor


def cohorts_of(
    counts: Mapping[CohortKey, int], charges_of_year: Iterable[YearCharge], year_start_notice_on: date
) -> list[Cohort]:
    """The cohorts for `allocate`, in a fixed order, from the notice's counts and the year's charges."""
    charges = list(charges_of_year)
    return [
        Cohort(key.code, members, key.is_gifted, year_to_date(key, charges))
        for key, members in merge_cohorts(counts, year_start_notice_on).items()
    ]
