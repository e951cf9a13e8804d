"""Pages of declared relations: the list, declaring one, asking for its withdrawal, and the second person's answer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from adjudication.forms.relations import WITHDRAW, RelationForm, SettleForm, WithdrawalForm
from adjudication.models import Claim, DeclaredRelation
from adjudication.selectors.relations import claims_open_to_declaring, own_relation, relations_visible_to
from adjudication.services.relations import ask_withdrawal, declare_relation, settle_withdrawal
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_investigator, is_reviewer

ROWS_ON_A_PAGE = 50


class RelationList(RoleRequired, View):
    """All relations for reviewers and auditors, their own for investigators."""

    allowed: ClassVar[tuple[Access, ...]] = (is_investigator, is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(relations_visible_to(request.user), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {"page": page, "is_reviewer": is_reviewer(request.user)}
        return render(request, "adjudication/relation/list.html", context)


class RelationDeclare(RoleRequired, View):
    """Declaring that one has something to do with the member of a claim."""

    allowed: ClassVar[tuple[Access, ...]] = (is_investigator, is_reviewer)

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self._show(request, self._claim(ref), RelationForm(), 200)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        claim = self._claim(ref)
        form = RelationForm(request.POST)
        if not form.is_valid():
            return self._show(request, claim, form, INVALID)
        try:
            declare_relation(claim_ref=ref, kind=form.cleaned_data["kind"], by=user_of(request))
        except DomainError as error:
            return self._show(request, claim, form, refuse(form, error, {}))
        messages.success(request, _("Your relation is declared. Somebody else acts on this member's claims."))
        return redirect("relation_list")

    def _claim(self, ref: str) -> Claim:
        return get_object_or_404(claims_open_to_declaring(self.request.user), ref=ref)

    def _show(self, request: HttpRequest, claim: Claim, form: RelationForm, status: int) -> HttpResponse:
        context = {"claim": claim, "form": form, "relation": own_relation(request.user, claim)}
        return render(request, "adjudication/relation/declare.html", context, status=status)


class _RelationPage(RoleRequired, View):
    form: ClassVar[Any]
    template_name: ClassVar[str]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.relation(pk), self.form(), 200)

    def relation(self, pk: int) -> DeclaredRelation:
        """A relation that the user may see."""
        return get_object_or_404(relations_visible_to(self.request.user), pk=pk)

    def show(self, request: HttpRequest, relation: DeclaredRelation, form: Any, status: int) -> HttpResponse:
        """The relation and the form."""
        context = {"relation": relation, "claim": relation.claim, "form": form}
        return render(request, self.template_name, context, status=status)


class RelationWithdraw(_RelationPage):
    """Asking a second person to withdraw one's own relation."""

    allowed: ClassVar[tuple[Access, ...]] = (is_investigator, is_reviewer)
    form = WithdrawalForm
    template_name = "adjudication/relation/withdraw.html"

    def relation(self, pk: int) -> DeclaredRelation:
        """Only one's own: what others declared is not theirs to take back."""
        return get_object_or_404(relations_visible_to(self.request.user).filter(user=user_of(self.request)), pk=pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        relation, form = self.relation(pk), WithdrawalForm(request.POST)
        if not form.is_valid():
            return self.show(request, relation, form, INVALID)
        try:
            ask_withdrawal(relation_id=pk, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self.show(request, relation, form, refuse(form, error, {}))
        messages.success(request, _("Another reviewer is asked. Until they agree, the relation counts."))
        return redirect("relation_list")


class RelationSettle(_RelationPage):
    """The second person's answer."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)
    form = SettleForm
    template_name = "adjudication/relation/settle.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        relation, form = self.relation(pk), SettleForm(request.POST)
        if not form.is_valid():
            return self.show(request, relation, form, INVALID)
        is_withdrawn = form.cleaned_data["answer"] == WITHDRAW
        try:
            settle_withdrawal(relation_id=pk, is_withdrawn=is_withdrawn, by=user_of(request))
        except DomainError as error:
            return self.show(request, relation, form, refuse(form, error, {}))
        messages.success(
            request,
            _("The relation is withdrawn.") if is_withdrawn else _("The relation is kept and counts as before."),
        )
        return redirect("relation_list")
