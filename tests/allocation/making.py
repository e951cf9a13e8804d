"""What the allocation tests need: plans without a case cap, members in numbers, approved claims, settled periods."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from django.db import connection

from adjudication.models import Claim, Decision
from adjudication.services.eligibility import run_check
from allocation import tasks
from allocation.gateways import Answer, DemonstrationBank, Failure, GatewayUnreachable
from allocation.models import BankRefusal, Collection, Payout, Period
from allocation.selectors.failures import name_of
from allocation.selectors.periods import next_notice_day
from allocation.services.payments import collect, pay
from allocation.services.periods import charge_period, publish_notice
from audit import clock
from audit.actors import SYSTEM, Actor
from members.models import Membership, Person, Plan, PlanVersion
from members.rules.dates import start_of_day
from members.rules.plans import first_notice_after
from members.tasks import sweep_messages
from tests.bent import bend, bend_all, unguarded
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user
from tests.moving import set_clock

_number = itertools.count(1)
LONG_AGO = dt.datetime(2018, 12, 1, tzinfo=SHANGHAI)
MANY = 1_000
MORNING = dt.timedelta(hours=9)


def uncapped_version(name: str = "xhb-2020-01-01") -> PlanVersion:
    """The plan without the cap of each case, so that a few members share whole claims: fee 8 %."""
    return make_plan_version(name, **{'case_cap_per_head = "0.10"': 'case_cap_per_head = "none"'})


def make_members(plan: Plan, count: int, joined_at: dt.datetime = LONG_AGO, **fields: Any) -> list[Membership]:
    """That many memberships, in one insert."""
    people = Person.objects.bulk_create(Person(name="Li Na", born_on=dt.date(1990, 1, 2)) for _each in range(count))
    fields = {"first_notice_on": dt.date(2018, 12, 7), "waits_from": joined_at} | fields
    made = Membership.objects.bulk_create(
        Membership(plan=plan, person=person, joined_at=joined_at, **fields) for person in people
    )
    if count >= MANY:
        # Or the planner believes what the table held in a test before, and may read all of it for every row.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE members_person, members_membership")
    return made


def with_log_ins(memberships: Sequence[Membership]) -> Sequence[Membership]:
    """The same members with log-ins: messages reach them, and so their silence has consequences."""
    for membership in memberships:
        membership.person.user = make_user()
        membership.person.save(update_fields=["user"])
    return memberships


def as_if_joined(membership: Membership, at: dt.datetime) -> None:
    """Let somebody have joined at another moment, the wait and the first notice with it."""
    version = membership.plan.versions.latest("starts_at")
    bend_all(
        Membership.objects.filter(pk=membership.pk),
        joined_at=at,
        waits_from=at,
        first_notice_on=first_notice_after(version.rules, at),
    )


def make_claim(version: PlanVersion, membership: Membership | None = None, **fields: Any) -> Claim:
    """A claim as it is when it is filed; by default for breast cancer of somebody named Wang Xiaoming."""
    membership = membership or make_membership(
        version.plan, make_person(), joined_at=LONG_AGO, first_notice_on=dt.date(2018, 12, 7)
    )
    values = {
        "ref": f"C26-{next(_number):06}",
        "icd10": "C50.9",
        "severity": "severe",
        "first_diagnosed_on": dt.date(2024, 2, 3),
        "hospital": "First Hospital",
        "submitted_at": clock.now(),
        "status_since": clock.now(),
    }
    return Claim.objects.create(plan=version.plan, plan_version=version, membership=membership, **(values | fields))


def make_approved_claim(
    version: PlanVersion, amount_minor: int = 300_000_00, membership: Membership | None = None, **fields: Any
) -> Claim:
    """A claim that was investigated, heard and approved."""
    claim = make_claim(version, membership, **fields)
    for act in (claim.begin_investigation, claim.sign_report, claim.open_hearing, claim.approve):
        claim.amount_minor = amount_minor
        act()
        bend(claim)
    return claim


def decide_otherwise(claim: Claim, **changes: Any) -> None:
    """What a correcting decision will do to a claim; no service makes one yet, so the triggers must look away."""
    with unguarded():
        Claim.objects.filter(pk=claim.pk).update(**changes)


def reject(claim: Claim) -> None:
    """A correcting decision against an approved claim."""
    decide_otherwise(claim, status="rejected")


def its_notice_day(plan: Plan) -> dt.date:
    """Let it be the morning of the plan's next notice day."""
    notice_on = next_notice_day(plan)
    set_clock(start_of_day(notice_on, plan.timezone) + MORNING)
    return notice_on


