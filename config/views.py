"""The public front page, the API's own page, and the health page for operators."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularSwaggerSplitView

from allocation.selectors.periods import published
from config.celery import app as celery_app
from run.broker import complaint
from run.health import RUN_HEADER

BROKER_WAIT_SECONDS = 2


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


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        return False
    return True


def _broker_answers() -> bool:
    with celery_app.connection_for_write(connect_timeout=BROKER_WAIT_SECONDS) as broker:
        return complaint(broker, wait_seconds=BROKER_WAIT_SECONDS) is None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process can reach the database and the task queue: 200 if both, else 503; nothing else is told.

    Under `make run` a header names the run, so that the supervisor knows its own web server from a stranger's.
    """
    found = {"database": _database_answers(), "broker": _broker_answers()}
    headers = {RUN_HEADER: settings.RUN_ID} if settings.RUN_ID else None
    return JsonResponse(found, status=200 if all(found.values()) else 503, headers=headers)
