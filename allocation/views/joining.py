"""Pages: joining a plan, alone or with family, and rejoining one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from allocation.services.memberships import enrol
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_signed_in
from members.errors.dissolutions import PlanDissolving
from members.errors.memberships import PlanClosed
from members.forms import JoinForm
from members.keys import key_in
from members.models import Dissolution, Person, Plan, PlanVersion
from members.selectors.dissolutions import certain_end_of
from members.selectors.memberships import memberships_of
from members.selectors.people import family_of, person_of
from members.selectors.plans import plans, title_in, title_of, version_in_force
from pages.moments import page_now

SELF, FAMILY = "self", "family"


class JoinPage(RoleRequired, View):
    """A user joins a plan, or enrols a member of their family."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    plan: Plan
    version: PlanVersion | None
    end: Dissolution | None
    person: Person | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.plan = get_object_or_404(plans(), code=kwargs["code"])
        self.version = version_in_force(self.plan, page_now())
        self.end = certain_end_of(self.plan)
        self.person = person_of(request.user)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if self.version is None or self._refusal() is not None:
            return self._show(request, None, 200 if self._refusal() is None else 409)
        return self._show(request, self._form(request), 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        form = self._form(request) if self.version is not None and self._refusal() is None else None
        if form is None:
            return self._show(request, None, 409)
        if not form.is_valid():
            return self._show(request, form, 422)
        known = self._known_person(request)
        try:
            enrol(
                plan=self.plan,
                applicant=known or form.new_person,
                is_dependant=self._whom(request) != SELF,
                health_answers=form.health_answers,
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, form, error.http_status)
        name = title_in(self.plan, get_language())
        messages.success(request, _("Welcome to %(plan)s. The waiting period begins today.") % {"plan": name})
        return redirect("home")

    def _refusal(self) -> DomainError | None:
        """Why nobody can join the plan; None where they can."""
        if self.end is not None:
            return PlanDissolving(plan=title_of(self.plan), day=self.end.ends_on)
        join = self.version.rules.join if self.version else None
        if join is not None and join.closed_from is not None and join.is_closed_at(page_now()):
            return PlanClosed(plan=title_of(self.plan), at=join.closed_from)
        return None

    def _whom(self, request: HttpRequest) -> str:
        """`self`, `family` for somebody new, or the number of a family member who is registered."""
        return request.GET.get("for") or SELF

    def _known_person(self, request: HttpRequest) -> Person | None:
        whom = self._whom(request)
        if whom == SELF:
            return self.person
        if whom == FAMILY:
            return None
        return get_object_or_404(family_of(request.user), pk=key_in(whom))

    def _form(self, request: HttpRequest) -> JoinForm:
        if self._whom(request) == FAMILY and self.person is None:
            raise Http404
        assert self.version is not None  # the caller has checked
        posted = request.POST if request.method == "POST" else None
        return JoinForm(posted, rules=self.version.rules, is_new_person=self._known_person(request) is None)

    def _show(self, request: HttpRequest, form: JoinForm | None, status: int) -> HttpResponse:
        context = {
            "plan": self.plan,
            "version": self.version,
            "rules": self.version.rules if self.version else None,
            "errors": [str(refusal)] if (refusal := self._refusal()) else [],
            "form": form,
            "person": self.person,
            "family": list(family_of(request.user)),
            "whom": self._whom(request),
            "own": list(memberships_of(request.user).filter(plan=self.plan, left_at=None)),
        }
        return render(request, "allocation/membership/join.html", context, status=status)
