"""Reminding applicants and investigators of their deadlines, and telling reviewers what waits for them.

Nothing here is an act, so nothing of it stands in the log: the message is its own record, and is written once.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from adjudication.models import Answer, Claim, Investigation
from adjudication.selectors.clocks import day_about, decision_about, end_to_remind_of, is_over, late_count
from adjudication.selectors.investigators import investigators_free_for
from adjudication.selectors.recipients import applicants_of, reviewers_for
from adjudication.selectors.reminders import (
    ANSWER,
    ANSWER_REMINDER,
    DECISION_LATE,
    INVESTIGATION,
    NEAR,
    PASSED,
    WAITS_LATE,
    warning_of,
)
from adjudication.services.locks import locked_claim, locked_investigation
from adjudication.waits import DECISION, HELD, OVERDUE, WAITS
from audit import clock
from members.models import User
from members.rules.reminding import is_time_to_remind
from members.selectors.reminders import about
from members.services.messages import Telling, tell, tell_all, tell_each


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


def tell_lacking(claim: Claim, kind: str) -> None:
    """Tell the reviewers that a claim cannot continue without jurors or professionals, once in each state. The claim's
    row is locked by the caller.
    """
    _tell_reviewers_once(kind, claim)


def tell_not_reached(claim: Claim, answer: Answer) -> None:
    """Tell the reviewers that no channel reached an applicant, once each time. The claim's row is locked."""
    what = f"{about(ANSWER, answer.pk)}/{answer.notice_entry_id}/{answer.restarts}"
    tell_each("adjudication.not_reached", to=reviewers_for(claim), about=what, ref=claim.ref)


def _tell_reviewers_once(kind: str, claim: Claim) -> None:
    state = f"claim:{claim.ref}/{claim.status_since.isoformat()}"
    tell_each(kind, to=reviewers_for(claim), about=state, ref=claim.ref)


@transaction.atomic
def remind_of_wait(*, name: str, row_id: int) -> bool:
    """Remind those who must act of the end of a wait, in its last quarter, once for each end; returns whether anybody
    was. `name` is that of the table of waits, and `row_id` a row that it finds.
    """
    claim, to, values = _whom_to_remind(name, row_id)
    end = end_to_remind_of(name, row_id)
    if end is None:
        return False
    kind = next(wait.reminder for wait in WAITS if wait.name == name)
    what, params = about(name, row_id), {"ref": claim.ref, "due_at": end, **values}
    return bool(tell_all(kind, [Telling(one, about=what, values=params) for one in to]))


def _whom_to_remind(name: str, row_id: int) -> tuple[Claim, Sequence[User], dict[str, object]]:
    if name == HELD.name:
        claim = locked_claim(pk=row_id)
        return claim, reviewers_for(claim), {}
    investigation = locked_investigation(row_id)
    claim = investigation.claim
    if name == OVERDUE.name:
        holder = investigation.investigator
        return claim, [holder] if holder else [], {"investigation": investigation.pk}
    return claim, investigators_free_for(claim), {}


@transaction.atomic
def tell_decision_late(*, claim_id: int) -> bool:
    """Tell an applicant that the decision takes longer than the plan says, once in each state; returns whether."""
    claim = locked_claim(pk=claim_id)
    if not is_over(DECISION.name, claim_id):
        return False
    told = tell_each(DECISION_LATE, to=applicants_of(claim), about=decision_about(claim_id), ref=claim.ref)
    return bool(told)


@transaction.atomic
def tell_waits_late(*, user_id: int) -> bool:
    """Tell a reviewer how many clocks are late, once a day; returns whether any is."""
    number, to = late_count(), User.objects.get(pk=user_id)
    return bool(number) and tell(WAITS_LATE, to=to, about=day_about(), number=number) is not None
