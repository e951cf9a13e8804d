"""Pages: drafts of plan versions, for reviewers; auditors read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.forms import EditDraft, SeenRevision, SendBackForm, StartDraft
from members.models import PlanDraft, User
from members.rules.plans import OPINIONS
from members.selectors.plan_drafts import (
    drafts_to_confirm,
    drafts_visible_to,
    not_being_written,
    not_proposed,
    reading_of,
)
from members.selectors.plans import last_versions
from members.services.plan_drafts import (
    propose_draft,
    publish_draft,
    save_draft,
    send_back_draft,
    start_draft,
    withdraw_draft,
)

PAGE_SIZE = 50


class DraftList(RoleRequired, View):
    """Every draft, those that wait for this reviewer's confirmation first."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(drafts_visible_to(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"page": page, "to_confirm": drafts_to_confirm(request.user), "may_act": is_reviewer(request.user)}
        return render(request, "members/draft/list.html", context)


class DraftStart(RoleRequired, View):
    """A reviewer begins a draft from a version or a text."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form; `?from=` chooses a version."""
        form = StartDraft(versions=last_versions(), initial={"based_on": request.GET.get("from", "")})
        return render(request, "members/draft/start.html", {"form": form})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        versions = list(last_versions())
        form = StartDraft(request.POST, request.FILES, versions=versions)
        if not form.is_valid():
            return render(request, "members/draft/start.html", {"form": form}, status=422)
        chosen = next((one for one in versions if str(one.pk) == form.cleaned_data["based_on"]), None)
        try:
            draft = start_draft(based_on=chosen, source=form.text or None, by=_user(request))
        except DomainError as error:
            form.add_error(None, str(error))
            return render(request, "members/draft/start.html", {"form": form}, status=error.http_status)
        return redirect("plan_draft_edit", draft.pk)


class DraftPage(RoleRequired, View):
    """A page of one draft."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)
    template = ""

    def draft(self, request: HttpRequest, pk: int) -> PlanDraft:
        """The draft, as far as the user may see it."""
        return get_object_or_404(drafts_visible_to(request.user), pk=pk)

    def show(
        self, request: HttpRequest, draft: PlanDraft, form: Form | None = None, error: DomainError | None = None
    ) -> HttpResponse:
        """The page with what the draft says, and why the act is impossible: on GET as a notice, else as an error."""
        is_look = request.method == "GET"
        context: dict[str, Any] = {
            "draft": draft,
            "reading": reading_of(draft),
            "form": form,
            "errors": [str(error)] if error and not is_look else [],
            "notice": str(error) if error and is_look else "",
            "may_act": is_reviewer(request.user),
            "is_own": draft.proposed_by_id is not None and draft.proposed_by_id == request.user.pk,
            "opinions": OPINIONS,
        }
        status = 422 if form is not None and form.errors else 200
        if error is not None and not is_look:
            status = error.http_status
        return render(request, self.template, context, status=status)


class DraftDetail(DraftPage):
    """What a draft says and changes, and what can be done with it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template = "members/draft/detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.draft(request, pk))


class DraftEdit(DraftPage):
    """A reviewer writes: the text is saved as typed, and everything that is wrong with it is listed."""

    template = "members/draft/edit.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self.draft(request, pk)
        if draft.status != PlanDraft.Status.DRAFTING:
            return self.show(request, draft, None, not_being_written(draft))
        return self.show(request, draft, EditDraft(initial={"source": draft.source, "revision": draft.revision}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        draft = self.draft(request, pk)
        form = EditDraft(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, draft, form)
        try:
            draft = save_draft(draft_id=pk, source=form.text, revision=form.cleaned_data["revision"], by=_user(request))
        except DomainError as error:
            form.add_error(None, str(error))
            return self.show(request, draft, form, error)
        if reading_of(draft).problems:
            messages.warning(request, _("Saved as typed. Something in it is wrong; the list says what and where."))
            return redirect("plan_draft_edit", pk)
        messages.success(request, _("Saved. This is what would change."))
        return redirect("plan_draft_detail", pk)


class DraftAct(DraftPage):
    """A page that asks once more before an act on a draft."""

    form_class: type[Form] = SeenRevision
    needs_status: tuple[str, ...] = ()

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self.draft(request, pk)
        if draft.status not in self.needs_status:
            return self.show(request, draft, None, self.refusal(draft))
        return self.show(request, draft, self.form_class(initial={"revision": draft.revision}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do it, or say which rule is against it."""
        draft = self.draft(request, pk)
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(request, draft, form)
        try:
            messages.success(request, self.act(form.cleaned_data, draft, _user(request)))
        except DomainError as error:
            return self.show(request, self.draft(request, pk), None, error)
        return redirect("plan_draft_detail", pk)

    def refusal(self, draft: PlanDraft) -> DomainError:
        """Why the act is not possible now."""
        return not_proposed(draft)

    def act(self, given: dict[str, Any], draft: PlanDraft, by: User) -> str:
        """The act, and the words that say that it is done."""
        raise NotImplementedError


class DraftPropose(DraftAct):
    """A reviewer proposes a draft for publication."""

    template = "members/draft/propose.html"
    needs_status = (PlanDraft.Status.DRAFTING,)

    def refusal(self, draft: PlanDraft) -> DomainError:
        return not_being_written(draft)

    def act(self, given: dict[str, Any], draft: PlanDraft, by: User) -> str:
        propose_draft(draft_id=draft.pk, revision=given["revision"], by=by)
        return _("Draft %(number)s is proposed. Another reviewer can publish it now.") % {"number": draft.pk}


class DraftSendBack(DraftAct):
    """A reviewer wants a proposed draft changed first."""

    template = "members/draft/send_back.html"
    form_class = SendBackForm
    needs_status = (PlanDraft.Status.PROPOSED,)

    def act(self, given: dict[str, Any], draft: PlanDraft, by: User) -> str:
        send_back_draft(draft_id=draft.pk, remark=given["remark"], by=by)
        return _("Draft %(number)s can be changed again.") % {"number": draft.pk}


class DraftPublish(DraftAct):
    """The second reviewer confirms a proposed draft, and so publishes the version."""

    template = "members/draft/publish.html"
    needs_status = (PlanDraft.Status.PROPOSED,)

    def act(self, given: dict[str, Any], draft: PlanDraft, by: User) -> str:
        version = publish_draft(draft_id=draft.pk, revision=given["revision"], by=by)
        values = {"version": version.label, "plan": version.plan.code}
        return _("Version %(version)s of plan %(plan)s is published.") % values


class DraftWithdraw(DraftAct):
    """A reviewer withdraws a draft."""

    template = "members/draft/withdraw.html"
    needs_status = (PlanDraft.Status.DRAFTING, PlanDraft.Status.PROPOSED)

    def refusal(self, draft: PlanDraft) -> DomainError:
        return not_being_written(draft)

    def act(self, given: dict[str, Any], draft: PlanDraft, by: User) -> str:
        withdraw_draft(draft_id=draft.pk, by=by)
        return _("Draft %(number)s is withdrawn. Its text stays on record.") % {"number": draft.pk}


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # the role was asked before
    return user
