"""The investigator or a reviewer gives voting jurors what was found after the report."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from adjudication.errors.addenda import (
    AddendumEmpty,
    LatePaperNeedsDuty,
    NamesInPaper,
    NamesNotRemoved,
    PaperAlreadyShown,
    PaperShowsIdentity,
)
from adjudication.errors.claims import TextTooLong
from adjudication.errors.evidence import (
    FileDisguised,
    FileEmpty,
    FileNameInvalid,
    FileTooLarge,
    FileTypeUnknown,
    TextNotUtf8,
    TooManyFiles,
)
from adjudication.errors.findings import PaperNotOfClaim
from adjudication.errors.investigations import NamesInSummary
from adjudication.forms.addenda import AddendumForm
from adjudication.models import Claim
from adjudication.selectors.addenda import addendum_on, can_release, papers_to_choose
from adjudication.selectors.findings import late_rows
from adjudication.services.addenda import Papers, release_addendum
from adjudication.views.board import ReviewerPage
from adjudication.views.investigations import InvestigationPage
from adjudication.views.parts import INVALID, refuse, uploads_in, user_of
from audit.errors import DomainError

_FIELDS: dict[type[DomainError], str] = {
    AddendumEmpty: "text",
    TextTooLong: "text",
    NamesInSummary: "text",
    NamesInPaper: "are_masked",
    NamesNotRemoved: "are_masked",
    PaperNotOfClaim: "filed",
    PaperAlreadyShown: "filed",
    PaperShowsIdentity: "filed",
    LatePaperNeedsDuty: "duty",
    FileEmpty: "uploads",
    FileTooLarge: "uploads",
    FileNameInvalid: "uploads",
    FileTypeUnknown: "uploads",
    FileDisguised: "uploads",
    TextNotUtf8: "uploads",
    TooManyFiles: "uploads",
}


class _Addendum:
    """What both pages do, each with the claim and the address of its own role."""

    template: ClassVar[str] = "adjudication/facts/addendum.html"
    may_file: ClassVar[bool] = False
    """Whether new papers may be filed with it: the investigator's alone."""

    def form(self, claim: Claim, *data: Any) -> AddendumForm:
        return AddendumForm(*data, filed=papers_to_choose(claim), may_file=self.may_file)

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
        form = self.form(claim, request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, claim, back, form, INVALID)
        given = form.cleaned_data
        papers = Papers(
            filed=form.numbers,
            uploads=uploads_in(given.get("uploads")),
            duty=given.get("duty", ""),
            are_masked=given.get("are_masked", False),
        )
        try:
            release_addendum(claim_ref=claim.ref, text=given["text"], papers=papers, by=user_of(request))
        except DomainError as error:
            return self.show(request, claim, back, form, refuse(form, error, _FIELDS))
        messages.success(request, _("The jurors were told, and have more time to vote."))
        return redirect(back)


class InvestigationAddendum(_Addendum, InvestigationPage):
    """For the investigator who found it."""

    may_file = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        claim = self.investigation(request, pk).claim
        return self.show(request, claim, self._back(pk), self.form(claim))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.release(request, self.investigation(request, pk).claim, self._back(pk))

    def _back(self, pk: int) -> str:
        return reverse("investigation_detail", args=[pk])


class BoardAddendum(_Addendum, ReviewerPage):
    """For a reviewer who took no part in the claim."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        return self.show(request, claim, self._back(ref), self.form(claim))

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self.release(request, self.claim(ref), self._back(ref))

    def _back(self, ref: str) -> str:
        return reverse("board_claim", args=[ref])
