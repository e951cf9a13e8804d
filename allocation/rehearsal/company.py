"""The players: staff and jurors of the demonstration, and the additional jurors that a full rehearsal needs."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from django.utils import timezone

from adjudication.models import Claim
from audit import clock
from audit.actors import SystemActor
from jury.models import Juror
from jury.services.jurors import qualify_juror
from members.models import Membership, Person, Plan, User
from members.models.users import Role
from members.services.users import create_login

DIRECTOR = SystemActor("rehearsal")
JURORS_NEEDED = 60
"""Enough for a fresh panel of fifteen after one of seven, with a dozen hearings open at once."""


class CompanyIncomplete(Exception):
    """The demonstration lacks the people for a role."""


@dataclass(frozen=True)
class Company:
    """Who plays the staff."""

    investigators: tuple[User, ...]
    reviewers: tuple[User, ...]


def gather(plan: Plan) -> Company:
    """Find the staff and fill up the juror pool. Raises CompanyIncomplete."""
    company = Company(_holding(Role.INVESTIGATOR), _holding(Role.REVIEWER))
    if not company.investigators or not company.reviewers or not _holding(Role.PROFESSIONAL):
        raise CompanyIncomplete("the demonstration has no investigator, reviewer or professional: run `demo` first")
    _fill_pool(plan)
    return company


def _holding(role: Role) -> tuple[User, ...]:
    held = User.objects.filter(role_grants__role=role, role_grants__revoked_at=None, is_active=True)
    return tuple(held.order_by("pk").distinct())


def _fill_pool(plan: Plan) -> None:
    missing = JURORS_NEEDED - Juror.objects.filter(plan=plan, lapsed_at=None).count()
    if missing <= 0:
        return
    settled = clock.now() - dt.timedelta(days=400)
    candidates = Membership.objects.filter(
        plan=plan, left_at=None, joined_at__lt=settled, is_gifted=False, person__payer=None, person__user=None
    ).exclude(person__in=Juror.objects.filter(plan=plan).values("person"))
    adults = (one for one in candidates.select_related("person", "plan").order_by("pk").iterator() if _is_adult(one))
    for membership in itertools.islice(adults, missing):
        person = Person.objects.get(pk=membership.person_id)
        email = f"juror-{membership.pk}@rehearsal.example"
        person.user = create_login(email=email, password=None, name=person.name, by=DIRECTOR)
        person.save(update_fields=["user"])
        qualify_juror(membership=membership, exam_passed_at=clock.now(), by=DIRECTOR)


def _is_adult(membership: Membership) -> bool:
    # A few years above the plan's age, so that no leap day matters.
    is_old_enough = membership.person.born_on.year < timezone.localdate(clock.now()).year - 20
    return is_old_enough and not Claim.objects.filter(membership=membership).exists()
