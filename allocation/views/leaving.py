"""The page for leaving a plan."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from allocation.selectors.arrears import owed_by
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_signed_in
from members.models import Membership
from members.selectors.memberships import memberships_of, owed_when_leaving
from members.selectors.plans import title_in
from members.services.memberships import leave_plan
from pages.moments import page_now


class LeavePage(RoleRequired, View):
    """A member leaves a plan, after a confirmation that says what they still owe."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self._membership(request, pk), None, 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        membership = self._membership(request, pk)
        try:
            leave_plan(membership_id=membership.pk, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return self._show(request, membership, error, error.http_status)
        name = title_in(membership.plan, get_language())
        messages.success(request, _("The membership of %(plan)s has ended.") % {"plan": name})
        return redirect("home")

    def _membership(self, request: HttpRequest, pk: int) -> Membership:
        return get_object_or_404(memberships_of(request.user), pk=pk)

    def _show(
        self, request: HttpRequest, membership: Membership, error: DomainError | None, status: int
    ) -> HttpResponse:
        owed = owed_when_leaving(membership, page_now())
        context = {
            "membership": membership,
            "owed": owed,
            "arrears": owed_by(membership),
            "errors": [str(error)] if error else [],
        }
        return render(request, "allocation/membership/leave.html", context, status=status)
