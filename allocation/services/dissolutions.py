"""Records that a notice counted too few members, and carries out the end of the plan that can follow."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from allocation.errors.dissolutions import EnoughMembers
from allocation.models import Period
from allocation.rules.ledger import post_surplus_at_end
from allocation.selectors.periods import Threshold, latest_period
from allocation.services.ledger import post
from allocation.services.telling import tell_reviewers
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.models import Entry
from audit.services import append
from members.models import Dissolution, Plan, User
from members.services.dissolutions import Ground, confirm_end, end_memberships_of, propose_end, withdraw_end
from members.services.messages import tell_members


def threshold_columns(threshold: Threshold | None) -> dict[str, Any]:
    """The columns of a period that state the consequence of too few members; none if there are enough."""
    if threshold is None:
        return {}
    return {
        "members_needed": threshold.members_needed,
        "below_since": threshold.below_since,
        "plan_ends_on": threshold.plan_ends_on,
    }


def record_threshold(*, period: Period, before: Period | None, by: Actor) -> None:
    """Log that a plan fell below its threshold at this notice, or recovered; nothing if neither changed."""
    was_below = before is not None and before.is_below
    if period.is_below == was_below:
        return
    rules = period.plan_version.rules.dissolution
    body = {"notice_on": period.notice_on.isoformat(), "members": period.members}
    if period.is_below and period.plan_ends_on is not None:
        consequence = {
            "members_needed": period.members_needed,
            "then": rules.then,
            "cover_months": rules.cover_months,
            "ends_on": period.plan_ends_on.isoformat(),
        }
        entry = append(kind="plan.fell_below", stream=f"plan:{period.plan.code}", by=by, body=body | consequence)
        _tell_counted("allocation.plan_fell_below", period, entry, ends_on=period.plan_ends_on)
        facts = {"plan": period.plan.code, "notice": period.notice_on}
        tell_reviewers("allocation.end_can_be_proposed", entry=entry, **facts)
    else:
        entry = append(kind="plan.recovered", stream=f"plan:{period.plan.code}", by=by, body=body)
        _tell_counted("allocation.plan_recovered", period, entry)


def _tell_counted(kind: str, period: Period, entry: Entry, **values: object) -> None:
    plan = period.plan
    facts = {"plan": plan.code, "notice": period.notice_on, **values}
    tell_members(kind, members_of=plan, counted_at=period.counted_at, entry=entry, **facts)


def propose_dissolution(*, plan: Plan, by: User) -> Dissolution:
    """Propose the end of a plan whose latest notice counted too few members; another reviewer has to confirm it.

    Raises EnoughMembers, ReviewersOnly, AlreadyDissolving.
    """
    with transaction.atomic():
        # `publish_notice` takes the same lock: no notice that counts enough members can be published in between.
        plan = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        latest = latest_period(plan)
        if latest is None or latest.members_needed is None or latest.plan_ends_on is None:
            raise EnoughMembers(plan=plan.code)
        ground = Ground(
            plan_version=latest.plan_version,
            notice_on=latest.notice_on,
            members=latest.members,
            members_needed=latest.members_needed,
            ends_on=latest.plan_ends_on,
        )
        return propose_end(plan=plan, ground=ground, at=clock.now(), by=by)


def confirm_dissolution(*, dissolution_id: int, by: User) -> Dissolution:
    """Confirm what another reviewer proposed. Raises what `confirm_end` raises."""
    return confirm_end(dissolution_id=dissolution_id, at=clock.now(), by=by)


def withdraw_dissolution(*, dissolution_id: int, by: User) -> Dissolution:
    """Withdraw a proposal. Raises what `withdraw_end` raises."""
    return withdraw_end(dissolution_id=dissolution_id, at=clock.now(), by=by)


def end_memberships(*, dissolution_id: int) -> int:
    """End the memberships of a plan on its last day; returns how many. Idempotent."""
    return end_memberships_of(dissolution_id=dissolution_id, now=clock.now())


def settle_dissolution(*, dissolution_id: int) -> Dissolution:
    """Hand on the surplus once the last shared notice is charged; before that, nothing happens.

    The plan's rules name the recipient. Idempotent.
    """
    with transaction.atomic():
        plan_id = Dissolution.objects.values_list("plan_id", flat=True).get(pk=dissolution_id)
        # The plan before its dissolution, as in every act that locks both. A notice locks the plan too, so none is
        # published meanwhile.
        plan = Plan.objects.select_for_update(no_key=True).get(pk=plan_id)
        dissolution = Dissolution.objects.select_for_update(of=("self",)).select_related("plan").get(pk=dissolution_id)
        latest = latest_period(plan)
        last_shared = Period.objects.filter(plan=plan, notice_on=dissolution.ends_on).first()
        if latest is None or last_shared is None or latest.status == Period.Status.NOTICED:
            return dissolution
        if dissolution.status != Dissolution.Status.ENDED:
            return dissolution
        members = last_shared.members
        postings, per_member_minor = post_surplus_at_end(latest.surplus_out_minor, dissolution.surplus_to, members)
        post(plan=plan, period=None, kind="end", key=f"end:{plan.code}", postings=postings, by=SYSTEM)
        dissolution.surplus_minor, dissolution.per_member_minor = latest.surplus_out_minor, per_member_minor
        dissolution.settled_at = clock.now()
        dissolution.settle()
        dissolution.save(update_fields=["status", "surplus_minor", "per_member_minor", "settled_at"])
        entry = append(
            kind="dissolution.settled",
            stream=dissolution.stream,
            by=SYSTEM,
            body={
                "surplus_to": dissolution.surplus_to,
                "surplus_minor": dissolution.surplus_minor,
                "per_member_minor": per_member_minor,
                "members": members,
            },
        )
        tell_members(
            "allocation.surplus_handed_on",
            members_of=plan,
            counted_at=dissolution.ends_at,
            entry=entry,
            plan=plan.code,
        )
        return dissolution
