"""Shares that were not paid: the reviewer's board, and the page on which a member pays them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from allocation.models import Arrear, Refund
from allocation.selectors.arrears import arrears_by_plan, arrears_of_plan, owed_by, plan_arrears
from allocation.selectors.refunds import refunds_of_plan, refunds_visible_to
from allocation.services.arrears import pay_arrears
from allocation.services.refunds import ask_again
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer, is_signed_in
from members.models import Membership
from members.selectors.memberships import memberships_of
from members.selectors.plans import plans

ARREARS_A_PAGE = 50
REFUNDS_SHOWN = 50


class ArrearBoard(RoleRequired, TemplateView):
    """Every plan with what became of the shares that were not paid at first."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/arrear/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The totals of every plan."""
        return super().get_context_data(found=arrears_by_plan(), statuses=Arrear.Status.choices, **kwargs)


class ArrearList(RoleRequired, TemplateView):
    """One plan's shares that were not paid, page by page, and its refunds; `?status=` narrows them to one state."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/arrear/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the plan's totals."""
        plan = get_object_or_404(plans(), code=kwargs["plan"])
        status = self.request.GET.get("status", "")
        if status and status not in Arrear.Status.values:
            raise Http404
        page = Paginator(arrears_of_plan(plan, status), ARREARS_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **kwargs
            | {
                "plan": plan,
                "found": plan_arrears(plan),
                "status": status,
                "page_obj": page,
                "refunds": refunds_of_plan(plan)[:REFUNDS_SHOWN],
                "may_act": is_reviewer(self.request.user),
            }
        )


class RefundAsk(RoleRequired, View):
    """A reviewer has the payment service asked again about a refund of unknown fate."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask, and say what came of it."""
        refund = get_object_or_404(refunds_visible_to(request.user), pk=pk)
        asked = ask_again(refund_id=refund.pk, by=request.user)  # type: ignore[arg-type]
        values = {"claim": refund.claim.ref}
        if asked.status == Refund.Status.SETTLED:
            messages.success(request, _("The payment service confirms the refund for claim %(claim)s.") % values)
        else:
            text = _("The refund for claim %(claim)s is not settled. Ask again later, or call the payment service.")
            messages.warning(request, text % values)
        return redirect("arrear_list", refund.membership.plan.code)


class ArrearPay(RoleRequired, View):
    """A member, or who pays for them, has everything collected now that a membership owes."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is owed, until when, and what happens otherwise."""
        return self._show(request, self._membership(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Have it collected, and say what came of it."""
        membership = self._membership(request, pk)
        try:
            shares = pay_arrears(membership_id=membership.pk, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return self._show(request, membership, error)
        if all(arrear.status == Arrear.Status.SETTLED for arrear in shares):
            messages.success(request, _("Paid. Nothing is owed any more."))
            return redirect("statement_list")
        text = _("The payment service has not brought in everything: no money in the account, or no answer yet.")
        messages.warning(request, text + " " + _("What is still owed stands below; nothing is ever collected twice."))
        return redirect("arrear_pay", membership.pk)

    def _membership(self, request: HttpRequest, pk: int) -> Membership:
        return get_object_or_404(memberships_of(request.user), pk=pk)

    def _show(self, request: HttpRequest, membership: Membership, error: DomainError | None = None) -> HttpResponse:
        owed = owed_by(membership)
        context = {
            "membership": membership,
            "plan": membership.plan,
            "owed": owed,
            "owed_minor": sum(arrear.amount_minor for arrear in owed),
            "grace_ends_at": min((arrear.grace_ends_at for arrear in owed), default=None),
            "is_under_way": any(arrear.unanswered for arrear in owed),
            "errors": [str(error)] if error else [],
        }
        return render(request, "allocation/arrear/pay.html", context, status=error.http_status if error else 200)
