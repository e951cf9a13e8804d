"""Pages of the professional: what they are asked, the masked file, and the answers, checked before they are sent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from adjudication.errors.claims import DiagnosisBeforeBirth, SuspicionImpossible
from adjudication.errors.findings import DiseaseNotAsked, FactValueUnfit
from adjudication.forms.ballots import RecusalForm
from adjudication.forms.opinions import ANSWERS, FACT_PREFIX, OpinionForm, fact_rows_of, question_text
from adjudication.rules.facts import FactName
from adjudication.selectors.addenda import addendum_for_doctors
from adjudication.selectors.opinions import (
    TO_GIVE,
    asked_of_disease,
    asked_opinions,
    clause_of_severity,
    file_of_opinion,
    own_opinions,
    papers_for_professional,
    rules_of_opinion,
    state_of_opinion,
)
from adjudication.services.opinions import give_opinion, open_file, recuse_opinion
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from jury.models import Opinion
from members.access import Access, RoleRequired, is_professional
from members.errors.codes import UnknownCode

_FIELDS: dict[type[DomainError], str] = {
    UnknownCode: FACT_PREFIX + FactName.ICD10,
    DiseaseNotAsked: FACT_PREFIX + FactName.DISEASE,
    FactValueUnfit: FACT_PREFIX + FactName.DISEASE,
    DiagnosisBeforeBirth: FACT_PREFIX + FactName.FIRST_DIAGNOSED_ON,
    SuspicionImpossible: FACT_PREFIX + FactName.SUSPECTED_ON,
}


class ProfessionalPage(RoleRequired, View):
    """A page for professional jurors; a request can be opened only by those who were asked."""

    allowed: ClassVar[tuple[Access, ...]] = (is_professional,)

    def opinion(self, pk: int) -> Opinion:
        """An opinion asked of this professional."""
        return get_object_or_404(own_opinions(self.request.user), pk=pk)


class OpinionList(ProfessionalPage):
    """The opinions that this professional is asked for, and those given."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "adjudication/opinion/list.html", {"asked": asked_opinions(request.user)})


class OpinionDetail(ProfessionalPage):
    """The file and the questions; then the answers to be checked; then thanks."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The questions, or what was answered. Opening the file is recorded."""
        opinion = self.opinion(pk)
        if state_of_opinion(opinion) != TO_GIVE:
            return self._show_past(request, opinion)
        open_file(opinion_id=opinion.pk, by=user_of(request))
        return self._ask(request, opinion, self._form(opinion), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the answers once more; `act=send` gives them, `act=change` goes back to the form."""
        opinion = self.opinion(pk)
        form = self._form(opinion, request.POST)
        act = request.POST.get("act")
        if not form.is_valid():
            return self._ask(request, opinion, form, INVALID)
        if act == "change":
            return self._ask(request, opinion, form, 200)
        if act != "send":
            return render(request, "adjudication/opinion/check.html", {"opinion": opinion, "form": form})
        try:
            give_opinion(opinion_id=opinion.pk, **form.given, by=user_of(request))
        except DomainError as error:
            return self._ask(request, opinion, form, refuse(form, error, _FIELDS))
        return redirect("opinion_detail", pk=opinion.pk)

    def _form(self, opinion: Opinion, data: Any = None) -> OpinionForm:
        return OpinionForm(
            data,
            questions=opinion.request.questions,
            rules=rules_of_opinion(opinion),
            clause=clause_of_severity(opinion),
            asks=asked_of_disease(opinion),
        )

    def _ask(self, request: HttpRequest, opinion: Opinion, form: OpinionForm, status: int) -> HttpResponse:
        papers = papers_for_professional(opinion)
        context = {
            "opinion": opinion,
            "file": file_of_opinion(opinion),
            "form": form,
            "medical_papers": papers,
            "addendum": addendum_for_doctors(opinion.request),
        }
        return render(request, "adjudication/opinion/detail.html", context, status=status)

    def _show_past(self, request: HttpRequest, opinion: Opinion) -> HttpResponse:
        words = dict(ANSWERS)
        rows = [
            (question_text(question), str(words[opinion.answers[question["code"]]]))
            for question in opinion.request.questions
            if question["code"] in opinion.answers
        ]
        rows += fact_rows_of(opinion.facts, rules_of_opinion(opinion))
        return render(request, "adjudication/opinion/given.html", {"opinion": opinion, "rows": rows})


class OpinionRecuse(ProfessionalPage):
    """Stepping down before the opinion is given, with a reason; without opening the file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self.opinion(pk), RecusalForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        opinion, form = self.opinion(pk), RecusalForm(request.POST)
        if not form.is_valid():
            return self._show(request, opinion, form, INVALID)
        try:
            recuse_opinion(opinion_id=opinion.pk, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, opinion, form, refuse(form, error, {}))
        messages.success(
            request, _("You have stepped down from the opinion on %(ref)s.") % {"ref": opinion.request.case_ref}
        )
        return redirect("opinion_list")

    def _show(self, request: HttpRequest, opinion: Opinion, form: RecusalForm, status: int) -> HttpResponse:
        context = {"opinion": opinion, "form": form, "is_over": state_of_opinion(opinion) != TO_GIVE}
        return render(request, "adjudication/opinion/recuse.html", context, status=status)
