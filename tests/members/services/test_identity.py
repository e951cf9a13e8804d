"""Doubts about identity numbers: noticed when somebody is registered, settled by a reviewer with a reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from members.errors.identity import IdentityAnswerUnknown, IdentityReasonUnfit, IdentitySettled
from members.errors.roles import ReviewersOnly
from members.errors.unmaskings import OwnHousehold
from members.models import IdentityQuestion, Membership, Person
from members.selectors.identity import identity_questions_visible_to, is_identity_settled
from members.services.identity import settle_identity
from members.services.people import register_person
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import SYSTEM
from tests.members.imports.making import csv_file, member
from tests.members.imports.running import Ran

GOOD, WRONG_CHECK = "110101198505170018", "110101198505170011"
SEEN = "Seen on the identity card."


def doubted(**fields: object) -> IdentityQuestion:
    values: dict[str, object] = {"name": "Zu Yi", "born_on": dt.date(1985, 5, 17), "id_number": WRONG_CHECK}
    person = register_person(**(values | fields), by=SYSTEM)  # type: ignore[arg-type]
    return IdentityQuestion.objects.get(person=person)


def test_a_number_that_agrees_asks_nothing(db: None) -> None:
    person = register_person(name="Zu Yi", born_on=dt.date(1985, 5, 17), sex="male", id_number=GOOD, by=SYSTEM)
    assert is_identity_settled(person)
    assert not IdentityQuestion.objects.exists()


def test_a_doubt_is_stored_and_logged_without_the_number(db: None) -> None:
    question = doubted()
    assert (question.status, question.doubts, question.row) == ("open", ["check_digit"], None)
    assert not is_identity_settled(question.person)
    entry = Entry.objects.get(kind="identity.doubted")
    assert entry.body == {"question": question.pk, "doubts": ["check_digit"]}


def test_an_import_asks_about_the_rows_it_stores(cast: Cast, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "members.csv",
        member(1, id_number=GOOD),
        member(2, id_number=WRONG_CHECK),
        member(3, id_number="110101850517001", sex="female"),
        member(4, id_number="E12345678"),
    )
    assert Ran(cast.plan, path).counts == (4, 4, 0, 0)
    asked = IdentityQuestion.objects.order_by("row")
    assert [(one.row, one.doubts) for one in asked] == [(3, ["check_digit"]), (4, ["old_form", "sex"])]
    assert [one.person.import_key for one in asked] == ["M2", "M3"]
    assert Membership.objects.filter(person__in=asked.values("person")).count() == 2
    assert Entry.objects.get(kind="memberships.imported").body["identities_doubted"] == 2
    Ran(cast.plan, path)
    assert IdentityQuestion.objects.count() == 2


def test_a_reviewer_settles_it_with_a_reason(cast: Cast) -> None:
    question = settle_identity(question_id=doubted().pk, answer="refuted", reason=SEEN, by=cast.reviewer)
    assert not is_identity_settled(question.person)
    question = settle_identity(question_id=question.pk, answer="confirmed", reason=SEEN, by=cast.other_reviewer)
    assert is_identity_settled(question.person)
    assert (question.reason, question.settled_by) == (SEEN, cast.other_reviewer)
    entries = Entry.objects.filter(kind="identity.settled").order_by("pk")
    assert [entry.body["answer"] for entry in entries] == ["refuted", "confirmed"]
    assert all(set(entry.body) == {"question", "answer"} for entry in entries)
    with pytest.raises(IdentitySettled):
        settle_identity(question_id=question.pk, answer="refuted", reason=SEEN, by=cast.reviewer)


def test_who_may_not_settle_it(cast: Cast) -> None:
    question = doubted()
    for user in (cast.member, cast.auditor, cast.investigator):
        with pytest.raises(ReviewersOnly):
            settle_identity(question_id=question.pk, answer="confirmed", reason=SEEN, by=user)
    bend_all(Person.objects.filter(pk=question.person_id), user=cast.reviewer)
    with pytest.raises(OwnHousehold):
        settle_identity(question_id=question.pk, answer="confirmed", reason=SEEN, by=cast.reviewer)
    for user, seen in ((cast.auditor, 1), (cast.other_reviewer, 1), (cast.member, 0), (cast.investigator, 0)):
        assert identity_questions_visible_to(user).count() == seen


def test_an_answer_and_a_reason_are_needed(cast: Cast) -> None:
    question = doubted()
    with pytest.raises(IdentityAnswerUnknown):
        settle_identity(question_id=question.pk, answer="open", reason=SEEN, by=cast.reviewer)
    for reason in ("123456789", "x" * 501, " " * 20):
        with pytest.raises(IdentityReasonUnfit):
            settle_identity(question_id=question.pk, answer="confirmed", reason=reason, by=cast.reviewer)


def test_the_database_takes_no_answer_without_its_giver(db: None) -> None:
    question = doubted()
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityQuestion.objects.filter(pk=question.pk).update(status="confirmed")
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityQuestion.objects.filter(pk=question.pk).update(doubts=["sex"])
