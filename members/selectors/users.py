"""Log-ins."""

from __future__ import annotations

from members.models import User


def user_by_email(email: str) -> User | None:
    """The log-in with this e-mail address, whatever its letters' case."""
    return User.objects.filter(email=email.strip().lower()).first()
