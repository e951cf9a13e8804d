"""What `manage.py check` and `migrate` look at before a deployment runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection

from config.roles import owns_too_much


@register(Tags.database)
def runtime_role_owns_nothing(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """assize.W001: the role of DATABASE_URL could take the guards of the database away."""
    if settings.MODE != "deploy" or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = str(cursor.fetchone()[0])
    if not owns_too_much(role):
        return []
    return [
        Warning(
            f"The service connects as {role}, who owns its tables or may do anything: what is written once could be "
            "changed.",
            hint="Give DATABASE_URL a role of its own and DATABASE_OWNER_URL the owner (docs/operations.md, Roles).",
            id="assize.W001",
        )
    ]
