"""Under which addresses the service is found, and writes: what its mails lead to and come from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from config import env


def site_url(hosts: Sequence[str], *, is_demo: bool) -> str:
    """Where the links in messages lead; under `make run` the supervisor says at which port.

    Raises ImproperlyConfigured for a deployment's address without TLS: such a link leads to the log-in.
    """
    usual = "http://127.0.0.1:8000" if is_demo or not hosts else f"https://{hosts[0]}"
    found = env.text("SITE_URL", usual).rstrip("/")
    if not is_demo and hosts and not found.startswith("https://"):
        raise ImproperlyConfigured(f"SITE_URL={found!r}: links in mails lead to the log-in, so write https://…")
    return found


def mail_domain(sender: str) -> str:
    """The right side of the Message-ID, and of the return addresses to which mails bounce.

    Raises ImproperlyConfigured for what is no domain.
    """
    found = env.text("MAIL_DOMAIN", sender.rpartition("@")[2].rstrip(">"))
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", found):
        raise ImproperlyConfigured(f"MAIL_DOMAIN={found!r} is no domain: write one such as claims.example.org.")
    return found
