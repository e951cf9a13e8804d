"""Drafts of claims: a user's own, and nobody else's."""

from __future__ import annotations

from django.db.models import QuerySet

from adjudication.models import ClaimDraft
from members.access import AnyUser
from members.models import User


def drafts_visible_to(user: AnyUser) -> QuerySet[ClaimDraft]:
    """A user's own drafts, sent ones included, newest first."""
    if not isinstance(user, User) or not user.is_active:
        return ClaimDraft.objects.none()
    return (
        ClaimDraft.objects.filter(user=user)
        .select_related("membership__plan", "membership__person__payer", "claim__plan")
        .order_by("-pk")
    )


def unsent_draft(user: AnyUser) -> ClaimDraft | None:
    """The one draft that a user is writing."""
    return drafts_visible_to(user).filter(claim=None).first()
