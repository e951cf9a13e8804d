"""Jurors: one's own numbers, and what is still missing to become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jury.models import Juror
from jury.selectors.pool import staff_among
from members.access import AnyUser
from members.models import Membership, User
from members.rules.dates import completed_years, day_number, local_day
from members.selectors.plans import version_in_force


def jurors_of(user: AnyUser) -> QuerySet[Juror]:
    """The juror numbers of this person, one a plan, also those that have left the pool."""
    if not isinstance(user, User) or not user.is_active:
        return Juror.objects.none()
    return Juror.objects.filter(person__user=user).select_related("plan").order_by("plan__code")


def own_memberships(user: AnyUser, at: datetime) -> QuerySet[Membership]:
    """The memberships in force of this person themselves: those they could judge under."""
    if not isinstance(user, User) or not user.is_active:
        return Membership.objects.none()
    return (
        Membership.objects.filter(person__user=user, joined_at__lte=at)
        .exclude(left_at__lte=at)
        .select_related("plan", "person__user")
        .order_by("plan__code")
    )


@dataclass(frozen=True)
class Candidacy:
    """A membership, the juror number it has already, and what is still missing for one."""

    membership: Membership
    juror: Juror | None
    unmet: list[str]

    @property
    def can_sit_exam(self) -> bool:
        """Whether passing the exam would give a number now."""
        return self.juror is None and not self.unmet


def candidacies(user: AnyUser, at: datetime) -> list[Candidacy]:
    """For each of the person's own memberships in force, where they stand on the way to becoming a juror."""
    numbers = {juror.plan_id: juror for juror in jurors_of(user)}
    found = []
    for membership in own_memberships(user, at):
        juror = numbers.get(membership.plan_id)
        found.append(Candidacy(membership, juror, [] if juror else unmet_conditions(membership, at)))
    return found


def unmet_conditions(membership: Membership, at: datetime) -> list[str]:
    """The plan's conditions for jurors that a member doesn't meet, in words; empty when only the exam is left."""
    plan, person = membership.plan, membership.person
    version = version_in_force(plan, at)
    if version is None:
        return [_("The plan's rules aren't in force yet.")]
    rules = version.rules.jury
    unmet = []
    if membership.joined_at > at or (membership.left_at is not None and membership.left_at <= at):
        unmet.append(_("Jurors pay their share: the membership must be in force."))
    today = local_day(at, plan.timezone)
    if completed_years(person.born_on, today) < rules.min_age_years:
        unmet.append(_("Jurors are at least %(years)d years old.") % {"years": rules.min_age_years})
    days = day_number(local_day(membership.joined_at, plan.timezone), today)
    if days < rules.min_tenure_days:
        unmet.append(
            _("Jurors have been members for at least %(least)d days; yours is day %(days)d.")
            % {"least": rules.min_tenure_days, "days": max(days, 0)}
        )
    if person.user is None:
        unmet.append(_("Jurors vote here themselves: a log-in of one's own is needed."))
    elif person.user.is_staff or staff_among([person.pk], at):
        unmet.append(_("Whoever works for the plan never sits on its jury."))
    return unmet
