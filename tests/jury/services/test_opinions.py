"""Asking professionals, their answers, and what follows from them."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from jury.errors.opinions import (
    AnswersIncomplete,
    NoProfessionals,
    NotYourOpinion,
    OpinionAlreadyGiven,
    OpinionsClosed,
    OpinionsNotDue,
)
from jury.models import Opinion, OpinionRequest
from jury.selectors.opinions import opinions_of, opinions_visible_to, requests_due
from jury.services.opinions import abandon_request, close_request, give_opinion, open_request
from members.models import User
from tests.factories import make_user
from tests.jury.conftest import CASE, CASE_FILE, Court
from tests.moving import move_clock


@pytest.fixture
def doctors(db: None) -> list[User]:
    return [make_user(None, "professional") for _ in range(4)]


def ask(court: Court, *, case_ref: str = CASE, exclude: set[int] | None = None) -> OpinionRequest:
    return open_request(
        plan=court.plan,
        rules=court.rules,
        case_ref=case_ref,
        round=1,
        case_file=CASE_FILE,
        file_digest="0" * 64,
        triggers_met=["hung"],
        exclude_user_ids=exclude or set(),
        by=SYSTEM,
    )


def answers(request: OpinionRequest, answer: str = "yes", **special: str) -> dict[str, str]:
    return {question["code"]: answer for question in request.questions} | special


def give(opinion: Opinion, given: dict[str, str], reasons: str = "As the records show.") -> Opinion:
    return give_opinion(opinion_id=opinion.pk, answers=given, reasons=reasons, by=opinion.professional)


def test_the_plans_number_of_professionals_is_asked_its_questions(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    assert request.opinions.count() == court.rules.opinions.professionals
    assert [question["code"] for question in request.questions] == [
        question.code for question in court.rules.opinions.questions
    ]
    assert all(question["en"] and question["zh"] for question in request.questions)
    entry = Entry.objects.get(kind="opinion.asked")
    assert entry.stream == f"claim:{CASE}"
    assert entry.body["triggers"] == ["hung"]


def test_who_took_part_is_never_asked(court: Court, doctors: list[User]) -> None:
    request = ask(court, exclude={doctors[0].pk, doctors[1].pk})
    assert {opinion.professional_id for opinion in request.opinions.all()} == {doctors[2].pk, doctors[3].pk}


def test_who_has_fewest_open_is_asked_first(court: Court, doctors: list[User]) -> None:
    first = ask(court)
    left_out = {doctor.pk for doctor in doctors} - set(first.opinions.values_list("professional_id", flat=True))
    second = ask(court, case_ref="C26-OTHER")
    assert left_out <= set(second.opinions.values_list("professional_id", flat=True))


def test_without_a_free_professional_it_says_what_to_do(court: Court) -> None:
    with pytest.raises(NoProfessionals):
        ask(court)
    assert not OpinionRequest.objects.exists()


@pytest.mark.parametrize(
    ("special", "conclusion"),
    [
        ({}, "confirmed"),
        ({"definition_met": "no"}, "not_confirmed"),
        ({"definition_met": "unsure"}, "inconclusive"),
        ({"definition_met": "unsure", "diagnosis_confirmed": "no"}, "not_confirmed"),
    ],
)
def test_one_opinion_concludes_from_its_answers(
    court: Court, doctors: list[User], special: dict[str, str], conclusion: str
) -> None:
    request = ask(court)
    assert give(request.opinions.all()[0], answers(request, **special)).conclusion == conclusion
    logged = json.dumps(Entry.objects.get(kind="opinion.given").body)
    assert conclusion not in logged


@pytest.mark.parametrize("missing", [{"definition_met": ""}, {"definition_met": "maybe"}, {"another": "yes"}])
def test_every_question_and_the_reasons_are_needed(court: Court, doctors: list[User], missing: dict[str, str]) -> None:
    request = ask(court)
    opinion = request.opinions.all()[0]
    with pytest.raises(AnswersIncomplete):
        give(opinion, answers(request, **missing))
    with pytest.raises(AnswersIncomplete):
        give(opinion, answers(request), reasons="  ")
    assert Opinion.objects.get(pk=opinion.pk).given_at is None


def test_only_who_was_asked_gives_it_once_and_it_never_changes(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    opinion = request.opinions.all()[0]
    stranger = next(doctor for doctor in doctors if doctor.pk != opinion.professional_id)
    for user in (stranger, SYSTEM):
        with pytest.raises(NotYourOpinion):
            give_opinion(opinion_id=opinion.pk, answers=answers(request), reasons="Mine.", by=user)
    give(opinion, answers(request))
    with pytest.raises(OpinionAlreadyGiven):
        give(opinion, answers(request, "no"))
    with pytest.raises(DatabaseError), transaction.atomic():
        Opinion.objects.filter(pk=opinion.pk).update(reasons="changed")


def test_the_conclusion_is_the_majority_of_each_question(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    one, two, three = request.opinions.order_by("pk")
    give(one, answers(request))
    give(two, answers(request))
    with pytest.raises(OpinionsNotDue):
        close_request(request_id=request.pk, by=SYSTEM)
    assert request.pk not in requests_due(clock.now())
    give(three, answers(request, "no"))
    assert request.pk in requests_due(clock.now())
    closed = close_request(request_id=request.pk, by=SYSTEM)
    assert (closed.status, closed.conclusion) == ("closed", "confirmed")
    entries = Entry.objects.count()
    assert close_request(request_id=request.pk, by=SYSTEM).closed_at == closed.closed_at
    assert Entry.objects.count() == entries


def test_a_majority_that_misses_the_deadline_is_inconclusive(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    give(request.opinions.all()[0], answers(request))
    move_clock(hours=court.rules.opinions.hours)
    assert request.pk in requests_due(clock.now())
    with pytest.raises(OpinionsClosed):
        give(request.opinions.filter(given_at=None)[0], answers(request))
    assert close_request(request_id=request.pk, by=SYSTEM).conclusion == "inconclusive"


def test_an_abandoned_request_takes_no_opinion(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    assert abandon_request(request_id=request.pk, by=SYSTEM).status == "abandoned"
    assert close_request(request_id=request.pk, by=SYSTEM).conclusion == ""
    with pytest.raises(OpinionsClosed):
        give(request.opinions.all()[0], answers(request))


def test_who_sees_which_opinions(court: Court, doctors: list[User]) -> None:
    request = ask(court)
    opinion = request.opinions.all()[0]
    reviewer, auditor, member = make_user(None, "reviewer"), make_user(None, "auditor"), make_user()
    give(opinion, answers(request))
    assert list(opinions_visible_to(opinion.professional)) == list(opinions_of(opinion.professional)) == [opinion]
    assert opinions_visible_to(auditor).count() == 3
    assert not opinions_visible_to(reviewer).exists()
    assert not opinions_visible_to(member).exists()
    for other in request.opinions.filter(given_at=None):
        give(other, answers(request))
    close_request(request_id=request.pk, by=SYSTEM)
    assert opinions_visible_to(reviewer).count() == 3
