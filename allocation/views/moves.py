"""Pages: moving from one plan into another, told beforehand what it means."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
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


class MoveList(RoleRequired, View):
    """The plans into which a member can move, and why not into the others that take members of theirs."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Each with its conditions."""
        membership = get_object_or_404(memberships_of(request.user), pk=pk)
        context = {"membership": membership, "options": move_options(membership, timezone.now())}
        return render(request, "allocation/membership/moves.html", context)


class MovePage(RoleRequired, View):
    """Check what moving into one plan means, sign what it asks, and move."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    membership: Membership
    option: MoveOption | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whose membership, and into which plan: nobody else's, and none that takes nobody from there."""
        if request.user.is_authenticated:
            self.membership = get_object_or_404(memberships_of(request.user), pk=kwargs["pk"])
            options = move_options(self.membership, timezone.now())
            self.option = next((one for one in options if one.plan.code == kwargs["code"]), None)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """What would end, begin, go on, and be owed."""
        if self.option is None or not self.option.is_possible:
            return redirect("membership_moves", pk=self.membership.pk)
        return self._show(request, self.option, self._form(self.option, None), 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Move, or say which rule is against it."""
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
        preview = move_preview(self.membership, option, timezone.now())
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
