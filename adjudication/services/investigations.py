"""Taking an investigation, recording its duties, signing its report, returning it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from adjudication.files import Upload
from adjudication.models import Claim, DutyRecord, Evidence, Investigation
from adjudication.queue import nudge
from adjudication.rules.canonical import canonical_digest
from adjudication.selectors.investigations import is_close_to
from adjudication.services.answers import void_answer
from adjudication.services.claim_checks import check_days
from adjudication.services.eligibility import ON_REPORT, run_check
from adjudication.services.evidence import add_files, salted_digest
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim, locked_investigation, own_open_duty, own_open_investigation
from adjudication.services.refusals import (
    DutiesMissing,
    DutyDayImpossible,
    DutyIncomplete,
    InvestigationNotOpen,
    InvestigationTaken,
    InvestigatorConflicted,
    NotYourInvestigation,
    ReasonNotInPlan,
    ReportIncomplete,
    ReportNotReturnable,
    ReturnReasonMissing,
    TextTooLong,
)
from audit.actors import Actor
from audit.services import append
from members.access import is_investigator, is_reviewer
from members.models import User
from members.rules.dates import local_day

LONGEST_TEXT = 20_000
LONGEST_SUMMARY = 4_000
LONGEST_REASON = 400
_OUTCOME_FOR = {Investigation.Recommendation.SUPPORT: "approved", Investigation.Recommendation.AGAINST: "rejected"}


@transaction.atomic
def open_round(*, claim: Claim, reason: str, by: Actor) -> Investigation:
    """Put a claim on the worklist with its five duties; `reason` says why it is investigated again.

    The claim's row is locked by the caller's act.
    """
    now = timezone.now()
    last = claim.investigations.order_by("-round").first()
    investigation = Investigation.objects.create(
        claim=claim,
        round=last.round + 1 if last else 1,
        reason=reason,
        opened_at=now,
        due_at=now + dt.timedelta(days=claim.plan_version.rules.claims.investigation_days),
    )
    DutyRecord.objects.bulk_create(
        DutyRecord(investigation=investigation, kind=kind) for kind in DutyRecord.Kind.values
    )
    body = {"investigation": investigation.pk, "round": investigation.round}
    append(kind="investigation.opened", stream=claim.stream, by=by, body=body)
    return investigation


@transaction.atomic
def abandon_open_round(*, claim: Claim, by: Actor) -> None:
    """End the investigation that waits or is under way, if there is one. The caller has locked the claim's row."""
    for investigation in claim.investigations.select_for_update().filter(status__in=["waiting", "open"]):
        investigation.abandon()
        investigation.save()
        append(kind="investigation.abandoned", stream=claim.stream, by=by, body={"investigation": investigation.pk})


@transaction.atomic
def take_investigation(*, investigation_id: int, by: User) -> Investigation:
    """Take a claim from the worklist: the first who asks gets it, and taking it again changes nothing.

    Raises InvestigationUnknown, NotYourInvestigation, InvestigatorConflicted, InvestigationTaken,
    InvestigationNotOpen.
    """
    investigation = locked_investigation(investigation_id)
    claim = investigation.claim
    if not is_investigator(by):
        raise NotYourInvestigation(claim.ref)
    if is_close_to(by, investigation):
        raise InvestigatorConflicted(claim.ref)
    if investigation.status == Investigation.Status.OPEN and investigation.investigator_id == by.pk:
        return investigation
    if investigation.status in {Investigation.Status.OPEN, Investigation.Status.SIGNED}:
        raise InvestigationTaken(claim.ref, investigation.taken_at)
    if investigation.status != Investigation.Status.WAITING:
        raise InvestigationNotOpen(claim.ref, investigation.get_status_display())
    now = timezone.now()
    investigation.take()
    investigation.investigator, investigation.taken_at = by, now
    investigation.save()
    if claim.status == Claim.Status.SUBMITTED:
        claim.begin_investigation()
        claim.status_since, claim.due_at = now, investigation.due_at
        claim.save()
    body = {"investigation": investigation.pk, "round": investigation.round}
    append(kind="investigation.taken", stream=claim.stream, by=by, body=body)
    return investigation


@transaction.atomic
def record_duty(
    *,
    duty_id: int,
    result: str,
    findings: str,
    jury_summary: str,
    done_on: dt.date,
    by: Actor,
    uploads: Sequence[Upload] = (),
    is_for_jury: bool = False,
) -> DutyRecord:
    """Record what one of the five duties found, with its files; may be recorded again until the report is signed.

    Raises what `own_open_duty` and `add_files` raise, DutyIncomplete, DutyDayImpossible, TextTooLong, NamesInSummary.
    """
    duty = own_open_duty(duty_id, by)
    claim = duty.investigation.claim
    findings, jury_summary = findings.strip(), jury_summary.strip()
    if not findings or not jury_summary or result not in DutyRecord.Result.values:
        raise DutyIncomplete
    _check_lengths(findings, jury_summary)
    check_for_jury(jury_summary, claim)
    now = timezone.now()
    first, today = (local_day(moment, claim.plan.timezone) for moment in (claim.submitted_at, now))
    if not first <= done_on <= today:
        raise DutyDayImpossible(done_on, first, today)
    duty.result, duty.findings, duty.jury_summary = DutyRecord.Result(result), findings, jury_summary
    duty.done_on, duty.recorded_at = done_on, now
    duty.save()
    body = {"duty": duty.kind, "result": str(duty.result), "investigation": duty.investigation_id}
    append(kind="duty.recorded", stream=claim.stream, by=by, body=body)
    add_files(uploads=uploads, kind=Evidence.Kind.FINDING, title="", by=by, duty=duty, is_for_jury=is_for_jury)
    return duty


