"""What happens to a claim that has waited for too long: each is a step of the service itself, safe to take twice."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from adjudication.models import Claim
from adjudication.rules.rounds import TAKEN_OFF
from adjudication.selectors.clocks import is_over
from adjudication.selectors.investigators import investigators_free_for
from adjudication.services.investigations import abandon_open_round, begin_work, open_round
from adjudication.services.locks import locked_investigation
from adjudication.services.states import wait_until
from adjudication.services.telling import tell_applicants
from adjudication.waits import NEEDS_ANOTHER, OVERDUE, UNTAKEN
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.services.messages import tell


@transaction.atomic
def assign_investigation(*, investigation_id: int, by: Actor = SYSTEM) -> bool:
    """Give an investigation that nobody took in time to somebody who can, with the plan's whole time; returns whether.

    From whom the claim was not taken off comes first, then who has the fewest. Where nobody can, it goes on waiting,
    and staff are told every day.
    """
    investigation = locked_investigation(investigation_id)
    claim = investigation.claim
    if not (is_over(UNTAKEN.name, investigation.pk) or is_over(NEEDS_ANOTHER.name, investigation.pk)):
        return False
    free = investigators_free_for(claim)
    if not free:
        return False
    investigator = free[0]
    investigation.due_at = max(investigation.due_at, clock.now() + _whole_time(claim))
    begin_work(investigation, investigator)
    wait_until(claim, investigation.due_at)
    body = {"investigation": investigation.pk, "round": investigation.round, "to": investigator.audit_ref}
    entry = append(kind="investigation.assigned", stream=claim.stream, by=by, body=body)
    due_at, pk = investigation.due_at, investigation.pk
    tell("adjudication.assigned", to=investigator, entry=entry, ref=claim.ref, investigation=pk, due_at=due_at)
    tell_applicants("adjudication.taken", claim, entry)
    return True


@transaction.atomic
def take_off(*, investigation_id: int, by: Actor = SYSTEM) -> bool:
    """Take an investigation that is overdue for too long off its investigator, and offer the claim again; returns
    whether. What was recorded stays with the round that ends, for the next investigator to read.
    """
    investigation = locked_investigation(investigation_id)
    claim, investigator = investigation.claim, investigation.investigator
    if investigator is None or not is_over(OVERDUE.name, investigation.pk):
        return False
    abandon_open_round(claim=claim, by=by)
    # Clauses and reasons for which the claim was sent back still hold.
    following = open_round(claim=claim, reason=TAKEN_OFF, by=by, for_clauses=investigation.for_clauses)
    wait_until(claim, following.due_at)
    body = {"investigation": investigation.pk, "round": investigation.round, "from": investigator.audit_ref}
    entry = append(kind="investigation.taken_off", stream=claim.stream, by=by, body=body)
    tell("adjudication.taken_off", to=investigator, entry=entry, ref=claim.ref)
    tell_applicants("adjudication.offered_again", claim, entry)
    return True


def _whole_time(claim: Claim) -> dt.timedelta:
    return dt.timedelta(days=claim.plan_version.rules.claims.investigation_days)
