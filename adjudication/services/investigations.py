"""Taking an investigation, recording its duties, signing its report, returning it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import TextTooLong
from adjudication.errors.investigations import (
    DetailUnknown,
    DutiesMissing,
    DutyDayImpossible,
    DutyIncomplete,
    InvestigationNotOpen,
    InvestigationTaken,
    NotYourInvestigation,
    ReportIncomplete,
    ReportNotReturnable,
    ReturnedTooOften,
    ReturnReasonMissing,
    SupportAgainstClause,
)
from adjudication.files import Upload
from adjudication.models import Claim, DutyRecord, DutyRevision, Evidence, Finding, Investigation
from adjudication.queue import nudge
from adjudication.rules.duties import DETAILS
from adjudication.rules.facts import Confidence, FactName, Source, Standing
from adjudication.selectors.binding import unmet_binding
from adjudication.selectors.investigators import reports_returned
from adjudication.selectors.latest import latest_investigation
from adjudication.services.accounts import account_digest, freeze_account
from adjudication.services.answers import void_answer
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.eligibility import ON_REPORT, run_check
from adjudication.services.evidence import add_files, salted_digest
from adjudication.services.facts import checked_value, finding_digest, write_finding
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim, locked_investigation, own_open_duty, own_open_investigation
from adjudication.services.states import enter
from adjudication.services.telling import tell_applicants, tell_reviewers
from adjudication.services.withdrawals import check_noted
from audit import clock
from audit.actors import Actor
from audit.rules.canonical import ascii_digest
from audit.services import append
from members.access import is_investigator, is_reviewer
from members.errors.plans import ReasonNotInPlan
from members.models import User
from members.rules.dates import local_day
from members.services.messages import tell

LONGEST_TEXT = 20_000
LONGEST_SUMMARY = 4_000
LONGEST_REASON = 400
_OUTCOME_FOR = {Investigation.Recommendation.SUPPORT: "approved", Investigation.Recommendation.AGAINST: "rejected"}
_SIGNED = (
    "status",
    "recommendation",
    "reason_codes",
    "report",
    "jury_summary",
    "account",
    "jury_account",
    "signed_at",
    "manifest",
    "manifest_digest",
)
"""What a signature fixes."""


@transaction.atomic
def open_round(*, claim: Claim, reason: str, by: Actor, for_clauses: Sequence[str] = ()) -> Investigation:
    """Put a claim on the worklist with its five duties; `reason` says why it is investigated again, and `for_clauses`
    for which clauses that bind.

    The claim's row is locked by the caller's act.
    """
    now = clock.now()
    last = latest_investigation(claim)
    investigation = Investigation.objects.create(
        claim=claim,
        round=last.round + 1 if last else 1,
        reason=reason,
        for_clauses=list(for_clauses),
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
    """Abandon the investigation that waits or is in progress, if any. The caller has locked the claim's row."""
    for investigation in claim.investigations.select_for_update().filter(status__in=["waiting", "open"]):
        investigation.abandon()
        investigation.save(update_fields=["status"])
        append(kind="investigation.abandoned", stream=claim.stream, by=by, body={"investigation": investigation.pk})


