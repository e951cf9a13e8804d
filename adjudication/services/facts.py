"""Writing a finding with its entry, its digest, and the check of the clauses that follows: every finding is written
here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.db import transaction

from adjudication.errors.claims import DiagnosisBeforeBirth, DiagnosisInFuture, SuspicionImpossible
from adjudication.errors.findings import DiseaseNotAsked, FactDayUnfit, FactValueUnfit, NothingToWithdraw
from adjudication.models import Claim, Finding
from adjudication.rules.facts import CHOICES, DAYS, FACT_WORDS, FactName, Source, Standing
from adjudication.selectors.facts import counting_facts, disease_question
from adjudication.services.claim_checks import checked_code
from adjudication.services.eligibility import ON_FINDING, run_check
from adjudication.services.telling import tell_applicants, tell_reviewers
from audit import clock
from audit.actors import Actor
from audit.rules.canonical import canonical_ascii
from audit.services import append
from members.rules.dates import local_day
from members.selectors.plans import version_for_diagnosis


@transaction.atomic
def write_finding(*, finding: Finding, by: Actor, checks: bool = True) -> None:
    """Write a finding with its entry; unless it is late, the rules follow a new day of first diagnosis, and the clauses
    are checked again (not where `checks` is false: the act checks them itself). Part of an act that has locked the
    claim. Raises NothingToWithdraw.
    """
    claim = finding.claim
    earlier = claim.findings.filter(fact=finding.fact, source=finding.source).order_by("-pk").first()
    if finding.standing is Standing.WITHDRAWN and (earlier is None or earlier.standing is Standing.WITHDRAWN):
        raise NothingToWithdraw(fact=FACT_WORDS[finding.fact])
    finding.replaces = earlier
    finding.found_at = clock.now() if earlier is None else clock.now_after(earlier.found_at)
    finding.salt = secrets.token_hex(32)
    finding.save(force_insert=True)
    body = {
        "finding": finding.pk,
        "round": finding.investigation.round,
        "source": finding.source.value,
        "is_late": finding.is_late,
        "replaces": finding.replaces_id,
        "digest": finding_digest(finding),
    }
    entry = append(kind="finding.recorded", stream=claim.stream, by=by, body=body)
    if finding.is_late:
        tell_reviewers("adjudication.found_late", claim, entry)
        return
    if _is_other_than_stated(finding):
        tell_applicants("adjudication.found_otherwise", claim, entry)
    if finding.fact == FactName.FIRST_DIAGNOSED_ON and finding.source is not Source.OPINION:
        _follow_day(claim)
    if checks:
        run_check(claim=claim, occasion=ON_FINDING, by=by)


def _is_other_than_stated(finding: Finding) -> bool:
    """Whether what counts now is another value than the applicant stated, which they may answer before a decision."""
    counting = counting_facts(finding.claim)[finding.fact]
    return counting.number == finding.pk and bool(counting.stated) and counting.value != counting.stated


def finding_digest(finding: Finding) -> str:
    """SHA-256 over salt and the finding's facts: it identifies them, and reveals nothing once the salt is deleted."""
    facts: dict[str, Any] = {
        "claim": finding.claim.ref,
        "fact": finding.fact,
        "standing": finding.standing.value,
        "value": finding.value,
        "source": finding.source.value,
        "confidence": finding.confidence.value,
        "duty": finding.duty_id,
        "evidence": finding.evidence_id,
        "opinion_request": finding.opinion_request_id,
        "note": finding.note,
        "jury_note": finding.jury_note,
    }
    return hashlib.sha256(bytes.fromhex(finding.salt) + canonical_ascii(facts)).hexdigest()


def checked_value(claim: Claim, name: FactName, value: str, icd10: str = "") -> str:
    """A value as findings store it: a code, a word or a day in ISO form.

    `icd10` is the code that is found together with the disease; otherwise the one that counts is asked.
    Raises DiseaseNotAsked, UnknownCode, FactValueUnfit, FactDayUnfit, DiagnosisInFuture, DiagnosisBeforeBirth,
    SuspicionImpossible.
    """
    value = value.strip()
    if name is FactName.ICD10:
        return checked_code(value)
    if name is FactName.DISEASE:
        return _checked_disease(claim, value, icd10)
    if name in DAYS:
        return _checked_day(claim, name, value).isoformat()
    if value not in CHOICES[name]:
        raise FactValueUnfit(fact=FACT_WORDS[name], value=value, allowed=CHOICES[name])
    return value


def _checked_disease(claim: Claim, value: str, icd10: str) -> str:
    question = disease_question(claim, icd10)
    if question is None:
        raise DiseaseNotAsked(icd10=icd10 or counting_facts(claim).icd10)
    if question.answer(value) is None:
        allowed = [answer.code for answer in question.answers]
        raise FactValueUnfit(fact=FACT_WORDS[FactName.DISEASE], value=value, allowed=allowed)
    return value


def _checked_day(claim: Claim, name: FactName, value: str) -> dt.date:
    """A day between birth and now; a suspicion not after the diagnosis. It may lie before the membership: the clauses
    say what follows from that.
    """
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise FactDayUnfit(value=value) from None
    today = local_day(clock.now(), claim.plan.timezone)
    born_on = claim.membership.person.born_on
    if day > today:
        raise DiagnosisInFuture(on=day, today=today)
    if name is FactName.SUSPECTED_ON:
        diagnosed_on = counting_facts(claim).first_diagnosed_on
        if day < born_on or (diagnosed_on is not None and day > diagnosed_on):
            raise SuspicionImpossible(on=day, diagnosed=diagnosed_on or today)
    elif name is FactName.FIRST_DIAGNOSED_ON and day < born_on:
        raise DiagnosisBeforeBirth(on=day)
    elif day < born_on:
        raise FactDayUnfit(value=value)
    return day


def _follow_day(claim: Claim) -> None:
    """The rules in force at first diagnosis judge the claim: another day can mean another version."""
    day = counting_facts(claim).first_diagnosed_on
    version = version_for_diagnosis(claim.plan, day) if day else None
    if version is not None and version.pk != claim.plan_version_id:
        claim.plan_version = version
        claim.save(update_fields=["plan_version"])
