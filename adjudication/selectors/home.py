"""What the start page shows: what waits for this user, their memberships, their claims."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from adjudication.models import Answer, Claim, ClaimDraft, Investigation
from adjudication.selectors.answers import answers_awaited
from adjudication.selectors.board import ready_for_decision
from adjudication.selectors.claims import own_claims
from adjudication.selectors.drafts import unsent_draft
from adjudication.selectors.investigations import investigations_of, waiting_investigations
from adjudication.selectors.opinions import Asked, asked_opinions
from adjudication.selectors.seats import Summons, summonses
from jury.access import is_juror
from members.access import AnyUser, is_auditor, is_investigator, is_professional, is_reviewer, is_staff_role
from members.models import Dissolution, Membership, PlanDraft, PlanVersion
from members.rules.dates import last_day_of, local_day
from members.selectors.dissolutions import dissolutions_to_confirm, ends_concerning
from members.selectors.memberships import memberships_of
from members.selectors.plan_drafts import drafts_to_confirm

MOST = 20


@dataclass(frozen=True)
class MembershipCard:
    """A membership with its state; `waits_until` is the last day of the waiting period, None once it is over."""

    membership: Membership
    state: str
    waits_until: dt.date | None
    is_own: bool


@dataclass(frozen=True)
class StartPage:
    """Everything on the start page. Lists hold at most twenty; what is not for this user's roles is empty."""

    seats: tuple[Summons, ...]
    opinions: tuple[Asked, ...]
    investigations: tuple[Investigation, ...]
    waiting_count: int
    decisions: tuple[Claim, ...]
    drafts_to_confirm: tuple[PlanDraft, ...]
    """Rules that another reviewer proposed."""
    ends_to_confirm: tuple[Dissolution, ...]
    """Ends of plans that another reviewer proposed."""
    plan_ends: tuple[Dissolution, ...]
    """Ends of the user's own plans."""
    answers: tuple[Answer, ...]
    """Reports by which the user's own claims would be rejected, and that wait for their answer."""
    draft: ClaimDraft | None
    memberships: tuple[MembershipCard, ...]
    claims: tuple[Claim, ...]
    is_juror: bool
    is_staff: bool
    sees_board: bool
    is_investigator: bool

    @property
    def has_work(self) -> bool:
        """Whether anything waits for this user."""
        return bool(
            self.seats
            or self.opinions
            or self.investigations
            or self.decisions
            or self.drafts_to_confirm
            or self.ends_to_confirm
            or self.answers
            or self.draft
            or self.waiting_count
        )


def start_page(user: AnyUser) -> StartPage:
    """Read in a fixed number of queries, however much there is; each part asks who is reading."""
    sits = is_juror(user)
    return StartPage(
        seats=summonses(user).to_vote if sits else (),
        opinions=asked_opinions(user).to_give if is_professional(user) else (),
        investigations=tuple(investigations_of(user)[:MOST]) if is_investigator(user) else (),
        waiting_count=waiting_investigations(user).count() if is_investigator(user) else 0,
        decisions=tuple(ready_for_decision(user)[:MOST]) if is_reviewer(user) else (),
        drafts_to_confirm=tuple(drafts_to_confirm(user)[:MOST]),
        ends_to_confirm=tuple(dissolutions_to_confirm(user)[:MOST]),
        plan_ends=tuple(ends_concerning(user)[:MOST]),
        answers=tuple(answers_awaited(user)[:MOST]),
        draft=unsent_draft(user),
        memberships=membership_cards(user),
        claims=tuple(own_claims(user)[:MOST]),
        is_juror=sits,
        is_staff=is_staff_role(user),
        sees_board=is_reviewer(user) or is_auditor(user),
        is_investigator=is_investigator(user),
    )


def membership_cards(user: AnyUser) -> tuple[MembershipCard, ...]:
    """A user's memberships and those of whom they pay for, each with its waiting period by the rules in force now."""
    now = timezone.now()
    started = PlanVersion.objects.filter(starts_at__lte=now).order_by("starts_at")
    found = memberships_of(user).prefetch_related(Prefetch("plan__versions", started, to_attr="started"))[:MOST]
    return tuple(_card(membership, user, now) for membership in found)


def _card(membership: Membership, user: AnyUser, now: dt.datetime) -> MembershipCard:
    is_own = membership.person.user_id == user.pk
    if membership.left_at is not None and membership.left_at <= now:
        return MembershipCard(membership, "ended", None, is_own)
    versions: list[PlanVersion] = membership.plan.started  # type: ignore[attr-defined]
    if not versions:
        return MembershipCard(membership, "active", None, is_own)
    rules = versions[-1].rules
    last_day = last_day_of(local_day(membership.waits_from, rules.timezone), rules.waiting_days)
    waits = local_day(now, rules.timezone) <= last_day
    return MembershipCard(membership, "in_wait" if waits else "active", last_day if waits else None, is_own)
