"""Staff and second factors."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from members.access import is_staff_role
from members.models import User

_OPEN_NAMES = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_email",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_change_password",
        "set_language",
        "healthz",
    }
)
"""What somebody needs on the way to a second factor, or to leave."""


class StaffSecondFactor:
    """Leads staff without a second factor to its set-up before they see anything else (STAFF_MFA_REQUIRED)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask before the page does; the API answers 403 in its own shape."""
        if not settings.STAFF_MFA_REQUIRED or not self._lacks_factor(request) or self._is_on_the_way(request):
            return self.get_response(request)
        told = _("Staff sign in with a second factor. Set one up, then go on.")
        if request.path.startswith("/api/"):
            return JsonResponse({"code": "SecondFactorMissing", "detail": told}, status=403)
        messages.warning(request, told)
        return redirect("mfa_index")

    def _lacks_factor(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not (is_staff_role(user) or user.is_staff):
            return False
        return not is_mfa_enabled(user)

    def _is_on_the_way(self, request: HttpRequest) -> bool:
        try:
            name = resolve(request.path_info).url_name or ""
        except Resolver404:
            return False
        return name in _OPEN_NAMES or name.startswith("mfa_")
