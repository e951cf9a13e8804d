"""What forbids publishing a notice or charging a period."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class NoticeTooEarly(DomainError):
    text = _(
        "Plan %(plan)s: the notice of %(day)s can't be published yet. Members are counted at 00:00 of that day "
        "(%(zone)s); publish it then."
    )
    plan: str
    day: dt.date
    zone: str


class NoticeOutOfOrder(DomainError):
    text = _(
        "Plan %(plan)s: the notice of %(day)s is already published. Periods follow one another; choose a later notice "
        "day."
    )
    plan: str
    day: dt.date


class PeriodStillOpen(DomainError):
    text = _(
        "The period of %(day)s has not been charged yet. Its surplus goes into the next one, so charge it first (from "
        "%(charge)s)."
    )
    day: dt.date
    charge: dt.date


class LastNoticeMissed(DomainError):
    """The notice of the plan's last day is the last one that members share, and has not been published."""

    text = _(
        "Plan %(plan)s ends on %(day)s, and the notice of that day is the last one that its members share. Publish and "
        "charge it first; the sponsor bears what is approved later."
    )
    plan: str
    day: dt.date


class ChargeTooEarly(DomainError):
    text = _(
        "The period of %(day)s can't be charged before %(charge)s 00:00: until then anyone may object to a claim in "
        "its notice. Charge it on that day or later."
    )
    day: dt.date
    charge: dt.date


class AlreadyCharged(DomainError):
    text = _(
        "The period of %(day)s has already been charged. A period is charged once; its notice shows the result. "
        "Nothing was charged again."
    )
    day: dt.date
