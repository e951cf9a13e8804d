"""The applicant writes for the jury, and sees what jurors read of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from adjudication.forms.accounts import AccountForm
from adjudication.models import Claim
from adjudication.selectors.accounts import WRITABLE, frozen_account, proposed_account
from adjudication.services.accounts import write_account
from adjudication.views.claims import OwnClaimPage
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError


class ClaimAccount(OwnClaimPage):
    """The account for the jury: as written, as jurors would read it, and as it is frozen."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        proposed = proposed_account(claim)
        initial = {"text": proposed.account.text if proposed else claim.account}
        return self._show(request, claim, AccountForm(initial=initial))

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        form = AccountForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            write_account(claim_ref=claim.ref, text=form.cleaned_data["text"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {DomainError: "text"}))
        messages.success(request, _("Your account is with the claim. This is how jurors would read it."))
        return redirect("claim_account", claim.ref)

    def _show(self, request: HttpRequest, claim: Claim, form: AccountForm, status: int = 200) -> HttpResponse:
        context = {
            "claim": claim,
            "form": form,
            "proposed": proposed_account(claim),
            "frozen": frozen_account(claim),
            "can_write": claim.status in WRITABLE,
        }
        return render(request, "adjudication/claim/account.html", context, status=status)
