"""A period's notice and its charge."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from adjudication.models import Claim
from adjudication.rules.facts import CountingFacts
from adjudication.selectors.facts import age_of, counting_facts_of_many
from allocation.errors.periods import (
    AlreadyCharged,
    ChargeTooEarly,
    LastNoticeMissed,
    NoticeOutOfOrder,
    NoticeTooEarly,
    PeriodStillOpen,
)
from allocation.models import AidLine, CohortShare, Collection, Payout, Period
from allocation.rules.cohorts import CohortKey
from allocation.rules.keys import collection_key, payout_key
from allocation.rules.ledger import post_charge
from allocation.rules.shares import Allocation, ClaimLine
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
from allocation.services.carrying import correct_carried, take_charge_lock
from allocation.services.dissolutions import record_threshold, threshold_columns
from allocation.services.ledger import post
from allocation.services.payments import settle_if_done
from allocation.services.queue import queue_payments
from audit import clock
from audit.actors import Actor
from audit.models import Entry
from audit.rules.lines import digest_of_lines, line_of
from audit.services import append
from members.codes import icd10
from members.models import Plan, User
from members.rules.dates import completed_years, start_of_day
from members.rules.masking import masked_name
from members.rules.plans import condition_for
from members.services.messages import tell, tell_members


def publish_notice(*, plan: Plan, notice_on: dt.date, by: Actor) -> Period:
    """Publish a period's notice: count the members, take in every approved claim, compute the shares.

    If the members are too few for the plan to continue, the notice says so. Raises NotANoticeDay, NoticeTooEarly,
    NoticeOutOfOrder, PeriodStillOpen, LastNoticeMissed, NoRulesInForce.
    """
    with transaction.atomic():
        # Two reviewers publish at once: the second waits, and finds this notice. `no_key`: people can still join and
        # claim meanwhile, since their rows only refer to the plan's.
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        now = clock.now()
        latest = latest_period(plan)
        if latest is not None and latest.notice_on >= notice_on:
            raise NoticeOutOfOrder(plan=plan.code, day=latest.notice_on)
        if latest is not None and latest.status == Period.Status.NOTICED:
            raise PeriodStillOpen(day=latest.notice_on, charge=latest.charge_on)
        if (missed := last_shared_before(plan, notice_on)) is not None:
            raise LastNoticeMissed(plan=plan.code, day=missed)
        # Locked as they are read, so that no claim changes its state between the calculation and its line.
        claims = tuple(claims_for_next_notice(plan).select_for_update(of=("self",)))
        found = preview(plan, notice_on, claims)
        # From 00:00 of the notice day itself: members are counted as of that moment.
        if now < found.counted_at:
            raise NoticeTooEarly(plan=plan.code, day=notice_on, zone=plan.timezone)
        period = Period.objects.create(
            plan=plan,
            plan_version=found.version,
            notice_on=notice_on,
            charge_on=found.charge_on,
            counted_at=found.counted_at,
            noticed_at=now,
            noticed_by=by if isinstance(by, User) else None,
            members=found.allocation.members,
            share_unit_minor=found.allocation.terms.share_unit_minor,
            notice_figures=_figures(found.allocation),
            **threshold_columns(found.threshold),
            **_totals(found.allocation),
        )
        lines = _write_lines(period, found)
        record_threshold(period=period, before=latest, by=by)
        entry = append(
            kind="period.noticed",
            stream=period.stream,
            by=by,
            body={
                "charge_on": found.charge_on.isoformat(),
                **_totals(found.allocation),
                "members": period.members,
                "lines": lines,
            },
        )
        _tell_counted("allocation.share_announced", period, entry, charge=period.charge_on)
        _tell_actor("allocation.notice_by_you", period, entry, by)
        return period


def charge_period(*, period_id: int, by: Actor) -> Period:
    """Charge a noticed period: shares become due, the ledger is posted, collections and payouts are ordered.

    Claims that are no longer approved as published leave the charge; N stays that of the notice, so the share never
    rises. A period without any payment is settled at once. Raises AlreadyCharged, ChargeTooEarly.
    """
    with transaction.atomic():
        # Before every read: somebody who rejoins meanwhile would carry in a sum without this charge.
        take_charge_lock(plan=Plan.objects.get(pk__in=Period.objects.filter(pk=period_id).values("plan")))
        period = Period.objects.select_for_update().get(pk=period_id)
        # Read after the locks: waiting for them takes time, and the clock moves on.
        now = clock.now()
        # Of two reviewers who charge at once, the second reads the state after the first one's commit.
        if period.status != Period.Status.NOTICED:
            raise AlreadyCharged(day=period.notice_on)
        if now < start_of_day(period.charge_on, period.plan.timezone):
            raise ChargeTooEarly(day=period.notice_on, charge=period.charge_on)
        left = _leave(period)
        allocation = allocation_of(period)
        # Again, though `allocate` has checked: what is stored must add up to the unit, or nothing is charged.
        allocation.check()
        # What it takes over from the period before stands since its notice.
        fixed = {name: amount for name, amount in _totals(allocation).items() if name != "surplus_in_minor"}
        for name, amount_minor in fixed.items():
            setattr(period, name, amount_minor)
        period.charged_at = now
        period.charged_by = by if isinstance(by, User) else None
        period.charge()
        period.save(update_fields=["status", "charged_at", "charged_by", *fixed])
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
        entry = append(
            kind="period.charged",
            stream=period.stream,
            by=by,
            body={
                **_totals(allocation),
                "members": period.members,
                "left": left,
                "shares": _bound_shares(shares),
                "payouts": _bound_payouts(payouts),
                "carried_corrected": corrected,
            },
        )
        _tell_counted("allocation.share_charged", period, entry)
        _tell_actor("allocation.charge_by_you", period, entry, by)
        queue_payments([one.pk for one in collections], [one.pk for one in payouts])
        return period if collections or payouts else settle_if_done(period=period)


def _tell_counted(kind: str, period: Period, entry: Entry, **values: object) -> None:
    """Tell everybody whom the notice has counted, by one row."""
    plan = period.plan
    facts = {"plan": plan.code, "notice": period.notice_on, **values}
    tell_members(kind, members_of=plan, counted_at=period.counted_at, entry=entry, **facts)


def _tell_actor(kind: str, period: Period, entry: Entry, by: Actor) -> None:
    """The person named in the log is told: somebody else may have used their log-in."""
    if isinstance(by, User):
        tell(kind, to=by, entry=entry, plan=period.plan.code, notice=period.notice_on)


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


def _write_lines(period: Period, found: Preview) -> dict[str, Any]:
    """Write them; returns what the notice's entry says of them."""
    money = {line.ref: line for line in found.allocation.claims}
    counting = counting_facts_of_many(found.claims)
    lines = AidLine.objects.bulk_create(
        _aid_line(period, claim, counting, money[claim.ref], found) for claim in found.claims if claim.ref in money
    )
    return digest_of_lines(line_of(line.claim.ref, line.aid_minor, line.fee_minor, line.billed_minor) for line in lines)


