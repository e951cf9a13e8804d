"""The tables that no room has, classed as a whole; and the columns that the runtime role may update."""

from __future__ import annotations

from audit.rooms import all_columns

LIBRARY_TABLES = {
    "account_emailaddress": "allauth: addresses of log-ins, their confirmation and which one is the first",
    "account_emailconfirmation": "allauth: when a confirmation was sent",
    "axes_accessattempt": "axes: failed log-ins, counted until they are forgotten",
    "axes_accessattemptexpiration": "axes: until when they count",
    "axes_accessfailurelog": "axes: the list of failed log-ins",
    "axes_accesslog": "axes: log-ins and their ends",
    "django_admin_log": "Django: what was changed on admin screens, which is nothing: all of them are read-only",
    "django_session": "Django: sessions, prolonged and emptied",
    "mfa_authenticator": "allauth: second factors, and when each was last used",
    # Only migrations write these: the runtime role may read them.
    "auth_group": "Django: not used",
    "auth_group_permissions": "Django: not used",
    "auth_permission": "Django: written by migrations",
    "django_content_type": "Django: written by migrations",
    "django_migrations": "Django: written by migrations",
    "members_user_groups": "Django: not used",
    "members_user_user_permissions": "Django: not used",
    "assize_clock": "The offset of the clock of a test or demonstration; only the owner sets it",
}
"""What each is for. Whatever a library writes in its tables is its own; nothing of ours is decided by it alone."""


def updatable_columns(table: str) -> list[str] | None:
    """The columns of a table that the runtime role may update; None for all of them, in a library's table.

    The key of a table whose rows are only locked: PostgreSQL lets nobody lock a row who may change nothing in it, and
    the trigger keeps the key as it is.
    """
    found = all_columns().get(table)
    if found is None:
        return None
    return found.updatable or (["id"] if found.is_locked else [])
