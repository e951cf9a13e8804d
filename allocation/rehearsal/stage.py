"""The course of a rehearsal: every open claim to its decision, then the period to its last payment."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from adjudication.models import Claim
from allocation.models import Payout, Period
from allocation.rehearsal.company import Company
from allocation.rehearsal.players import act
from allocation.selectors.periods import latest_period, next_notice_day
from allocation.services.periods import charge_period, publish_notice
from config.celery import app
from members.models import Plan
from members.rules.dates import start_of_day

AT_ONCE = 12
"""Claims on stage together: more would leave no juror free under the plan's workload limit."""
PATIENCE_SECONDS = 90
TICK_SECONDS = 0.2
OFFICE_OPENS = dt.timedelta(hours=9)
PLAYED = (
    Claim.Status.SUBMITTED,
    Claim.Status.UNDER_INVESTIGATION,
    Claim.Status.INVESTIGATED,
    Claim.Status.JURY_REVIEW,
    Claim.Status.SECOND_OPINION,
)
Say = Callable[[str], None]


class Stuck(Exception):
    """Nothing has moved for longer than the players' patience."""


@contextmanager
def workers(say: Say) -> Iterator[None]:
    """The real workers: those that are running, or one of our own for the time of the rehearsal."""
    if app.control.ping(timeout=1.5):
        yield
        return
    say("No worker answers: starting one for the time of the rehearsal.")
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=WARNING"]
    log = settings.VAR_DIR / "logs" / "rehearsal-worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        worker = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=sink, stderr=sink)  # noqa: S603 - ours
    try:
        _await(lambda: bool(app.control.ping(timeout=0.5)), "the worker does not answer")
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=20)
        except subprocess.TimeoutExpired:
            worker.kill()


def play_claims(plan: Plan, company: Company, say: Say) -> Counter[str]:
    """Play every open claim of the plan to its decision; returns how many ended in which state. Raises Stuck."""
    found = Claim.objects.filter(plan=plan, status__in=PLAYED, hold_reason="")
    waiting = list(found.order_by("pk").values_list("pk", flat=True))
    total = len(waiting)
    on_stage: dict[int, str] = {}
    ended: Counter[str] = Counter()
    last_move = time.monotonic()
    while waiting or on_stage:
        while waiting and len(on_stage) < AT_ONCE:
            on_stage[waiting.pop(0)] = ""
        moved = False
        for claim in Claim.objects.filter(pk__in=on_stage).select_related("plan_version", "membership__person"):
            if claim.status not in PLAYED:
                ended[claim.status] += 1
                del on_stage[claim.pk]
                hearings = claim.hearings.count()
                say(f"  {ended.total():>3}/{total}  {claim.ref}  {claim.status}  (hearings: {hearings})")
                moved = True
                continue
            moved = act(claim, company) or on_stage[claim.pk] != claim.status or moved
            on_stage[claim.pk] = claim.status
        last_move = _wait_or_go_on(moved, last_move, f"{len(on_stage)} claims: {Counter(on_stage.values())}")
    return ended


def play_period(plan: Plan, company: Company, say: Say) -> Period:
    """Publish the next notice, charge it on its day, and wait until the workers have settled every payment."""
    latest = latest_period(plan)
    reviewer = company.reviewers[0]
    if latest is None or latest.status != Period.Status.NOTICED:
        notice_on = next_notice_day(plan)
        at = max(timezone.now(), start_of_day(notice_on, plan.timezone) + OFFICE_OPENS)
        latest = publish_notice(plan=plan, notice_on=notice_on, by=reviewer, at=at)
        say(f"Notice of {latest.notice_on}: {latest.lines.count()} claims, {latest.members} members.")
    at = max(timezone.now(), start_of_day(latest.charge_on, plan.timezone) + OFFICE_OPENS)
    period = charge_period(period_id=latest.pk, by=company.reviewers[-1], at=at)
    say(f"Charged on {period.charge_on}; the workers collect and pay.")
    _await(lambda: _is_settled(period), "the payments are not all settled")
    period.refresh_from_db(fields=["settled_at"])
    paid = Payout.objects.filter(period=period, status=Payout.Status.SETTLED).count()
    say(f"Settled: {paid} payouts.")
    return Period.objects.select_related("plan").get(pk=period.pk)


def _is_settled(period: Period) -> bool:
    return Period.objects.filter(pk=period.pk, status=Period.Status.SETTLED).exists()


def _wait_or_go_on(moved: bool, last_move: float, what: str) -> float:
    if moved:
        return time.monotonic()
    if time.monotonic() - last_move > PATIENCE_SECONDS:
        raise Stuck(f"nothing has moved for {PATIENCE_SECONDS} s; waiting: {what}. Look at var/logs.")
    time.sleep(TICK_SECONDS)
    return last_move


def _await(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise Stuck(f"after {PATIENCE_SECONDS} s {otherwise}")
        time.sleep(TICK_SECONDS)
