"""The reviewer's pages about the end of a plan: why, when and what follows; proposing, confirming. Auditors read."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from allocation.selectors.dissolutions import end_of_plan
from allocation.services.dissolutions import confirm_dissolution, propose_dissolution, withdraw_dissolution
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.models import Dissolution, Plan
from members.selectors.dissolutions import dissolutions_visible_to
from members.selectors.plans import plans
from pages.words import day


class DissolutionPage(RoleRequired, View):
    """Whether and when a plan ends: the reason, the consequence, and the progress."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, plan: str) -> HttpResponse:
        return _show(request, get_object_or_404(plans(), code=plan))


class DissolutionPropose(RoleRequired, View):
    """A reviewer proposes that a plan ends."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, plan: str) -> HttpResponseBase:
        found = get_object_or_404(plans(), code=plan)
        try:
            propose_dissolution(plan=found, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return _show(request, found, error)
        messages.success(request, _("The end of the plan is proposed. Another reviewer has to confirm it."))
        return redirect("dissolution", plan)


class DissolutionConfirm(RoleRequired, View):
    """Another reviewer confirms it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = _dissolution(request, pk)
        try:
            end = confirm_dissolution(dissolution_id=pk, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return _show(request, found.plan, error)
        text = _("The plan ends on %(day)s. Nobody can join it any more.")
        messages.success(request, text % {"day": day(end.ends_on)})
        return redirect("dissolution", found.plan.code)


class DissolutionWithdraw(RoleRequired, View):
    """A reviewer withdraws the proposal."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = _dissolution(request, pk)
        try:
            withdraw_dissolution(dissolution_id=pk, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return _show(request, found.plan, error)
        messages.success(request, _("The proposal is withdrawn. The plan continues as before."))
        return redirect("dissolution", found.plan.code)


def _dissolution(request: HttpRequest, pk: int) -> Dissolution:
    return get_object_or_404(dissolutions_visible_to(request.user), pk=pk)


def _show(request: HttpRequest, plan: Plan, error: DomainError | None = None) -> HttpResponse:
    end = end_of_plan(plan)
    found = end.dissolution
    context = {
        "plan": plan,
        "end": end,
        "may_act": is_reviewer(request.user),
        "may_confirm": is_reviewer(request.user) and found is not None and found.proposed_by_id != request.user.pk,
        "errors": [str(error)] if error else [],
    }
    return render(request, "allocation/dissolution/detail.html", context, status=error.http_status if error else 200)
