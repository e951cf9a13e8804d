"""Who looked at whose personal data, and what is shown to whom now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Person, Unmasking, User
from members.selectors.people import ids_of_household, person_of
from pages.moments import page_now


@dataclass(frozen=True)
class PersonalData:
    """What is masked of a person, in clear; empty where nothing is stored."""

    name: str
    born_on: dt.date
    sex: str
    id_number: str
    phone: str
    email: str
    address: str
    employer: str
    external_id: str


@dataclass(frozen=True)
class ShownData:
    """Somebody's data, and the look that shows them."""

    data: PersonalData
    unmasking: Unmasking


def open_unmasking(user: AnyUser, person: Person, at: dt.datetime) -> Unmasking | None:
    """The look that shows this person's data to this user at a moment; None where they are masked."""
    if not isinstance(user, User) or not user.is_active or not (is_reviewer(user) or is_auditor(user)):
        return None
    return Unmasking.objects.filter(by=user, person=person, unmasked_at__lte=at, expires_at__gt=at).first()


def shown_data(user: AnyUser, person: Person) -> ShownData | None:
    """A person's data while a look of this user is open; None otherwise."""
    unmasking = open_unmasking(user, person, page_now())
    if unmasking is None:
        return None
    data = PersonalData(
        name=person.name,
        born_on=person.born_on,
        sex=str(person.get_sex_display()),
        id_number=person.id_number,
        phone=person.phone,
        email=person.user.email if person.user else "",
        address=person.address,
        employer=person.employer,
        external_id=person.import_key or "",
    )
    return ShownData(data, unmasking)


def unmaskings_by(user: User, since: dt.datetime) -> QuerySet[Unmasking]:
    """The looks that began after a moment, newest first."""
    return Unmasking.objects.filter(by=user, unmasked_at__gt=since).order_by("-unmasked_at")


def unmaskings_visible_to(user: AnyUser) -> QuerySet[Unmasking]:
    """All for reviewers and auditors; for everybody else those at themselves and at whom they pay for; newest first."""
    if not isinstance(user, User) or not user.is_active:
        return Unmasking.objects.none()
    found = Unmasking.objects.select_related("person", "by").order_by("-pk")
    if is_reviewer(user) or is_auditor(user):
        return found
    return found.filter(person__in=ids_of_household(user))


def unmaskings_at_household(user: AnyUser) -> QuerySet[Unmasking]:
    """The looks at a user and at whom they pay for, whatever roles they hold, newest first."""
    if not isinstance(user, User) or not user.is_active:
        return Unmasking.objects.none()
    return Unmasking.objects.filter(person__in=ids_of_household(user)).select_related("person").order_by("-pk")


def people_named_to(user: AnyUser) -> QuerySet[Person]:
    """Those whose data a user may read now: themselves, whom they pay for, and at whom a look of theirs is open."""
    if not isinstance(user, User) or not user.is_active:
        return Person.objects.none()
    named = Q(pk__in=ids_of_household(user))
    if is_reviewer(user) or is_auditor(user):
        now = page_now()
        looks = Unmasking.objects.filter(by=user, unmasked_at__lte=now, expires_at__gt=now)
        named |= Q(pk__in=looks.values("person"))
    return Person.objects.filter(named)


def is_of_household(user: User, person: Person) -> bool:
    """Whether a user and a person are one, pay one for the other, or have one payer."""
    own = person_of(user)
    return own is not None and (own.payer_id or own.pk) == (person.payer_id or person.pk)
