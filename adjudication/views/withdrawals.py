"""A record that a hospital withdrew under a claim: what is known of it, and the note."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from adjudication.errors.withdrawals import WithdrawalNoteMissing
from adjudication.forms.withdrawals import NoteForm
from adjudication.models import Withdrawal
from adjudication.selectors.withdrawals import investigation_page_of, may_note, withdrawals_visible_to
from adjudication.services.withdrawals import note_withdrawal
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_investigator, is_reviewer


class WithdrawalPage(RoleRequired, View):
    """The fact, and the form for those who note it; auditors read."""

    allowed: ClassVar[tuple[Access, ...]] = (is_investigator, is_reviewer, is_auditor)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self._withdrawal(request, pk), NoteForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        withdrawal = self._withdrawal(request, pk)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self._show(request, withdrawal, form, INVALID)
        try:
            note_withdrawal(withdrawal_id=withdrawal.pk, note=form.cleaned_data["note"], by=user_of(request))
        except DomainError as error:
            status = refuse(form, error, {WithdrawalNoteMissing: "note"})
            return self._show(request, self._withdrawal(request, pk), form, status)
        messages.success(request, _("The withdrawal is noted. It stays on the claim with what you wrote."))
        return redirect(self._back_url(request, withdrawal))

    def _withdrawal(self, request: HttpRequest, pk: int) -> Withdrawal:
        return get_object_or_404(withdrawals_visible_to(user_of(request)), pk=pk)

    def _back_url(self, request: HttpRequest, withdrawal: Withdrawal) -> str:
        user = user_of(request)
        assert withdrawal.claim is not None  # withdrawals without a claim are visible to nobody
        if is_reviewer(user) or is_auditor(user):
            return reverse("board_claim", args=[withdrawal.claim.ref])
        return reverse("investigation_detail", args=[investigation_page_of(user, withdrawal.claim)])

    def _show(self, request: HttpRequest, withdrawal: Withdrawal, form: NoteForm, status: int) -> HttpResponse:
        context: dict[str, Any] = {
            "withdrawal": withdrawal,
            "claim": withdrawal.claim,
            "form": form,
            # A form that was refused stays with what was typed, also where somebody else was faster.
            "may_note": may_note(user_of(request), withdrawal) or form.is_bound,
            "back_url": self._back_url(request, withdrawal),
        }
        return render(request, "adjudication/withdrawal/detail.html", context, status=status)
