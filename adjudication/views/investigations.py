"""The investigator's pages: worklist, one investigation, its duties, the report."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import View

from adjudication.errors.accounts import AccountNamesSomebody, AccountRewritten, AccountUnread
from adjudication.errors.claims import SuspicionImpossible
from adjudication.errors.evidence import (
    FileDisguised,
    FileEmpty,
    FileNameInvalid,
    FileTellsMaker,
    FileTooLarge,
    FileTypeUnknown,
    TextNotUtf8,
    TooManyFiles,
)
from adjudication.errors.investigations import (
    DutyDayImpossible,
    InvestigationUnknown,
    NamesInSummary,
    SupportAgainstClause,
)
from adjudication.forms.investigations import DETAIL_PREFIX, Duty, Report
from adjudication.models import DutyRecord, Investigation
from adjudication.rules.rounds import CHANGED_HANDS, CLAUSE_NOT_MET, OPINION_INCONCLUSIVE, TAKEN_OFF
from adjudication.selectors.accounts import proposed_account
from adjudication.selectors.addenda import can_release
from adjudication.selectors.case_days import case_days
from adjudication.selectors.checks import check_steps
from adjudication.selectors.duties import details_of, revisions_of
from adjudication.selectors.evidence import files_of_duty, papers_of_claim
from adjudication.selectors.facts import age_of, counting_facts, trace_of
from adjudication.selectors.findings import FINDABLE, fact_rows, facts_to_find, late_findings, remarks_on
from adjudication.selectors.investigations import (
    due_state,
    duties_of,
    earlier_rounds,
    investigations_named_to,
    investigations_of,
    is_last_round,
    signed_by,
    waiting_investigations,
)
from adjudication.selectors.withdrawals import claims_with_unnoted, withdrawals_of
from adjudication.services.evidence import remove_evidence
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from adjudication.services.viewings import view_claim
from adjudication.views.parts import INVALID, refuse, uploads_in, user_of
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_investigator, is_reviewer
from members.codes import icd10
from members.keys import key_in
from members.rules.eligibility_types import clause_title
from pages.moments import page_now
from pages.words import listed

A_PAGE = 25
LISTS = {"waiting": waiting_investigations, "mine": investigations_of, "signed": signed_by}


class Worklist(RoleRequired, View):
    """Investigations that nobody has taken, the user's own open ones, and those they have signed."""

    allowed = (is_investigator,)

    def get(self, request: HttpRequest) -> HttpResponse:
        user = user_of(request)
        shown = request.GET.get("list", "")
        if shown not in LISTS:
            shown = "mine" if investigations_of(user).exists() else "waiting"
        page = Paginator(LISTS[shown](user), A_PAGE).get_page(request.GET.get("page"))
        counts = {name: found(user).count() for name, found in LISTS.items()}
        unnoted = claims_with_unnoted([one.claim_id for one in page])
        rows = [_row(one) | {"is_withdrawn": one.claim_id in unnoted} for one in page]
        context = {"shown": shown, "page": page, "rows": rows, "counts": counts}
        return render(request, "adjudication/investigation/list.html", context)


def _row(investigation: Investigation) -> dict[str, Any]:
    return {
        "investigation": investigation,
        "claim": investigation.claim,
        "title": icd10.title(investigation.claim.icd10, get_language()),
        "due": due_state(investigation, page_now()),
    }


