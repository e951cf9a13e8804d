"""Ending a plan: proposed by one reviewer, confirmed by another; then its memberships end, many at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from audit.actors import SYSTEM
from audit.services import append
from members.access import is_reviewer
from members.errors.dissolutions import AlreadyDissolving, DissolutionNotProposed, PlanDissolving
from members.errors.roles import OwnProposal, ReviewersOnly
from members.models import Dissolution, Membership, Plan, PlanVersion, User
from members.models.memberships import EndReason
from members.models.users import Role
from members.rules.dates import local_day, start_of_day
from members.rules.dissolving import not_before
from members.selectors.dissolutions import certain_end_of, dissolution_of
from members.selectors.plans import title_of
from members.selectors.users import holders_of
from members.services.messages import tell, tell_each, tell_members

BATCH = 10_000
"""Memberships that end in one transaction: a second's work, so that nobody waits long for their row."""

# The rows are found along the primary key from where the last batch stopped: each is looked at once.
_END = """
    WITH batch AS (
        SELECT id FROM members_membership
         WHERE id > %s AND plan_id = %s AND left_at IS NULL AND joined_at < %s
         ORDER BY id LIMIT %s FOR UPDATE
    ), ended AS (
        UPDATE members_membership SET left_at = %s, end_reason = %s
          FROM batch WHERE members_membership.id = batch.id RETURNING members_membership.id
    )
    SELECT count(*), min(id), max(id) FROM ended
"""


@dataclass(frozen=True)
class Ground:
    """Why a plan ends: the notice that counted too few, how many, how many it needs, and the day by its rules."""

    plan_version: PlanVersion
    notice_on: dt.date
    members: int
    members_needed: int
    ends_on: dt.date


@transaction.atomic
def propose_end(*, plan: Plan, ground: Ground, at: dt.datetime, by: User) -> Dissolution:
    """Propose that a plan ends, by its own rules, because of a notice. Nothing changes for its members yet.

    Raises ReviewersOnly, AlreadyDissolving.
    """
    _require_reviewer(by)
    ends_on = not_before(ground.plan_version.rules, ground.ends_on, local_day(at, plan.timezone))
    dissolution = Dissolution(
        plan=plan,
        plan_version=ground.plan_version,
        notice_on=ground.notice_on,
        members=ground.members,
        members_needed=ground.members_needed,
        ends_on=ends_on,
        ends_at=start_of_day(ends_on, plan.timezone),
        surplus_to=ground.plan_version.rules.dissolution.surplus_to,
        proposed_by=by,
        proposed_at=at,
    )
    try:
        # The constraint decides, not a query before it: two concurrent proposals would both find none.
        with transaction.atomic():
            dissolution.save()
    except IntegrityError as error:
        known = dissolution_of(plan)
        if "a_plan_ends_once" not in str(error) or known is None:
            raise
        raise AlreadyDissolving(plan=known.plan.code, status=Dissolution.Status(known.status)) from None
    entry = append(kind="dissolution.proposed", stream=dissolution.stream, by=by, body=_facts(dissolution))
    others = holders_of(Role.REVIEWER).exclude(pk=by.pk)
    tell_each("members.end_to_confirm", to=others, entry=entry, plan=plan.code, ends_on=ends_on)
    return dissolution


@transaction.atomic
def confirm_end(*, dissolution_id: int, at: dt.datetime, by: User) -> Dissolution:
    """Confirm that a plan ends: the act of a reviewer other than its proposer. Nobody can join from now on.

    Where the proposed day has passed meanwhile it is the next notice day. Raises ReviewersOnly,
    DissolutionNotProposed, OwnProposal.
    """
    _require_reviewer(by)
    plan_id = Dissolution.objects.values_list("plan_id", flat=True).get(pk=dissolution_id)
    # Waits for every join that has checked but not committed yet (`check_takes_members`), so none commits later.
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    dissolution = _proposed(dissolution_id)
    if dissolution.proposed_by_id == by.pk:
        raise OwnProposal
    rules = dissolution.plan_version.rules
    dissolution.ends_on = not_before(rules, dissolution.ends_on, local_day(at, plan.timezone))
    dissolution.ends_at = start_of_day(dissolution.ends_on, plan.timezone)
    dissolution.confirmed_by, dissolution.confirmed_at = by, at
    dissolution.confirm()
    dissolution.save(update_fields=["status", "ends_on", "ends_at", "confirmed_by", "confirmed_at"])
    body = _facts(dissolution) | {"proposed_by": f"user:{dissolution.proposed_by_id}"}
    entry = append(kind="dissolution.confirmed", stream=dissolution.stream, by=by, body=body)
    code, ends_on = plan.code, dissolution.ends_on
    tell_members("members.plan_will_end", members_of=plan, counted_at=at, entry=entry, plan=code, ends_on=ends_on)
    tell("members.end_confirmed", to=dissolution.proposed_by, entry=entry, plan=code, ends_on=ends_on)
    tell("members.end_confirmed_by_you", to=by, entry=entry, plan=code, ends_on=ends_on)
    return dissolution


