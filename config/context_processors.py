"""What every page's template may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from allocation.selectors.arrears import next_owed
from jury.access import is_juror
from members.access import (
    Access,
    is_auditor,
    is_investigator,
    is_professional,
    is_reviewer,
    is_signed_in,
    is_staff_role,
)
from members.demo import LOGINS


@dataclass(frozen=True)
class NavItem:
    """One link of the main navigation."""

    label: str | Promise
    url: str
    is_current: bool


def _is_plain_member(user: Any) -> bool:
    return is_signed_in(user) and not is_staff_role(user)


def _anybody(user: Any) -> bool:
    return True


_NAVIGATION: list[tuple[str | Promise, str, tuple[Access, ...]]] = [
    (_("Home"), "home", (is_signed_in,)),
    (_("My claims"), "claim_list", (_is_plain_member,)),
    (_("My shares"), "statement_list", (_is_plain_member,)),
    (_("Jury"), "seat_list", (is_juror,)),
    (_("Investigations"), "worklist", (is_investigator,)),
    (_("Second opinions"), "opinion_list", (is_professional,)),
    (_("Claims board"), "board", (is_reviewer, is_auditor)),
    (_("Members"), "people_search", (is_reviewer, is_auditor)),
    (_("Run periods"), "period_board", (is_reviewer, is_auditor)),
    (_("Plan drafts"), "plan_draft_list", (is_reviewer, is_auditor)),
    (_("Audit log"), "audit_log", (is_auditor,)),
    (_("Periods"), "period_list", (_anybody,)),
    (_("Plans"), "plan_list", (_anybody,)),
]


def _navigation(request: HttpRequest) -> Iterator[NavItem]:
    for label, name, allowed in _NAVIGATION:
        if any(access(request.user) for access in allowed):
            url = reverse(name)
            yield NavItem(label, url, request.path == url)


def site(request: HttpRequest) -> dict[str, Any]:
    """The product's name, this user's navigation and debts, and what the demonstration's log-in page shows."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "is_demo": settings.IS_DEMO,
        "demo_logins": LOGINS if settings.IS_DEMO else (),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "next_owed": SimpleLazyObject(lambda: next_owed(request.user)),
        "nav_items": SimpleLazyObject(lambda: list(_navigation(request))),
    }
