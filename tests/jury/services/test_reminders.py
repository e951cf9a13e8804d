"""Reminders of jurors and professionals: in the last quarter, once, and none to those who have answered."""

from __future__ import annotations

import pytest

from audit.actors import SYSTEM
from audit.models import Entry
from jury.models import Opinion, Panel
from jury.selectors.reminders import opinions_to_remind, seats_to_remind
from jury.services.panels import abandon_panel, recuse_seat
from jury.services.reminders import remind_juror, remind_professional
from members.models import Message
from members.selectors.messages import told
from tests.factories import make_user
from tests.inboxes import inbox, last_told
from tests.jury.conftest import CASE, Court, close, sitting, user_of, vote
from tests.jury.services.test_opinions import answers, ask, give
from tests.moving import move_clock, set_clock

pytestmark = pytest.mark.django_db

REMINDED = ["jury.summoned", "jury.quarter_left"]


def open_panel(court: Court, jurors: int = 3) -> Panel:
    court.add_jurors(jurors)
    panel = court.drawn()
    assert panel.drawn_at is not None
    set_clock(panel.drawn_at)
    return panel


def remind_all() -> list[bool]:
    """As the sweep does."""
    return [remind_juror(seat_id=pk) for pk in seats_to_remind()] + [
        remind_professional(opinion_id=pk) for pk in opinions_to_remind()
    ]


def test_a_quarter_of_the_time_before_the_close_those_who_have_not_voted_are_reminded(court: Court) -> None:
    voter, *silent = sitting(open_panel(court))
    vote(voter)
    move_clock(hours=18, seconds=-1)
    assert remind_all() == []
    move_clock(seconds=1)
    assert remind_all() == [True, True]
    assert inbox(user_of(voter)) == ["jury.summoned"]
    assert [inbox(user_of(seat)) for seat in silent] == [REMINDED] * 2


def test_a_juror_is_reminded_once_a_close(court: Court) -> None:
    panel = open_panel(court)
    juror = user_of(sitting(panel)[0])
    move_clock(hours=20)
    seat_ids = seats_to_remind()
    remind_all()
    assert seats_to_remind() == []
    assert [remind_juror(seat_id=pk) for pk in seat_ids] == [False] * 3
    move_clock(hours=4)
    close(panel)
    assert seats_to_remind() == []
    move_clock(hours=23)
    remind_all()
    assert inbox(juror) == [*REMINDED, "jury.extended", "jury.quarter_left"]


def test_a_juror_who_was_summoned_late_is_reminded_by_their_own_time(court: Court) -> None:
    panel = open_panel(court, 4)
    leaving = sitting(panel)[0]
    move_clock(hours=16)
    recuse_seat(seat_id=leaving.pk, reason="no_time", by=user_of(leaving))
    new = sitting(panel)[-1]
    move_clock(hours=5, minutes=59)
    assert new.pk not in seats_to_remind()
    move_clock(minutes=1)
    assert new.pk in seats_to_remind()


def test_nobody_is_reminded_of_what_was_done_since_the_sweep_looked(court: Court) -> None:
    panel = open_panel(court)
    voter, leaving, silent = sitting(panel)
    move_clock(hours=23)
    assert seats_to_remind() == [voter.pk, leaving.pk, silent.pk]
    vote(voter)
    recuse_seat(seat_id=leaving.pk, reason="no_time", by=user_of(leaving))
    assert not remind_juror(seat_id=voter.pk)
    assert not remind_juror(seat_id=leaving.pk)
    abandon_panel(panel_id=panel.pk, by=SYSTEM)
    assert not remind_juror(seat_id=silent.pk)
    assert not Message.objects.filter(kind="jury.quarter_left").exists()


def test_after_the_close_nobody_is_reminded(court: Court) -> None:
    seats = sitting(open_panel(court))
    move_clock(hours=24)
    assert seats_to_remind() == []
    assert not remind_juror(seat_id=seats[0].pk)


def test_the_log_does_not_show_who_was_reminded(court: Court) -> None:
    open_panel(court)
    move_clock(hours=20)
    before = Entry.objects.count()
    remind_all()
    assert Entry.objects.count() == before
    assert Message.objects.filter(kind="jury.quarter_left", entry=None).count() == 3


def test_a_reminder_says_until_when(court: Court) -> None:
    panel = open_panel(court)
    move_clock(hours=20)
    remind_all()
    message = last_told(user_of(sitting(panel)[0]))
    assert message.due_at == panel.closes_at
    assert told(message).subject == f"A quarter of your time to vote is left: case {CASE}"


def test_professionals_who_have_not_answered_are_reminded_once(court: Court) -> None:
    for _number in range(3):
        make_user(None, "professional")
    request = ask(court)
    set_clock(request.opened_at)
    first, *silent = Opinion.objects.filter(request=request).select_related("professional").order_by("pk")
    move_clock(hours=54, seconds=-1)
    assert opinions_to_remind() == []
    move_clock(seconds=1)
    assert opinions_to_remind() == [opinion.pk for opinion in (first, *silent)]
    give(first, answers(request))
    assert not remind_professional(opinion_id=first.pk)
    assert remind_all() == [True] * len(silent)
    assert remind_all() == []
    assert inbox(first.professional) == ["jury.opinion_asked"]
    assert inbox(silent[0].professional) == ["jury.opinion_asked", "jury.opinion_quarter_left"]
    move_clock(hours=18)
    assert not remind_professional(opinion_id=silent[0].pk)
