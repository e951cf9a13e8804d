"""Pages about the service itself, for whoever operates it."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.broker import complaint
from config.celery import app as celery_app

BROKER_WAIT_SECONDS = 2


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    with celery_app.connection_for_write(connect_timeout=BROKER_WAIT_SECONDS) as broker:
        return complaint(broker, wait_seconds=BROKER_WAIT_SECONDS) is None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process can reach the database and the task queue: 200 if both, else 503; nothing else is told."""
    found = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)
