"""Second opinions as their professionals see them: the masked file and the questions, never the jury's verdict."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from adjudication.models import Claim
from adjudication.selectors.readable_files import ReadableFile, illness_title, readable_file
from jury.models import Opinion, OpinionRequest
from jury.selectors.opinions import opinions_of
from members.access import AnyUser

TO_GIVE = "todo"
GIVEN = "done"
OVER = "closed"


@dataclass(frozen=True)
class Asked:
    """One opinion on the professional's list."""

    opinion: Opinion
    state: str
    illness: str


@dataclass(frozen=True)
class AskedOpinions:
    """What waits for this professional, nearest deadline first, and what is behind them."""

    to_give: tuple[Asked, ...]
    past: tuple[Asked, ...]


def state_of_opinion(opinion: Opinion) -> str:
    """To give, given, or over without an answer."""
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


def claim_id_of_opinion(opinion: Opinion) -> int | None:
    """The claim behind a request, to be moved on when everybody has answered."""
    return Claim.objects.filter(ref=opinion.request.case_ref).values_list("pk", flat=True).first()
