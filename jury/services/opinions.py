"""Second opinions: asking professionals, their answers, and the conclusion drawn from them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.errors.opinions import (
    AnswersIncomplete,
    NoProfessionals,
    NotYourOpinion,
    OpinionAlreadyGiven,
    OpinionGivenUp,
    OpinionsClosed,
    OpinionsNotDue,
)
from jury.errors.seats import RecusalReasonUnknown
from jury.models import Opinion, OpinionRequest
from jury.models.opinions import AWAITED
from jury.recusals import OFFERED, RecusalReason
from jury.rules.verdicts import ANSWERS, combined_opinion
from jury.services.telling import tell_asked_instead, tell_professionals
from members.models import Plan, User
from members.models.users import Role
from members.rules.plans import PlanRules

_GIVEN = ("answers", "conclusion", "reasons", "facts", "confidence", "missing", "literature", "given_at")


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
    may_be_empty: bool = False,
) -> OpinionRequest:
    """Put the plan's medical questions to its number of professionals: those with the fewest open requests first, at
    random among equals.

    Never asks anyone in `exclude_user_ids` (those who took part in the case). With fewer professionals than the plan
    wants, all who are free are asked. Raises NoProfessionals when nobody is, unless the request `may_be_empty`: then it
    is due at once, and inconclusive.
    """
    with transaction.atomic():
        chosen = _free_professionals(exclude_user_ids)[: rules.opinions.professionals]
        if not chosen and not may_be_empty:
            raise NoProfessionals
        now = clock.now()
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
            due_at=now + timedelta(hours=rules.opinions.hours if chosen else 0),
        )
        asked = Opinion.objects.bulk_create(
            Opinion(request=request, professional=user, assigned_at=now) for user in chosen
        )
        entry = append(
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
        tell_professionals("jury.opinion_asked", request, entry, due_at=request.due_at)
    return request


def open_file(*, opinion_id: int, by: Actor) -> None:
    """Record that a professional reads the medical file of their own request. Raises NotYourOpinion,
    OpinionGivenUp.
    """
    with transaction.atomic():
        opinion = Opinion.objects.select_related("request").get(pk=opinion_id)
        if not isinstance(by, User) or opinion.professional_id != by.pk or Role.PROFESSIONAL not in by.roles:
            raise NotYourOpinion
        if opinion.recused_at is not None:
            raise OpinionGivenUp
        append(
            kind="opinion.file_opened",
            stream=_stream(opinion.request),
            by=by,
            body={"request": opinion.request_id, "round": opinion.request.round, "opinion": opinion.pk},
        )


def give_opinion(
    *,
    opinion_id: int,
    answers: Mapping[str, str],
    reasons: str,
    by: Actor,
    facts: Mapping[str, str] | None = None,
    confidence: str = "",
    missing: str = "",
    literature: str = "",
) -> Opinion:
    """Answer every question with yes, no or unsure, with reasons; once, before the request's deadline.

    `facts` are what the professional found, by name, as the caller has checked them; what is not there was not found.

    The conclusion follows: every answer yes is confirmed, any no is not confirmed, otherwise inconclusive. Nobody
    but its author and the auditor sees it before the request closes. Raises NotYourOpinion, OpinionsClosed,
    OpinionAlreadyGiven, OpinionGivenUp and AnswersIncomplete.
    """
    with transaction.atomic():
        request_id = Opinion.objects.values_list("request_id", flat=True).get(pk=opinion_id)
        # The request first, which the close locks too: an opinion is either in before the close or refused after it.
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        opinion = Opinion.objects.select_for_update().get(pk=opinion_id)
        if not isinstance(by, User) or opinion.professional_id != by.pk or Role.PROFESSIONAL not in by.roles:
            raise NotYourOpinion
        now = clock.now()
        if opinion.recused_at is not None:
            raise OpinionGivenUp
        if opinion.given_at is not None:
            raise OpinionAlreadyGiven(given=opinion.given_at)
        if request.status != OpinionRequest.Status.OPEN or request.due_at <= now:
            raise OpinionsClosed(due=request.due_at)
        given = {question["code"]: answers.get(question["code"], "") for question in request.questions}
        if not set(given.values()) <= ANSWERS.keys() or set(answers) - set(given) or not reasons.strip():
            raise AnswersIncomplete
        opinion.answers = given
        opinion.conclusion = combined_opinion({code: [ANSWERS[answer]] for code, answer in given.items()}).value
        opinion.reasons = reasons.strip()
        opinion.facts, opinion.confidence = dict(facts or {}), confidence
        opinion.missing, opinion.literature = missing.strip(), literature.strip()
        opinion.given_at = now
        opinion.save(update_fields=_GIVEN)
        append(
            kind="opinion.given",
            stream=_stream(request),
            by=by,
            body={"request": request.pk, "round": request.round, "opinion": opinion.pk},
        )
    return opinion


def recuse_opinion(*, opinion_id: int, reason: str, exclude_user_ids: Collection[int], by: Actor) -> Opinion:
    """Step down from an opinion before it is given; another professional is asked, where one is free.

    `reason` is one of `jury.recusals.OFFERED`; the request's deadline stays. Raises RecusalReasonUnknown,
    NotYourOpinion, OpinionGivenUp, OpinionAlreadyGiven, OpinionsClosed.
    """
    if reason not in OFFERED:
        raise RecusalReasonUnknown
    with transaction.atomic():
        request_id = Opinion.objects.values_list("request_id", flat=True).get(pk=opinion_id)
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        opinion = Opinion.objects.select_for_update().get(pk=opinion_id)
        if not isinstance(by, User) or opinion.professional_id != by.pk:
            raise NotYourOpinion
        if opinion.recused_at is not None:
            raise OpinionGivenUp
        if opinion.given_at is not None:
            raise OpinionAlreadyGiven(given=opinion.given_at)
        now = clock.now()
        if request.status != OpinionRequest.Status.OPEN or request.due_at <= now:
            raise OpinionsClosed(due=request.due_at)
        opinion.recused_at, opinion.recusal_reason = now, RecusalReason(reason)
        opinion.save(update_fields=["recused_at", "recusal_reason"])
        asked_before = set(request.opinions.values_list("professional_id", flat=True))
        free = _free_professionals(asked_before | set(exclude_user_ids))
        other = Opinion.objects.create(request=request, professional=free[0], assigned_at=now) if free else None
        entry = append(
            kind="opinion.recused",
            stream=_stream(request),
            by=by,
            body={
                "request": request.pk,
                "round": request.round,
                "opinion": opinion.pk,
                "reason": reason,
                "asked_instead": {str(other.pk): other.professional.audit_ref} if other else {},
            },
        )
        if other is not None:
            tell_asked_instead(other, request, entry)
    return opinion


def close_request(*, request_id: int, by: Actor) -> OpinionRequest:
    """Conclude once everybody has answered or the deadline has passed; a request that has ended stays unchanged.

    For each question the majority of those asked who did not step down; a tie, a majority that missed the deadline, or
    nobody left to ask, is inconclusive.
    Raises OpinionsNotDue.
    """
    with transaction.atomic():
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        if request.status != OpinionRequest.Status.OPEN:
            return request
        # Read after the lock: an opinion that was being given meanwhile is committed now and counts.
        opinions = list(request.opinions.filter(recused_at=None).order_by("pk"))
        now = clock.now()
        if request.due_at > now and (not opinions or any(opinion.given_at is None for opinion in opinions)):
            raise OpinionsNotDue(due=request.due_at)
        codes = [question["code"] for question in request.questions]
        request.conclusion = combined_opinion(
            {code: [ANSWERS.get(opinion.answers.get(code, "")) for opinion in opinions] for code in codes}
        ).value
        request.closed_at = now
        request.close()
        request.save(update_fields=["status", "conclusion", "closed_at"])
        entry = append(
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
        tell_professionals("jury.opinions_closed", request, entry)
    return request


def abandon_request(*, request_id: int, by: Actor) -> OpinionRequest:
    """Abandon a request because its case is withdrawn; one that has ended stays unchanged."""
    with transaction.atomic():
        request = OpinionRequest.objects.select_for_update().get(pk=request_id)
        if request.status != OpinionRequest.Status.OPEN:
            return request
        request.abandon()
        request.closed_at = clock.now()
        request.save(update_fields=["status", "closed_at"])
        entry = append(
            kind="opinion.abandoned",
            stream=_stream(request),
            by=by,
            body={"request": request.pk, "round": request.round},
        )
        tell_professionals("jury.opinion_not_needed", request, entry)
    return request


def _stream(request: OpinionRequest) -> str:
    return f"claim:{request.case_ref}"


def _free_professionals(exclude_user_ids: Collection[int]) -> list[User]:
    """Those who hold the role and took no part in the case; fewest open requests first, at random among equals."""
    awaited = Opinion.objects.filter(AWAITED, request__status=OpinionRequest.Status.OPEN)
    free = User.objects.filter(
        role_grants__role=Role.PROFESSIONAL, role_grants__revoked_at=None, is_active=True
    ).exclude(pk__in=exclude_user_ids)
    counted = awaited.order_by().values("professional").annotate(number=Count("pk"))
    load = dict(counted.values_list("professional", "number"))
    by_lot = list(free.distinct())
    secrets.SystemRandom().shuffle(by_lot)
    return sorted(by_lot, key=lambda user: load.get(user.pk, 0))
