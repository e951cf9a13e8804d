"""Which errors are an outage, and what people and programs are answered: the same in every layer, in one place."""

from __future__ import annotations

import errno
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.test import Client, RequestFactory, override_settings
from django.urls import path, reverse
from drf_spectacular.generators import SchemaGenerator
from kombu.exceptions import OperationalError as BrokerError
from psycopg import errors as pg
from redis.exceptions import TimeoutError as CacheError
from structlog.testing import capture_logs

from adjudication.models import ClaimDraft
from adjudication.services.drafts import start_draft
from config import outages
from config.outages import (
    BUSY,
    CROWDED,
    DATABASE_AWAY,
    MAIL_AWAY,
    PART_AWAY,
    STORAGE_FULL,
    TOO_LONG,
    Outage,
    outage_of,
)
from members.errors.users import EmailTaken, MailNotSent
from members.models import User
from tests.cast import Cast
from tests.factories import make_user

HOSPITAL = {"hospital": "Ruijin <Hospital>", "account": "It began in spring.\nThen it grew."}


def wrapped(error: psycopg.Error, kind: type[Exception] = OperationalError) -> Exception:
    """As Django hands on what the driver raised."""
    try:
        raise kind(str(error)) from error
    except kind as found:
        return found


def while_handling(first: Exception, second: Exception) -> Exception:
    try:
        try:
            raise first
        except type(first):
            raise second
    except type(second) as found:
        return found


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (wrapped(pg.LockNotAvailable("canceling statement due to lock timeout")), BUSY),
        (wrapped(pg.DeadlockDetected("deadlock detected")), BUSY),
        (wrapped(pg.SerializationFailure("could not serialize access")), BUSY),
        (wrapped(pg.QueryCanceled("canceling statement due to statement timeout")), TOO_LONG),
        (wrapped(pg.IdleInTransactionSessionTimeout("terminating connection"), IntegrityError), TOO_LONG),
        (wrapped(pg.TooManyConnections("too many connections for role")), CROWDED),
        (OperationalError("connection failed: FATAL:  sorry, too many clients already"), CROWDED),
        (OperationalError("FATAL:  remaining connection slots are reserved for roles with"), CROWDED),
        (wrapped(pg.DiskFull("could not extend file")), STORAGE_FULL),
        (wrapped(pg.ReadOnlySqlTransaction("cannot execute INSERT"), IntegrityError), DATABASE_AWAY),
        (wrapped(pg.AdminShutdown("terminating connection due to administrator command")), DATABASE_AWAY),
        (wrapped(pg.CannotConnectNow("the database system is starting up")), DATABASE_AWAY),
        (wrapped(psycopg.OperationalError("connection refused")), DATABASE_AWAY),
        (InterfaceError("the connection is closed"), DATABASE_AWAY),
        (while_handling(OperationalError("server closed the connection"), KeyError("user")), DATABASE_AWAY),
        (BrokerError("refused"), PART_AWAY),
        (CacheError("timed out"), PART_AWAY),
        (smtplib.SMTPServerDisconnected("gone"), PART_AWAY),
        (ConnectionRefusedError("refused"), PART_AWAY),
        (MailNotSent(), MAIL_AWAY),
        (OSError(errno.ENOSPC, "No space left on device"), STORAGE_FULL),
        (OSError(errno.EROFS, "Read-only file system"), STORAGE_FULL),
        (OSError(errno.EMFILE, "Too many open files"), CROWDED),
    ],
)
def test_what_is_an_outage(error: Exception, expected: Outage) -> None:
    assert outage_of(error) is expected


@pytest.mark.parametrize(
    "error",
    [
        None,
        KeyError("user"),
        EmailTaken(),
        FileNotFoundError(errno.ENOENT, "No such file"),
        wrapped(pg.UniqueViolation("duplicate key"), IntegrityError),
        wrapped(pg.StatementTooComplex("stack depth limit exceeded")),
        wrapped(pg.ObjectNotInPrerequisiteState("lastval is not yet defined")),
        while_handling(ConnectionResetError("broken off"), UnreadablePostError("broken off")),
    ],
)
def test_what_is_a_fault_of_ours(error: Exception | None) -> None:
    assert outage_of(error) is None


