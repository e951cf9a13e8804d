"""The page of all running clocks."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from adjudication.forms.clocks import ClockForm
from adjudication.selectors.clocks import clock_rows, clocks_visible_to, kinds_of_clocks
from members.access import RoleRequired, is_auditor, is_investigator, is_reviewer

ROWS_ON_A_PAGE = 50


class ClockList(RoleRequired, View):
    """Every wait of every claim that the user may see, the least time left first."""

    allowed = (is_reviewer, is_auditor, is_investigator)

    def get(self, request: HttpRequest) -> HttpResponse:
        form = ClockForm(request.GET, kinds=kinds_of_clocks())
        wanted = form.cleaned_data if form.is_valid() else {}
        kind, is_late = wanted.get("kind", ""), wanted.get("late", False)
        page = Paginator(clocks_visible_to(request.user, kind=kind, is_late=is_late), ROWS_ON_A_PAGE).get_page(
            request.GET.get("page")
        )
        context = {
            "form": form,
            "page": page,
            "rows": clock_rows(page.object_list),
            "sees_board": is_reviewer(request.user) or is_auditor(request.user),
            "is_narrowed": bool(kind or is_late),
        }
        return render(request, "adjudication/clock/list.html", context)
