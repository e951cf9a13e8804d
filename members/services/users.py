"""Creating log-ins, and recording who of the staff came in."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from audit.actors import Actor
from audit.services import append
from members.errors import EmailTaken
from members.models import User
from members.services.roles import check_administrator, grant_role

SECOND_FACTOR_KINDS = {
    "added": "user.second_factor_added",
    "removed": "user.second_factor_removed",
    "renewed": "user.second_factor_renewed",
}
"""What can happen to a second factor, and the kind of its entry."""


@transaction.atomic
def create_login(
    *, email: str, password: str | None, name: str, by: Actor, roles: Iterable[str] = (), is_verified: bool = False
) -> User:
    """Create a log-in that holds `roles`; without a password it can't be used until one is set.

    `is_verified` says that the address is known to be theirs, so that no mail needs to prove it.
    Raises NotAnAdministrator, EmailTaken.
    """
    check_administrator(by)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
    except IntegrityError:
        raise EmailTaken from None
    if is_verified:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    append(kind="user.created", stream=user.audit_ref, by=by, body={})
    for role in roles:
        grant_role(user=user, role=role, by=by)
    return user


@transaction.atomic
def record_sign_up(*, user: User) -> None:
    """Store a log-in that somebody made for themselves."""
    user.save()
    append(kind="user.signed_up", stream=user.audit_ref, by=user, body={})


@transaction.atomic
def record_login(*, user: User) -> None:
    """Record that somebody of the staff, or the administrator, came in; members come and go unrecorded."""
    if user.roles or user.is_staff:
        append(kind="user.logged_in", stream=user.audit_ref, by=user, body={"roles": sorted(user.roles)})


@transaction.atomic
def record_administrator(*, user: User, by: Actor) -> None:
    """Record that a log-in was made a technical administrator's, who can give every role."""
    append(kind="user.made_administrator", stream=user.audit_ref, by=by, body={})


@transaction.atomic
def record_second_factor(*, user: User, factor: str, change: str, by: Actor) -> None:
    """Record that somebody set up a second factor, removed one, or renewed their recovery codes.

    `factor` is the library's word (`totp`, `webauthn`, `recovery_codes`), `change` one of SECOND_FACTOR_KINDS.
    """
    append(kind=SECOND_FACTOR_KINDS[change], stream=user.audit_ref, by=by, body={"factor": factor})
