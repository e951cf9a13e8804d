"""One person as the plan's staff see them; and for members, who has looked at their data."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from adjudication.selectors.people import looks_at, whole_person
from adjudication.views.parts import user_of
from members.access import Access, RoleRequired, is_auditor, is_reviewer, is_signed_in
from members.selectors.people import people_visible_to


@method_decorator(never_cache, name="dispatch")
class PersonDetail(RoleRequired, View):
    """Memberships, family and claims of one person, masked until the reader asks for the data with a reason."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(people_visible_to(request.user), pk=pk)
        context = {"whole": whole_person(person, request.user), "sees_words": is_auditor(request.user)}
        return render(request, "adjudication/person/detail.html", context)


class LookList(RoleRequired, View):
    """Which staff looked at the data of the user and their family: when, in which role, and why."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "adjudication/person/looks.html", {"looks": looks_at(user_of(request))})
