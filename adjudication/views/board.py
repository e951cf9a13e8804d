"""Pages of the reviewer and the auditor: the board, one claim whole, the decision, and the report returned."""

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
from adjudication.selectors.board import board_claims, board_rows, reckoning, state_counts, table_rows, whole_claim
from adjudication.selectors.claims import BoardFilters, claims_visible_to, latest_decision
from adjudication.selectors.decisions import proposed_decision
from adjudication.selectors.readable_files import illness_title, reason_texts
from adjudication.selectors.seats import reasons_for
from adjudication.selectors.timelines import next_step, timeline
from adjudication.services.decisions import issue_decision
from adjudication.services.investigations import return_report
from adjudication.services.viewings import view_claim
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from config.templatetags.assize import text_in
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.selectors.plans import plans

ROWS_ON_A_PAGE = 50


class BoardPage(RoleRequired, View):
    """A page that shows claims whole."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def claim(self, ref: str) -> Claim:
        """The claim, with the people behind it."""
        visible = claims_visible_to(self.request.user).select_related("plan_version", "membership__person__payer")
        return get_object_or_404(visible, ref=ref)


class ReviewerPage(BoardPage):
    """A page on which something is done: the auditor changes nothing."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)


class Board(BoardPage):
    """All claims by state, with age and deadline."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of claims under the filters, and the numbers of every state."""
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
            "page": page,
            "rows": board_rows(list(page.object_list)),
        }
        return render(request, "adjudication/board/board.html", context)


class BoardClaim(BoardPage):
    """One claim whole. That somebody read it is recorded."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The claim."""
        claim = self.claim(ref)
        view_claim(claim=claim, by=user_of(request))
        context = {
            "claim": claim,
            "whole": whole_claim(claim, request.user),
            "reckoning": reckoning(claim),
            "next_step": next_step(claim),
            "timeline": timeline(claim),
            "may_act": is_reviewer(request.user),
            "may_hold": is_reviewer(request.user) and claim.status in OPEN_STATUSES,
            "sees_bodies": is_auditor(request.user),
        }
        return render(request, "adjudication/board/claim.html", context)


class DecisionIssue(ReviewerPage):
    """What the table says, checked by a person and issued. The outcome and the amount can't be changed here."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The proposed decision with its grounds."""
        page = _DecisionContext(self.claim(ref))
        return self._show(request, page, page.form(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Issue it; whoever comes second is told that it is done."""
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
        return render(request, "adjudication/decision/issue.html", page.as_context() | {"form": form}, status=status)


class _DecisionContext:
    """What the decision's page shows of a claim."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.rules = claim.plan_version.rules

    @cached_property
    def proposal(self) -> Any:
        """What the table gives now; None when there is nothing to decide."""
        return proposed_decision(self.claim)

    @cached_property
    def issued(self) -> Any:
        """The decision that stands already."""
        return latest_decision(self.claim)

    def form(self, data: Any = None) -> IssueForm:
        """The form with the reasons that the plan has for this outcome and that are not given anyway."""
        source = self.proposal or self.issued
        given = set(self.proposal.reason_codes) if self.proposal else set()
        reasons = reasons_for(self.rules, source.outcome) if source else []
        return IssueForm(data, reasons=[reason for reason in reasons if reason.code not in given])

    def as_context(self) -> dict[str, Any]:
        """For the template."""
        proposal = self.proposal
        return {
            "claim": self.claim,
            "illness": illness_title(self.claim.icd10),
            "proposal": proposal,
            "changes": proposal.changes if proposal else (),
            "issued": self.issued,
            "reasons": reason_texts(self.rules, proposal.reason_codes) if proposal else (),
            "reckoning": reckoning(self.claim),
            "table": table_rows(self.rules.decision_table, proposal.basis if proposal else {}),
        }


class ReportReturn(ReviewerPage):
    """A signed report goes back to the investigators, before a jury is drawn."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What returning means."""
        return self._show(request, self.claim(ref), ReturnForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Return it with the reason."""
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
        return render(request, "adjudication/board/return.html", {"claim": claim, "form": form}, status=status)
