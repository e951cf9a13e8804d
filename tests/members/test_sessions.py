"""Who a request is from: two plain statements, and nobody whose session has ended or whose log-in is closed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from config.database.address import PREPARE_AFTER, database
from config.timeouts import Process
from members.models import User
from members.sessions import LogInBackend, SessionStore
from tests.bent import bend_all
from tests.factories import make_user

pytestmark = pytest.mark.django_db

BACKEND = "members.sessions.LogInBackend"


def is_known(client: Client) -> bool:
    """Whether the inbox opens, or asks for a log-in."""
    answer = client.get(reverse("inbox"))
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


@pytest.fixture
def user() -> User:
    return make_user(name="王小明")


@pytest.fixture
def visitor(user: User, client: Client) -> Client:
    client.force_login(user, backend=BACKEND)
    return client


def test_session_and_log_in_cost_a_statement_each_and_no_name_is_read(visitor: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert is_known(visitor)
    asked = [query["sql"] for query in captured if "django_session" in query["sql"] or '"members_user"' in query["sql"]]
    who = [sql for sql in asked if sql.startswith("SELECT")]
    assert len(who) == 2
    assert not any('"name"' in sql for sql in who)


def test_the_name_is_there_for_who_shows_it(user: User) -> None:
    found = LogInBackend().get_user(user.pk)
    assert found is not None
    assert "name" in found.get_deferred_fields()
    assert found.name == "王小明"
    assert {field.attname: getattr(found, field.attname) for field in User._meta.concrete_fields} == {
        field.attname: getattr(user, field.attname) for field in User._meta.concrete_fields
    }
    found.language = "en"
    found.save(update_fields=["language"])
    assert User.objects.get(pk=user.pk).name == "王小明"


def test_a_session_that_has_ended_is_nobody_s(visitor: Client) -> None:
    assert is_known(visitor)
    Session.objects.update(expire_date=clock.real_now() - dt.timedelta(seconds=1))
    assert not is_known(visitor)


def test_a_closed_log_in_and_one_that_is_gone_are_nobody_s(visitor: Client, user: User) -> None:
    bend_all(User.objects.filter(pk=user.pk), is_active=False)
    assert not is_known(visitor)
    assert LogInBackend().get_user(user.pk + 1) is None


def test_another_password_ends_what_was_open(visitor: Client, user: User) -> None:
    user.set_password("another-secret-word")
    user.save(update_fields=["password"])
    assert not is_known(visitor)


@pytest.mark.parametrize("key", ["nobody-has-such-a-key-0123456789ab", "'; drop table django_session; --"])
def test_a_key_that_is_nobody_s_holds_nothing_and_is_not_kept(key: str) -> None:
    store = SessionStore(key)
    assert store.load() == {}
    assert store.session_key is None


def test_a_key_with_nul_is_nobody_s(client: Client) -> None:
    client.cookies["sessionid"] = "a" * 20 + "\x00" * 3
    assert not is_known(client)


def test_a_pooler_gets_no_prepared_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    assert database("postgres://a@b/c", Process.WEB)["PREPARE_AFTER"] == PREPARE_AFTER
    monkeypatch.setenv("DATABASE_BEHIND_POOLER", "1")
    assert database("postgres://a@b/c", Process.WEB)["PREPARE_AFTER"] is None
    with pytest.raises(ImproperlyConfigured):
        database("mysql://a@b/c", Process.WEB)


def test_what_comes_often_is_prepared_by_the_server() -> None:
    with connection.cursor() as cursor:
        for number in range(PREPARE_AFTER + 2):
            cursor.execute("select %s::int + 41", [number])
        cursor.execute("select count(*) from pg_prepared_statements where statement like 'select $1::int + 41%'")
        assert cursor.fetchone() == (1,)


def test_many_rows_are_written_and_found_in_as_many_statements_as_they_need() -> None:
    emails = [f"many{number}@test.example" for number in range(30_000)]
    User.objects.bulk_create(User(email=email) for email in emails)
    found = User.objects.filter(email__startswith="many").in_bulk(field_name="email")
    assert len(found) == 30_000
    User.objects.bulk_update(found.values(), ["language"])
    assert len(User.objects.in_bulk([one.pk for one in found.values()])) == 30_000
