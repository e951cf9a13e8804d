"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The product's name, whether this is a demonstration, and the script nonce under both libraries' names."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "is_demo": settings.IS_DEMO,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
