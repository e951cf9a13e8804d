"""Pages: moving from one plan into another, with its consequences shown in advance."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from allocation.selectors.arrears import owed_by
from allocation.selectors.carrying import carried_into
from allocation.services.memberships import move
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_signed_in
from members.forms import MoveForm
from members.models import Membership
from members.selectors.memberships import memberships_of
from members.selectors.moves import MoveOption, move_options, move_preview
from members.selectors.plans import title_in
from pages.moments import page_now


class MoveList(RoleRequired, View):
    """The plans that take members of this plan: those the member can move into, and why not into the others."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        membership = get_object_or_404(memberships_of(request.user), pk=pk)
        context = {"membership": membership, "options": move_options(membership, page_now())}
        return render(request, "allocation/membership/moves.html", context)


class MovePage(RoleRequired, View):
    """Show what moving into a plan means, take the health statement it requires, and move."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    membership: Membership
    option: MoveOption | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """404 for another person's membership; no option for a plan that takes no members of this one."""
        if request.user.is_authenticated:
            self.membership = get_object_or_404(memberships_of(request.user), pk=kwargs["pk"])
            options = move_options(self.membership, page_now())
            self.option = next((one for one in options if one.plan.code == kwargs["code"]), None)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if self.option is None or not self.option.is_possible:
            return redirect("membership_moves", pk=self.membership.pk)
        return self._show(request, self.option, self._form(self.option, None), 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if self.option is None:
            return redirect("membership_moves", pk=self.membership.pk)
        form = self._form(self.option, request.POST)
        if not form.is_valid():
            return self._show(request, self.option, form, 422)
        try:
            move(
                membership_id=self.membership.pk,
                plan=self.option.plan,
                health_answers=form.health_answers,
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, self.option, form, error.http_status)
        name = title_in(self.option.plan, get_language())
        messages.success(request, _("Moved: the membership of %(plan)s has begun.") % {"plan": name})
        return redirect("home")

    def _form(self, option: MoveOption, posted: Any) -> MoveForm:
        return MoveForm(posted, rules=option.version.rules, way=option.way)

    def _show(self, request: HttpRequest, option: MoveOption, form: MoveForm, status: int) -> HttpResponse:
        preview = move_preview(self.membership, option, page_now())
        context = {
            "membership": self.membership,
            "option": option,
            "preview": preview,
            "rules": option.version.rules,
            "carried_minor": carried_into(self.membership.person, option.plan, preview.first_notice_on),
            "arrears": owed_by(self.membership),
            "form": form,
        }
        return render(request, "allocation/membership/move.html", context, status=status)
