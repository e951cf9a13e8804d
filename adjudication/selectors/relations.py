"""Declared relations: those that count, and those that wait for a second person."""

from __future__ import annotations

from django.db.models import QuerySet

from adjudication.models import Claim, DeclaredRelation
from adjudication.selectors.claims import claims_visible_to
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer
from members.models import User


def counting_relations() -> QuerySet[DeclaredRelation]:
    """All relations that count: those not withdrawn. One whose withdrawal is only asked for counts as before."""
    return DeclaredRelation.objects.exclude(status=DeclaredRelation.Status.WITHDRAWN)


def relations_at(claim: Claim) -> QuerySet[DeclaredRelation]:
    """What counts for a claim: all that was declared on any claim of the same member."""
    counting = counting_relations().filter(claim__membership__person=claim.membership.person_id)
    return counting.select_related("user__person").order_by("pk")


def relations_visible_to(user: AnyUser) -> QuerySet[DeclaredRelation]:
    """All for reviewers and auditors, their own for investigators; newest first."""
    if not isinstance(user, User) or not user.is_active:
        return DeclaredRelation.objects.none()
    found = DeclaredRelation.objects.select_related("claim", "user").order_by("-pk")
    if is_reviewer(user) or is_auditor(user):
        return found
    return found.filter(user=user) if is_investigator(user) else found.none()


def own_relation(user: AnyUser, claim: Claim) -> DeclaredRelation | None:
    """What a user has declared on this claim and what is not withdrawn."""
    if not isinstance(user, User):
        return None
    return counting_relations().filter(user=user, claim=claim).first()


def claims_open_to_declaring(user: AnyUser) -> QuerySet[Claim]:
    """The claims on which a user may declare a relation: all that those who decide can see."""
    if not (is_reviewer(user) or is_investigator(user)):
        return Claim.objects.none()
    return claims_visible_to(user)
