"""Creating log-ins, and recording log-ins of staff."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from audit.actors import Actor
from audit.services import append
from members.errors.users import EmailTaken
from members.models import User
from members.selectors.users import administrators
from members.services.messages import tell, tell_at, tell_each
from members.services.roles import check_administrator, grant_role

SECOND_FACTOR_KINDS = {
    "added": "user.second_factor_added",
    "removed": "user.second_factor_removed",
    "renewed": "user.second_factor_renewed",
}
"""What can happen to a second factor, and the kind of its entry."""
ADDRESS_KINDS = {
    "added": "user.address_added",
    "changed": "user.address_changed",
    "removed": "user.address_removed",
}
"""What can happen to an e-mail address of a log-in, and the kind of its entry."""
TOLD_OF_ADDRESSES = {
    "added": "members.address_added",
    "changed": "members.address_changed",
    "removed": "members.address_removed",
}
"""The kind of the message to the log-in's holder."""


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
        # Two administrators can create the same address at once: the unique column decides. The inner atomic is a
        # savepoint, so that the act's transaction survives the error.
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
    except IntegrityError:
        raise EmailTaken from None
    if is_verified:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    entry = append(kind="user.created", stream=user.audit_ref, by=by, body={})
    tell("members.login_created", to=user, entry=entry)
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
    """Record that somebody of the staff, or the administrator, logged in; log-ins of members are not recorded."""
    if user.roles or user.is_staff:
        append(kind="user.logged_in", stream=user.audit_ref, by=user, body={"roles": sorted(user.roles)})


@transaction.atomic
def record_administrator(*, user: User, by: Actor) -> None:
    """Record that a log-in was made a technical administrator's, who can give every role."""
    entry = append(kind="user.made_administrator", stream=user.audit_ref, by=by, body={})
    tell("members.made_administrator", to=user, entry=entry)
    tell_each("members.another_administrator", to=administrators().exclude(pk=user.pk), entry=entry)


@transaction.atomic
def record_second_factor(*, user: User, factor: str, change: str, by: Actor) -> None:
    """Record that somebody set up a second factor, removed one, or renewed their recovery codes.

    `factor` is the library's word (`totp`, `webauthn`, `recovery_codes`), `change` one of SECOND_FACTOR_KINDS.
    """
    entry = append(kind=SECOND_FACTOR_KINDS[change], stream=user.audit_ref, by=by, body={"factor": factor})
    tell("members.second_factor_changed", to=user, entry=entry)


@transaction.atomic
def record_password(*, user: User, how: str) -> None:
    """Record that a password was changed; `how` is `set`, `changed` (knowing the old one) or `reset` (by a mail)."""
    entry = append(kind="user.password_changed", stream=user.audit_ref, by=user, body={"how": how})
    tell("members.password_changed", to=user, entry=entry)


@transaction.atomic
def record_address(*, user: User, change: str, earlier: str = "") -> None:
    """Record that an e-mail address of a log-in was added, removed, or became the one that it is written to at.

    `change` is one of ADDRESS_KINDS. `earlier` is the confirmed address that belongs to the log-in no longer, or is not
    written to any more. It gets a message as well: a person who took over the log-in would read the one at the new
    address.
    """
    entry = append(kind=ADDRESS_KINDS[change], stream=user.audit_ref, by=user, body={})
    tell(TOLD_OF_ADDRESSES[change], to=user, entry=entry)
    if earlier and earlier.lower() != user.email.lower():
        tell_at(earlier, "members.address_was_yours", to=user, entry=entry)
