"""What Django needs to know of a `postgres://` address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

from config.timeouts import Process, database_options, database_patience, is_behind_pooler

PREPARE_AFTER = 3
"""A connection prepares a statement when it is asked so often: the server then plans it no more."""


def database(url: str, process: Process) -> dict[str, Any]:
    """Django's settings for a `postgres://user:password@host:port/name?option=value` URL."""
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgres:// (it begins with {parts.scheme!r}).")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "config.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": database_options(process, query),
        "PATIENCE": database_patience(process),
        "PREPARE_AFTER": None if is_behind_pooler() else PREPARE_AFTER,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "ATOMIC_REQUESTS": False,
    }
