"""The pages around a log-in and the error pages, in our own look."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from allocation.models import Period
from audit import clock
from members.demo import LOGINS
from members.models import User
from tests.bent import unguarded
from tests.factories import make_plan_version, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.parts_urls")]

PASSWORD = "secret-word"
ENTRANCE = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_inactive",
]
MANAGE = [
    "account_logout",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "account_reauthenticate",
]


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    """The counters of failed tries live in the cache and would outlast a test."""
    cache.clear()


@pytest.fixture
def member() -> User:
    return make_user("member@test.example")


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    response = client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    assert response.status_code == 302
    # The pages of the second factor ask for the password once more.
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


def _assert_ours(html: str) -> None:
    assert re.search(r'<html lang="(en|zh-Hans)">', html)
    assert html.count("<h1>") == 1
    assert '<main id="main"' in html
    assert 'class="skip-link" href="#main"' in html
    assert "tokens.css" in html
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)


@pytest.mark.parametrize("name", ENTRANCE)
def test_every_page_at_the_entrance_is_ours(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    _assert_ours(response.content.decode())


@pytest.mark.parametrize("name", MANAGE)
def test_every_page_about_the_own_account_is_ours(signed_in: Client, name: str) -> None:
    response = signed_in.get(reverse(name))
    assert response.status_code == 200
    _assert_ours(response.content.decode())


def test_the_log_in_page_of_a_demonstration_lists_whom_one_can_be(client: Client) -> None:
    html = client.get(reverse("account_login")).content.decode()
    for login in LOGINS:
        assert login.email in html
        assert login.password in html


def test_the_log_in_page_of_a_real_service_lists_nobody(client: Client, settings: object) -> None:
    settings.IS_DEMO = False  # type: ignore[attr-defined]
    html = client.get(reverse("account_login")).content.decode()
    assert LOGINS[0].email not in html
    assert "Demonstration" not in html


def test_a_wrong_password_is_explained_on_top(client: Client, member: User) -> None:
    response = client.post(reverse("account_login"), {"login": member.email, "password": "wrong-word"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "error-summary" in html
    assert "<title>Error: " in html


def test_an_empty_sign_up_links_to_each_field(client: Client) -> None:
    html = client.post(reverse("account_signup"), {}).content.decode()
    for name in ("email", "password1", "password2"):
        assert f'<a href="#id_{name}">' in html


def test_after_too_many_tries_the_page_says_how_long_it_is_locked(client: Client, member: User) -> None:
    for _try in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(reverse("account_login"), {"login": member.email, "password": "wrong-word"})
    assert response.status_code == 429
    html = response.content.decode()
    _assert_ours(html)
    assert "15\xa0minutes" in html
    assert reverse("account_reset_password") in html


def test_a_forgotten_password_is_answered_alike_for_everybody(client: Client, member: User) -> None:
    for email in (member.email, "nobody@test.example"):
        response = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        _assert_ours(response.content.decode())
    assert response.redirect_chain == [(reverse("account_reset_password_done"), 302)]
    assert mail.outbox[0].to == [member.email]


def test_a_link_that_was_used_says_so(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "set-password"]), follow=True)
    _assert_ours(response.content.decode())
    assert reverse("account_reset_password") in response.content.decode()


def test_the_second_factor_is_set_up_with_a_picture_and_its_secret_in_words(signed_in: Client) -> None:
    html = signed_in.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", html)
    assert secret
    picture = re.search(r'<img src="data:image/svg[^"]+" alt="([^"]+)"', html)
    assert picture
    assert secret.group(1) not in picture.group(1)


def test_the_language_is_switched_by_a_form_and_stays(client: Client) -> None:
    page = client.get(reverse("account_login"))
    assert '<html lang="en">' in page.content.decode()
    response = client.post(reverse("set_language"), {"language": "zh-hans", "next": reverse("account_login")})
    assert response.url == reverse("account_login")
    html = client.get(reverse("account_login")).content.decode()
    assert '<html lang="zh-Hans">' in html
    assert 'value="en" lang="en">English</button>' in html


def test_signing_out_is_a_post(signed_in: Client) -> None:
    html = signed_in.get(reverse("account_email")).content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}">' in html
    assert signed_in.get(reverse("account_logout")).status_code == 200
    signed_in.post(reverse("account_logout"))
    assert "_auth_user_id" not in signed_in.session


def test_htmx_is_told_to_evaluate_nothing(client: Client) -> None:
    html = client.get(reverse("account_login")).content.decode()
    assert '"allowEval":false' in html
    assert '"allowScriptTags":false' in html
    assert '"includeIndicatorStyles":false' in html
    assert "htmx-2" in html
    nonces = set(re.findall(r'nonce="([^"]+)"', html))
    assert len(nonces) == 1


def test_the_front_page_says_what_will_be_there_before_the_first_period(client: Client) -> None:
    html = client.get(reverse("front")).content.decode()
    _assert_ours(html)
    assert "No period has been published yet" in html
    assert html.count("<strong>") >= 6
    assert reverse("account_login") in html


def test_the_front_page_quotes_the_latest_period_and_links_to_its_notice(client: Client) -> None:
    version = make_plan_version()
    on = dt.date(2019, 12, 21)
    with unguarded():
        Period.objects.create(
            plan=version.plan,
            plan_version=version,
            notice_on=on,
            charge_on=on + dt.timedelta(days=7),
            counted_at=clock.now(),
            noticed_at=clock.now(),
            members=5_000_000,
            aid_minor=3_000_000_000,
            fee_minor=240_000_000,
            case_cap_excess_minor=0,
            billed_minor=3_240_000_000,
            surplus_in_minor=0,
            per_head_minor=648,
            surplus_out_minor=0,
            collected_minor=3_240_000_000,
            gifts_minor=0,
            year_cap_excess_minor=0,
        )
    html = client.get(reverse("front")).content.decode()
    for figure in ("¥30,000,000.00", "¥2,400,000.00", "5,000,000", "¥6.48", "21 December 2019"):
        assert figure in html
    assert f'href="{reverse("period_detail", args=[version.plan.code, on])}"' in html


def test_a_page_that_does_not_exist(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    _assert_ours(response.content.decode())
    assert "There is no such page" in response.content.decode()


def test_a_page_that_fails_keeps_its_look_and_tells_nothing(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/test/broken/")
    assert response.status_code == 500
    _assert_ours(response.content.decode())
    assert "on purpose" not in response.content.decode()


def test_a_form_without_its_token_is_refused_with_the_next_step(member: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    assert response.status_code == 403
    _assert_ours(response.content.decode())
    assert "load the page again" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_an_error_page_needs_neither_request_nor_database(
    name: str, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        html = render_to_string(name)
    _assert_ours(html)
    assert "csrfmiddlewaretoken" not in html
    assert 'class="button secondary"' in html
