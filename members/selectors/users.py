"""Log-ins."""

from __future__ import annotations

from django.db.models import QuerySet

from members.models import RoleGrant, User
from members.models.users import Role


def user_by_email(email: str) -> User | None:
    """The log-in with this e-mail address, whatever its letters' case."""
    return User.objects.filter(email=email.strip().lower()).first()


def holders_of(role: Role) -> QuerySet[User]:
    """Those who hold a role now and can log in."""
    held = RoleGrant.objects.filter(role=role, revoked_at=None).values("user")
    return User.objects.filter(pk__in=held, is_active=True).order_by("pk")


def administrators() -> QuerySet[User]:
    """The technical administrators who can log in."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
