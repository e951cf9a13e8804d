"""The evidence files that a user may open."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from adjudication.models import AddendumPaper, Claim, ClaimDraft, DutyRecord, Evidence, Hearing, Investigation
from adjudication.selectors.claims import own_claims
from jury.models import Opinion, Seat
from members.access import AnyUser, is_auditor, is_investigator, is_professional, is_reviewer
from members.models import User

MEDICAL_PAPERS = (Evidence.Kind.DIAGNOSIS, Evidence.Kind.DISCHARGE)
"""The papers that professionals may read with the names that stand in them."""


def evidence_visible_to(user: AnyUser) -> QuerySet[Evidence]:
    """Each way to a file on its own line; drafts belong to their writer alone.

    Members: what their side brought, not what the investigator found. Assigned investigator, reviewer, auditor: all of
    the claim. Jurors seated on its open panel and professionals who are asked: only what is for the jury, given with
    the file or with an addendum, and professionals the medical papers as well, where the plan says so.
    """
    if not isinstance(user, User) or not user.is_active:
        return Evidence.objects.none()
    seen = Q(draft__user=user) | Q(claim__in=own_claims(user).values("pk"), duty=None)
    if is_investigator(user):
        seen |= Q(claim__in=_investigated_by(user))
    if is_reviewer(user) or is_auditor(user):
        seen |= Q(claim__isnull=False)
    seen |= Q(claim__in=_seated_on(user)) & _for_jury()
    if is_professional(user):
        seen |= Q(claim__in=_asked_about(user)) & _for_jury()
        seen |= Q(claim__in=_open_to_professionals(user), kind__in=MEDICAL_PAPERS)
    return Evidence.objects.filter(seen).select_related("claim", "draft").order_by("pk")


def is_shown_to_jurors(paper: Evidence) -> bool:
    """Whether jurors have it: in the frozen file, or with an addendum of this or an earlier round."""
    return Evidence.objects.filter(_for_jury(), pk=paper.pk).exists()


def papers_for_addendum(claim: Claim) -> QuerySet[Evidence]:
    """The papers of a claim that jurors don't have yet and may be given, once no name stands in them."""
    return claim.evidence.exclude(_for_jury()).exclude(kind=Evidence.Kind.IDENTITY).order_by("pk")


def _for_jury() -> Q:
    return Q(is_for_jury=True) | Q(pk__in=AddendumPaper.objects.values("evidence_id"))


def _investigated_by(user: User) -> QuerySet[Investigation, dict[str, int]]:
    return Investigation.objects.filter(investigator=user, status__in=["open", "signed"]).values("claim_id")  # type: ignore[return-value]


def _seated_on(user: User) -> QuerySet[Hearing, dict[str, int]]:
    panels = Seat.objects.filter(juror__person__user=user, status="summoned", panel__status="open").values("panel_id")
    return Hearing.objects.filter(panel__in=panels).values("claim_id")  # type: ignore[return-value]


def _asked_about(user: User) -> QuerySet[Hearing, dict[str, int]]:
    requests = Opinion.objects.filter(professional=user, request__status="open").values("request_id")
    return Hearing.objects.filter(opinion_request__in=requests).values("claim_id")  # type: ignore[return-value]


def _open_to_professionals(user: User) -> list[int]:
    """The claims about which the user is asked now, under rules by which professionals read the medical papers."""
    claims = Claim.objects.filter(pk__in=_asked_about(user)).select_related("plan_version")
    return [claim.pk for claim in claims if claim.plan_version.rules.opinions.sees_papers]


def papers_of_claim(claim: Claim) -> QuerySet[Evidence]:
    """What the claimant's side brought to a claim."""
    return claim.evidence.filter(duty=None).order_by("pk")


def papers_of_draft(draft: ClaimDraft) -> QuerySet[Evidence]:
    """The files of a draft."""
    return draft.evidence.order_by("pk")


def files_of_duty(duty: DutyRecord) -> QuerySet[Evidence]:
    """What an investigator added to a duty."""
    return duty.evidence.order_by("pk")
