"""The public front page, the API's own page and the error pages."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularSwaggerSplitView

from allocation.selectors.periods import published


class Front(TemplateView):
    """What this is, in plain words, with the latest published period."""

    template_name = "front.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the latest period, if there is one."""
        return super().get_context_data(latest_period=published().first(), **kwargs)


# Swagger UI writes style attributes; its scripts stay files, so only styles are let in, and only on this page.
@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "script-src": [SELF, NONCE]}),
    name="dispatch",
)
class ApiPages(SpectacularSwaggerSplitView):
    """The browsable page of the API."""

    url_name = "schema"
    url_self = None


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
    """500: without the context processors, which may be what failed."""
    return render(None, "500.html", status=500)
