"""Keeps what returning members carry into a plan correct while periods are charged."""

from __future__ import annotations

from collections import defaultdict

from allocation.models import CohortShare, Period
from allocation.rules.cohorts import CohortKey
from allocation.selectors.carrying import came_back_since
from allocation.selectors.counting import year_starts
from audit.locks import AdvisoryLock, wait_for_part
from members.models import Membership, Plan


def share_charge_lock(*, plan: Plan) -> None:
    """Wait for a running charge of the plan, and keep the next one from starting until this transaction ends.

    Taken by a person who rejoins: a charge in parallel would not see what they carry in. Shared, so any number of
    people can rejoin at once.
    """
    wait_for_part(AdvisoryLock.CHARGE_OF_PLAN, plan.pk, shared=True)


def take_charge_lock(*, plan: Plan) -> None:
    """Keep people from rejoining the plan until the charge is committed; taken before the charge reads anything."""
    wait_for_part(AdvisoryLock.CHARGE_OF_PLAN, plan.pk)


def correct_carried(*, period: Period, shares: list[CohortShare]) -> int:
    """Correct the carried sums of members who left and came back since the notice; returns how many changed.

    Part of the charge, because the final share is known only now; when they came back it was announced at most.
    Nobody has been counted with the old sum, since the next notice comes after this charge (decision 19).
    """
    paid = {
        CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor): (
            share.year_to_date_minor + share.per_member_minor
        )
        for share in shares
    }
    notice = year_starts({period.plan_id}).notice(period)
    corrected: dict[int, list[int]] = defaultdict(list)
    for pk, carried_minor, cohort in came_back_since(period):
        paid_minor = paid.get(notice.key(*cohort))
        if paid_minor is not None and paid_minor != carried_minor:
            corrected[paid_minor].append(pk)
    for paid_minor, pks in corrected.items():
        Membership.objects.filter(pk__in=pks).update(carried_minor=paid_minor)
    return sum(len(pks) for pks in corrected.values())
