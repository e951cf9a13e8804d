"""People, as far as the one who asks may see them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Person, User


def people_visible_to(user: AnyUser) -> QuerySet[Person]:
    """Reviewers and auditors see everybody; anybody else themselves and those they pay for."""
    if not isinstance(user, User) or not user.is_active:
        return Person.objects.none()
    if is_reviewer(user) or is_auditor(user):
        return Person.objects.all()
    return Person.objects.filter(pk__in=ids_of_household(user))


def ids_of_household(user: User) -> QuerySet[Person, Any]:
    """The ids of the person behind a log-in and of those they pay for, for use inside another query.

    A union of two look-ups by index. One condition with "or" over person and payer reads every person there is.
    """
    own, paid_for = Person.objects.filter(user=user), Person.objects.filter(payer__user=user)
    return own.values("pk").union(paid_for.values("pk"))


def person_of(user: AnyUser) -> Person | None:
    """The person behind a log-in; None for staff and for those who have only signed up."""
    return Person.objects.filter(user=user).first() if isinstance(user, User) else None


def has_household(user: AnyUser) -> bool:
    """Whether there is a person behind a log-in: nobody else has memberships, claims, shares or a family.

    One query a request, however many parts of a page ask.
    """
    if not isinstance(user, User):
        return False
    known: bool | None = user.__dict__.get("_has_household")
    if known is None:
        known = user.__dict__["_has_household"] = Person.objects.filter(user=user).exists()
    return known


def family_of(user: AnyUser) -> QuerySet[Person]:
    """Those whom a user pays for, themselves not counted."""
    if not isinstance(user, User):
        return Person.objects.none()
    return Person.objects.filter(payer__user=user).order_by("pk")
