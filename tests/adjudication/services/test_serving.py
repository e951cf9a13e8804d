"""Nobody's silence counts before the question has reached them, and no claim rests without somebody who knows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from adjudication.errors.answers import NoAnswerAwaited, NoSuchNotice, OwnNotice
from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.models import Answer
from adjudication.selectors.due import claims_due
from adjudication.selectors.serving import answers_to_serve
from adjudication.services.answers import due_from
from adjudication.services.holds import lift_hold, place_hold
from adjudication.services.serving import record_contact
from adjudication.tasks import sweep_deadlines
from audit import clock
from audit.models import Entry
from audit.rooms import all_waiting
from members.errors.messages import AttemptUnfit
from members.errors.roles import ReviewersOnly
from members.models import ContactAttempt, Delivery, Message, User
from members.services.deliveries import report
from members.services.messages import read
from tests.adjudication.closeness import KINDS
from tests.adjudication.making import kinds
from tests.adjudication.services.test_answers import answer_of, asked_trial, say
from tests.adjudication.trials import Trial
from tests.bent import bend
from tests.factories import make_grant
from tests.members.serving import bounce, notices, send
from tests.moving import About, move_clock

pytestmark = pytest.mark.django_db
WORDS = "I called twice, and nobody answered."


@pytest.fixture(autouse=True)
def _texts(settings: Any, tmp_path: Path) -> None:
    settings.TEXT_FILE_PATH = tmp_path


def notice_of(trial: Trial, kind: str = "answer.asked") -> Message:
    (found,) = notices(trial.claim.stream, kind)
    return found


def without_phone(trial: Trial) -> Trial:
    person = trial.claim.membership.person
    person.phone = ""
    bend(person)
    return trial


def attempt(trial: Trial, *, reached: bool = False, kind: str = "answer.asked") -> Answer:
    return record_contact(
        public_id=notice_of(trial, kind).public_id,
        how="call",
        was_reached=reached,
        words=WORDS,
        by=trial.cast.reviewer,
    )


def extended(trial: Trial) -> list[Any]:
    return [one.body["reason"] for one in Entry.objects.filter(kind="answer.extended", stream=trial.claim.stream)]


def messages_to(user: User, kind: str) -> int:
    return Message.objects.filter(to_user=user, kind=kind).count()


def test_a_mail_that_was_taken_serves_the_notice_and_the_time_stays() -> None:
    trial = asked_trial()
    due = answer_of(trial).due_at
    send(notice_of(trial))
    sweep_deadlines()
    answer = answer_of(trial)
    assert (answer.served_by, answer.served_at) == ("taken", About(clock.now()))
    assert (answer.due_at, extended(trial)) == (due, [])
    assert kinds(trial.claim).count("answer.served") == 1
    sweep_deadlines()
    assert kinds(trial.claim).count("answer.served") == 1


def test_silence_has_no_consequence_while_nothing_was_sent() -> None:
    trial = asked_trial()
    move_clock(days=60)
    trial.advance()
    sweep_deadlines()
    assert answer_of(trial).status == "asked"
    assert trial.claim.status == "investigated"
    assert claims_due() == []
    move_clock(hours=2)
    assert claims_due() == [trial.claim.pk]


def test_an_applicant_who_was_not_reached_can_still_answer_after_the_time() -> None:
    trial = asked_trial()
    move_clock(days=60)
    assert say(trial, "jury").status == "jury"


def test_time_runs_from_the_day_on_which_the_mail_went_out() -> None:
    trial = asked_trial()
    asked_at = answer_of(trial).asked_at
    move_clock(days=2)
    send(notice_of(trial))
    sweep_deadlines()
    answer = answer_of(trial)
    assert answer.due_at == due_from(trial.claim, asked_at + dt.timedelta(days=2))
    assert extended(trial) == ["served_later"]
    assert messages_to(trial.cast.member, "adjudication.answer_extended") == 1
    move_clock(days=10)
    sweep_deadlines()
    assert answer_of(trial).status == "asked"
    move_clock(days=1)
    sweep_deadlines()
    assert answer_of(trial).status == "silent"


def test_opening_the_message_serves_it_whatever_the_mail_does() -> None:
    trial = asked_trial()
    read(message=notice_of(trial), by=trial.cast.member)
    sweep_deadlines()
    assert answer_of(trial).served_by == "opened"


def test_a_bounce_sends_a_text_and_its_taking_serves() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    bounce(notice_of(trial))
    text = Delivery.objects.get(message=notice_of(trial), channel="text")
    assert text.status == "waiting"
    send(notice_of(trial))
    sweep_deadlines()
    assert answer_of(trial).served_by == "taken"
    assert not messages_to(trial.cast.reviewer, "adjudication.not_reached")


def test_a_bounce_within_the_time_starts_it_again_once() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    move_clock(days=5)
    bounce(notice_of(trial))
    sweep_deadlines()
    first = answer_of(trial)
    assert (first.restarts, first.served_at, first.served_by) == (1, None, "")
    assert first.due_at == due_from(trial.claim, clock.now())
    assert extended(trial) == ["came_back"]
    send(notice_of(trial))
    sweep_deadlines()
    assert answer_of(trial).served_by == "taken"
    move_clock(days=5)
    bounce(notice_of(trial), "text")
    sweep_deadlines()
    second = answer_of(trial)
    assert (second.restarts, second.due_at, second.served_at) == (1, first.due_at, None)
    assert extended(trial) == ["came_back"]
    assert kinds(trial.claim).count("answer.unserved") == 2
    move_clock(days=30)
    sweep_deadlines()
    assert answer_of(trial).status == "asked"


def test_a_bounce_after_the_time_but_before_the_sweep_prevents_the_consequence() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    move_clock(days=12)
    bounce(notice_of(trial))
    trial.advance()
    assert answer_of(trial).status == "asked"
    assert answer_of(trial).due_at > clock.now()


def test_an_answer_that_came_back_takes_the_service_away_until_it_is_opened() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    report(delivery=notice_of(trial).deliveries.get(), says="delayed", source="bounce", code="reply")
    sweep_deadlines()
    assert answer_of(trial).served_by == ""
    read(message=notice_of(trial), by=trial.cast.member)
    sweep_deadlines()
    assert answer_of(trial).served_by == "opened"


def test_staff_are_told_once_that_nobody_was_reached_and_silence_waits_for_them() -> None:
    trial = without_phone(asked_trial())
    send(notice_of(trial))
    bounce(notice_of(trial))
    for _again in range(2):
        sweep_deadlines()
    assert messages_to(trial.cast.reviewer, "adjudication.not_reached") == 1
    assert "1 applicant was not reached" in [one.words for one in all_waiting(trial.cast.reviewer)]
    move_clock(days=60)
    sweep_deadlines()
    assert answer_of(trial).status == "asked"


def test_both_channels_and_an_attempt_serve_in_the_inbox_with_twice_the_time() -> None:
    trial = without_phone(asked_trial())
    send(notice_of(trial))
    bounce(notice_of(trial))
    sweep_deadlines()
    move_clock(days=3)
    answer = attempt(trial)
    assert (answer.served_by, answer.served_at) == ("inbox", About(clock.now()))
    assert answer.due_at == due_from(trial.claim, clock.now(), 2)
    assert "served_later" in extended(trial)
    move_clock(days=20)
    sweep_deadlines()
    assert answer_of(trial).status == "asked"
    move_clock(days=1)
    sweep_deadlines()
    assert answer_of(trial).status == "silent"


def test_a_person_who_was_told_has_the_full_time_from_there() -> None:
    trial = without_phone(asked_trial())
    send(notice_of(trial))
    bounce(notice_of(trial))
    move_clock(days=3)
    answer = attempt(trial, reached=True)
    assert (answer.served_by, answer.due_at) == ("told", due_from(trial.claim, clock.now()))


def test_after_14_days_an_attempt_is_enough_though_the_mail_still_waits() -> None:
    trial = asked_trial()
    asked_at = notice_of(trial).written_at
    move_clock(days=1)
    assert attempt(trial).served_at is None
    move_clock(days=12)
    sweep_deadlines()
    assert answer_of(trial).served_at is None
    move_clock(days=1, minutes=1)
    sweep_deadlines()
    answer = answer_of(trial)
    assert (answer.served_by, answer.served_at) == ("inbox", asked_at + dt.timedelta(days=14))


def test_an_attempt_is_an_entry_without_its_words() -> None:
    trial = asked_trial()
    attempt(trial)
    entry = Entry.objects.get(kind="contact.attempted")
    assert entry.body == {"how": "call", "was_reached": False}
    assert WORDS not in str(entry.body)
    assert ContactAttempt.objects.get().words == WORDS


def test_who_may_record_an_attempt_and_about_what() -> None:
    trial = asked_trial()
    public_id = notice_of(trial).public_id
    given: dict[str, Any] = {"public_id": public_id, "how": "call", "was_reached": False, "words": WORDS}
    for outsider in (trial.cast.auditor, trial.cast.investigator):
        with pytest.raises(ReviewersOnly):
            record_contact(**given, by=outsider)
    make_grant(trial.cast.member, "reviewer")
    with pytest.raises(OwnNotice):
        record_contact(**given, by=User.objects.get(pk=trial.cast.member.pk))
    other = Message.objects.exclude(public_id=public_id).exclude(entry__kind="answer.asked").first()
    assert other is not None
    with pytest.raises(NoSuchNotice):
        record_contact(**(given | {"public_id": other.public_id}), by=trial.cast.reviewer)
    for wrong in ({"how": "owl"}, {"words": "no"}, {"words": "x" * 1001}):
        with pytest.raises(AttemptUnfit):
            record_contact(**(given | wrong), by=trial.cast.reviewer)
    assert not ContactAttempt.objects.exists()
    say(trial, "jury")
    with pytest.raises(NoAnswerAwaited):
        record_contact(**given, by=trial.cast.reviewer)


def test_a_hold_stops_everything_and_after_it_a_new_notice_must_be_served() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    place_hold(claim_ref=trial.claim.ref, reason="documents missing", by=trial.cast.reviewer)
    bounce(notice_of(trial))
    assert answers_to_serve() == []
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    answer = answer_of(trial)
    assert (answer.served_at, answer.served_by, answer.restarts) == (None, "", 0)
    assert answer.notice_entry_id == notice_of(trial, "answer.renewed").entry_id
    move_clock(days=30)
    sweep_deadlines()
    assert answer_of(trial).status == "asked"
    send(notice_of(trial, "answer.renewed"))
    sweep_deadlines()
    assert answer_of(trial).served_by == "taken"


def test_one_who_was_asked_by_an_earlier_release_is_asked_again() -> None:
    trial = asked_trial()
    Answer.objects.update(notice_entry=None)
    due = answer_of(trial).due_at
    move_clock(days=20)
    sweep_deadlines()
    answer = answer_of(trial)
    assert (answer.status, answer.due_at > due) == ("asked", True)
    send(notice_of(trial, "answer.extended"))
    sweep_deadlines()
    assert answer_of(trial).served_by == "taken"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "silent"},
        {"status": "silent", "served_by": "older"},
        {"status": "silent", "served_by": "taken"},
        {"restarts": 2},
        {"served_by": "older"},
        {"served_by": "taken"},
    ],
)
def test_the_database_counts_no_silence_before_a_served_notice(change: dict[str, Any]) -> None:
    answer = answer_of(asked_trial())
    if "status" in change:
        change = change | {"ended_at": answer.due_at + dt.timedelta(days=1)}
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(**change)


def test_the_database_counts_no_silence_before_the_time_is_over() -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    answer = answer_of(trial)
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(status="silent", ended_at=clock.now())


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_close_to_the_applicant_records_no_attempt(kind: str) -> None:
    trial = asked_trial()
    KINDS[kind][1](trial.claim, trial.cast.reviewer)
    trial.claim.refresh_from_db()
    with pytest.raises((ConflictOfInterest, OwnNotice)):
        attempt(trial)
    assert not ContactAttempt.objects.exists()