def _bound_shares(shares: list[CohortShare]) -> dict[str, Any]:
    return digest_of_lines(
        line_of(
            one.first_notice_on.isoformat(),
            int(one.is_gifted),
            one.carried_minor,
            one.members,
            one.year_to_date_minor,
            one.per_member_minor,
        )
        for one in shares
    )


def _bound_payouts(payouts: list[Payout]) -> dict[str, Any]:
    return digest_of_lines(line_of(one.claim.ref, one.amount_minor) for one in payouts)


def _aid_line(
    period: Period, claim: Claim, counting: dict[int, CountingFacts], money: ClaimLine, found: Preview
) -> AidLine:
    person, facts = claim.membership.person, counting[claim.pk]
    condition = condition_for(claim.plan_version.rules, facts.icd10)
    # An approved claim has an amount, and with it a day, an illness and a severity; what is stated is the way back.
    age_years = age_of(claim, facts)
    return AidLine(
        period=period,
        claim=claim,
        masked_name=masked_name(person.name),
        illness_en=condition.title.en if condition else icd10.title(facts.icd10 or claim.icd10),
        illness_zh=condition.title.zh if condition else icd10.title(facts.icd10 or claim.icd10),
        age_years=completed_years(person.born_on, claim.first_diagnosed_on) if age_years is None else age_years,
        severity=facts.severity or claim.severity,
        aid_minor=claim.amount_minor or 0,
        fee_bp=found.version.rules.fee_bp,
        fee_minor=money.fee_minor,
        billed_minor=money.billed_minor,
    )


def _leave(period: Period) -> list[str]:
    """Mark the claims that left between notice and charge; returns their references."""
    # Locked until their payouts are committed: otherwise a hold or a new decision could come in between. In the order
    # of their ids, so that two acts on several claims cannot deadlock.
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
    """One collection for each cohort that pays, one payout for each claim; each under its permanent key."""
    collections = Collection.objects.bulk_create(
        Collection(share=share, key=_key_of(period, share), amount_minor=amount_minor)
        for share in shares
        if (amount_minor := share.members * share.per_member_minor) > 0
    )
    payouts = Payout.objects.bulk_create(
        Payout(
            claim=line.claim,
            membership_id=line.claim.membership_id,
            period=period,
            key=payout_key(claim=line.claim.ref),
            amount_minor=line.aid_minor,
        )
        for line in lines_in(period)
    )
    return collections, payouts


def _key_of(period: Period, share: CohortShare) -> str:
    cohort = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
    return collection_key(plan=period.plan.code, notice_on=period.notice_on, cohort=cohort)


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
