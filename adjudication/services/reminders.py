"""Reminding applicants and investigators of their deadlines, and telling reviewers what waits for them.

Nothing here is an act, so nothing of it stands in the log: the message is its own record, and is written once.
"""

from __future__ import annotations

from django.db import transaction

from adjudication.models import Answer, Claim, Investigation
from adjudication.selectors.recipients import applicants_of, reviewers_for
from adjudication.selectors.reminders import ANSWER, ANSWER_REMINDER, INVESTIGATION, NEAR, PASSED, warning_of
from adjudication.services.locks import locked_claim, locked_investigation
from audit import clock
from audit.errors import DomainError
from jury.errors.draws import NoJurors
from jury.errors.opinions import NoProfessionals
from members.rules.reminding import is_time_to_remind
from members.selectors.reminders import about
from members.services.messages import tell, tell_each

LACKING: dict[type[DomainError], str] = {
    NoJurors: "adjudication.no_jurors",
    NoProfessionals: "adjudication.no_professionals",
}
"""What a claim can lack so that it cannot continue, and how reviewers are told."""


@transaction.atomic
def remind_applicant(*, answer_id: int) -> bool:
    """Remind an applicant who has not answered a report, once for each end of their time; returns whether."""
    claim_id = Answer.objects.values_list("investigation__claim_id", flat=True).get(pk=answer_id)
    claim = locked_claim(pk=claim_id)
    # Read after the lock: an answer that was being given meanwhile is there now.
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer_id)
    if answer.status != Answer.Status.ASKED or claim.hold_reason:
        return False
    if not is_time_to_remind(start=answer.runs_from or answer.asked_at, end=answer.due_at, now=clock.now()):
        return False
    what, people = about(ANSWER, answer.pk), applicants_of(claim)
    return bool(tell_each(ANSWER_REMINDER, to=people, about=what, ref=claim.ref, due_at=answer.due_at))


@transaction.atomic
def warn_investigator(*, investigation_id: int) -> bool:
    """Warn an investigator that the report is due soon, or is overdue, each once; returns whether."""
    investigation = locked_investigation(investigation_id)
    claim, now = investigation.claim, clock.now()
    if investigation.status != Investigation.Status.OPEN or investigation.investigator is None or claim.hold_reason:
        return False
    if investigation.due_at <= now:
        kind = PASSED
    elif investigation.due_at - warning_of(claim.plan_version) <= now:
        kind = NEAR
    else:
        return False
    pk, what, due_at = investigation.pk, about(INVESTIGATION, investigation.pk), investigation.due_at
    told = tell(kind, to=investigation.investigator, about=what, ref=claim.ref, investigation=pk, due_at=due_at)
    return told is not None


def tell_decision_awaited(claim: Claim) -> None:
    """Tell the reviewers that the decision can be issued, once each time. The claim's row is locked by the caller."""
    _tell_reviewers_once("adjudication.decision_awaited", claim)


@transaction.atomic
def tell_lacking(*, claim_id: int, lack: DomainError) -> None:
    """Tell the reviewers that a claim cannot continue without jurors or professionals, once in each state."""
    _tell_reviewers_once(LACKING[type(lack)], locked_claim(pk=claim_id))


def tell_not_reached(claim: Claim, answer: Answer) -> None:
    """Tell the reviewers that no channel reached an applicant, once each time. The claim's row is locked."""
    what = f"{about(ANSWER, answer.pk)}/{answer.notice_entry_id}/{answer.restarts}"
    tell_each("adjudication.not_reached", to=reviewers_for(claim), about=what, ref=claim.ref)


def _tell_reviewers_once(kind: str, claim: Claim) -> None:
    state = f"claim:{claim.ref}/{claim.status_since.isoformat()}"
    tell_each(kind, to=reviewers_for(claim), about=state, ref=claim.ref)
