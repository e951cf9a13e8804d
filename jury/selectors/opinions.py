"""Second opinions: each professional's own until the request is closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from jury.models import Opinion, OpinionRequest
from jury.rules.verdicts import ANSWERS, question_opinion
from jury.rules.verdicts import Opinion as Answer
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import User


def opinions_of(user: AnyUser) -> QuerySet[Opinion]:
    """The opinions asked of this professional, newest first."""
    if not isinstance(user, User) or not user.is_active:
        return Opinion.objects.none()
    return _with_request().filter(professional=user)


def opinions_visible_to(user: AnyUser) -> QuerySet[Opinion]:
    """A professional's own; all for an auditor; those of closed requests for a reviewer."""
    if is_auditor(user):
        return _with_request()
    if is_reviewer(user):
        return _with_request().filter(
            Q(professional_id=getattr(user, "pk", None)) | Q(request__status=OpinionRequest.Status.CLOSED)
        )
    return opinions_of(user)


def answers_given(case_refs: Collection[str]) -> dict[str, dict[str, Answer]]:
    """Of the last closed request of each case: what the majority of those asked says to each question, by its code."""
    closed = OpinionRequest.objects.filter(case_ref__in=case_refs, status=OpinionRequest.Status.CLOSED)
    requests = closed.defer("case_file").prefetch_related("opinions").order_by("round")
    return {
        request.case_ref: {
            question["code"]: question_opinion(
                [ANSWERS.get(opinion.answers.get(question["code"], "")) for opinion in request.opinions.all()]
            )
            for question in request.questions
        }
        for request in requests
    }


def requests_due(now: datetime) -> QuerySet[OpinionRequest, int]:
    """The ids of open requests that everybody has answered, or whose time is over."""
    return (
        OpinionRequest.objects.filter(status=OpinionRequest.Status.OPEN)
        .annotate(awaited=Count("opinions", filter=Q(opinions__given_at=None)))
        .filter(Q(due_at__lte=now) | Q(awaited=0))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _with_request() -> QuerySet[Opinion]:
    return Opinion.objects.select_related("request__plan").order_by("-pk")
