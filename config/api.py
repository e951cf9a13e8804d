"""What every API view shares: the page order and the shape of an error."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from audit.errors import DomainError


class CursorByNewest(CursorPagination):
    """Newest first by primary key: the same cost on every page."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200


def explain(exc: Exception, context: dict[str, Any]) -> Response | None:
    """A broken rule as 409 with the thing, the rule and the next step; everything else as the framework has it."""
    if isinstance(exc, DomainError):
        return Response({"code": type(exc).__name__, "detail": str(exc)}, status=exc.http_status)
    return exception_handler(exc, context)
