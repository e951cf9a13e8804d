"""Questions about identities: who may read them, and whether anything may be paid to somebody."""

from __future__ import annotations

from django.db.models import QuerySet

from members.access import AnyUser, is_auditor, is_reviewer
from members.models import IdentityQuestion, Person


def identity_questions_visible_to(user: AnyUser) -> QuerySet[IdentityQuestion]:
    """All for reviewers and auditors, newest first; nobody else reads them."""
    if not (is_reviewer(user) or is_auditor(user)):
        return IdentityQuestion.objects.none()
    return IdentityQuestion.objects.select_related("person").order_by("-pk")


def identity_questions_open_to(user: AnyUser) -> QuerySet[IdentityQuestion]:
    """Those that wait for a reviewer to settle them."""
    return identity_questions_visible_to(user).filter(status=IdentityQuestion.Status.OPEN)


def is_identity_settled(person: Person) -> bool:
    """Whether nothing speaks against somebody's identity, or a person has confirmed it."""
    unsettled = IdentityQuestion.objects.exclude(status=IdentityQuestion.Status.CONFIRMED)
    return not unsettled.filter(person=person).exists()


def identities_doubted(first: int | None, last: int | None) -> int:
    """How many of the people with keys from the first to the last have a question about their identity."""
    if first is None or last is None:
        return 0
    return IdentityQuestion.objects.filter(person_id__gte=first, person_id__lte=last).count()