@transaction.atomic
def take_investigation(*, investigation_id: int, by: User) -> Investigation:
    """Take a claim from the worklist: the first to ask gets it, and taking it again changes nothing.

    Raises InvestigationUnknown, NotYourInvestigation, ConflictOfInterest, InvestigationTaken,
    InvestigationNotOpen, ReturnedTooOften.
    """
    investigation = locked_investigation(investigation_id)
    claim = investigation.claim
    if not is_investigator(by):
        raise NotYourInvestigation(ref=claim.ref)
    check_no_conflict(claim, by)
    if investigation.status == Investigation.Status.OPEN and investigation.investigator_id == by.pk:
        return investigation
    if investigation.status in {Investigation.Status.OPEN, Investigation.Status.SIGNED}:
        assert investigation.taken_at is not None  # set with the investigator
        raise InvestigationTaken(ref=claim.ref, at=investigation.taken_at)
    if investigation.status != Investigation.Status.WAITING:
        raise InvestigationNotOpen(ref=claim.ref, status=Investigation.Status(investigation.status))
    returned, most = reports_returned(claim, by), claim.plan_version.rules.waits.returns_to_same
    if most is not None and returned >= most:
        raise ReturnedTooOften(ref=claim.ref, number=returned)
    begin_work(investigation, by)
    body = {"investigation": investigation.pk, "round": investigation.round}
    entry = append(kind="investigation.taken", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.taken", claim, entry)
    return investigation


def begin_work(investigation: Investigation, investigator: User) -> None:
    """Give a waiting investigation to somebody: part of an act, which has locked it and its claim, and appends."""
    claim, now = investigation.claim, clock.now()
    investigation.take()
    investigation.investigator, investigation.taken_at = investigator, now
    # Where nobody took it in time, it was given a new time before this.
    investigation.save(update_fields=["status", "investigator", "taken_at", "due_at"])
    if claim.status == Claim.Status.SUBMITTED:
        enter(claim, claim.begin_investigation, due_at=investigation.due_at, at=now)


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
    details: Mapping[str, str] | None = None,
) -> DutyRecord:
    """Record what one of the five duties found, with its files; may be recorded again until the report is signed, and
    what it said before is kept.

    `details` are what the duty is about, by the names of `adjudication.rules.duties`. Raises what `own_open_duty` and
    `add_files` raise, DutyIncomplete, DetailUnknown, DutyDayImpossible, TextTooLong, NamesInSummary.
    """
    duty = own_open_duty(duty_id, by)
    claim = duty.investigation.claim
    findings, jury_summary = findings.strip(), jury_summary.strip()
    if not findings or not jury_summary or result not in DutyRecord.Result.values:
        raise DutyIncomplete
    _check_lengths(findings, jury_summary)
    check_for_jury(jury_summary, claim)
    now = clock.now()
    first, today = (local_day(moment, claim.plan.timezone) for moment in (claim.submitted_at, now))
    if not first <= done_on <= today:
        raise DutyDayImpossible(on=done_on, first=first, today=today)
    checked = _checked_details(duty.kind, details or {})
    _keep_earlier(duty, now)
    duty.details = checked
    duty.result, duty.findings, duty.jury_summary = DutyRecord.Result(result), findings, jury_summary
    duty.done_on, duty.recorded_at = done_on, now
    duty.save(update_fields=["details", "result", "findings", "jury_summary", "done_on", "recorded_at"])
    body = {"duty": duty.kind, "result": str(duty.result), "investigation": duty.investigation_id}
    append(kind="duty.recorded", stream=claim.stream, by=by, body=body)
    add_files(uploads=uploads, kind=Evidence.Kind.FINDING, title="", by=by, duty=duty, is_for_jury=is_for_jury)
    return duty


def _checked_details(kind: str, details: Mapping[str, str]) -> dict[str, str]:
    known = [detail.name for detail in DETAILS[kind]]
    for name, text in details.items():
        if name not in known:
            raise DetailUnknown(name=name, allowed=known)
        if len(text) > LONGEST_TEXT:
            raise TextTooLong(what=_("The text"), limit=LONGEST_TEXT)
    return {name: details[name].strip() for name in known if details.get(name, "").strip()}


