"""Who of the staff has had no digest today."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from audit import clock
from members.models import StaffDigest, User
from members.rules.digests import day_of_digest

PAGE = 100


def digest_day() -> dt.date | None:
    """The day whose digest is due now."""
    return day_of_digest(clock.now(), settings.TIME_ZONE)


def digests_due(behind: int = 0) -> list[int]:
    """The next log-ins with a role whose digest of today has not been looked at, by id."""
    day = digest_day()
    if day is None:
        return []
    seen = StaffDigest.objects.filter(on_day=day).values("user_id")
    staff = User.objects.filter(is_active=True, role_grants__revoked_at=None, role_grants__isnull=False, pk__gt=behind)
    return list(staff.exclude(pk__in=seen).order_by("pk").distinct().values_list("pk", flat=True)[:PAGE])
