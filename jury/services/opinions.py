"""Second opinions: asking professionals, their answers, and the conclusion drawn from them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit.actors import Actor
from audit.services import append
from jury.errors import (
    AnswersIncomplete,
    NoProfessionals,
    NotYourOpinion,
    OpinionAlreadyGiven,
    OpinionsClosed,
    OpinionsNotDue,
)
from jury.models import Opinion, OpinionRequest
from jury.rules.verdicts import ANSWERS, combined_opinion
from members.models import Plan, User
from members.models.users import Role
from members.rules.plans import PlanRules


def open_request(
    *,
    plan: Plan,
    rules: PlanRules,
    case_ref: str,
    round: int,
    case_file: dict[str, Any],
    file_digest: str,
    triggers_met: Sequence[str],
    exclude_user_ids: Collection[int],
    by: Actor,
) -> OpinionRequest:
    """Put the plan's medical questions to its number of professionals: who has fewest open first, by lot among equals.

    Never asks who is in `exclude_user_ids` (who took part in the case). With fewer professionals than the plan
    wants, all who are free are asked. Raises NoProfessionals when nobody is.
    """
    with transaction.atomic():
        chosen = _free_professionals(exclude_user_ids)[: rules.opinions.professionals]
        if not chosen:
            raise NoProfessionals
        now = timezone.now()
        request = OpinionRequest.objects.create(
            plan=plan,
            case_ref=case_ref,
            round=round,
            questions=[
                {"code": question.code, "en": question.text.en, "zh": question.text.zh}
                for question in rules.opinions.questions
            ],
            triggers_met=list(triggers_met),
            case_file=case_file,
            file_digest=file_digest,
            opened_at=now,
            due_at=now + timedelta(hours=rules.opinions.hours),
        )
        asked = Opinion.objects.bulk_create(
            Opinion(request=request, professional=user, assigned_at=now) for user in chosen
        )
        append(
            kind="opinion.asked",
            stream=_stream(request),
            by=by,
            body={
                "request": request.pk,
                "round": round,
                "file_digest": file_digest,
                "triggers": list(triggers_met),
                "questions": [question.code for question in rules.opinions.questions],
                "opinions": {str(opinion.pk): opinion.professional.audit_ref for opinion in asked},
                "wanted": rules.opinions.professionals,
                "due_at": request.due_at.isoformat(),
            },
        )
    return request


def open_file(*, opinion_id: int, by: Actor) -> None:
    """Record that a professional reads the medical file of their own request. Raises NotYourOpinion."""
    with transaction.atomic():
        opinion = Opinion.objects.select_related("request").get(pk=opinion_id)
        if not isinstance(by, User) or opinion.professional_id != by.pk or Role.PROFESSIONAL not in by.roles:
            raise NotYourOpinion
        append(
            kind="opinion.file_opened",
            stream=_stream(opinion.request),
            by=by,
            body={"request": opinion.request_id, "round": opinion.request.round, "opinion": opinion.pk},
        )


def give_opinion(*, opinion_id: int, answers: Mapping[str, str], reasons: str, by: Actor) -> Opinion:
    """Answer every question with yes, no or unsure, with reasons; once, before the request's time is over.

    The conclusion follows: every answer yes is confirmed, any no is not confirmed, otherwise inconclusive. Nobody
    but its author and the auditor sees it before the request closes. Raises NotYourOpinion, OpinionsClosed,
    OpinionAlreadyGiven and AnswersIncomplete.
    """
    with transaction.atomic():
        request_id = Opinion.objects.values_list("request_id", flat=True).get(pk=opinion_id)
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        opinion = Opinion.objects.select_for_update().get(pk=opinion_id)
        if not isinstance(by, User) or opinion.professional_id != by.pk or Role.PROFESSIONAL not in by.roles:
            raise NotYourOpinion
        now = timezone.now()
        if opinion.given_at is not None:
            raise OpinionAlreadyGiven(opinion.given_at)
        if request.status != OpinionRequest.Status.OPEN or request.due_at <= now:
            raise OpinionsClosed(request.due_at)
        given = {question["code"]: answers.get(question["code"], "") for question in request.questions}
        if not set(given.values()) <= ANSWERS.keys() or set(answers) - set(given) or not reasons.strip():
            raise AnswersIncomplete
        opinion.answers = given
        opinion.conclusion = combined_opinion({code: [ANSWERS[answer]] for code, answer in given.items()}).value
        opinion.reasons = reasons.strip()
        opinion.given_at = now
        opinion.save()
        append(
            kind="opinion.given",
            stream=_stream(request),
            by=by,
            body={"request": request.pk, "round": request.round, "opinion": opinion.pk},
        )
    return opinion


def close_request(*, request_id: int, by: Actor) -> OpinionRequest:
    """Draw the conclusion once everybody has answered or the time is over; a request that is over stays as it is.

    For each question the majority of those asked; a tie, or a majority that missed the deadline, is inconclusive.
    Raises OpinionsNotDue.
    """
    with transaction.atomic():
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        if request.status != OpinionRequest.Status.OPEN:
            return request
        opinions = list(request.opinions.order_by("pk"))
        now = timezone.now()
        if request.due_at > now and any(opinion.given_at is None for opinion in opinions):
            raise OpinionsNotDue(request.due_at)
        codes = [question["code"] for question in request.questions]
        request.conclusion = combined_opinion(
            {code: [ANSWERS.get(opinion.answers.get(code, "")) for opinion in opinions] for code in codes}
        ).value
        request.closed_at = now
        request.close()
        request.save()
        append(
            kind="opinion.closed",
            stream=_stream(request),
            by=by,
            body={
                "request": request.pk,
                "round": request.round,
                "conclusion": request.conclusion,
                "given": sum(opinion.given_at is not None for opinion in opinions),
                "asked": len(opinions),
            },
        )
    return request


def abandon_request(*, request_id: int, by: Actor) -> OpinionRequest:
    """Give a request up because its case is withdrawn; one that is over stays as it is."""
    with transaction.atomic():
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        if request.status != OpinionRequest.Status.OPEN:
            return request
        request.abandon()
        request.closed_at = timezone.now()
        request.save()
        append(
            kind="opinion.abandoned",
            stream=_stream(request),
            by=by,
            body={"request": request.pk, "round": request.round},
        )
    return request


def _stream(request: OpinionRequest) -> str:
    return f"claim:{request.case_ref}"


def _free_professionals(exclude_user_ids: Collection[int]) -> list[User]:
    """Those who hold the role and took no part in the case; fewest open requests first, by lot among equals."""
    awaited = Q(opinions__given_at=None, opinions__request__status=OpinionRequest.Status.OPEN)
    free = User.objects.filter(
        role_grants__role=Role.PROFESSIONAL, role_grants__revoked_at=None, is_active=True
    ).exclude(pk__in=exclude_user_ids)
    load = dict(free.annotate(awaited=Count("opinions", filter=awaited, distinct=True)).values_list("pk", "awaited"))
    by_lot = list(free)
    secrets.SystemRandom().shuffle(by_lot)
    return sorted(by_lot, key=lambda user: load[user.pk])
