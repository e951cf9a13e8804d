"""Putting a claim on hold, and letting it go on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from adjudication.forms.decisions import HoldForm
from adjudication.models import Claim
from adjudication.services.holds import lift_hold, place_hold
from adjudication.views.board import ReviewerPage
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError


class Hold(ReviewerPage):
    """Why the claim must wait."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What a hold means."""
        return self._show(request, self.claim(ref), HoldForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Put it on hold with the reason."""
        claim = self.claim(ref)
        form = HoldForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            place_hold(claim_ref=ref, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {}))
        messages.success(request, _("Claim %(ref)s is on hold. Nothing moves until you let it go on.") % {"ref": ref})
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: HoldForm, status: int) -> HttpResponse:
        return render(request, "adjudication/board/hold.html", {"claim": claim, "form": form}, status=status)


class HoldLift(ReviewerPage):
    """The claim goes on."""

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Lift the hold."""
        self.claim(ref)
        try:
            lift_hold(claim_ref=ref, by=user_of(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Claim %(ref)s goes on.") % {"ref": ref})
        return redirect("board_claim", ref=ref)
