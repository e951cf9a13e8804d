"""Where a verification finds the database."""

from __future__ import annotations

from typing import Any

from django.db import connection

_NAMES = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "service")


def database_address() -> dict[str, Any]:
    """How to reach the service's database without Django: the same place, the same user."""
    given = connection.get_connection_params()
    return {name: given[name] for name in _NAMES if given.get(name)}
