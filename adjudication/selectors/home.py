"""The start page: this user's memberships and claims. What waits for them comes from the rooms (`audit.rooms`)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from adjudication.models import Claim, ClaimDraft
from adjudication.selectors.claims import own_claims
from adjudication.selectors.drafts import unsent_draft
from jury.access import is_juror
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer, is_staff_role
from members.models import Dissolution, Membership, PlanVersion
from members.rules.dates import last_day_of, local_day
from members.rules.membership_states import MembershipState
from members.selectors.dissolutions import ends_concerning
from members.selectors.memberships import memberships_of
from members.selectors.people import has_household
from pages.moments import page_now

MOST = 20


@dataclass(frozen=True)
class MembershipCard:
    """A membership with its state; `waits_until` is the last day of the waiting period, None once it is over."""

    membership: Membership
    state: MembershipState
    waits_until: dt.date | None
    is_own: bool


@dataclass(frozen=True)
class StartPage:
    """The start page without what waits. Lists hold at most twenty items."""

    plan_ends: tuple[Dissolution, ...]
    """Ends of the user's own plans."""
    draft: ClaimDraft | None
    memberships: tuple[MembershipCard, ...]
    claims: tuple[Claim, ...]
    is_juror: bool
    is_staff: bool
    sees_board: bool
    is_investigator: bool


def start_page(user: AnyUser) -> StartPage:
    """Read in a fixed number of queries, whatever the amount; each part checks who is reading.

    Staff who are no members are asked for nothing of members.
    """
    is_somebody = has_household(user)
    return StartPage(
        plan_ends=tuple(ends_concerning(user)[:MOST]) if is_somebody else (),
        draft=unsent_draft(user),
        memberships=membership_cards(user) if is_somebody else (),
        claims=tuple(own_claims(user)[:MOST]) if is_somebody else (),
        is_juror=is_somebody and is_juror(user),
        is_staff=is_staff_role(user),
        sees_board=is_reviewer(user) or is_auditor(user),
        is_investigator=is_investigator(user),
    )


def membership_cards(user: AnyUser) -> tuple[MembershipCard, ...]:
    """The memberships of a user and of the people they pay for, each with its waiting period by the rules now."""
    now = page_now()
    started = PlanVersion.objects.filter(starts_at__lte=now).order_by("starts_at")
    found = memberships_of(user).prefetch_related(Prefetch("plan__versions", started, to_attr="started"))[:MOST]
    return tuple(_card(membership, user, now) for membership in found)


def _card(membership: Membership, user: AnyUser, now: dt.datetime) -> MembershipCard:
    is_own = membership.person.user_id == user.pk
    if membership.left_at is not None and membership.left_at <= now:
        return MembershipCard(membership, MembershipState.ENDED, None, is_own)
    versions: list[PlanVersion] = membership.plan.started  # type: ignore[attr-defined]
    if not versions:
        return MembershipCard(membership, MembershipState.ACTIVE, None, is_own)
    rules = versions[-1].rules
    last_day = last_day_of(local_day(membership.waits_from, rules.timezone), rules.waiting_days)
    waits = local_day(now, rules.timezone) <= last_day
    return MembershipCard(
        membership, MembershipState.IN_WAIT if waits else MembershipState.ACTIVE, last_day if waits else None, is_own
    )
