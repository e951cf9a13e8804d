"""Pages on the facts of a claim: the investigator records what was found, the applicant answers, a reviewer decides
what follows from what came late.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from adjudication.errors.claims import DiagnosisBeforeBirth, DiagnosisInFuture, SuspicionImpossible
from adjudication.errors.findings import (
    DiseaseNotAsked,
    DismissalUnfit,
    FactDayUnfit,
    FactValueUnfit,
    NothingToWithdraw,
)
from adjudication.errors.investigations import NamesInSummary
from adjudication.forms.findings import DISMISS, FactFound, LateForm, RemarkForBoth, RemarkForm
from adjudication.models import Claim, Investigation
from adjudication.selectors.accounts import WRITABLE
from adjudication.selectors.addenda import addendum_on, can_release
from adjudication.selectors.findings import (
    ANSWERABLE,
    FINDABLE,
    FactRow,
    fact_rows,
    late_rows,
    places_to_learn,
    remarks_on,
)
from adjudication.selectors.investigations import duties_of, is_last_round
from adjudication.services.findings import add_remark, dismiss_late_findings, order_another_look, record_finding
from adjudication.views.board import ReviewerPage
from adjudication.views.claims import OwnClaimPage
from adjudication.views.investigations import InvestigationPage
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from members.errors.codes import UnknownCode

_FIELDS: dict[type[DomainError], str] = {
    UnknownCode: "value",
    FactValueUnfit: "value",
    DiseaseNotAsked: "standing",
    FactDayUnfit: "value",
    DiagnosisInFuture: "value",
    DiagnosisBeforeBirth: "value",
    SuspicionImpossible: "value",
    NothingToWithdraw: "standing",
    NamesInSummary: "jury_note",
}


class FactRecord(InvestigationPage):
    """One fact: stated, found so far, and the form for what the investigator found."""

    def get(self, request: HttpRequest, pk: int, fact: str) -> HttpResponse:
        investigation, row = self._find(request, pk, fact)
        return self._show(request, investigation, row, self._form(investigation, row))

    def post(self, request: HttpRequest, pk: int, fact: str) -> HttpResponse:
        investigation, row = self._find(request, pk, fact)
        form = self._form(investigation, row, request.POST)
        if not form.is_valid():
            return self._show(request, investigation, row, form, INVALID)
        given = form.cleaned_data
        try:
            record_finding(
                investigation_id=investigation.pk,
                fact=row.name,
                standing=given["standing"],
                value=form.value,
                confidence=given["confidence"],
                note=given["note"],
                jury_note=given["jury_note"],
                duty=form.duty,
                evidence_id=form.evidence_id,
                by=user_of(request),
            )
        except DomainError as error:
            return self._show(request, investigation, row, form, refuse(form, error, _FIELDS))
        messages.success(request, _("Recorded: %(fact)s. The clauses were checked again.") % {"fact": row.label})
        return redirect("investigation_detail", pk)

    def _find(self, request: HttpRequest, pk: int, fact: str) -> tuple[Investigation, FactRow]:
        investigation = self.investigation(request, pk)
        name = fact.replace("-", "_")
        row = next((one for one in fact_rows(investigation.claim) if one.name == name), None)
        if row is None:
            raise Http404
        return investigation, row

    def _form(self, investigation: Investigation, row: FactRow, data: Any = None) -> FactFound:
        claim = investigation.claim
        places = places_to_learn(duties_of(investigation), claim.evidence.order_by("pk"))
        return FactFound(data, row=row, places=places, initial={"learned": self.request.GET.get("learned", "")})

    def _show(
        self, request: HttpRequest, investigation: Investigation, row: FactRow, form: FactFound, status: int = 200
    ) -> HttpResponse:
        claim = investigation.claim
        context = {
            "investigation": investigation,
            "claim": claim,
            "row": row,
            "form": form,
            "is_open": claim.status in FINDABLE and is_last_round(investigation),
            "is_late": investigation.status != Investigation.Status.OPEN,
        }
        return render(request, "adjudication/facts/record.html", context, status=status)


class ClaimFacts(OwnClaimPage):
    """The facts found beside those stated, and the applicant's answer to them."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        return self._show(request, claim, _remark_form(claim)())

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        form = _remark_form(claim)(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            given = form.cleaned_data
            is_for_jury = given.get("is_for_jury", False)
            add_remark(claim_ref=claim.ref, text=given["text"], is_for_jury=is_for_jury, by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {DomainError: "text"}))
        messages.success(request, _("Your answer is with the claim. The investigator and the reviewer read it."))
        return redirect("claim_facts", claim.ref)

    def _show(self, request: HttpRequest, claim: Claim, form: RemarkForm, status: int = 200) -> HttpResponse:
        context = {
            "claim": claim,
            "form": form,
            "rows": fact_rows(claim),
            "late": late_rows(claim),
            "remarks": remarks_on(claim),
            "addendum": addendum_on(claim),
            "can_answer": claim.status in ANSWERABLE,
        }
        return render(request, "adjudication/facts/claim.html", context, status=status)


def _remark_form(claim: Claim) -> type[RemarkForm]:
    """With the question whether jurors should read it, while their file is not frozen."""
    return RemarkForBoth if claim.status in WRITABLE else RemarkForm


class LateFindings(ReviewerPage):
    """What was found after the report: another look, or nothing, with a reason."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self.claim(ref), LateForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        form = LateForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        act = dismiss_late_findings if form.cleaned_data["act"] == DISMISS else order_another_look
        try:
            act(claim_ref=ref, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {DismissalUnfit: "reason"}))
        messages.success(request, _("Done. The claim's page shows what happens next."))
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: LateForm, status: int) -> HttpResponse:
        context = {"claim": claim, "form": form, "late": late_rows(claim)}
        context |= {"can_release": can_release(claim), "addendum": addendum_on(claim)}
        return render(request, "adjudication/facts/late.html", context, status=status)
