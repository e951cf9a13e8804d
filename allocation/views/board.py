"""The reviewer's pages: a preview of the next notice, publishing and charging. Auditors can read them."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from allocation.forms import PublishForm
from allocation.models import Payout, Period
from allocation.rules.explaining import explain
from allocation.rules.shares import Allocation
from allocation.selectors.asking import silence
from allocation.selectors.calendar import still_to_come
from allocation.selectors.dissolutions import end_of_plan
from allocation.selectors.for_a_person import latest_attempts
from allocation.selectors.periods import (
    Preview,
    charge_preview,
    claims_held_back,
    next_notice_day,
    preview,
    published,
    to_share_minor,
)
from allocation.selectors.progress import payouts, payouts_for_a_person, periods_with_progress, plan_states
from allocation.services.payments import ask_again
from allocation.services.periods import charge_period, publish_notice
from allocation.words import attempt_in_words, cohort_label
from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.models import Plan
from members.selectors.plans import plans
from pages.words import day

PERIODS_SHOWN = 12
STUCK_SHOWN = 50


class PeriodBoard(RoleRequired, View):
    """Every plan with its latest period and a link to its next one."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "allocation/board/plans.html", {"states": plan_states(), "silence": silence()})


class PeriodPreview(RoleRequired, View):
    """One plan's next notice as it would be now, and the progress of its periods."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, plan: str) -> HttpResponse:
        found = get_object_or_404(plans(), code=plan)
        try:
            notice, errors = preview(found, next_notice_day(found)), []
        except DomainError as error:
            notice, errors = None, [str(error)]
        end = end_of_plan(found)
        context = {
            "plan": found,
            "end": end,
            "certain": end.dissolution if end.dissolution and end.dissolution.is_certain else None,
            "preview": notice,
            "errors": errors,
            "may_act": is_reviewer(request.user),
            "latest": end.latest,
            "held_back": claims_held_back(found),
            "progress": periods_with_progress(found)[:PERIODS_SHOWN],
            "stuck": _stuck(list(payouts_for_a_person(found)[:STUCK_SHOWN])),
            "silence": silence(),
        }
        if notice is not None:
            context |= _money(notice.allocation, found)
        return render(request, "allocation/board/preview.html", context)


class PeriodPublish(RoleRequired, View):
    """A reviewer publishes the notice that the page shows, after confirming it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest, plan: str) -> HttpResponse:
        found = get_object_or_404(plans(), code=plan)
        try:
            return self._show(request, found, next_notice_day(found))
        except DomainError as error:
            return self._refuse(request, found, error)

    def post(self, request: HttpRequest, plan: str) -> HttpResponseBase:
        found = get_object_or_404(plans(), code=plan)
        form = PublishForm(request.POST)
        if not form.is_valid():
            return self._show(request, found, next_notice_day(found), form=form)
        notice_on = form.cleaned_data["notice_on"]
        try:
            period = publish_notice(
                plan=found,
                notice_on=notice_on,
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            return self._refuse(request, found, error)
        messages.success(request, _("The notice of %(day)s is published.") % {"day": day(period.notice_on)})
        return redirect("period_detail", found.code, period.notice_on)

    def _show(
        self, request: HttpRequest, plan: Plan, notice_on: dt.date, form: PublishForm | None = None
    ) -> HttpResponse:
        found: Preview = preview(plan, notice_on)
        context = {
            "plan": plan,
            "preview": found,
            "form": form or PublishForm(initial={"notice_on": notice_on}),
            "comes_at": still_to_come(notice_on, plan.timezone),
            "errors": [],
        }
        return render(request, "allocation/board/publish.html", context, status=422 if form else 200)

    def _refuse(self, request: HttpRequest, plan: Plan, error: DomainError) -> HttpResponse:
        context = {"plan": plan, "errors": [str(error)]}
        return render(request, "allocation/board/publish.html", context, status=error.http_status)


class PeriodCharge(RoleRequired, View):
    """A reviewer charges a noticed period, after confirming it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest, plan: str, notice_on: dt.date) -> HttpResponse:
        return self._show(request, self._period(plan, notice_on))

    def post(self, request: HttpRequest, plan: str, notice_on: dt.date) -> HttpResponseBase:
        period = self._period(plan, notice_on)
        try:
            charge_period(
                period_id=period.pk,
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            return self._show(request, self._period(plan, notice_on), error)
        text = _("The period of %(day)s is charged. Collections and payouts are on their way.")
        messages.success(request, text % {"day": day(notice_on)})
        return redirect("period_preview", plan)

    def _period(self, plan: str, notice_on: dt.date) -> Period:
        return get_object_or_404(published(), plan__code=plan, notice_on=notice_on)

    def _show(self, request: HttpRequest, period: Period, error: DomainError | None = None) -> HttpResponse:
        context: dict[str, Any] = {
            "period": period,
            "plan": period.plan,
            "comes_at": still_to_come(period.charge_on, period.plan.timezone),
            "errors": [str(error)] if error else [],
        }
        if period.status == Period.Status.NOTICED:
            charge = charge_preview(period)
            context |= {"charge": charge} | _money(charge.allocation, period.plan)
        return render(request, "allocation/board/charge.html", context, status=error.http_status if error else 200)


class PayoutAsk(RoleRequired, View):
    """A reviewer queries an escalated payout again."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        payout = get_object_or_404(payouts(), pk=pk)
        asked = ask_again(payout_id=payout.pk, by=request.user)  # type: ignore[arg-type]
        if asked.status == Payout.Status.SETTLED:
            text = _("The payment service confirms the payout of claim %(claim)s.")
            messages.success(request, text % {"claim": payout.claim.ref})
        else:
            text = _("Nothing was settled for claim %(claim)s. Ask again later, or call the payment service.")
            messages.warning(request, text % {"claim": payout.claim.ref})
        return redirect("period_preview", payout.period.plan.code)


def _money(allocation: Allocation, plan: Plan) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "allocation": allocation,
        "to_share_minor": to_share_minor(allocation),
        "steps": explain(allocation, language, currency=plan.currency, exponent=plan.currency_exponent),
        "cohorts": [(cohort_label(line.key, plan), line) for line in allocation.cohorts],
    }


def _stuck(found: list[Payout]) -> list[dict[str, Any]]:
    attempts = latest_attempts(payout.key for payout in found)
    return [
        {"payout": payout, "attempts": [attempt_in_words(one) for one in attempts.get(payout.key, [])]}
        for payout in found
    ]
