"""What every page's template may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject

from audit.rooms import all_links
from members.demo import LOGINS
from members.selectors.inbox import unread_count


@dataclass(frozen=True)
class NavItem:
    """One link of the main navigation, for this request."""

    label: str | Promise
    url: str
    is_current: bool


def _navigation(request: HttpRequest) -> Iterator[NavItem]:
    for link in all_links():
        if any(access(request.user) for access in link.allowed):
            url = reverse(link.url_name)
            yield NavItem(link.label, url, request.path == url)


def _unread(request: HttpRequest) -> int | None:
    """How much of the reader's inbox is unread. An answer to a form does not count it: nobody waits for it there."""
    return unread_count(request.user) if request.method in {"GET", "HEAD"} else None


def site(request: HttpRequest) -> dict[str, Any]:
    """The product's name, this user's navigation and unread messages, and what only a demonstration shows."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "is_demo": settings.IS_DEMO,
        "demo_logins": LOGINS if settings.IS_DEMO else (),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "unread": cache(lambda: _unread(request)),
        "nav_items": SimpleLazyObject(lambda: list(_navigation(request))),
    }
