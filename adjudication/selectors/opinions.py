"""Second opinions as their professionals see them: the masked file and the questions, never the jury's verdict."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim, Evidence
from adjudication.selectors.evidence import MEDICAL_PAPERS
from adjudication.selectors.facts import aid_band, counting_facts, disease_question, trace_of
from adjudication.selectors.readable_files import ReadableFile, illness_title, readable_file
from jury.models import Opinion, OpinionRequest
from jury.selectors.opinions import opinions_of
from members.access import AnyUser
from members.rules.plans import DiseaseQuestion, PlanRules
from pages.states import Shape, StateChoices


class OpinionState(StateChoices):
    """Where an opinion is for the professional who is asked."""

    TO_GIVE = "todo", Shape.TODO, _("To give")
    GIVEN = "done", Shape.GOOD, _("Opinion given")
    OVER = "closed", Shape.CLOSED, _("Closed")


TO_GIVE, GIVEN, OVER = OpinionState
_JUDGED_APART = frozenset({"health_statement", "other_claim", "apply_by"})


@dataclass(frozen=True)
class Asked:
    """One opinion on the professional's list."""

    opinion: Opinion
    state: OpinionState
    illness: str


@dataclass(frozen=True)
class AskedOpinions:
    """What waits for this professional, nearest deadline first, and what is over."""

    to_give: tuple[Asked, ...]
    past: tuple[Asked, ...]


def state_of_opinion(opinion: Opinion) -> OpinionState:
    """To give, given, or over without an answer: also for those who stepped down."""
    if opinion.recused_at is not None:
        return OVER
    if opinion.given_at is not None:
        return GIVEN
    return TO_GIVE if opinion.request.status == OpinionRequest.Status.OPEN else OVER


def asked_opinions(user: AnyUser, most: int = 100) -> AskedOpinions:
    """The opinions asked of a user."""
    found = [
        Asked(opinion, state_of_opinion(opinion), illness_title(opinion.request.case_file["illness"]["icd10"]))
        for opinion in own_opinions(user)[:most]
    ]
    to_give = sorted((item for item in found if item.state == TO_GIVE), key=lambda item: item.opinion.request.due_at)
    return AskedOpinions(tuple(to_give), tuple(item for item in found if item.state != TO_GIVE))


def own_opinions(user: AnyUser) -> QuerySet[Opinion]:
    """The opinions asked of a user."""
    return opinions_of(user)


def file_of_opinion(opinion: Opinion) -> ReadableFile | None:
    """The masked file while the request is open; None afterwards."""
    if opinion.request.status != OpinionRequest.Status.OPEN:
        return None
    claim = Claim.objects.select_related("plan_version").filter(ref=opinion.request.case_ref).first()
    return readable_file(opinion.request.case_file, claim.plan_version.rules) if claim else None


def claim_of_opinion(opinion_id: int) -> Claim | None:
    """The claim behind an opinion that is asked for."""
    ref = Opinion.objects.filter(pk=opinion_id).values_list("request__case_ref", flat=True).first()
    return Claim.objects.select_related("plan", "plan_version", "membership__person").filter(ref=ref).first()


def rules_of_opinion(opinion: Opinion) -> PlanRules | None:
    """The rules under which the claim behind an opinion is judged."""
    claim = claim_of_opinion(opinion.pk)
    return claim.plan_version.rules if claim else None


def asked_of_disease(opinion: Opinion) -> DiseaseQuestion | None:
    """The plan's question which of the diseases of its code the illness is; None where the code is enough."""
    claim = claim_of_opinion(opinion.pk)
    return disease_question(claim) if claim else None


def clause_of_severity(opinion: Opinion) -> str:
    """What the plan says of the condition, beside which its severity is judged."""
    file = file_of_opinion(opinion)
    return f"{file.condition_title}. {file.condition_text}" if file and file.condition_title else ""


def is_payable(claim: Claim) -> bool:
    """Whether the rules give aid on the facts that count: there is an amount, and no clause on the illness, its days or
    the member is unmet. What the health statement says is the jury's.
    """
    refuted = {finding.clause for finding in trace_of(claim).not_met}
    return aid_band(claim, counting_facts(claim)) is not None and not refuted - _JUDGED_APART


def papers_for_professional(opinion: Opinion) -> list[Evidence]:
    """The medical papers that jurors do not see, where the plan lets professionals read them; while it is open."""
    claim = claim_of_opinion(opinion.pk)
    if claim is None or opinion.request.status != OpinionRequest.Status.OPEN:
        return []
    if not claim.plan_version.rules.opinions.sees_papers:
        return []
    unseen = claim.evidence.filter(kind__in=MEDICAL_PAPERS, is_for_jury=False, addendum_paper=None)
    return list(unseen.order_by("pk"))


def claim_id_of_opinion(opinion: Opinion) -> int | None:
    """The claim behind a request, to be advanced when everybody has answered."""
    return Claim.objects.filter(ref=opinion.request.case_ref).values_list("pk", flat=True).first()
