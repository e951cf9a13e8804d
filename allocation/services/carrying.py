"""Keeping what members carry into a plan true while periods are charged."""

from __future__ import annotations

from collections import defaultdict

from django.db import connection

from allocation.models import CohortShare, Period
from allocation.rules.cohorts import CohortKey, effective_key
from allocation.selectors.carrying import came_back_since
from allocation.selectors.counting import year_starts
from members.models import Membership, Plan

_LOCK = 20_190_101
"""Any number that no other advisory lock of the service uses; the plan is its second part."""


def wait_for_charge(*, plan: Plan) -> None:
    """Let somebody come back between two charges, never during one: the charge would not see what they carry.

    Any number may come back at once; held until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCK, plan.pk])


def hold_comers(*, plan: Plan) -> None:
    """The charge's side of the lock, taken before it reads anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, plan.pk])


def correct_carried(*, period: Period, shares: list[CohortShare]) -> int:
    """Give those who left and came back since the notice what they have really paid; says how many had another sum.

    Part of the charge: only now is the share of the period known, for it was announced when they came back, or not
    even that. Nobody has been counted with the old sum, since the next notice comes after this charge.
    """
    paid = {
        CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor): (
            share.year_to_date_minor + share.per_member_minor
        )
        for share in shares
    }
    year_start = year_starts({period.plan_id})[period.plan_id, period.notice_on.year]
    corrected: dict[int, list[int]] = defaultdict(list)
    for pk, carried_minor, cohort in came_back_since(period):
        paid_minor = paid.get(effective_key(*cohort, year_start))
        if paid_minor is not None and paid_minor != carried_minor:
            corrected[paid_minor].append(pk)
    for paid_minor, pks in corrected.items():
        Membership.objects.filter(pk__in=pks).update(carried_minor=paid_minor)
    return sum(len(pks) for pks in corrected.values())
