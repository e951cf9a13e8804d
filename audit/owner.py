"""Connecting as the role that owns the tables: for migrations, grants and the clock of a demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the tables meanwhile, where DATABASE_OWNER_URL names one."""
    owner = settings.DATABASE_OWNER
    if owner is None:
        yield
        return
    before = connection.settings_dict
    connection.close()
    # The name stays: a test's database is another one than the settings'.
    connection.settings_dict = {**before, **owner, "NAME": before["NAME"]}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
