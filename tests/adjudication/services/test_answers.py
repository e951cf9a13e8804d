"""Where the jury is for disputed claims: nobody is rejected on a report without having been asked."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from adjudication.errors.answers import AnswerTooLate, AnswerUnknown, NoAnswerAwaited
from adjudication.errors.claims import NotYourClaim
from adjudication.errors.decisions import NothingToDecide
from adjudication.models import Answer, Claim
from adjudication.selectors.answers import answers_awaited, latest_answer
from adjudication.selectors.due import claims_due
from adjudication.services.answers import answer_report
from adjudication.services.claims import withdraw_claim
from adjudication.services.holds import lift_hold, place_hold
from adjudication.services.investigations import return_report
from adjudication.tasks import sweep_deadlines
from audit import clock
from audit.errors import DomainError
from members.rules.dates import local_day
from tests.adjudication.making import kinds, record_all, signed, taken
from tests.adjudication.trials import AGAINST, DISPUTED, NONE_BINDS, Trial, make_trial, small_cast
from tests.members.serving import notices, send
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def asked_trial(**changed: str) -> Trial:
    """A claim that the investigator would reject, whose applicant is asked."""
    trial = make_trial(small_cast(DISPUTED | changed), report=AGAINST, jurors=3)
    assert trial.advance() == "investigated"
    return trial


def served(trial: Trial) -> Trial:
    """The applicant's mail has gone out, so that their time runs."""
    send(*notices(trial.claim.stream))
    trial.advance()
    return trial


def answer_of(trial: Trial) -> Answer:
    found = latest_answer(trial.claim)
    assert found is not None
    return found


def say(trial: Trial, choice: str) -> Answer:
    return answer_report(claim_ref=trial.claim.ref, choice=choice, by=trial.cast.member)


def test_the_applicant_is_asked_and_has_until_the_end_of_the_last_day() -> None:
    trial = asked_trial()
    answer = answer_of(trial)
    assert (answer.status, answer.ended_at) == ("asked", None)
    zone = trial.claim.plan.timezone
    assert local_day(answer.due_at, zone) == local_day(answer.asked_at, zone) + dt.timedelta(days=11)
    assert answer.due_at.astimezone(dt.UTC).hour == 16  # 00:00 in Shanghai
    assert trial.claim.due_at == answer.due_at
    assert not trial.claim.hearings.exists()
    assert list(answers_awaited(trial.cast.member)) == [answer]
    assert not answers_awaited(trial.cast.outsider).exists()
    assert claims_due() == []
    with pytest.raises(NothingToDecide):
        trial.issue()


def test_asked_once_however_often_the_claim_is_moved() -> None:
    trial = asked_trial()
    trial.advance()
    sweep_deadlines()
    assert kinds(trial.claim).count("answer.asked") == Answer.objects.count() == 1


def test_an_applicant_who_asks_for_the_jury_gets_it() -> None:
    trial = asked_trial()
    assert say(trial, "jury").status == "jury"
    assert trial.advance() == "jury_review"
    assert (trial.hearing.round, trial.hearing.kind) == (1, "first")
    assert trial.draw()
    trial.vote("aaa")
    assert trial.issue().basis["rule"] == "decision_table"


def test_an_applicant_who_disputed_once_is_not_asked_again_when_the_doctors_send_the_claim_back() -> None:
    trial = asked_trial()
    say(trial, "jury")
    trial.advance()
    trial.draw()
    assert trial.vote("sss") == "second_opinion"
    assert trial.opine("unsure") == "under_investigation"
    investigation = taken(trial.claim, trial.cast.investigator)
    record_all(investigation, trial.cast.investigator)
    signed(investigation, trial.cast.investigator, **AGAINST)
    assert trial.advance() == "jury_review"
    assert trial.hearing.round == 2
    assert Answer.objects.count() == 1


def test_an_accepted_rejection_is_issued_by_a_reviewer_with_the_report_s_reasons() -> None:
    trial = asked_trial()
    say(trial, "accepted")
    assert trial.advance() == "investigated"
    assert trial.claim.due_at is None
    decision = trial.issue()
    assert decision.outcome == "rejected"
    assert decision.basis == {"rule": "uncontested", "recommendation": "against", "answer": "accepted"}
    assert "not_proved" in decision.reason_codes
    assert (trial.claim.status, decision.hearing) == ("rejected", None)
    assert kinds(trial.claim)[-3:] == ["answer.asked", "answer.given", "decision.issued"]


def test_no_answer_counts_as_consent_after_the_deadline_and_not_before() -> None:
    trial = served(asked_trial())
    move_clock(days=10)
    assert trial.advance() == "investigated"
    assert answer_of(trial).status == "asked"
    move_clock(days=1)
    assert claims_due() == [trial.claim.pk]
    sweep_deadlines()
    assert (answer_of(trial).status, answer_of(trial).answered_by) == ("silent", None)
    with pytest.raises(NoAnswerAwaited):
        say(trial, "jury")
    trial.reload()
    assert trial.issue().basis["answer"] == "silent"
    assert trial.claim.status == "rejected"


def test_an_answer_after_the_deadline_is_refused_even_before_the_sweep() -> None:
    trial = served(asked_trial())
    move_clock(days=11.1)
    with pytest.raises(AnswerTooLate, match="no answer counts as consent"):
        say(trial, "jury")
    assert answer_of(trial).status == "asked"


