"""How far the acts are for which this room's messages ask: paying an owed share, charging a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from allocation.models import Arrear, Period
from audit import clock
from audit.message_kinds import Asked, AskedState, Question
from members.rules.dates import start_of_day

OVER, DONE = Asked(AskedState.OVER), Asked(AskedState.DONE)


def shares(questions: Sequence[Question]) -> list[Asked]:
    """Whether each owed share is paid; one query."""
    ids = [int(question.params.get("membership", 0)) for question in questions]
    rows = Arrear.objects.filter(membership__in=ids).select_related("period__plan")
    found = {(one.membership_id, one.period.plan.code, one.period.notice_on): _share(one) for one in rows}
    return [found.get((int(one.params.get("membership", 0)), *_notice(one)), OVER) for one in questions]


def charges(questions: Sequence[Question]) -> list[Asked]:
    """Whether each announced period is charged; one query."""
    days = {_notice(question)[1] for question in questions}
    rows = Period.objects.filter(notice_on__in=days).select_related("plan")
    found = {(one.plan.code, one.notice_on): _charge(one) for one in rows}
    return [found.get(_notice(question), OVER) for question in questions]


def _notice(question: Question) -> tuple[str, dt.date]:
    return str(question.params.get("plan", "")), dt.date.fromisoformat(str(question.params["notice"]))


def _share(arrear: Arrear) -> Asked:
    if arrear.status == Arrear.Status.SETTLED:
        return DONE
    if arrear.status != Arrear.Status.OWED:
        return OVER
    # After the end without a served notice no time runs, and the share can still be paid.
    is_stopped = arrear.served_at is None and arrear.grace_ends_at <= clock.now()
    return Asked(AskedState.OPEN, None if is_stopped else arrear.grace_ends_at)


def _charge(period: Period) -> Asked:
    if period.status != Period.Status.NOTICED:
        return DONE
    return Asked(AskedState.OPEN, start_of_day(period.charge_on, period.plan.timezone))
