"""Reminding jurors and professionals who have not answered while a quarter of their time is left."""

from __future__ import annotations

from django.db import transaction

from audit import clock
from jury.models import Opinion, OpinionRequest, Panel, Seat
from jury.selectors.reminders import OPINION, OPINION_REMINDER, SEAT, SEAT_REMINDER
from members.rules.reminding import is_time_to_remind
from members.selectors.reminders import about
from members.services.messages import tell


@transaction.atomic
def remind_juror(*, seat_id: int) -> bool:
    """Remind a juror who has not voted, once for each close; returns whether a reminder was written.

    It leaves no entry in the log, which would show who has not voted.
    """
    panel_id = Seat.objects.values_list("panel_id", flat=True).get(pk=seat_id)
    # Panel first, then seat, as in every act: a ballot that is being cast is waited for, and then nothing is sent.
    panel = Panel.objects.select_for_update().defer("case_file", "case_facts", "commitment").get(pk=panel_id)
    seat = Seat.objects.select_for_update(of=("self",)).select_related("juror__person").get(pk=seat_id)
    if panel.status != Panel.Status.OPEN or panel.closes_at is None:
        return False
    if seat.status != Seat.Status.SUMMONED or seat.last_sequence:
        return False
    if not is_time_to_remind(start=seat.summoned_at, end=panel.closes_at, now=clock.now()):
        return False
    what, juror = about(SEAT, seat.pk), seat.juror.person
    told = tell(SEAT_REMINDER, to=juror, about=what, case=panel.case_ref, seat=seat.pk, closes_at=panel.closes_at)
    return told is not None


@transaction.atomic
def remind_professional(*, opinion_id: int) -> bool:
    """Remind a professional who has not answered, once; returns whether a reminder was written."""
    request_id = Opinion.objects.values_list("request_id", flat=True).get(pk=opinion_id)
    # The request first, as in every act.
    request = OpinionRequest.objects.select_for_update().defer("case_file").get(pk=request_id)
    opinion = Opinion.objects.select_for_update(of=("self",)).select_related("professional").get(pk=opinion_id)
    if request.status != OpinionRequest.Status.OPEN or opinion.given_at is not None or opinion.recused_at is not None:
        return False
    if not is_time_to_remind(start=opinion.assigned_at, end=request.due_at, now=clock.now()):
        return False
    what, asked = about(OPINION, opinion.pk), opinion.professional
    told = tell(
        OPINION_REMINDER, to=asked, about=what, case=request.case_ref, opinion=opinion.pk, due_at=request.due_at
    )
    return told is not None
