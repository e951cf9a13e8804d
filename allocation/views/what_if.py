"""Page: a plan's decided claims judged by other rules, and what each member would have paid."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from adjudication.selectors.what_if import MOST_CLAIMS, DecidedFilter
from allocation.forms import WhatIfForm
from allocation.selectors.periods import latest_of
from allocation.selectors.what_if import Against, WhatIf, rules_to_try, what_if
from allocation.words import Bar, bars_of_what_if
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.models import Plan
from members.selectors.plans import plans
from pages.words import day

PERIODS_OFFERED = 60


class WhatIfPage(RoleRequired, View):
    """For reviewers and auditors; stores nothing. Requested by htmx as part of another page, it answers in one line."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, plan: str) -> HttpResponse:
        found = get_object_or_404(plans(), code=plan)
        tried = rules_to_try(request.user, found)
        form = self._form(request, found, tried)
        answer = None
        if form.is_bound and form.is_valid():
            answer = self._answer(request, found, tried, form.cleaned_data)
        context: dict[str, Any] = {"plan": found, "form": form, "answer": answer, "most": MOST_CLAIMS}
        if answer is not None:
            context |= {"bars": self._bars(answer), "rules": answer.against.rules, "address": request.get_full_path()}
        is_part = answer is not None and request.headers.get("HX-Request") == "true"
        template = "allocation/what_if/line.html" if is_part else "allocation/what_if/page.html"
        return render(request, template, context, status=422 if form.errors else 200)

    def _form(self, request: HttpRequest, plan: Plan, tried: list[Against]) -> WhatIfForm:
        periods = [(str(period.notice_on), day(period.notice_on)) for period in latest_of(plan, PERIODS_OFFERED)]
        choices = [(one.key, _label(one)) for one in tried]
        asked = request.GET if "against" in request.GET else None
        return WhatIfForm(asked, against=choices, periods=periods, initial={"last": MOST_CLAIMS})

    def _answer(self, request: HttpRequest, plan: Plan, tried: list[Against], given: dict[str, Any]) -> WhatIf:
        against = next(one for one in tried if one.key == given["against"])
        wanted = DecidedFilter(plan, given["since"], given["until"], given["status"], given["last"])
        return what_if(request.user, wanted, against, given["period"])

    def _bars(self, answer: WhatIf) -> list[Bar]:
        return bars_of_what_if(
            [
                (one.period.notice_on, one.period.per_head_minor, one.allocation.per_head_minor)
                for one in answer.periods
            ],
            answer.plan,
        )


def _label(against: Against) -> str:
    if against.draft is not None:
        values = {"number": against.draft.pk, "version": against.rules.version}
        return _("Draft %(number)s (version %(version)s)") % values
    values = {"version": against.rules.version, "title": against.rules.title.in_language(get_language())}
    return _("Version %(version)s of %(title)s") % values
