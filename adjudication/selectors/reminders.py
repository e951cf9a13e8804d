"""Applicants and investigators whose time is nearly over, or has passed, and who are to be reminded."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q, QuerySet

from adjudication.models import Answer, Claim, Investigation
from audit import clock
from audit.selectors.sweeps import ROWS_A_PAGE
from members.models import PlanVersion
from members.selectors.reminders import in_last_quarter, not_reminded

ANSWER, INVESTIGATION = "answer", "investigation"
ANSWER_REMINDER = "adjudication.answer_quarter_left"
NEAR, PASSED = "adjudication.investigation_near", "adjudication.investigation_passed"
UNTAKEN_NEAR, TAKE_OFF_NEAR, HOLD_NEAR = (
    "adjudication.untaken_near",
    "adjudication.take_off_near",
    "adjudication.hold_near",
)
"""The reminders of the table of waits (`adjudication/waits.py`)."""
DECISION_LATE, WAITS_LATE = "adjudication.decision_late", "adjudication.waits_late"


def answers_to_remind(behind: int = 0) -> list[int]:
    """The next answers behind this id that are awaited, with a quarter of the time left. On hold it does not run."""
    silent = Answer.objects.filter(status=Answer.Status.ASKED, investigation__claim__hold_reason="", pk__gt=behind)
    late = in_last_quarter(silent, start="runs_from", start_before="asked_at", end="due_at")
    found = not_reminded(late, ANSWER_REMINDER, ANSWER, end="due_at")
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def investigations_near(behind: int = 0) -> list[int]:
    """The next investigations behind this id whose deadline is as near as the plan warns of."""
    now, warned = clock.now(), Q(pk=None)
    at_work = _at_work(behind).filter(due_at__gt=now)
    versions = PlanVersion.objects.filter(pk__in=at_work.order_by().values("claim__plan_version"))
    for version in versions:
        warned |= Q(claim__plan_version=version, due_at__lte=now + warning_of(version))
    found = not_reminded(at_work.filter(warned), NEAR, INVESTIGATION, end="due_at")
    return list(found.values_list("pk", flat=True)[:ROWS_A_PAGE])


def investigations_passed(behind: int = 0) -> list[int]:
    """The next investigations behind this id whose deadline has passed since they were taken."""
    passed = _at_work(behind).filter(due_at__lte=clock.now(), taken_at__lt=F("due_at"))
    return list(not_reminded(passed, PASSED, INVESTIGATION).values_list("pk", flat=True)[:ROWS_A_PAGE])


def warning_of(version: PlanVersion) -> dt.timedelta:
    """How long before an investigator's deadline the plan's rules warn."""
    return dt.timedelta(days=version.rules.claims.investigation_warning_days)


def _at_work(behind: int) -> QuerySet[Investigation]:
    open_ = Investigation.objects.filter(status=Investigation.Status.OPEN, claim__hold_reason="", pk__gt=behind)
    return open_.filter(claim__status=Claim.Status.UNDER_INVESTIGATION).order_by("pk")
