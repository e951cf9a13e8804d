"""Becoming a juror on the web."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from jury.exam import QUESTIONS
from jury.models import Juror
from tests.cast import Cast

PAGE = "/jury/join/"
RIGHT = {question.code: question.right for question in QUESTIONS}


def test_a_stranger_is_sent_to_the_log_in(client: Client, db: None) -> None:
    response = client.get(PAGE)
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_somebody_without_a_membership_is_told_what_is_needed(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    response = client.get(PAGE)
    assert response.status_code == 200
    assert b"Jurors are members" in response.content
    assert client.post(PAGE, RIGHT).status_code == 409
    assert not Juror.objects.exists()


def test_a_member_passes_the_exam_and_reads_their_number(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert QUESTIONS[0].text.en in client.get(PAGE).content.decode()
    response = client.post(PAGE, RIGHT, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "You are juror number 1" in response.content.decode()
    assert Juror.objects.get().person.user == cast.member


def test_a_wrong_answer_shows_its_explanation_and_gives_no_number(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    response = client.post(PAGE, RIGHT | {"secrecy": "staff"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "opened only in the close" in text
    assert "step down at any time" not in text
    assert not Juror.objects.exists()


def test_a_missing_answer_is_asked_for(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    response = client.post(PAGE, {key: value for key, value in RIGHT.items() if key != "secrecy"})
    assert response.status_code == 422
    assert not Juror.objects.exists()


def test_the_page_speaks_chinese(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    response = client.get(PAGE, headers={"accept-language": "zh-hans"})
    assert QUESTIONS[0].text.zh in response.content.decode()
