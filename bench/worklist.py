"""The investigator's worklist, with any number of waiting claims."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Investigation
from bench.crowd import add_claims, add_members, add_waiting_investigations, make_plan, make_user, tidy
from bench.figures import Spread, clocked
from members.models.users import Role

WARM_UP = 5


def measure(claims: int, runs: int) -> dict[str, Any]:
    """The page as an investigator gets it, through the whole middleware, while this many claims wait."""
    plan = make_plan(f"bench-worklist-{claims}")
    waiting = Investigation.objects.filter(status="waiting").count()
    add_members(plan, claims - waiting)
    add_claims(plan, claims - waiting)
    add_waiting_investigations(plan)
    tidy()
    client = Client(SERVER_NAME="localhost")
    user = make_user(f"worklist-{claims}@bench.example", Role.INVESTIGATOR)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    address = reverse("worklist")
    for _ in range(WARM_UP):
        _look(client, address)
    with CaptureQueriesContext(connection) as captured:
        _look(client, address)
        queries = len(captured)
    took = [clocked(lambda: _look(client, address)) for _ in range(runs)]
    return {
        "claims": Investigation.objects.filter(status="waiting").count(),
        **Spread.of(took).as_json(),
        "queries": queries,
    }


def _look(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"the worklist gave {answer.status_code}")
