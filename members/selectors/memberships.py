"""Memberships, as far as the one who asks may see them."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Membership, Person, Plan, User
from members.rules.joining import notices_still_owed
from members.selectors.people import ids_of_household
from members.selectors.plans import version_in_force


def memberships_visible_to(user: AnyUser) -> QuerySet[Membership]:
    """Reviewers and auditors see all; anybody else their own and those of whom they pay for."""
    if not isinstance(user, User) or not user.is_active:
        return Membership.objects.none()
    if is_reviewer(user) or is_auditor(user):
        return _with_people(Membership.objects.all())
    return memberships_of(user)


def memberships_of(user: AnyUser) -> QuerySet[Membership]:
    """A user's own memberships and those of whom they pay for, newest first, whatever roles they hold."""
    if not isinstance(user, User) or not user.is_active:
        return Membership.objects.none()
    return _with_people(Membership.objects.filter(person__in=ids_of_household(user)))


def in_force_at(at: dt.datetime) -> QuerySet[Membership]:
    """The memberships of every plan that have begun and not ended at a moment."""
    return Membership.objects.filter(joined_at__lte=at).filter(Q(left_at=None) | Q(left_at__gt=at))


def memberships_in_force(plan: Plan, at: dt.datetime) -> QuerySet[Membership]:
    """The memberships of a plan that have begun and not ended at a moment."""
    return in_force_at(at).filter(plan=plan)


def left_before(person: Person, plan: Plan, at: dt.datetime) -> dt.datetime | None:
    """When the last membership that a person began in a plan before a moment, or at it, ended; None without one."""
    begun = Membership.objects.filter(person=person, plan=plan, joined_at__lte=at)
    return begun.order_by("-joined_at").values_list("left_at", flat=True).first()


def owed_when_leaving(membership: Membership, at: dt.datetime) -> tuple[dt.date, ...]:
    """The notice days whose period is still to be paid by somebody who leaves at the moment."""
    version = version_in_force(membership.plan, at)
    return notices_still_owed(version.rules, membership.joined_at, at) if version else ()


def _with_people(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    return memberships.select_related("plan", "person__payer", "past_age").order_by("-pk")
