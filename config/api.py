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


def say_unavailable(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every operation may answer 503 (config/outages.py): say so in the description of the API."""
    result.setdefault("components", {}).setdefault("schemas", {})["Unavailable"] = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
        "required": ["code", "detail"],
    }
    answer = {
        "description": "A part of the service is away, busy or full. `detail` says whether anything was stored.",
        "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Unavailable"}}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["503"] = answer
    return result


def explain(exc: Exception, context: dict[str, Any]) -> Response | None:
    """A broken rule as 409 with the thing, the rule and the next step; everything else as the framework has it."""
    if isinstance(exc, DomainError):
        return Response({"code": type(exc).__name__, "detail": str(exc)}, status=exc.http_status)
    return exception_handler(exc, context)
