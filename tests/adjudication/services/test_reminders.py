"""Reminders of applicants and investigators, and the sweep that sends them all."""

from __future__ import annotations

import pytest

from adjudication.models import Investigation
from adjudication.selectors.reminders import answers_to_remind, investigations_near, investigations_passed
from adjudication.services.answers import JURY, answer_report
from adjudication.services.holds import lift_hold, place_hold
from adjudication.services.reminders import remind_applicant, warn_investigator
from adjudication.tasks import sweep_deadlines
from audit.models import SweepRun
from members.models import Message
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.adjudication.services.test_answers import answer_of, asked_trial
from tests.adjudication.trials import Trial, at_vote, juror_of
from tests.bent import bend
from tests.cast import Cast
from tests.inboxes import inbox, last_told
from tests.moving import move_clock, set_clock

pytestmark = pytest.mark.django_db

REMINDER = "adjudication.answer_quarter_left"


def in_last_quarter(trial: Trial) -> None:
    answer = answer_of(trial)
    assert answer.runs_from is not None
    set_clock(answer.due_at - (answer.due_at - answer.runs_from) / 4)


def test_an_applicant_is_reminded_once_in_the_last_quarter() -> None:
    trial = asked_trial()
    in_last_quarter(trial)
    move_clock(seconds=-1)
    assert answers_to_remind() == []
    move_clock(seconds=1)
    assert answers_to_remind() == [answer_of(trial).pk]
    assert remind_applicant(answer_id=answer_of(trial).pk)
    assert answers_to_remind() == []
    assert not remind_applicant(answer_id=answer_of(trial).pk)
    assert inbox(trial.cast.member)[-1] == REMINDER
    assert last_told(trial.cast.member).due_at == answer_of(trial).due_at


def test_who_has_answered_since_the_sweep_looked_is_not_reminded() -> None:
    trial = asked_trial()
    in_last_quarter(trial)
    (pk,) = answers_to_remind()
    answer_report(claim_ref=trial.claim.ref, choice=JURY, by=trial.cast.member)
    assert not remind_applicant(answer_id=pk)


def test_on_hold_nobody_is_reminded_and_afterwards_by_the_new_time() -> None:
    trial = asked_trial()
    in_last_quarter(trial)
    remind_applicant(answer_id=answer_of(trial).pk)
    place_hold(claim_ref=trial.claim.ref, reason="A letter came back.", by=trial.cast.reviewer)
    move_clock(days=1)
    assert answers_to_remind() == []
    assert not remind_applicant(answer_id=answer_of(trial).pk)
    move_clock(days=60)
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    assert answers_to_remind() == []
    in_last_quarter(trial)
    assert remind_applicant(answer_id=answer_of(trial).pk)
    assert inbox(trial.cast.member).count(REMINDER) == 2


def test_after_the_end_of_the_time_nobody_is_reminded() -> None:
    trial = asked_trial()
    set_clock(answer_of(trial).due_at)
    assert answers_to_remind() == []
    assert not remind_applicant(answer_id=answer_of(trial).pk)


def test_an_answer_of_an_earlier_release_is_reminded_by_when_it_was_asked() -> None:
    trial = asked_trial()
    in_last_quarter(trial)
    answer = answer_of(trial)
    answer.runs_from = None
    bend(answer)
    assert answers_to_remind() == [answer.pk]
    assert remind_applicant(answer_id=answer.pk)


def at_work(cast: Cast) -> Investigation:
    return taken(make_claim(cast.membership, cast.member), cast.investigator)


def warn_all() -> list[bool]:
    found = [*investigations_near(), *investigations_passed()]
    return [warn_investigator(investigation_id=pk) for pk in found]


def test_an_investigator_is_warned_as_the_plan_says_and_again_when_it_is_late(cast: Cast) -> None:
    investigation = at_work(cast)
    set_clock(investigation.due_at)
    move_clock(days=-7, seconds=-1)
    assert warn_all() == []
    assert not warn_investigator(investigation_id=investigation.pk)
    move_clock(seconds=1)
    assert warn_all() == [True]
    assert warn_all() == []
    set_clock(investigation.due_at)
    assert warn_all() == [True]
    move_clock(days=30)
    assert warn_all() == []
    assert inbox(cast.investigator) == ["adjudication.investigation_near", "adjudication.investigation_passed"]
    assert inbox(cast.other_investigator) == []


def test_what_nobody_has_taken_warns_nobody(cast: Cast) -> None:
    make_claim(cast.membership, cast.member)
    move_clock(days=40)
    assert warn_all() == []


def test_who_takes_what_is_overdue_already_is_not_told_so(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    move_clock(days=40)
    taken(claim, cast.investigator)
    assert warn_all() == []


def test_a_signed_report_and_a_claim_on_hold_warn_nobody(cast: Cast) -> None:
    investigation = at_work(cast)
    place_hold(claim_ref=investigation.claim.ref, reason="A letter came back.", by=cast.reviewer)
    set_clock(investigation.due_at)
    move_clock(days=-1)
    assert warn_all() == []
    assert not warn_investigator(investigation_id=investigation.pk)
    lift_hold(claim_ref=investigation.claim.ref, by=cast.reviewer)
    assert investigations_near() == [investigation.pk]
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator)
    assert not warn_investigator(investigation_id=investigation.pk)
    assert investigations_near() == []


def test_the_sweep_of_deadlines_reminds_everyone_who_is_to_be_reminded() -> None:
    trial = at_vote()
    silent = trial.seats[0]
    move_clock(hours=20)
    sweep_deadlines()
    assert inbox(juror_of(silent)) == ["jury.summoned", "jury.quarter_left"]
    written = Message.objects.count()
    sweep_deadlines()
    assert Message.objects.count() == written
    assert SweepRun.objects.get(task="adjudication.sweep_deadlines").failed == 0
