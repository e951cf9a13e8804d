"""A period's notice and its charge."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from adjudication.models import Claim
from allocation.errors import (
    AlreadyCharged,
    ChargeTooEarly,
    LastNoticeMissed,
    NoticeOutOfOrder,
    NoticeTooEarly,
    PeriodStillOpen,
)
from allocation.models import AidLine, CohortShare, Collection, Payout, Period
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_charge
from allocation.rules.shares import Allocation
from allocation.selectors.periods import (
    Preview,
    aided_in_line,
    allocation_of,
    claims_for_next_notice,
    last_shared_before,
    latest_period,
    lines_in,
    preview,
    why_it_leaves,
)
from allocation.services.calendar import moment_of
from allocation.services.carrying import correct_carried, hold_comers
from allocation.services.dissolutions import record_threshold, threshold_columns
from allocation.services.ledger import post
from allocation.services.payments import settle_if_done
from allocation.services.queue import queue_payments
from audit.actors import Actor
from audit.services import append
from members.codes import icd10
from members.models import Plan, User
from members.rules.dates import completed_years, start_of_day
from members.rules.masking import masked_name
from members.rules.plans import condition_for


def publish_notice(*, plan: Plan, notice_on: dt.date, by: Actor, at: dt.datetime | None = None) -> Period:
    """Publish a period's notice: count the members, take in every approved claim, compute the shares.

    Where they are too few for the plan to go on, the notice says so. `at` is the moment that the act counts as done;
    later than now only in a demonstration. Raises NotANoticeDay, NoticeTooEarly, NoticeOutOfOrder, PeriodStillOpen,
    LastNoticeMissed, NoRulesInForce, NotYet.
    """
    at = moment_of(at)
    with transaction.atomic():
        # One notice of a plan at a time; `no_key`, so that people can join and claim meanwhile.
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        latest = latest_period(plan)
        if latest is not None and latest.notice_on >= notice_on:
            raise NoticeOutOfOrder(plan, latest)
        if latest is not None and latest.status == Period.Status.NOTICED:
            raise PeriodStillOpen(latest)
        if (missed := last_shared_before(plan, notice_on)) is not None:
            raise LastNoticeMissed(plan, missed)
        # Locked as they are read, so that no claim changes its state between the reckoning and its line.
        claims = tuple(claims_for_next_notice(plan).select_for_update(of=("self",)))
        found = preview(plan, notice_on, claims)
        if at < found.counted_at:
            raise NoticeTooEarly(plan, notice_on)
        period = Period.objects.create(
            plan=plan,
            plan_version=found.version,
            notice_on=notice_on,
            charge_on=found.charge_on,
            counted_at=found.counted_at,
            noticed_at=at,
            noticed_by=by if isinstance(by, User) else None,
            members=found.allocation.members,
            share_unit_minor=found.allocation.terms.share_unit_minor,
            notice_figures=_figures(found.allocation),
            **threshold_columns(found.threshold),
            **_totals(found.allocation),
        )
        _write_lines(period, found)
        record_threshold(period=period, before=latest, by=by)
        append(
            kind="period.noticed",
            stream=period.stream,
            by=by,
            body={"charge_on": found.charge_on.isoformat(), **_totals(found.allocation), "members": period.members},
        )
        return period


def charge_period(*, period_id: int, by: Actor, at: dt.datetime | None = None) -> Period:
    """Charge a noticed period: shares become due, the ledger is posted, collections and payouts are ordered.

    Claims that are no longer approved as published leave; N stays that of the notice and the share is never higher.
    A period in which nothing is to be paid is settled at once. `at` as in `publish_notice`. Raises AlreadyCharged,
    ChargeTooEarly, NotYet.
    """
    at = moment_of(at)
    with transaction.atomic():
        hold_comers(plan=Plan.objects.get(periods=period_id))
        period = Period.objects.select_for_update().get(pk=period_id)
        if period.status != Period.Status.NOTICED:
            raise AlreadyCharged(period)
        if at < start_of_day(period.charge_on, period.plan.timezone):
            raise ChargeTooEarly(period)
        left = _leave(period)
        allocation = allocation_of(period)
        allocation.check()
        for name, amount_minor in _totals(allocation).items():
            setattr(period, name, amount_minor)
        period.charged_at = at
        period.charged_by = by if isinstance(by, User) else None
        period.charge()
        period.save()
        shares = _write_shares(period, allocation)
        corrected = correct_carried(period=period, shares=shares)
        collections, payouts = _order_payments(period, shares)
        post(
            plan=period.plan,
            period=period,
            kind="charge",
            key=f"charge:{period.plan.code}:{period.notice_on}",
            postings=post_charge(allocation),
            by=by,
        )
        append(
            kind="period.charged",
            stream=period.stream,
            by=by,
            body={
                **_totals(allocation),
                "members": period.members,
                "left": left,
                "payouts": len(payouts),
                "carried_corrected": corrected,
            },
        )
        queue_payments([one.pk for one in collections], [one.pk for one in payouts])
        return period if collections or payouts else settle_if_done(period=period)


def _totals(allocation: Allocation) -> dict[str, int]:
    return {
        "aid_minor": allocation.aid_minor,
        "fee_minor": allocation.fee_minor,
        "case_cap_excess_minor": allocation.case_cap_excess_minor,
        "billed_minor": allocation.billed_minor,
        "surplus_in_minor": allocation.surplus_in_minor,
        "per_head_minor": allocation.per_head_minor,
        "surplus_out_minor": allocation.surplus_out_minor,
        "collected_minor": allocation.charged_minor,
        "gifts_minor": allocation.gift_minor,
        "year_cap_excess_minor": allocation.year_cap_shortfall_minor,
    }


def _figures(allocation: Allocation) -> dict[str, Any]:
    """The notice's own figures, kept as published when the charge recomputes them."""
    cohorts = []
    for line in allocation.cohorts:
        key = CohortKey.from_code(line.key)
        cohorts.append(
            {
                "first_notice_on": key.first_notice_on.isoformat(),
                "is_gifted": key.is_gifted,
                "carried_minor": key.carried_minor,
                "members": line.members,
                "year_to_date_minor": line.cohort.year_to_date_minor,
                "per_member_minor": line.per_member_minor,
            }
        )
    return {"totals": _totals(allocation), "members": allocation.members, "cohorts": cohorts}