@transaction.atomic
def sign_report(
    *,
    investigation_id: int,
    recommendation: str,
    reason_codes: Sequence[str],
    report: str,
    jury_summary: str,
    by: Actor,
    suspected_on: dt.date | None = None,
) -> Investigation:
    """Sign the report: the evidence is frozen in a manifest, the clauses are asked again, and the claim moves on.

    `suspected_on` is the day on which the investigator found the illness first suspected or treated, if other than the
    claim says. Raises what `own_open_investigation` raises, DutiesMissing, ReportIncomplete, ReasonNotInPlan,
    TextTooLong, NamesInSummary, SuspicionImpossible.
    """
    investigation = own_open_investigation(investigation_id, by)
    claim = investigation.claim
    _check_duties(investigation)
    report, jury_summary = report.strip(), jury_summary.strip()
    reason_codes = list(dict.fromkeys(reason_codes))
    if recommendation not in Investigation.Recommendation.values or not (reason_codes and report and jury_summary):
        raise ReportIncomplete
    _check_lengths(report, jury_summary)
    _check_reasons(claim, recommendation, reason_codes)
    check_for_jury(jury_summary, claim)
    if suspected_on is not None:
        check_days(claim.membership, claim.first_diagnosed_on, suspected_on, claim.submitted_at)
        claim.suspected_on = suspected_on
    now = timezone.now()
    investigation.recommendation = Investigation.Recommendation(recommendation)
    investigation.reason_codes, investigation.report = reason_codes, report
    investigation.jury_summary, investigation.signed_at = jury_summary, now
    investigation.manifest = manifest_of(claim)
    investigation.manifest_digest = canonical_digest(investigation.manifest)
    investigation.sign()
    investigation.save()
    claim.sign_report()
    # Due at once: should the nudge be lost, the sweep moves it on.
    claim.status_since, claim.due_at = now, now
    claim.save()
    body = {
        "investigation": investigation.pk,
        "round": investigation.round,
        "recommendation": recommendation,
        "reason_codes": reason_codes,
        "files": len(investigation.manifest),
        "manifest_digest": investigation.manifest_digest,
        "found_suspicion": suspected_on is not None,
    }
    append(kind="report.signed", stream=claim.stream, by=by, body=body)
    run_check(claim=claim, occasion=ON_REPORT, by=by, at=now)
    nudge(claim.pk)
    return investigation


@transaction.atomic
def return_report(*, claim_ref: str, reason: str, by: User) -> Investigation:
    """Return a signed report before a jury is drawn: a further round of investigation opens, the signed one stays.

    Raises ClaimUnknown, NotYourInvestigation, ReturnReasonMissing, TextTooLong, ReportNotReturnable.
    """
    claim = locked_claim(claim_ref)
    reason = reason.strip()
    if not is_reviewer(by):
        raise NotYourInvestigation(claim.ref)
    if not reason:
        raise ReturnReasonMissing
    if len(reason) > LONGEST_REASON:
        raise TextTooLong(_("The reason"), LONGEST_REASON)
    if claim.status != Claim.Status.INVESTIGATED:
        raise ReportNotReturnable(claim.ref, claim.get_status_display())
    void_answer(claim=claim, by=by)
    claim.return_report()
    investigation = open_round(claim=claim, reason=reason, by=by)
    claim.status_since, claim.due_at = investigation.opened_at, investigation.due_at
    claim.save()
    append(kind="report.returned", stream=claim.stream, by=by, body={"round": investigation.round - 1})
    return investigation


def manifest_of(claim: Claim) -> list[dict[str, Any]]:
    """Every file of a claim as it stands: what it is, how large, and its salted digest. No title, no name."""
    return [
        {
            "evidence": evidence.pk,
            "kind": evidence.kind,
            "content_type": evidence.content_type,
            "size_bytes": evidence.size_bytes,
            "is_for_jury": evidence.is_for_jury,
            "digest": salted_digest(evidence),
        }
        for evidence in claim.evidence.order_by("pk")
    ]


def _check_duties(investigation: Investigation) -> None:
    missing = [duty for duty in investigation.duties.order_by("pk") if duty.recorded_at is None]
    if missing:
        raise DutiesMissing([str(duty.get_kind_display()) for duty in missing])


def _check_reasons(claim: Claim, recommendation: str, codes: Sequence[str]) -> None:
    outcome = _OUTCOME_FOR[Investigation.Recommendation(recommendation)]
    known = {code.code for code in claim.plan_version.rules.reason_codes if outcome in code.for_outcomes}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ReasonNotInPlan(unknown)


def _check_lengths(text: str, summary: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(_("The text"), LONGEST_TEXT)
    if len(summary) > LONGEST_SUMMARY:
        raise TextTooLong(_("The summary"), LONGEST_SUMMARY)
