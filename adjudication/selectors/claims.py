"""The claims that a user may see: their own and their family's, the worklist's, or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from adjudication.models import Claim, Investigation
from adjudication.models.claims import OPEN_STATUSES
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer
from members.models import Membership, User
from members.selectors.moves import line_of
from members.selectors.people import ids_of_household
from pages.moments import page_now

WITHDRAWABLE = frozenset({"submitted", "under_investigation", "investigated", "jury_review", "second_opinion"})
TAKES_EVIDENCE = frozenset({"submitted", "under_investigation"})


def _own(user: User) -> Q:
    # A union of index look-ups: one OR over claim, person and payer would scan all three tables.
    of_household = Claim.objects.filter(membership__person__in=ids_of_household(user))
    return Q(pk__in=of_household.values("pk").union(Claim.objects.filter(filed_by=user).values("pk")))


def _assigned(user: User) -> Q:
    # Both conditions must hold for the same investigation; a subquery, so that a claim of several rounds appears once.
    return Q(pk__in=Investigation.objects.filter(investigator=user).exclude(status="abandoned").values("claim_id"))


def _waiting() -> Q:
    return Q(pk__in=Investigation.objects.filter(status="waiting").values("claim_id"))


def own_claims(user: AnyUser) -> QuerySet[Claim]:
    """A user's own claims, those of people they pay for and those they filed, newest first, whatever their roles."""
    if not isinstance(user, User) or not user.is_active:
        return Claim.objects.none()
    return _with_names(Claim.objects.filter(_own(user)))


def claims_visible_to(user: AnyUser) -> QuerySet[Claim]:
    """Reviewers and auditors see all, investigators theirs and the waiting ones, everyone else their own.

    Jurors and professionals see none here: they read the masked file of their seat or request.
    """
    if not isinstance(user, User) or not user.is_active:
        return Claim.objects.none()
    if is_reviewer(user) or is_auditor(user):
        return _with_names(Claim.objects.all())
    seen = _own(user)
    if is_investigator(user):
        seen |= _assigned(user) | _waiting()
    return _with_names(Claim.objects.filter(seen))


def claims_named_to(user: AnyUser) -> QuerySet[Claim]:
    """The claims whose person, hospital and account a user may read: not those that only wait on the worklist."""
    if not isinstance(user, User) or not user.is_active:
        return Claim.objects.none()
    if is_reviewer(user) or is_auditor(user):
        return Claim.objects.all()
    return claims_known_to(user)


def claims_known_to(user: AnyUser) -> QuerySet[Claim]:
    """The claims whose person a user knows without looking: their own, and those they investigate.

    Reviewers and auditors may open every claim, and each opening is recorded: a list shows them masked names.
    """
    if not isinstance(user, User) or not user.is_active:
        return Claim.objects.none()
    seen = _own(user)
    if is_investigator(user):
        seen |= _assigned(user)
    return Claim.objects.filter(seen)


def is_own_claim(user: AnyUser, claim: Claim) -> bool:
    """Whether the claim is the user's own, that of someone they pay for, or filed by them."""
    return own_claims(user).filter(pk=claim.pk).exists()


def may_claim_for(user: AnyUser, membership: Membership) -> bool:
    """Whether a user may file for this membership: the member, their payer, or a reviewer for the plan."""
    if not isinstance(user, User):
        return False
    person = membership.person
    if person.user_id == user.pk or (person.payer is not None and person.payer.user_id == user.pk):
        return True
    return is_reviewer(user)


def open_claim_of(membership: Membership, but: Claim | None = None) -> Claim | None:
    """The open claim of a membership, or of one that it continues or was continued by, apart from `but`."""
    found = Claim.objects.filter(membership__in=line_of(membership.pk), status__in=OPEN_STATUSES)
    return found.exclude(pk=but.pk).first() if but else found.first()


@dataclass(frozen=True)
class BoardFilters:
    """What the board is narrowed to; empty means everything."""

    status: str = ""
    plan: str = ""
    overdue: bool = False
    search: str = ""


def board(user: AnyUser, filters: BoardFilters | Mapping[str, Any] | None = None) -> QuerySet[Claim]:
    """All claims that a reviewer or auditor may see, those longest in their state first."""
    if not (is_reviewer(user) or is_auditor(user)):
        return Claim.objects.none()
    wanted = filters if isinstance(filters, BoardFilters) else BoardFilters(**(filters or {}))
    found = claims_visible_to(user)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.plan:
        found = found.filter(plan__code=wanted.plan)
    if wanted.overdue:
        found = found.filter(due_at__lt=page_now(), status__in=OPEN_STATUSES)
    if wanted.search:
        found = found.filter(ref__icontains=wanted.search.strip())
    return found.order_by("status_since", "pk")


def _with_names(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.select_related("plan", "membership__person").order_by("-pk")
