"""Claims on which something is due, found in the database alone, without the nudges."""

from __future__ import annotations

from django.db.models import Q

from adjudication.models import Claim
from audit import clock
from audit.selectors.sweeps import ROWS_A_PAGE
from jury.selectors.opinions import requests_due
from jury.selectors.panels import panels_due


def claims_due(behind: int = 0) -> list[int]:
    """Claims whose report is new, whose time has run out, or whose panel or opinions are complete.

    The next ones behind this id, in the order of their ids.
    """
    now = clock.now()
    moving = Q(status__in=["jury_review", "second_opinion"])
    found = Claim.objects.filter(
        Q(status__in=["investigated", "jury_review", "second_opinion"], due_at__lte=now)
        | (moving & Q(hearings__panel__in=panels_due(now)))
        | (moving & Q(hearings__opinion_request__in=requests_due(now))),
        hold_reason="",
        pk__gt=behind,
    )
    return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:ROWS_A_PAGE])
