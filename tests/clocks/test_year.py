"""A year in which nobody does anything: no claim is at rest without its next moment."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.selectors.clocks import Clock, clock_rows, clocks_visible_to, day_about, late_count
from audit import clock
from audit.models import Entry, SweepFault
from members.models import Message, User
from tests.clocks.waiting_claims import Waiting, claims_everywhere, run_sweeps
from tests.factories import make_user
from tests.moving import set_clock

YEAR = dt.timedelta(days=366)
LONGEST_STEP = dt.timedelta(days=12)


def at_rest(auditor: User) -> list[Clock]:
    """Every clock that runs, after the workers have had their time; each open claim has one that ends in the future."""
    now, clocks = clock.now(), clock_rows(clocks_visible_to(auditor))
    by_claim: dict[int, list[Clock]] = defaultdict(list)
    for one in clocks:
        by_claim[one.claim.pk].append(one)
    for claim in Claim.objects.filter(status__in=OPEN_STATUSES):
        found = by_claim[claim.pk]
        assert found, f"{claim} is {claim.status} (due {claim.due_at}) and waits for nothing that the table names"
        for one in found:
            assert one.next_at > now, f"{claim}: {one.wait.name} has no next moment"
            if one.wait.ends_by_itself and one.until is not None:
                assert one.until > now, f"{claim}: {one.wait.name} should have ended at {one.until}"
    return clocks


def next_moment(clocks: list[Clock], end: dt.datetime) -> dt.datetime:
    """The nearest end of a wait that ends by itself, and not too far away."""
    ends = [one.until for one in clocks if one.wait.ends_by_itself and one.until is not None]
    return min([*ends, clock.now() + LONGEST_STEP, end])


def live_a_year(world: Waiting) -> set[str]:
    """Let the year pass from moment to moment; returns the kinds of waits that ran at any rest."""
    end, seen, steps = clock.now() + YEAR, set(), 0
    auditor = make_user(None, "auditor")
    while clock.now() < end:
        run_sweeps()
        clocks = at_rest(auditor)
        seen |= {one.wait.name for one in clocks}
        steps += 1
        assert steps < 400, "the clock stands still"
        set_clock(next_moment(clocks, end) + dt.timedelta(seconds=1))
    run_sweeps()
    return seen


def entries(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def test_after_a_year_without_anybody_every_wait_had_its_outcome(db: None) -> None:
    set_clock(clock.now())
    world = claims_everywhere()
    seen = live_a_year(world)

    assert seen >= {
        "investigation.untaken",
        "investigation.at_work",
        "investigation.overdue",
        "answer.unserved",
        "decision.awaited",
        "finding.late",
        "record.withdrawn",
        "identity.unsettled",
        "hearing.no_jurors",
        "draw.word",
        "panel.vote",
        "opinion.asked",
        "claim.held",
        "approved.notice",
    }
    assert not SweepFault.objects.exists()
    assert entries("investigation.assigned") > 5
    assert entries("investigation.taken_off") > 5
    assert Entry.objects.filter(kind="claim.released", body__is_over=True).count() == 1
    assert world.again("held").hold_reason == ""
    assert Entry.objects.filter(kind="panel.closed", body__verdict="hung").count() >= 3
    assert Entry.objects.filter(kind="opinion.closed", body__conclusion="inconclusive").exists()
    assert Message.objects.filter(kind="adjudication.decision_late").exists()

    # Whoever could act is told: today, and on every day on which something was late.
    assert late_count() > 0
    told = Message.objects.filter(kind="adjudication.waits_late", to_user=world.reviewer)
    assert told.filter(about=day_about()).count() == 1

    open_ = set(Claim.objects.filter(status__in=OPEN_STATUSES).values_list("ref", flat=True))
    shown = {one.claim.ref for one in clock_rows(clocks_visible_to(make_user(None, "auditor")))}
    assert open_ <= shown, "the page leaves a claim out"
