"""Who a request is from, by two plain statements: the session, and its log-in without the encrypted name.

Every page asks both first. Django's own way builds two querysets and a row of each model, which costs about as much as
all that a ballot writes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connections, router

from audit import clock
from members.models import User

FEWEST_CHARACTERS = 8
"""As Django has it."""
_STORED = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's sessions in the database, read by one plain statement and written as Django writes them."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Letters and digits, as every key is made: a cookie may hold anything, and NUL is no text for PostgreSQL."""
        return key is not None and len(key) >= FEWEST_CHARACTERS and key.isascii() and key.isalnum()

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing where it has ended or never was."""
        key = self.session_key
        if key is None:
            return {}
        with connections[router.db_for_read(Session)].cursor() as cursor:
            cursor.execute(_STORED, [key, clock.real_now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])


class LogInBackend(AuthenticationBackend):
    """allauth's log-in by address and password; the user of a session is read by one plain statement."""

    def get_user(self, user_id: Any) -> User | None:
        """The log-in, unless it is closed. Its name is read only where something shows it."""
        alias = router.db_for_read(User)
        statement, names = _user_by_key()
        with connections[alias].cursor() as cursor:
            cursor.execute(statement, [user_id])
            found = cursor.fetchone()
        if found is None:
            return None
        user = User.from_db(alias, names, found)
        return user if self.user_can_authenticate(user) else None


@cache
def _user_by_key() -> tuple[str, list[str]]:
    fields = [field for field in User._meta.concrete_fields if field.name != "name"]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'SELECT {columns} FROM "{User._meta.db_table}" WHERE id = %s', [field.attname for field in fields]  # noqa: S608 - names of columns
