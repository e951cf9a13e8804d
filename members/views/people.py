"""Pages of the plan's staff: finding people, and asking for somebody's data."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.forms import PeoplePageForm, PeopleSearchForm, UnmaskForm
from members.models import Person
from members.rules.masking import masked_name
from members.selectors.people import people_visible_to
from members.selectors.search import FoundPage
from members.selectors.unmaskings import shown_data
from members.services.searches import search_people
from members.services.unmaskings import MOST_AN_HOUR, SHOWN_FOR, unmask_person

INVALID = 422


@method_decorator(never_cache, name="dispatch")
class PeopleSearch(RoleRequired, View):
    """Finding people by what is known about them. By POST: a name or identity number has no place in an address."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form; nobody is listed without a term."""
        return self._show(request, PeopleSearchForm(), None, 200)

    def post(self, request: HttpRequest) -> HttpResponse:
        page, form = PeoplePageForm(request.POST), PeopleSearchForm(request.POST)
        if not page.is_valid():
            return self._show(request, form, None, INVALID)
        given = page.cleaned_data
        found = search_people(
            term=given["term"],
            kind=given["by"],
            before=given["before"],
            by=request.user,  # type: ignore[arg-type]
        )
        return self._show(request, form, found, 200)

    def _show(self, request: HttpRequest, form: PeopleSearchForm, found: FoundPage | None, status: int) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "found": found}
        return render(request, "members/person/search.html", context, status=status)


@method_decorator(never_cache, name="dispatch")
class PersonUnmask(RoleRequired, View):
    """Asking for somebody's data, with a reason."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The question; while the data are shown there is nothing to ask."""
        person = self._person(request, pk)
        if shown_data(request.user, person) is not None:
            return redirect("person_detail", pk=pk)
        return self._show(request, person, UnmaskForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show them, and record it."""
        person = self._person(request, pk)
        form = UnmaskForm(request.POST)
        if not form.is_valid():
            return self._show(request, person, form, INVALID)
        try:
            unmask_person(person_id=person.pk, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, person, form, error.http_status)
        messages.success(request, _("The data are shown for a short time. The audit log says that you looked."))
        return redirect("person_detail", pk=pk)

    def _person(self, request: HttpRequest, pk: int) -> Person:
        return get_object_or_404(people_visible_to(request.user), pk=pk)

    def _show(self, request: HttpRequest, person: Person, form: UnmaskForm, status: int) -> HttpResponse:
        context = {
            "person": person,
            "masked_name": masked_name(person.name),
            "form": form,
            "minutes": SHOWN_FOR.seconds // 60,
            "most": MOST_AN_HOUR,
        }
        return render(request, "members/person/unmask.html", context, status=status)
