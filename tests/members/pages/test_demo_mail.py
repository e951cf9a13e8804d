"""The demonstration's page of mails: what people would have got, and that it is nowhere else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import Resolver404, clear_url_caches, resolve, reverse
from pytest_django.fixtures import Settings

import config.urls
from pages.mail import EmailBackend

pytestmark = pytest.mark.django_db
LIST = "/demo/mail/"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


@pytest.fixture
def _deployed(settings: Settings) -> Iterator[None]:
    settings.IS_DEMO = False
    importlib.reload(config.urls)
    clear_url_caches()
    yield
    settings.IS_DEMO = True
    importlib.reload(config.urls)
    clear_url_caches()


def send(subject: str, html: str = "", to: str = "a@test.example", *, calendar: bool = False) -> None:
    mail = EmailMultiAlternatives(subject, f"Text of {subject}", "assize@test.example", [to])
    if html:
        mail.attach_alternative(html, "text/html")
    if calendar:
        mail.attach("deadline.ics", "BEGIN:VCALENDAR", "text/calendar")
    backend = EmailBackend()
    backend.send_messages([mail])


def text(client: Client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_no_mail_says_what_will_be_there(client: Client, folder: Path) -> None:
    assert "No mail yet" in text(client)
    folder.rmdir()
    assert "No mail yet" in text(client)


def test_mails_are_listed_with_their_subject_and_reader(client: Client) -> None:
    send("您的互助申请有新进展", to="b@test.example")
    shown = text(client)
    assert "您的互助申请有新进展" in shown
    assert "b@test.example" in shown


def test_a_mail_is_shown_as_picture_and_text_with_what_came_with_it(client: Client) -> None:
    send("A summons", "<p style='color:red'>Come</p><script>alert(1)</script>", calendar=True)
    (key,) = [part.partition('"')[0] for part in text(client).split('href="/demo/mail/') if part.startswith("2")]
    shown = client.get(f"{LIST}{key}")
    body = shown.content.decode()
    assert "Text of A summons" in body
    assert "deadline.ics" in body
    assert "alert(1)" not in body
    assert f'<iframe class="mail" src="{LIST}{key}picture/" sandbox ' in body
    assert "frame-src 'self'" in shown["Content-Security-Policy"]

    picture = client.get(f"{LIST}{key}picture/")
    assert "Come" in picture.content.decode()
    policy = picture["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert picture["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_html_has_its_text_alone(client: Client) -> None:
    send("A new password")
    (key,) = [part.partition('"')[0] for part in text(client).split('href="/demo/mail/') if part.startswith("2")]
    shown = text(client, f"{LIST}{key}")
    assert "Text of A new password" in shown
    assert "iframe" not in shown


def test_two_mails_in_one_file_are_two(client: Client, folder: Path) -> None:
    backend = EmailBackend()
    mails = [EmailMultiAlternatives(f"Number {n}", "x", to=["a@test.example"]) for n in (1, 2)]
    backend.send_messages(mails)
    assert len(list(folder.iterdir())) == 1
    shown = text(client)
    assert shown.index("Number 2") < shown.index("Number 1")


@pytest.mark.parametrize("key", ["nothing-0", "one-7", "one", "settings-0"])
def test_no_other_file_is_read(client: Client, folder: Path, key: str) -> None:
    (folder / "one.log").write_text("To: a@test.example\nSubject: One\n\nWords\n")
    (folder / "settings.py").write_text("Subject: secret\n\nx")
    assert client.get(f"{LIST}{key}/").status_code == 404
    assert client.get(f"{LIST}{key}/picture/").status_code == 404


def test_a_file_that_is_no_mail_does_no_harm(client: Client, folder: Path) -> None:
    (folder / "broken.log").write_bytes(b"\xff\xfe\x00\nContent-Type: text/html; charset=nothing\n\n\xff")
    assert client.get(LIST).status_code == 200


@pytest.mark.usefixtures("_deployed")
@pytest.mark.parametrize("path", [LIST, f"{LIST}one-0/", f"{LIST}one-0/picture/"])
def test_a_deployment_has_no_such_address(path: str) -> None:
    with pytest.raises(Resolver404):
        resolve(path)


def test_the_page_itself_asks_again(client: Client, settings: Settings) -> None:
    assert reverse("demo_mail_list") == LIST
    settings.IS_DEMO = False
    assert client.get(LIST).status_code == 404
