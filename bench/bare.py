"""The cheapest possible write for comparison: one row, by a statement and by a view. Not part of the product."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

CREATE = (
    "CREATE TABLE IF NOT EXISTS bench_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "written_at timestamptz NOT NULL DEFAULT now(), body text NOT NULL)"
)
INSERT = "INSERT INTO bench_row (body) VALUES (%s)"
BODY = "x" * 1000


@csrf_exempt
def insert_row(request: HttpRequest) -> HttpResponse:
    """Insert one row and answer 204."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [BODY])
    return HttpResponse(status=204)
