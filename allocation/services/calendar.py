"""When an act counts as done: now, or a day that the demonstration plays."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from allocation.errors import NotYet
from allocation.models import Period
from members.rules.dates import start_of_day


def moment_of(at: dt.datetime | None) -> dt.datetime:
    """The moment given, otherwise now; a moment that has not come only in a demonstration. Raises NotYet."""
    now = timezone.now()
    if at is not None and at > now and not settings.IS_DEMO:
        raise NotYet
    return at or now


def played_start(on: dt.date, zone: str) -> dt.datetime | None:
    """The start of a day that has not come, where the demonstration plays the calendar; otherwise None, that is now."""
    starts_at = start_of_day(on, zone)
    return starts_at if settings.IS_DEMO and starts_at > timezone.now() else None


def payment_moment(period: Period) -> dt.datetime:
    """When a payment of a period counts as settled: now, but never before its charge, which may have been played."""
    return max(timezone.now(), period.charged_at or period.noticed_at)
