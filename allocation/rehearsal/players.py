"""What the players do next on one claim, each act through the service behind the pages."""

from __future__ import annotations

from collections.abc import Sequence

from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.errors.decisions import NothingToDecide, TookPart
from adjudication.models import Answer, Claim, Hearing, Investigation
from adjudication.models.investigations import DutyKind
from adjudication.queue import nudge
from adjudication.selectors.accounts import proposed_account
from adjudication.selectors.addenda import has_news
from adjudication.selectors.answers import latest_answer
from adjudication.selectors.decisions import proposed_decision
from adjudication.selectors.latest import latest_check, latest_hearing, latest_investigation
from adjudication.services.answers import ACCEPTED, JURY, answer_report
from adjudication.services.decisions import issue_decision
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from allocation.rehearsal import obstacles, temper
from allocation.rehearsal.company import DIRECTOR, Company
from audit import clock
from audit.errors import DomainError
from audit.services import publish
from jury.models import OpinionRequest, Panel, Seat
from jury.recusals import RecusalReason
from jury.selectors.draws import sealing_checkpoint
from jury.services.ballots import cast_ballot, open_case_file
from jury.services.opinions import give_opinion
from jury.services.panels import give_nonce
from jury.services.seats import recuse_seat
from members.models import User
from members.rules.dates import local_day

_FINDINGS = {
    DutyKind.INTERVIEW: "The member was interviewed and described the course of the illness.",
    DutyKind.TREATING_HOSPITALS: "The treating hospital's file was read and agrees with the records handed in.",
    DutyKind.OTHER_HOSPITALS: "Other hospitals of the region were asked; none holds an earlier record of the illness.",
    DutyKind.COMMERCIAL_INSURANCE: "Commercial insurers were asked; no contradicting claim was found.",
    DutyKind.SOCIAL_INSURANCE: "The social insurance reimbursements agree with the hospital's file.",
}


def act(claim: Claim, company: Company) -> bool:
    """Do everything that a person has to do on this claim now; False if it waits for the workers."""
    obstacles.clear(claim, company)
    match claim.status:
        case Claim.Status.SUBMITTED | Claim.Status.UNDER_INVESTIGATION:
            return _investigate(claim, company)
        case Claim.Status.INVESTIGATED:
            return _answer(claim) or _decide(claim, company)
        case Claim.Status.JURY_REVIEW:
            hearing = latest_hearing(claim)
            return hearing is not None and (_sit(claim, hearing) or _decide(claim, company))
        case Claim.Status.SECOND_OPINION:
            hearing = latest_hearing(claim)
            return hearing is not None and (_give_opinions(claim, hearing) or _decide(claim, company))
        case _:
            return _decide(claim, company)


def _is_sound(claim: Claim) -> bool:
    """Whether every clause that can be judged is met; a few such claims are still found unsound."""
    return latest_check(claim).outcome != "not_eligible" and temper.chance("sound", claim.ref) < 0.9


def _investigate(claim: Claim, company: Company) -> bool:
    investigation = latest_investigation(claim)
    if investigation is None or investigation.status not in {"waiting", "open"}:
        return False
    investigator = investigation.investigator or company.investigators[claim.pk % len(company.investigators)]
    take_investigation(investigation_id=investigation.pk, by=investigator)
    is_sound = _is_sound(claim)
    for duty in investigation.duties.order_by("pk"):
        record_duty(
            duty_id=duty.pk,
            result="confirms" if is_sound or duty.kind == DutyKind.INTERVIEW else "contradicts",
            findings=_FINDINGS[DutyKind(duty.kind)],
            jury_summary=_FINDINGS[DutyKind(duty.kind)] if is_sound else "The findings speak against the claim.",
            done_on=local_day(clock.now(), claim.plan.timezone),
            by=investigator,
        )
    recommendation, account = "support" if is_sound else "against", proposed_account(claim)
    sign_report(
        investigation_id=investigation.pk,
        recommendation=recommendation,
        reason_codes=[_reason(claim, "approved" if is_sound else "rejected")],
        report="Rehearsal: the five duties were done; the findings are recorded with each.",
        jury_summary="All five duties were done. "
        + ("They agree with one another." if is_sound else "They contradict the claim in several points."),
        jury_account=account.masked if account else None,
        by=investigator,
    )
    return True


