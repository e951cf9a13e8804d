"""What a notice with too few members puts on record, and how the end of a plan that follows is carried out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from allocation.errors import EnoughMembers
from allocation.models import Period
from allocation.rules.ledger import post_surplus_at_end
from allocation.selectors.periods import Threshold, latest_period
from allocation.services.calendar import moment_of
from allocation.services.ledger import post
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.models import Dissolution, Plan, User
from members.services.dissolutions import Ground, confirm_end, end_memberships_of, propose_end, withdraw_end


def threshold_columns(threshold: Threshold | None) -> dict[str, Any]:
    """The columns of a period that say what its count means for the plan."""
    if threshold is None:
        return {}
    return {
        "members_needed": threshold.members_needed,
        "below_since": threshold.below_since,
        "plan_ends_on": threshold.plan_ends_on,
    }


def record_threshold(*, period: Period, before: Period | None, by: Actor) -> None:
    """Enter that a plan fell below its threshold at this notice, or rose above it again; nothing where it stays."""
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
        append(kind="plan.fell_below", stream=f"plan:{period.plan.code}", by=by, body=body | consequence)
    else:
        append(kind="plan.recovered", stream=f"plan:{period.plan.code}", by=by, body=body)


def propose_dissolution(*, plan: Plan, by: User, at: dt.datetime | None = None) -> Dissolution:
    """Propose the end of a plan whose latest notice counted too few members; another reviewer has to confirm it.

    Raises EnoughMembers, EndsPlansAsNoReviewer, AlreadyDissolving, NotYet.
    """
    at = moment_of(at)
    with transaction.atomic():
        # No notice of the plan comes in between that would count enough of them.
        plan = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        latest = latest_period(plan)
        if latest is None or latest.members_needed is None or latest.plan_ends_on is None:
            raise EnoughMembers(plan)
        ground = Ground(
            plan_version=latest.plan_version,
            notice_on=latest.notice_on,
            members=latest.members,
            members_needed=latest.members_needed,
            ends_on=latest.plan_ends_on,
        )
        return propose_end(plan=plan, ground=ground, at=at, by=by)


def confirm_dissolution(*, dissolution_id: int, by: User, at: dt.datetime | None = None) -> Dissolution:
    """Confirm what another reviewer proposed. Raises NotYet, and what the members' service does."""
    return confirm_end(dissolution_id=dissolution_id, at=moment_of(at), by=by)


def withdraw_dissolution(*, dissolution_id: int, by: User, at: dt.datetime | None = None) -> Dissolution:
    """Take a proposal back. Raises NotYet, and what the members' service does."""
    return withdraw_end(dissolution_id=dissolution_id, at=moment_of(at), by=by)


def end_memberships(*, dissolution_id: int, at: dt.datetime | None = None) -> int:
    """End the memberships of a plan whose day has come; says how many. Safe to run twice."""
    return end_memberships_of(dissolution_id=dissolution_id, now=moment_of(at))


def settle_dissolution(*, dissolution_id: int, at: dt.datetime | None = None) -> Dissolution:
    """Hand on the surplus once the last notice that members share is charged; until then nothing happens.

    To whom, the rules say that the plan ends by. Safe to run twice. Raises NotYet.
    """
    at = moment_of(at)
    with transaction.atomic():
        plan_id = Dissolution.objects.values_list("plan_id", flat=True).get(pk=dissolution_id)
        # Before the dissolution's own row, as everybody does; a notice takes the same lock, so that none passes by.
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
        dissolution.settled_at = at
        dissolution.settle()
        dissolution.save()
        append(
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
        return dissolution
