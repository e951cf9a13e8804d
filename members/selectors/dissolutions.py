"""The end of plans: a proposal is for the staff, a confirmed end for everybody."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from audit.selectors.sweeps import ROWS_A_PAGE
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Dissolution, Plan
from members.models.dissolutions import DissolutionStatus
from members.models.memberships import EndReason
from members.selectors.memberships import memberships_of
from pages.moments import page_now

CERTAIN = (DissolutionStatus.CONFIRMED, DissolutionStatus.ENDED, DissolutionStatus.SETTLED)


def dissolutions_visible_to(user: AnyUser) -> QuerySet[Dissolution]:
    """All for reviewers and auditors, newest first; for everybody else those that are certain."""
    found = Dissolution.objects.select_related("plan", "plan_version", "proposed_by", "confirmed_by", "withdrawn_by")
    found = found.defer("plan_version__source").order_by("-pk")
    return found if is_reviewer(user) or is_auditor(user) else found.filter(status__in=CERTAIN)


def ends_concerning(user: AnyUser) -> QuerySet[Dissolution]:
    """The certain ends of plans in which the user, or somebody whom they pay for, is a member, or was to the end.

    For a year after it, since claims can still be filed for a time.
    """
    theirs = memberships_of(user).filter(Q(left_at=None) | Q(end_reason=EndReason.DISSOLVED))
    since = page_now() - dt.timedelta(days=365)
    found = Dissolution.objects.filter(status__in=CERTAIN, plan__in=theirs.values("plan"), ends_at__gt=since)
    return found.select_related("plan").order_by("ends_at", "pk")


def dissolutions_to_confirm(user: AnyUser) -> QuerySet[Dissolution]:
    """The proposals that wait for this reviewer, oldest first: those that somebody else made."""
    if not is_reviewer(user):
        return Dissolution.objects.none()
    found = Dissolution.objects.filter(status=DissolutionStatus.PROPOSED).exclude(proposed_by_id=user.pk)
    return found.select_related("plan").order_by("pk")


def dissolution_of(plan: Plan) -> Dissolution | None:
    """The end of a plan, proposed or certain; None where there is neither."""
    found = Dissolution.objects.exclude(status=DissolutionStatus.WITHDRAWN)
    found = found.select_related("plan", "plan_version", "proposed_by", "confirmed_by")
    return found.filter(plan=plan).first()


def certain_end_of(plan: Plan) -> Dissolution | None:
    """The end of a plan that was confirmed."""
    return Dissolution.objects.filter(plan=plan, status__in=CERTAIN).first()


def has_ended(plan: Plan, counted_at: dt.datetime) -> bool:
    """Whether the plan's cover had ended before a moment; at the very moment of its end members are still counted."""
    return Dissolution.objects.filter(plan=plan, status__in=CERTAIN, ends_at__lt=counted_at).exists()


def ends_that_came(now: dt.datetime, behind: int = 0) -> list[int]:
    """The confirmed ends whose day has come, the next ones behind this id: their memberships are to be ended."""
    found = Dissolution.objects.filter(status=DissolutionStatus.CONFIRMED, ends_at__lte=now, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def ends_to_settle(behind: int = 0) -> list[int]:
    """The ends whose memberships have all ended, and whose surplus is not paid over yet: the next behind this id."""
    found = Dissolution.objects.filter(status=DissolutionStatus.ENDED, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])
