"""Unpaid shares: the reviewer's board, and the page on which a member pays them."""

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
from allocation.selectors.asking import is_silent, silence
from allocation.selectors.refunds import refunds_of_plan, refunds_visible_to
from allocation.services.arrears import pay_arrears
from allocation.services.refunds import ask_again
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer, is_signed_in
from members.models import Membership
from members.selectors.memberships import memberships_of
from members.selectors.plans import plans
from pages.words import one_after_another

ARREARS_A_PAGE = 50
REFUNDS_SHOWN = 50


class ArrearBoard(RoleRequired, TemplateView):
    """Every plan with the shares whose collection failed, by their state now."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/arrear/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            found=arrears_by_plan(), statuses=Arrear.Status.choices, silence=silence(), **kwargs
        )


class ArrearList(RoleRequired, TemplateView):
    """One plan's unpaid shares, page by page, and its refunds; `?status=` limits them to one state."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/arrear/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
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
                "silence": silence(),
            }
        )


class RefundAsk(RoleRequired, View):
    """A reviewer queries an escalated refund again."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
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
    """A member or their payer has everything that a membership owes collected now."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self._membership(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        membership = self._membership(request, pk)
        try:
            shares = pay_arrears(membership_id=membership.pk, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return self._show(request, membership, error)
        if all(arrear.status == Arrear.Status.SETTLED for arrear in shares):
            messages.success(request, _("Paid. Nothing is owed any more."))
            return redirect("statement_list")
        if is_silent():
            text = _(
                "The payment service does not answer at the moment. Your request is recorded now, and the shares are "
                "collected as soon as it answers. Your membership does not end in the meantime."
            )
            messages.warning(request, text)
            return redirect("arrear_pay", membership.pk)
        text = _("The payment service could not collect everything: no money in the account, or no answer yet.")
        still = _("What is still owed is listed below; nothing is collected twice.")
        messages.warning(request, one_after_another([text, still]))
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
            "waits_for_notice": all(arrear.waits_for_notice for arrear in owed),
            "is_under_way": any(arrear.unanswered for arrear in owed),
            "errors": [str(error)] if error else [],
        }
        return render(request, "allocation/arrear/pay.html", context, status=error.http_status if error else 200)
