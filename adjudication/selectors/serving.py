"""Applicants who are asked for an answer and were not reached, and what is known of their notices."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet

from adjudication.errors.answers import NoSuchNotice
from adjudication.models import Answer, Claim
from audit.selectors.sweeps import ROWS_A_PAGE
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Message
from members.rules.serving import LONGEST_SEARCH
from members.selectors.serving import has_come_back, has_failed, has_news, notices_of, service_of


@dataclass(frozen=True)
class Unreached:
    """One applicant who was not reached: the notice, and the answer that it asks for."""

    answer: Answer
    message: Message

    @property
    def claim(self) -> Claim:
        """The claim that it is about."""
        return self.answer.investigation.claim

    @property
    def search_ends_at(self) -> dt.datetime:
        """Until when channels are waited for; from then on one recorded attempt is enough."""
        return self.message.written_at + LONGEST_SEARCH


def answers_to_serve(behind: int = 0) -> list[int]:
    """Awaited answers about whose notices there is something to take note of, by id."""
    entry = OuterRef("notice_entry_id")
    unserved = Q(served_at=None) & (has_news(entry) | has_failed(entry))
    returned = Q(served_at__isnull=False) & has_come_back(entry, OuterRef("served_at"))
    found = Answer.objects.filter(
        Q(notice_entry=None) | unserved | returned,
        status=Answer.Status.ASKED,
        investigation__claim__hold_reason="",
        pk__gt=behind,
    )
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def unreached_visible_to(user: AnyUser) -> QuerySet[Answer]:
    """Awaited answers whose notice did not get through by some channel and is not served, the longest waiting first."""
    if not (is_reviewer(user) or is_auditor(user)):
        return Answer.objects.none()
    found = Answer.objects.filter(has_failed(OuterRef("notice_entry_id")), status=Answer.Status.ASKED, served_at=None)
    return found.select_related("investigation__claim__plan", "notice_entry").order_by("asked_at", "pk")


def unreached_rows(answers: list[Answer]) -> list[Unreached]:
    """The notices of these answers, one row a message; a fixed number of queries."""
    of_entry = {answer.notice_entry_id: answer for answer in answers if answer.notice_entry_id is not None}
    messages = (
        Message.objects.filter(entry_id__in=of_entry, kind__startswith="adjudication.")
        .prefetch_related("deliveries__reports", "attempts__by")
        .order_by("entry_id", "pk")
    )
    rows = [Unreached(of_entry[message.entry_id], message) for message in messages if message.entry_id is not None]
    return sorted(rows, key=lambda row: (row.answer.asked_at, row.message.pk))


def unreached_of(user: AnyUser, public_id: uuid.UUID) -> Unreached | None:
    """One of them by the number of its message, also once it was reached; None for those who may not see it."""
    if not (is_reviewer(user) or is_auditor(user)):
        return None
    try:
        message, answer = awaited_notice(public_id)
    except NoSuchNotice:
        return None
    return Unreached(answer, message)


def awaited_notice(public_id: uuid.UUID) -> tuple[Message, Answer]:
    """The message, and the answer whose notice it is. Raises NoSuchNotice."""
    message = Message.objects.filter(public_id=public_id, entry__isnull=False).first()
    answer = (
        Answer.objects.filter(notice_entry_id=message.entry_id)
        .select_related("investigation__claim__plan")
        .order_by("pk")
        .first()
        if message is not None
        else None
    )
    if message is None or answer is None:
        raise NoSuchNotice
    return message, answer


def is_served(answer: Answer) -> bool:
    """Whether the notice is served by what is known now."""
    return answer.notice_entry_id is not None and service_of(notices_of(answer.notice_entry_id)) is not None