def _answer(claim: Claim) -> bool:
    """The applicant of a claim that would be rejected asks for the jury, or accepts it."""
    answer, applicant = latest_answer(claim), claim.filed_by or claim.membership.person.user
    if answer is None or answer.status != Answer.Status.ASKED or applicant is None:
        return False
    answer_report(claim_ref=claim.ref, choice=JURY if temper.asks_for_jury(claim.ref) else ACCEPTED, by=applicant)
    return True


def _reason(claim: Claim, outcome: str) -> str:
    """A reason of the plan for this outcome: the clause that decides, where one does."""
    fitting = [reason.code for reason in claim.plan_version.rules.reasons_for(outcome)]
    not_met = [one["clause"] for one in latest_check(claim).trace["findings"] if one["result"] == "not_met"]
    return next((code for code in not_met if code in fitting), fitting[0])


def _sit(claim: Claim, hearing: Hearing) -> bool:
    panel = hearing.panel
    if panel.status == Panel.Status.COMMITTED and not panel.nonce:
        if sealing_checkpoint(panel) is None:
            publish()  # what the scheduler does every few seconds in a deployment
        give_nonce(panel_id=panel.pk, nonce=f"rehearsal {claim.ref}", by=DIRECTOR)
        nudge(claim.pk)
        return True
    if panel.status != Panel.Status.OPEN:
        return False
    sitting = panel.seats.filter(status=Seat.Status.SUMMONED).select_related("panel", "juror__person__user")
    acted = False
    for seat in sitting:
        # Who was given an addendum since confirms their ballot, or the vote would stay open until its close.
        if seat.last_sequence and not has_news(seat):
            continue
        acted = _vote(claim, hearing.investigation, seat) or acted
    if acted:
        publish()  # the close waits for a checkpoint over the ballots
        nudge(claim.pk)
    return acted


def _vote(claim: Claim, investigation: Investigation, seat: Seat) -> bool:
    juror = seat.juror
    user = juror.person.user
    if user is None:
        return False
    try:
        open_case_file(seat_id=seat.pk, by=user)
        if temper.juror_steps_down(claim.ref, juror.number):
            recuse_seat(seat_id=seat.pk, reason=RecusalReason.KNOWS_SOMEBODY, by=user)
            return True
        supports = temper.juror_supports(
            claim.ref, juror.number, is_sound=investigation.recommendation == Investigation.Recommendation.SUPPORT
        )
        cast_ballot(
            seat_id=seat.pk,
            choice="support" if supports else "against",
            reason_codes=[_reason(claim, "approved" if supports else "rejected")],
            words="",
            is_medical_question=temper.juror_calls_it_medical(claim.ref, juror.number),
            replaces=seat.last_sequence,
            by=user,
        )
    except DomainError:
        # A conflict was found, or the panel closed meanwhile: the next look at the claim sees the seat's new state.
        return False
    return True


def _give_opinions(claim: Claim, hearing: Hearing) -> bool:
    request = hearing.opinion_request
    if request is None or request.status != OpinionRequest.Status.OPEN:
        return False
    awaited = list(request.opinions.filter(given_at=None, recused_at=None).select_related("professional"))
    for opinion in awaited:
        answers = {
            question["code"]: temper.doctor_answers(
                claim.ref, opinion.professional_id, question["code"], is_sound=_is_sound(claim)
            )
            for question in request.questions
        }
        give_opinion(
            opinion_id=opinion.pk,
            answers=answers,
            reasons="From the records at hand.",
            by=opinion.professional,
        )
    if awaited:
        nudge(claim.pk)
    return bool(awaited)


def _decide(claim: Claim, company: Company) -> bool:
    if proposed_decision(claim) is None:
        return False
    for reviewer in _reviewers(claim, company):
        try:
            issue_decision(claim_ref=claim.ref, reason_codes=[], by=reviewer)
        except (ConflictOfInterest, TookPart):
            continue
        except NothingToDecide:
            # The workers moved the claim on between the look and the act.
            return False
        return True
    return False


def _reviewers(claim: Claim, company: Company) -> Sequence[User]:
    """Those who may decide, each claim beginning with another one."""
    free = [user for user in company.reviewers if user.pk != claim.filed_by_id]
    first = claim.pk % len(free)
    return free[first:] + free[:first]
