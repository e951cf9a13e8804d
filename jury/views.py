"""Pages for becoming a juror, and the public records of draws and votes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from audit.errors import DomainError
from jury.errors.jurors import ExamNotPassed
from jury.forms import ExamForm, LookUpForm
from jury.selectors.draws import draw_record
from jury.selectors.jurors import Candidacy, candidacies
from jury.selectors.votes import Found, VoteRecord, vote_record
from jury.services.jurors import sit_exam
from members.access import Access, RoleRequired, is_signed_in
from pages.moments import page_now


class JoinJury(RoleRequired, View):
    """A member takes the short exam and becomes a juror."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """What jurors are asked to do, and the exam for those who may take it."""
        found = candidacies(request.user, page_now())
        form = ExamForm(candidacies=found) if any(one.can_sit_exam for one in found) else None
        return self._show(request, found, form, 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Grade it; the questions to look at again come with their explanations."""
        found = candidacies(request.user, page_now())
        if not any(one.can_sit_exam for one in found):
            return self._show(request, found, None, 409)
        form = ExamForm(request.POST, candidacies=found)
        if not form.is_valid():
            return self._show(request, found, form, 422)
        try:
            juror = sit_exam(
                membership=form.membership,
                answers=form.answers,
                hospital=form.cleaned_data["hospital"],
                by=request.user,  # type: ignore[arg-type]
            )
        except ExamNotPassed as error:
            form.add_error(None, str(error))
            form.explain(error.wrong)
            return self._show(request, found, form, 422)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, found, form, error.http_status)
        messages.success(request, _("You have passed. Your juror number is %(number)d.") % {"number": juror.number})
        return redirect("juror_join")

    def _show(self, request: HttpRequest, found: list[Candidacy], form: ExamForm | None, status: int) -> HttpResponse:
        return render(request, "jury/juror/join.html", {"candidacies": found, "form": form}, status=status)


class DrawRecordPage(TemplateView):
    """One draw, for everybody: what was committed, the result, and how to repeat it."""

    template_name = "jury/draw/record.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record = draw_record(kwargs["case_ref"], kwargs["round"])
        if record is None:
            raise Http404
        return super().get_context_data(record=record, panel=record.panel, **kwargs)


class VoteRecordPage(View):
    """A closed vote, for everybody: seats that voted, ballots that counted, and a look-up in both."""

    def get(self, request: HttpRequest, case_ref: str, round: int) -> HttpResponse:
        return self._show(request, self._record(case_ref, round), LookUpForm(), None, 200)

    def post(self, request: HttpRequest, case_ref: str, round: int) -> HttpResponse:
        """Look up a receipt or a token: by POST, so that it stands in no address and no access log."""
        record, form = self._record(case_ref, round), LookUpForm(request.POST)
        if not form.is_valid():
            return self._show(request, record, form, None, 422)
        return self._show(request, record, form, record.look_up(form.cleaned_data["code"]), 200)

    def _record(self, case_ref: str, round_: int) -> VoteRecord:
        record = vote_record(case_ref, round_)
        if record is None:
            raise Http404
        return record

    def _show(
        self, request: HttpRequest, record: VoteRecord, form: LookUpForm, found: Found | None, status: int
    ) -> HttpResponse:
        context = {"record": record, "panel": record.panel, "form": form, "found": found}
        answer = render(request, "jury/vote/record.html", context, status=status)
        if request.method == "POST":
            answer["Cache-Control"] = "no-store"
        return answer
