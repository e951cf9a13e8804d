"""Without a database, without connections to spare, without a broker: 503 in time, never 500, and back by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.outages.proxy import Line
from tests.outages.service import AT_ONCE, GRACE_SECONDS, HOST, MOST_SECONDS, Answer, Service, Web
from tests.waiting import until

PAGES = ["/", "/periods/", "/log/", "/api/v1/periods/", "/log/checkpoint", "/plans/"]
"""Public pages that ask the database; the form to log in does not."""
ENGLISH, CHINESE = "The service is not available right now", "服务暂时无法使用"


@pytest.fixture(scope="module")
def web(service: Service) -> Iterator[Web]:
    """The web server on the service's own sockets."""
    with service.web() as running:
        yield running


@pytest.fixture
def line(service: Service) -> Iterator[Line]:
    """A line to the database that can be cut."""
    assert service.servers.postgres is not None
    (place,) = service.servers.postgres.sockets().glob(".s.PGSQL.5432")
    made = Line(place)
    yield made
    made.close()


def through(service: Service, line: Line) -> str:
    """DATABASE_URL by way of the line."""
    parts = urlsplit(service.environ["DATABASE_URL"])
    return f"postgres://{parts.username}:{quote(parts.password or '')}@{HOST}:{line.port}{parts.path}?sslmode=disable"


def refused(answers: list[Answer]) -> None:
    """All of them say that the service is away, with when to come back, and soon enough."""
    assert {answer.status for answer in answers} == {503}
    assert all(answer.headers["Retry-After"].isdigit() for answer in answers)
    assert max(answer.seconds for answer in answers) < MOST_SECONDS + GRACE_SECONDS


def test_all_is_well_to_begin_with(web: Web) -> None:
    # 404: a log without entries has no checkpoint yet.
    assert {answer.status for answer in web.ask_at_once(PAGES)} <= {200, 404}
    assert web.ask("/healthz").json == {"database": True, "broker": True}


def test_a_database_that_stands_still_is_said_in_both_languages_and_in_time(service: Service, web: Web) -> None:
    with service.database_stopped():
        answers = web.ask_at_once(PAGES)
        refused(answers)
        page, api = answers[0].body, answers[3].json
        assert ENGLISH in page
        assert CHINESE in page
        assert (api["code"], "Our database does not answer" in api["detail"]) == ("DatabaseAway", True)
        health = web.ask("/healthz")
        assert (health.status, health.json) == (503, {"database": False, "broker": True})
        assert web.ask("/accounts/login/").status == 200
        names = re.findall(r'/static/(site[^"]+)', page)
        assert len(names) == 2
        assert {web.ask(f"/static/{name}").status for name in names} == {200}
    until(web.serves, "the front page is back")


def test_a_page_in_chinese_is_chinese_first(service: Service, web: Web) -> None:
    with service.database_stopped():
        page = web.ask("/", Accept_Language="zh-CN").body
    until(web.serves, "the front page is back")
    assert page.index(CHINESE) < page.index(ENGLISH)
    assert '<html lang="zh-hans">' in page.lower()


def test_what_somebody_sends_meanwhile_is_said_not_to_be_stored(service: Service, web: Web) -> None:
    form = web.ask("/accounts/login/")
    token = form.body.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    cookie = form.headers["Set-Cookie"].split(";")[0]
    body = urlencode({"csrfmiddlewaretoken": token, "login": "who@example.org", "password": "a secret of theirs"})
    with service.database_stopped():
        answer = web.ask(
            "/accounts/login/",
            "POST",
            body,
            Content_Type="application/x-www-form-urlencoded",
            Cookie=cookie,
            Referer="http://localhost/accounts/login/",
        )
    until(web.serves, "the front page is back")
    refused([answer])
    assert "Nothing that you sent was stored." in answer.body
    assert "a secret of theirs" not in answer.body


def test_a_database_that_was_killed_is_missed_and_found_again(service: Service, web: Web) -> None:
    service.kill_database()
    try:
        refused(web.ask_at_once(PAGES))
    finally:
        service.restart_database()
    until(web.serves, "the front page is back")
    assert {answer.status for answer in web.ask_at_once(["/"])} == {200}


def test_a_network_that_swallows_packets_holds_nobody_up(service: Service, line: Line) -> None:
    with service.web(DATABASE_URL=through(service, line)) as web:
        assert web.serves()
        with line.cut():
            refused(web.ask_at_once(PAGES))
        until(web.serves, "the front page is back")


def test_without_connections_to_spare_nobody_gets_an_error_of_ours(service: Service) -> None:
    with service.connections_taken() as taken, service.web() as web:
        assert taken > AT_ONCE
        answers = web.ask_at_once(PAGES)
        refused(answers)
        assert "Too many people are using the service right now" in answers[0].body
        assert answers[3].json["code"] == "Crowded"
    with service.web() as web:
        assert web.serves()


def test_a_broker_that_stands_still_costs_pages_nothing_and_health_its_ok(service: Service, web: Web) -> None:
    with service.broker_stopped():
        assert web.serves()
        health = web.ask("/healthz")
        assert (health.status, health.json) == (503, {"database": True, "broker": False})
        assert health.seconds < MOST_SECONDS + GRACE_SECONDS
    until(lambda: web.ask("/healthz").status == 200, "the broker is found again")
