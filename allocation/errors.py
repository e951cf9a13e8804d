"""Facts that forbid an act on a period or its shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allocation.models import Arrear, Period
from audit.errors import DomainError
from members.models import Plan
from members.rules.money import format_minor


def _day(on: dt.date) -> str:
    return date_format(on, "DATE_FORMAT")


class NoticeTooEarly(DomainError):
    """Members are counted at 00:00 of the notice day, which has not come."""

    def __init__(self, plan: Plan, notice_on: dt.date) -> None:
        super().__init__(
            _(
                "Plan %(plan)s: the notice of %(day)s can't be published yet. Members are counted at 00:00 of that "
                "day (%(zone)s); publish it then."
            )
            % {"plan": plan.code, "day": _day(notice_on), "zone": plan.timezone}
        )


class NoticeOutOfOrder(DomainError):
    """A later notice, or this one, was already published."""

    def __init__(self, plan: Plan, latest: Period) -> None:
        super().__init__(
            _(
                "Plan %(plan)s: the notice of %(day)s is already published. Periods follow one another; choose a "
                "later notice day."
            )
            % {"plan": plan.code, "day": _day(latest.notice_on)}
        )


class PeriodStillOpen(DomainError):
    """The period before has not been charged."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            _(
                "The period of %(day)s has not been charged yet. Its surplus goes into the next one, so charge it "
                "first (from %(charge)s)."
            )
            % {"day": _day(period.notice_on), "charge": _day(period.charge_on)}
        )


class LastNoticeMissed(DomainError):
    """The plan ends, and the notice of that day is the last one that members share."""

    def __init__(self, plan: Plan, ends_on: dt.date) -> None:
        super().__init__(
            _(
                "Plan %(plan)s ends on %(day)s, and the notice of that day is the last one that its members share. "
                "Publish and charge it first; what is approved later falls on the sponsor."
            )
            % {"plan": plan.code, "day": _day(ends_on)}
        )


class EnoughMembers(DomainError):
    """The plan's latest notice counted members enough to go on, or there is none."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            _(
                "The latest notice of plan %(plan)s does not say that it has too few members. A plan ends only on the "
                "ground of a notice that counted fewer than its rules need."
            )
            % {"plan": plan.code}
        )


class ChargeTooEarly(DomainError):
    """Objections may be raised until 00:00 of the charge day."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            _(
                "The period of %(day)s can't be charged before %(charge)s 00:00: until then anyone may object to a "
                "claim in its notice. Charge it on that day or later."
            )
            % {"day": _day(period.notice_on), "charge": _day(period.charge_on)}
        )


class AlreadyCharged(DomainError):
    """A period is charged once."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            _(
                "The period of %(day)s was already charged. A period is charged once; its notice shows the result, "
                "and nothing was charged again."
            )
            % {"day": _day(period.notice_on)}
        )


class NoRulesInForce(DomainError):
    """The plan has no version on that day."""

    def __init__(self, plan: Plan, notice_on: dt.date) -> None:
        super().__init__(
            _("Plan %(plan)s has no rules in force on %(day)s. Publish a version that starts by then.")
            % {"plan": plan.code, "day": _day(notice_on)}
        )


class NotYet(DomainError):
    """An act was dated in the future outside a demonstration."""

    def __init__(self) -> None:
        super().__init__(_("Only a demonstration may play a day that has not come. Leave the day out, or wait for it."))


class NothingOwed(DomainError):
    """The membership has no share to pay."""

    def __init__(self) -> None:
        super().__init__(
            _("This membership owes no share: everything is paid or settled otherwise. Nothing was collected.")
        )


class OwesBeforeMoving(DomainError):
    """A share that could not be collected is paid before its member moves: otherwise moving would shed it."""

    def __init__(self, owed: Sequence[Arrear]) -> None:
        plan, total_minor = owed[0].period.plan, sum(arrear.amount_minor for arrear in owed)
        super().__init__(
            _(
                "%(amount)s of this membership could not be collected and is owed (notice of %(day)s). Nobody moves "
                "away from what they owe: pay it first under “My shares”, then move."
            )
            % {
                "amount": format_minor(total_minor, plan.currency, plan.currency_exponent, get_language()),
                "day": _day(owed[0].period.notice_on),
            }
        )
