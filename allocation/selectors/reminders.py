"""Which reminders about money are due."""

from __future__ import annotations

import datetime as dt

from allocation.models import Arrear, Period
from audit.selectors.sweeps import ROWS_A_PAGE
from members.models import Message
from members.rules.dates import start_of_day

ENDS_SOON = "allocation.membership_ends_soon"
CHARGE_NEAR = "allocation.charge_near"
CHARGE_DUE = "allocation.charge_due"
NEAR = dt.timedelta(days=1)


def shares_to_remind_of(now: dt.datetime, behind: int = 0) -> list[int]:
    """Owed shares of which three quarters of the time to pay them have passed: the next ones behind this id."""
    due = Arrear.objects.filter(status=Arrear.Status.OWED, remind_at__lte=now, pk__gt=behind)
    return list(due.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def periods_to_remind_of(now: dt.datetime, behind: int = 0) -> list[int]:
    """Published notices that can be charged tomorrow or now, and of which reviewers have not been told so.

    There is one at most a plan.
    """
    noticed = Period.objects.filter(status=Period.Status.NOTICED, pk__gt=behind).select_related("plan")
    stages = {
        period.pk: (period.stream, CHARGE_DUE if now >= charge_at else CHARGE_NEAR)
        for period in noticed.order_by("pk")
        if now >= (charge_at := start_of_day(period.charge_on, period.plan.timezone)) - NEAR
    }
    about = {stream for stream, _kind in stages.values()}
    told = set(Message.objects.filter(about__in=about).values_list("about", "kind")) if about else set()
    return [pk for pk, stage in stages.items() if stage not in told]
