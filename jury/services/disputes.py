"""A juror disputes what came from their seat."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.errors.panels import PanelNotClosed
from jury.errors.seats import DisputeTooLate, NotYourSeat, SeatDisputed, SeatGivenUp
from jury.models import Panel, Seat, SeatDispute
from jury.selectors.draws import stream_of
from jury.selectors.tokens import SeatActor, token_of
from jury.services.telling import tell_disputed
from members.models import User

DISPUTE_DAYS = 30


def dispute_seat(*, seat_id: int, by: Actor) -> SeatDispute:
    """Record that the ballots which came from a seat are not what its juror did, once, within `DISPUTE_DAYS` of the
    close.

    What follows is the case's own: where the disputed seats could turn the verdict, it is judged again. Raises
    NotYourSeat, PanelNotClosed, SeatGivenUp, SeatDisputed and DisputeTooLate.
    """
    with transaction.atomic():
        panel_id = Seat.objects.values_list("panel_id", flat=True).get(pk=seat_id)
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        seat = Seat.objects.select_for_update(of=("self",)).select_related("juror__person").get(pk=seat_id)
        if not isinstance(by, User) or seat.juror.person.user_id != by.pk:
            raise NotYourSeat
        if panel.status != Panel.Status.CLOSED or panel.closed_at is None:
            raise PanelNotClosed(case=panel.case_ref)
        if seat.status != Seat.Status.SUMMONED:
            raise SeatGivenUp
        made = SeatDispute.objects.filter(seat=seat).first()
        if made is not None:
            raise SeatDisputed(at=made.disputed_at)
        now, until = clock.now_after(panel.closed_at), panel.closed_at + timedelta(days=DISPUTE_DAYS)
        if now >= until:
            raise DisputeTooLate(until=until)
        dispute = SeatDispute.objects.create(seat=seat, ballots=seat.last_sequence, disputed_at=now)
        token = token_of(panel, seat.juror.number)
        entry = append(
            kind="seat.disputed",
            stream=stream_of(panel),
            by=SeatActor(token),
            body={"panel": panel.pk, "round": panel.round, "token": token, "ballots": dispute.ballots},
        )
        tell_disputed(panel, entry)
    return dispute
