"""Pages: the plans and their rules, for everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views import View
from django.views.generic import TemplateView

from members.access import is_auditor, is_reviewer
from members.models import PlanVersion
from members.rules.differences import differences
from members.rules.plans import OPINIONS
from members.selectors.cover import illnesses_found
from members.selectors.dissolutions import certain_end_of
from members.selectors.plans import plan_cards, plans, versions_of
from pages.moments import page_now


class PlanList(TemplateView):
    """Every plan in a few words."""

    template_name = "members/plan/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each plan with the version in force, or the first to come."""
        return super().get_context_data(cards=plan_cards(page_now()), **kwargs)


class PlanDifferences(TemplateView):
    """What changes from one published version to another, side by side."""

    template_name = "members/plan/differences.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The versions asked for; otherwise the last, and the one before it."""
        plan = get_object_or_404(plans(), code=kwargs["code"])
        versions = list(versions_of(plan))
        after = _asked_version(versions, self.request.GET.get("after")) or next(iter(versions), None)
        if after is None:
            raise Http404
        earlier = [version for version in versions if version.starts_at < after.starts_at]
        before = _asked_version(versions, self.request.GET.get("before")) or next(iter(earlier), after)
        found = differences(before.rules, after.rules)
        context = {"plan": plan, "versions": versions, "before": before, "after": after, "differences": found}
        return super().get_context_data(**context, **kwargs)


class PlanDetail(TemplateView):
    """One plan's rules in words; `?version=` shows another of its versions, `?illness=` looks for one in its cover."""

    template_name = "members/plan/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The version asked for, otherwise the one in force, otherwise the last."""
        plan = get_object_or_404(plans(), code=kwargs["code"])
        versions = list(versions_of(plan))
        now = page_now()
        in_force = next((version for version in versions if version.starts_at <= now), None)
        shown = _asked_version(versions, self.request.GET.get("version")) or in_force or next(iter(versions), None)
        if shown is None:
            raise Http404
        illness = self.request.GET.get("illness", "").strip()[:100]
        context = {
            "plan": plan,
            "illness": illness,
            "illnesses": illnesses_found(illness, shown.rules, get_language()),
            "versions": versions,
            "in_force": in_force,
            "shown": shown,
            "rules": shown.rules,
            "opinions": OPINIONS,
            "end": certain_end_of(plan),
            "is_closed": in_force is not None and in_force.rules.join.is_closed_at(now),
            "is_desk": is_reviewer(self.request.user) or is_auditor(self.request.user),
        }
        return super().get_context_data(**context, **kwargs)


def _asked_version(versions: list[PlanVersion], label: str | None) -> PlanVersion | None:
    if not label:
        return None
    found = next((version for version in versions if version.label == label), None)
    if found is None:
        raise Http404
    return found


class PlanFile(View):
    """The published file of a version, byte for byte as its digest's source."""

    def get(self, request: HttpRequest, code: str, label: str) -> HttpResponse:
        plan = get_object_or_404(plans(), code=code)
        version = get_object_or_404(versions_of(plan), label=label)
        response = HttpResponse(version.source, content_type="application/toml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{plan.code}-{version.label}.toml"'
        return response
