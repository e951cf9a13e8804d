"""Placing and lifting a hold on a claim."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from adjudication.forms.decisions import HoldForm
from adjudication.models import Claim
from adjudication.selectors.conflicts import shown_conflict
from adjudication.services.holds import lift_hold, place_hold, renew_hold
from adjudication.views.board import ReviewerPage
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError


class Hold(ReviewerPage):
    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self.claim(ref), HoldForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        form = HoldForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            place_hold(claim_ref=ref, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {}))
        messages.success(
            request, _("Claim %(ref)s is on hold. It does not move until the hold is over.") % {"ref": ref}
        )
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: HoldForm, status: int) -> HttpResponse:
        context = {"claim": claim, "form": form, "conflict": shown_conflict(user_of(request), claim)}
        return render(request, "adjudication/board/hold.html", context, status=status)


class HoldRenew(ReviewerPage):
    """Letting a hold go on, for a reason that the member reads."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self.claim(ref), HoldForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        form = HoldForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            renew_hold(claim_ref=ref, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {}))
        messages.success(request, _("The hold on claim %(ref)s is renewed.") % {"ref": ref})
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: HoldForm, status: int) -> HttpResponse:
        context = {"claim": claim, "form": form, "conflict": shown_conflict(user_of(request), claim)}
        return render(request, "adjudication/board/hold_renew.html", context, status=status)


class HoldLift(ReviewerPage):
    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        self.claim(ref)
        try:
            lift_hold(claim_ref=ref, by=user_of(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The hold on claim %(ref)s is lifted.") % {"ref": ref})
        return redirect("board_claim", ref=ref)
