"""A juror whom no channel reached is replaced at once, by the next number and without a mark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adjudication.tasks import sweep_deadlines
from audit.models import Entry
from jury.models import Seat
from jury.selectors.serving import evidence_of_no_summons, seats_not_reached
from jury.services.draws import replace_unreached
from members.models import Delivery, Message
from members.services.messages import read
from tests.adjudication.trials import Trial, make_trial, small_cast, vote
from tests.bent import bend
from tests.members.serving import bounce, send
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _texts(settings: Any, tmp_path: Path) -> None:
    settings.TEXT_FILE_PATH = tmp_path


@pytest.fixture
def trial() -> Trial:
    made = make_trial(small_cast(), jurors=8)
    made.draw()
    return made


def summons(seat: Seat) -> Message:
    return Message.objects.get(kind="jury.summoned", params__contains={"seat": seat.pk})


def seat_of(trial: Trial, *, phone: str = "") -> Seat:
    seat: Seat = trial.seats[0]
    person = seat.juror.person
    person.phone = phone
    bend(person)
    return seat


def now(seat: Seat) -> Seat:
    return Seat.objects.get(pk=seat.pk)


def test_a_summons_that_came_back_is_replaced_by_the_next_number(trial: Trial) -> None:
    seat = seat_of(trial)
    send(summons(seat))
    assert seats_not_reached() == []
    bounce(summons(seat))
    assert seats_not_reached() == [seat.pk]
    sweep_deadlines()
    assert (now(seat).status, now(seat).recusal_reason) == ("recused", "unreached")
    sitting = Seat.objects.filter(panel=seat.panel, status="summoned")
    assert sitting.count() == 3
    assert Message.objects.filter(kind="jury.summoned").count() == 4
    body = Entry.objects.get(kind="juror.recused").body
    assert body["reason"] == "unreached"
    assert body["is_own_act"] is False
    assert body["deliveries"] == [{"channel": "email", "status": "bounced", "code": "5.1.1"}]
    assert seats_not_reached() == []


def test_it_is_told_and_says_that_it_does_not_count(trial: Trial) -> None:
    seat = seat_of(trial)
    send(summons(seat))
    bounce(summons(seat))
    sweep_deadlines()
    assert Message.objects.filter(kind="jury.replaced", to_user=seat.juror.person.user).count() == 1


def test_a_text_is_tried_before_anybody_is_replaced(trial: Trial) -> None:
    seat = seat_of(trial, phone="13800000009")
    send(summons(seat))
    bounce(summons(seat))
    sweep_deadlines()
    assert now(seat).status == "summoned"
    send(summons(seat))
    sweep_deadlines()
    assert now(seat).status == "summoned"
    bounce(summons(seat), "text")
    sweep_deadlines()
    assert now(seat).status == "recused"
    assert len(Entry.objects.get(kind="juror.recused").body["deliveries"]) == 2


@pytest.mark.parametrize("how", ["opened the message", "opened the file", "voted"])
def test_who_was_reached_in_any_way_keeps_the_seat(trial: Trial, how: str) -> None:
    seat = seat_of(trial)
    send(summons(seat))
    if how == "opened the message":
        read(message=summons(seat), by=seat.juror.person.user)  # type: ignore[arg-type]
    elif how == "voted":
        vote(seat)
    else:
        Seat.objects.filter(pk=seat.pk).update(first_seen_at=seat.summoned_at)
    bounce(summons(seat))
    sweep_deadlines()
    assert now(seat).status == "summoned"
    assert evidence_of_no_summons(now(seat)) == []


@pytest.mark.parametrize("status", ["waiting", "trying", "taken", "unknown"])
def test_a_summons_that_may_have_arrived_costs_nobody_the_seat(trial: Trial, status: str) -> None:
    seat = seat_of(trial)
    delivery = summons(seat).deliveries.get()
    if status != "waiting":
        Delivery.objects.filter(pk=delivery.pk).update(status="trying", next_at=None, held_until=seat.summoned_at)
    if status in {"taken", "unknown"}:
        Delivery.objects.filter(pk=delivery.pk).update(status=status, held_until=None)
    assert not replace_unreached(seat_id=seat.pk)
    assert now(seat).status == "summoned"


def test_after_the_close_nobody_is_replaced(trial: Trial) -> None:
    seat = seat_of(trial)
    send(summons(seat))
    bounce(summons(seat))
    move_clock(days=5)
    assert seats_not_reached() == []
    assert not replace_unreached(seat_id=seat.pk)
    assert now(seat).status == "summoned"


def test_replacing_twice_changes_nothing(trial: Trial) -> None:
    seat = seat_of(trial)
    send(summons(seat))
    bounce(summons(seat))
    assert replace_unreached(seat_id=seat.pk)
    assert not replace_unreached(seat_id=seat.pk)
    assert Entry.objects.filter(kind="juror.recused").count() == 1
