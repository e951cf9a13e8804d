"""What the database asks of a new row: that its step is under way, that it is dated now, that it is of what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Model

from adjudication.models import Claim, Decision, Evidence
from adjudication.services.evidence import add_files, remove_evidence
from allocation.models import AidLine, CohortShare, Collection, Payout, Period
from audit import clock
from audit.models import Entry
from jury.models import DrawStep, Juror, Panel, Seat
from tests.adjudication.making import make_claim, pdf, taken
from tests.adjudication.trials import Trial, make_trial
from tests.allocation.making import charge, make_approved_claim, make_members, publish, uncapped_version
from tests.bent import done_so_far, unguarded
from tests.cast import Cast
from tests.factories import make_plan_version
from tests.jury.conftest import make_court

pytestmark = [pytest.mark.django_db, pytest.mark.bare_entries]


def refused(match: str, act: Callable[[], object]) -> None:
    """The database refuses it, now or at the commit."""
    with pytest.raises(IntegrityError, match=match):
        _committed(act)


def _committed(act: Callable[[], object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        act()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def another(row: Model, **changes: Any) -> Model:
    """A copy that has still to be written."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**(values | changes))


# -------- dates -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("minutes", [-11, 11, -60 * 24 * 365])
def test_an_entry_is_dated_when_it_is_written(minutes: int) -> None:
    at = clock.now() + dt.timedelta(minutes=minutes)
    entry = Entry(kind="tests.dated", stream="test:1", actor="system:assize", leaf=bytes(64), recorded_at=at)
    refused("dated when it is written", lambda: entry.save(force_insert=True))
    entry.recorded_at = clock.now() + dt.timedelta(minutes=minutes / abs(minutes) * 9)
    entry.save(force_insert=True)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_decision_is_dated_when_it_is_issued(judged: Trial, days: int) -> None:
    decision = undone(judged)
    refused("dated when it is issued", another(decision, decided_at=clock.now() + dt.timedelta(days=days)).save)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_period_is_noticed_and_charged_when_it_happens(days: int) -> None:
    version = uncapped_version()
    make_members(version.plan, 9)
    period = publish(version.plan)
    moved = {
        "notice_on": period.notice_on + dt.timedelta(days=14),
        "charge_on": period.charge_on + dt.timedelta(days=14),
    }
    at = clock.now() + dt.timedelta(days=days)
    with unguarded():
        Period.objects.filter(pk=period.pk).update(status="charged", charged_at=clock.now())
    refused("when it happens", another(period, **moved, noticed_at=at, charged_at=None).save)
    with unguarded():
        Period.objects.filter(pk=period.pk).update(status="noticed", charged_at=None)
    refused("when it happens", lambda: Period.objects.filter(pk=period.pk).update(status="charged", charged_at=at))


# -------- decisions ---------------------------------------------------------------------------------------------------
@pytest.fixture
def judged(db: None) -> Trial:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    return trial


def undone(trial: Trial) -> Decision:
    """A decision to copy, on a claim that awaits one again."""
    decision = trial.issue()
    done_so_far()
    with unguarded():
        Decision.objects.filter(pk=decision.pk).delete()
        Claim.objects.filter(pk=trial.claim.pk).update(status="jury_review", amount_minor=None)
    return decision


@pytest.mark.parametrize("status", ["under_investigation", "approved", "rejected", "paid", "withdrawn"])
def test_a_decision_needs_a_claim_that_awaits_one(judged: Trial, status: str) -> None:
    decision = undone(judged)
    with unguarded():
        Claim.objects.filter(pk=judged.claim.pk).update(status=status, amount_minor=1)
    refused("a claim that awaits one", another(decision).save)


def test_a_decision_is_by_the_rules_of_its_claim(judged: Trial) -> None:
    decision = undone(judged)
    other = make_plan_version("xhb-2019-01-01")
    refused("the rules of that claim", another(decision, plan_version_id=other.pk).save)


@pytest.mark.parametrize(("status", "amount_minor"), [("approved", 30_000_000), ("rejected", None)])
def test_a_claim_is_decided_by_a_decision_alone(judged: Trial, status: str, amount_minor: int | None) -> None:
    same = Claim.objects.filter(pk=judged.claim.pk)
    refused("by a decision, with the amount", lambda: same.update(status=status, amount_minor=amount_minor))


def test_a_claim_gets_the_amount_of_its_decision(judged: Trial) -> None:
    judged.issue()
    done_so_far()
    same = Claim.objects.filter(pk=judged.claim.pk)
    with unguarded():
        same.update(status="jury_review")
    refused("by a decision, with the amount", lambda: same.update(status="approved", amount_minor=90_000_000))
    refused("by a decision, with the amount", lambda: same.update(status="rejected", amount_minor=None))


# -------- draws and seats ---------------------------------------------------------------------------------------------
def step(panel: Panel, **changes: Any) -> DrawStep:
    last = panel.steps.aggregate(last=Max("position"))["last"] or 0
    values = {"position": last + 1, "number": panel.pool_high, "outcome": "seated"}
    return DrawStep(panel=panel, **(values | changes))


