"""Draws and jurors over the API."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client

from audit.actors import SYSTEM
from audit.models import Checkpoint
from jury.exam import QUESTIONS
from jury.models import Juror
from jury.services.panels import close_panel
from tests.cast import Cast
from tests.jury.conftest import CASE, Court, sitting, user_of, vote

RIGHT = {question.code: question.right for question in QUESTIONS}


def test_draws_are_public_and_check_themselves(client: Client, court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    found = client.get("/api/v1/draws/").json()["results"]
    assert len(found) == 1
    draw = found[0]
    assert hashlib.sha256(draw["commitment"].encode()).hexdigest() == draw["commitment_digest"]
    assert draw["key"] == f"{draw['entropy']}/{draw['commitment_digest']}./"
    assert [step["number"] for step in draw["steps"]] == list(panel.steps.values_list("number", flat=True))
    assert draw["checkpoint_size"] == panel.checkpoint_size
    assert draw["checkpoint_root"] == bytes(Checkpoint.objects.get(size=panel.checkpoint_size).root).hex()
    assert client.get(f"/api/v1/draws/{panel.pk}/").json() == draw
    assert client.get("/api/v1/draws/", {"case_ref": "C26-OTHER"}).json()["results"] == []


def test_a_draw_that_is_only_committed_is_not_listed(client: Client, court: Court) -> None:
    court.add_jurors(3)
    panel = court.commit()
    assert client.get("/api/v1/draws/").json()["results"] == []
    assert client.get(f"/api/v1/draws/{panel.pk}/").status_code == 404


def test_nothing_about_votes_seats_or_people_is_in_a_draw(client: Client, court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat, "against", words="a secret of mine", reason_codes=["not_proved"])
    before = client.get("/api/v1/draws/").content.decode()
    close_panel(panel_id=panel.pk, by=SYSTEM)
    assert client.get("/api/v1/draws/").content.decode() == before
    for secret in ('"against"', "a secret of mine", "not_proved", "seat:", court.claimant.person.name):
        assert secret not in before


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_at_one_draw_and_at_three(
    client: Client, court: Court, count: int, django_assert_num_queries: Any
) -> None:
    court.add_jurors(4)
    for number in range(count):
        court.drawn(case_ref=f"{CASE}{number}")
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/draws/").json()["results"]) == count


def test_a_member_qualifies_and_reads_their_number(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert client.get("/api/v1/jurors/me/").json() == []
    asked = client.get("/api/v1/jurors/exam/").json()
    assert [question["code"] for question in asked] == list(RIGHT)
    assert "right" not in asked[0]
    sent = {"membership": cast.membership.pk, "answers": RIGHT}
    created = client.post("/api/v1/jurors/qualify/", sent, content_type="application/json")
    assert created.status_code == 201, created.content
    assert created.json()["number"] == 1
    assert client.get("/api/v1/jurors/me/").json() == [created.json()]
    again = client.post("/api/v1/jurors/qualify/", sent, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyJuror")


def test_a_failed_exam_says_so_and_changes_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    sent = {"membership": cast.membership.pk, "answers": {}}
    response = client.post("/api/v1/jurors/qualify/", sent, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (409, "ExamNotPassed")
    assert not Juror.objects.exists()


def test_nobody_qualifies_with_anothers_membership(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    sent = {"membership": cast.membership.pk, "answers": RIGHT}
    response = client.post("/api/v1/jurors/qualify/", sent, content_type="application/json")
    assert response.status_code == 404
    assert not Juror.objects.exists()


@pytest.mark.parametrize("address", ["me", "exam"])
def test_strangers_are_refused(client: Client, db: None, address: str) -> None:
    assert client.get(f"/api/v1/jurors/{address}/").status_code == 403


def test_a_juror_reads_only_their_own_numbers(client: Client, court: Court) -> None:
    first, _second = court.add_jurors(2)
    client.force_login(first.person.user)
    assert [row["number"] for row in client.get("/api/v1/jurors/me/").json()] == [first.number]
    seat = sitting(court.drawn(seats=1, quorum=1))[0]
    client.force_login(user_of(seat))
    assert len(client.get("/api/v1/jurors/me/").json()) == 1
