"""Asks for every page and endpoint of the carried-over rows, as the people who may see them.

The addresses and who may are those of tests/test_access.py, so a new page joins the walk with its row there.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, QuerySet
from django.test import Client
from django.urls import reverse

from adjudication.models import Claim, ClaimDraft, Decision, Evidence, Investigation
from allocation.models import Payout, Period, Refund
from audit.models import Entry
from audit.rooms import retired_kinds
from jury.models import Opinion, Panel, Seat
from members.models import Delivery, Dissolution, Message, PlanDraft, User
from tests.test_access import EVERYBODY, SIGNED_IN, TABLE

ALWAYS = frozenset(
    {
        "front", "home", "plan_list", "plan_detail", "plan_file", "plan_draft_list", "plan_draft_detail",
        "audit_log", "audit_entry", "audit_story", "checkpoint", "draw_record", "claim_list", "claim_detail",
        "evidence_file", "worklist", "investigation_detail", "seat_list", "seat_detail", "opinion_list",
        "opinion_detail", "look_list", "people_search", "person_detail", "board", "board_claim", "period_list",
        "period_detail", "statement_list", "arrear_board", "arrear_list", "period_board", "period_preview",
        "dissolution", "ledger", "what_if",
    }
)  # fmt: skip
"""Pages that are there in every state of their row; some of the others are not, and say so with 302, 404 or 409."""
ROLES = ("member", "juror", "investigator", "professional", "reviewer", "auditor")
WALK_ALL = "ASSIZE_UPGRADE_WALK_ALL"
"""Set, the walk asks for every row; otherwise for one in each state, which takes seconds instead of minutes."""
MOST = 8
REFUSALS = frozenset({302, 400, 403, 404, 405, 409, 422})


@dataclass
class Walk:
    """What was asked and what came."""

    language: str
    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    """How often each address name answered 200."""


def walk(language: str) -> Walk:
    """Ask for everything once, in one language."""
    found = Walk(language)
    seen: set[tuple[str, str]] = set()
    clients: dict[int, Client] = {}
    for world in worlds():
        for name, (allowed, arguments) in TABLE.items():
            try:
                path = reverse(name, kwargs=arguments(world))
            except (AttributeError, ObjectDoesNotExist):
                continue  # the row that this address needs isn't in this database
            # What all may see is asked for by one of them: without a log-in, or as the member.
            roles = ("anonymous",) if allowed == EVERYBODY else ("member",) if allowed == SIGNED_IN else ROLES
            for role in roles:
                who = world.users.get(role)
                if ((role in allowed and who) or role == "anonymous") and (role, path) not in seen:
                    seen.add((role, path))
                    _ask(found, clients, who, name, path)
    return found


def _ask(found: Walk, clients: dict[int, Client], user: User | None, name: str, path: str) -> None:
    client = clients.get(user.pk if user else 0)
    if client is None:
        client = clients[user.pk if user else 0] = _client(user)
    found.asked += 1
    who = user.email if user else "anybody"
    try:
        answer = client.get(path, headers={"host": "localhost", "accept-language": found.language})
        answer.getvalue()
    except Exception as error:  # the walk goes on: all faults are told at once
        found.faults.append(f"{path} for {who}: {type(error).__name__}: {error}")
        return
    status = answer.status_code
    found.statuses[status] += 1
    found.shown[name] += status == 200
    if status != 200 and (status not in REFUSALS or name in ALWAYS):
        found.faults.append(f"{path} for {who}: {status}")


def _client(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="members.sessions.LogInBackend")
    return client


def worlds() -> Iterator[SimpleNamespace]:
    """Rows put together as the table of addresses asks for them, until each has had its turn."""
    kinds: dict[str, list[Any]] = {
        "claim": _varied(
            Claim.objects.select_related("membership__person__user", "filed_by"), "status", "plan_id", "hold_reason"
        ),
        "draft": _varied(ClaimDraft.objects.all(), "claim_id"),
        "investigation": _varied(Investigation.objects.select_related("investigator"), "status", "round"),
        "evidence": _varied(Evidence.objects.exclude(claim=None), "kind", "is_for_jury", "content_type"),
        "seat": _varied(
            Seat.objects.select_related("juror__person__user").annotate(ballots_cast=Count("ballots")),
            "status",
            "panel__status",
            "ballots_cast",
        ),
        "opinion": _varied(Opinion.objects.select_related("professional"), "request__status", "conclusion"),
        "panel": _varied(Panel.objects.exclude(drawn_at=None), "status", "verdict", "round"),
        "period": _varied(Period.objects.select_related("plan", "plan_version"), "status", "plan_id"),
        "payout": _varied(Payout.objects.all(), "status"),
        "refund": _varied(Refund.objects.all(), "status"),
        "decision": _varied(Decision.objects.all(), "outcome", "claim__status"),
        "entry": _varied(Entry.objects.filter(kind__in=retired_kinds()), "kind") + _varied(Entry.objects.all(), "kind"),
        "plan_draft": _varied(PlanDraft.objects.all(), "status"),
        "message": _varied(Message.objects.all(), "kind"),
        "delivery": _varied(Delivery.objects.all(), "status", "channel"),
        "dissolution": _varied(Dissolution.objects.all(), "status"),
    }
    staff = {role: User.objects.get(email=f"{role}@demo.example") for role in ROLES}
    turns = max(len(rows) for rows in kinds.values())
    around = {kind: itertools.cycle(rows) for kind, rows in kinds.items() if rows}
    for turn in range(turns):
        rows = {kind: next(cycle) for kind, cycle in around.items()}
        claim = rows["claim"]
        versions = list(rows["period"].plan.versions.order_by("pk"))
        rows["version"] = versions[turn % len(versions)]
        own = {
            "member": claim.filed_by or claim.membership.person.user,
            "juror": rows["seat"].juror.person.user,
            "investigator": rows["investigation"].investigator,
            "professional": rows["opinion"].professional,
        }
        # A row that is nobody's yet, such as an investigation that waits, is asked for by the others alone.
        users = {role: user for role, user in (staff | own).items() if user is not None}
        yield SimpleNamespace(users=users, membership=claim.membership, deciding=claim, **rows)


def _varied(rows: QuerySet[Any], *by: str) -> list[Any]:
    """The first row of each combination of these values: the states that a page can meet; or all, where asked for."""
    ordered = rows.order_by("pk")
    if os.environ.get(WALK_ALL):
        return list(ordered)
    firsts: dict[tuple[Any, ...], int] = {}
    for pk, *values in ordered.values_list("pk", *by):
        firsts.setdefault(tuple(values), pk)
    return list(ordered.filter(pk__in=list(firsts.values())[:MOST]))
