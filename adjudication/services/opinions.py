"""Second opinions of a claim: giving one, and what the majority of those asked found of its facts."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import TextTooLong
from adjudication.errors.findings import FactUnknown, FindingIncomplete
from adjudication.models import Claim, Finding, Hearing
from adjudication.queue import nudge
from adjudication.rules.facts import MEDICAL, Confidence, FactName, Source, Standing
from adjudication.rules.opinions import opinion_on_facts
from adjudication.selectors.conflicts import people_in_conflict
from adjudication.selectors.decisions import people_of_claim
from adjudication.selectors.latest import latest_investigation
from adjudication.selectors.opinions import claim_id_of_opinion, is_payable
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.facts import checked_value, write_finding
from adjudication.services.locks import locked_claim
from audit.actors import Actor
from audit.services import append
from jury.models import Opinion, OpinionRequest
from jury.selectors.opinions import answers_given, facts_given
from jury.services import opinions
from members.models import User
from members.models.users import Role
from members.rules.verdicts import Opinion as Conclusion
from members.selectors.users import holders_of

NOT_PROVEN = Standing.NOT_PROVEN.value
"""What a professional says of a fact that the papers do not prove, in place of a value."""
LONGEST_TEXT = 4_000
_SURE = {Confidence.CERTAIN: 2, Confidence.PROBABLE: 1, Confidence.POSSIBLE: 0}


@transaction.atomic
def open_file(*, opinion_id: int, by: User) -> None:
    """Read the medical file of one's own request, recorded. Raises ConflictOfInterest and what `jury` raises."""
    claim = _locked_claim_of(opinion_id, by)
    if claim is not None:
        check_no_conflict(claim, by)
    opinions.open_file(opinion_id=opinion_id, by=by)


@transaction.atomic
def give_opinion(
    *,
    opinion_id: int,
    answers: Mapping[str, str],
    reasons: str,
    by: User,
    facts: Mapping[str, str] | None = None,
    confidence: str = "",
    missing: str = "",
    literature: str = "",
) -> Opinion:
    """Give an opinion and nudge the claim, because the last opinion closes the request.

    `facts` are what the professional found, by name: a value, or `not_proven`. With facts it takes a confidence. Raises
    ConflictOfInterest, what `jury` raises, FactUnknown, FindingIncomplete, TextTooLong, and what `checked_value`
    raises.
    """
    claim = _locked_claim_of(opinion_id, by)
    if claim is not None:
        check_no_conflict(claim, by)
    checked = {} if claim is None else _checked_facts(claim, facts or {})
    if checked and confidence not in Confidence.values:
        raise FindingIncomplete
    for what, text in ((_("What is missing"), missing), (_("The literature"), literature)):
        if len(text) > LONGEST_TEXT:
            raise TextTooLong(what=what, limit=LONGEST_TEXT)
    opinion = opinions.give_opinion(
        opinion_id=opinion_id,
        answers=answers,
        reasons=reasons,
        facts=checked,
        confidence=confidence if checked else "",
        missing=missing,
        literature=literature,
        by=by,
    )
    if claim is not None:
        nudge(claim.pk)
    return opinion


@transaction.atomic
def recuse_opinion(*, opinion_id: int, reason: str, by: User) -> Opinion:
    """Step down, for another professional who is neither of the claim nor close to it. Raises what `jury` raises."""
    claim = _locked_claim_of(opinion_id, by)
    away = set()
    if claim is not None:
        away = people_of_claim(claim) | people_in_conflict(
            claim, holders_of(Role.PROFESSIONAL).select_related("person")
        )
    opinion = opinions.recuse_opinion(opinion_id=opinion_id, reason=reason, exclude_user_ids=away, by=by)
    if claim is not None:
        # Those who have answered already may now be all.
        nudge(claim.pk)
    return opinion


@transaction.atomic
def record_majority(*, claim: Claim, hearing: Hearing, request: OpinionRequest, by: Actor) -> None:
    """Write what the majority found as findings, and what the opinion means on these facts; once for a request.

    Where the majority found nothing, nothing is written and the answers stand as they are. The claim's row is locked by
    the caller's act, which checks the clauses again.
    """
    found = facts_given(request)
    if not found or hearing.conclusion:
        return
    investigation = latest_investigation(claim)
    assert investigation is not None  # a hearing is on a report
    for name, fact in found.items():
        is_found = fact.value != NOT_PROVEN
        finding = Finding(
            claim=claim,
            fact=name,
            standing=Standing.FOUND if is_found else Standing.NOT_PROVEN,
            value=fact.value if is_found else "",
            source=Source.OPINION,
            investigation=investigation,
            opinion_request=request,
            confidence=min((Confidence(one) for one in fact.confidences), key=lambda one: _SURE[one]),
        )
        write_finding(finding=finding, by=by, checks=False)
    hearing.conclusion = opinion_on_facts(
        Conclusion(request.conclusion),
        answers_given([claim.ref])[claim.ref],
        claim.plan_version.rules.opinions.questions,
        [name for name, fact in found.items() if fact.value != NOT_PROVEN],
        is_payable=is_payable(claim),
    )
    hearing.save(update_fields=["conclusion"])
    body = {"round": hearing.round, "findings": len(found), "conclusion": hearing.conclusion.value}
    append(kind="opinion.weighed", stream=claim.stream, by=by, body=body)


def _checked_facts(claim: Claim, facts: Mapping[str, str]) -> dict[str, str]:
    checked: dict[str, str] = {}
    # The diagnosis first: which of its diseases it is belongs to the code that is found with it.
    for name, value in sorted(facts.items(), key=lambda one: one[0] != FactName.ICD10):
        if name not in MEDICAL:
            raise FactUnknown(fact=name, allowed=list(MEDICAL))
        code = checked.get(FactName.ICD10.value, "")
        checked[name] = NOT_PROVEN if value == NOT_PROVEN else checked_value(claim, FactName(name), value, code)
    return checked


def _locked_claim_of(opinion_id: int, by: User) -> Claim | None:
    """The claim behind an opinion asked of this user, locked; of anybody else's nothing, and `jury` refuses it."""
    opinion = Opinion.objects.select_related("request").filter(pk=opinion_id, professional=by).first()
    claim_id = claim_id_of_opinion(opinion) if opinion else None
    return locked_claim(pk=claim_id) if claim_id is not None else None
