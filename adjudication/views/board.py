"""Pages of the reviewer and the auditor: the board, one claim in full, the decision, and returning a report."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from adjudication.forms.decisions import READY, BoardForm, IssueForm, ReturnForm
from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.selectors.board import (
    aid_calculation,
    board_claims,
    board_rows,
    state_counts,
    table_rows,
    whole_claim,
)
from adjudication.selectors.claims import BoardFilters, claims_visible_to
from adjudication.selectors.clocks import clocks_of
from adjudication.selectors.conflicts import shown_conflict
from adjudication.selectors.decisions import proposed_decision, readable_basis
from adjudication.selectors.latest import latest_decision
from adjudication.selectors.readable_files import illness_title, reason_texts
from adjudication.selectors.timelines import next_step, timeline
from adjudication.selectors.withdrawals import withdrawals_of
from adjudication.services.decisions import issue_decision
from adjudication.services.investigations import return_report
from adjudication.services.viewings import view_claim
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from audit.selectors.sweeps import operations
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.rules.verdicts import Opinion
from members.selectors.plans import plans
from pages.templatetags.assize import text_in

ROWS_ON_A_PAGE = 50


class BoardPage(RoleRequired, View):
    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def claim(self, ref: str) -> Claim:
        """The claim, with the people behind it."""
        visible = claims_visible_to(self.request.user).select_related("plan_version", "membership__person__payer")
        return get_object_or_404(visible, ref=ref)


class ReviewerPage(BoardPage):
    """A page for acts: reviewers only, since auditors change nothing."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)


class Board(BoardPage):
    """All claims by state, with age and deadline."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = BoardForm(request.GET, plans=[(plan.code, text_in(plan, "title")) for plan in plans()])
        wanted: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        status = wanted.get("status", "")
        filters = BoardFilters(
            status="" if status == READY else status,
            plan=wanted.get("plan", ""),
            overdue=wanted.get("overdue", False),
            search=wanted.get("search", ""),
        )
        counts = state_counts(request.user, filters.plan)
        found = board_claims(request.user, filters, is_ready=status == READY)
        page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "form": form,
            "counts": counts,
            "status": status,
            "state": Claim.Status(status) if status in Claim.Status.values else None,
            "page": page,
            "rows": board_rows(list(page.object_list)),
            "workers": operations(),
        }
        return render(request, "adjudication/board/board.html", context)


class BoardClaim(BoardPage):
    """One claim in full; allocation adds its payments. Opening it is recorded."""

    template_name = "adjudication/board/claim.html"

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        view_claim(claim=claim, by=user_of(request))
        return render(request, self.template_name, self.context(claim))

    def context(self, claim: Claim) -> dict[str, Any]:
        user = self.request.user
        return {
            "claim": claim,
            "whole": whole_claim(claim, user),
            "calculation": aid_calculation(claim),
            "withdrawals": list(withdrawals_of(claim)),
            "next_step": next_step(claim),
            "clocks": clocks_of(claim, is_for_staff=True),
            "timeline": timeline(claim),
            "may_act": is_reviewer(user),
            "may_hold": is_reviewer(user) and claim.status in OPEN_STATUSES,
            "sees_bodies": is_auditor(user),
            "conflict": shown_conflict(user_of(self.request), claim),
        }


def _with_conflict(request: HttpRequest, claim: Claim, form: Any) -> dict[str, Any]:
    return {"claim": claim, "form": form, "conflict": shown_conflict(user_of(request), claim)}


class DecisionIssue(ReviewerPage):
    """The table's decision, checked by a person and issued. The outcome and the amount can't be changed here."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        page = _DecisionContext(self.claim(ref))
        return self._show(request, page, page.form(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Issue it; the second of two reviewers learns that it is already issued."""
        page = _DecisionContext(self.claim(ref))
        form = page.form(request.POST)
        if not form.is_valid():
            return self._show(request, page, form, INVALID)
        try:
            issue_decision(claim_ref=ref, reason_codes=form.cleaned_data["reason_codes"], by=user_of(request))
        except DomainError as error:
            status = refuse(form, error, {})
            return self._show(request, _DecisionContext(self.claim(ref)), form, status)
        messages.success(
            request, _("The decision on claim %(ref)s is issued. The member can read it now.") % {"ref": ref}
        )
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, page: _DecisionContext, form: IssueForm, status: int) -> HttpResponse:
        return render(
            request,
            "adjudication/decision/issue.html",
            page.as_context() | _with_conflict(request, page.claim, form),
            status=status,
        )


class _DecisionContext:
    """What the decision's page shows about a claim."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.rules = claim.plan_version.rules

    @cached_property
    def proposal(self) -> Any:
        """The table's decision now; None when there is nothing to decide."""
        return proposed_decision(self.claim)

    @cached_property
    def issued(self) -> Any:
        return latest_decision(self.claim)

    def form(self, data: Any = None) -> IssueForm:
        """The form with the plan's reasons for this outcome that the proposal does not already contain."""
        source = self.proposal or self.issued
        given = set(self.proposal.reason_codes) if self.proposal else set()
        reasons = self.rules.reasons_for(source.outcome) if source else ()
        return IssueForm(data, reasons=[reason for reason in reasons if reason.code not in given])

    def as_context(self) -> dict[str, Any]:
        proposal = self.proposal
        return {
            "claim": self.claim,
            "illness": illness_title(self.claim.icd10),
            "proposal": proposal,
            "basis": readable_basis(proposal.basis) if proposal else {},
            "changes": proposal.changes if proposal else (),
            "issued": self.issued,
            "reasons": reason_texts(self.rules, proposal.reason_codes) if proposal else (),
            "calculation": aid_calculation(self.claim),
            "opinions": list(Opinion),
            "table": table_rows(self.rules.decision_table, proposal.basis if proposal else {}),
        }


class ReportReturn(ReviewerPage):
    """Returning a signed report to the investigators, before a jury is drawn."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self.claim(ref), ReturnForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self.claim(ref)
        form = ReturnForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            return_report(claim_ref=ref, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {}))
        messages.success(request, _("The report is returned. The claim is on the investigators' list again."))
        return redirect("board_claim", ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: ReturnForm, status: int) -> HttpResponse:
        return render(request, "adjudication/board/return.html", _with_conflict(request, claim, form), status=status)
