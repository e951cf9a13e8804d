"""Filing a claim step by step: one topic on each page, a task list, check your answers, send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import View

from adjudication.errors.claims import (
    ClaimAlreadyOpen,
    DiagnosedBeforeJoining,
    DiagnosedOutsideMembership,
    DiagnosisBeforeBirth,
    DiagnosisInFuture,
    DiseaseUnfit,
    HospitalMissing,
    NotYourClaim,
    SuspicionImpossible,
)
from adjudication.errors.drafts import DraftAlreadySent
from adjudication.forms.claims import (
    NOT_KNOWN,
    Days,
    Diagnosis,
    Hospital,
    Illness,
    IllnessOfSeveral,
    OptionalPapers,
    Who,
    membership_label,
)
from adjudication.models import ClaimDraft
from adjudication.selectors.diagnoses import diagnosis_label, found_diagnoses, rules_today
from adjudication.selectors.drafts import drafts_visible_to, unsent_draft
from adjudication.selectors.evidence import papers_of_draft
from adjudication.selectors.timelines import next_step
from adjudication.services import drafts
from adjudication.services.evidence import add_files, remove_evidence
from adjudication.views.parts import INVALID, refuse, uploads_in, user_of
from audit.errors import DomainError
from members.access import RoleRequired, is_signed_in
from members.errors.codes import UnknownCode
from members.keys import key_in
from members.selectors.memberships import memberships_of


def step_url(draft: ClaimDraft, step: str) -> str:
    return reverse("claim_draft", args=[draft.pk, step])


class ClaimNew(RoleRequired, View):
    """Begin a claim, or the list of tasks of the one being written."""

    allowed = (is_signed_in,)

    def get(self, request: HttpRequest) -> HttpResponse:
        user = user_of(request)
        draft = unsent_draft(user)
        context: dict[str, Any] = {"draft": draft, "has_membership": memberships_of(user).exists()}
        if draft is not None:
            context["tasks"] = _tasks(draft)
            context["is_complete"] = not drafts.missing_steps(draft)
            context["check_url"] = step_url(draft, "check")
            context["discard_url"] = step_url(draft, "discard")
        return render(request, "adjudication/draft/tasks.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        draft = drafts.start_draft(by=user_of(request))
        return redirect(_after(draft))


def _tasks(draft: ClaimDraft) -> list[dict[str, str]]:
    return [
        {"label": str(title), "url": step_url(draft, step), "state": "done" if step in draft.answers else "todo"}
        for step, title in drafts.step_titles().items()
    ]


def _after(draft: ClaimDraft) -> str:
    missing = drafts.missing_steps(draft)
    return step_url(draft, missing[0] if missing else "check")


class ClaimDraftPage(RoleRequired, View):
    """Every page of a draft: its steps, checking, sending and discarding."""

    allowed = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        return self._page(request, pk, step).get()

    def post(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        return self._page(request, pk, step).post()

    def _page(self, request: HttpRequest, pk: int, step: str) -> DraftPage:
        if step not in PAGES:
            raise Http404
        draft = get_object_or_404(drafts_visible_to(user_of(request)), pk=pk)
        kind = PAGES[step] if draft.claim is None or step == "sent" else _Gone
        return kind(request, draft, step)


class DraftPage:
    def __init__(self, request: HttpRequest, draft: ClaimDraft, step: str) -> None:
        self.request, self.draft, self.step = request, draft, step
        self.user = user_of(request)

    def get(self) -> HttpResponse:
        raise Http404

    def post(self) -> HttpResponse:
        raise Http404


class _Gone(DraftPage):
    """A draft that was sent is a claim now."""

    def get(self) -> HttpResponse:
        return redirect(step_url(self.draft, "sent"))

    post = get


class StepPage(DraftPage):
    """One step: shows what was saved, saves what is typed, and keeps it on the page when it cannot be saved."""

    template = "adjudication/draft/step.html"
    form_class: ClassVar[type[forms.Form]]
    fields: ClassVar[Mapping[type[DomainError], str]] = {}

    def form(self, data: Any = None) -> forms.Form:
        return self.form_class(data, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        return dict(self.draft.answers.get(self.step, {}))

    def get(self) -> HttpResponse:
        return self.show(self.form())

    def post(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.show(form, INVALID)
        try:
            draft = drafts.save_step(draft_id=self.draft.pk, step=self.step, answers=form.cleaned_data, by=self.user)
        except DraftAlreadySent:
            return redirect(step_url(self.draft, "sent"))
        except DomainError as error:
            return self.show(form, refuse(form, error, self.fields))
        return redirect(_after(draft))

    def show(self, form: forms.Form, status: int = 200) -> HttpResponse:
        titles = drafts.step_titles()
        number = drafts.STEPS.index(self.step)
        context = {
            "form": form,
            "draft": self.draft,
            "title": titles[self.step],
            "is_saved": self.step in self.draft.answers,
            "steps": [{"label": label, "url": step_url(self.draft, step)} for step, label in titles.items()],
            "number": number + 1,
            "count": len(titles),
            "back_url": step_url(self.draft, drafts.STEPS[number - 1]) if number else reverse("claim_new"),
        }
        return render(self.request, self.template, context | self.extra(), status=status)

    def extra(self) -> dict[str, Any]:
        return {}


class WhoPage(StepPage):
    fields = {
        ClaimAlreadyOpen: "membership",
        NotYourClaim: "membership",
        DiagnosedBeforeJoining: "membership",
        DiagnosedOutsideMembership: "membership",
        DiagnosisBeforeBirth: "membership",
        SuspicionImpossible: "membership",
    }

    def form(self, data: Any = None) -> forms.Form:
        return Who(data, initial=self.initial(), memberships=list(memberships_of(self.user)))


class DiagnosisPage(StepPage):
    template = "adjudication/draft/diagnosis.html"
    fields = {UnknownCode: "icd10"}

    def form(self, data: Any = None) -> forms.Form:
        chosen = str((data or {}).get("icd10", "") or self.initial().get("icd10", ""))
        found = found_diagnoses(self.query, rules_today(self.draft.membership), chosen)
        return Diagnosis(data, initial=self.initial(), found=found, query=self.query)

    @property
    def query(self) -> str:
        return str(self.request.POST.get("q") or self.request.GET.get("q") or "")[:100]

    def extra(self) -> dict[str, Any]:
        return {"query": self.query}


class IllnessPage(StepPage):
    form_class = Illness
    fields = {DiseaseUnfit: "disease"}

    def form(self, data: Any = None) -> forms.Form:
        question = drafts.draft_question(self.draft)
        if question is None:
            return super().form(data)
        return IllnessOfSeveral(data, initial=self.initial(), question=question)

    def initial(self) -> dict[str, Any]:
        saved = super().initial()
        if not saved:
            return {}
        disease = saved.get("disease") or NOT_KNOWN
        return saved | {"is_accident": "yes" if saved["is_accident"] else "no", "disease": disease}


class DaysPage(StepPage):
    form_class = Days
    fields = {
        SuspicionImpossible: "suspected_on",
        DiagnosisInFuture: "first_diagnosed_on",
        DiagnosisBeforeBirth: "first_diagnosed_on",
        DiagnosedBeforeJoining: "first_diagnosed_on",
        DiagnosedOutsideMembership: "first_diagnosed_on",
    }


class HospitalPage(StepPage):
    form_class = Hospital
    fields = {HospitalMissing: "hospital"}


class PapersPage(StepPage):
    """Files, one upload after another; the step is done when the member continues."""

    template = "adjudication/draft/papers.html"
    form_class = OptionalPapers

    def form(self, data: Any = None) -> forms.Form:
        return OptionalPapers(data, self.request.FILES if data is not None else None)

    def post(self) -> HttpResponse:
        if "remove" in self.request.POST:
            return self._remove(self.request.POST["remove"])
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.show(form, INVALID)
        given = form.cleaned_data
        uploads = uploads_in(given["papers"])
        goes_on = self.request.POST.get("act") == "continue"
        if not uploads and not goes_on:
            form.add_error("papers", _("Choose at least one file."))
            return self.show(form, INVALID)
        try:
            add_files(uploads=uploads, kind=given["kind"], title=given["title"], by=self.user, draft=self.draft)
            if not goes_on:
                return redirect(step_url(self.draft, self.step))
            draft = drafts.save_step(draft_id=self.draft.pk, step=self.step, answers={}, by=self.user)
        except DomainError as error:
            return self.show(form, refuse(form, error, {DomainError: "papers"}))
        return redirect(_after(draft))

    def _remove(self, written: str) -> HttpResponse:
        evidence = get_object_or_404(papers_of_draft(self.draft), pk=key_in(written))
        remove_evidence(evidence_id=evidence.pk, by=self.user)
        messages.success(self.request, _("The file was removed."))
        return redirect(step_url(self.draft, self.step))

    def extra(self) -> dict[str, Any]:
        return {"papers": list(papers_of_draft(self.draft))}


class CheckPage(DraftPage):
    """All answers on one page, and the button that sends them."""

    def get(self) -> HttpResponse:
        return self.show()

    def post(self) -> HttpResponse:
        try:
            drafts.send_draft(draft_id=self.draft.pk, by=self.user)
        except DraftAlreadySent:
            pass
        except DomainError as error:
            return self.show([str(error)], error.http_status)
        return redirect(step_url(self.draft, "sent"))

    def show(self, errors: list[str] | None = None, status: int = 200) -> HttpResponse:
        """The answers, with a way to change each."""
        given = self.draft.answers
        membership = self.draft.membership
        code = given.get("diagnosis", {}).get("icd10")
        titles = drafts.step_titles()
        context = {
            "draft": self.draft,
            "errors": errors or [],
            "given": given,
            "person": membership_label(membership) if membership else "",
            "diagnosis": diagnosis_label(code, rules_today(membership)) if code else "",
            "papers": list(papers_of_draft(self.draft)),
            "asks": drafts.draft_question(self.draft),
            "stated_disease": self._stated_disease(),
            "missing": [{"label": titles[step], "url": step_url(self.draft, step)} for step in self._missing()],
            "urls": {step: step_url(self.draft, step) for step in drafts.STEPS},
        }
        return render(self.request, "adjudication/draft/check.html", context, status=status)

    def _stated_disease(self) -> str:
        question = drafts.draft_question(self.draft)
        answer = question.answer(self.draft.answers.get("illness", {}).get("disease")) if question else None
        return answer.text.in_language(get_language()) if answer else ""

    def _missing(self) -> list[str]:
        return drafts.missing_steps(self.draft)


class SentPage(DraftPage):
    """After filing: the claim's number, and what happens next."""

    def get(self) -> HttpResponse:
        if self.draft.claim is None:
            return redirect("claim_new")
        context = {"claim": self.draft.claim, "next": next_step(self.draft.claim)}
        return render(self.request, "adjudication/draft/sent.html", context)


