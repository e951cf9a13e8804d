"""Signing up, logging in, being locked out, and the second factor of staff."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django import Settings

from audit.models import Entry
from members.accounts import axes_username
from members.models import User
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> Iterator[None]:
    """Failures are counted in the cache too, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def log_in(client: Client, email: str, password: str = "secret-word") -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def test_signing_up_makes_a_log_in_with_an_entry(client: Client, cast: Cast) -> None:
    word = "a-long-enough-word"
    response = client.post("/accounts/signup/", {"email": "New.One@Test.Example", "password1": word, "password2": word})
    assert response.status_code == 302
    user = User.objects.get(email="new.one@test.example")
    assert user.check_password(word)
    assert not user.roles
    entry = Entry.objects.get(kind="user.signed_up")
    assert (entry.stream, entry.actor, entry.body) == (user.audit_ref, user.audit_ref, {})


def test_log_ins_of_staff_are_recorded_and_those_of_members_are_not(client: Client, cast: Cast) -> None:
    assert log_in(client, "member@test.example") == 302
    assert not Entry.objects.filter(kind="user.logged_in").exists()
    client.logout()
    assert log_in(client, "Reviewer@Test.Example") == 302
    entry = Entry.objects.get(kind="user.logged_in")
    assert entry.actor == cast.reviewer.audit_ref
    assert entry.body == {"roles": ["reviewer"]}


def test_failures_on_one_account_lock_nobody_else_out(client: Client, cast: Cast) -> None:
    statuses = [log_in(client, "member@test.example", "wrong") for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    log_in(client, "member@test.example")
    assert "_auth_user_id" not in client.session
    assert {attempt.username for attempt in AccessAttempt.objects.all()} == {"member@test.example"}
    assert log_in(client, "reviewer@test.example") == 302


@pytest.mark.parametrize(
    ("credentials", "posted", "expected"),
    [
        ({"email": " A@B.example "}, {}, "a@b.example"),
        ({"login": "a@b.example"}, {"login": "other@b.example"}, "a@b.example"),
        ({"username": "admin@b.example"}, {}, "admin@b.example"),
        ({"password": "x"}, {"login": "A@b.example"}, "a@b.example"),
        (None, {"username": "a@b.example"}, "a@b.example"),
        (None, {}, None),
    ],
)
def test_the_name_that_lock_outs_count(
    credentials: dict[str, str] | None, posted: dict[str, str], expected: str | None
) -> None:
    assert axes_username(RequestFactory().post(LOGIN, posted), credentials) == expected


def test_without_a_request_only_credentials_count() -> None:
    assert axes_username(None, {"email": "a@b.example"}) == "a@b.example"
    assert axes_username(None) is None


@pytest.fixture
def strict(settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True


@pytest.mark.parametrize("role", ["investigator", "professional", "reviewer", "auditor"])
def test_staff_without_a_second_factor_are_led_to_its_set_up(
    client: Client, cast: Cast, strict: None, role: str
) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    for path in ("/plans/", "/home/", "/audit/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    client.force_login(user)
    refused = client.get("/api/v1/plans/")
    assert refused.status_code == 403
    assert refused.json()["code"] == "SecondFactorMissing"


def test_staff_with_a_second_factor_and_members_go_on(client: Client, cast: Cast, strict: None) -> None:
    client.force_login(cast.member)
    assert client.get("/plans/").status_code == 200
    Authenticator.objects.create(user=cast.auditor, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(cast.auditor)
    assert client.get("/audit/").status_code == 200
    client.logout()
    assert client.get("/plans/").status_code == 200


def test_what_does_not_exist_is_no_way_around(client: Client, cast: Cast, strict: None) -> None:
    client.force_login(cast.auditor)
    assert client.get("/no/such/page/").status_code == 302


def test_a_demonstration_asks_for_no_second_factor(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    assert client.get("/audit/").status_code == 200
