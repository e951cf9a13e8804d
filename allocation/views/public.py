"""Public pages: the published periods, and the notice of one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.generic import TemplateView

from allocation.models import Period
from allocation.rules.explaining import explain
from allocation.selectors.arrears import shares_paid
from allocation.selectors.notices import latest_by_plan, notice, periods_of
from allocation.selectors.periods import published, to_share_minor
from allocation.words import FIGURES, bar, cohort_label, income_terms, outgo_terms
from members.access import is_auditor, is_reviewer
from members.selectors.dissolutions import certain_end_of
from members.selectors.plans import plans

PERIODS_A_PAGE = 24


class PeriodList(TemplateView):
    """The published periods of every plan, or with `?plan=` all periods of one."""

    template_name = "allocation/period/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        context = super().get_context_data(may_see_board=is_reviewer(user) or is_auditor(user), **kwargs)
        code = self.request.GET.get("plan")
        if code:
            plan = get_object_or_404(plans(), code=code)
            page = Paginator(periods_of(plan), PERIODS_A_PAGE).get_page(self.request.GET.get("page"))
            return context | {"plan": plan, "page_obj": page, "groups": [_group(plan, list(page))]}
        return context | {"groups": [_group(found.plan, list(found.periods)) for found in latest_by_plan()]}


def _group(plan: Any, periods: list[Any]) -> dict[str, Any]:
    bars = [bar(period.notice_on, period.per_head_minor, plan) for period in periods]
    return {"plan": plan, "periods": periods, "bars": bars}


class PeriodDetail(TemplateView):
    """One period's notice: the claims, the sum, the shares, and the proof that it adds up."""

    template_name = "allocation/period/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = get_object_or_404(published(), plan__code=kwargs["plan"], notice_on=kwargs["notice_on"])
        found = notice(period)
        plan, user = period.plan, self.request.user
        return super().get_context_data(
            **kwargs
            | {
                "notice": found,
                "period": period,
                "plan": plan,
                "rules": period.plan_version.rules,
                "certain": certain_end_of(plan),
                "allocation": found.allocation,
                "to_share_minor": to_share_minor(found.allocation),
                "steps": explain(
                    found.allocation,
                    get_language() or "en",
                    currency=plan.currency,
                    exponent=plan.currency_exponent,
                ),
                "shares_paid": None if period.status == Period.Status.NOTICED else shares_paid(period),
                "income": income_terms(found.allocation),
                "outgo": outgo_terms(found.allocation),
                "changes": [(FIGURES[name], before, after) for name, before, after in found.changes],
                "cohorts": [(cohort_label(line.key, plan), line) for line in found.allocation.cohorts],
                "may_see_board": is_reviewer(user) or is_auditor(user),
            }
        )
