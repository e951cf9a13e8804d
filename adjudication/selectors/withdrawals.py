"""What hospitals withdrew of the records that claims rest on, and who has to note it."""

from __future__ import annotations

from django.db.models import QuerySet

from adjudication.models import Claim, Investigation, Withdrawal
from adjudication.models.claims import OPEN_STATUSES
from adjudication.selectors.claims import claims_known_to
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer
from members.fields import blind_index
from members.models import User

CONCERNED = (*OPEN_STATUSES, "paid")
"""A claim that was rejected or withdrawn rests on nothing any more."""


def withdrawals_visible_to(user: AnyUser) -> QuerySet[Withdrawal]:
    """All that concern claims for reviewers and auditors, an investigator's those of the claims they investigate."""
    found = Withdrawal.objects.filter(claim__isnull=False).select_related("claim__plan", "noted_by").order_by("-pk")
    if not isinstance(user, User) or not user.is_active:
        return found.none()
    if is_reviewer(user) or is_auditor(user):
        return found
    if not is_investigator(user):
        return found.none()
    theirs = Investigation.objects.filter(investigator=user).exclude(status="abandoned").values("claim_id")
    return found.filter(claim__in=theirs).filter(claim__in=claims_known_to(user).values("pk"))


def withdrawals_to_note(user: AnyUser) -> QuerySet[Withdrawal]:
    """Those that wait for this user, oldest first: an investigator's of their open investigations, a reviewer's all."""
    waiting = withdrawals_visible_to(user).filter(noted_at=None, claim__status__in=CONCERNED).order_by("pk")
    if is_reviewer(user):
        return waiting
    if not isinstance(user, User) or not is_investigator(user):
        return waiting.none()
    return waiting.filter(claim__in=Investigation.objects.filter(investigator=user, status="open").values("claim_id"))


def withdrawals_of(claim: Claim) -> QuerySet[Withdrawal]:
    """What was withdrawn of one claim, oldest first. The caller has checked that the user may see the claim."""
    return Withdrawal.objects.filter(claim=claim).select_related("noted_by").order_by("pk")


def has_unnoted(claim: Claim) -> bool:
    """Whether somebody still has to say what a withdrawn record means for the claim."""
    return Withdrawal.objects.filter(claim=claim, noted_at=None).exists()


def claims_with_unnoted(claim_ids: list[int]) -> set[int]:
    """Which of these claims wait for somebody to note a withdrawal; one query."""
    found = Withdrawal.objects.filter(claim__in=claim_ids, noted_at=None).values_list("claim_id", flat=True)
    return {pk for pk in found if pk is not None}


def investigation_page_of(user: User, claim: Claim) -> int:
    """The last investigation of a claim that an investigator had or has; its page is where they came from."""
    theirs = Investigation.objects.filter(claim=claim, investigator=user).exclude(status="abandoned")
    return theirs.order_by("-round").values_list("pk", flat=True)[0]


def may_note(user: AnyUser, withdrawal: Withdrawal) -> bool:
    """Whether a user is one of those who note it: a reviewer, or the investigator while their investigation is open."""
    if not isinstance(user, User) or withdrawal.claim_id is None or withdrawal.noted_at is not None:
        return False
    if is_reviewer(user):
        return True
    theirs = Investigation.objects.filter(claim=withdrawal.claim_id, investigator=user, status="open")
    return is_investigator(user) and theirs.exists()


def resource_digest(identity: str) -> str:
    """The keyed digest by which a resource of a server is found again; upper and lower case are two resources."""
    return blind_index("fhir-resource", identity.encode().hex())