@contextmanager
def held_by_somebody_else(draft: ClaimDraft) -> Iterator[None]:
    """Another connection holds the draft's row; ours waits a moment and no longer."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor, connection.cursor() as own:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM adjudication_claimdraft WHERE id = %s FOR UPDATE", [draft.pk])
            own.execute("SET lock_timeout = '100ms'")
            yield
            own.execute("RESET lock_timeout")
    finally:
        other.close()


@pytest.fixture
def person(client: Client) -> Client:
    """A browser that shows an error page as people see it."""
    client.raise_request_exception = False
    return client


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


@pytest.mark.django_db(transaction=True)
def test_a_record_that_somebody_else_holds_keeps_what_was_typed(person: Client, cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    person.force_login(cast.member)
    address = reverse("claim_draft", args=[draft.pk, "hospital"])
    with held_by_somebody_else(draft):
        response = person.post(address, HOSPITAL)
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "3", "no-store")
    assert "<h1>Somebody else is working on this right now</h1>" in page
    assert "Nothing that you sent was stored." in page
    assert "其他人正在办理同一事项" in page
    kept = hidden_fields(page)
    assert kept == {"hospital": "Ruijin &lt;Hospital&gt;", "account": "It began in spring.\nThen it grew."}
    assert f'action="{address}"' in page
    assert person.post(address, HOSPITAL).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["hospital"]["account"] == HOSPITAL["account"]


@pytest.mark.django_db(transaction=True)
def test_a_form_with_files_is_not_sent_again_by_itself(person: Client, cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    person.force_login(cast.member)
    address = reverse("claim_draft", args=[draft.pk, "papers"])
    with held_by_somebody_else(draft):
        page = person.post(
            address, {"kind": "bill", "papers": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
        ).content.decode()
    assert hidden_fields(page) == {}
    assert "Check that your files are still chosen" in page


@pytest.mark.django_db(transaction=True)
def test_a_program_gets_the_same_as_json(person: Client, cast: Cast) -> None:
    person.force_login(cast.member)
    with override_settings(ROOT_URLCONF=__name__):
        response = person.post("/api/v1/busy/", HTTP_ACCEPT_LANGUAGE="zh-Hans")
    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert response.json() == {
        "code": "Busy",
        "detail": "另一位用户或系统正在更改同一条记录，您的请求已等待到上限。您提交的内容没有保存。请等待3秒后再试。",
    }


def test_the_description_of_the_api_says_that_every_operation_may_be_unavailable() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = [one for by_method in schema["paths"].values() for one in by_method.values()]
    assert len(operations) > 40
    assert {one["responses"]["503"]["content"]["application/json"]["schema"]["$ref"] for one in operations} == {
        "#/components/schemas/Unavailable"
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/stored/", "We cannot tell whether what you sent was stored."),
        ("/refused/", "Nothing that you sent was stored."),
    ],
)
def test_nobody_has_to_guess_whether_something_was_stored(person: Client, address: str, told: str) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        page = person.post(address, {"account": "typed"}).content.decode()
    assert told in page
    assert bool(hidden_fields(page)) is ("Nothing" in told)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_only_looked_at_says_nothing_of_storing(person: Client) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        page = person.get("/refused/?a=1&b=2").content.decode()
    assert "stored" not in page
    assert 'href="/refused/?a=1&amp;b=2"' in page


@pytest.mark.django_db
def test_a_stream_that_cannot_begin_is_an_error_page_and_not_an_empty_file(person: Client) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        assert person.get("/stream/broken/").status_code == 503
        whole = person.get("/stream/whole/")
    assert b"".join(whole) == b"onetwo"  # type: ignore[call-overload]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("address", "code"), [("/refused/", 503), ("/fault/", 500)])
def test_the_log_of_requests_names_the_status_that_went_out(person: Client, address: str, code: int) -> None:
    with capture_logs() as logged, override_settings(ROOT_URLCONF=__name__):
        assert person.get(address).status_code == code
    told = {one["event"]: one.get("code") for one in logged if one["event"].startswith("request_")}
    assert told.get("request_finished", told.get("request_failed", 500)) == code


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_fault_of_ours(person: Client) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        assert person.get("/fault/").status_code == 500


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("/accounts/2fa/authenticate/", {"code": "123456"}),
        ("/anywhere/", {"password1": "a secret", "name": "x"}),
    ],
)
def test_secrets_are_never_written_into_a_page(address: str, given: dict[str, str]) -> None:
    assert outages.kept_fields(RequestFactory().post(address, given)) == []


def test_what_cannot_be_read_any_more_is_not_kept() -> None:
    request = RequestFactory().post("/x/", b"name=x", content_type="application/x-www-form-urlencoded")
    request.read()
    assert outages.kept_fields(request) == []


@pytest.mark.django_db(transaction=True)
def test_mail_that_cannot_be_sent_is_said_and_the_log_in_stays(person: Client) -> None:
    form = {"email": "new@example.org", "password1": "correct horse battery", "password2": "correct horse battery"}
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=1,
        ACCOUNT_EMAIL_VERIFICATION="mandatory",
    ):
        response = person.post(reverse("account_signup"), form)
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "We could not send the e-mail" in page
    assert "your log-in exists" in page
    assert "stored" not in page
    assert User.objects.filter(email="new@example.org").exists()


def _stored(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        make_user("stored@example.org")
    raise OperationalError("server closed the connection unexpectedly")


def _refused(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


def _busy(request: HttpRequest) -> HttpResponse:
    raise wrapped(pg.LockNotAvailable("canceling statement due to lock timeout"))


def _fault(request: HttpRequest) -> HttpResponse:
    raise KeyError("fault")


def _stream(pieces: Callable[[], Iterator[bytes]]) -> Callable[[HttpRequest], StreamingHttpResponse]:
    return lambda request: StreamingHttpResponse(pieces())


def _broken() -> Iterator[bytes]:
    raise OperationalError("server closed the connection unexpectedly")
    yield b""


def _whole() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


urlpatterns: list[Any] = [
    path("stored/", _stored),
    path("refused/", _refused),
    path("api/v1/busy/", _busy),
    path("fault/", _fault),
    path("stream/broken/", _stream(_broken)),
    path("stream/whole/", _stream(_whole)),
]
handler500 = "config.error_pages.server_error"
