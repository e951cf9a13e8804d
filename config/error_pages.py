"""The error pages, by HTTP status."""

from __future__ import annotations

import sys
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit.errors import DomainError
from config.outages import outage_of, unavailable

log = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 for an outage, else 500: without the context processors, which may be what failed."""
    outage = outage_of(sys.exc_info()[1])
    return unavailable(request, outage) if outage else render(None, "500.html", status=500)


class RefusedActs:
    """Shows a fact that no page shows itself, such as rules that this database does not have: never as a fault (500).

    Pages show what they expect at the field concerned, and the API answers in its own shape (`config/api.py`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page with the fact's own words, or 503 for an outage, also for one behind a fact; faults stay faults."""
        outage = outage_of(exception)
        if outage:
            # Answered here, so that the log of requests names the status that goes out, and not 500.
            return unavailable(request, outage)
        if not isinstance(exception, DomainError):
            return None
        log.warning("page.refused", path=request.path, fact=type(exception).__name__)
        return render(request, "refused.html", {"fact": str(exception)}, status=exception.http_status)
