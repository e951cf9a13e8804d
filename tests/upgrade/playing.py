"""Plays a carried-over database to the end: what is due by time through the periodic tasks, what people do by acts.

Each step is one round of every periodic task of the rooms; where nothing moves, the one clock goes to the next
moment at which something is due, at most a day. Some people never act, so that their deadlines decide.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.db.models import Min, QuerySet

from adjudication.models import Answer, Claim, Investigation
from adjudication.services.holds import lift_hold
from allocation.models import Arrear, BankRefusal, Collection, Payout, Period, Refund
from allocation.rehearsal.company import Company, gather
from allocation.rehearsal.players import act
from allocation.rehearsal.stage import PLAYED
from allocation.selectors.periods import claims_for_next_notice, latest_period, next_notice_day
from allocation.selectors.refunds import claims_to_refund
from allocation.services import payments, refunds
from allocation.services.arrears import pay_arrears
from allocation.services.dissolutions import withdraw_dissolution
from allocation.services.periods import charge_period, publish_notice
from audit import clock
from audit.clock_functions import set_to
from audit.models import Entry
from audit.owner import as_owner
from audit.rooms import all_periodic_tasks
from jury.models import OpinionRequest, Panel
from members.models import Dissolution, Plan, PlanDraft
from members.rules.dates import start_of_day
from members.services.plan_drafts import publish_draft

OFFICE_OPENS = dt.timedelta(hours=9)
LONGEST_STEP = dt.timedelta(days=1)
LONGEST_PLAY = dt.timedelta(days=200)
MOST_ROUNDS = 2000
IN_FUTURE = dt.timedelta(days=400)


class Stuck(Exception):
    """Time passes and something never ends; the text says what."""


class Faults(logging.Handler):
    """Keeps every error that is logged: sweeps go on after a fault, so that only the log tells of it."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as the log has it, with its traceback."""
        self.texts.append(self.format(record))


@contextmanager
def faults_kept() -> Iterator[Faults]:
    """Every error of the block."""
    root, kept = logging.getLogger(), Faults()
    if root.handlers:
        kept.setFormatter(root.handlers[0].formatter)
    root.addHandler(kept)
    try:
        yield kept
    finally:
        root.removeHandler(kept)


