"""Noting doubts about an identity number, and settling them."""

from __future__ import annotations

from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.services import append
from members.access import is_reviewer
from members.errors.identity import (
    IdentityAnswerUnknown,
    IdentityQuestionUnknown,
    IdentityReasonUnfit,
    IdentitySettled,
)
from members.errors.roles import ReviewersOnly
from members.errors.unmaskings import OwnHousehold
from members.models import IdentityQuestion, Person, User
from members.rules.identity import doubts_about
from members.selectors.unmaskings import is_of_household
from members.services.messages import tell

SHORTEST_REASON, LONGEST_REASON = 10, 500
CONFIRMED, REFUTED = IdentityQuestion.Status.CONFIRMED.value, IdentityQuestion.Status.REFUTED.value


def note_doubts(*, person: Person, by: Actor) -> IdentityQuestion | None:
    """Ask about the identity number of somebody who has just been registered, where something speaks against it.

    Part of the act that registers them.
    """
    doubts = doubts_about(person.id_number, person.born_on, person.sex)
    if not doubts:
        return None
    question = IdentityQuestion.objects.create(
        person=person, doubts=[doubt.value for doubt in doubts], asked_at=clock.now()
    )
    body = {"question": question.pk, "doubts": question.doubts}
    append(kind="identity.doubted", stream=str(person), by=by, body=body)
    return question


@transaction.atomic
def settle_identity(*, question_id: int, answer: str, reason: str, by: User) -> IdentityQuestion:
    """Confirm somebody's identity or find it not shown, with a reason, which only staff read; `answer` is either state.

    What is not confirmed can be confirmed later. Raises ReviewersOnly, IdentityQuestionUnknown, OwnHousehold,
    IdentityAnswerUnknown, IdentityReasonUnfit, IdentitySettled.
    """
    if not is_reviewer(by):
        raise ReviewersOnly
    question = IdentityQuestion.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise IdentityQuestionUnknown
    if is_of_household(by, question.person):
        raise OwnHousehold
    if answer not in {CONFIRMED, REFUTED}:
        raise IdentityAnswerUnknown
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise IdentityReasonUnfit(shortest=SHORTEST_REASON, longest=LONGEST_REASON)
    if question.status == CONFIRMED or question.status == answer:
        raise IdentitySettled(status=IdentityQuestion.Status(question.status))
    question.confirm() if answer == CONFIRMED else question.refute()
    question.reason, question.settled_by = reason, by
    question.settled_at = clock.now_after(question.asked_at, question.settled_at)
    question.save(update_fields=["status", "reason", "settled_by", "settled_at"])
    body = {"question": question.pk, "answer": answer}
    entry = append(kind="identity.settled", stream=str(question.person), by=by, body=body)
    told = "members.identity_confirmed" if answer == CONFIRMED else "members.identity_refuted"
    tell(told, to=question.person, entry=entry)
    return question
