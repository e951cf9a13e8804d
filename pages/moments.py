"""The moment as which a page counts what is over and how long ago things were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_clock: Callable[[], dt.datetime] = timezone.now
_of_request: ContextVar[list[dt.datetime] | None] = ContextVar("moment_of_request", default=None)


def follow(clock: Callable[[], dt.datetime]) -> None:
    """Take the moment from this clock: the room that has one says so when the apps are ready."""
    global _clock
    _clock = clock


def page_now() -> dt.datetime:
    """The moment of the request, read once: all rows of a page are as old as of the same moment, for one query."""
    read = _of_request.get()
    if read is None:
        return _clock()
    if not read:
        read[:] = [_clock()]
    return read[0]


def remember(at: dt.datetime) -> None:
    """An act has read the clock: from here on this request counts as of that moment."""
    read = _of_request.get()
    if read is not None:
        read[:] = [at]


class OneMoment:
    """Gives each request a moment of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the moment not yet read."""
        token = _of_request.set([])
        try:
            return self.get_response(request)
        finally:
            _of_request.reset(token)
