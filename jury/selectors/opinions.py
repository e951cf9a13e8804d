"""Second opinions: each professional's own until the request is closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from jury.models import Opinion, OpinionRequest
from jury.rules.verdicts import ANSWERS, majority_value, question_opinion
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import User
from members.rules.verdicts import Opinion as Answer


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
    """From the last closed request of each case: the majority answer of those asked to each question, by its code."""
    closed = OpinionRequest.objects.filter(case_ref__in=case_refs, status=OpinionRequest.Status.CLOSED)
    requests = closed.defer("case_file").prefetch_related("opinions").order_by("round")
    return {
        request.case_ref: {
            question["code"]: question_opinion(
                [
                    ANSWERS.get(opinion.answers.get(question["code"], ""))
                    for opinion in request.opinions.all()
                    if opinion.recused_at is None
                ]
            )
            for question in request.questions
        }
        for request in requests
    }


@dataclass(frozen=True)
class MajorityFact:
    """What the majority of those asked found of one fact, and how sure each of them is."""

    value: str
    confidences: tuple[str, ...]


def facts_given(request: OpinionRequest) -> dict[str, MajorityFact]:
    """The facts of which more than half of those asked, without those who stepped down, found the same, by name.

    A tie finds nothing.
    """
    opinions = list(request.opinions.filter(recused_at=None).order_by("pk"))
    names = sorted({name for opinion in opinions for name in opinion.facts})
    found = {name: majority_value([opinion.facts.get(name) for opinion in opinions]) for name in names}
    return {
        name: MajorityFact(value, tuple(one.confidence for one in opinions if one.facts.get(name) == value))
        for name, value in found.items()
        if value is not None
    }


def requests_due(now: datetime) -> QuerySet[OpinionRequest, int]:
    """The ids of open requests that everybody has answered, or whose time is over."""
    return (
        OpinionRequest.objects.filter(status=OpinionRequest.Status.OPEN)
        .annotate(
            awaited=Count("opinions", filter=Q(opinions__given_at=None, opinions__recused_at=None)),
            sitting=Count("opinions", filter=Q(opinions__recused_at=None)),
        )
        .filter(Q(due_at__lte=now) | Q(awaited=0, sitting__gt=0))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _with_request() -> QuerySet[Opinion]:
    return Opinion.objects.select_related("request__plan").order_by("-pk")
