"""Telling an applicant that the claim would be rejected, and taking their answer: the jury, or consent."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from adjudication.models import Answer, Claim, Investigation
from adjudication.queue import nudge
from adjudication.selectors.claims import is_own_claim
from adjudication.services.locks import locked_claim
from adjudication.services.refusals import AnswerUnknown, NoAnswerAwaited, NotYourClaim
from audit.actors import Actor
from audit.services import append
from members.models import User
from members.rules.dates import local_day, start_of_day

JURY, ACCEPTED = Answer.Status.JURY.value, Answer.Status.ACCEPTED.value
CHOICES = (JURY, ACCEPTED)


def ask_applicant(*, claim: Claim, investigation: Investigation, by: Actor) -> Answer:
    """Ask the applicant whether they want the jury. The caller has locked the claim's row."""
    now = timezone.now()
    answer = Answer.objects.create(investigation=investigation, asked_at=now, due_at=_due_at(claim, now))
    claim.due_at = answer.due_at
    claim.save(update_fields=["due_at"])
    body = {"round": investigation.round, "due_at": answer.due_at.isoformat()}
    append(kind="answer.asked", stream=claim.stream, by=by, body=body)
    return answer


@transaction.atomic
def answer_report(*, claim_ref: str, choice: str, by: User) -> Answer:
    """The applicant asks for the jury, or accepts the rejection; either is final for this report.

    Until the deadline; while the claim is on hold its time does not run. Raises ClaimUnknown, NotYourClaim,
    AnswerUnknown, NoAnswerAwaited.
    """
    claim = locked_claim(claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    if choice not in CHOICES:
        raise AnswerUnknown(CHOICES)
    now = timezone.now()
    answer = _awaited(claim)
    if answer is None or (answer.due_at <= now and not claim.hold_reason):
        raise NoAnswerAwaited(claim.ref, answer.due_at if answer else None)
    answer.ask_for_jury() if choice == JURY else answer.accept()
    answer.ended_at, answer.answered_by = now, by
    answer.save()
    claim.due_at = now
    claim.save(update_fields=["due_at"])
    body = {"round": answer.investigation.round, "answer": choice}
    append(kind="answer.given", stream=claim.stream, by=by, body=body)
    nudge(claim.pk)
    return answer


def lapse_answer(*, claim: Claim, answer: Answer, by: Actor) -> None:
    """The deadline has passed: silence is consent. The caller has locked the claim's row."""
    answer.lapse()
    answer.ended_at = timezone.now()
    answer.save()
    append(kind="answer.lapsed", stream=claim.stream, by=by, body={"round": answer.investigation.round})


def void_answer(*, claim: Claim, by: Actor) -> None:
    """Ask no longer, where an answer is awaited: report returned, claim withdrawn. The claim's row is locked."""
    answer = _awaited(claim)
    if answer is None:
        return
    answer.void()
    answer.ended_at = timezone.now()
    answer.save()
    append(kind="answer.voided", stream=claim.stream, by=by, body={"round": answer.investigation.round})


def renew_time(*, claim: Claim, by: Actor) -> None:
    """Give the whole time again after a hold, where an answer is awaited. The claim's row is locked."""
    answer = _awaited(claim)
    if answer is None:
        return
    answer.due_at = _due_at(claim, timezone.now())
    answer.save()
    claim.due_at = answer.due_at
    claim.save(update_fields=["due_at"])
    body = {"round": answer.investigation.round, "due_at": answer.due_at.isoformat()}
    append(kind="answer.renewed", stream=claim.stream, by=by, body=body)


def _awaited(claim: Claim) -> Answer | None:
    found = Answer.objects.select_for_update(of=("self",)).select_related("investigation")
    return found.filter(investigation__claim=claim, status=Answer.Status.ASKED).first()


def _due_at(claim: Claim, now: dt.datetime) -> dt.datetime:
    """00:00 after the last day, in the plan's time zone; the day of asking is not counted."""
    days, zone = claim.plan_version.rules.jury.answer_days, claim.plan.timezone
    assert days is not None  # asked only where the jury is for disputed claims
    return start_of_day(local_day(now, zone) + dt.timedelta(days=days + 1), zone)
