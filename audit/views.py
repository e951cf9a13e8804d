"""The audit page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from audit.forms import EntryFilterForm
from audit.selectors import READ_LOG, EntryPage, entries_visible_to, facts_of, filtered, page_of


class AuditLog(PermissionRequiredMixin, View):
    """Every act, newest first, filtered by claim, actor, kind and time."""

    permission_required = READ_LOG

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of the log; a filter that can't be read is explained and shows nothing."""
        form = EntryFilterForm(request.GET)
        if form.is_valid():
            entries = filtered(entries_visible_to(request.user), form.wanted)
            page = page_of(entries, form.cleaned_data["before"])
        else:
            page = EntryPage([], None)
        rows = [{"entry": entry, "facts": list(facts_of(entry.body))} for entry in page.entries]
        context: dict[str, Any] = {"form": form, "rows": rows, "older_than": page.older_than}
        return render(request, "audit/log/list.html", context, status=200 if form.is_valid() else 422)