class InvestigationTake(RoleRequired, View):
    allowed = (is_investigator,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it; an investigator who was slower sees on the list that it was taken."""
        try:
            take_investigation(investigation_id=pk, by=user_of(request))
        except InvestigationUnknown:
            raise Http404 from None
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("worklist")
        return redirect("investigation_detail", pk)


class InvestigationPage(RoleRequired, View):
    """The base of the pages about one investigation."""

    allowed: ClassVar[tuple[Access, ...]] = (is_investigator,)

    def investigation(self, request: HttpRequest, pk: int) -> Investigation:
        """The user's own investigation; any for reviewers and auditors."""
        return get_object_or_404(investigations_named_to(user_of(request)), pk=pk)


class InvestigationDetail(InvestigationPage):
    """The claim in full, the five duties, the claimant's papers."""

    allowed = (is_investigator, is_reviewer, is_auditor)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        investigation = self.investigation(request, pk)
        claim = investigation.claim
        view_claim(claim=claim, by=user_of(request))
        person = claim.membership.person
        steps = check_steps(claim)
        duties = duties_of(investigation)
        is_mine = investigation.investigator_id == user_of(request).pk
        context = {
            "investigation": investigation,
            "claim": claim,
            "person": person,
            "age_years": age_of(claim, counting_facts(claim)),
            "facts": fact_rows(claim),
            "record": investigation.pk if is_mine and claim.status in FINDABLE and is_last_round(investigation) else "",
            "remarks": remarks_on(claim),
            "can_release": is_mine and can_release(claim) and bool(late_findings(claim)),
            "days": case_days(claim),
            "diagnosis": icd10.title(claim.icd10, get_language()),
            "due": due_state(investigation, page_now()),
            "why": why_again(investigation),
            "withdrawals": list(withdrawals_of(claim)),
            "tasks": [_task(duty, is_mine) for duty in duties],
            "is_complete": all(duty.recorded_at for duty in duties),
            "is_mine": is_mine,
            "papers": list(papers_of_claim(claim)),
            "clauses": steps[-1].trace.findings if steps else (),
            "steps": steps,
            "earlier": list(earlier_rounds(investigation)),
        }
        return render(request, "adjudication/investigation/detail.html", context)


def _task(duty: DutyRecord, is_mine: bool) -> dict[str, Any]:
    url = reverse("duty_edit", args=[duty.investigation_id, duty.kind]) if is_mine else ""
    return {"duty": duty, "url": url, "state": "done" if duty.recorded_at else "todo"}


def why_again(investigation: Investigation) -> str:
    """Why this round was opened, in words; a reviewer's own words unchanged."""
    if investigation.reason == CLAUSE_NOT_MET:
        clauses = listed(clause_title(one).in_language(get_language()) for one in investigation.for_clauses)
        told = _("Clauses that bind are not met: %(clauses)s. Find out what is true; the next report decides.")
        return told % {"clauses": clauses}
    words = {
        OPINION_INCONCLUSIVE: _("The doctors' opinion was inconclusive."),
        TAKEN_OFF: _("The investigation before this one was overdue for too long, and was taken off its investigator."),
        CHANGED_HANDS: _("The investigator before you declared a relation to the member."),
    }
    return words.get(investigation.reason, investigation.reason)


class DutyEdit(InvestigationPage):
    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        investigation, duty = self._find(request, pk, kind)
        initial = {
            "result": duty.result,
            "findings": duty.findings,
            "jury_summary": duty.jury_summary,
            "done_on": duty.done_on,
        } | {DETAIL_PREFIX + name: text for name, text in duty.details.items()}
        return self._show(request, investigation, duty, Duty(initial=initial, kind=duty.kind))

    def post(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        investigation, duty = self._find(request, pk, kind)
        if "remove" in request.POST:
            return self._remove(request, investigation, duty)
        form = Duty(request.POST, request.FILES, kind=duty.kind)
        if not form.is_valid():
            return self._show(request, investigation, duty, form, INVALID)
        given = form.cleaned_data
        try:
            record_duty(
                duty_id=duty.pk,
                result=given["result"],
                findings=given["findings"],
                jury_summary=given["jury_summary"],
                done_on=given["done_on"],
                uploads=uploads_in(given["papers"]),
                is_for_jury=given["is_for_jury"],
                details=form.details,
                by=user_of(request),
            )
        except DomainError as error:
            return self._show(request, investigation, duty, form, refuse(form, error, _DUTY_FIELDS))
        messages.success(request, _("Recorded: %(duty)s") % {"duty": duty.get_kind_display()})
        return redirect("investigation_detail", pk)

    def _find(self, request: HttpRequest, pk: int, kind: str) -> tuple[Investigation, DutyRecord]:
        investigation = self.investigation(request, pk)
        duty = get_object_or_404(investigation.duties.all(), kind=kind.replace("-", "_"))
        return investigation, duty

    def _remove(self, request: HttpRequest, investigation: Investigation, duty: DutyRecord) -> HttpResponse:
        written = request.POST["remove"]
        evidence = get_object_or_404(files_of_duty(duty), pk=key_in(written))
        try:
            remove_evidence(evidence_id=evidence.pk, by=user_of(request))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("duty_edit", investigation.pk, duty.kind)

    def _show(
        self, request: HttpRequest, investigation: Investigation, duty: DutyRecord, form: Duty, status: int = 200
    ) -> HttpResponse:
        context = {
            "investigation": investigation,
            "claim": investigation.claim,
            "duty": duty,
            "form": form,
            "files": list(files_of_duty(duty)),
            "details": details_of(duty),
            "revisions": revisions_of(duty),
            "facts": facts_to_find(investigation.claim),
            "is_open": investigation.status == Investigation.Status.OPEN,
        }
        return render(request, "adjudication/investigation/duty.html", context, status=status)


_DUTY_FIELDS: dict[type[DomainError], str] = {
    DutyDayImpossible: "done_on",
    NamesInSummary: "jury_summary",
    FileEmpty: "papers",
    FileTooLarge: "papers",
    FileNameInvalid: "papers",
    FileTypeUnknown: "papers",
    FileDisguised: "papers",
    FileTellsMaker: "papers",
    TextNotUtf8: "papers",
    TooManyFiles: "papers",
}
_REPORT_FIELDS: dict[type[DomainError], str] = {
    NamesInSummary: "jury_summary",
    SupportAgainstClause: "recommendation",
    SuspicionImpossible: "suspected_on",
    AccountUnread: "jury_account",
    AccountRewritten: "jury_account",
    AccountNamesSomebody: "jury_account",
}


class ReportSign(InvestigationPage):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form, once all five duties are recorded."""
        investigation = self.investigation(request, pk)
        return self._show(request, investigation, self._form(investigation))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        investigation = self.investigation(request, pk)
        form = self._form(investigation, request.POST)
        if not form.is_valid():
            return self._show(request, investigation, form, INVALID)
        given = form.cleaned_data
        try:
            sign_report(
                investigation_id=pk,
                recommendation=given["recommendation"],
                reason_codes=form.reasons,
                report=given["report"],
                jury_summary=given["jury_summary"],
                suspected_on=given["suspected_on"],
                jury_account=given.get("jury_account"),
                by=user_of(request),
            )
        except DomainError as error:
            return self._show(request, investigation, form, refuse(form, error, _REPORT_FIELDS))
        messages.success(request, _("The report is signed and the evidence frozen."))
        return redirect("investigation_detail", pk)

    def _form(self, investigation: Investigation, data: Any = None) -> Report:
        proposed = proposed_account(investigation.claim)
        initial = {"jury_account": proposed.masked} if proposed else {}
        rules = investigation.claim.plan_version.rules
        return Report(data, rules=rules, has_account=proposed is not None, initial=initial)

    def _show(
        self, request: HttpRequest, investigation: Investigation, form: Report, status: int = 200
    ) -> HttpResponse:
        duties = duties_of(investigation)
        context = {
            "investigation": investigation,
            "claim": investigation.claim,
            "form": form,
            "missing": [duty for duty in duties if not duty.recorded_at],
            "withdrawals": [one for one in withdrawals_of(investigation.claim) if one.noted_at is None],
            "facts": fact_rows(investigation.claim),
            "clauses": trace_of(investigation.claim).findings,
            "binding": [clause_title(one) for one in investigation.claim.plan_version.rules.claims.binding],
            "files": investigation.claim.evidence.count(),
            "account": proposed_account(investigation.claim),
            "is_open": investigation.status == Investigation.Status.OPEN,
        }
        return render(request, "adjudication/investigation/report.html", context, status=status)
