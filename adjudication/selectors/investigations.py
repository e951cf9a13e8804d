"""Investigations: the worklist, a user's own, and the duties."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.selectors.conflicts import claims_in_conflict
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer
from members.models import User
from pages.states import Shape, StateChoices


class Due(StateChoices):
    """How close an investigation is to its deadline."""

    OVERDUE = "overdue", Shape.BAD, _("Overdue")
    DUE_SOON = "due_soon", Shape.WAITING, _("Due soon")
    IN_TIME = "in_time", Shape.ACTIVE, _("In time")


@dataclass(frozen=True)
class DueState:
    """How close an investigation is to its deadline, and when that is."""

    value: Due
    due_at: dt.datetime


def investigations_visible_to(user: AnyUser) -> QuerySet[Investigation]:
    """An investigator sees what waits for anyone and what is their own; reviewers and auditors see all."""
    if not isinstance(user, User) or not user.is_active:
        return Investigation.objects.none()
    if is_reviewer(user) or is_auditor(user):
        return _with_claims(Investigation.objects.all())
    if not is_investigator(user):
        return Investigation.objects.none()
    mine = Q(investigator=user) & ~Q(status="abandoned")
    close = Claim.objects.filter(claims_in_conflict(user)).values("pk")
    return _with_claims(Investigation.objects.filter(mine | (Q(status="waiting") & ~Q(claim__in=close))))


def waiting_investigations(user: AnyUser) -> QuerySet[Investigation]:
    """The investigations that nobody has taken yet, the nearest deadline first."""
    return investigations_visible_to(user).filter(status="waiting").order_by("due_at", "pk")


def investigations_of(user: AnyUser) -> QuerySet[Investigation]:
    """What a user has taken and not yet signed, the nearest deadline first."""
    if not isinstance(user, User):
        return Investigation.objects.none()
    return investigations_visible_to(user).filter(status="open", investigator=user).order_by("due_at", "pk")


def signed_by(user: AnyUser) -> QuerySet[Investigation]:
    """The reports that a user has signed, newest first."""
    if not isinstance(user, User):
        return Investigation.objects.none()
    return investigations_visible_to(user).filter(status="signed", investigator=user).order_by("-signed_at")


def investigations_named_to(user: AnyUser) -> QuerySet[Investigation]:
    """The investigations whose claimant a user may know by name: their own, or all for a reviewer or auditor."""
    visible = investigations_visible_to(user)
    if is_reviewer(user) or is_auditor(user):
        return visible
    return visible.filter(investigator=user) if isinstance(user, User) else visible.none()


def duties_named_to(user: AnyUser) -> QuerySet[DutyRecord]:
    """The duties of the investigations that are named to a user."""
    return DutyRecord.objects.filter(investigation__in=investigations_named_to(user).values("pk"))


def due_state(investigation: Investigation, now: dt.datetime) -> DueState:
    """Overdue, due within the plan's days of warning, or in time."""
    warning = dt.timedelta(days=investigation.claim.plan_version.rules.claims.investigation_warning_days)
    if investigation.due_at <= now:
        return DueState(Due.OVERDUE, investigation.due_at)
    return DueState(Due.DUE_SOON if investigation.due_at - warning <= now else Due.IN_TIME, investigation.due_at)


def is_last_round(investigation: Investigation) -> bool:
    """Whether no later round of the claim was opened."""
    return not Investigation.objects.filter(claim=investigation.claim_id, round__gt=investigation.round).exists()


def duties_of(investigation: Investigation) -> list[DutyRecord]:
    """The five duties in the order in which they are listed, each with the number of its files."""
    order = list(DutyRecord.Kind.values)
    found = investigation.duties.annotate(files=Count("evidence"))
    return sorted(found, key=lambda duty: order.index(duty.kind))


def earlier_rounds(investigation: Investigation) -> QuerySet[Investigation]:
    """The investigations of the same claim before this one that were signed, or taken off their investigator, newest
    first.
    """
    done = Q(status="signed") | Q(status="abandoned", duties__recorded_at__isnull=False)
    return (
        Investigation.objects.filter(done, claim=investigation.claim_id, round__lt=investigation.round)
        .distinct()
        .prefetch_related("duties")
        .order_by("-round")
    )


def _with_claims(investigations: QuerySet[Investigation]) -> QuerySet[Investigation]:
    # The versions hold whole plan files: fetched once each, not once a row. The duties are counted by a subquery: the
    # database then counts those of the rows that a page shows, and not of all that wait.
    recorded = DutyRecord.objects.filter(investigation=OuterRef("pk"), recorded_at__isnull=False).order_by()
    done = recorded.values("investigation").annotate(done=Count("pk")).values("done")
    return (
        investigations.select_related("claim__plan", "claim__membership__person")
        .prefetch_related("claim__plan_version")
        .annotate(duties_done=Coalesce(Subquery(done), 0))
        .order_by("-pk")
    )
