"""What a request is answered with when a part of the service is away, busy or full: 503, in one place, for all.

`config/error_pages.py` asks here about every error that nothing else has answered, so it makes no difference whether it
was raised in a view, a template, a middleware or the API. Nothing here reads the database.
"""

from __future__ import annotations

import errno
import smtplib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import psycopg
import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from kombu.exceptions import KombuError
from psycopg import errors as pg
from redis.exceptions import RedisError

from members.errors.users import MailNotSent
from pages.words import one_after_another

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from config.database.base import DatabaseWrapper

log = structlog.get_logger(__name__)
API = "/api/v1/"
_ACCOUNTS = "/accounts/"
_COMMITS_BEFORE = "commits_before"


@dataclass(frozen=True)
class Outage:
    """One kind of outage: its name in the API, what a page says about it, and when to come back."""

    code: str
    title: _StrPromise
    what: _StrPromise
    retry_seconds: int
    says_what_was_stored: bool = False


DATABASE_AWAY = Outage(
    "DatabaseAway",
    _("The service is not available right now"),
    _("Our database does not answer. The service goes on by itself as soon as it does."),
    15,
)
PART_AWAY = Outage(
    "PartAway",
    _("The service is not available right now"),
    _("A part of the service does not answer. The service goes on by itself as soon as it does."),
    15,
)
CROWDED = Outage(
    "Crowded",
    _("Too many people are using the service right now"),
    _("There was no free connection for your request. This usually lasts a few seconds."),
    5,
)
BUSY = Outage(
    "Busy",
    _("Somebody else is working on this right now"),
    _("Another person, or the service itself, is changing the same record, and your request could not wait longer."),
    3,
)
TOO_LONG = Outage(
    "TookTooLong",
    _("This took too long"),
    _("The service stopped your request, so that other people do not have to wait for it."),
    30,
)
STORAGE_FULL = Outage(
    "StorageFull",
    _("There is no room to store anything right now"),
    _("The service has run out of disk space. The fault has been recorded."),
    300,
)
MAIL_AWAY = Outage("MailNotSent", _("We could not send the e-mail"), MailNotSent.text, 60, says_what_was_stored=True)


class Stored(Enum):
    """What is known about what somebody sent."""

    NOTHING_SENT = "nothing_sent"
    NOTHING_STORED = "nothing_stored"
    UNKNOWN = "unknown"


