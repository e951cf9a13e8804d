"""Entering and leaving the pool."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.utils import timezone

from audit import clock
from audit.actors import SYSTEM
from audit.errors import NotAllowed
from audit.models import Entry
from jury.access import is_juror
from jury.errors.jurors import AlreadyJuror, ExamNotPassed, JurorLapsed, NotQualified
from jury.exam import QUESTIONS, wrong_answers
from jury.models import Juror, Seat
from jury.services.jurors import lapse_juror, qualify_juror, sit_exam
from members.digests import hospital_digest
from members.models import Membership
from tests.bent import bend
from tests.factories import make_grant, make_membership, make_person, make_user
from tests.jury.conftest import Court, sitting
from tests.moving import move_clock

RIGHT = {question.code: question.right for question in QUESTIONS}


def member(court: Court, *, days: int = 730, born_on: dt.date = dt.date(1985, 5, 17), **fields: object) -> Membership:
    fields.setdefault("user", make_user())
    return make_membership(court.plan, make_person(born_on=born_on, **fields), clock.now() - dt.timedelta(days=days))


def qualify(membership: Membership) -> Juror:
    return qualify_juror(membership=membership, exam_passed_at=clock.now(), by=SYSTEM)


def test_numbers_are_given_in_order_and_logged_with_a_digest_that_only_the_person_opens(court: Court) -> None:
    first, second = qualify(member(court)), qualify(member(court))
    assert (first.number, second.number) == (1, 2)
    entry = Entry.objects.get(stream=f"juror:{court.plan.code}/2")
    assert entry.kind == "juror.qualified"
    text = f"{entry.body['salt']}:{second.person.public_id}"
    assert entry.body["person"] == hashlib.sha256(text.encode()).hexdigest()
    assert second.person.name not in str(entry.body)


def test_passing_the_exam_gives_the_number(court: Court) -> None:
    membership = member(court)
    juror = sit_exam(membership=membership, answers=RIGHT, by=membership.person.user, hospital=" first  hospital")
    assert juror.hospital_digest == hospital_digest("First Hospital")
    assert is_juror(membership.person.user)


def test_one_wrong_answer_fails_and_may_be_tried_again(court: Court) -> None:
    membership = member(court)
    with pytest.raises(ExamNotPassed) as failed:
        sit_exam(membership=membership, answers=RIGHT | {"secrecy": "staff"}, by=membership.person.user)
    assert failed.value.wrong == ("secrecy",)
    assert not Juror.objects.exists()
    assert sit_exam(membership=membership, answers=RIGHT, by=membership.person.user).number == 1


def test_every_question_has_its_right_answer_among_those_offered_in_both_languages() -> None:
    assert wrong_answers({}) == tuple(question.code for question in QUESTIONS)
    assert len(QUESTIONS) == 5
    for question in QUESTIONS:
        assert question.right in {answer.code for answer in question.answers}
        for text in (question.text, question.explanation, *(answer.text for answer in question.answers)):
            assert text.en
            assert text.zh


@pytest.mark.parametrize(("days", "is_long_enough"), [(28, False), (29, True)])
def test_tenure_counts_the_day_of_joining_as_day_one(court: Court, days: int, is_long_enough: bool) -> None:
    membership = member(court, days=days)
    if is_long_enough:
        assert qualify(membership).number == 1
    else:
        with pytest.raises(NotQualified, match="30 days"):
            qualify(membership)


def test_a_juror_is_an_adult(court: Court) -> None:
    today = timezone.localdate(clock.now())
    with pytest.raises(NotQualified, match="18 years"):
        qualify(member(court, born_on=today.replace(year=today.year - 17, day=1)))


def test_a_membership_that_has_ended_gives_no_number(court: Court) -> None:
    membership = member(court)
    membership.left_at, membership.end_reason = clock.now(), "left"
    bend(membership)
    with pytest.raises(NotQualified, match="in force"):
        qualify(membership)


def test_staff_of_the_plan_are_never_in_the_pool(court: Court) -> None:
    membership = member(court)
    make_grant(membership.person.user, "professional")
    with pytest.raises(NotQualified, match="work for the plan"):
        qualify(membership)


def test_a_juror_needs_a_log_in(court: Court) -> None:
    with pytest.raises(NotQualified, match="log-in"):
        qualify(member(court, user=None))


def test_nobody_qualifies_somebody_else(court: Court) -> None:
    membership = member(court)
    with pytest.raises(NotAllowed):
        qualify_juror(membership=membership, exam_passed_at=clock.now(), by=make_user(None, "reviewer"))


def test_an_exam_is_not_passed_in_the_future(court: Court) -> None:
    with pytest.raises(NotQualified, match="future"):
        qualify_juror(membership=member(court), exam_passed_at=clock.now() + dt.timedelta(hours=1), by=SYSTEM)


def test_a_number_is_given_once(court: Court) -> None:
    membership = member(court)
    juror = qualify(membership)
    with pytest.raises(AlreadyJuror, match="1"):
        qualify(membership)
    lapse_juror(juror_id=juror.pk, by=membership.person.user)
    with pytest.raises(JurorLapsed):
        qualify(membership)
    assert Juror.objects.count() == 1


def test_leaving_the_pool_gives_up_open_seats(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    leaving = sitting(panel)[0]
    lapse_juror(juror_id=leaving.juror_id, by=leaving.juror.person.user)
    assert Seat.objects.get(pk=leaving.pk).recusal_reason == "lapsed"
    assert len(sitting(panel)) == 3
    assert not is_juror(leaving.juror.person.user)
    move_clock(hours=1)
    again = lapse_juror(juror_id=leaving.juror_id, by=SYSTEM)
    assert again.lapsed_at == Juror.objects.get(pk=leaving.juror_id).lapsed_at
    assert Entry.objects.filter(kind="juror.lapsed").count() == 1