def test_a_step_is_drawn_by_the_draw_of_its_panel() -> None:
    court = make_court()
    court.add_jurors(5)
    committed = court.commit()
    refused("by the draw of a committed panel", step(committed).save)
    panel = court.drawn(case_ref="C26-OTHER1")
    refused("from the pool as it was then", step(panel, number=panel.pool_high + 1).save)
    for position in (0, 1, panel.steps.count() + 2):
        refused("leaves none out|already exists", step(panel, number=0, position=position).save)


def test_a_seat_goes_to_whom_the_draw_has_seated() -> None:
    court = make_court()
    court.add_jurors(9)
    panel = court.drawn()
    drawn = set(panel.steps.values_list("number", flat=True))
    missed = next(one for one in Juror.objects.order_by("number") if one.number not in drawn)
    seat = Seat(panel=panel, juror=missed, place=99, summoned_at=clock.now())
    refused("whom the draw of its panel has seated", seat.save)


# -------- what is paid was charged, and charged what was noticed ------------------------------------------------------
@pytest.fixture
def noticed(db: None) -> Period:
    version = uncapped_version()
    make_members(version.plan, 9)
    make_approved_claim(version, 1_000_00)
    return publish(version.plan)


def later() -> None:
    """What was written stands as if another transaction had written it: a test has only one."""
    done_so_far()
    with unguarded():
        Period.objects.update(noticed_in=1, charged_in=1)


def test_a_claim_is_taken_in_by_the_notice_alone(noticed: Period) -> None:
    version, [line] = noticed.plan_version, AidLine.objects.all()
    more = make_approved_claim(version, 1_000_00)
    refused("with their own amounts", another(line, claim_id=more.pk, aid_minor=3_000_00).save)
    waiting = make_approved_claim(version, 1_000_00)
    with unguarded():
        Claim.objects.filter(pk=waiting.pk).update(status="jury_review")
    refused("takes in approved claims", another(line, claim_id=waiting.pk).save)
    later()
    refused("by its notice and never after it", another(line, claim_id=more.pk).save)


def test_a_period_in_any_later_state_takes_in_nothing(noticed: Period) -> None:
    [line] = AidLine.objects.all()
    more = make_approved_claim(noticed.plan_version, 1_000_00)
    charge(noticed)
    refused("by its notice and never after it", another(line, claim_id=more.pk).save)
    with unguarded():
        Period.objects.update(status="settled")
    refused("by its notice and never after it", another(line, claim_id=more.pk).save)


def test_shares_and_payouts_come_with_the_charge_alone(noticed: Period) -> None:
    charge(noticed)
    [share], [payout], [collection] = CohortShare.objects.all(), Payout.objects.all(), Collection.objects.all()
    more = make_approved_claim(noticed.plan_version, 1_000_00)
    unlike = {"key": "another", "claim_id": more.pk, "membership_id": more.membership_id}
    refused("a payout pays a claim of its charge", another(payout, **unlike).save)
    refused("the shares of one cohort", another(collection, key="another", amount_minor=1).save)
    later()
    refused("by the charge of their period", another(share, carried_minor=1).save)
    refused("by the charge of their period", another(payout, **unlike).save)
    with unguarded():
        Collection.objects.all().delete()
    refused("its charge orders it", another(collection).save)


def test_a_payout_has_the_amount_that_was_charged(noticed: Period) -> None:
    charge(noticed)
    done_so_far()
    [payout] = Payout.objects.all()
    with unguarded():
        Payout.objects.all().delete()
    refused("with the amount that was charged", another(payout, amount_minor=payout.amount_minor + 1).save)
    with unguarded():
        AidLine.objects.update(left_because="on_hold")
    refused("a payout pays a claim of its charge", another(payout).save)


def test_nobody_says_when_a_period_was_noticed_or_charged(noticed: Period) -> None:
    done_so_far()
    stamp = Period.objects.get().noticed_in
    assert stamp is not None
    Period.objects.update(noticed_in=5, charged_in=5)
    assert (Period.objects.get().noticed_in, Period.objects.get().charged_in) == (stamp, None)
    charge(noticed)
    Period.objects.update(noticed_in=5, charged_in=5)
    assert (Period.objects.get().noticed_in, Period.objects.get().charged_in) == (stamp, stamp)


# -------- evidence ----------------------------------------------------------------------------------------------------
def test_what_was_filed_stays_and_a_duty_s_file_goes_while_the_report_is_open(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [filed] = add_files(uploads=[pdf()], kind="diagnosis", title="A", by=cast.member, claim=claim)
    refused("before it is filed", filed.delete)
    investigation = taken(claim, cast.investigator)
    duty = investigation.duties.first()
    uploads = [pdf("b.pdf"), pdf("c.pdf")]
    [found, kept] = add_files(uploads=uploads, kind="finding", title="B", by=cast.investigator, duty=duty)
    remove_evidence(evidence_id=found.pk, by=cast.investigator)
    assert not Evidence.objects.filter(pk=found.pk).exists()
    with unguarded():
        type(investigation).objects.filter(pk=investigation.pk).update(status="abandoned")
    refused("before the report that it supports is signed", kept.delete)
    done_so_far()
    refused("written once", lambda: connection.cursor().execute("TRUNCATE adjudication_evidence CASCADE"))
