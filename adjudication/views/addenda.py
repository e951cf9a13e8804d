"""The investigator or a reviewer gives voting jurors what was found after the report."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from adjudication.errors.addenda import AddendumEmpty
from adjudication.errors.claims import TextTooLong
from adjudication.errors.investigations import NamesInSummary
from adjudication.forms.findings import AddendumForm
from adjudication.models import Claim
from adjudication.selectors.addenda import addendum_on, can_release
from adjudication.selectors.findings import late_rows
from adjudication.services.addenda import release_addendum
from adjudication.views.board import ReviewerPage
from adjudication.views.investigations import InvestigationPage
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError

_FIELDS: dict[type[DomainError], str] = {AddendumEmpty: "text", TextTooLong: "text", NamesInSummary: "text"}


class _Addendum:
    """What both pages do, each with the claim and the address of its own role."""

    template: ClassVar[str] = "adjudication/facts/addendum.html"

    def show(
        self, request: HttpRequest, claim: Claim, back: str, form: AddendumForm, status: int = 200
    ) -> HttpResponse:
        late = late_rows(claim)
        context = {
            "claim": claim,
            "form": form,
            "late": late,
            "back": back,
            "can_release": bool(late) and can_release(claim),
            "addendum": addendum_on(claim),
        }
        return render(request, self.template, context, status=status)

    def release(self, request: HttpRequest, claim: Claim, back: str) -> HttpResponse:
        form = AddendumForm(request.POST)
        if not form.is_valid():
            return self.show(request, claim, back, form, INVALID)
        try:
            release_addendum(claim_ref=claim.ref, text=form.cleaned_data["text"], by=user_of(request))
        except DomainError as error:
            return self.show(request, claim, back, form, refuse(form, error, _FIELDS))
        messages.success(request, _("The jurors were told, and have more time to vote."))
        return redirect(back)


class InvestigationAddendum(_Addendum, InvestigationPage):
    """For the investigator who found it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.investigation(request, pk).claim, self._back(pk), AddendumForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.release(request, self.investigation(request, pk).claim, self._back(pk))

    def _back(self, pk: int) -> str:
        return reverse("investigation_detail", args=[pk])


class BoardAddendum(_Addendum, ReviewerPage):
    """For a reviewer who took no part in the claim."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self.show(request, self.claim(ref), self._back(ref), AddendumForm())

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self.release(request, self.claim(ref), self._back(ref))

    def _back(self, ref: str) -> str:
        return reverse("board_claim", args=[ref])
