"""What waits for somebody in this room: shares to pay, notices and charges, payments, ends of plans."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allocation.selectors.arrears import owed_at_household
from allocation.selectors.debtors import debtors_visible_to
from allocation.selectors.for_a_person import found_for_a_person
from allocation.selectors.periods import notices_due, periods_to_charge
from members.access import AnyUser, is_reviewer
from members.models import Plan
from members.rules.dates import start_of_day
from members.selectors.dissolutions import dissolutions_to_confirm
from members.selectors.people import has_household
from members.selectors.plans import title_in
from pages.moments import page_now
from pages.waiting import Waiting, WaitingState
from pages.words import day

MOST = 20


def waiting_for(user: AnyUser) -> Iterator[Waiting]:
    """At most twenty of each kind; what staff do waits for reviewers alone."""
    for arrear in owed_at_household(user)[:MOST] if has_household(user) else []:
        words = _("A share could not be collected: pay it, or the membership ends")
        path = reverse("arrear_pay", args=[arrear.membership_id])
        is_stopped = arrear.waits_for_notice and arrear.grace_ends_at <= page_now()
        yield Waiting(words, path, None if is_stopped else arrear.grace_ends_at, state=WaitingState.PROBLEM)
    if is_reviewer(user):
        yield from _periods()
        yield from _payments()
        yield from _debtors(user)
        for end in dissolutions_to_confirm(user)[:MOST]:
            words = _("Confirm the end of %(plan)s, or withdraw it") % {"plan": _title(end.plan)}
            path = reverse("dissolution", args=[end.plan.code])
            yield Waiting(words, path, note=_("Proposed"), since=end.proposed_at)


def _periods() -> Iterator[Waiting]:
    for period in periods_to_charge(page_now())[:MOST]:
        words = _("Charge the period of %(plan)s with the notice of %(day)s")
        said = {"plan": _title(period.plan), "day": day(period.notice_on)}
        path = reverse("period_charge", args=[period.plan.code, period.notice_on])
        since = start_of_day(period.charge_on, period.plan.timezone)
        yield Waiting(words % said, path, note=_("The charge day began"), since=since)
    for plan, notice_on in notices_due(page_now())[:MOST]:
        words = _("Publish the notice of %(plan)s for %(day)s") % {"plan": _title(plan), "day": day(notice_on)}
        since = start_of_day(notice_on, plan.timezone)
        yield Waiting(words, reverse("period_preview", args=[plan.code]), note=_("The notice day began"), since=since)


def _payments() -> Iterator[Waiting]:
    found = found_for_a_person()
    number = found.count()
    if number:
        words = ngettext("%(number)s payment needs a person", "%(number)s payments need a person", number)
        since = next((told_at for _kind, _row, told_at in found[:1]), None)
        note, path = _("The first one since"), reverse("payment_board")
        yield Waiting(words % {"number": number}, path, note=note, since=since, state=WaitingState.PROBLEM)


def _debtors(user: AnyUser) -> Iterator[Waiting]:
    found = debtors_visible_to(user).order_by().aggregate(number=Count("pk"), since=Min("failed_at"))
    if found["number"]:
        words = ngettext(
            "%(number)s member who owes a share was not reached",
            "%(number)s members who owe a share were not reached",
            found["number"],
        )
        path, number = reverse("debtor_list"), {"number": found["number"]}
        note, state = _("The first one since"), WaitingState.PROBLEM
        yield Waiting(words % number, path, note=note, since=found["since"], state=state)


def _title(plan: Plan) -> str:
    return title_in(plan, get_language())
