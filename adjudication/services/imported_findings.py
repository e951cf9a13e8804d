"""What a hospital's record states of a claim's facts, as findings beside what the applicant states."""

from __future__ import annotations

from django.db import transaction

from adjudication.fhir.references import Identity
from adjudication.models import Claim, Finding
from adjudication.rules.facts import Confidence, FactName, Source, Standing
from adjudication.rules.records import Diagnosis
from adjudication.selectors.findings import FINDABLE
from adjudication.selectors.latest import latest_investigation
from adjudication.selectors.withdrawals import resource_digest
from adjudication.services.eligibility import ON_FINDING, run_check
from adjudication.services.facts import write_finding
from adjudication.services.locks import locked_claim
from audit.actors import Actor

_TAKES = frozenset({Claim.Status.SUBMITTED.value, *FINDABLE})
_BEFORE_THE_FREEZE = frozenset({Claim.Status.SUBMITTED.value, Claim.Status.UNDER_INVESTIGATION.value})


def claim_found_in(identity: Identity) -> Claim | None:
    """The claim of which this resource states a fact, where it was filed by somebody else than the import."""
    digest = resource_digest(str(identity))
    found = Finding.objects.filter(source=Source.RECORD, resource_digest=digest).select_related("claim__membership")
    last = found.order_by("-pk").first()
    return last.claim if last else None


@transaction.atomic
def record_stated(*, claim: Claim, diagnosis: Diagnosis, on: str, identity: Identity, by: Actor) -> int:
    """Write the code and the day of first diagnosis of a record as findings; how many are new. Idempotent.

    `on` is the plan's day in ISO form, moved as the whole record is. A claim that is decided takes none. What comes
    after a report is signed is late, as every finding is.
    """
    claim = locked_claim(pk=claim.pk)
    if claim.status not in _TAKES:
        return 0
    digest = resource_digest(str(identity))
    stated = {FactName.ICD10: diagnosis.icd10, FactName.FIRST_DIAGNOSED_ON: on}
    written = 0
    for name, value in stated.items():
        last = _last(claim, name)
        if last is not None and (last.resource_digest, last.standing, last.value) == (digest, Standing.FOUND, value):
            continue
        write_finding(finding=_finding(claim, name, Standing.FOUND, value, digest), by=by, checks=False)
        written += 1
    if (
        written
        and claim.status in _BEFORE_THE_FREEZE
        and (claim.icd10, claim.first_diagnosed_on.isoformat())
        != (
            stated[FactName.ICD10],
            stated[FactName.FIRST_DIAGNOSED_ON],
        )
    ):
        run_check(claim=claim, occasion=ON_FINDING, by=by)
    return written


@transaction.atomic
def withdraw_stated(*, claim: Claim, digest: str, by: Actor) -> int:
    """Withdraw what a record stated, because its hospital withdrew the record; how many findings. Idempotent.

    The claim's row is locked by the caller's act.
    """
    if claim.status not in _TAKES:
        return 0
    withdrawn = 0
    for name in (FactName.ICD10, FactName.FIRST_DIAGNOSED_ON):
        last = _last(claim, name)
        if last is None or last.standing is Standing.WITHDRAWN or last.resource_digest != digest:
            continue
        write_finding(finding=_finding(claim, name, Standing.WITHDRAWN, "", digest), by=by, checks=False)
        withdrawn += 1
    if withdrawn and claim.status in _BEFORE_THE_FREEZE:
        run_check(claim=claim, occasion=ON_FINDING, by=by)
    return withdrawn


def _last(claim: Claim, name: FactName) -> Finding | None:
    return claim.findings.filter(fact=name, source=Source.RECORD).order_by("-pk").first()


def _finding(claim: Claim, name: FactName, standing: Standing, value: str, digest: str) -> Finding:
    investigation = latest_investigation(claim)
    assert investigation is not None  # filing opens the first round
    return Finding(
        claim=claim,
        fact=name.value,
        standing=standing,
        value=value,
        source=Source.RECORD,
        investigation=investigation,
        confidence=Confidence.CERTAIN,
        resource_digest=digest,
        is_late=claim.status not in _BEFORE_THE_FREEZE,
    )
