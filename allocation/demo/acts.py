"""The steps of a claim, played by the people of the demonstration through the real services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.models.evidence import EvidenceKind
from adjudication.rules.facts import Confidence, Standing
from adjudication.selectors.accounts import proposed_account
from adjudication.services.advancing import advance_claim
from adjudication.services.claims import give_nonce, submit_claim
from adjudication.services.decisions import issue_decision
from adjudication.services.evidence import add_evidence
from adjudication.services.findings import record_finding
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from allocation.demo.stories import DETAILS, Story, StoryFact
from audit import clock
from audit.services import publish
from jury.models import Seat
from jury.services.ballots import cast_ballot, open_case_file
from members.models import Membership, Plan, PlanDraft, User
from members.rules.dates import local_day
from members.selectors.plans import version_in_force
from members.services.plan_drafts import propose_draft, save_draft, start_draft

DIAGNOSED_DAYS_AGO = 24
SUPPORT, AGAINST = "support", "against"
REASONS = {SUPPORT: ["evidence_convincing"], AGAINST: ["not_proved"]}
NEW_RULES = (
    ('fee = "8 %"', 'fee = "7.5 %"'),
    ("A fee of 8 %.", "A fee of 7.5 %."),
    ("管理费8%", "管理费7.5%"),
    ("suspected_tumour_days = 90", "suspected_tumour_days = 60"),
    ('amount = "100,000"', 'amount = "120,000"'),
    ("100,000 from 40 to 59", "120,000 from 40 to 59"),
    ("40至59周岁10万元", "40至59周岁12万元"),
)
"""What the rules proposed for the next year change."""
WORDS = {
    SUPPORT: "The papers fit together, and I see nothing that speaks against them.",
    AGAINST: "I believe that the member is ill, but the rules ask for more than the file shows.",
}


@dataclass(frozen=True)
class Claimant:
    """A membership that falls ill, and the log-in that files for it."""

    membership: Membership
    user: User


def file_claim(claimant: Claimant, story: Story) -> Claim:
    """The member files, with one paper."""
    today = local_day(clock.now(), claimant.membership.plan.timezone)
    claim = submit_claim(
        membership=claimant.membership,
        icd10=story.icd10,
        severity=story.severity,
        is_accident=False,
        first_diagnosed_on=today - dt.timedelta(days=DIAGNOSED_DAYS_AGO),
        suspected_on=None,
        hospital=story.hospital,
        account=story.account,
        is_for_jury=story.is_for_jury,
        by=claimant.user,
    )
    add_evidence(
        content=story.paper.encode(),
        filename="report.txt",
        kind=EvidenceKind.DIAGNOSIS,
        title="Hospital report",
        by=claimant.user,
        claim=claim,
    )
    return claim


def take(claim: Claim, investigator: User) -> Investigation:
    """The investigator takes the claim from the worklist."""
    waiting = claim.investigations.get(status=Investigation.Status.WAITING)
    return take_investigation(investigation_id=waiting.pk, by=investigator)


def do_duties(investigation: Investigation, story: Story, investigator: User, most: int = 5) -> None:
    """The investigator records the first `most` duties, with the masked report for the jury among them."""
    today = local_day(clock.now(), investigation.claim.plan.timezone)
    for duty in DutyRecord.objects.filter(investigation=investigation).order_by("pk")[:most]:
        result, finding = story.findings[duty.kind]
        record_duty(
            duty_id=duty.pk,
            result=result,
            findings=finding,
            jury_summary=finding,
            done_on=today,
            details=DETAILS[duty.kind],
            by=investigator,
        )
        if duty.kind == "treating_hospitals":
            add_evidence(
                content=story.paper.encode(),
                filename="report-masked.txt",
                kind=EvidenceKind.FINDING,
                title="Hospital report, without names",
                by=investigator,
                duty=duty,
                is_for_jury=True,
            )


def find(investigation: Investigation, found: Sequence[StoryFact], investigator: User) -> None:
    """The investigator records facts, each with the duty in which it was learned."""
    diagnosed_on = investigation.claim.first_diagnosed_on
    for one in found:
        day = diagnosed_on - dt.timedelta(days=one.days_before) if one.days_before is not None else None
        record_finding(
            investigation_id=investigation.pk,
            fact=one.fact,
            standing=Standing.FOUND.value,
            value=day.isoformat() if day else one.value,
            confidence=Confidence.CERTAIN.value,
            note=one.note,
            jury_note=one.jury_note,
            duty=one.duty,
            by=investigator,
        )


def investigate(claim: Claim, story: Story, investigator: User, recommendation: str) -> None:
    """The whole investigation; its signed report sends the claim to the jury."""
    investigation = take(claim, investigator)
    do_duties(investigation, story, investigator)
    find(investigation, story.facts, investigator)
    proposed = proposed_account(claim)
    sign_report(
        investigation_id=investigation.pk,
        recommendation=recommendation,
        reason_codes=REASONS[recommendation],
        report=story.summary,
        jury_summary=story.summary,
        jury_account=proposed.masked if proposed else None,
        by=investigator,
    )
    advance_claim(claim_id=claim.pk)


def draw(claim: Claim, claimant: Claimant) -> list[Seat]:
    """The log seals the commitment, the applicant gives their word, and the panel is drawn; its seats."""
    publish()
    give_nonce(claim_ref=claim.ref, nonce=f"word of {claim.ref}", by=claimant.user)
    advance_claim(claim_id=claim.pk)
    seats = Seat.objects.filter(panel__case_ref=claim.ref, status=Seat.Status.SUMMONED)
    return list(seats.select_related("juror__person__user").order_by("place"))


def vote(seats: Sequence[Seat], choices: Sequence[str], medical_flags: int = 0) -> None:
    """Each juror opens the file and casts a ballot; the first `medical_flags` call it a medical question."""
    for number, (seat, choice) in enumerate(zip(seats, choices, strict=True)):
        juror = seat.juror.person.user
        assert juror is not None  # every juror of the demonstration has a log-in
        open_case_file(seat_id=seat.pk, by=juror)
        cast_ballot(
            seat_id=seat.pk,
            choice=choice,
            reason_codes=REASONS[choice],
            words=WORDS[choice],
            is_medical_question=number < medical_flags,
            replaces=0,
            by=juror,
        )


def judge(claim: Claim, claimant: Claimant, choices: Sequence[str], medical_flags: int = 0) -> None:
    """Draw, vote, close; a trigger of the plan then asks the professionals."""
    vote(draw(claim, claimant), choices, medical_flags)
    publish()
    advance_claim(claim_id=claim.pk)


def decide(claim: Claim, reviewer: User) -> None:
    """The reviewer issues what the decision table says."""
    issue_decision(claim_ref=claim.ref, reason_codes=[], by=reviewer)


def propose_rules(plan: Plan, reviewer: User) -> PlanDraft:
    """The reviewer drafts rules for the next year from those in force, and proposes them to another reviewer."""
    now = clock.now()
    based_on = version_in_force(plan, now)
    assert based_on is not None  # members have been enrolled under it
    source = based_on.source
    new_year = f"{local_day(now, plan.timezone).year + 1}-01-01"
    started = based_on.starts_at.astimezone(ZoneInfo(plan.timezone))
    for old, new in (
        (f'version = "{based_on.label}"', f'version = "{new_year}"'),
        (f"starts_at = {started:%Y-%m-%dT%H:%M:%S}", f"starts_at = {new_year}T00:00:00"),
        *NEW_RULES,
    ):
        assert old in source, old
        source = source.replace(old, new, 1)
    draft = start_draft(by=reviewer, based_on=based_on)
    draft = save_draft(draft_id=draft.pk, source=source, revision=draft.revision, by=reviewer)
    return propose_draft(draft_id=draft.pk, revision=draft.revision, by=reviewer)