@pytest.mark.parametrize("choice", ["", "silent", "asked", "void", "Jury"])
def test_there_are_two_answers(choice: str) -> None:
    trial = asked_trial()
    with pytest.raises(AnswerUnknown, match="jury, accepted"):
        say(trial, choice)
    assert answer_of(trial).status == "asked"


def test_only_the_applicant_answers_and_once() -> None:
    trial = asked_trial()
    for other in (trial.cast.outsider, trial.cast.reviewer, trial.cast.investigator):
        with pytest.raises(NotYourClaim):
            answer_report(claim_ref=trial.claim.ref, choice="jury", by=other)
    say(trial, "accepted")
    with pytest.raises(NoAnswerAwaited):
        say(trial, "jury")


def test_nobody_is_asked_where_report_and_rules_support_the_claim() -> None:
    trial = make_trial(small_cast(DISPUTED))
    trial.advance()
    assert not Answer.objects.exists()
    with pytest.raises(NoAnswerAwaited):
        say(trial, "jury")


def test_a_supported_claim_for_which_the_rules_give_no_aid_is_not_rejected_without_asking() -> None:
    """Common cold: the investigator supports it, and no condition of the plan holds it."""
    trial = make_trial(small_cast(DISPUTED | NONE_BINDS), jurors=3, icd10="J00")
    assert trial.advance() == "investigated"
    assert answer_of(trial).status == "asked"
    say(trial, "accepted")
    trial.advance()
    assert trial.issue().outcome == "rejected"


def test_where_every_claim_goes_before_a_jury_nobody_is_asked() -> None:
    trial = make_trial(report=AGAINST, jurors=3)
    assert trial.advance() == "jury_review"
    assert not Answer.objects.exists()


def test_after_a_return_the_old_question_is_void_and_the_next_report_asks_again() -> None:
    trial = asked_trial()
    return_report(claim_ref=trial.claim.ref, reason="The second hospital is missing.", by=trial.cast.reviewer)
    assert Answer.objects.get().status == "void"
    with pytest.raises(NoAnswerAwaited):
        say(trial, "accepted")
    assert trial.investigate_again() == "investigated"  # this report supports the claim
    assert Answer.objects.count() == 1
    assert trial.issue().outcome == "approved"


def test_consent_to_one_report_does_not_cover_the_next() -> None:
    trial = asked_trial()
    say(trial, "accepted")
    return_report(claim_ref=trial.claim.ref, reason="The second hospital is missing.", by=trial.cast.reviewer)
    assert Answer.objects.get().status == "accepted"
    trial.reload()
    with pytest.raises(DomainError):
        trial.issue()


def test_a_claim_that_is_withdrawn_waits_for_no_answer() -> None:
    trial = asked_trial()
    withdraw_claim(claim_ref=trial.claim.ref, by=trial.cast.member)
    assert Answer.objects.get().status == "void"
    assert "answer.voided" in kinds(trial.claim)


def test_a_hold_stops_the_time_but_not_the_answer() -> None:
    trial = asked_trial()
    place_hold(claim_ref=trial.claim.ref, reason="A letter came back.", by=trial.cast.reviewer)
    move_clock(days=20)
    assert sweep_deadlines() == 0
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    answer = answer_of(trial)
    assert answer.status == "asked"
    assert answer.due_at > clock.now() + dt.timedelta(days=10)
    assert trial.reload().due_at == answer.due_at
    place_hold(claim_ref=trial.claim.ref, reason="Another.", by=trial.cast.reviewer)
    move_clock(days=30)
    assert say(trial, "jury").status == "jury"


# -------- What the database refuses, whatever the code does -----------------------------------------------------------
def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


def test_the_database_refuses_a_second_answer_and_a_rejection_without_one() -> None:
    trial = asked_trial()
    pk = answer_of(trial).pk
    assert refused(f"UPDATE adjudication_claim SET status = 'rejected' WHERE id = {trial.claim.pk}")
    assert refused(f"UPDATE adjudication_answer SET status = 'silent' WHERE id = {pk}")  # without a moment
    assert refused(f"DELETE FROM adjudication_answer WHERE id = {pk}")
    say(trial, "jury")
    assert refused(f"UPDATE adjudication_answer SET status = 'accepted' WHERE id = {pk}")
    assert refused(f"UPDATE adjudication_answer SET due_at = due_at + interval '1 day' WHERE id = {pk}")
    assert refused(f"UPDATE adjudication_claim SET status = 'rejected' WHERE id = {trial.claim.pk}")
    trial.advance()
    assert trial.claim.status == "jury_review"


def test_the_database_refuses_an_answer_where_none_is_awaited() -> None:
    trial = make_trial(jurors=3)
    trial.advance()
    investigation = trial.claim.investigations.get()
    assert refused(
        "INSERT INTO adjudication_answer (investigation_id, status, asked_at, due_at) "
        f"VALUES ({investigation.pk}, 'asked', assize_now(), assize_now() + interval '1 day')"
    )


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_leave_one_whatever_the_sweep_does_beside_them() -> None:
    trial = asked_trial()
    found: list[str] = []
    barrier = threading.Barrier(3)

    def act(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            what()
        except DomainError as error:
            found.append(type(error).__name__)
        finally:
            connection.close()

    acts: list[Callable[[], object]] = [
        lambda: say(trial, "jury"),
        lambda: say(trial, "accepted"),
        sweep_deadlines,
    ]
    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["NoAnswerAwaited"]
    assert answer_of(trial).status in {"jury", "accepted"}
    assert kinds(Claim.objects.get()).count("answer.given") == 1
