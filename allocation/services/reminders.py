"""Reminders about money: what an owed share leads to, and periods to be charged. Each goes out once."""

from __future__ import annotations

from django.db import transaction

from allocation.models import Arrear, Period
from allocation.selectors.reminders import CHARGE_DUE, CHARGE_NEAR, ENDS_SOON
from audit import clock
from members.models.users import Role
from members.rules.dates import start_of_day
from members.selectors.users import holders_of
from members.services.messages import tell, tell_each


def remind_of_share(*, arrear_id: int) -> None:
    """Tell a member that their membership ends soon over a share; nothing if it was paid meanwhile. Idempotent."""
    with transaction.atomic():
        found = Arrear.objects.select_for_update(of=("self",)).select_related("membership__person", "period__plan")
        arrear = found.get(pk=arrear_id)
        now = clock.now()
        if arrear.status != Arrear.Status.OWED or arrear.remind_at is None or arrear.remind_at > now:
            return
        arrear.remind_at = None
        arrear.save(update_fields=["remind_at"])
        # Somebody who has left still owes the share, but there is no membership to lose.
        if arrear.membership.left_at is None and now < arrear.grace_ends_at:
            tell(
                ENDS_SOON,
                to=arrear.membership.person,
                about=str(arrear),
                plan=arrear.period.plan.code,
                notice=arrear.period.notice_on,
                membership=arrear.membership_id,
                due_at=arrear.grace_ends_at,
            )


def remind_of_charge(*, period_id: int) -> None:
    """Tell reviewers that a period can be charged tomorrow, or now; nothing if it was charged meanwhile. Idempotent."""
    with transaction.atomic():
        period = Period.objects.select_for_update(of=("self",)).select_related("plan").get(pk=period_id)
        if period.status != Period.Status.NOTICED:
            return
        reviewers, code, notice_on = holders_of(Role.REVIEWER), period.plan.code, period.notice_on
        charge_at = start_of_day(period.charge_on, period.plan.timezone)
        if clock.now() < charge_at:
            values = {"plan": code, "notice": notice_on, "due_at": charge_at}
            tell_each(CHARGE_NEAR, to=reviewers, about=period.stream, entry=None, **values)
        else:
            tell_each(CHARGE_DUE, to=reviewers, about=period.stream, entry=None, plan=code, notice=notice_on)