def _write_lines(period: Period, found: Preview) -> None:
    money = {line.ref: line for line in found.allocation.claims}
    AidLine.objects.bulk_create(
        _aid_line(period, claim, money[claim.ref].fee_minor, money[claim.ref].billed_minor, found)
        for claim in found.claims
        if claim.ref in money
    )


def _aid_line(period: Period, claim: Claim, fee_minor: int, billed_minor: int, found: Preview) -> AidLine:
    person = claim.membership.person
    condition = condition_for(claim.plan_version.rules, claim.icd10)
    return AidLine(
        period=period,
        claim=claim,
        masked_name=masked_name(person.name),
        illness_en=condition.title.en if condition else icd10.title(claim.icd10),
        illness_zh=condition.title.zh if condition else icd10.title(claim.icd10),
        age_years=completed_years(person.born_on, claim.first_diagnosed_on),
        severity=claim.severity,
        aid_minor=claim.amount_minor or 0,
        fee_bp=found.version.rules.fee_bp,
        fee_minor=fee_minor,
        billed_minor=billed_minor,
    )


def _leave(period: Period) -> list[str]:
    """Mark the claims that left between notice and charge; returns their references."""
    # Locked until the payouts stand: a decision undone meanwhile must not find its claim charged.
    claims = (
        Claim.objects.filter(pk__in=lines_in(period).values("claim_id")).order_by("pk").select_for_update().in_bulk()
    )
    leaving = []
    aided = aided_in_line(claim.membership_id for claim in claims.values())
    for line in lines_in(period):
        line.left_because = why_it_leaves(claims[line.claim_id], line, aided)
        if line.left_because:
            leaving.append(line)
    AidLine.objects.bulk_update(leaving, ["left_because"])
    return [line.claim.ref for line in leaving]


def _order_payments(period: Period, shares: list[CohortShare]) -> tuple[list[Collection], list[Payout]]:
    """One collection for each cohort that pays, one payout for each claim; each under the key it keeps for ever."""
    collections = Collection.objects.bulk_create(
        Collection(share=share, key=f"collection:{period.plan.code}:{share.pk}", amount_minor=amount_minor)
        for share in shares
        if (amount_minor := share.members * share.per_member_minor) > 0
    )
    payouts = Payout.objects.bulk_create(
        Payout(
            claim=line.claim,
            membership_id=line.claim.membership_id,
            period=period,
            key=f"payout:{line.claim.ref}",
            amount_minor=line.aid_minor,
        )
        for line in lines_in(period)
    )
    return collections, payouts


def _write_shares(period: Period, allocation: Allocation) -> list[CohortShare]:
    shares = []
    for line in allocation.cohorts:
        key = CohortKey.from_code(line.key)
        shares.append(
            CohortShare(
                period=period,
                first_notice_on=key.first_notice_on,
                is_gifted=key.is_gifted,
                carried_minor=key.carried_minor,
                members=line.members,
                year_to_date_minor=line.cohort.year_to_date_minor,
                per_member_minor=line.per_member_minor,
            )
        )
    return CohortShare.objects.bulk_create(shares)
