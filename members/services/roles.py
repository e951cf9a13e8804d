"""Giving roles and taking them back."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actors import Actor
from audit.services import append
from members.errors import NotAnAdministrator, RoleHeld, RoleNotHeld
from members.models import RoleGrant, User
from members.models.users import Role


@transaction.atomic
def grant_role(*, user: User, role: str, by: Actor) -> RoleGrant:
    """Give a user a role of `Role`. Raises NotAnAdministrator, RoleHeld."""
    check_administrator(by)
    given = Role(role)
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(user=user, role=given)
    except IntegrityError:
        raise RoleHeld(str(given.label)) from None
    append(kind="role.granted", stream=user.audit_ref, by=by, body={"role": given.value})
    _forget(user)
    return grant


@transaction.atomic
def revoke_role(*, user: User, role: str, by: Actor) -> RoleGrant:
    """Take a role back. The grant stays as a record. Raises NotAnAdministrator, RoleNotHeld."""
    check_administrator(by)
    given = Role(role)
    grant = RoleGrant.objects.select_for_update().filter(user=user, role=given, revoked_at=None).first()
    if grant is None:
        raise RoleNotHeld(str(given.label))
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    append(kind="role.revoked", stream=user.audit_ref, by=by, body={"role": given.value})
    _forget(user)
    return grant


def check_administrator(by: Actor) -> None:
    """Raises NotAnAdministrator for a user who is not the technical administrator."""
    if isinstance(by, User) and not (by.is_active and by.is_superuser):
        raise NotAnAdministrator


def _forget(user: User) -> None:
    """Let the row in hand read its roles anew."""
    user.__dict__.pop("roles", None)
