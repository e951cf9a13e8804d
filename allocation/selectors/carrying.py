"""What a returning member has already paid in the plan this year: the cap applies per person, not per membership."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from allocation.models import Period
from allocation.selectors.statements import line_of_period
from members.models import Membership, Person, Plan


def carried_into(person: Person, plan: Plan, first_notice_on: dt.date) -> int:
    """What a new membership carries in: the person's shares in the calendar year of its first notice, in minor units.

    Includes shares charged, and announced shares that they will still owe. An announced share can fall until the
    charge, which then corrects the carried sum (decision 19). The previous membership carries what came before it.
    """
    before = Membership.objects.filter(plan=plan, person=person).order_by("-joined_at").first()
    if before is None:
        return 0
    counted = Period.objects.filter(plan=plan, counted_at__gt=before.joined_at, notice_on__year=first_notice_on.year)
    if before.left_at is not None:
        counted = counted.filter(counted_at__lte=before.left_at)
    for period in counted.order_by("-notice_on")[:1]:
        line = line_of_period(before, period)
        if line is not None:
            return line.year_to_date_minor
    return before.carried_minor if before.first_notice_on.year == first_notice_on.year else 0


def came_back_since(period: Period) -> list[tuple[int, int, tuple[dt.date, bool, int]]]:
    """Members counted in a period who left and came back: new membership, what it carries, cohort of the old one.

    Only memberships first counted in the period's own calendar year. Uses the index on first notice days, so the cost
    depends on the joins since the notice only.
    """
    plan = period.plan
    found = (
        Membership.objects.filter(
            plan=plan,
            first_notice_on__gt=period.notice_on,
            first_notice_on__lte=dt.date(period.notice_on.year, 12, 31),
            joined_at__gte=period.counted_at,
        )
        .filter(
            Q(person__memberships__left_at__gte=period.counted_at),
            person__memberships__plan=plan,
            person__memberships__joined_at__lt=period.counted_at,
        )
        .order_by("pk")
        .values_list(
            "pk",
            "carried_minor",
            "person__memberships__first_notice_on",
            "person__memberships__is_gifted",
            "person__memberships__carried_minor",
        )
    )
    return [(pk, carried, (first, gifted, before)) for pk, carried, first, gifted, before in found]
