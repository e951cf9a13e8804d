"""Members who owe a share and were not reached, and what staff do to reach them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from adjudication.forms.serving import REACHED
from adjudication.views.board import BoardPage
from adjudication.views.parts import INVALID, refuse, user_of
from allocation.forms import DebtorContactForm
from allocation.models import Arrear
from allocation.selectors.debtors import Debtor, debtor_of, debtor_rows, debtors_visible_to
from allocation.services.notices import record_contact
from audit.errors import DomainError
from members.access import is_reviewer

A_PAGE = 50


class DebtorList(BoardPage):
    """Those whose membership does not end over a share yet, because no channel has reached them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(debtors_visible_to(request.user), A_PAGE).get_page(request.GET.get("page"))
        rows = debtor_rows(list(page.object_list))
        context = {"page": page, "rows": rows, "may_act": is_reviewer(request.user)}
        return render(request, "allocation/debtor/list.html", context)


class DebtorDetail(BoardPage):
    """One of them: what was sent, what was tried, and the form for an attempt."""

    def get(self, request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
        return self._show(request, self._row(public_id), DebtorContactForm(), 200)

    def post(self, request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
        if not is_reviewer(request.user):
            raise PermissionDenied
        row = self._row(public_id)
        form = DebtorContactForm(request.POST)
        if not form.is_valid():
            return self._show(request, row, form, INVALID)
        given = form.cleaned_data
        try:
            arrear = record_contact(
                public_id=public_id,
                how=given["how"],
                was_reached=given["result"] == REACHED,
                words=given["words"],
                by=user_of(request),
            )
        except DomainError as error:
            return self._show(request, row, form, refuse(form, error, {}))
        served = _("The attempt is recorded. The notice now counts as served, and the page shows until when they have.")
        waits = _(
            "The attempt is recorded. The notice counts as served when every channel has failed or after 14 days."
        )
        messages.success(request, served if arrear.served_at else waits)
        return redirect("debtor_detail", public_id)

    def _row(self, public_id: uuid.UUID) -> Debtor:
        row = debtor_of(self.request.user, public_id)
        if row is None:
            raise Http404
        return row

    def _show(self, request: HttpRequest, row: Debtor, form: DebtorContactForm, status: int) -> HttpResponse:
        is_owed = row.arrear.status == Arrear.Status.OWED
        context = {
            "row": row,
            "sent": row.message,
            "form": form,
            "is_owed": is_owed,
            "may_record": is_owed and is_reviewer(request.user),
        }
        return render(request, "allocation/debtor/detail.html", context, status=status)