def its_charge_day(period: Period) -> None:
    """Let it be the morning of the period's charge day."""
    set_clock(start_of_day(period.charge_on, period.plan.timezone) + MORNING)


def publish(plan: Plan, notice_on: dt.date | None = None, by: Actor = SYSTEM) -> Period:
    """The notice of a day, published when the day begins."""
    notice_on = notice_on or next_notice_day(plan)
    set_clock(start_of_day(notice_on, plan.timezone))
    return publish_notice(plan=plan, notice_on=notice_on, by=by)


def charge(period: Period, by: Actor = SYSTEM) -> Period:
    """The charge, made when its day begins."""
    set_clock(max(clock.now(), start_of_day(period.charge_on, period.plan.timezone)))
    return charge_period(period_id=period.pk, by=by)


def pay_everything(period: Period) -> Period:
    """What the workers do after a charge."""
    for collection in Collection.objects.filter(share__period=period):
        collect(collection_id=collection.pk)
    for payout in Payout.objects.filter(period=period):
        pay(payout_id=payout.pk)
    return Period.objects.get(pk=period.pk)


def refuse(*memberships: Membership, is_refusing: bool = True) -> None:
    """From now on the demonstration bank gets nothing from these accounts, or something again."""
    for membership in memberships:
        BankRefusal.objects.update_or_create(member=name_of(membership), defaults={"is_refusing": is_refusing})


def work() -> None:
    """What the workers do once all sweeps have come round."""
    tasks.sweep_payments()
    tasks.sweep_arrears()
    # Who owes a share is told before anything follows from it.
    sweep_messages()
    tasks.sweep_deadlines()
    # What a deadline has opened, such as a refund, is paid when the other sweep comes round again.
    tasks.sweep_arrears()


def reject_in_wait(
    version: PlanVersion,
    membership: Membership,
    diagnosed_on: dt.date,
    reasons: Sequence[str] = ("waiting_period",),
    **fields: Any,
) -> Claim:
    """A claim that the table rejected, decided now; the clauses are asked as they always are."""
    claim = make_claim(version, membership, first_diagnosed_on=diagnosed_on, **fields)
    check = run_check(claim=claim, occasion="submitted", by=SYSTEM)
    for act in (claim.begin_investigation, claim.sign_report, claim.open_hearing, claim.reject):
        act()
        bend(claim)
    with unguarded():
        Decision.objects.create(
            claim=claim,
            sequence=1,
            outcome="rejected",
            reason_codes=list(reasons),
            basis={"rule": "decision_table"},
            plan_version=version,
            eligibility_check=check,
            decided_at=clock.now(),
        )
    return claim


class DeadBank:
    """Answers nothing and takes nothing."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        raise GatewayUnreachable

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        raise GatewayUnreachable

    def query(self, *, key: str, amount_minor: int) -> Answer:
        raise GatewayUnreachable

    def failures(self, *, key: str, after: int) -> list[Failure]:
        raise GatewayUnreachable


class ForgetfulBank(DemonstrationBank):
    """Takes the order and is cut off before it can say so; answers queries."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        super().order(key=key, amount_minor=amount_minor)
        raise GatewayUnreachable

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        super().debit(key=key, member=member, amount_minor=amount_minor)
        raise GatewayUnreachable


class CrashingBank(DemonstrationBank):
    """Takes nothing, for this process dies on the way there."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        raise SystemExit

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        raise SystemExit
