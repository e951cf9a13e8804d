"""The masked file that jurors and professionals see, and the digests that conflicts are checked on."""

from __future__ import annotations

from typing import Any

from adjudication.models import Claim, EligibilityCheck, Evidence, Investigation
from adjudication.selectors.addenda import earlier_addenda
from adjudication.selectors.facts import age_of, aid_band, counting_facts
from adjudication.selectors.findings import facts_for_jury
from adjudication.selectors.latest import latest_check
from adjudication.selectors.relations import relations_at
from audit.rules.canonical import ascii_digest
from jury.models import OpinionRequest, Seat
from jury.rules.verdicts import question_opinion
from members.codes import icd10
from members.digests import hospital_digest, household_digest, payer_digest, person_digest
from members.rules.dates import local_day
from members.rules.plans import condition_for
from members.rules.verdicts import Opinion as OpinionValue

# Their sentences mention the claimant's dates or other claims, which could identify the claimant.
_WITHOUT_SENTENCE = {"possible_dates", "age", "other_claim", "arrears", "aided_before"}


def masked_case_file(
    claim: Claim, investigation: Investigation, earlier_request: OpinionRequest | None = None
) -> dict[str, Any]:
    """The file for the jury: facts that count, clauses, report; no name, no birthday, no hospital, no contact.

    All jurors of a hearing see this one file; `earlier_request` is the opinion that led to a fresh panel.
    """
    rules = claim.plan_version.rules
    facts = counting_facts(claim)
    band = aid_band(claim, facts)
    condition = condition_for(rules, facts.icd10)
    diagnosed_on = facts.first_diagnosed_on
    joined_on = local_day(claim.membership.joined_at, rules.timezone)
    return {
        "claim": claim.ref,
        "plan": rules.code,
        "plan_version": rules.version,
        "illness": {
            "icd10": facts.icd10,
            "title": icd10.title(facts.icd10) if facts.icd10 else "",
            "severity": facts.severity,
        },
        "condition": _both(condition.title) | {"text": _both(condition.text)} if condition else None,
        "is_accident": facts.is_accident,
        "age_years": age_of(claim, facts),
        "membership_days_at_diagnosis": (diagnosed_on - joined_on).days + 1 if diagnosed_on else None,
        "first_diagnosed_on": diagnosed_on.isoformat() if diagnosed_on else None,
        "facts": facts_for_jury(claim),
        "aid_minor": band.amount_minor if band else None,
        "currency": rules.currency,
        "clauses": _clauses(latest_check(claim)),
        "binding": list(rules.claims.binding),
        "investigation": {
            "round": investigation.round,
            "recommendation": investigation.recommendation,
            "reason_codes": investigation.reason_codes,
            "summary": investigation.jury_summary,
            "manifest_digest": investigation.manifest_digest,
            "duties": [
                {"kind": duty.kind, "result": duty.result, "summary": duty.jury_summary}
                for duty in investigation.duties.all()
            ],
        },
        "evidence": [
            {"id": item.pk, "kind": item.kind, "content_type": item.content_type, "size_bytes": item.size_bytes}
            # A paper of an earlier addendum stands with it.
            for item in Evidence.objects.filter(claim=claim, is_for_jury=True, addendum_paper=None)
        ],
        "account": _account(investigation),
        "addenda": earlier_addenda(claim),
        "earlier_opinion": opinion_summary(earlier_request) if earlier_request else None,
    }


def _account(investigation: Investigation) -> dict[str, Any] | None:
    """The applicant's account by its digest in the manifest: the text itself stays encrypted in the report."""
    found = next((entry for entry in investigation.manifest if "account" in entry), None)
    return {"investigation": investigation.pk, "digest": found["digest"]} if found else None


def file_digest(case_file: dict[str, Any]) -> str:
    """SHA-256 of the file's canonical form, as the draw commits to it."""
    return ascii_digest(case_file)


def opinion_summary(request: OpinionRequest) -> dict[str, Any]:
    """What the professionals said, without their names."""
    given = list(request.opinions.filter(recused_at=None).order_by("pk"))
    return {
        "conclusion": request.conclusion,
        "questions": [
            {
                **question,
                "answer": question_opinion([_answer(opinion.answers.get(question["code"])) for opinion in given]).value,
            }
            for question in request.questions
        ],
        "reasons": [opinion.reasons for opinion in given if opinion.reasons],
    }


def case_facts(claim: Claim) -> dict[str, list[str]]:
    """Digests of everyone involved, in the shape of `jury.rules.conflicts.CaseFacts`."""
    person = claim.membership.person
    filer = getattr(claim.filed_by, "person", None) if claim.filed_by else None
    concerned = [person, *([filer] if filer and filer.pk != person.pk else [])]
    investigators = [
        investigation.investigator
        for investigation in claim.investigations.select_related("investigator__person")
        if investigation.investigator
    ]
    sat = Seat.objects.filter(panel__case_ref=claim.ref).select_related("juror__person")
    return {
        "claimants": sorted({person_digest(one) for one in concerned}),
        "payers": sorted({payer_digest(one) for one in concerned}),
        "households": sorted({household_digest(one) for one in concerned}),
        "addresses": _known(one.address_digest for one in concerned),
        "phones": _known(one.phone_digest for one in concerned),
        "employers": _known(one.employer_digest for one in concerned),
        "hospitals": _known([hospital_digest(claim.hospital)]),
        "investigators": sorted(
            {person_digest(one.person) for one in investigators if getattr(one, "person", None) is not None}
        ),
        "referrers": [],
        "sat_before": sorted({person_digest(seat.juror.person) for seat in sat}),
        "declared": sorted(
            {person_digest(one.user.person) for one in relations_at(claim) if getattr(one.user, "person", None)}
        ),
    }


def _known(digests: Any) -> list[str]:
    return sorted({digest for digest in digests if digest})


def _answer(value: str | None) -> OpinionValue | None:
    words = {"yes": OpinionValue.CONFIRMED, "no": OpinionValue.NOT_CONFIRMED, "unsure": OpinionValue.INCONCLUSIVE}
    return words.get(value or "")


def _both(text: Any) -> dict[str, Any]:
    return {"en": text.en, "zh": text.zh}


def _clauses(check: EligibilityCheck) -> list[dict[str, Any]]:
    return [
        {
            "clause": finding["clause"],
            "result": finding["result"],
            "sentence": None if finding["clause"] in _WITHOUT_SENTENCE else finding["sentence"],
        }
        for finding in check.trace["findings"]
    ]