def _keep_earlier(duty: DutyRecord, now: dt.datetime) -> None:
    """Keep what the duty said so far; nothing where it is recorded for the first time."""
    if duty.recorded_at is None or duty.done_on is None:
        return
    DutyRevision.objects.create(
        duty=duty,
        result=duty.result,
        findings=duty.findings,
        details=duty.details,
        jury_summary=duty.jury_summary,
        done_on=duty.done_on,
        recorded_at=duty.recorded_at,
        replaced_at=now,
    )


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
    jury_account: str | None = None,
) -> Investigation:
    """Sign the report: the evidence is frozen in a manifest, the clauses are checked again, and the claim advances.

    `suspected_on` is the day on which the investigator found the illness first suspected or treated, if it differs from
    the claim. `jury_account` is the applicant's own account as jurors may read it, where they wrote one. Raises what
    `own_open_investigation` and `freeze_account` raise, DutiesMissing, ReportIncomplete, ReasonNotInPlan, TextTooLong,
    NamesInSummary, SuspicionImpossible; WithdrawalUnnoted for a report that supports the claim while nobody has noted
    what a hospital withdrew.
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
    if recommendation == Investigation.Recommendation.SUPPORT:
        check_noted(claim)
    check_for_jury(jury_summary, claim)
    freeze_account(investigation, jury_account)
    if suspected_on is not None:
        # Before the signature: what is found after it counts only in a later round.
        write_finding(finding=_suspicion(investigation, suspected_on), by=by, checks=False)
    _check_agrees(claim, recommendation)
    now = clock.now()
    investigation.recommendation = Investigation.Recommendation(recommendation)
    investigation.reason_codes, investigation.report = reason_codes, report
    investigation.jury_summary, investigation.signed_at = jury_summary, now
    # Under the claim's lock, which add_evidence takes too: no file can be added between manifest and signature.
    investigation.manifest = manifest_of(claim) + account_in_manifest(investigation)
    investigation.manifest_digest = ascii_digest(investigation.manifest)
    investigation.sign()
    investigation.save(update_fields=_SIGNED)
    # Due at once: if the nudge is lost, the sweep advances the claim.
    enter(claim, claim.sign_report, due_at=now, at=now)
    body = _facts_signed(investigation) | {"found_suspicion": suspected_on is not None}
    entry = append(kind="report.signed", stream=claim.stream, by=by, body=body)
    if investigation.recommendation == Investigation.Recommendation.AGAINST:
        tell_reviewers("adjudication.report_against", claim, entry)
    run_check(claim=claim, occasion=ON_REPORT, by=by, at=now)
    nudge(claim.pk)
    return investigation


def _facts_signed(investigation: Investigation) -> dict[str, Any]:
    findings = investigation.claim.findings.order_by("pk")
    return {
        "investigation": investigation.pk,
        "round": investigation.round,
        "recommendation": investigation.recommendation.value,
        "reason_codes": investigation.reason_codes,
        "files": investigation.files_frozen,
        "manifest_digest": investigation.manifest_digest,
        "findings_digest": ascii_digest([finding_digest(one) for one in findings]),
    }


@transaction.atomic
def return_report(*, claim_ref: str, reason: str, by: User) -> Investigation:
    """Return a signed report before a jury is drawn: a further round of investigation opens, the signed one stays.

    Raises ClaimUnknown, NotYourInvestigation, ConflictOfInterest, ReturnReasonMissing, TextTooLong,
    ReportNotReturnable.
    """
    claim = locked_claim(ref=claim_ref)
    reason = reason.strip()
    if not is_reviewer(by):
        raise NotYourInvestigation(ref=claim.ref)
    check_no_conflict(claim, by)
    if not reason:
        raise ReturnReasonMissing
    if len(reason) > LONGEST_REASON:
        raise TextTooLong(what=_("The reason"), limit=LONGEST_REASON)
    if claim.status != Claim.Status.INVESTIGATED:
        raise ReportNotReturnable(ref=claim.ref, status=Claim.Status(claim.status))
    void_answer(claim=claim, by=by)
    signed = latest_investigation(claim)
    investigation = open_round(claim=claim, reason=reason, by=by)
    enter(claim, claim.return_report, due_at=investigation.due_at, at=investigation.opened_at)
    entry = append(kind="report.returned", stream=claim.stream, by=by, body={"round": investigation.round - 1})
    tell_applicants("adjudication.returned", claim, entry)
    if signed is not None and signed.investigator is not None:
        # The page of the new round gives the reason, and is where the same investigator can take it up again.
        to, following = signed.investigator, investigation.pk
        tell("adjudication.report_returned", to=to, entry=entry, ref=claim.ref, investigation=following)
    return investigation


@transaction.atomic
def reinvestigate(*, claim: Claim, reason: str, by: Actor, for_clauses: Sequence[str] = ()) -> Investigation:
    """Return a claim from its hearing to the investigators, for a further round. Its row is locked already."""
    investigation = open_round(claim=claim, reason=reason, by=by, for_clauses=for_clauses)
    enter(claim, claim.reinvestigate, due_at=investigation.due_at)
    body: dict[str, Any] = {"round": investigation.round}
    if for_clauses:
        body["clauses"] = list(for_clauses)
    entry = append(kind="claim.reinvestigated", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.reinvestigated", claim, entry)
    return investigation


def _suspicion(investigation: Investigation, suspected_on: dt.date) -> Finding:
    """What the report itself says of the first suspicion."""
    claim = investigation.claim
    return Finding(
        claim=claim,
        fact=FactName.SUSPECTED_ON.value,
        standing=Standing.FOUND,
        value=checked_value(claim, FactName.SUSPECTED_ON, suspected_on.isoformat()),
        source=Source.REPORT,
        investigation=investigation,
        confidence=Confidence.CERTAIN,
        found_by=investigation.investigator,
    )


def manifest_of(claim: Claim) -> list[dict[str, Any]]:
    """Every file of a claim now: its type, its size, and its salted digest. No title, no name."""
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


def account_in_manifest(investigation: Investigation) -> list[dict[str, Any]]:
    """The applicant's account as jurors read it, by its salted digest; nothing where they wrote none."""
    account = investigation.account
    if account is None:
        return []
    return [{"account": account.pk, "digest": account_digest(account, investigation.jury_account)}]


def _check_duties(investigation: Investigation) -> None:
    missing = [duty for duty in investigation.duties.order_by("pk") if duty.recorded_at is None]
    if missing:
        raise DutiesMissing(duties=[DutyRecord.Kind(duty.kind) for duty in missing])


def _check_reasons(claim: Claim, recommendation: str, codes: Sequence[str]) -> None:
    outcome = _OUTCOME_FOR[Investigation.Recommendation(recommendation)]
    allowed = [reason.code for reason in claim.plan_version.rules.reasons_for(outcome)]
    unknown = [code for code in codes if code not in allowed]
    if unknown:
        raise ReasonNotInPlan(codes=unknown, allowed=allowed)


def _check_agrees(claim: Claim, recommendation: str) -> None:
    """Nobody supports a claim against a clause that binds: what is found is mended first, or the report is against.

    Raises SupportAgainstClause.
    """
    unmet = unmet_binding(claim) if recommendation == Investigation.Recommendation.SUPPORT.value else ()
    if unmet:
        raise SupportAgainstClause(clauses=[finding.title for finding in unmet])


def _check_lengths(text: str, summary: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(what=_("The text"), limit=LONGEST_TEXT)
    if len(summary) > LONGEST_SUMMARY:
        raise TextTooLong(what=_("The summary"), limit=LONGEST_SUMMARY)