_BY_STATE: dict[str | None, Outage] = {
    pg.LockNotAvailable.sqlstate: BUSY,
    pg.DeadlockDetected.sqlstate: BUSY,
    pg.SerializationFailure.sqlstate: BUSY,
    pg.QueryCanceled.sqlstate: TOO_LONG,
    pg.IdleInTransactionSessionTimeout.sqlstate: TOO_LONG,
    pg.TooManyConnections.sqlstate: CROWDED,
    pg.DiskFull.sqlstate: STORAGE_FULL,
    pg.ReadOnlySqlTransaction.sqlstate: DATABASE_AWAY,
}
_OUTAGE_CLASSES = frozenset({"08", "53", "57", "58"})
"""PostgreSQL's own classes of what is no fault of a statement: connection, resources, operator, system."""
# While connecting, the driver knows only the server's sentence; ours and PgBouncer's.
_CROWDED_WORDS = (
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "no more connections allowed",
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
_NO_MORE_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_PARTS = (KombuError, RedisError, smtplib.SMTPException, ConnectionError, TimeoutError)
_LONGEST_CHAIN = 10


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage behind an error, also where handling it raised another one; None for a fault of ours."""
    for one in _causes(error):
        if isinstance(one, UnreadablePostError):
            return None  # the sender has broken off
        found = _from_database(one) or _from_system(one)
        if found is not None:
            return found
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _place in range(_LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _from_database(error: BaseException) -> Outage | None:
    if "Cannot open a new connection in an atomic block" in str(error):
        return DATABASE_AWAY  # it was lost in the middle of a transaction, and that error was handled
    if not isinstance(error, (OperationalError, InterfaceError, psycopg.Error)):
        return None
    cause = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
    state = getattr(cause, "sqlstate", None) or ""
    if state:
        return _BY_STATE.get(state, DATABASE_AWAY if state[:2] in _OUTAGE_CLASSES else None)
    if not isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)):
        return None
    return CROWDED if any(words in str(cause) for words in _CROWDED_WORDS) else DATABASE_AWAY


def _from_system(error: BaseException) -> Outage | None:
    if isinstance(error, MailNotSent):
        return MAIL_AWAY
    if isinstance(error, _PARTS):
        return PART_AWAY
    if not isinstance(error, OSError):
        return None
    if error.errno in _FULL:
        return STORAGE_FULL
    return CROWDED if error.errno in _NO_MORE_FILES else None


def unavailable(request: HttpRequest, found: Outage) -> HttpResponse:
    """The answer: JSON for programs, a page in both languages for people, and Retry-After for both."""
    stored = _what_was_stored(request)
    log.warning("outage", code=found.code, stored=stored.value)
    with translation.override(translation.get_language_from_request(request)):
        response: HttpResponse
        if request.path.startswith(API):
            detail = one_after_another([str(found.what), *_advice(found, stored)])
            response = JsonResponse({"code": found.code, "detail": detail}, status=503)
        else:
            response = HttpResponse(_page(request, found, stored), status=503)
    response["Retry-After"] = str(found.retry_seconds)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, found: Outage, stored: Stored) -> str:
    here = translation.get_language()
    kept = kept_fields(request) if stored is Stored.NOTHING_STORED else []
    said = []
    for code in [here, *(code for code, _name in settings.LANGUAGES if code != here)]:
        with translation.override(code):
            lines = [str(found.what), *_advice(found, stored), *_way_back(request, stored, kept)]
            said.append({"code": code, "title": str(found.title), "lines": lines})
    context: dict[str, Any] = {
        "first": said[0],
        "others": said[1:],
        "path": request.get_full_path(),
        "is_sent": stored is not Stored.NOTHING_SENT,
        "kept": kept,
    }
    return render_to_string("503.html", context)


def _advice(found: Outage, stored: Stored) -> list[str]:
    """What to do now: nobody may wonder whether what they sent was stored."""
    wait = ngettext("Wait %(n)d second, then try again.", "Wait %(n)d seconds, then try again.", found.retry_seconds)
    known = {
        Stored.NOTHING_STORED: _("Nothing that you sent was stored."),
        Stored.UNKNOWN: _(
            "We cannot tell whether what you sent was stored. Look at the page that shows it before you send it again."
        ),
    }
    told = [] if found.says_what_was_stored or stored not in known else [str(known[stored])]
    return [*told, wait % {"n": found.retry_seconds}]


def _way_back(request: HttpRequest, stored: Stored, kept: list[tuple[str, str]]) -> list[str]:
    """How somebody who has sent a form comes back to what they typed."""
    if stored is Stored.NOTHING_SENT:
        return []
    back = _("Your browser's back button leads back to the form.")
    if kept:
        return [str(_("What you typed is kept in this page: press the button to send it again.")), str(back)]
    if "multipart" in (request.content_type or ""):
        return [str(back), str(_("Check that your files are still chosen before you send it again."))]
    return [str(back)]


def _what_was_stored(request: HttpRequest) -> Stored:
    """Every act is one transaction: where none was committed since the request came, nothing of it was stored."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return Stored.NOTHING_SENT
    before = getattr(request, _COMMITS_BEFORE, None)
    return Stored.NOTHING_STORED if before == commits_begun() else Stored.UNKNOWN


def commits_begun() -> int:
    """How many transactions this thread has tried to commit so far."""
    return cast("DatabaseWrapper", connection).commits_begun


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody typed, to be sent again from the error page; empty where a form cannot be sent again like that.

    A file cannot be written into a page, and a password or the code of a second factor must not be.
    """
    if request.path.startswith(_ACCOUNTS):
        return []
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        is_unsafe = bool(request.FILES) or any("password" in name for name, _value in fields)
    except (OSError, MultiPartParserError, RawPostDataException, SuspiciousOperation):
        return []
    return [] if is_unsafe else fields


class Outages:
    """The first middleware: notes what was committed before a request, and waits for a stream's first piece."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a stream whose first piece cannot be read is answered with an error page like everything else."""
        setattr(request, _COMMITS_BEFORE, commits_begun())
        response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async and _is_made_here(response):
            pieces = iter(cast("Iterable[bytes]", response.streaming_content))
            first = next(pieces, b"")
            response.streaming_content = chain([first], pieces)
        return response


def _is_made_here(response: StreamingHttpResponse) -> bool:
    """Whether the stream is made while it is sent, unlike a file that the server sends by itself."""
    return getattr(response, "file_to_stream", None) is None