class DiscardPage(DraftPage):
    """Discard the draft, after a confirmation."""

    def get(self) -> HttpResponse:
        return render(self.request, "adjudication/draft/discard.html", {"draft": self.draft})

    def post(self) -> HttpResponse:
        drafts.discard_draft(draft_id=self.draft.pk, by=self.user)
        messages.success(self.request, _("The draft was discarded."))
        return redirect("claim_list")


PAGES: dict[str, type[DraftPage]] = {
    "who": WhoPage,
    "diagnosis": DiagnosisPage,
    "illness": IllnessPage,
    "days": DaysPage,
    "hospital": HospitalPage,
    "papers": PapersPage,
    "check": CheckPage,
    "sent": SentPage,
    "discard": DiscardPage,
}


class Icd10Search(RoleRequired, View):
    """Diagnoses for a search text: a fragment of the step's page while typing (htmx), otherwise a page of its own."""

    allowed = (is_signed_in,)

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.get("q", "")[:100]
        draft = unsent_draft(user_of(request))
        found = found_diagnoses(query, rules_today(draft.membership if draft else None))
        context = {"query": query, "found": found, "form": Diagnosis(found=found)}
        is_piece = bool(getattr(request, "htmx", False))
        template = "adjudication/draft/found.html" if is_piece else "adjudication/draft/codes.html"
        return render(request, template, context)
