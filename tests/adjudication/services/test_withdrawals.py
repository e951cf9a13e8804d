"""A hospital withdraws a record under a claim: nothing speaks for the claim until somebody has noted what it means."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from adjudication.errors.claims import TextTooLong
from adjudication.errors.withdrawals import (
    NotForYouToNote,
    WithdrawalNoted,
    WithdrawalNoteMissing,
    WithdrawalUnknown,
    WithdrawalUnnoted,
)
from adjudication.models import Withdrawal
from adjudication.services.holds import lift_hold
from adjudication.services.withdrawals import LONGEST_NOTE, learn_withdrawal, note_withdrawal
from audit import clock
from audit.actors import SystemActor
from audit.models import Entry
from members.models import Message
from tests.adjudication.making import kinds, make_claim, make_withdrawal, record_all, signed, taken
from tests.adjudication.trials import Trial, make_trial
from tests.cast import Cast
from tests.moving import About

NOTE = "The ward says that the record was merged; the diagnosis stands."


@pytest.fixture
def judged(db: None) -> Trial:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    return trial


def test_it_is_learned_once_with_an_entry_that_names_nobody(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    withdrawal = make_withdrawal(claim)
    again = learn_withdrawal(
        claim=claim, plan=cast.plan, kind="entered_in_error", server="hospital.example/fhir", resource="Condition/c1",
        version="2", stated_at=None, told="what it says now", by=SystemActor("fhir-import"),
    )  # fmt: skip
    assert again is None
    assert kinds(claim)[-1] == "record.withdrawn"
    entry = Entry.objects.filter(stream=claim.stream).latest("pk")
    assert entry.body == {"withdrawal": withdrawal.pk, "kind": "entered_in_error"}


def test_what_identifies_the_record_is_encrypted(cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    with connection.cursor() as cursor:
        cursor.execute("SELECT server, resource FROM adjudication_withdrawal WHERE id = %s", [withdrawal.pk])
        stored = cursor.fetchone()
    assert "hospital" not in str(stored)
    assert "Condition" not in str(stored)
    assert Withdrawal.objects.get().resource == "Condition/c1"


def test_no_report_supports_the_claim_until_it_is_noted(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    withdrawal = make_withdrawal(claim)
    with pytest.raises(WithdrawalUnnoted, match=claim.ref):
        signed(investigation, cast.investigator)
    note_withdrawal(withdrawal_id=withdrawal.pk, note=f" {NOTE} ", by=cast.investigator)
    assert signed(investigation, cast.investigator).status == "signed"
    stored = Withdrawal.objects.get()
    assert (stored.note, stored.noted_by, stored.noted_at) == (NOTE, cast.investigator, About(clock.now()))
    assert "record.withdrawal_noted" in kinds(claim)


def test_a_report_against_the_claim_needs_no_note(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    make_withdrawal(claim)
    codes = [reason.code for reason in claim.plan_version.rules.reasons_for("rejected")]
    report = signed(investigation, cast.investigator, recommendation="against", reason_codes=codes[:1])
    assert report.status == "signed"


def test_a_verdict_for_the_claim_is_not_issued_until_it_is_noted(judged: Trial) -> None:
    withdrawal = make_withdrawal(judged.claim)
    with pytest.raises(WithdrawalUnnoted):
        judged.issue()
    assert judged.reload().status == "jury_review"
    note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=judged.cast.reviewer)
    assert judged.issue().outcome == "approved"


def test_the_database_approves_nothing_that_rests_on_an_unnoted_withdrawal(judged: Trial) -> None:
    make_withdrawal(judged.claim)
    with pytest.raises(DatabaseError, match="nobody has noted it"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE adjudication_claim SET status = 'approved', amount_minor = 1 WHERE id = %s", [judged.claim.pk]
        )


def test_an_approved_claim_is_held_until_it_is_noted(judged: Trial) -> None:
    judged.issue()
    withdrawal = make_withdrawal(judged.claim)
    assert "医院" in judged.reload().hold_reason
    with pytest.raises(WithdrawalUnnoted):
        lift_hold(claim_ref=judged.claim.ref, by=judged.cast.reviewer)
    note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=judged.cast.reviewer)
    lift_hold(claim_ref=judged.claim.ref, by=judged.cast.reviewer)
    assert judged.reload().hold_reason == ""


def test_it_is_noted_once(cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=cast.reviewer)
    with pytest.raises(WithdrawalNoted):
        note_withdrawal(withdrawal_id=withdrawal.pk, note="Something else.", by=cast.other_reviewer)
    assert Withdrawal.objects.get().note == NOTE


@pytest.mark.parametrize("who", ["member", "other_investigator", "auditor", "outsider", "professional"])
def test_nobody_else_notes_it(cast: Cast, who: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    withdrawal = make_withdrawal(claim)
    with pytest.raises(NotForYouToNote):
        note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=getattr(cast, who))


def test_an_investigator_notes_it_only_until_the_report_is_signed(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator)
    withdrawal = make_withdrawal(claim)
    with pytest.raises(NotForYouToNote):
        note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=cast.investigator)
    note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=cast.reviewer)


@pytest.mark.parametrize(
    ("note", "error"),
    [("", WithdrawalNoteMissing), ("  ", WithdrawalNoteMissing), ("x" * (LONGEST_NOTE + 1), TextTooLong)],
)
def test_a_note_says_something_and_not_too_much(cast: Cast, note: str, error: type[Exception]) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    with pytest.raises(error):
        note_withdrawal(withdrawal_id=withdrawal.pk, note=note, by=cast.reviewer)


def test_one_without_a_claim_is_for_nobody_to_note(cast: Cast) -> None:
    withdrawal = make_withdrawal(None, cast.plan)
    for pk in (withdrawal.pk, withdrawal.pk + 1):
        with pytest.raises(WithdrawalUnknown):
            note_withdrawal(withdrawal_id=pk, note=NOTE, by=cast.reviewer)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM adjudication_withdrawal",
        "UPDATE adjudication_withdrawal SET kind = 'changed'",
        "UPDATE adjudication_withdrawal SET learned_at = learned_at + interval '1 day'",
        "UPDATE adjudication_withdrawal SET claim_id = NULL",
    ],
)
def test_what_was_learned_stays(cast: Cast, statement: str) -> None:
    make_withdrawal(make_claim(cast.membership, cast.member))
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_table_is_never_emptied(db: None) -> None:
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE adjudication_withdrawal")


def test_a_note_stays(cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    note_withdrawal(withdrawal_id=withdrawal.pk, note=NOTE, by=cast.reviewer)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Withdrawal.objects.update(noted_by=cast.other_reviewer)


def test_those_who_have_to_note_it_are_told(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    make_withdrawal(claim)
    found = Message.objects.filter(kind__startswith="adjudication.record_withdrawn")
    assert {one.kind for one in found} == {"adjudication.record_withdrawn"}
    assert {one.to_user for one in found} == {cast.reviewer, cast.other_reviewer}


def test_the_investigator_who_has_the_claim_is_told_alone(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    make_withdrawal(claim)
    [message] = Message.objects.filter(kind__startswith="adjudication.record_withdrawn")
    assert (message.kind, message.to_user) == ("adjudication.record_withdrawn_investigation", cast.investigator)
