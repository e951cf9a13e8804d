"""Finding the facts of a claim, the applicant's remarks on them, and what a reviewer makes of one that comes late."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import NotYourClaim, TextTooLong
from adjudication.errors.findings import (
    DismissalUnfit,
    FactUnknown,
    FindingIncomplete,
    FindingTooLate,
    NoLateFinding,
    NotYourReview,
    PaperNotOfClaim,
    RemarkEmpty,
    RemarkTooLate,
    RoundStillOpen,
)
from adjudication.errors.investigations import NotYourInvestigation
from adjudication.models import Claim, Dismissal, DutyRecord, Evidence, Finding, Investigation, Remark
from adjudication.queue import nudge
from adjudication.rules.facts import FACT_WORDS, Confidence, FactName, Source, Standing
from adjudication.selectors.claims import is_own_claim
from adjudication.selectors.decisions import people_who_took_part
from adjudication.selectors.findings import ANSWERABLE, FINDABLE, late_findings
from adjudication.selectors.latest import latest_hearing, latest_investigation
from adjudication.selectors.recipients import open_investigation_of
from adjudication.services.accounts import add_to_account
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.facts import checked_value, write_finding
from adjudication.services.investigations import reinvestigate, return_report
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim, locked_investigation
from adjudication.services.telling import tell_investigator
from audit import clock
from audit.services import append
from jury.models import OpinionRequest, Panel
from members.access import is_reviewer
from members.models import User

LONGEST_NOTE = 2_000
LONGEST_JURY_NOTE = 400
LONGEST_REMARK = 4_000
LONGEST_REASON = 400


@transaction.atomic
def record_finding(
    *,
    investigation_id: int,
    fact: str,
    standing: str,
    confidence: str,
    note: str,
    by: User,
    value: str = "",
    jury_note: str = "",
    duty: str = "",
    evidence_id: int | None = None,
) -> Finding:
    """Record what an investigator found of one fact; the clauses are checked again, and the amount follows.

    `duty` is the kind of the duty in which it was learned, `evidence_id` the paper on which it stands: a finding from a
    paper ranks below the report's own. Before the report is signed it counts at once. Afterwards it changes nothing by
    itself: the decision waits until a reviewer orders another look or dismisses it. Raises InvestigationUnknown,
    NotYourInvestigation, ConflictOfInterest, FindingTooLate, FindingIncomplete, PaperNotOfClaim, TextTooLong,
    NamesInSummary, NothingToWithdraw, and what `checked_value` raises.
    """
    investigation = locked_investigation(investigation_id)
    claim = investigation.claim
    is_late = _check_time(investigation, by)
    name = _checked_name(fact)
    note, jury_note = note.strip(), jury_note.strip()
    if standing not in Standing.values or confidence not in Confidence.values or not note:
        raise FindingIncomplete
    _check_lengths(note, jury_note)
    check_for_jury(jury_note, claim)
    is_found = standing == Standing.FOUND.value
    finding = Finding(
        claim=claim,
        fact=name.value,
        standing=standing,
        value=checked_value(claim, name, value) if is_found else "",
        source=Source.REPORT if evidence_id is None else Source.PAPER,
        investigation=investigation,
        duty=_duty(investigation, duty) if evidence_id is None else None,
        evidence=None if evidence_id is None else _paper(claim, evidence_id),
        confidence=confidence,
        note=note,
        jury_note=jury_note,
        found_by=by,
        is_late=is_late,
    )
    write_finding(finding=finding, by=by)
    return finding


@transaction.atomic
def add_remark(*, claim_ref: str, text: str, by: User, is_for_jury: bool = False) -> Remark:
    """What the applicant says to the facts found, before anything is decided; the investigator and the reviewer read
    it, and with `is_for_jury` it is put behind the account that jurors read, until the report is signed.

    Raises ClaimUnknown, NotYourClaim, RemarkTooLate, RemarkEmpty, TextTooLong, AccountTooLate.
    """
    claim = locked_claim(ref=claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    if claim.status not in ANSWERABLE:
        raise RemarkTooLate(ref=claim.ref, status=Claim.Status(claim.status))
    text = text.strip()
    if not text:
        raise RemarkEmpty
    if len(text) > LONGEST_REMARK:
        raise TextTooLong(what=_("The text"), limit=LONGEST_REMARK)
    remark = Remark.objects.create(claim=claim, text=text, said_by=by, said_at=clock.now())
    if is_for_jury:
        add_to_account(claim=claim, text=text, by=by)
    entry = append(kind="remark.added", stream=claim.stream, by=by, body={"remark": remark.pk})
    tell_investigator("adjudication.remark_investigation", claim, open_investigation_of(claim), entry)
    return remark


@transaction.atomic
def dismiss_late_findings(*, claim_ref: str, reason: str, by: User) -> list[Dismissal]:
    """Say, with a reason, that what was found after the freeze changes nothing: the decision can be issued again.

    Raises ClaimUnknown, NotYourReview, ConflictOfInterest, NoLateFinding, DismissalUnfit.
    """
    claim, waiting = _late_ones(claim_ref, by)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise DismissalUnfit(most=LONGEST_REASON)
    dismissed = []
    for finding in waiting:
        moment = clock.now_after(finding.found_at)
        dismissed.append(Dismissal.objects.create(finding=finding, reason=reason, dismissed_by=by, dismissed_at=moment))
        append(kind="finding.dismissed", stream=claim.stream, by=by, body={"finding": finding.pk})
    nudge(claim.pk)
    return dismissed


@transaction.atomic
def order_another_look(*, claim_ref: str, reason: str, by: User) -> Investigation:
    """Send a claim back to investigation because of what was found after the freeze: it counts from then on.

    Raises ClaimUnknown, NotYourReview, ConflictOfInterest, NoLateFinding, DismissalUnfit, RoundStillOpen.
    """
    claim, _waiting = _late_ones(claim_ref, by)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise DismissalUnfit(most=LONGEST_REASON)
    if claim.status == Claim.Status.INVESTIGATED:
        return return_report(claim_ref=claim.ref, reason=reason, by=by)
    if not _round_is_over(claim):
        raise RoundStillOpen(ref=claim.ref, status=Claim.Status(claim.status))
    return reinvestigate(claim=claim, reason=reason, by=by)


def _check_time(investigation: Investigation, by: User) -> bool:
    """Whether the finding comes after the freeze; refuses who may not find, and a claim that is over."""
    claim = investigation.claim
    if investigation.investigator_id != by.pk:
        raise NotYourInvestigation(ref=claim.ref)
    check_no_conflict(claim, by)
    last = latest_investigation(claim)
    if claim.status not in FINDABLE or last is None or last.pk != investigation.pk:
        raise FindingTooLate(ref=claim.ref, status=Claim.Status(claim.status))
    return investigation.status != Investigation.Status.OPEN


def _checked_name(fact: str) -> FactName:
    if fact not in FACT_WORDS:
        raise FactUnknown(fact=fact, allowed=list(FACT_WORDS))
    return FactName(fact)


def _check_lengths(note: str, jury_note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise TextTooLong(what=_("The text"), limit=LONGEST_NOTE)
    if len(jury_note) > LONGEST_JURY_NOTE:
        raise TextTooLong(what=_("The summary"), limit=LONGEST_JURY_NOTE)


def _duty(investigation: Investigation, kind: str) -> DutyRecord | None:
    return investigation.duties.filter(kind=kind).first() if kind else None


def _paper(claim: Claim, evidence_id: int) -> Evidence:
    found = claim.evidence.filter(pk=evidence_id).first()
    if found is None:
        raise PaperNotOfClaim(number=evidence_id)
    return found


def _late_ones(claim_ref: str, by: User) -> tuple[Claim, list[Finding]]:
    claim = locked_claim(ref=claim_ref)
    if not is_reviewer(by):
        raise NotYourReview(ref=claim.ref)
    check_no_conflict(claim, by)
    if by.pk in people_who_took_part(claim):
        raise NotYourReview(ref=claim.ref)
    waiting = late_findings(claim)
    if not waiting:
        raise NoLateFinding(ref=claim.ref)
    return claim, waiting


def _round_is_over(claim: Claim) -> bool:
    hearing = latest_hearing(claim)
    if hearing is None or hearing.panel.status != Panel.Status.CLOSED:
        return False
    request = hearing.opinion_request
    return request is None or request.status != OpinionRequest.Status.OPEN
