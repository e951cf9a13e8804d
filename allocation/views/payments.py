"""Payments without an answer: how the payment service is, which payments a person is told about, asking about all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from allocation.selectors.asking import latest_progress, silence
from allocation.selectors.for_a_person import for_a_person, found_for_a_person, number_to_ask
from allocation.services.asking import ask_all_again
from allocation.words import KINDS_OF_PAYMENTS, attempt_in_words
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer

PAYMENTS_A_PAGE = 50


class PaymentBoard(RoleRequired, TemplateView):
    """Every payment that a person was told about, and how far the last request to ask again is."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/payment/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(found_for_a_person(), PAYMENTS_A_PAGE).get_page(self.request.GET.get("page"))
        rows = [
            (one, KINDS_OF_PAYMENTS[one.kind], attempt_in_words(one.last) if one.last else None)
            for one in for_a_person(page.object_list)
        ]
        return super().get_context_data(
            **kwargs
            | {
                "page_obj": page,
                "rows": rows,
                "silence": silence(),
                "progress": latest_progress(),
                "to_ask": number_to_ask(),
                "may_act": is_reviewer(self.request.user),
            }
        )


class PaymentProgress(RoleRequired, TemplateView):
    """The progress alone, for the page that asks for it again every few seconds."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/payment/parts/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "HX-Request" not in request.headers:
            return redirect("payment_board")  # a part is no page
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(silence=silence(), progress=latest_progress(), **kwargs)


class PaymentAsk(RoleRequired, View):
    """A reviewer has every payment without an answer asked about again, after confirming how many there are."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            made = ask_all_again(by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            return self._show(request, error)
        text = ngettext(
            "%(number)s payment will be asked about again.",
            "%(number)s payments will be asked about again.",
            made.payments,
        )
        messages.success(request, text % {"number": made.payments})
        return redirect("payment_board")

    def _show(self, request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
        context = {"to_ask": number_to_ask(), "silence": silence(), "errors": [str(error)] if error else []}
        return render(request, "allocation/payment/ask.html", context, status=error.http_status if error else 200)