@transaction.atomic
def withdraw_end(*, dissolution_id: int, at: dt.datetime, by: User) -> Dissolution:
    """Withdraw a proposal; it stays on record. Raises ReviewersOnly, DissolutionNotProposed."""
    _require_reviewer(by)
    dissolution = _proposed(dissolution_id)
    dissolution.withdrawn_by, dissolution.withdrawn_at = by, at
    dissolution.withdraw()
    dissolution.save(update_fields=["status", "withdrawn_by", "withdrawn_at"])
    body = {"notice_on": str(dissolution.notice_on)}
    entry = append(kind="dissolution.withdrawn", stream=dissolution.stream, by=by, body=body)
    others = holders_of(Role.REVIEWER).exclude(pk=by.pk)
    tell_each("members.end_withdrawn", to=others, entry=entry, plan=dissolution.plan.code)
    return dissolution


def check_takes_members(plan: Plan) -> None:
    """Let nobody join a plan whose end is confirmed: raises PlanDissolving. Part of joining, in its transaction.

    The plan's row is held until the commit, so that no end is confirmed after this look. Everybody who joins may hold
    it at once, and so may a notice; the foreign key would hold it only when the join is committed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM members_plan WHERE id = %s FOR KEY SHARE", [plan.pk])
    end = certain_end_of(plan)
    if end is not None:
        raise PlanDissolving(plan=title_of(plan), day=end.ends_on)


def end_memberships_of(*, dissolution_id: int, now: dt.datetime, batch: int = BATCH) -> int:
    """End every membership of a plan whose end has come; says how many.

    In batches, each a transaction of its own that remembers how far it came: safe to run twice, by two at once, and
    after a crash anywhere.
    """
    total = 0
    while (ended := _end_batch(dissolution_id, now, batch)) is not None:
        total += ended
    return total


@transaction.atomic
def _end_batch(dissolution_id: int, now: dt.datetime, batch: int) -> int | None:
    """End the next memberships; None once there is nothing left to do."""
    dissolution = Dissolution.objects.select_for_update(of=("self",)).select_related("plan").get(pk=dissolution_id)
    # Looked at under the lock: of two sweeps at once the second waits, and goes on where the first one stopped.
    # A plan ends at `ends_at` itself, so equality counts as come.
    if dissolution.status != Dissolution.Status.CONFIRMED or dissolution.ends_at > now:
        return None
    with connection.cursor() as cursor:
        ends_at = dissolution.ends_at
        cursor.execute(
            _END, [dissolution.ended_through, dissolution.plan_id, ends_at, batch, ends_at, EndReason.DISSOLVED.value]
        )
        number, first, last = cursor.fetchone()
    if number:
        dissolution.ended_through, dissolution.members_ended = last, dissolution.members_ended + number
        dissolution.save(update_fields=["ended_through", "members_ended"])
        body = {"number": number, "first": first, "last": last, "left_at": dissolution.ends_at.isoformat()}
        append(kind="dissolution.memberships_ended", stream=dissolution.stream, by=SYSTEM, body=body)
        return int(number)
    if Membership.objects.filter(plan_id=dissolution.plan_id, left_at=None, joined_at__lt=dissolution.ends_at).exists():
        # Somebody was written below the place that had been reached: once more from the beginning.
        dissolution.ended_through = 0
        dissolution.save(update_fields=["ended_through"])
        return 0
    dissolution.ended_at = now
    dissolution.end()
    dissolution.save(update_fields=["status", "ended_at"])
    body = {"members": dissolution.members_ended}
    entry = append(kind="dissolution.ended", stream=dissolution.stream, by=SYSTEM, body=body)
    tell_members(
        "members.plan_has_ended",
        members_of=dissolution.plan,
        counted_at=dissolution.ends_at,
        entry=entry,
        plan=dissolution.plan.code,
        ends_on=dissolution.ends_on,
    )
    return None


def _proposed(dissolution_id: int) -> Dissolution:
    dissolution = Dissolution.objects.select_for_update(of=("self",)).select_related("plan").get(pk=dissolution_id)
    if dissolution.status != Dissolution.Status.PROPOSED:
        raise DissolutionNotProposed(plan=dissolution.plan.code, status=Dissolution.Status(dissolution.status))
    return dissolution


def _require_reviewer(by: User) -> None:
    if not is_reviewer(by):
        raise ReviewersOnly


def _facts(dissolution: Dissolution) -> dict[str, object]:
    return {
        "version": dissolution.plan_version.label,
        "notice_on": dissolution.notice_on.isoformat(),
        "members": dissolution.members,
        "members_needed": dissolution.members_needed,
        "ends_on": dissolution.ends_on.isoformat(),
        "surplus_to": dissolution.surplus_to,
    }
