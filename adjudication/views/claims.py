"""A member's claims: the list, one of them, withdrawing, adding papers, the word for the draw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import View

from adjudication.errors.answers import WordsMissing
from adjudication.forms.claims import HearingAnswer, Papers, ReportAnswer, Word
from adjudication.models import Answer, Claim
from adjudication.selectors.answers import latest_answer, report_for_applicant
from adjudication.selectors.binding import is_by_clause
from adjudication.selectors.checks import check_steps
from adjudication.selectors.claims import TAKES_EVIDENCE, WITHDRAWABLE, own_claims
from adjudication.selectors.clocks import clocks_of
from adjudication.selectors.drafts import unsent_draft
from adjudication.selectors.evidence import papers_of_claim
from adjudication.selectors.findings import fact_rows
from adjudication.selectors.latest import latest_decision
from adjudication.selectors.readable_files import reason_texts
from adjudication.selectors.timelines import next_step, timeline
from adjudication.services.answers import answer_report
from adjudication.services.claims import give_nonce, withdraw_claim
from adjudication.services.evidence import add_files
from adjudication.views.parts import INVALID, refuse, uploads_in, user_of
from audit.errors import DomainError
from jury.selectors.draws import rounds_drawn
from members.access import RoleRequired, is_signed_in
from members.codes import icd10

A_PAGE = 20


class ClaimList(RoleRequired, View):
    """A member's claims, their family's and the draft being written."""

    allowed = (is_signed_in,)

    def get(self, request: HttpRequest) -> HttpResponse:
        user = user_of(request)
        page = Paginator(own_claims(user), A_PAGE).get_page(request.GET.get("page"))
        context = {"page": page, "rows": [_row(claim) for claim in page], "draft": unsent_draft(user)}
        return render(request, "adjudication/claim/list.html", context)


def _row(claim: Claim) -> dict[str, Any]:
    return {"claim": claim, "title": icd10.title(claim.icd10, get_language())}


class OwnClaimPage(RoleRequired, View):
    """The base of the pages about one claim of the user's own."""

    allowed = (is_signed_in,)

    def claim(self, request: HttpRequest, ref: str) -> Claim:
        """The claim, if it is the user's own; otherwise 404, which does not reveal that it exists."""
        return get_object_or_404(own_claims(user_of(request)), ref=ref)


class ClaimDetail(OwnClaimPage):
    """The claim's state, what happens next, the clauses, the papers, the decision; allocation adds the payments."""

    template_name = "adjudication/claim/detail.html"

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The whole claim as its member sees it."""
        return render(request, self.template_name, self.context(self.claim(request, ref)))

    def context(self, claim: Claim) -> dict[str, Any]:
        steps = check_steps(claim)
        decision = latest_decision(claim)
        return {
            "claim": claim,
            "diagnosis": icd10.title(claim.icd10, get_language()),
            "next": next_step(claim),
            "clocks": clocks_of(claim, is_for_staff=False),
            "timeline": timeline(claim),
            "clauses": steps[-1].trace.findings if steps else (),
            "steps": steps,
            "version": claim.plan_version,
            "facts": fact_rows(claim),
            "papers": list(papers_of_claim(claim)),
            "decision": decision,
            "reasons": reason_texts(decision.plan_version.rules, decision.reason_codes) if decision else [],
            "draws": rounds_drawn([claim.ref]),
            "can_withdraw": claim.status in WITHDRAWABLE,
            "can_add": claim.status in TAKES_EVIDENCE,
        }


class ClaimWithdraw(OwnClaimPage):
    """Withdraw a claim, after a confirmation."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        return self._show(request, claim)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        try:
            withdraw_claim(claim_ref=claim.ref, by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, [str(error)], error.http_status)
        messages.success(request, _("Claim %(ref)s is withdrawn.") % {"ref": claim.ref})
        return redirect("claim_detail", claim.ref)

    def _show(
        self, request: HttpRequest, claim: Claim, errors: list[str] | None = None, status: int = 200
    ) -> HttpResponse:
        context = {"claim": claim, "errors": errors or [], "can_withdraw": claim.status in WITHDRAWABLE}
        return render(request, "adjudication/claim/withdraw.html", context, status=status)


class ClaimPapers(OwnClaimPage):
    """Add papers to a claim that is not yet judged."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self.claim(request, ref), Papers())

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Add all files, or none."""
        claim = self.claim(request, ref)
        form = Papers(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        given = form.cleaned_data
        uploads = uploads_in(given["papers"])
        try:
            add_files(uploads=uploads, kind=given["kind"], title=given["title"], by=user_of(request), claim=claim)
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {DomainError: "papers"}))
        messages.success(request, _("Your papers were added."))
        return redirect("claim_detail", claim.ref)

    def _show(self, request: HttpRequest, claim: Claim, form: Papers, status: int = 200) -> HttpResponse:
        context = {"claim": claim, "form": form, "can_add": claim.status in TAKES_EVIDENCE}
        return render(request, "adjudication/claim/papers.html", context, status=status)


class ClaimAnswer(OwnClaimPage):
    """The applicant's answer to a report that would reject the claim: the jury, or consent."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What was found, which clauses are not met, and the question while an answer is awaited."""
        claim = self.claim(request, ref)
        return self._show(request, claim, self._form(claim))

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        form = self._form(claim, request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            given = form.cleaned_data
            answer = answer_report(
                claim_ref=claim.ref, choice=given["choice"], words=given.get("words", ""), by=user_of(request)
            )
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {WordsMissing: "words"}))
        if answer.status == Answer.Status.HEARD:
            messages.success(request, _("A reviewer reads what you said before the decision."))
        elif answer.status == Answer.Status.JURY:
            messages.success(request, _("A jury of members will judge the claim. Its draw is announced in a moment."))
        else:
            messages.success(request, _("You have accepted the rejection. A reviewer issues the decision."))
        return redirect("claim_detail", claim.ref)

    def _form(self, claim: Claim, data: Any = None) -> ReportAnswer | HearingAnswer:
        return HearingAnswer(data) if is_by_clause(latest_answer(claim)) else ReportAnswer(data)

    def _show(
        self, request: HttpRequest, claim: Claim, form: ReportAnswer | HearingAnswer, status: int = 200
    ) -> HttpResponse:
        context = {"claim": claim, "form": form, "next": next_step(claim), "report": report_for_applicant(claim)}
        return render(request, "adjudication/claim/answer.html", context, status=status)


class ClaimNonce(OwnClaimPage):
    """The applicant's word for the draw of jurors."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What the word is for, and the form while a draw waits for it."""
        return self._show(request, self.claim(request, ref), Word())

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(request, ref)
        form = Word(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            give_nonce(claim_ref=claim.ref, nonce=form.cleaned_data["word"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {DomainError: "word"}))
        messages.success(request, _("Your word is in the draw."))
        return redirect("claim_detail", claim.ref)

    def _show(self, request: HttpRequest, claim: Claim, form: Word, status: int = 200) -> HttpResponse:
        context = {"claim": claim, "form": form, "next": next_step(claim)}
        return render(request, "adjudication/claim/word.html", context, status=status)
