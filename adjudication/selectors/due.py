"""Claims on which something is due, found from the database alone."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from adjudication.models import Claim
from jury.selectors.opinions import requests_due
from jury.selectors.panels import panels_due

MOST_AT_ONCE = 500


def claims_due() -> list[int]:
    """Claims whose report is new, whose time has run out, or whose panel or opinions are complete."""
    now = timezone.now()
    moving = Q(status__in=["jury_review", "second_opinion"])
    found = Claim.objects.filter(
        Q(status__in=["investigated", "jury_review", "second_opinion"], due_at__lte=now)
        | (moving & Q(hearings__panel__in=panels_due(now)))
        | (moving & Q(hearings__opinion_request__in=requests_due(now))),
        hold_reason="",
    )
    return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:MOST_AT_ONCE])
