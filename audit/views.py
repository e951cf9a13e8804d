"""The auditor's pages: the log, one entry, the story of one claim."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from audit.actors import Actor
from audit.downloads import download
from audit.errors import DomainError
from audit.forms import EntryFilterForm, ExportForm, StoryForm
from audit.models import Entry
from audit.rooms import words_for
from audit.selectors import (
    READ_LOG,
    EntryPage,
    entries_visible_to,
    entry_seen_by,
    facts_of,
    filtered,
    page_of,
    proven,
    story_of,
    stream_of,
    without_fillers,
)
from audit.services.exports import export_log


class AuditLog(PermissionRequiredMixin, View):
    """Every act, newest first, filtered by claim, actor, kind and time."""

    permission_required = READ_LOG

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of the log; a filter that can't be read is explained and shows nothing."""
        form = EntryFilterForm(request.GET)
        if form.is_valid():
            entries = without_fillers(filtered(entries_visible_to(request.user), form.wanted), form.wanted)
            page = page_of(entries, form.cleaned_data["before"])
            claim_ref = _claim_ref(stream_of(form.wanted.stream)) if form.wanted.stream and page.entries else ""
        else:
            page, claim_ref = EntryPage([], None), ""
        context: dict[str, Any] = {
            "form": form,
            "rows": [_row(entry) for entry in page.entries],
            "older_than": page.older_than,
            "claim_ref": claim_ref,
        }
        return render(request, "audit/log/list.html", context, status=200 if form.is_valid() else 422)


class AuditExport(PermissionRequiredMixin, View):
    """What a search found, as a file; the export is an act of its own."""

    permission_required = READ_LOG

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Record it, then send it; back to the search where nothing can be sent."""
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._back(request, _("Nothing was exported: this search can't be read."))
        try:
            export = export_log(wanted=form.wanted, form=form.cleaned_data["format"], by=cast("Actor", request.user))
        except DomainError as error:
            return self._back(request, str(error))
        return download(export)

    def _back(self, request: HttpRequest, why: str) -> HttpResponse:
        """To the same search, which says what is wrong with it."""
        messages.error(request, why)
        asked = {name: request.POST[name] for name in EntryFilterForm.base_fields if request.POST.get(name)}
        return redirect(f"{reverse('audit_log')}?{urlencode(asked)}")


class AuditEntry(PermissionRequiredMixin, View):
    """One act, with its digests, its place in the tree and its proof."""

    permission_required = READ_LOG

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = entry_seen_by(request.user, pk)
        if entry is None:
            raise Http404
        context = _row(entry) | {"proven": proven(entry), "claim_ref": _claim_ref(entry.stream)}
        return render(request, "audit/entry/detail.html", context)


class AuditStory(PermissionRequiredMixin, View):
    """What happened to one claim, in order and in words."""

    permission_required = READ_LOG

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = StoryForm(request.GET)
        after = (form.is_valid() and form.cleaned_data["after"]) or 0
        story = story_of(entries_visible_to(request.user), stream_of(ref), after)
        if not story.entries:
            raise Http404
        context: dict[str, Any] = {
            "claim_ref": ref.upper(),
            "rows": [_row(entry) for entry in story.entries],
            "newer_than": story.newer_than,
            "is_first": not after,
        }
        return render(request, "audit/entry/story.html", context)


def _row(entry: Entry) -> dict[str, Any]:
    return {"entry": entry, "words": words_for(entry.kind), "facts": list(facts_of(entry.body))}


def _claim_ref(stream: str) -> str:
    """The reference of the claim whose stream it is; empty for another's."""
    about, _colon, ref = stream.partition(":")
    return ref if about == "claim" else ""
