"""Giving and revoking roles."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from audit import clock
from audit.actors import Actor
from audit.models import Entry
from audit.services import append
from members.errors.roles import AdministratorOnly, RoleHeld, RoleNotHeld
from members.models import RoleGrant, User
from members.models.users import Role
from members.services.messages import tell


@transaction.atomic
def grant_role(*, user: User, role: str, by: Actor) -> RoleGrant:
    """Give a user a role of `Role`. Raises AdministratorOnly, RoleHeld."""
    check_administrator(by)
    given = Role(role)
    try:
        # One open grant a role and user (unique constraint): it decides between two grants at once.
        with transaction.atomic():
            grant = RoleGrant.objects.create(user=user, role=given)
    except IntegrityError:
        raise RoleHeld(role=given) from None
    entry = append(kind="role.granted", stream=user.audit_ref, by=by, body={"role": given.value})
    tell("members.role_given", to=user, entry=entry)
    _tell_giver(by, entry)
    _forget(user)
    return grant


@transaction.atomic
def revoke_role(*, user: User, role: str, by: Actor) -> RoleGrant:
    """Revoke a role. The grant stays as a record. Raises AdministratorOnly, RoleNotHeld."""
    check_administrator(by)
    given = Role(role)
    # Of two revocations at once the second waits here, then finds no open grant: one entry in the log, not two.
    grant = RoleGrant.objects.select_for_update().filter(user=user, role=given, revoked_at=None).first()
    if grant is None:
        raise RoleNotHeld(role=given)
    grant.revoked_at = clock.now()
    grant.save(update_fields=["revoked_at"])
    entry = append(kind="role.revoked", stream=user.audit_ref, by=by, body={"role": given.value})
    tell("members.role_revoked", to=user, entry=entry)
    _tell_giver(by, entry)
    _forget(user)
    return grant


def check_administrator(by: Actor) -> None:
    """Raises AdministratorOnly for a user who is not the technical administrator."""
    if isinstance(by, User) and not (by.is_active and by.is_superuser):
        raise AdministratorOnly


def _tell_giver(by: Actor, entry: Entry) -> None:
    """The person named in the log is told: somebody else may have used their log-in."""
    if isinstance(by, User):
        tell("members.role_changed_by_you", to=by, entry=entry)


def _forget(user: User) -> None:
    """Drop the roles cached on this row, so that they are read again."""
    user.__dict__.pop("roles", None)
