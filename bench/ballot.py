"""Casting a ballot over HTTP, compared with the cheapest possible write, in turns on the same server."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.crypto import get_random_string

from bench import bare
from bench.court import seats_of_a_sitting_panel
from bench.figures import Spread, clocked, ratio
from jury.models import Ballot, Seat
from members.models import User
from run.embedded.process import die_with_parent, end

HOST = "127.0.0.1"
WARM_UP = 20
AGAIN = 8
"""Seats that cast again and again."""
WORDS = "材料一致，调查员的五项工作都已完成，我支持这份申请。" * 5


class Fault(Exception):
    """The service gave an unexpected answer; the figures mean nothing."""


class Juror:
    """One juror with a session, who casts a ballot again and again."""

    def __init__(self, seat: Seat) -> None:
        self.path = f"/seats/{seat.pk}/ballot/"
        self.cast = 0
        user = seat.juror.person.user
        if user is None:
            raise Fault("a juror without a log-in")
        self.user = user
        self.token = get_random_string(32)
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={_session(user)}; {settings.CSRF_COOKIE_NAME}={self.token}"

    def form(self) -> dict[str, str]:
        """The next ballot as the page sends it."""
        return {
            "csrfmiddlewaretoken": self.token,
            "choice": "support" if self.cast % 2 else "against",
            "words": WORDS,
            "replaces": str(self.cast),
        }

    def cast_over(self, link: http.client.HTTPConnection) -> float:
        """Cast one more ballot; returns the seconds from the request to the last byte of the answer."""
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(self.form())
        seconds, status = _exchange(link, self.path, body, headers)
        if status != 200:
            raise Fault(f"casting gave {status}")
        self.cast += 1
        return seconds


def measure(runs: int) -> dict[str, Any]:
    """The writes in turns, `runs` of each after a warm-up of at most as many, and the queries of one casting.

    First ballots come from seats of their own, one from each; later ones replace those of the same few seats.
    """
    with connection.cursor() as cursor:
        cursor.execute(bare.CREATE)
    warm_up = min(WARM_UP, runs)
    jurors = [Juror(seat) for seat in seats_of_a_sitting_panel(AGAIN + warm_up + runs + 2)]
    again, fresh = jurors[:AGAIN], iter(jurors[AGAIN:])
    queries = {"first": _queries(again[0]), "again": _queries(again[0])}
    for juror in again[1:]:
        _queries(juror)
    took: dict[str, list[float]] = {"first_ballot": [], "ballot_again": [], "bare_view": [], "bare_statement": []}
    with _server() as port, psycopg.connect(**_address(), autocommit=True) as database:
        link = http.client.HTTPConnection(HOST, port, timeout=30)
        for number in range(warm_up + runs):
            once = {
                "first_ballot": next(fresh).cast_over(link),
                "ballot_again": again[number % len(again)].cast_over(link),
                "bare_view": _bare_view(link),
                "bare_statement": clocked(lambda: database.execute(bare.INSERT, [bare.BODY])),
            }
            if number >= warm_up:
                for name, seconds in once.items():
                    took[name].append(seconds)
        link.close()
    _check(jurors)
    spreads = {name: Spread.of(seconds) for name, seconds in took.items()}
    bare_view, statement = spreads["bare_view"].median_ms, spreads["bare_statement"].median_ms
    first, later = spreads["first_ballot"].median_ms, spreads["ballot_again"].median_ms
    return {
        **{name: spread.as_json() for name, spread in spreads.items()},
        "first_times_the_bare_view": ratio(first, bare_view),
        "again_times_the_bare_view": ratio(later, bare_view),
        "first_times_the_bare_statement": ratio(first, statement),
        "again_times_the_bare_statement": ratio(later, statement),
        "queries": queries,
    }


def _exchange(link: http.client.HTTPConnection, path: str, body: str, headers: dict[str, str]) -> tuple[float, int]:
    started = time.perf_counter()
    link.request("POST", path, body, headers)
    answer = link.getresponse()
    answer.read()
    return time.perf_counter() - started, answer.status


def _bare_view(link: http.client.HTTPConnection) -> float:
    seconds, status = _exchange(link, "/bench/bare/", "", {})
    if status != 204:
        raise Fault(f"the bare view gave {status}")
    return seconds


def _queries(juror: Juror) -> int:
    """How many SQL statements one ballot takes, session and access checks included."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(juror.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(juror.path, juror.form())
    if answer.status_code != 200:
        raise Fault(f"casting gave {answer.status_code}")
    juror.cast += 1
    return len(captured)


def _check(jurors: list[Juror]) -> None:
    stored = Ballot.objects.count()
    if stored != sum(juror.cast for juror in jurors):
        raise Fault(f"{stored} ballots are stored, {sum(juror.cast for juror in jurors)} were cast")


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _address() -> dict[str, Any]:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    found = settings.DATABASES["default"]
    return {short: found[name] for name, short in names.items() if found[name]} | dict(found["OPTIONS"])


@contextmanager
def _server() -> Iterator[int]:
    """One gunicorn worker on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    argv = [sys.executable, "-m", "gunicorn", "bench.wsgi", "--bind", f"{HOST}:{port}", "--no-control-socket"]
    argv += ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--keep-alive", "30"]
    process = subprocess.Popen(  # noqa: S603 - our own program, no shell
        argv,
        cwd=settings.BASE_DIR,
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        end(process, [(signal.SIGTERM, 10)])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        link = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            link.request("GET", "/healthz")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            link.close()
    raise Fault("the server did not come up")
