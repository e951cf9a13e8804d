"""A juror says that what came from their seat is not what they did, and what follows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from adjudication.models import Hearing
from adjudication.selectors.decisions import proposed_decision
from adjudication.services.seats import dispute_seat as dispute_and_nudge
from audit.actors import SYSTEM
from audit.models import Entry
from jury.errors.panels import PanelNotClosed
from jury.errors.seats import DisputeTooLate, NotYourSeat, SeatDisputed
from jury.models import SeatDispute
from jury.rules.verdicts import could_turn
from jury.selectors.tokens import token_of_seat
from jury.services.disputes import DISPUTE_DAYS, dispute_seat
from members.models import Message
from tests.adjudication.trials import Trial, at_vote, juror_of
from tests.factories import make_user
from tests.jury.conftest import Court, close, sitting, user_of, vote
from tests.moving import set_clock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("support", "against", "disputed", "could"),
    [
        (7, 0, 0, False),
        (7, 0, 2, False),
        (7, 0, 3, True),  # without these three the quorum would be missed
        (4, 3, 1, True),
        (5, 2, 1, False),
        (5, 2, 2, True),
        (5, 0, 1, True),  # without it the quorum would be missed
        (2, 2, 1, True),  # hung below the quorum, and one more reaches it
        (0, 0, 4, False),
    ],
)
def test_whether_disputed_seats_could_turn_the_verdict(support: int, against: int, disputed: int, could: bool) -> None:
    assert could_turn(support, against, 7, 5, disputed) is could


def test_a_dispute_is_logged_by_the_token_and_told_to_the_reviewers(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        vote(seat)
    reviewer = make_user("reviewer@test.example", "reviewer")
    with pytest.raises(PanelNotClosed):
        dispute_seat(seat_id=seats[0].pk, by=user_of(seats[0]))
    close(panel)
    for somebody in (user_of(seats[1]), reviewer, SYSTEM):
        with pytest.raises(NotYourSeat):
            dispute_seat(seat_id=seats[0].pk, by=somebody)
    dispute = dispute_seat(seat_id=seats[0].pk, by=user_of(seats[0]))
    assert dispute.ballots == 1
    entry = Entry.objects.get(kind="seat.disputed")
    token = token_of_seat(seats[0])
    assert (entry.actor, entry.body["token"], entry.body["ballots"]) == (f"seat:{token}", token, 1)
    assert Message.objects.get(kind="jury.seat_disputed").to_user == reviewer
    with pytest.raises(SeatDisputed):
        dispute_seat(seat_id=seats[0].pk, by=user_of(seats[0]))


def test_a_dispute_has_its_time(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    for seat in seats:
        vote(seat)
    closed = close(panel)
    assert closed.closed_at is not None
    set_clock(closed.closed_at + dt.timedelta(days=DISPUTE_DAYS))
    with pytest.raises(DisputeTooLate):
        dispute_seat(seat_id=seats[0].pk, by=user_of(seats[0]))


def test_the_database_takes_a_dispute_of_a_held_seat_after_the_close_alone(court: Court) -> None:
    court.add_jurors(3)
    seat = sitting(court.drawn())[0]
    with pytest.raises(IntegrityError, match="held seat of a closed panel"), transaction.atomic():
        SeatDispute.objects.create(seat=seat, ballots=0, disputed_at=seat.summoned_at)


def rests(trial: Trial) -> str:
    """All three jurors support the claim, the doctors agree where they are asked: it waits for its decision."""
    status = trial.vote("sss")
    return trial.opine("yes") if status == "second_opinion" else status


def test_seats_that_could_turn_the_verdict_bring_another_jury_and_no_decision_meanwhile() -> None:
    trial = at_vote()
    rests(trial)
    assert proposed_decision(trial.reload()) is not None
    seats = trial.seats
    dispute_and_nudge(seat_id=seats[0].pk, by=juror_of(seats[0]))
    trial.advance()
    assert trial.claim.hearings.count() == 1, "one of three cannot turn it"
    dispute_and_nudge(seat_id=seats[1].pk, by=juror_of(seats[1]))
    assert proposed_decision(trial.reload()) is None
    assert trial.advance() == "jury_review"
    again = Hearing.objects.get(claim=trial.claim, round=2)
    first = Hearing.objects.get(claim=trial.claim, round=1)
    assert (again.kind, again.is_final, again.panel.seats_wanted) == ("repeat", False, first.panel.seats_wanted)
    assert first.panel.seats.count() == 3, "nobody sits again who sat before: the pool of this test is empty now"


def test_a_juror_disputes_in_one_tap(client: Client) -> None:
    trial = at_vote()
    rests(trial)
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    page = reverse("seat_detail", args=[seat.pk])
    assert "dispute my seat" in client.get(page).content.decode()
    answer = client.post(reverse("seat_dispute", args=[seat.pk]), follow=True)
    assert "You have disputed this seat" in answer.content.decode()
    assert SeatDispute.objects.get().seat_id == seat.pk
    again = client.post(reverse("seat_dispute", args=[seat.pk]), follow=True)
    assert "You disputed this seat at" in again.content.decode()
    found = client.get(f"/api/v1/seats/{seat.pk}/").json()
    assert found["disputed_at"] is not None
    assert client.post(f"/api/v1/seats/{seat.pk}/dispute/").json()["code"] == "SeatDisputed"