class Play:
    """One play, from the moment of the upgrade to the end of the last claim, period and payment."""

    def __init__(self) -> None:
        self.companies = {plan.pk: gather(plan) for plan in Plan.objects.filter(code="xhb")}
        self.staff = next(iter(self.companies.values()))
        self.began_at = clock.now()
        self.rounds = 0
        # Nobody votes on one panel, answers one request, says anything to one report.
        panels = Panel.objects.filter(status=Panel.Status.OPEN).exclude(seats__ballots__isnull=False)
        self.silent_panels = _first(panels)
        self.silent_requests = _first(OpinionRequest.objects.filter(status=OpinionRequest.Status.OPEN))
        self.silent_answers = _first(Answer.objects.filter(status=Answer.Status.ASKED))

    def run(self) -> None:
        """Play until nothing is open. Raises Stuck."""
        self.first_day()
        while left := still_open():
            self.rounds += 1
            if clock.now() - self.began_at > LONGEST_PLAY:
                raise Stuck(f"after {LONGEST_PLAY.days} days there are still open: {left}")
            # People who act again and again without an end would keep time from passing.
            if self.rounds > MOST_ROUNDS:
                raise Stuck(f"after {MOST_ROUNDS} rounds there are still open: {left}")
            before = Entry.objects.count()
            self.people()
            run_periodic_tasks()
            if Entry.objects.count() == before:
                self.pass_time()
        run_periodic_tasks()

    def first_day(self) -> None:
        """What reviewers find on their desks on the day after the upgrade."""
        first, second = self.staff.reviewers[0], self.staff.reviewers[-1]
        for claim in Claim.objects.exclude(hold_reason=""):
            lift_hold(claim_ref=claim.ref, by=first)
        for dissolution in Dissolution.objects.filter(status=Dissolution.Status.PROPOSED):
            withdraw_dissolution(dissolution_id=dissolution.pk, by=second)
        for draft in PlanDraft.objects.filter(status=PlanDraft.Status.PROPOSED):
            confirming = first if draft.proposed_by_id != first.pk else second
            publish_draft(draft_id=draft.pk, revision=draft.revision, by=confirming)
        # Some accounts have money again, and one of their holders pays at once.
        for refusal in BankRefusal.objects.order_by("pk")[:2]:
            refusal.is_refusing = False
            refusal.save(update_fields=["is_refusing"])
        owing = Arrear.objects.filter(status=Arrear.Status.OWED, membership__person__user__isnull=False)
        for arrear in owing.select_related("membership__person__user").order_by("pk")[:1]:
            user = arrear.membership.person.user
            assert user is not None
            pay_arrears(membership_id=arrear.membership_id, by=user)

    def people(self) -> None:
        """Everybody does what is theirs to do."""
        for claim in Claim.objects.filter(status__in=PLAYED).select_related("plan_version", "plan", "membership"):
            if not self.is_left_to_time(claim):
                act(claim, self.company(claim.plan))
        for plan in Plan.objects.order_by("pk"):
            self.treasury(plan)
        reviewer = self.staff.reviewers[0]
        for payout in Payout.objects.filter(status=Payout.Status.UNKNOWN):
            payments.ask_again(payout_id=payout.pk, by=reviewer)
        for refund in Refund.objects.filter(status=Refund.Status.UNKNOWN):
            refunds.ask_again(refund_id=refund.pk, by=reviewer)

    def company(self, plan: Plan) -> Company:
        return self.companies.get(plan.pk, self.staff)

    def is_left_to_time(self, claim: Claim) -> bool:
        """Whether those who should act on the claim now are the ones who never do."""
        hearing = claim.hearings.order_by("-round").first()
        if hearing is not None and hearing.panel.status == Panel.Status.OPEN:
            return hearing.panel_id in self.silent_panels
        if hearing is not None and hearing.opinion_request_id in self.silent_requests:
            request = hearing.opinion_request
            return request is not None and request.status == OpinionRequest.Status.OPEN
        asked = Answer.objects.filter(investigation__claim=claim, status=Answer.Status.ASKED)
        return asked.filter(pk__in=self.silent_answers).exists()

    def treasury(self, plan: Plan) -> None:
        """The notice on its day, the charge on its day."""
        latest, now = latest_period(plan), clock.now()
        if latest is not None and latest.status == Period.Status.NOTICED:
            if now >= start_of_day(latest.charge_on, plan.timezone) + OFFICE_OPENS:
                charge_period(period_id=latest.pk, by=self.staff.reviewers[-1])
        elif claims_for_next_notice(plan).exists():
            on = next_notice_day(plan)
            if now >= start_of_day(on, plan.timezone) + OFFICE_OPENS:
                publish_notice(plan=plan, notice_on=on, by=self.staff.reviewers[0])

    def pass_time(self) -> None:
        """On to the next moment at which something is due, at most a day away."""
        now = clock.now()
        due = [at for at in self.moments() if at is not None and now < at <= now + LONGEST_STEP]
        with as_owner():
            set_to(min([*due, now + LONGEST_STEP]))

    def moments(self) -> Iterator[dt.datetime | None]:
        """When something is due next, room by room."""
        now = clock.now()
        panels = Panel.objects.filter(status__in=[Panel.Status.COMMITTED, Panel.Status.OPEN])
        requests = OpinionRequest.objects.filter(status=OpinionRequest.Status.OPEN)
        answers = Answer.objects.filter(status=Answer.Status.ASKED)
        owed = Arrear.objects.filter(status=Arrear.Status.OWED)
        found: list[tuple[QuerySet[Any], str]] = [
            (panels, "nonce_due_at"),
            (panels, "closes_at"),
            (requests, "due_at"),
            (answers, "due_at"),
            (owed, "next_try_at"),
            (owed, "grace_ends_at"),
        ]
        for rows, name in found:
            yield rows.filter(**{f"{name}__gt": now}).aggregate(at=Min(name))["at"]
        for plan in Plan.objects.order_by("pk"):
            latest = latest_period(plan)
            if latest is not None and latest.status == Period.Status.NOTICED:
                yield start_of_day(latest.charge_on, plan.timezone) + OFFICE_OPENS
            elif claims_for_next_notice(plan).exists():
                yield start_of_day(next_notice_day(plan), plan.timezone) + OFFICE_OPENS


def _first(rows: QuerySet[Any]) -> set[int]:
    return set(rows.order_by("pk").values_list("pk", flat=True)[:1])


def run_periodic_tasks() -> None:
    """Every periodic task once, in the order in which the rooms declare them."""
    for task in all_periodic_tasks().values():
        current_app.tasks[task.task]()


def still_open() -> dict[str, int]:
    """What has not come to its end, by its kind: nothing of it may be left."""
    unpaid = [*PLAYED, Claim.Status.APPROVED]
    found = {
        "claims": Claim.objects.filter(status__in=unpaid).count(),
        "investigations": Investigation.objects.filter(
            status__in=[Investigation.Status.WAITING, Investigation.Status.OPEN]
        ).count(),
        "answers": Answer.objects.filter(status=Answer.Status.ASKED).count(),
        "panels": Panel.objects.filter(status__in=[Panel.Status.COMMITTED, Panel.Status.OPEN]).count(),
        "opinions": OpinionRequest.objects.filter(status=OpinionRequest.Status.OPEN).count(),
        "periods": Period.objects.exclude(status=Period.Status.SETTLED).count(),
        "collections": Collection.objects.exclude(status=Collection.Status.SETTLED).count(),
        "payouts": Payout.objects.exclude(status=Payout.Status.SETTLED).count(),
        "arrears": Arrear.objects.filter(status=Arrear.Status.OWED).count(),
        "refunds": Refund.objects.exclude(status=Refund.Status.SETTLED).count(),
        "refunds to come": len(claims_to_refund(clock.now() + IN_FUTURE)),
    }
    return {what: number for what, number in found.items() if number}
