"""Pages of the professional: what they are asked, the masked file, and the answers, checked before they are sent."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from adjudication.forms.opinions import ANSWERS, OpinionForm, question_text
from adjudication.queue import nudge
from adjudication.selectors.opinions import (
    TO_GIVE,
    asked_opinions,
    claim_id_of_opinion,
    file_of_opinion,
    own_opinions,
    state_of_opinion,
)
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from jury.models import Opinion
from jury.services.opinions import give_opinion, open_file
from members.access import Access, RoleRequired, is_professional


class ProfessionalPage(RoleRequired, View):
    """A page for professional jurors; a request is found only by those who were asked."""

    allowed: ClassVar[tuple[Access, ...]] = (is_professional,)


class OpinionList(ProfessionalPage):
    """What this professional is asked, and what they have answered."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        return render(request, "adjudication/opinion/list.html", {"asked": asked_opinions(request.user)})


class OpinionDetail(ProfessionalPage):
    """The file and the questions; then the answers to be checked; then thanks."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The questions, or what was answered. That the file was opened is recorded."""
        opinion = self._opinion(pk)
        if state_of_opinion(opinion) != TO_GIVE:
            return self._show_past(request, opinion)
        open_file(opinion_id=opinion.pk, by=user_of(request))
        return self._ask(request, opinion, OpinionForm(questions=opinion.request.questions), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the answers once more; `act=send` gives them, `act=change` goes back to the form."""
        opinion = self._opinion(pk)
        form = OpinionForm(request.POST, questions=opinion.request.questions)
        act = request.POST.get("act")
        if not form.is_valid():
            return self._ask(request, opinion, form, INVALID)
        if act == "change":
            return self._ask(request, opinion, form, 200)
        if act != "send":
            return render(request, "adjudication/opinion/check.html", {"opinion": opinion, "form": form})
        try:
            give_opinion(
                opinion_id=opinion.pk,
                answers=form.answers,
                reasons=form.cleaned_data["reasons"],
                by=user_of(request),
            )
        except DomainError as error:
            return self._ask(request, opinion, form, refuse(form, error, {}))
        claim_id = claim_id_of_opinion(opinion)
        if claim_id is not None:
            nudge(claim_id)
        return redirect("opinion_detail", pk=opinion.pk)

    def _opinion(self, pk: int) -> Opinion:
        return get_object_or_404(own_opinions(self.request.user), pk=pk)

    def _ask(self, request: HttpRequest, opinion: Opinion, form: OpinionForm, status: int) -> HttpResponse:
        context = {"opinion": opinion, "file": file_of_opinion(opinion), "form": form}
        return render(request, "adjudication/opinion/detail.html", context, status=status)

    def _show_past(self, request: HttpRequest, opinion: Opinion) -> HttpResponse:
        words = dict(ANSWERS)
        rows = [
            (question_text(question), words[opinion.answers[question["code"]]])
            for question in opinion.request.questions
            if question["code"] in opinion.answers
        ]
        return render(request, "adjudication/opinion/given.html", {"opinion": opinion, "rows": rows})
