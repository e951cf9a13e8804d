"""The course of a rehearsal: every open claim to its decision, then the period to its last payment."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import current_app
from django.conf import settings

from adjudication.models import Claim
from allocation.models import Payout, Period
from allocation.rehearsal.company import Company
from allocation.rehearsal.players import act
from allocation.selectors.periods import latest_period, next_notice_day
from allocation.services.periods import charge_period, publish_notice
from audit import clock
from audit.clock_functions import set_to
from audit.owner import as_owner
from members.models import Plan
from members.rules.dates import start_of_day
from run.queues import NAMES, worker_command

AT_ONCE = 12
"""Claims played at the same time: with more, no juror would be free under the plan's workload limit."""
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
    """Nothing has moved for longer than the players wait."""


@contextmanager
def workers(say: Say) -> Iterator[None]:
    """The real workers: those that are running, or one started for the rehearsal."""
    if current_app.control.ping(timeout=1.5):
        yield
        return
    say("No worker answers: starting one for the rehearsal.")
    command = worker_command(NAMES, concurrency=2, level="WARNING")
    log = settings.VAR_DIR / "logs" / "rehearsal-worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        worker = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=sink, stderr=sink)  # noqa: S603 - ours
    try:
        _await(lambda: bool(current_app.control.ping(timeout=0.5)), "the worker does not answer")
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=20)
        except subprocess.TimeoutExpired:
            worker.kill()


def play_claims(plan: Plan, company: Company, say: Say) -> Counter[str]:
    """Play every open claim of the plan until it is decided; returns how many ended in each state. Raises Stuck."""
    found = Claim.objects.filter(plan=plan, status__in=PLAYED, hold_reason="")
    waiting = list(found.order_by("pk").values_list("pk", flat=True))
    total = len(waiting)
    in_play: dict[int, str] = {}
    ended: Counter[str] = Counter()
    last_move = time.monotonic()
    while waiting or in_play:
        while waiting and len(in_play) < AT_ONCE:
            in_play[waiting.pop(0)] = ""
        moved = False
        for claim in Claim.objects.filter(pk__in=in_play).select_related("plan_version", "membership__person"):
            if claim.status not in PLAYED:
                ended[claim.status] += 1
                del in_play[claim.pk]
                hearings = claim.hearings.count()
                say(f"  {ended.total():>3}/{total}  {claim.ref}  {claim.status}  (hearings: {hearings})")
                moved = True
                continue
            moved = act(claim, company) or in_play[claim.pk] != claim.status or moved
            in_play[claim.pk] = claim.status
        last_move = _wait_unless_moved(moved, last_move, f"{len(in_play)} claims: {Counter(in_play.values())}")
    return ended


def _move_clock_to(at: dt.datetime) -> None:
    """Set the clock of the demonstration forward to this moment, unless it has passed."""
    if at > clock.now():
        with as_owner():
            set_to(at)


def play_period(plan: Plan, company: Company, say: Say) -> Period:
    """Publish the next notice, charge it on its day, and wait until the workers have settled every payment."""
    latest = latest_period(plan)
    reviewer = company.reviewers[0]
    if latest is None or latest.status != Period.Status.NOTICED:
        notice_on = next_notice_day(plan)
        _move_clock_to(start_of_day(notice_on, plan.timezone) + OFFICE_OPENS)
        latest = publish_notice(plan=plan, notice_on=notice_on, by=reviewer)
        say(f"Notice of {latest.notice_on}: {latest.lines.count()} claims, {latest.members} members.")
    _move_clock_to(start_of_day(latest.charge_on, plan.timezone) + OFFICE_OPENS)
    period = charge_period(period_id=latest.pk, by=company.reviewers[-1])
    say(f"Charged on {period.charge_on}; the workers collect and pay.")
    _await(lambda: _is_settled(period), "the payments are not all settled")
    period.refresh_from_db(fields=["settled_at"])
    paid = Payout.objects.filter(period=period, status=Payout.Status.SETTLED).count()
    say(f"Settled: {paid} payouts.")
    return Period.objects.select_related("plan").get(pk=period.pk)


def _is_settled(period: Period) -> bool:
    return Period.objects.filter(pk=period.pk, status=Period.Status.SETTLED).exists()


def _wait_unless_moved(moved: bool, last_move: float, what: str) -> float:
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
