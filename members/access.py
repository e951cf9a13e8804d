"""Who may: one small function for each role, the mixin for pages and the permission for the API built on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.selectors import READ_LOG
from audit.selectors.sweeps import SEE_OPERATIONS
from members.models import Membership, User
from members.models.users import Role

AnyUser = User | AnonymousUser
Access = Callable[[AnyUser], bool]


def _holds(user: AnyUser, role: Role) -> bool:
    return isinstance(user, User) and user.is_active and role in user.roles


def is_signed_in(user: AnyUser) -> bool:
    """Anybody with a log-in."""
    return isinstance(user, User) and user.is_active


def is_investigator(user: AnyUser) -> bool:
    """Staff of the plan, or of a loss-adjuster firm, who investigate claims."""
    return _holds(user, Role.INVESTIGATOR)


def is_professional(user: AnyUser) -> bool:
    """A doctor who gives second opinions."""
    return _holds(user, Role.PROFESSIONAL)


def is_reviewer(user: AnyUser) -> bool:
    """Issues decisions and runs periods."""
    return _holds(user, Role.REVIEWER)


def is_auditor(user: AnyUser) -> bool:
    """Reads everything and changes nothing."""
    return _holds(user, Role.AUDITOR)


def is_staff_role(user: AnyUser) -> bool:
    """Somebody who works for the plan in any role: needs a second factor, never sits on a jury."""
    return is_signed_in(user) and bool(user.roles)  # type: ignore[union-attr]


def is_plain_member(user: AnyUser) -> bool:
    """Has a log-in and works for no plan."""
    return is_signed_in(user) and not is_staff_role(user)


def is_member(user: AnyUser) -> bool:
    """Has, or pays for somebody who has, a membership of any time."""
    if not isinstance(user, User) or not user.is_active:
        return False
    own = Membership.objects.filter(person__user=user)
    paid_for = Membership.objects.filter(person__payer__user=user)
    return own.exists() or paid_for.exists()


_PERMISSIONS: dict[str, Access] = {
    READ_LOG: is_auditor,
    SEE_OPERATIONS: lambda user: is_reviewer(user) or is_auditor(user),
}
"""What lower rooms ask for by `user.has_perm`, since they know no role."""


class RoleBackend:
    """Answers `user.has_perm` from the roles that a user holds.

    It logs nobody in, and has no `get_user`: a session must never take it for its user's authentication backend.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        """Nobody."""

    def has_perm(self, user_obj: AnyUser, perm: str, obj: Model | None = None) -> bool:
        """Whether a role of theirs carries the permission."""
        if perm not in _PERMISSIONS:
            return False
        if not _PERMISSIONS[perm](user_obj):
            # Nobody else is asked: Django's own tables of permissions are empty, and cost two queries on every page.
            raise PermissionDenied
        return True


class RoleRequired(AccessMixin):
    """A page for those for whom any of `allowed` holds; strangers are sent to the log-in, others away (403)."""

    allowed: ClassVar[tuple[Access, ...]] = ()
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask before anything else happens."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not any(access(request.user) for access in self.allowed):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]


def allow(*allowed: Access) -> type[BasePermission]:
    """The API's permission for those for whom any of `allowed` holds."""

    class Allowed(BasePermission):
        """Built from the same access functions as the pages."""

        def has_permission(self, request: Request, view: APIView) -> bool:
            return any(access(request.user) for access in allowed)

    return Allowed
