"""Cohorts: members who have paid the same since the calendar year began, and so pay the same now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allocation.rules.shares import Cohort, member_share
from members.rules.plans import FreeTime


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
    free: FreeTime | None = None
    """The free time of early joiners, in the rules of this charge."""


@dataclass(frozen=True, slots=True)
class NoticeInYear:
    """What tells in which cohort a notice counts a member: its day, the year's first notice, and free times.

    `ends_of_early` are the days before which early joiners have joined, in every notice of the year up to this one that
    cost some of them nothing, rising; `free` is the free time of this notice itself.
    """

    notice_on: date
    year_start_on: date
    free: FreeTime | None = None
    ends_of_early: tuple[date, ...] = ()

    def key(self, first_notice_on: date, is_gifted: bool, carried_minor: int) -> CohortKey:
        """The cohort of a member, by the first notice that counted them."""
        is_free = self.free is not None and self.free.is_for(first_notice_on, self.notice_on)
        return effective_key(
            first_notice_on, is_gifted or is_free, carried_minor, self.year_start_on, self.ends_of_early
        )


def notice_in_year(
    notice_on: date, year_start_on: date, notices: Iterable[tuple[date, FreeTime | None]]
) -> NoticeInYear:
    """A notice in its calendar year, from the free times of the plan's notices; it is among them itself."""
    of_year = [(day, free) for day, free in notices if day.year == notice_on.year and day <= notice_on]
    early = {free.joined_before for day, free in of_year if free is not None and day <= free.until}
    own = next((free for day, free in of_year if day == notice_on), None)
    return NoticeInYear(notice_on, year_start_on, own, tuple(sorted(early)))


def first_notice_of_year(notice_on: date, notices: Iterable[date]) -> date:
    """The first notice day in the calendar year of `notice_on`, which may be that notice itself."""
    return min({notice_on, *(day for day in notices if day.year == notice_on.year and day <= notice_on)})


def effective_key(
    first_notice_on: date,
    is_gifted: bool,
    carried_minor: int,
    year_start_notice_on: date,
    ends_of_early: Sequence[date] = (),
) -> CohortKey:
    """The cohort in the calendar year whose first notice is `year_start_notice_on`.

    Cohorts merge at the end of the year: members first counted before this year's first notice, or at it, have paid
    nothing yet this year, whatever they carried in. They form one cohort, and gifted members another. In a year in
    which early joiners had a free time they stay apart until it ends, since they have paid less: under the day before
    which they have joined, one of `ends_of_early`, rising.
    """
    # `<=`: those first counted at the year's first notice itself have paid nothing before it either.
    if first_notice_on <= year_start_notice_on:
        for early in ends_of_early:
            if first_notice_on <= early < year_start_notice_on:
                return CohortKey(early, is_gifted, 0)
        return CohortKey(year_start_notice_on, is_gifted, 0)
    return CohortKey(first_notice_on, is_gifted, carried_minor)


def merge_cohorts(counts: Mapping[CohortKey, int], notice: NoticeInYear) -> dict[CohortKey, int]:
    """The members of each cohort as the calendar year sees them; nobody is lost or counted twice."""
    merged: dict[CohortKey, int] = {}
    for key, members in counts.items():
        effective = notice.key(key.first_notice_on, key.is_gifted, key.carried_minor)
        merged[effective] = merged.get(effective, 0) + members
    return dict(sorted(merged.items()))


def year_to_date(cohort: CohortKey, charges_of_year: Iterable[YearCharge]) -> int:
    """What each member of the cohort has paid this calendar year, in minor units: carried in, and charged since.

    `cohort` is an effective key. Charges before the cohort's first notice do not count; gifts count as zero, and so
    do charges that were free to early joiners. Raises ValueError for a charge of another calendar year, since the
    annual cap starts again with each year.
    """
    paid_minor = cohort.carried_minor
    charges = sorted(charges_of_year, key=lambda charge: charge.notice_on)
    # Early joiners of an earlier year stand under the day before which they joined.
    is_early = any(charge.free and charge.free.joined_before == cohort.first_notice_on for charge in charges)
    for charge in charges:
        if charge.notice_on.year != cohort.first_notice_on.year and not is_early:
            raise ValueError(f"{charge.notice_on} is not in the calendar year of {cohort.first_notice_on}")
        if charge.free is not None and charge.free.is_for(cohort.first_notice_on, charge.notice_on):
            continue
        if charge.notice_on >= cohort.first_notice_on:
            so_far = Cohort(cohort.code, 0, cohort.is_gifted, paid_minor)
            paid_minor += member_share(so_far, charge.per_head_minor, charge.annual_cap_minor)
    return paid_minor


def cohorts_of(
    counts: Mapping[CohortKey, int], charges_of_year: Iterable[YearCharge], notice: NoticeInYear
) -> list[Cohort]:
    """The cohorts for `allocate`, in a fixed order, from the notice's counts and the year's charges."""
    charges = list(charges_of_year)
    return [
        Cohort(key.code, members, key.is_gifted, year_to_date(key, charges))
        for key, members in merge_cohorts(counts, notice).items()
    ]
