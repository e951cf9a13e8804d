"""The applicant's time runs from the moment at which the question reached them (members/rules/serving.py)."""

from __future__ import annotations

import uuid

from django.db import transaction

from adjudication.errors.answers import NoAnswerAwaited, OwnNotice
from adjudication.models import Answer, Claim
from adjudication.selectors.claims import is_own_claim
from adjudication.selectors.serving import awaited_notice
from adjudication.services.answers import due_from
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.locks import locked_claim
from adjudication.services.reminders import tell_not_reached
from adjudication.services.states import wait_until
from adjudication.services.telling import tell_applicants
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.models import Entry
from audit.services import append
from members.models import User
from members.rules.serving import Served
from members.selectors.serving import all_fruitless, notices_of, service_of
from members.services.serving import record_attempt

CAME_BACK, SERVED_LATER, NO_NOTICE = "came_back", "served_later", "no_notice"


@transaction.atomic
def serve_answer(*, answer_id: int, by: Actor = SYSTEM) -> bool:
    """Take note of what is known about the notice of an awaited answer; returns whether it changed anything."""
    claim_id = Answer.objects.values_list("investigation__claim_id", flat=True).get(pk=answer_id)
    claim = locked_claim(pk=claim_id)
    answer = Answer.objects.select_for_update(of=("self",)).select_related("investigation").get(pk=answer_id)
    if answer.status != Answer.Status.ASKED or claim.hold_reason:
        return False
    return follow_service(claim=claim, answer=answer, by=by)


def follow_service(*, claim: Claim, answer: Answer, by: Actor) -> bool:
    """Let the time of an awaited answer run from the service of its notice; returns whether that has changed.

    The caller has locked the claim's row. The time never gets shorter. What came back takes the service away, and
    starts the full time again, once; after that the time stays, and silence counts only once the notice is served.
    """
    if answer.notice_entry_id is None:
        return _ask_again(claim, answer, by)
    messages = list(notices_of(answer.notice_entry_id))
    found = service_of(messages)
    if found is not None:
        return _serve(claim, answer, found, by)
    if all_fruitless(messages):
        tell_not_reached(claim, answer)
    return _take_back(claim, answer, by) if answer.served_at is not None else False


@transaction.atomic
def record_contact(*, public_id: uuid.UUID, how: str, was_reached: bool, words: str, by: User) -> Answer:
    """Record that a reviewer tried to reach an applicant by another way, and let their time run accordingly.

    Nobody records it for a claim of their own. Raises NoSuchNotice, NoAnswerAwaited, OwnNotice, ConflictOfInterest,
    ReviewersOnly, NoNotice, AttemptUnfit.
    """
    message, answer = awaited_notice(public_id)
    claim = locked_claim(pk=answer.investigation.claim_id)
    answer = Answer.objects.select_for_update(of=("self",)).select_related("investigation").get(pk=answer.pk)
    if answer.status != Answer.Status.ASKED:
        raise NoAnswerAwaited(ref=claim.ref)
    if is_own_claim(by, claim):
        raise OwnNotice(ref=claim.ref)
    check_no_conflict(claim, by)
    record_attempt(message=message, how=how, was_reached=was_reached, words=words, by=by)
    if not claim.hold_reason:
        follow_service(claim=claim, answer=answer, by=by)
    return answer


def _serve(claim: Claim, answer: Answer, found: Served, by: Actor) -> bool:
    if (answer.served_at, answer.served_by) == (found.at, found.way.value):
        return False
    answer.served_at, answer.served_by = found.at, found.way.value
    due_at = max(answer.due_at, due_from(claim, found.at, found.times))
    is_longer = due_at > answer.due_at
    answer.due_at = due_at
    answer.runs_from = found.at if is_longer else answer.runs_from
    answer.save(update_fields=["served_at", "served_by", "due_at", "runs_from"])
    wait_until(claim, due_at)
    body = {"round": answer.investigation.round, "by": found.way.value, "at": found.at.isoformat()}
    append(kind="answer.served", stream=claim.stream, by=by, body=body | {"times": found.times})
    if is_longer:
        _tell_extended(claim, answer, SERVED_LATER, by)
    return True


def _ask_again(claim: Claim, answer: Answer, by: Actor) -> bool:
    """Give the full time to somebody whom a release asked that kept no notice: nothing shows that it reached them."""
    answer.served_at, answer.served_by, answer.restarts = None, "", 0
    answer.runs_from = clock.now_after(answer.asked_at)
    answer.due_at = max(answer.due_at, due_from(claim, answer.runs_from))
    answer.notice_entry = _tell_extended(claim, answer, NO_NOTICE, by)
    answer.save(update_fields=["served_at", "served_by", "restarts", "runs_from", "due_at", "notice_entry"])
    wait_until(claim, answer.due_at)
    return True


def _take_back(claim: Claim, answer: Answer, by: Actor) -> bool:
    answer.served_at, answer.served_by = None, ""
    is_longer = answer.restarts == 0
    if is_longer:
        answer.restarts = 1
        answer.runs_from = clock.now_after(answer.asked_at)
        answer.due_at = max(answer.due_at, due_from(claim, answer.runs_from))
    answer.save(update_fields=["served_at", "served_by", "restarts", "runs_from", "due_at"])
    wait_until(claim, answer.due_at)
    body = {"round": answer.investigation.round, "is_longer": is_longer}
    append(kind="answer.unserved", stream=claim.stream, by=by, body=body)
    if is_longer:
        _tell_extended(claim, answer, CAME_BACK, by)
    return True


def _tell_extended(claim: Claim, answer: Answer, reason: str, by: Actor) -> Entry:
    body = {"round": answer.investigation.round, "due_at": answer.due_at.isoformat(), "reason": reason}
    entry = append(kind="answer.extended", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.answer_extended", claim, entry, due_at=answer.due_at)
    return entry
