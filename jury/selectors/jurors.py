"""Jurors: a user's own numbers, and what is still missing to become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from audit.errors import DomainError
from jury.errors.jurors import (
    JurorTooYoung,
    JurorWithoutLogin,
    MembershipNotInForce,
    TenureTooShort,
    WorksForPlan,
)
from jury.models import Juror
from jury.selectors.pool import staff_among
from members.access import AnyUser
from members.errors.plans import NoRulesInForce
from members.models import Membership, User
from members.rules.dates import completed_years, day_number, local_day
from members.selectors.plans import title_of, version_in_force


def jurors_of(user: AnyUser) -> QuerySet[Juror]:
    """The juror numbers of this person, one a plan, also those that have left the pool."""
    if not isinstance(user, User) or not user.is_active:
        return Juror.objects.none()
    return Juror.objects.filter(person__user=user).select_related("plan").order_by("plan__code")


def own_memberships(user: AnyUser, at: datetime) -> QuerySet[Membership]:
    """This person's own memberships in force, under which they could become a juror."""
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
    unmet: list[DomainError]

    @property
    def can_sit_exam(self) -> bool:
        """Whether passing the exam would give a number now."""
        return self.juror is None and not self.unmet


def candidacies(user: AnyUser, at: datetime) -> list[Candidacy]:
    """For each of the person's own memberships in force, what is still missing for becoming a juror."""
    numbers = {juror.plan_id: juror for juror in jurors_of(user)}
    found = []
    for membership in own_memberships(user, at):
        juror = numbers.get(membership.plan_id)
        found.append(Candidacy(membership, juror, [] if juror else unmet_conditions(membership, at)))
    return found


def unmet_conditions(membership: Membership, at: datetime) -> list[DomainError]:
    """The plan's conditions for jurors that a member doesn't meet; empty when only the exam is left."""
    plan, person = membership.plan, membership.person
    version = version_in_force(plan, at)
    if version is None:
        return [NoRulesInForce(plan=title_of(plan), on=local_day(at, plan.timezone))]
    rules = version.rules.jury
    unmet: list[DomainError] = []
    if membership.joined_at > at or (membership.left_at is not None and membership.left_at <= at):
        unmet.append(MembershipNotInForce())
    today = local_day(at, plan.timezone)
    # A clock that was set back may show a day before the birth.
    if completed_years(person.born_on, max(today, person.born_on)) < rules.min_age_years:
        unmet.append(JurorTooYoung(years=rules.min_age_years))
    days = day_number(local_day(membership.joined_at, plan.timezone), today)
    if days < rules.min_tenure_days:
        unmet.append(TenureTooShort(least=rules.min_tenure_days, days=max(days, 0)))
    if person.user is None:
        unmet.append(JurorWithoutLogin())
    elif person.user.is_staff or staff_among([person.pk], at):
        unmet.append(WorksForPlan())
    return unmet
