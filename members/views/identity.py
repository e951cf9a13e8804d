"""Pages of questions about identities: the list, and settling one."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.forms import IdentityForm
from members.models import IdentityQuestion
from members.rules.masking import masked_name
from members.selectors.identity import identity_questions_visible_to
from members.services.identity import settle_identity

INVALID = 422
ROWS_ON_A_PAGE = 50


class IdentityList(RoleRequired, View):
    """What speaks against identity numbers, those to be settled and those that are."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        found = identity_questions_visible_to(request.user)
        if request.GET.get("list") != "all":
            found = found.filter(status=IdentityQuestion.Status.OPEN)
        page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        rows = [(question, masked_name(question.person.name)) for question in page]
        context = {"page": page, "rows": rows, "is_all": request.GET.get("list") == "all"}
        return render(request, "members/identity/list.html", context)


class IdentityDetail(RoleRequired, View):
    """One question; a reviewer settles it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self._question(pk), IdentityForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        question, form = self._question(pk), IdentityForm(request.POST)
        if not form.is_valid():
            return self._show(request, question, form, INVALID)
        try:
            settle_identity(question_id=pk, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, question, form, error.http_status)
        messages.success(request, _("The question about the identity is settled."))
        return redirect("identity_list")

    def _question(self, pk: int) -> IdentityQuestion:
        return get_object_or_404(identity_questions_visible_to(self.request.user).select_related("settled_by"), pk=pk)

    def _show(self, request: HttpRequest, question: IdentityQuestion, form: IdentityForm, status: int) -> HttpResponse:
        context = {
            "question": question,
            "masked_name": masked_name(question.person.name),
            "form": form,
            "may_settle": is_reviewer(request.user) and question.status != IdentityQuestion.Status.CONFIRMED,
        }
        return render(request, "members/identity/detail.html", context, status=status)
